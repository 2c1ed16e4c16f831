"""What the hub says in the place of a service; with ``problems.py``, the home of all statuses."""

import base64
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, urlencode

from mainhub.web.bearer import REALM
from mainhub.web.problem import Problem, in_seconds

__all__ = [
    "step_up_needed",
    "upstream_busy",
    "upstream_failed",
    "upstream_paused",
    "upstream_refused_token",
    "upstream_resting",
    "upstream_timeout",
    "upstream_unreachable",
]

_UNAVAILABLE: Final = 503


def upstream_unreachable(service: str) -> Problem:
    """The service refuses connections or broke off before answering (502)."""
    return Problem(
        "upstream-unreachable",
        "The service is not answering",
        502,
        f"The service {service} cannot be reached.",
        remedy="Try again; if it stays so, tell the service's team and quote the trace id.",
        facts={"service": service},
    )


def upstream_timeout(service: str, seconds: float) -> Problem:
    """The service took a request and did not answer in time (504)."""
    return Problem(
        "upstream-timeout",
        "The service did not answer in time",
        504,
        f"The service {service} did not answer within {seconds:g} s.",
        remedy="Try again; if it stays so, tell the service's team and quote the trace id.",
        facts={"service": service},
    )


def upstream_failed(service: str, status: int, seconds: float | None) -> Problem:
    """The service answered with a fault of its own (502), or asks for time (503)."""
    return Problem(
        "upstream-failed",
        "The service failed",
        503 if status == _UNAVAILABLE else 502,
        f"The service {service} answered with a fault of its own ({status}).",
        remedy="Try again; if it stays so, tell the service's team and quote the trace id.",
        retry_at=in_seconds(seconds),
        facts={"service": service, "upstream_status": status},
    )


def upstream_resting(service: str, seconds: float | None) -> Problem:
    """The service failed lately and is not called for a while (503)."""
    return Problem(
        "circuit-open",
        "The service is given a rest",
        503,
        f"The service {service} failed again and again, so it is not called for a while."
        if seconds is not None
        else f"An administrator has taken the service {service} out of use.",
        remedy="Try again later; the rest of the hub works." if seconds is not None else None,
        retry_at=in_seconds(seconds),
        facts={"service": service},
    )


def upstream_busy(service: str, seconds: float | None) -> Problem:
    """As many calls to the service as allowed are under way (503)."""
    return Problem(
        "bulkhead-full",
        "The service is busy",
        503,
        f"Too many calls to the service {service} are under way.",
        remedy="Try again in a moment.",
        retry_at=in_seconds(seconds),
        facts={"service": service},
    )


def upstream_paused(service: str, seconds: float | None) -> Problem:
    """The service itself asked for a pause, so it is not called (429)."""
    return Problem(
        "upstream-paused",
        "The service asked for a pause",
        429,
        f"The service {service} is asked too often, and asked for a pause.",
        remedy="Try again later.",
        retry_at=in_seconds(seconds),
        facts={"service": service},
    )


def step_up_needed(service: str, claims: str | None, scopes: Sequence[str]) -> Problem:
    """The person has to prove more, or consent, before the service may be called (401).

    ``step_up`` is where they do: a path of the hub, to which ``return_to`` or ``popup`` is added.
    *claims* are what is demanded (JSON text), *scopes* what the service is called with.
    """
    asked = {"scopes": " ".join(scopes)} if scopes else {}
    if claims is not None:
        asked["claims"] = base64.urlsafe_b64encode(claims.encode()).rstrip(b"=").decode()
    return Problem(
        "step-up-needed",
        "The service wants more proof of who you are",
        401,
        f"You are signed in, but the service {service} wants you to prove more, or to agree.",
        remedy="Confirm it at your identity provider; then the call can be repeated.",
        facts={"service": service, "step_up": f"/auth/stepup?{urlencode(asked, quote_via=quote)}"},
        headers=(_demand(claims),),
    )


def _demand(claims: str | None) -> tuple[bytes, bytes]:
    """Return the header by which a program is told; it asks its provider with the claims."""
    told = "" if claims is None else f', claims="{base64.b64encode(claims.encode()).decode()}"'
    challenge = f'Bearer realm="{REALM}", error="insufficient_claims"{told}'
    return b"www-authenticate", challenge.encode("ascii")


def upstream_refused_token(service: str) -> Problem:
    """The service did not accept the token that the hub sent for the person (502).

    Never the service's own 401, which pages would take for a session that has ended.
    """
    return Problem(
        "upstream-refused-token",
        "The service did not accept your sign-in",
        502,
        f"You are signed in, but the service {service} did not accept the hub's token for you.",
        remedy="Tell the service's team and quote the trace id; signing in again does not help.",
        facts={"service": service},
    )
