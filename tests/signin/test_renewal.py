"""Renewing in memory: what a provider may say, who else may have been there, and what is kept."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.identity import ADMIN
from mainhub.sessions import (
    EndReason,
    GrantDeclined,
    GrantRefused,
    GrantUnavailable,
    SessionStoreUnavailable,
    StepUpNeeded,
    Token,
    Tokens,
)
from mainhub.signin import ProviderDeclined, ProviderGrants, ProviderUnavailable
from mainhub.signin.provider import declined
from sessions.held_rows import HeldRows
from sessions.moved_clock import MovedClock
from sessions.sample import DEVICE, LINUS
from signin.scripted_provider import FIRST, PROVIDER, ScriptedClient, sessions_in_memory, spent

if TYPE_CHECKING:
    from collections.abc import Callable

    from mainhub.sessions import SealedSessions, Session

pytestmark = pytest.mark.anyio
SCOPES = ("api://orders/use",)
MINUTE = timedelta(minutes=1)


class World:
    """Two processes over the same rows, and the provider of both."""

    def __init__(self) -> None:
        self.clock = MovedClock()
        self.rows = HeldRows()
        self.client = ScriptedClient(self.clock)
        self.sessions: SealedSessions = sessions_in_memory(self.rows, self.clock)
        self.here, self.there = (
            ProviderGrants(
                sessions_in_memory(self.rows, self.clock), {"entra": self.client}, clock=self.clock
            )
            for _ in range(2)
        )

    async def signed_in(self, **changes: object) -> Session:
        person = replace(LINUS, **changes)  # type: ignore[arg-type]
        return await self.sessions.create(person, Tokens(refresh=FIRST, sid="sid"), DEVICE)

    async def lives(self, session: Session) -> bool:
        return await self.sessions.load(session.id) is not None


async def until(come: Callable[[], bool]) -> None:
    """Wait until it has *come*."""
    async with asyncio.timeout(20):
        while not come():  # noqa: ASYNC110 - whatever it is that is waited for
            await asyncio.sleep(0)


@pytest.fixture
async def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("code", "suberror"),
    [
        ("interaction_required", ""),
        ("interaction_required", "basic_action"),
        ("consent_required", ""),
        ("login_required", ""),
        ("invalid_grant", "basic_action"),
        ("invalid_grant", "additional_action"),
        ("invalid_grant", "consent_required"),
    ],
)
async def test_who_is_wanted_in_person_steps_up_and_stays_signed_in(
    world: World, code: str, suberror: str
) -> None:
    session = await world.signed_in()
    world.client.failure = ProviderDeclined("MFA", code=code, suberror=suberror, claims='{"a":1}')
    with pytest.raises(StepUpNeeded) as raised:
        await world.here.token_for(session.id, SCOPES)
    assert raised.value.claims == '{"a":1}'
    assert raised.value.remedy
    assert await world.sessions.load(session.id) == session
    world.client.failure = None
    # Nobody waits for the turn of who was refused.
    assert (await world.there.token_for(session.id, SCOPES)).value


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ('{"access_token": {"acrs": {"value": "c1"}}}', '{"access_token":{"acrs":{"value":"c1"}}}'),
        ("[]", None),
        ("{}", None),
        ("no JSON", None),
        ('{"a": "' + "x" * 5000 + '"}', None),
        ({"a": 1}, None),
        (None, None),
    ],
)
def test_a_challenge_is_a_json_object_of_bounded_size(claims: object, told: str | None) -> None:
    assert declined(PROVIDER, {"error": "interaction_required", "claims": claims}).claims == told


async def test_a_spent_token_ends_the_family_and_nobody_else(world: World) -> None:
    first = await world.signed_in()
    tokens = replace(first.tokens, family=first.family)
    second = await world.sessions.create(LINUS, tokens, DEVICE)
    other = await world.signed_in()
    world.client.failure = spent()
    with pytest.raises(GrantRefused):
        await world.here.token_for(second.id, SCOPES)
    assert not await world.lives(first)
    assert not await world.lives(second)
    assert await world.lives(other)


async def test_a_token_that_another_process_has_used_signs_nobody_out(world: World) -> None:
    session = await world.signed_in()
    token = Token("theirs", world.clock.now() + timedelta(hours=1))
    world.client.failure = spent()
    world.client.gate.clear()
    asked = asyncio.create_task(world.here.token_for(session.id, SCOPES))
    await until(lambda: bool(world.client.forms))
    world.client.gate.set()
    # It saves a moment after the provider has refused us.
    await until(lambda: world.rows.calls.count("fetch") > 2)
    tokens = replace(session.tokens, refresh="newer", access={SCOPES[0]: token})
    await world.sessions.save(replace(session, tokens=tokens))
    assert await asked == token
    assert await world.lives(session)


async def test_what_others_saved_meanwhile_is_kept(world: World) -> None:
    session = await world.signed_in()
    world.client.gate.clear()
    asked = asyncio.create_task(world.here.token_for(session.id, SCOPES))
    await until(lambda: bool(world.client.forms))
    named = replace(session, person=replace(LINUS, name="Renamed"))
    tokens = replace(session.tokens, login_hint="newer")
    await world.sessions.save(replace(named, tokens=tokens))
    world.client.gate.set()
    token = await asked
    found = await world.sessions.load(session.id)
    assert found is not None
    assert found.tokens.login_hint == "newer"
    assert found.tokens.access[SCOPES[0]] == token
    assert found.tokens.refresh in world.client.good


async def test_what_was_granted_to_who_has_signed_out_is_given_back(world: World) -> None:
    session = await world.signed_in()
    world.client.gate.clear()
    asked = asyncio.create_task(world.here.token_for(session.id, SCOPES))
    await until(lambda: bool(world.client.forms))
    await world.sessions.revoke(session.id, reason=EndReason.SIGNED_OUT)
    world.client.gate.set()
    with pytest.raises(GrantRefused):
        await asked
    await world.here.aclose()
    assert world.client.good == set()
    assert len(world.client.revoked) == 1
    assert world.client.revoked != [FIRST]
    assert not await world.lives(session)


async def test_nothing_is_given_back_of_what_the_next_session_lives_on(world: World) -> None:
    """With one token some providers take back all that they granted to hub and browser."""
    session = await world.signed_in()
    world.client.gate.clear()
    asked = asyncio.create_task(world.here.token_for(session.id, SCOPES))
    await until(lambda: bool(world.client.forms))
    again = await world.signed_in()
    await world.sessions.revoke(session.id, reason=EndReason.REPLACED)
    world.client.gate.set()
    with pytest.raises(GrantRefused):
        await asked
    await world.here.aclose()
    assert world.client.revoked == []
    assert await world.lives(again)


async def test_signing_out_gives_back_and_waits_for_nobody(world: World) -> None:
    session = await world.signed_in()
    world.here.give_back(session)
    world.here.give_back(replace(session, tokens=Tokens()))
    assert world.client.revoked == []
    await world.here.aclose()
    assert world.client.revoked == [FIRST]


async def test_the_store_is_asked_before_a_token_is_spent(world: World) -> None:
    session = await world.signed_in()
    await world.here._renewal._sessions.load(session.id)
    world.rows.away()
    with pytest.raises(SessionStoreUnavailable):
        await world.here.token_for(session.id, SCOPES)
    alone = ProviderGrants(
        world.here._renewal._sessions, {"entra": world.client}, clock=world.clock, alone=True
    )
    with pytest.raises(SessionStoreUnavailable):
        await alone.token_for(session.id, SCOPES)
    assert world.client.forms == []


async def test_a_turn_whose_holder_died_ends_by_itself(world: World) -> None:
    session = await world.signed_in()
    assert await world.sessions.take_turn(session, owner="dead", lasts=timedelta(seconds=10))
    asked = asyncio.create_task(world.here.token_for(session.id, SCOPES))
    await until(lambda: world.rows.calls.count("take_turn") > 3)
    assert world.client.forms == []
    world.clock.move(timedelta(seconds=10))
    async with asyncio.timeout(20):
        await asked
    assert len(world.client.forms) == 1


async def test_one_more_than_was_kept_is_asked_for_where_a_service_refuses_it(
    world: World,
) -> None:
    session = await world.signed_in()
    first = await world.here.token_for(session.id, SCOPES)
    assert await world.there.token_for(session.id, SCOPES) == first
    forced = await asyncio.gather(
        *(world.here.token_for(session.id, SCOPES, force_refresh=True) for _ in range(9))
    )
    assert {token.value for token in forced} != {first.value}
    assert len(set(forced)) == 1
    assert len(world.client.forms) == 2


async def test_a_session_keeps_a_bounded_number_of_tokens(world: World) -> None:
    session = await world.signed_in()
    for number in range(30):
        await world.here.token_for(session.id, (f"api://{number}/use",))
    found = await world.sessions.load(session.id)
    assert found is not None
    assert len(found.tokens.access) == 16
    assert "api://29/use" in found.tokens.access


class TestAdministrators:
    """Their roles are read again, when their sessions are used."""

    async def test_every_quarter_of_an_hour(self, world: World) -> None:
        session = await world.signed_in(roles=(ADMIN,))
        world.clock.move(timedelta(minutes=14, seconds=59))
        assert await world.here.current(session) == session
        assert world.client.forms == []
        world.clock.move(timedelta(seconds=1))
        await asyncio.gather(*(world.here.current(session) for _ in range(50)))
        assert len(world.client.forms) == 1
        assert "openid" in world.client.forms[0]["scope"].split()

    async def test_nobody_else(self, world: World) -> None:
        session = await world.signed_in()
        world.clock.move(timedelta(minutes=29))
        assert await world.here.current(session) == session
        assert world.client.forms == []

    @pytest.mark.parametrize(
        "failure",
        [ProviderUnavailable("down"), ProviderDeclined("MFA", code="interaction_required")],
    )
    async def test_goes_on_where_the_provider_cannot_say(
        self, world: World, failure: Exception
    ) -> None:
        session = await world.signed_in(roles=(ADMIN,))
        world.clock.move(timedelta(minutes=20))
        world.client.failure = failure
        for _ in range(5):
            assert await world.here.current(session) == session
        assert len(world.client.forms) == 1
        world.clock.move(MINUTE)
        assert await world.here.current(session) == session
        assert len(world.client.forms) == 2

    async def test_ends_with_what_the_provider_has_revoked(self, world: World) -> None:
        session = await world.signed_in(roles=(ADMIN,))
        world.clock.move(timedelta(minutes=20))
        world.client.good.clear()
        with pytest.raises(GrantRefused):
            await world.here.current(session)
        assert not await world.lives(session)


class TestTokensOfOthers:
    """On behalf of who calls with a token, and of the hub itself."""

    async def test_on_behalf_of_a_caller(self, world: World) -> None:
        tokens = await asyncio.gather(
            *(world.here.on_behalf_of("theirs", "entra", ("api://{client_id}/x",)) for _ in "abc")
        )
        assert len(set(tokens)) == 1
        assert world.client.forms == [
            {
                "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "assertion": "theirs",
                "requested_token_use": "on_behalf_of",
                "scope": "api://hub/x",
            }
        ]
        other = await world.here.on_behalf_of("another's", "entra", ("api://{client_id}/x",))
        assert other != tokens[0]
        world.clock.move(timedelta(minutes=59))
        assert await world.here.on_behalf_of("theirs", "entra", ("api://hub/x",)) != tokens[0]

    async def test_no_longer_than_the_callers_own_token_lives(self, world: World) -> None:

        end = int((world.clock.now() + timedelta(minutes=10)).timestamp())
        body = base64.urlsafe_b64encode(b'{"exp":%d}' % end).decode()
        first = await world.here.on_behalf_of(f"h.{body}.s", "entra", SCOPES)
        world.clock.move(timedelta(minutes=8))
        assert await world.here.on_behalf_of(f"h.{body}.s", "entra", SCOPES) == first
        world.clock.move(MINUTE)
        assert await world.here.on_behalf_of(f"h.{body}.s", "entra", SCOPES) != first

    @pytest.mark.parametrize(
        ("failure", "raised"),
        [
            (spent(), GrantRefused),
            (ProviderDeclined("x", code="interaction_required", claims='{"a":1}'), StepUpNeeded),
            (ProviderDeclined("x", code="invalid_scope"), GrantDeclined),
            (ProviderDeclined("x", code="server_error"), GrantUnavailable),
            (ProviderUnavailable("down"), GrantUnavailable),
        ],
    )
    async def test_is_refused_in_words_of_ours(
        self, world: World, failure: Exception, raised: type[Exception]
    ) -> None:
        world.client.failure = failure
        with pytest.raises(raised):
            await world.here.on_behalf_of("theirs", "entra", SCOPES)
        world.client.failure = None
        assert (await world.here.on_behalf_of("theirs", "entra", SCOPES)).value

    async def test_of_the_hub_itself(self, world: World) -> None:
        scopes = ("api://orders/.default",)
        tokens = await asyncio.gather(
            *(world.here.for_application("entra", scopes) for _ in range(20))
        )
        assert len(set(tokens)) == 1
        assert world.client.forms == [
            {"grant_type": "client_credentials", "scope": "api://orders/.default"}
        ]
        world.clock.move(timedelta(minutes=59))
        assert await world.here.for_application("entra", scopes) != tokens[0]

    async def test_say_what_the_hub_can_do(self, world: World) -> None:
        world.client.provider = replace(PROVIDER, kind="entra", capabilities=("cp1",))
        await world.here.for_application("entra", SCOPES)
        await world.here.on_behalf_of("theirs", "entra", SCOPES)
        await world.here.token_for((await world.signed_in()).id, SCOPES)
        told = '{"access_token":{"xms_cc":{"values":["cp1"]}}}'
        assert [form.get("claims") for form in world.client.forms] == [told] * 3

    async def test_none_of_a_provider_that_nobody_knows(self, world: World) -> None:
        with pytest.raises(GrantDeclined):
            await world.here.for_application("unknown", SCOPES)
        with pytest.raises(GrantDeclined):
            await world.here.on_behalf_of("theirs", "unknown", SCOPES)
        with pytest.raises(GrantRefused):
            await world.here.on_behalf_of("x" * 40_000, "entra", SCOPES)

    async def test_a_bounded_number_is_kept(self, world: World) -> None:
        for number in range(1100):
            await world.here.on_behalf_of(f"{number}", "entra", SCOPES)
        assert len(world.here._others._exchanged) == 1000
