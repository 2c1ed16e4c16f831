"""``/livez`` and ``/readyz`` for machines, ``/healthz`` for people, ``/metrics`` for monitoring."""

import hmac
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from mainhub.health.check import Result
from mainhub.health.checks import Checks, Report
from mainhub.health.readiness import Phase, Readiness
from mainhub.identity import ADMIN, Person
from mainhub.web import Guard, problems

__all__ = ["Health", "HealthRoutes", "Liveness", "MetricsRoutes", "router"]

_JSON: Final = "application/json"
_BEARER: Final = "bearer "
_MILLISECOND: Final = timedelta(milliseconds=1)
Permits = Callable[[Person, Iterable[str]], bool]
Exposition = Callable[[str], tuple[bytes, str]]


class Liveness(BaseModel):
    """The process's own word."""

    status: str


class CheckState(BaseModel):
    """How one thing is that the hub stands on; the last four are for administrators."""

    name: str
    title: str
    kind: str
    criticality: str
    state: str
    since: str
    checked_at: str | None
    next_at: str | None = None
    took_ms: float | None = None
    detail: str | None = None
    remedy: str | None = None


class Process(BaseModel):
    """This process."""

    version: str
    started_at: str
    pid: int


class Health(BaseModel):
    """How the hub is: the worst that one of its checks means for it."""

    status: str
    checked_at: str | None
    checks: list[CheckState]
    process: Process | None = None


def router(readiness: Readiness) -> APIRouter:
    """Return the two routes for orchestrators."""
    routes = APIRouter(tags=["health"])

    async def livez() -> Liveness:
        return Liveness(status="alive")

    async def readyz() -> Response:
        if readiness.phase is Phase.READY:
            return Response(Liveness(status="ready").model_dump_json(), media_type=_JSON)
        if readiness.phase is Phase.DRAINING:
            return problems.response(problems.draining())
        return problems.response(problems.starting("It has not finished starting."))

    routes.add_api_route("/livez", livez, summary="Is the process alive?")
    routes.add_api_route(
        "/readyz", readyz, summary="May it be sent requests?", response_model=Liveness
    )
    return routes


class HealthRoutes:
    """``/healthz``: a summary for everybody signed in, all of it for administrators.

    Args:
        checks: what is looked at.
        guard: who is calling.
        permits: whether one of some roles is a person's.
        version: of MainHub.
        started_at: when this process began.
    """

    def __init__(
        self,
        checks: Checks,
        *,
        guard: Guard,
        permits: Permits,
        version: str,
        started_at: datetime,
    ) -> None:
        self._checks = checks
        self._guard = guard
        self._permits = permits
        self._process = Process(version=version, started_at=_time(started_at), pid=os.getpid())

    def router(self) -> APIRouter:
        """Return the route."""
        routes = APIRouter(tags=["health"])
        routes.add_api_route(
            "/healthz",
            self._healthz,
            summary="How is the hub, and what it stands on?",
            response_model_exclude_unset=True,
        )
        return routes

    async def _healthz(
        self,
        request: Request,
        response: Response,
        fresh: Annotated[bool, Query(description="Look now (administrators only)")] = False,  # noqa: FBT002 - a query
    ) -> Health:
        caller = await self._guard.require(request)
        response.headers["cache-control"] = "no-store"
        if fresh:
            await self._guard.judge(request, caller, (ADMIN,), "Looking at everything now")
            report = await self._checks.fresh()
        else:
            report = self._checks.report()
        administrator = self._permits(caller.person, (ADMIN,))
        health = Health(
            status=str(report.status),
            checked_at=_time_of(report),
            checks=[_told(result, whole=administrator) for result in report.results],
        )
        return health.model_copy(update={"process": self._process}) if administrator else health


class MetricsRoutes:
    """``/metrics`` in Prometheus's text formats, for administrators and the machine with the token.

    Args:
        exposition: returns all metrics in the format that ``Accept`` asks for, and its media type.
        guard: who is calling, if nobody shows a token.
        token: what a machine must show; ``None``: none may.
    """

    def __init__(self, exposition: Exposition, *, guard: Guard, token: str | None) -> None:
        self._exposition = exposition
        self._guard = guard
        self._token = token.encode() if token else None

    def router(self) -> APIRouter:
        """Return the route."""
        routes = APIRouter(tags=["health"])
        routes.add_api_route(
            "/metrics",
            self._metrics,
            summary="All metrics, in Prometheus's text formats",
            response_class=Response,
        )
        return routes

    async def _metrics(self, request: Request) -> Response:
        shown = request.headers.get("authorization")
        if shown is None:
            await self._guard.require_role(request, (ADMIN,), "The metrics")
        elif not self._accepts(shown):
            return problems.response(problems.wrong_bearer())
        body, media_type = self._exposition(request.headers.get("accept", ""))
        headers = {"content-type": media_type, "cache-control": "no-store", "vary": "Accept"}
        return Response(body, headers=headers)

    def _accepts(self, shown: str) -> bool:
        given = shown[len(_BEARER) :].strip().encode("latin-1")
        return (
            self._token is not None
            and shown.lower().startswith(_BEARER)
            and hmac.compare_digest(given, self._token)
        )


def _told(result: Result, *, whole: bool) -> CheckState:
    check = result.check
    told = CheckState(
        name=check.name,
        title=check.title,
        kind=str(check.kind),
        criticality=str(check.criticality),
        state=str(result.finding.state),
        since=_time(result.since),
        checked_at=_time(result.checked_at) if result.checked_at else None,
    )
    if not whole:
        return told
    further = {
        "next_at": _time(result.next_at) if result.next_at else None,
        "took_ms": round(result.took / _MILLISECOND, 1) if result.took is not None else None,
        "detail": result.finding.detail,
        "remedy": result.finding.remedy,
    }
    return told.model_copy(update=further)


def _time_of(report: Report) -> str | None:
    return _time(report.checked_at) if report.checked_at else None


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
