"""Today's way to the services: aiohttp's client. The only file of the room that knows it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import aiohttp
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from typing_extensions import override
from yarl import URL

from mainhub.errors import Invalid
from mainhub.gateway.port import (
    RequestHead,
    Upstream,
    UpstreamResponse,
    UpstreamSlow,
    UpstreamUnreachable,
)

__all__ = ["AiohttpUpstream", "UnsendableHeader"]

# What aiohttp would add on its own.
_AUTOMATIC: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
# Below the 5 s after which uvicorn, and the 60 s after which most others, close an idle connection:
# the shorter side closes, so that few requests meet a connection that is just going away.
_KEEP_ALIVE: Final = timedelta(seconds=4)
_BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})
_FIELD_LIMIT: Final = 16 * 1024


class UnsendableHeader(Invalid):
    """A header's value is not UTF-8 text."""


class AiohttpUpstream(Upstream):
    """Reaches services with pooled connections; closed connections are noticed, not waited for."""

    def __init__(self) -> None:
        self._pooled: aiohttp.ClientSession | None = None
        self._single: aiohttp.ClientSession | None = None

    @override
    async def start(self) -> None:
        # No limit here: there is at most one connection upstream for each one that uvicorn admits.
        self._pooled = _session(
            _CleanConnector(limit=0, keepalive_timeout=_KEEP_ALIVE.total_seconds())
        )
        self._single = _session(aiohttp.TCPConnector(limit=0, force_close=True))

    @override
    async def aclose(self) -> None:
        for session in (self._pooled, self._single):
            if session is not None:
                await session.close()
        self._pooled = self._single = None

    @override
    async def open(
        self, head: RequestHead, body: AsyncIterator[bytes] | None, *, connect_timeout: timedelta
    ) -> UpstreamResponse:
        seconds = connect_timeout.total_seconds()
        try:
            response = await self._session_for(head, body).request(
                head.method,
                # Encoded: yarl must not settle the path a second time.
                URL(head.origin + head.target, encoded=True),
                headers=_as_text(head, body),
                data=body,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, connect=seconds, sock_connect=seconds),
            )
        except aiohttp.ConnectionTimeoutError as error:
            raise UpstreamSlow(f"no connection within {seconds:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise UpstreamUnreachable(f"no answer: {error!r}") from error
        return _Response(response)

    def _session_for(
        self, head: RequestHead, body: AsyncIterator[bytes] | None
    ) -> aiohttp.ClientSession:
        # A service that ignores the body of such a request would take it for the next request, and
        # its answer for the answer to the next person. So that connection is never used again.
        doubtful = body is not None and head.method in _BODILESS
        session = self._single if doubtful else self._pooled
        if session is None:
            raise UpstreamUnreachable("the way to the services has not been started")
        return session


class _CleanConnector(aiohttp.TCPConnector):
    """Hands out no pooled connection on which something arrived unasked.

    aiohttp checks that when a connection comes back, not when it goes out again; what a service
    sends in between would become the answer to the next person's request.
    """

    @override
    async def connect(
        self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> Connection:
        while True:
            connection = await super().connect(req, traces, timeout)
            if connection.protocol is None or not connection.protocol.should_close:
                return connection
            connection.close()


class _Response(UpstreamResponse):
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers = response.raw_headers

    @override
    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, OSError) as error:
            raise UpstreamUnreachable(f"the answer broke off: {error!r}") from error

    @override
    async def aclose(self) -> None:
        self._response.close()


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=_AUTOMATIC,
        trust_env=False,
        max_line_size=_FIELD_LIMIT,
        max_field_size=_FIELD_LIMIT,
    )
    # Only one layer sends again, and that is the pipeline, which counts what it does; there is no
    # public switch for this.
    session._retry_connection = False  # noqa: SLF001
    return session


def _as_text(head: RequestHead, body: AsyncIterator[bytes] | None) -> list[tuple[str, str]]:
    try:
        headers = [(name.decode("ascii"), value.decode()) for name, value in head.headers]
    except UnicodeDecodeError as error:
        # aiohttp writes header values as UTF-8, so any other byte would change on its way.
        raise UnsendableHeader("A header's value is not UTF-8 text.") from error
    if body is not None and head.length is not None:
        headers.append(("content-length", str(head.length)))
    return headers
