"""Sign-outs that the provider tells of: what ends a session, and all that ends none."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest

from mainhub.audit import AuditLog, Filter
from signin.browser import opened
from signin.hostile_provider import Claims, Defect, Issuer, hostile_app
from signin.logout_tokens import FORGED, logout_claims, logout_token
from signin.served import ServedHub, listener, serving_hub, settings_of
from simulator.served import address, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from mainhub.audit import Recorded
    from signin.browser import Answer, Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
STREAM = {"Accept": "text/event-stream", "Sec-Fetch-Site": "same-origin"}
SOON = 20.0


@dataclass
class Names:
    """The provider's names for its sessions, one for each sign-in."""

    given: list[str] = field(default_factory=list)

    def name(self, claims: Claims) -> Claims:
        self.given.append(f"sid-{len(self.given)}")
        return claims | {"sid": self.given[-1]}


@dataclass(frozen=True)
class World:
    """A hub and its issuers, which name their sessions."""

    hub: ServedHub
    issuers: Mapping[str, Issuer]
    names: Mapping[str, Names]
    clock: MovingClock

    async def sign_in(self, browser: Browser, idp: str = "it") -> str:
        """Sign in, and return the provider's name of the session."""
        start = await browser.get(f"{self.hub.url}/auth/login?idp={idp}")
        answer = await browser.get((await browser.get(start.location)).location)
        assert answer.status == 303, answer.text
        return self.names[idp].given[-1]

    async def is_in(self, browser: Browser) -> bool:
        return (await browser.get(f"{self.hub.url}/auth/session")).status == 200

    async def send(
        self, body: bytes, *, idp: str = "it", headers: Mapping[str, str] = FORM
    ) -> Answer:
        """Send *body* as the provider does: from nowhere near the person's browser."""
        async with opened() as provider:
            return await provider.send(f"{self.hub.url}/auth/backchannel/{idp}", body, headers)

    async def tell(self, token: str, idp: str = "it") -> Answer:
        return await self.send(f"logout_token={quote(token)}".encode(), idp=idp)

    async def frame(self, query: str, idp: str = "it") -> Answer:
        """Show the page of the front channel as a frame does that gets no cookie."""
        async with opened() as other:
            return await other.get(f"{self.hub.url}/auth/frontchannel/{idp}?{query}")

    async def newest(self) -> Recorded:
        log = AuditLog(self.hub.parts.database, self.clock)
        return (await log.newest(Filter(), limit=1))[0]


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[World]:
    provider, own = listener(), listener()
    names = {name: Names() for name in ("it", "other", "tenant")}
    issuers = {
        name: Issuer(
            address(provider),
            name,
            Defect(name, kind="entra" if name == "tenant" else "oidc", claims=names[name].name),
        )
        for name in names
    }
    identity = {name: issuer.settings() for name, issuer in issuers.items()}
    settings = settings_of(own, tmp_path_factory.mktemp("logout"), identity=identity)
    async with (
        serving(hostile_app(issuers), provider),
        serving_hub(settings, own, clock=clock) as hub,
    ):
        yield World(hub, issuers, names, clock)


async def test_rp_backchannel_rpinitlogout(world: World, browser: Browser) -> None:
    sid = await world.sign_in(browser)
    answer = await world.tell(logout_token(world.issuers["it"], sid=sid))
    assert (answer.status, answer.text) == (200, "")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.set_cookies == []
    assert not await world.is_in(browser)
    entry = await world.newest()
    assert (entry.action, entry.outcome, entry.right) == ("signin.ended", "done", "provider")
    assert entry.person_id == f"{world.issuers['it'].url}|linus"


async def test_ends_the_one_session_that_it_names(world: World, browser: Browser) -> None:
    first = await world.sign_in(browser)
    async with opened() as second, opened() as elsewhere:
        await world.sign_in(second)
        await world.sign_in(elsewhere, "other")
        token = logout_token(world.issuers["it"], sid=first, sub="linus")
        assert (await world.tell(token)).status == 200
        assert not await world.is_in(browser)
        assert await world.is_in(second)
        assert await world.is_in(elsewhere)


async def test_without_a_sid_ends_all_sessions_of_the_person(
    world: World, browser: Browser
) -> None:
    await world.sign_in(browser)
    async with opened() as second, opened() as elsewhere:
        await world.sign_in(second)
        await world.sign_in(elsewhere, "other")
        assert (await world.tell(logout_token(world.issuers["it"], sub="linus"))).status == 200
        assert not await world.is_in(browser)
        assert not await world.is_in(second)
        # Another provider's linus is somebody else.
        assert await world.is_in(elsewhere)


async def test_an_issuer_whose_subjects_are_nobody_needs_a_sid(
    world: World, browser: Browser
) -> None:
    sid = await world.sign_in(browser, "tenant")
    issuer = world.issuers["tenant"]
    assert (await world.tell(logout_token(issuer, sub="linus"), "tenant")).status == 400
    assert await world.is_in(browser)
    assert (await world.tell(logout_token(issuer, sid=sid), "tenant")).status == 200
    assert not await world.is_in(browser)


async def test_a_session_that_is_gone_is_no_error(world: World, browser: Browser) -> None:
    sid = await world.sign_in(browser)
    for _ in range(2):
        answer = await world.tell(logout_token(world.issuers["it"], sid=sid))
        assert answer.status == 200
    assert (await world.tell(logout_token(world.issuers["it"], sid="nobody's"))).status == 200


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_token_ends_nothing(world: World, browser: Browser, name: str) -> None:
    sid = await world.sign_in(browser)
    token = FORGED[name](logout_claims(world.issuers["it"], sid=sid))
    answer = await world.tell(token)
    assert answer.status == 400
    assert answer.problem == "invalid"
    assert answer.headers["Cache-Control"] == "no-store"
    assert await world.is_in(browser)
    # Which check failed is for the record, not for whoever tries.
    assert answer.json["detail"] == "The sign-out was not accepted."


async def test_a_token_is_used_once(world: World, browser: Browser) -> None:
    await world.sign_in(browser)
    token = logout_token(world.issuers["it"], sub="linus")
    assert (await world.tell(token)).status == 200
    await world.sign_in(browser)
    assert (await world.tell(token)).status == 400
    assert await world.is_in(browser)
    # Said once a minute for one address, so that nobody fills the record.
    log = AuditLog(world.hub.parts.database, world.clock)
    told = [entry for entry in await log.newest(Filter(), limit=200) if entry.outcome == "refused"]
    assert {entry.action for entry in told} == {"signin.ended"}
    assert told[0].target is not None
    assert told[0].target.kind == "provider"


async def test_a_token_is_known_by_its_name(world: World, browser: Browser) -> None:
    await world.sign_in(browser)
    issuer = world.issuers["it"]
    claims = {"sub": "linus", "jti": "the-same"}
    assert (await world.tell(logout_token(issuer, **claims))).status == 200
    await world.sign_in(browser)
    # Signed anew, it is still the same token: its name counts, not its bytes.
    assert (await world.tell(logout_token(issuer, **claims))).status == 400
    assert await world.is_in(browser)


async def test_a_token_of_one_provider_ends_nothing_at_anothers_address(
    world: World, browser: Browser
) -> None:
    sid = await world.sign_in(browser)
    token = logout_token(world.issuers["it"], sid=sid)
    assert (await world.tell(token, "other")).status == 400
    assert (await world.tell(token, "nobody")).status == 404
    assert await world.is_in(browser)


async def test_only_a_form_with_one_token_counts(world: World, browser: Browser) -> None:
    sid = await world.sign_in(browser)
    token = quote(logout_token(world.issuers["it"], sid=sid))
    json = {"Content-Type": "application/json"}
    for body, headers in (
        (b"", FORM),
        (b"logout_token=", FORM),
        (f"logout_token={token}&logout_token={token}".encode(), FORM),
        (f"token={token}".encode(), FORM),
        (f'{{"logout_token":"{token}"}}'.encode(), json),
        (f"logout_token={token}".encode(), {"Content-Type": "text/plain"}),
        (b"&".join([b"a=1"] * 50) + f"&logout_token={token}".encode(), FORM),
        ("logout_token=é".encode(), FORM),
    ):
        answer = await world.send(body, headers=headers)
        assert answer.status == 400, body[:40]
    assert (await world.send(b"logout_token=" + b"a" * 70_000)).status == 413
    link = f"{world.hub.url}/auth/backchannel/it?logout_token={token}"
    assert (await browser.get(link)).status == 405
    assert await world.is_in(browser)


async def test_open_streams_of_the_session_end(world: World, browser: Browser) -> None:
    sid = await world.sign_in(browser)
    stream = f"{world.hub.url}/events/stream"
    async with browser.http.get(stream, headers=STREAM) as open_stream:
        assert open_stream.status == 200
        await open_stream.content.readany()
        await world.tell(logout_token(world.issuers["it"], sid=sid))
        async with asyncio.timeout(SOON):
            heard = await open_stream.content.read()
    assert b'"reason":"provider"' in heard


def query(world: World, sid: str, idp: str = "it") -> str:
    return urlencode({"iss": world.issuers[idp].url, "sid": sid})


async def test_rp_frontchannel_opinitlogout(world: World, browser: Browser) -> None:
    sid = await world.sign_in(browser)
    page = await world.frame(query(world, sid))
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Cache-Control"] == "no-store"
    policy = page.headers["Content-Security-Policy"].split("; ")
    origin = world.issuers["it"].base
    assert policy == ["default-src 'none'", f"frame-ancestors {origin}", "base-uri 'none'"]
    assert "X-Frame-Options" not in page.headers
    assert page.set_cookies == []
    assert not await world.is_in(browser)
    entry = await world.newest()
    assert (entry.action, entry.right) == ("signin.ended", "provider")


async def test_the_frame_says_the_same_of_a_session_that_is_not(world: World) -> None:
    known, unknown = [await world.frame(query(world, sid)) for sid in ("sid-0", "nobody's")]
    assert (known.status, known.text) == (unknown.status, unknown.text) == (200, known.text)


@pytest.mark.parametrize(
    "asked",
    [
        "sid={sid}",
        "iss={iss}",
        "iss={iss}&sid=",
        "iss=https%3A%2F%2Fevil.example&sid={sid}",
        "iss={iss}%2F&sid={sid}",
        "iss={other}&sid={sid}",
        "iss={iss}&iss=https%3A%2F%2Fevil.example&sid={sid}",
        "iss={iss}&sid={sid}&sid=another",
        "iss={iss}&sid={sid}%00",
        "iss={iss}&sid=" + "a" * 300,
        "",
    ],
)
async def test_a_frame_of_somebody_else_ends_nothing(
    world: World, browser: Browser, asked: str
) -> None:
    sid = await world.sign_in(browser)
    known = {name: quote(world.issuers[name].url, safe="") for name in ("it", "other")}
    answer = await world.frame(asked.format(sid=sid, iss=known["it"], other=known["other"]))
    assert answer.status == 400
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert await world.is_in(browser)


async def test_one_provider_does_not_end_anothers_session_of_the_same_name(
    world: World, browser: Browser
) -> None:
    sid = await world.sign_in(browser)
    token = logout_token(world.issuers["other"], sid=sid)
    assert (await world.tell(token, "other")).status == 200
    assert (await world.frame(query(world, sid, "other"), "other")).status == 200
    assert await world.is_in(browser)
