"""No token in anything that the hub sends to the browser, logs, or lets the browser keep."""

import asyncio
import base64
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from playwright.sync_api import Browser, Error, Page, Request, Route, expect

from cli.mainhub_process import mainhub, wait_until
from e2e.chromium import Watched, opened
from e2e.conftest import Dev
from e2e.people import sign_in, sign_out
from house.isolation import free_ports
from mainhub.clock import SystemClock
from mainhub.sessions import KeyRing, Lifetimes, Tokens
from mainhub.sessions.sql import SqlSessionStore
from mainhub.storage import Database

# A compact JWT (access and id tokens), whatever it is wrapped in.
JWT = re.compile(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")
OAUTH = re.compile(r"(access_token|refresh_token|id_token|client_secret|code_verifier)")
# What the hub asks of a token names the kind of token that it asks it of.
CLAIMS = re.compile(r"(?<=[?&]claims=)[^&\s]*")
REDIRECTS = range(300, 400)
EVERYTHING_KEPT = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, document.cookie, location.href,
  [...await indexedDB.databases()].map(d => d.name), performance.getEntries().map(e => e.name),
  await Promise.all((await caches.keys()).map(async name => {
    const cache = await caches.open(name);
    const kept = (await cache.keys()).map(async asked =>
      [asked.url, await (await cache.match(asked)).text()]);
    return [name, await Promise.all(kept)];
  })),
])"""


class Recorded:
    """All that the hub gave to one browser."""

    def __init__(self, watched: Watched, hub: str) -> None:
        self.hub = hub
        self.heads: list[str] = []
        self.bodies: list[tuple[str, str]] = []
        self.unread: list[str] = []
        self.asked: list[str] = []
        watched.context.on("request", lambda request: self.asked.append(request.url))
        watched.context.on("requestfinished", self._finished)
        watched.context.route(f"{hub}/auth/logout", self._logout)

    def _finished(self, request: Request) -> None:
        response = request.response()
        assert response is not None
        self.heads.append(f"{request.method} {request.url}")
        # The session's own cookie is the one secret that a browser is given.
        self.heads.extend(
            f"{entry['name']}: {entry['value']}"
            for entry in response.headers_array()
            if entry["name"].lower() != "set-cookie"
        )
        if not request.url.startswith(self.hub) or request.url == f"{self.hub}/auth/logout":
            return
        if response.status in REDIRECTS:
            # Browsers show nobody the body of a redirect, so it must have none.
            if response.headers.get("content-length") != "0":
                self.unread.append(request.url)
            return
        try:
            self.bodies.append((request.url, response.body().decode("utf-8", "replace")))
        except Error:
            # The page was left before its body could be read.
            self.unread.append(request.url)

    def read_again(self, watched: Watched) -> None:
        """Read the built files that were not read; they are the same for everybody."""
        # While one is read, news of another may arrive.
        while built := [url for url in self.unread if url.startswith(f"{self.hub}/static/")]:
            self.bodies.append((built[0], watched.context.request.get(built[0]).text()))
            self.unread.remove(built[0])

    def wait_for_session(self, page: Page) -> None:
        """Wait until all that the page asked about its session is read: it is about to be left."""
        asks = f"{self.hub}/auth/session"

        def is_read() -> bool:
            # Whatever waits for the browser lets news arrive.
            page.evaluate("1")
            read = [url for url, _ in self.bodies].count(asks)
            return 0 < self.asked.count(asks) == read

        wait_until(is_read, what="what the page asked about its session")

    def _logout(self, route: Route) -> None:
        # Read on its way, since the page leaves as soon as it has the answer.
        answer = route.fetch()
        self.bodies.append((route.request.url, answer.text()))
        route.fulfill(response=answer)


@pytest.fixture
def talkative(tmp_path: Path) -> Iterator[Dev]:
    """A hub that logs all it can."""
    port = free_ports(3)
    environ = {"MAINHUB_TELEMETRY__LOG_LEVEL": "debug"}
    with mainhub("dev", "--port", str(port), cwd=tmp_path, environ=environ) as running:
        running.line_with("Ctrl+C stops everything")
        yield Dev(running, port, tmp_path / ".mainhub")


def session_id(watched: Watched) -> str:
    return next(
        str(cookie["value"]) for cookie in watched.context.cookies() if cookie["name"] == "mainhub"
    )


def tokens_of(dev: Dev, session: str) -> Tokens:
    """Open the session on the server, with the key that only the server has."""
    key = json.loads((dev.state / "dev.json").read_text())["secret_key"]

    async def load() -> Tokens:
        database = Database(dev.database_url)
        try:
            store = SqlSessionStore(
                database, ring=KeyRing([key]), clock=SystemClock(), lifetimes=Lifetimes()
            )
            found = await store.load(session)
        finally:
            await database.aclose()
        assert found is not None
        return found.tokens

    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(asyncio.run, load()).result()


def values(tokens: Tokens) -> set[str]:
    """Return each token, and of a JWT also its parts but the header, which is no secret."""
    assert tokens.refresh
    found = {tokens.refresh, *(token.value for token in tokens.access.values())}
    return found | {
        part for value in found if value.count(".") == 2 for part in value.split(".")[1:]
    }


def disguises(value: str) -> set[str]:
    """Return the ways to write *value*: plain, in a URL, in base64 at any offset."""
    found = {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]}
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + value.encode()).decode().rstrip("=")
        # Without the characters that depend on what stands before and after.
        core = whole[(shift * 8 + 5) // 6 : -1]
        found |= {core, core.translate(str.maketrans("+/", "-_"))}
    return found


def where(secret: str, texts: list[tuple[str, str]]) -> list[str]:
    return [name for name, text in texts if any(form in text for form in disguises(secret))]


def codes_in(heads: list[str]) -> set[str]:
    return {found for head in heads for found in re.findall(r"[?&]code=([^&\s]{9,})", head)}


def test_base64_is_recognised_wherever_it_begins() -> None:
    for before in ("", "a", "ab", "abc"):
        text = base64.b64encode(f"{before}the secret value{before}".encode()).decode()
        assert where("the secret value", [("here", text)]) == ["here"]


def test_no_token_leaves_the_server(talkative: Dev, browser: Browser) -> None:
    dev = talkative
    with opened(browser) as watched:
        page = watched.page
        recorded = Recorded(watched, dev.url)
        watched.expects(401, 404)
        # First where no service is asked, so that the first refresh token is seen as well.
        sign_in(page, f"{dev.url}/nowhere", "grace")
        session = session_id(watched)
        secrets = values(tokens_of(dev, session))
        recorded.wait_for_session(page)
        page.goto(dev.url)
        expect(page.get_by_test_id("orders-card").get_by_text("20421")).to_be_visible()
        later = tokens_of(dev, session)
        assert later.access
        secrets |= values(later)
        kept = [("kept", page.evaluate(EVERYTHING_KEPT))]
        cookies = [(str(one["name"]), str(one["value"])) for one in watched.context.cookies()]
        recorded.wait_for_session(page)
        sign_out(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
        kept.append(("kept at the end", page.evaluate(EVERYTHING_KEPT)))
        cookies += [(str(one["name"]), str(one["value"])) for one in watched.context.cookies()]
        page.goto("about:blank")
        watched.assert_clean()
        # Last of all: whatever waits for the browser lets further news arrive.
        recorded.read_again(watched)
        unread = list(recorded.unread)
    assert unread == []
    assert {f"{dev.url}/auth/logout", f"{dev.url}/nowhere"} <= {url for url, _ in recorded.bodies}
    heads = [(head[:60], head) for head in recorded.heads]
    log = [("the log", dev.running.told)]
    everything = [*recorded.bodies, *heads, *kept, *cookies, *log]
    assert len(secrets) >= 4
    assert "/auth/callback/entra" in dev.running.told
    assert "debug" in dev.running.told
    for secret in secrets:
        assert where(secret, everything) == []
    # Nor what opens them, which the browser sends and nobody repeats.
    assert where(session, [*recorded.bodies, *heads, *kept, *log]) == []
    for secret in json.loads((dev.state / "dev.json").read_text()).values():
        assert where(secret, everything) == []
    assert [(name, found[:80]) for name, text in everything for found in JWT.findall(text)] == []
    told = [(n, CLAIMS.sub("", t)) for n, t in everything if "/static/" not in n]
    assert [n for n, t in told if OAUTH.search(t)] == []
    # The codes that came by the provider's redirect are not written down anywhere.
    codes = codes_in(recorded.heads)
    assert codes
    for code in codes:
        assert where(code, [*recorded.bodies, *kept, *cookies, *log]) == []
