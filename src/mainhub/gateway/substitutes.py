"""What the hub says in a service's place, when there is no answer or none that can be passed on."""

from typing import Final

from mainhub.errors import Invalid, MainHubError
from mainhub.gateway.challenge import demanded_claims
from mainhub.gateway.port import UpstreamResponse, UpstreamSlow
from mainhub.gateway.service import Service
from mainhub.resilience import BulkheadFull, CircuitOpen, RateLimited, parse_retry_after
from mainhub.web import problems

__all__ = ["told", "unusable"]

_UNAUTHORIZED: Final = 401
_FIRST_FINAL: Final = 200
_FIRST_FAULT: Final = 500
_PROBLEM: Final = b"application/problem+json"


def told(error: MainHubError, service: Service) -> tuple[str, problems.Problem]:
    """Return the outcome, one of the table of metrics, and the problem that tell *error*."""
    name = service.name
    if isinstance(error, CircuitOpen):
        return "circuit-open", problems.upstream_resting(name, error.retry_after)
    if isinstance(error, BulkheadFull):
        return "bulkhead-full", problems.upstream_busy(name, error.retry_after)
    if isinstance(error, RateLimited):
        return "rate-limited", problems.upstream_paused(name, error.retry_after)
    if isinstance(error, Invalid):
        return "refused", problems.problem_of(error)
    if isinstance(error, UpstreamSlow | TimeoutError):
        slow = isinstance(error, UpstreamSlow)
        waited = service.connect_timeout if slow else service.response_timeout
        return "timeout", problems.upstream_timeout(name, waited.total_seconds())
    return "unreachable", problems.upstream_unreachable(name)


def unusable(response: UpstreamResponse, service: Service) -> problems.Problem | None:
    """Return what is said instead of *response*; ``None`` where it can be passed on."""
    if response.status == _UNAUTHORIZED:
        # Passed on, it would say that the person is signed out, and pages would sign in again
        # without end.
        claims = demanded_claims(response.headers)
        if claims is not None:
            return problems.step_up_needed(service.name, claims, service.scopes)
        return problems.upstream_refused_token(service.name)
    if response.status < _FIRST_FINAL:
        return problems.upstream_unreachable(service.name)
    headers = {name.lower(): value for name, value in response.headers}
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if response.status >= _FIRST_FAULT and kind != _PROBLEM:
        # A fault's page is for the service's own team: it may hold a stack trace. A problem
        # (RFC 9457) is meant for whoever called.
        wait = parse_retry_after(headers.get(b"retry-after"))
        return problems.upstream_failed(service.name, response.status, wait)
    return None
