"""The control API's framework: routes in, problems and a truthful OpenAPI document out."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from mainhub import __version__
from mainhub.errors import MainHubError
from mainhub.gateway import Gateway
from mainhub.web import problems

__all__ = ["OPENAPI_URL", "ProblemDocument", "control_app"]

OPENAPI_URL: Final = "/hub/v1/openapi.json"
_CONTROL: Final = "/hub/v1/"
_NOT_FOUND: Final = 404
_METHOD: Final = 405
_RELAYED: Final = ("get", "head", "post", "put", "patch", "delete", "options")


class ProblemDocument(BaseModel):
    """A problem (RFC 9457). Quote the trace id when you ask somebody about it."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str = Field(examples=["urn:mainhub:problem:not-signed-in"])
    title: str
    status: int
    detail: str
    trace_id: str
    remedy: str | None = None
    retry_at: str | None = None


Admitted = Callable[[Request], Awaitable[object]]
"""Raises what the sender of a request is told who may not even ask."""


def control_app(routers: Iterable[APIRouter], *, admitted: Admitted | None = None) -> FastAPI:
    """Return the application over *routers*; whatever fails in it is answered with a problem.

    What is wrong with a request to the control API only those are told whom *admitted* lets in.
    """
    app = FastAPI(
        title="MainHub",
        version=__version__,
        openapi_url=OPENAPI_URL,
        docs_url=None,
        redoc_url=None,
        # A redirect for a slash would name the scheme between proxy and hub, not the public one.
        redirect_slashes=False,
    )
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(MainHubError, _named)
    app.add_exception_handler(RequestValidationError, _Unreadable(admitted))
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(Exception, _failed)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]  # FastAPI's own way
    return app


async def _named(_request: Request, error: Exception) -> Response:
    if not isinstance(error, MainHubError):
        raise error
    return problems.response(problems.problem_of(error))


class _Unreadable:
    """Answers what does not fit: the framework reads a request before its route asks who it is."""

    def __init__(self, admitted: Admitted | None) -> None:
        self._admitted = admitted

    async def __call__(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            raise error
        if self._admitted is not None and request.url.path.startswith(_CONTROL):
            try:
                await self._admitted(request)
            except MainHubError as refusal:
                return problems.response(problems.problem_of(refusal))
        # The input itself is not repeated: it may be a secret put into the wrong place.
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in entry['loc'])}: {_told(entry)}"
            for entry in error.errors()
        )
        remedy = f"Send what {OPENAPI_URL} describes for this address."
        return problems.response(problems.invalid(wrong, remedy=remedy))


def _told(entry: dict[str, Any]) -> str:
    """Return what is wrong with a value, without the framework's own terms where we have better."""
    told = _PLAIN.get(entry["type"], entry["msg"])
    return str(told).format(**entry.get("ctx", {})) if entry["type"] in _PLAIN else str(told)


_PLAIN: Final = {
    "extra_forbidden": "is not expected here",
    "missing": "is missing",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be a text",
    "string_too_short": "must have {min_length} characters at least",
    "string_too_long": "may have {max_length} characters at most",
    "string_pattern_mismatch": "has not the right form",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_attributes_type": "must be an object",
    "too_short": "must have {min_length} at least",
    "too_long": "may have {max_length} at most",
    "greater_than_equal": "must be {ge} at least",
    "less_than_equal": "may be {le} at most",
    "literal_error": "must be {expected}",
    "json_invalid": "is no JSON",
}


async def _framework(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == _METHOD:
        allowed = tuple((error.headers or {}).get("Allow", "GET").split(", "))
        return problems.response(problems.method_not_allowed(request.method, allowed=allowed))
    if error.status_code == _NOT_FOUND:
        return problems.response(problems.not_found("The hub has no such address."))
    return problems.response(problems.invalid(error.detail))


async def _failed(_request: Request, _error: Exception) -> Response:
    # The framework raises the error again after this answer, and the edge records it.
    return problems.response(problems.internal())


def _document(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is not None:
        return app.openapi_schema
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = ProblemDocument.model_json_schema()
    document["paths"]["/api/{service}/{path}"] = _gateway_paths()
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = _PROBLEM
    app.openapi_schema = document
    return document


_PROBLEM: Final = {
    "description": "A problem (RFC 9457)",
    "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def _gateway_paths() -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in ("service", "path")
    ]
    return {
        method: {
            "tags": ["gateway"],
            "summary": "Relayed to the service, with the person's access token",
            "description": (Gateway.__doc__ or "").partition("\n")[0],
            "operationId": f"gateway_{method}",
            "parameters": parameters,
            "responses": {"200": {"description": "What the service answers"}},
        }
        for method in _RELAYED
    }
