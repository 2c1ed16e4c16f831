"""The one outbound client."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import aiohttp
import orjson

from mainhub.errors import Invalid, Unavailable
from mainhub.outbound.read_once import read_once
from mainhub.telemetry import Span, span

__all__ = ["Answer", "CallFailed", "HttpClient"]

_FIRST_ERROR: Final = 400
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})


class CallFailed(Unavailable):
    """The other side did not answer, or not in time, or with more than was asked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read to its end; what is not status and body are headers as they came."""

    status: int
    body: bytes
    retry_after: str | None = None
    date: str | None = None
    location: str | None = None
    content_type: str | None = None

    def json(self) -> dict[str, object]:
        """Return the body as a JSON object.

        Raises:
            Invalid: it is something else; the body is not repeated, since it may hold secrets.
                A page is something else even if it reads like JSON: what people write stands there.
                So is an object in which a name stands twice.
        """
        if (self.content_type or "").partition(";")[0].strip().lower() in _PAGES:
            raise Invalid("the answer is a page, not JSON")
        try:
            parsed = read_once(self.body)
        except ValueError as error:
            raise Invalid(f"the answer is not plain JSON: {error}") from error
        if not isinstance(parsed, dict):
            raise Invalid("the answer is not a JSON object")
        return parsed


class HttpClient:
    """Makes single requests; use as an async context manager.

    Args:
        timeout: for the whole of one call, connection to last byte.
        max_bytes: the largest body that is read.
    """

    def __init__(
        self, *, timeout: timedelta = timedelta(seconds=10), max_bytes: int = 1 << 20
    ) -> None:
        self._timeout = aiohttp.ClientTimeout(total=timeout.total_seconds(), connect=5)
        self._max_bytes = max_bytes
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "MainHub", "Accept": "application/json"},
            # Two hundred people whose tokens end at the same minute are one burst to one host.
            # Many servers close what idles for 5 s; reused at that moment, it fails a request that
            # is sent only once.
            connector=aiohttp.TCPConnector(limit=400, limit_per_host=200, keepalive_timeout=4),
        )
        # Only one layer sends again: whoever calls this, by a pipeline. There is no public switch.
        self._session._retry_connection = False  # noqa: SLF001
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """Fetch *url*; raises :class:`CallFailed`."""
        return await self._call("GET", url, headers=headers)

    async def post_form(
        self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Post *form* url-encoded; raises :class:`CallFailed`."""
        return await self._call("POST", url, sent=form, headers=headers)

    async def post_json(
        self, url: str, document: Mapping[str, object], *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Post *document* as JSON; raises :class:`CallFailed`."""
        typed = {"content-type": "application/json", **(headers or {})}
        return await self._call("POST", url, sent=orjson.dumps(document), headers=typed)

    async def _call(
        self,
        method: str,
        url: str,
        *,
        sent: Mapping[str, str] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        if self._session is None:
            raise CallFailed("the outbound client is not open")
        # The host alone: paths may name people, queries carry codes.
        try:
            server = urlsplit(url).hostname or ""
        except ValueError as error:
            raise CallFailed("what is to be called has no usable address") from error
        facts = {"http.request.method": method, "server.address": server}
        with span(method, "client", **facts) as opened:
            known = {"traceparent": opened.trace.traceparent, **(headers or {})}
            answer = await self._answer(self._session, method, url, sent=sent, headers=known)
            _tell(opened, answer)
            return answer

    async def _answer(
        self,
        session: aiohttp.ClientSession,
        method: str,
        url: str,
        *,
        sent: Mapping[str, str] | bytes | None,
        headers: Mapping[str, str],
    ) -> Answer:
        origin = url.split("?", 1)[0]
        try:
            async with session.request(
                method, url, data=sent, headers=headers, allow_redirects=False
            ) as response:
                body = b""
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > self._max_bytes:
                        raise CallFailed(f"{origin} answered with more than {self._max_bytes} B")
                told = response.headers
                return Answer(
                    response.status,
                    body,
                    retry_after=told.get("Retry-After"),
                    date=told.get("Date"),
                    location=told.get("Location"),
                    content_type=told.get("Content-Type"),
                )
        except TimeoutError as error:
            raise CallFailed(f"{origin} did not answer in time") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # ValueError: an address or a header that cannot be sent, such as one with a line break.
            raise CallFailed(f"{origin} cannot be reached: {type(error).__name__}") from error


def _tell(span: Span, answer: Answer) -> None:
    span.tell(**{"http.response.status_code": answer.status})
    if answer.status >= _FIRST_ERROR:
        span.fail(str(answer.status))
