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
from mainhub.telemetry import Span, span

__all__ = ["Answer", "CallFailed", "HttpClient"]

_FIRST_ERROR: Final = 400


class CallFailed(Unavailable):
    """The other side did not answer, or not in time, or with more than was asked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read to its end; *retry_after* is its header as it came."""

    status: int
    body: bytes
    retry_after: str | None = None

    def json(self) -> dict[str, object]:
        """Return the body as a JSON object.

        Raises:
            Invalid: it is something else; the body is not repeated, since it may hold secrets.
        """
        try:
            parsed = orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise Invalid("the answer is not JSON") from error
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
            connector=aiohttp.TCPConnector(limit=100, limit_per_host=50),
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

    async def get(self, url: str) -> Answer:
        """Fetch *url*; raises :class:`CallFailed`."""
        return await self._call("GET", url)

    async def post_form(
        self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Post *form* url-encoded; raises :class:`CallFailed`."""
        return await self._call("POST", url, form=form, headers=headers)

    async def _call(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        if self._session is None:
            raise CallFailed("the outbound client is not open")
        # The host alone: paths may name people, queries carry codes.
        server = urlsplit(url).hostname or ""
        facts = {"http.request.method": method, "server.address": server}
        with span(method, "client", **facts) as opened:
            sent = {"traceparent": opened.trace.traceparent, **(headers or {})}
            answer = await self._answer(self._session, method, url, form=form, headers=sent)
            _tell(opened, answer)
            return answer

    async def _answer(
        self,
        session: aiohttp.ClientSession,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str],
    ) -> Answer:
        origin = url.split("?", 1)[0]
        try:
            async with session.request(
                method, url, data=form, headers=headers, allow_redirects=False
            ) as response:
                body = b""
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > self._max_bytes:
                        raise CallFailed(f"{origin} answered with more than {self._max_bytes} B")
                return Answer(response.status, body, response.headers.get("Retry-After"))
        except TimeoutError as error:
            raise CallFailed(f"{origin} did not answer in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise CallFailed(f"{origin} cannot be reached: {type(error).__name__}") from error


def _tell(span: Span, answer: Answer) -> None:
    span.tell(**{"http.response.status_code": answer.status})
    if answer.status >= _FIRST_ERROR:
        span.fail(str(answer.status))
