"""A browser as far as sign-in needs one: cookies per host, redirects followed one by one."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import aiohttp
import orjson
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

HTML = {"Accept": "text/html,application/xhtml+xml", "Accept-Language": "en"}
OWN_PAGE = {
    "X-MainHub-CSRF": "1",
    "Sec-Fetch-Site": "same-origin",
    "X-MainHub-Frontend": "dashboard",
}
_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True)
class Answer:
    """One answer, read to its end; no redirect was followed."""

    url: str
    status: int
    headers: Mapping[str, str]
    set_cookies: list[str]
    text: str

    @property
    def location(self) -> str:
        """Return where the answer sends the browser, as an absolute URL."""
        return urljoin(self.url, self.headers["Location"])

    @property
    def query(self) -> dict[str, str]:
        """Return the parameters of :attr:`location`."""
        return dict(parse_qsl(urlsplit(self.location).query))

    @property
    def json(self) -> Any:  # noqa: ANN401 - documents of any shape
        """Return the body as JSON."""
        return orjson.loads(self.text)

    @property
    def problem(self) -> str:
        """Return the name of the problem that was answered."""
        assert self.headers["Content-Type"] == "application/problem+json", self.text
        return str(self.json["type"]).removeprefix("urn:mainhub:problem:")

    def cookie(self, name: str) -> Mapping[str, str]:
        """Return the attributes of the cookie *name* that the answer sets, its value included."""
        for line in self.set_cookies:
            morsel = SimpleCookie(line).get(name)
            if morsel is not None:
                return {"value": morsel.value, **{key: str(morsel[key]) for key in morsel}}
        raise AssertionError(f"no cookie {name} in {self.set_cookies}")

    def sets(self, name: str) -> bool:
        """Say whether the answer gives the cookie *name* a value."""
        return any(
            (found := SimpleCookie(line).get(name)) is not None and found.value != ""
            for line in self.set_cookies
        )

    @property
    def everything(self) -> str:
        """Return all that the browser was given: address, headers and body."""
        head = "\n".join(f"{name}: {value}" for name, value in self.headers.items())
        return "\n".join((self.url, head, *self.set_cookies, self.text))


@dataclass
class Browser:
    """One browser; *journal* holds every answer that it was given."""

    http: aiohttp.ClientSession
    journal: list[Answer] = field(default_factory=list)

    async def get(self, url: str, headers: Mapping[str, str] = HTML) -> Answer:
        """Ask for *url*, already encoded."""
        return await self._ask("GET", url, headers, None)

    async def post(
        self, url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] = HTML
    ) -> Answer:
        """Send a form, or nothing."""
        return await self._ask("POST", url, headers, form)

    async def send(self, url: str, body: bytes, headers: Mapping[str, str] = HTML) -> Answer:
        """Post *body* as it is."""
        return await self._ask("POST", url, headers, body)

    async def follow(self, answer: Answer) -> Answer:
        """Go where *answer* leads until no redirect is left."""
        for _ in range(10):
            if answer.status not in _REDIRECTS:
                return answer
            answer = await self.get(answer.location)
        raise AssertionError("the redirects never end")

    async def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Mapping[str, str] | bytes | None,
    ) -> Answer:
        async with self.http.request(
            method,
            URL(url, encoded=True),
            headers=headers,
            data=(body if isinstance(body, bytes) else dict(body)) if body else None,
            allow_redirects=False,
        ) as got:
            answer = Answer(
                url=url,
                status=got.status,
                headers=got.headers,
                set_cookies=got.headers.getall("Set-Cookie", []),
                text=(await got.read()).decode(),
            )
        self.journal.append(answer)
        return answer

    def cookies(self, url: str) -> dict[str, str]:
        """Return the cookies that would be sent to *url*."""
        sent = self.http.cookie_jar.filter_cookies(URL(url))
        return {name: morsel.value for name, morsel in sent.items()}

    def plant(self, url: str, cookies: Mapping[str, str]) -> None:
        """Put cookies into the jar as if *url* had set them."""
        self.http.cookie_jar.update_cookies(dict(cookies), URL(url))


@asynccontextmanager
async def opened() -> AsyncIterator[Browser]:
    """Open a browser without cookies; one that waits long, since the machine may be slow."""
    jar = aiohttp.CookieJar(unsafe=True)
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=timeout) as http:
        yield Browser(http)
