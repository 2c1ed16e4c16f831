"""How a refusal is told to a program."""

from typing import Final
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse

from mainhub.simulator.errors import EntraError
from mainhub.simulator.tenant import Tenant

_CORRELATION: Final = "client-request-id"


def json_refusal(tenant: Tenant, request: Request, error: EntraError) -> JSONResponse:
    """Answer *error* in Microsoft's shape; every refusal has a trace id of its own."""
    trace_id, correlation_id = str(uuid4()), correlation_id_of(request)
    body = error.body(trace_id=trace_id, correlation_id=correlation_id, at=tenant.clock())
    headers = {"x-ms-request-id": trace_id, _CORRELATION: correlation_id}
    return JSONResponse(body, status_code=error.status, headers=headers)


def correlation_id_of(request: Request) -> str:
    """Return the caller's own id of the request if it sent a GUID, else a new one."""
    try:
        return str(UUID(request.headers.get(_CORRELATION, "")))
    except ValueError:
        return str(uuid4())
