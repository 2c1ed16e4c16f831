"""A plain OpenID provider: names told later, revocation, and scopes that it leaves out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from mainhub.outbound import Answer, HttpClient
from mainhub.sessions import Tokens
from mainhub.signin import AnswerRefused, People, ProviderClient, ProviderUnavailable
from mainhub.signin.id_token import validate_userinfo
from signin.browser import OWN_PAGE
from signin.entra_world import ADA, LINUS, entra_world
from signin.hostile_provider import CLIENT_ID, CLIENT_SECRET, Keys, public, signed
from signin.moving_clock import MovingClock
from signin.scripted_provider import PROVIDER as SCRIPTED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mainhub.identity import Person
    from mainhub.sessions import Session
    from signin.browser import Browser
    from signin.entra_world import EntraWorld

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

PROVIDER = replace(
    SCRIPTED,
    client_id=CLIENT_ID,
    scopes=("openid", "profile", "email"),
    algorithms=("ES256",),
)
HEADER = {"alg": "ES256", "kid": "ec"}
TOLD = {"sub": "linus", "name": "Linus Torvalds", "email": "linus@it.example", "roles": ["Admin"]}


def plain(told: object, media: str = "application/json") -> Answer:
    body = told if isinstance(told, bytes) else orjson.dumps(told)
    return Answer(200, body, content_type=media)


def as_token(told: Mapping[str, object], *, thief: bool = False) -> Answer:
    keys = Keys.made()
    key = keys.ec_thief if thief else keys.ec
    return plain(signed(HEADER, dict(told), key).encode(), "application/jwt; charset=utf-8")


class Told(ProviderClient):
    """A provider whose userinfo endpoint answers *answer*."""

    def __init__(self, answer: Answer | Exception | None) -> None:
        super().__init__(PROVIDER, http=HttpClient(), clock=MovingClock())
        self.answer = answer
        self.asked = 0

    @override
    async def keys(self, *, reload: bool = False) -> list[dict[str, object]]:
        return [public(Keys.made().ec)]

    @override
    async def userinfo(self, token: str) -> Answer | None:
        assert token == "access"
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def granted(**changes: object) -> dict[str, object]:
    """Return a right answer whose id_token says nothing of names but for *changes*."""
    now = int(datetime.now(UTC).timestamp())
    claims = {
        "iss": PROVIDER.issuer,
        "aud": CLIENT_ID,
        "sub": "linus",
        "iat": now,
        "exp": now + 3600,
        "nonce": "expected",
        "roles": ["Employee"],
    }
    return {
        "access_token": "access",
        "id_token": signed(HEADER, claims | changes, Keys.made().ec),
    }


async def person_by(client: Told, **changes: object) -> Person:
    people = People(clock=MovingClock())
    found = await people.signed_in(
        client, granted(**changes), nonce="expected", code="a-code", asked=PROVIDER.scopes
    )
    return found.person


@pytest.mark.parametrize(
    "answer",
    [
        plain(TOLD),
        as_token(TOLD),
        as_token(TOLD | {"iss": PROVIDER.issuer, "aud": CLIENT_ID}),
    ],
)
async def test_names_are_asked_for_and_roles_are_not(answer: Answer) -> None:
    person = await person_by(Told(answer))
    assert (person.name, person.email) == ("Linus Torvalds", "linus@it.example")
    assert person.roles == ("Employee",)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        ProviderUnavailable("down"),
        plain(TOLD | {"sub": "ada"}),
        plain({name: value for name, value in TOLD.items() if name != "sub"}),
        plain([TOLD]),
        plain(b"<h1>no</h1>", "text/html"),
        plain(b"\xff\xfe", "application/jwt"),
        as_token(TOLD, thief=True),
        as_token(TOLD | {"sub": "ada"}),
        as_token(TOLD | {"iss": "https://evil.example"}),
        as_token(TOLD | {"aud": "another"}),
        plain({"sub": "linus", "name": ["Linus"], "email": 7}),
    ],
    ids=lambda answer: type(answer).__name__,
)
async def test_what_is_told_of_others_or_by_others_is_dropped(
    answer: Answer | Exception | None,
) -> None:
    person = await person_by(Told(answer))
    assert (person.name, person.email, person.roles) == ("linus", None, ("Employee",))


async def test_what_is_signed_counts_more_and_is_asked_for_once() -> None:
    client = Told(plain(TOLD))
    person = await person_by(client, name="Signed", preferred_username="signed-in")
    assert (person.name, person.email, client.asked) == ("Signed", "linus@it.example", 1)
    await person_by(client, name="Signed", email="signed@it.example")
    assert client.asked == 1


@given(st.binary(max_size=200) | st.text(max_size=60).map(str.encode))
def test_no_signed_userinfo_fails_otherwise_than_refused(body: bytes) -> None:
    async def keys(_newer: bool) -> list[dict[str, object]]:  # noqa: FBT001 - Keys
        return [public(Keys.made().ec)]

    async def ask() -> None:
        text = body.decode("utf-8", "replace")
        with pytest.raises(AnswerRefused):
            await validate_userinfo(text, provider=PROVIDER, keys=keys, now=NOW)

    asyncio.run(ask())


async def session_of(world: EntraWorld, browser: Browser) -> Session:
    found = await world.hub.parts.sessions.load(browser.cookies(world.hub.url)["mainhub"])
    assert found is not None
    kept: Session = found
    return kept


async def refreshed(world: EntraWorld, browser: Browser, token: str) -> Any:  # noqa: ANN401
    form = {
        "grant_type": "refresh_token",
        "refresh_token": token,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    return (await browser.post(f"{world.entra_url}/op/oauth2/v2.0/token", form)).json


async def test_signing_out_revokes_the_refresh_token(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    async with entra_world(tmp_path, clock=clock, realm="op") as world:
        assert (await world.sign_in(browser, LINUS)).status == 303
        session = await session_of(world, browser)
        assert session.tokens.refresh is not None
        assert session.tokens.subject is not None
        out = await browser.post(f"{world.hub.url}/auth/logout", headers=OWN_PAGE)
        assert out.status == 200
        # Nobody waits for it; it ends before the hub does.
        await world.hub.parts.grants.aclose()
        answer = await refreshed(world, browser, session.tokens.refresh)
        assert answer["error"] == "invalid_grant"


async def test_signing_in_as_somebody_else_revokes_what_the_first_had(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    async with entra_world(tmp_path, clock=clock, realm="op") as world:
        tokens = list[str]()
        for account in (LINUS, LINUS, ADA):
            if account is ADA:
                # Another person at the same desk.
                browser.http.cookie_jar.clear_domain(urlsplit(world.entra_url).hostname or "")
            assert (await world.sign_in(browser, account)).status == 303
            tokens.append((await session_of(world, browser)).tokens.refresh or "")
        await world.hub.parts.grants.aclose()
        first, second, _ = [await refreshed(world, browser, token) for token in tokens]
        # One person's next session goes on with what the provider granted: it stays.
        assert "access_token" in first
        assert second["error"] == "invalid_grant"


async def test_renewing_asks_for_no_scope_that_was_left_out(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    # Carried by the browser, where it can be seen.
    told: dict[str, Any] = {"prompt": "consent", "par": "never"}
    async with entra_world(tmp_path, clock=clock, realm="op", **told) as world:
        start = await world.begin(browser)
        assert start.query["prompt"] == "consent"
        assert "offline_access" in start.query["scope"].split()
        assert "claims" not in start.query
        await browser.get(await world.arrive(browser, LINUS, start))
        session = await session_of(world, browser)
        # This provider grants offline_access and never says so.
        assert session.tokens.identity == ("openid", "profile", "email")
        scopes = (f"api://{CLIENT_ID}/access_as_user",)
        first = await world.hub.parts.grants.token_for(session.id, scopes)
        second = await world.hub.parts.grants.token_for(session.id, scopes, force_refresh=True)
        assert first.value != second.value
        after = await session_of(world, browser)
        assert after.person.email == LINUS.address


async def test_what_only_userinfo_told_stays_when_tokens_are_renewed() -> None:
    client = Told(plain(TOLD))
    before = await person_by(client)
    session: Any = type("Of", (), {"tokens": Tokens(subject="linus"), "person": before})()
    people = People(clock=MovingClock())
    renewed = await people.renewed(client, granted(preferred_username="nick"), session)
    assert (renewed.name, renewed.email) == (before.name, before.email)
    changed = await people.renewed(client, granted(email="new@it.example"), session)
    assert changed.email == "new@it.example"
    assert client.asked == 1
