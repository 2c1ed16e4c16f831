"""Errors over HTTP: RFC 9457 problem details, and the home of all error statuses.

Those in a service's place stand in ``service_problems.py``, and nowhere else are any. Other rooms
raise errors or call the named constructors here. A problem tells what happened in plain words, a
trace id to quote, and what to do; it never holds a stack trace, a secret or an address of the
company's inner network.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from starlette.responses import Response

from mainhub.errors import Conflict, Invalid, MainHubError, NotFound, Refused, Unavailable
from mainhub.identity import MissingRole, NotSignedIn
from mainhub.resilience import RateLimited
from mainhub.web.bearer import REALM, BearerMalformed, BearerRefused, ScopeMissing
from mainhub.web.csrf import CrossSite
from mainhub.web.problem import MEDIA_TYPE, Problem, in_seconds
from mainhub.web.service_problems import (
    step_up_needed,
    upstream_busy,
    upstream_failed,
    upstream_paused,
    upstream_refused_token,
    upstream_resting,
    upstream_timeout,
    upstream_unreachable,
)
from mainhub.web.vouched import ProofDue

__all__ = [
    "MEDIA_TYPE",
    "Problem",
    "problem_of",
    "response",
    "send_problem",
    "step_up_needed",
    "upstream_busy",
    "upstream_failed",
    "upstream_paused",
    "upstream_refused_token",
    "upstream_resting",
    "upstream_timeout",
    "upstream_unreachable",
]

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def response(problem: Problem) -> Response:
    """Return *problem* as an answer for Starlette's routes."""
    body = problem.body()
    answer = Response(body, problem.status)
    answer.raw_headers = problem.all_headers(body)
    return answer


async def send_problem(send: Send, problem: Problem) -> None:
    """Answer a raw ASGI request with *problem*."""
    body = problem.body()
    start = {
        "type": "http.response.start",
        "status": problem.status,
        "headers": problem.all_headers(body),
    }
    await send(start)
    await send({"type": "http.response.body", "body": body})


def problem_of(error: MainHubError) -> Problem:
    """Return the problem that tells *error* to a caller."""
    for family, told in _TOLD:
        if isinstance(error, family):
            return told(error)
    for family, name, title, status in _FAMILIES:
        if isinstance(error, family):
            kind, headline = error.kind or name, error.headline or title
            later = in_seconds(getattr(error, "retry_after", None))
            return Problem(kind, headline, status, str(error), error.remedy, later)
    return internal()


# RFC 6750, section 3: what error_description, scope and the like may not hold.
_UNQUOTABLE: Final = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")

_TOLD: Final[tuple[tuple[type[MainHubError], Callable[[Any], Problem]], ...]] = (
    (NotSignedIn, lambda _: not_signed_in()),
    (MissingRole, lambda e: missing_role(str(e), needs=e.needs, remedy=e.remedy)),
    (CrossSite, lambda e: cross_site(str(e))),
    (RateLimited, lambda e: rate_limited(str(e), e.retry_after)),
    (BearerMalformed, lambda e: bearer_malformed(str(e), remedy=e.remedy)),
    (BearerRefused, lambda e: bearer_refused(str(e), remedy=e.remedy)),
    (ProofDue, lambda e: proof_due(str(e), remedy=e.remedy)),
    (ScopeMissing, lambda e: scope_missing(str(e), e.scope, remedy=e.remedy)),
)
_FAMILIES: Final[tuple[tuple[type[MainHubError], str, str, int], ...]] = (
    (Unavailable, "unavailable", "Something behind the hub does not answer", 503),
    (Refused, "refused", "Not allowed", 403),
    (Invalid, "invalid", "The request is wrong", 400),
    (NotFound, "not-found", "There is nothing here", 404),
    (Conflict, "conflict", "It changed meanwhile", 409),
)


def not_signed_in() -> Problem:
    """Nobody is signed in (401)."""
    return Problem(
        "not-signed-in",
        "Nobody is signed in",
        401,
        "This needs a signed-in person, and the request carries no live session.",
        remedy="Sign in again.",
        facts={"login": "/auth/login"},
        headers=(
            (b"www-authenticate", f'Cookie realm="{REALM}", Bearer realm="{REALM}"'.encode()),
        ),
    )


def wrong_bearer() -> Problem:
    """The bearer token of a machine is not the one that is set (401)."""
    return Problem(
        "wrong-bearer",
        "The token is not accepted",
        401,
        "The request carries a bearer token that this hub does not know.",
        remedy="Send the token that telemetry.metrics_token holds, or none and sign in.",
        headers=(_challenge(),),
    )


def bearer_malformed(detail: str, *, remedy: str | None) -> Problem:
    """What is sent as an access token cannot be read as one (400; RFC 6750, section 3.1)."""
    challenge = _challenge(error="invalid_request", error_description=detail)
    title = "The bearer token cannot be read"
    return Problem("bearer-malformed", title, 400, detail, remedy, headers=(challenge,))


def bearer_refused(detail: str, *, remedy: str | None = None) -> Problem:
    """The access token of a program proves nothing (401; RFC 6750, section 3.1)."""
    return Problem(
        "bearer-refused",
        "The access token is not accepted",
        401,
        detail,
        remedy or "Get a new access token for this hub's API, and call again.",
        headers=(_challenge(error="invalid_token", error_description=detail),),
    )


def proof_due(detail: str, *, remedy: str | None) -> Problem:
    """Only the person themselves can say who they are now (401); ``step_up`` is where they do."""
    return Problem(
        ProofDue.kind,
        ProofDue.headline,
        401,
        detail,
        remedy,
        facts={"step_up": "/auth/stepup"},
        headers=(_challenge(error="insufficient_claims"),),
    )


def scope_missing(detail: str, scope: str, *, remedy: str | None = None) -> Problem:
    """The access token is genuine, but not for this (403; RFC 6750, section 3.1)."""
    told = {"error": "insufficient_scope", "error_description": detail, "scope": scope}
    return Problem(
        "scope-missing",
        "The access token does not reach this far",
        403,
        detail,
        remedy,
        facts={"scope": scope},
        headers=(_challenge(**told),),
    )


def _challenge(**told: str) -> tuple[bytes, bytes]:
    """Return the header that tells a program how to prove who it is (RFC 6750, section 3)."""
    words = [f'{name}="{_UNQUOTABLE.sub("", value)}"' for name, value in told.items() if value]
    return b"www-authenticate", ", ".join([f'Bearer realm="{REALM}"', *words]).encode("ascii")


def missing_role(detail: str, *, needs: tuple[str, ...], remedy: str | None) -> Problem:
    """The person has none of the roles in *needs* (403)."""
    return Problem(
        "missing-role", "A role is missing", 403, detail, remedy, facts={"needs": list(needs)}
    )


def cross_site(detail: str) -> Problem:
    """A state-changing request that this hub's own pages did not make (403)."""
    return Problem(
        "csrf",
        "The request did not come from this hub",
        403,
        detail,
        remedy="Send it from a page of this hub, with the header X-MainHub-CSRF: 1.",
    )


def invalid(detail: str, *, remedy: str | None = None) -> Problem:
    """The request is malformed (400)."""
    return Problem("invalid", "The request is wrong", 400, detail, remedy)


def misdirected(detail: str, *, remedy: str) -> Problem:
    """The Host header names something that is not this hub (421)."""
    return Problem("misdirected", "This is not the host you asked for", 421, detail, remedy)


def not_found(detail: str) -> Problem:
    """There is nothing at this address (404)."""
    return Problem("not-found", "There is nothing here", 404, detail)


def method_not_allowed(method: str, *, allowed: tuple[str, ...]) -> Problem:
    """The address exists, but not for this method (405)."""
    return Problem(
        "method-not-allowed",
        "The method does not fit",
        405,
        f"This address does not take {method}.",
        remedy=f"Use {' or '.join(allowed)}.",
        headers=((b"allow", ", ".join(allowed).encode()),),
    )


def too_large(limit: int) -> Problem:
    """The body exceeds *limit* bytes (413)."""
    return Problem(
        "too-large",
        "The body is too large",
        413,
        f"The body may have at most {int(limit)} bytes.",
        remedy="Send less at once.",
        headers=((b"connection", b"close"),),
    )


def target_too_long(limit: int) -> Problem:
    """The request target exceeds *limit* bytes (414)."""
    return Problem(
        "target-too-long", "The address is too long", 414, f"It may have at most {limit} bytes."
    )


def headers_too_large(limit: int) -> Problem:
    """The header section exceeds *limit* bytes or fields (431)."""
    return Problem(
        "headers-too-large", "The headers are too large", 431, f"At most {limit} are accepted."
    )


def too_many_streams(limit: int) -> Problem:
    """A session has *limit* event streams open already (429)."""
    return Problem(
        "too-many-streams",
        "Too many event streams",
        429,
        f"This session has {limit} event streams open, and may have no more.",
        remedy="Close tabs of this hub that you no longer need.",
    )


def upgrade_unsupported() -> Problem:
    """A protocol that the hub does not relay (501)."""
    return Problem(
        "not-implemented",
        "This protocol is not relayed",
        501,
        "The gateway relays HTTP requests; it does not relay this protocol or method.",
    )


def rate_limited(detail: str, seconds: float | None, *headers: tuple[bytes, bytes]) -> Problem:
    """The caller asked too often (429)."""
    return Problem(
        "rate-limited",
        "Too many requests",
        429,
        detail,
        remedy="Ask less often, and again after the time that Retry-After tells.",
        retry_at=in_seconds(seconds),
        headers=headers,
    )


def request_timeout(seconds: float) -> Problem:
    """The client stopped sending its request (408)."""
    return Problem(
        "request-timeout",
        "The request did not arrive in time",
        408,
        f"Nothing more of the request came within {seconds:g} s.",
        remedy="Try again.",
        headers=((b"connection", b"close"),),
    )


def token_declined(service: str, detail: str, *, remedy: str | None) -> Problem:
    """The identity provider gives this person no token for the service (502)."""
    return Problem(
        "token-declined",
        "The service cannot be given a token",
        502,
        detail,
        remedy,
        facts={"service": service},
    )


def provider_unavailable(provider: str) -> Problem:
    """The identity provider does not answer (503)."""
    return Problem(
        "provider-unavailable",
        "Sign-in is not answering",
        503,
        f"The identity provider {provider} cannot be reached. Sessions that are open go on.",
        remedy="Try again in a moment.",
    )


def database_unavailable() -> Problem:
    """The database does not answer (503)."""
    return Problem(
        "database-unavailable",
        "The hub's database is not answering",
        503,
        "The hub cannot read what it keeps. Nothing that was saved is lost.",
        remedy="Try again in a moment.",
    )


def draining() -> Problem:
    """The hub is stopping and takes no new work (503)."""
    return Problem("draining", "The hub is stopping", 503, "It takes no new requests.")


def starting(detail: str) -> Problem:
    """The hub has started but cannot serve yet (503)."""
    return Problem("starting", "The hub is starting", 503, detail)


def internal() -> Problem:
    """A fault of ours (500)."""
    return Problem(
        "internal",
        "The hub made a mistake",
        500,
        "Something in the hub failed. It was recorded under the trace id.",
        remedy="Try again; if it stays so, quote the trace id.",
    )


def signin_interrupted() -> Problem:
    """A sign-in that cannot go on: unknown, used, too old or begun elsewhere (409)."""
    return Problem(
        "signin-interrupted",
        "This sign-in cannot go on",
        409,
        "It was begun too long ago, in another browser, or was used already.",
        remedy="Start the sign-in again.",
        facts={"login": "/auth/login"},
    )


def signin_refused(detail: str) -> Problem:
    """The provider's answer did not pass a check, or was a refusal (403)."""
    return Problem(
        "signin-refused",
        "Nobody was signed in",
        403,
        detail,
        remedy="Start the sign-in again.",
        facts={"login": "/auth/login"},
    )
