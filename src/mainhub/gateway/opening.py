"""Sending a request on and getting the head of its answer: as often as is safe, and in time."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from mainhub.errors import Refused, Unavailable
from mainhub.gateway.patience import Patience
from mainhub.gateway.port import RequestHead, Upstream, UpstreamResponse, UpstreamUnreachable
from mainhub.gateway.request_body import RequestBody
from mainhub.gateway.service import Service
from mainhub.resilience import (
    AttemptTimedOut,
    Deadline,
    Pipeline,
    Throttled,
    Timeout,
    attempt_header,
    is_idempotent,
    parse_retry_after,
)

__all__ = ["Opening", "ServiceBusy", "ServiceFault", "TheClientsDoing"]

_FIRST_FAULT: Final = 500
_TOO_MANY: Final = 429
# What it cannot do at all (RFC 9110, 15.6.2 and 15.6.6) says nothing of how it is.
_NOT_A_FAULT: Final = frozenset({501, 505})
_IDEMPOTENCY_KEY: Final = b"idempotency-key"


class ServiceFault(Unavailable):
    """The service answered with a fault of its own; *response* is that answer."""

    def __init__(self, response: UpstreamResponse) -> None:
        super().__init__(f"the service answered {response.status}")
        self.response = response
        self.retry_after = _retry_after(response)


class ServiceBusy(Throttled):
    """The service asked for a pause; *response* is that answer."""

    def __init__(self, response: UpstreamResponse) -> None:
        super().__init__("the service asked for a pause", retry_after=_retry_after(response))
        self.response = response


class TheClientsDoing(Refused):
    """The exchange ended because of the client, which says nothing of the service."""


class Opening:
    """Opens one exchange with *service*; used once.

    A request is sent again only if it has no body, and either a method that may be repeated
    (RFC 9110, 9.2.2) or an ``Idempotency-Key``; a body goes by as it comes and is not kept.
    """

    def __init__(
        self, service: Service, *, upstream: Upstream, body: RequestBody, patience: Patience
    ) -> None:
        self._service = service
        self._upstream = upstream
        self._body = body
        self._patience = patience
        self._last: ServiceFault | ServiceBusy | None = None

    def way(self, head: RequestHead, *, has_body: bool) -> Pipeline:
        """Return the pipeline that *head* goes through."""
        way = self._service.way or Pipeline(self._service.name)
        if has_body:
            # While the client itself is slow, the service is not to blame: see Patience.
            return way.with_parts(retry=None, hedge=None, timeout=None)
        keyed = any(name == _IDEMPOTENCY_KEY for name, _ in head.headers)
        safe = is_idempotent(head.method, has_key=keyed)
        total = Timeout(total=self._service.response_timeout)
        return way.with_parts(timeout=total) if safe else way.once.with_parts(timeout=total)

    async def attempt(self, head: RequestHead, *, has_body: bool) -> UpstreamResponse:
        """Send the request once.

        Raises:
            ServiceFault, ServiceBusy: the service answered so; the answer is still to be closed.
            TheClientsDoing: the client left, or its body may not be sent.
            AttemptTimedOut, UpstreamSlow, UpstreamUnreachable: there is no answer.
        """
        await self.let_go()
        body = self._body.chunks() if has_body else None
        try:
            response = await self._answer(_told(head), body)
        except UpstreamUnreachable as error:
            if self._body.gone or self._body.refusal is not None:
                raise TheClientsDoing("the client's request did not come to its end") from error
            raise
        if response.status >= _FIRST_FAULT and response.status not in _NOT_A_FAULT:
            self._last = ServiceFault(response)
            raise self._last
        if response.status == _TOO_MANY:
            self._last = ServiceBusy(response)
            raise self._last
        return response

    async def let_go(self) -> None:
        """Close the answer of an earlier attempt, which nobody will read."""
        last, self._last = self._last, None
        if last is not None:
            await last.response.aclose()

    async def _answer(
        self, head: RequestHead, body: AsyncIterator[bytes] | None
    ) -> UpstreamResponse:
        connect = self._service.connect_timeout
        if body is None:
            return await self._upstream.open(head, None, connect_timeout=connect)
        seconds = self._service.response_timeout.total_seconds()
        try:
            async with self._patience.limit(seconds, holdable=True):
                return await self._upstream.open(head, body, connect_timeout=connect)
        except TimeoutError as error:
            raise AttemptTimedOut(f"no answer within {seconds:g} s") from error


def _told(head: RequestHead) -> RequestHead:
    """Return *head* with how long there is left, and which attempt this is."""
    told = [header for header in (Deadline.header(), attempt_header()) if header is not None]
    added = tuple((name.lower().encode(), value.encode()) for name, value in told)
    return replace(head, headers=head.headers + added) if added else head


def _retry_after(response: UpstreamResponse) -> float | None:
    for name, value in response.headers:
        if name.lower() == b"retry-after":
            return parse_retry_after(value)
    return None
