"""Where faults are looked at and changed: ``/_sim``, beside the simulated tenant."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mainhub.simulator.deeds import Deeds
from mainhub.simulator.faults.body import json_of, text_of
from mainhub.simulator.faults.fault import FINE, Fault, Mode, Target, read_fault, read_target
from mainhub.simulator.faults.form import read_form
from mainhub.simulator.faults.origin import (
    require_loopback,
    require_own_page,
    require_own_program,
)
from mainhub.simulator.faults.page import FaultsPage
from mainhub.simulator.faults.problems import DeskProblem
from mainhub.simulator.faults.standing import Faults, Standing
from mainhub.simulator.faults.switches import SwitchDesk
from mainhub.simulator.security_headers import SecurityHeaders

PATH: Final = "/_sim"
_SAMPLE: Final = '{"mode": "slow", "seconds": 3}'
_FOLLOWS_WITHIN: Final = 2.0
_LOOK_EVERY: Final = 0.02
_Endpoint = Callable[[Request], Awaitable[Response]]


class FaultDesk:
    """Answers below ``/_sim`` itself, whatever is broken; all else is *app*'s.

    *orders_port* is the port of the orders service, on loopback; *deeds* is what may be done to
    the tenant.
    """

    def __init__(
        self, app: ASGIApp, *, faults: Faults, orders_port: int, deeds: Deeds | None = None
    ) -> None:
        self._app = app
        self._faults = faults
        self._orders_port = orders_port
        self._page = FaultsPage(faults, deeds=deeds)
        self._desk = Starlette(
            routes=[
                Route(PATH, _guarded(self._show), methods=["GET"]),
                Route(f"{PATH}/faults", _guarded(self._all), methods=["GET", "POST", "DELETE"]),
                Route(
                    f"{PATH}/faults/{{target}}",
                    _guarded(self._one),
                    methods=["GET", "POST", "PUT", "DELETE"],
                ),
                *(
                    ()
                    if deeds is None
                    else _switches(SwitchDesk(deeds, page=self._page, home=PATH))
                ),
            ],
            middleware=[Middleware(SecurityHeaders)],
            exception_handlers={HTTPException: _no_such_address},
        )
        self._desk.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        path = scope.get("path", "")
        ours = scope["type"] == "http" and (path == PATH or path.startswith(f"{PATH}/"))
        await (self._desk if ours else self._app)(scope, receive, send)

    async def _show(self, request: Request) -> Response:
        return self._page.render(request)

    async def _all(self, request: Request) -> Response:
        if request.method == "POST":
            require_own_page(request)
            for target in Target:
                await self._change(target, FINE)
            return self._back(request)
        if request.method == "DELETE":
            require_own_program(request)
            followed = [await self._change(target, FINE) for target in Target]
        else:
            followed = [True]
        items = [_told(target, self._faults.of(target)) for target in Target]
        return JSONResponse({"items": items}, _status(followed=all(followed)))

    async def _one(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._submitted(request)
        target = read_target(request.path_params["target"])
        followed = True
        if request.method in {"PUT", "DELETE"}:
            require_own_program(request)
            fault = (
                read_fault(await json_of(request, sample=_SAMPLE))
                if request.method == "PUT"
                else FINE
            )
            followed = await self._change(target, fault)
        told = _told(target, self._faults.of(target))
        return JSONResponse(told, _status(followed=followed))

    async def _submitted(self, request: Request) -> Response:
        """Answer a form of the page: with the page again, changed or with what was wrong."""
        require_own_page(request)
        target = read_target(request.path_params["target"])
        form = await text_of(request)
        try:
            await self._change(target, read_fault(read_form(form)))
        except DeskProblem as problem:
            return self._page.render(request, problem=problem)
        return self._back(request, f"#{target}")

    async def _change(self, target: Target, fault: Fault) -> bool:
        """Let *fault* be in force; say whether it is, now that this returns."""
        self._faults.put(target, fault)
        if target is not Target.ORDERS:
            return True
        shut = fault.mode is Mode.REFUSE and fault.is_total
        try:
            async with asyncio.timeout(_FOLLOWS_WITHIN):
                await _until_port(self._orders_port, shut=shut)
        except TimeoutError:
            return False
        return True

    @staticmethod
    def _back(request: Request, fragment: str = "") -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{PATH}{query}{fragment}", HTTPStatus.SEE_OTHER)


def _switches(desk: SwitchDesk) -> list[Route]:
    return [
        Route(f"{PATH}/switches", _guarded(desk.all), methods=["GET", "POST", "DELETE"]),
        Route(
            f"{PATH}/switches/{{switch}}",
            _guarded(desk.one),
            methods=["GET", "POST", "PUT", "DELETE"],
        ),
        Route(f"{PATH}/deeds/{{deed}}", _guarded(desk.deed), methods=["POST"]),
    ]


def _told(target: Target, standing: Standing) -> dict[str, object]:
    return {"target": target.value, **standing.document()}


def _status(*, followed: bool) -> HTTPStatus:
    """Return 202 if the service has not followed: it is stopped itself, or just being started."""
    return HTTPStatus.OK if followed else HTTPStatus.ACCEPTED


async def _until_port(port: int, *, shut: bool) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            is_shut = True
        else:
            writer.close()
            is_shut = False
        if is_shut is shut:
            return
        await asyncio.sleep(_LOOK_EVERY)


def _guarded(endpoint: _Endpoint) -> _Endpoint:
    async def guarded(request: Request) -> Response:
        try:
            require_loopback(request)
            return await endpoint(request)
        except DeskProblem as problem:
            return problem.response()

    return guarded


async def _no_such_address(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return DeskProblem.wrong_method((error.headers or {}).get("Allow", "GET")).response()
    del request
    return DeskProblem.nothing_here().response()
