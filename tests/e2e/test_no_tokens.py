"""No token in anything that the hub sends to the browser, logs, or lets the browser keep."""

import re

from playwright.sync_api import Browser, Response, expect

from e2e.chromium import opened
from e2e.conftest import Dev
from e2e.people import sign_in, sign_out

# A compact JWT (access and id tokens), whatever it is wrapped in.
JWT = re.compile(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")
OAUTH = re.compile(r"(access_token|refresh_token|id_token|client_secret|code_verifier)")
EVERYTHING_KEPT = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, document.cookie, location.href,
  [...await indexedDB.databases()].map(d => d.name), performance.getEntries().map(e => e.name),
])"""


def test_no_token_leaves_the_server(dev: Dev, browser: Browser) -> None:
    sent: list[str] = []

    with opened(browser) as watched:
        bodies: list[Response] = []
        watched.context.on("response", lambda response: bodies.append(response))  # noqa: PLW0108 - Playwright marks what it is given
        page = watched.page
        sign_in(page, dev.url, "grace")
        expect(page.get_by_test_id("orders-card").get_by_text("20421")).to_be_visible()
        kept = page.evaluate(EVERYTHING_KEPT)
        for response in bodies:
            sent.append(f"{response.request.method} {response.url}")
            sent.extend(f"{entry['name']}: {entry['value']}" for entry in response.headers_array())
            if response.url.startswith(dev.url) and response.status == 200:
                sent.append(response.text())
        page.goto(f"{dev.url}/nowhere")
        sign_out(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
        cookies = watched.context.cookies()
        sent.extend(f"{response.request.method} {response.url}" for response in bodies)
    everything = [*sent, kept, *map(str, cookies), dev.running.told]
    assert len(everything) > 20
    assert [found[:80] for text in everything for found in JWT.findall(text)] == []
    told = [
        text[:120]
        for text in everything
        if OAUTH.search(text) and not text.startswith("GET " + dev.url + "/static/")
    ]
    assert told == []
    # The codes that came by the provider's redirect are not written down anywhere.
    codes = {
        found
        for text in sent
        for found in re.findall(r"[?&]code=([^&\s]+)", text)
        if len(found) > 8
    }
    assert codes
    assert not any(code in dev.running.told for code in codes)
