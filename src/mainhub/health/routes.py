"""``/livez`` and ``/readyz``: public, cheap, and silent about what stands behind the hub."""

from fastapi import APIRouter, Response
from pydantic import BaseModel

from mainhub.health.readiness import Phase, Readiness
from mainhub.web import problems

__all__ = ["Liveness", "router"]


class Liveness(BaseModel):
    """The process's own word."""

    status: str


def router(readiness: Readiness) -> APIRouter:
    """Return the two routes."""
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


_JSON = "application/json"
