"""What people read on the way in, in both languages, whatever a provider is called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from signin.hostile_provider import HONEST, Defect, Issuer, hostile_app
from signin.served import ServedHub, listener, serving_hub, settings_of
from simulator.served import address, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from signin.browser import Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

FRENCH = {"Accept": "text/html", "Accept-Language": "fr-FR,fr;q=0.9"}
ENGLISH = {"Accept": "text/html", "Accept-Language": "en-GB,en;q=0.9"}
PROGRAM = {"Accept": "application/json"}
HOSTILE_TITLE = "\"><script>alert('1')</script><img src=x onerror=alert(1)>{{7*7}}"
ESCAPED = "&lt;script&gt;"


@pytest.fixture(scope="module")
async def hub(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[ServedHub]:
    provider, own = listener(), listener()
    base = address(provider)
    issuers = {
        "good": Issuer(base, "good", HONEST),
        "down": Issuer(base, "down", HONEST, down=True),
        "odd": Issuer(base, "odd", Defect("odd", claims=lambda it: it | {"aud": "another"})),
    }
    identity = {name: issuer.settings() for name, issuer in issuers.items()}
    identity["down"] |= {"title": HOSTILE_TITLE}
    settings = settings_of(own, tmp_path_factory.mktemp("pages"), identity=identity)
    async with (
        serving(hostile_app(issuers), provider),
        serving_hub(settings, own, clock=clock) as one,
    ):
        yield one


async def test_asks_which_account_where_there_are_several(hub: ServedHub, browser: Browser) -> None:
    page = await browser.get(f"{hub.url}/auth/login?return_to=%2Forders%3Fa%3D1%26b%3D2", ENGLISH)
    assert page.status == 200
    assert page.set_cookies == []
    links = re.findall(r'href="(/auth/login[^"]*)"', page.text)
    assert links == [
        f"/auth/login?idp={name}&amp;return_to=%2Forders%3Fa%3D1%26b%3D2"
        for name in ("good", "down", "odd")
    ]
    chosen = await browser.get(hub.url + links[0].replace("&amp;", "&"))
    answer = await browser.get((await browser.get(chosen.location)).location)
    assert answer.headers["Location"] == "/orders?a=1&b=2"


async def test_shows_which_account_was_used_last(hub: ServedHub, browser: Browser) -> None:
    page = await browser.get(f"{hub.url}/auth/login", ENGLISH)
    assert "Last used" not in page.text
    start = await browser.get(f"{hub.url}/auth/login?idp=good", ENGLISH)
    await browser.get((await browser.get(start.location)).location)
    page = await browser.get(f"{hub.url}/auth/login", ENGLISH)
    assert page.text.count("Last used") == 1
    assert page.text.index("idp=good") < page.text.index("Last used") < page.text.index("idp=down")
    browser.plant(hub.url, {"mainhub-provider": "nobody"})
    assert "Last used" not in (await browser.get(f"{hub.url}/auth/login", ENGLISH)).text


async def test_a_hostile_return_cannot_break_out_of_a_link(
    hub: ServedHub, browser: Browser
) -> None:
    page = await browser.get(f'{hub.url}/auth/login?return_to=/"><script>alert(1)</script>')
    assert "<script>alert" not in page.text
    assert "return_to=%2F%22%3E%3Cscript" in page.text or 'return_to=%2F"' in page.text


@pytest.mark.parametrize("path", ["/auth/login", "/auth/login?idp=down"])
async def test_hostile_titles_are_escaped(hub: ServedHub, browser: Browser, path: str) -> None:
    page = await browser.get(f"{hub.url}{path}", ENGLISH)
    assert ESCAPED in page.text
    assert "<script>" not in page.text
    assert "<img src=x" not in page.text
    assert "{{7*7}}" in page.text


async def test_every_page_forbids_scripts_frames_and_caches(
    hub: ServedHub, browser: Browser
) -> None:
    for path in ("/auth/login", "/auth/login?idp=down", "/auth/signed-out", "/auth/callback/good"):
        page = await browser.get(f"{hub.url}{path}", ENGLISH)
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "'unsafe-inline'" not in policy
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("headers", "language", "words"),
    [
        (FRENCH, "fr", "Le fournisseur d’identité ne répond pas"),
        (ENGLISH, "en", "The identity provider is not answering"),
    ],
)
async def test_says_that_the_provider_is_down(
    hub: ServedHub, browser: Browser, headers: dict[str, str], language: str, words: str
) -> None:
    page = await browser.get(f"{hub.url}/auth/login?idp=down", headers)
    assert page.status == 503
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Content-Language"] == language
    assert f'<html lang="{language}"' in page.text
    assert words in page.text
    assert page.set_cookies == []


async def test_tells_a_program_that_the_provider_is_down(hub: ServedHub, browser: Browser) -> None:
    answer = await browser.get(f"{hub.url}/auth/login?idp=down", PROGRAM)
    assert answer.status == 503
    assert answer.problem == "provider-unavailable"
    assert len(answer.json["trace_id"]) == 32


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (FRENCH, "La réponse du fournisseur n’a pas été acceptée"),
        (ENGLISH, "The provider’s answer was not accepted"),
    ],
)
async def test_says_that_an_answer_was_refused(
    hub: ServedHub, browser: Browser, headers: dict[str, str], words: str
) -> None:
    start = await browser.get(f"{hub.url}/auth/login?idp=odd", headers)
    page = await browser.get((await browser.get(start.location)).location, headers)
    assert page.status == 403
    assert words in page.text
    # What failed is for the log; a person learns the trace, an attacker nothing.
    assert "another application" not in page.text
    assert re.search(r"<dd>[0-9a-f]{32}</dd>", page.text)


@pytest.mark.parametrize(
    "path", ["/auth/login?idp=nobody", "/auth/login?idp=", "/auth/login?idp=GOOD"]
)
async def test_an_unknown_provider_is_not_found(
    hub: ServedHub, browser: Browser, path: str
) -> None:
    page = await browser.get(f"{hub.url}{path}")
    assert page.status == 404
    assert "There is no such identity provider here" in page.text
    answer = await browser.get(f"{hub.url}{path}", headers={"Accept": "application/json"})
    assert answer.status == 404
    assert answer.problem == "not-found"


async def test_cookies_are_bound_to_the_host_over_https(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock, browser: Browser
) -> None:
    provider, own = listener(), listener()
    issuer = Issuer(address(provider), "it")
    settings = settings_of(
        own,
        tmp_path_factory.mktemp("https"),
        identity={"it": issuer.settings()},
        public_url="https://hub.example",
    )
    async with (
        serving(hostile_app({"it": issuer}), provider),
        serving_hub(settings, own, clock=clock) as hub,
    ):
        # As a proxy that ends TLS passes it on.
        as_proxy = {"Host": "hub.example", "Accept": "text/html"}
        start = await browser.get(f"{hub.url}/auth/login", as_proxy)
        (flow,) = start.set_cookies
        assert flow.startswith("__Host-mainhub-flow-")
        sent = as_proxy | {"Cookie": flow.partition(";")[0]}
        callback = (await browser.get(start.location)).location
        assert callback.startswith("https://hub.example/auth/callback/it?")
        answer = await browser.get(callback.replace("https://hub.example", hub.url), sent)
    cookie = answer.cookie("__Host-mainhub")
    assert cookie["secure"] == cookie["httponly"] == "True"
    assert cookie["path"] == "/"
    assert cookie["domain"] == ""
    assert len(f"__Host-mainhub={cookie['value']}") <= 100
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
