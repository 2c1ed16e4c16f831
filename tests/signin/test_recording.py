"""What of signing in and out goes on the record, and what happens when it cannot."""

from __future__ import annotations

from contextlib import asynccontextmanager
from secrets import token_hex
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from mainhub.audit import AuditLog, Filter, Refusals, Target
from mainhub.sessions import KeyRing
from mainhub.sessions.sql import SqlSessionStore
from mainhub.signin.recording import Recording
from mainhub.simulator import TENANT_ID
from sessions.contract import DEVICE, LIFETIMES, some_tokens
from sessions.contract import LINUS as SOMEBODY
from signin.browser import OWN_PAGE, opened
from signin.entra_world import LINUS, EntraWorld, entra_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from io import StringIO

    from mainhub.audit import Recorded
    from mainhub.sessions import Session
    from mainhub.storage import Database
    from signin.browser import Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[EntraWorld]:
    async with entra_world(tmp_path_factory.mktemp("entra"), clock=clock) as one:
        yield one


def database_of(world: EntraWorld) -> Database:
    database: Database = world.hub.parts.database
    return database


async def newest(world: EntraWorld, count: int) -> Sequence[Recorded]:
    """Return the last *count* entries, newest first."""
    return await AuditLog(database_of(world), world.clock).newest(Filter(), limit=count)


async def sessions(world: EntraWorld) -> int:
    """Return how many sessions the hub keeps."""
    async with database_of(world).read() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM session"))).scalar_one())


@asynccontextmanager
async def without(world: EntraWorld, table: str) -> AsyncIterator[None]:
    """Take *table* away for a while, as a database that fails looks to the hub."""

    async def rename(old: str, new: str) -> None:
        async with database_of(world).write() as connection:
            await connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    # Each time another name: a connection that has not seen yet that one is free again refuses it.
    away = f"away_{token_hex(4)}"
    await rename(table, away)
    try:
        yield
    finally:
        await rename(away, table)


async def test_a_sign_in_is_recorded(world: EntraWorld, browser: Browser) -> None:
    await world.sign_in(browser)
    (entry,) = await newest(world, 1)
    assert (entry.action, entry.outcome) == ("signin.done", "done")
    assert entry.person_id == f"{TENANT_ID}.{LINUS.oid}"
    assert entry.person_name == "Linus Pauling"
    assert entry.address == "127.0.0.1"
    assert entry.target == Target("provider", "entra")
    assert isinstance(entry.after, dict)
    assert entry.after["roles"] == ["Employee"]
    assert len(str(entry.after["session"])) == 32
    assert "replaces" not in entry.after


async def test_a_sign_in_in_place_of_another_says_so(world: EntraWorld, browser: Browser) -> None:
    await world.sign_in(browser)
    (first,) = await newest(world, 1)
    await world.sign_in(browser)
    (second,) = await newest(world, 1)
    assert isinstance(first.after, dict)
    assert isinstance(second.after, dict)
    assert second.after["replaces"] == first.after["session"]


async def test_a_refused_sign_in_is_recorded_with_its_cause(
    world: EntraWorld, browser: Browser
) -> None:
    url = f"{world.hub.url}/auth/callback/entra?state=none&code=s3cret-code"
    assert (await browser.get(url)).status == 409
    (entry,) = await newest(world, 1)
    assert (entry.action, entry.outcome) == ("signin.refused", "refused")
    assert (entry.person_id, entry.address) == (None, "127.0.0.1")
    assert entry.target == Target("provider", "entra")
    assert entry.detail == "there is no such sign-in under way"


async def test_a_refusal_stands_although_it_cannot_be_recorded(
    world: EntraWorld, browser: Browser
) -> None:
    async with without(world, "audit_entry"):
        answer = await browser.get(f"{world.hub.url}/auth/callback/nobody?state=none&code=none")
    assert answer.status == 404


async def test_signing_out_is_recorded(world: EntraWorld, browser: Browser) -> None:
    await world.sign_in(browser)
    (opened_as,) = await newest(world, 1)
    await browser.post(f"{world.hub.url}/auth/logout", headers=OWN_PAGE)
    (entry,) = await newest(world, 1)
    assert (entry.action, entry.outcome, entry.right) == ("signin.ended", "done", "own")
    assert isinstance(opened_as.after, dict)
    assert entry.target == Target("session", str(opened_as.after["session"]))


async def test_nobody_is_signed_in_whose_sign_in_cannot_be_recorded(
    world: EntraWorld, browser: Browser
) -> None:
    arrival = await world.arrive(browser, LINUS, await world.begin(browser))
    before = await sessions(world)
    async with without(world, "audit_entry"):
        page = await browser.get(arrival)
        assert page.status == 503
        assert not page.sets("mainhub")
        assert "Nobody was signed in. Try again in a moment." in page.text
    assert (await world.session(browser)).status == 401
    # Neither is a session left over that no browser was given.
    assert await sessions(world) == before


async def test_nobody_is_kept_in_whose_signing_out_cannot_be_recorded(
    world: EntraWorld, browser: Browser, log_lines: StringIO
) -> None:
    await world.sign_in(browser)
    async with without(world, "audit_entry"):
        answer = await browser.post(f"{world.hub.url}/auth/logout", headers=OWN_PAGE)
        assert answer.status == 200
        assert (await world.session(browser)).status == 401
    assert "audit.not_recorded" in log_lines.getvalue()


async def test_who_had_no_session_is_not_told_that_it_goes_on(
    world: EntraWorld, browser: Browser
) -> None:
    arrival = await world.arrive(browser, LINUS, await world.begin(browser))
    async with without(world, "session"):
        page = await browser.get(arrival)
    assert page.status == 503
    assert "Nobody was signed in. Try again in a moment." in page.text
    assert "Your session has not ended" not in page.text


async def test_who_had_one_is_told_that_it_goes_on(world: EntraWorld, browser: Browser) -> None:
    await world.sign_in(browser)
    async with without(world, "signin_flow"):
        page = await browser.get(f"{world.hub.url}/auth/login")
    assert page.status == 503
    assert "Your session has not ended" in page.text
    assert (await world.session(browser)).status == 200


async def test_believes_only_its_own_state_that_the_provider_ended_its_session(
    world: EntraWorld, browser: Browser
) -> None:
    there, here = "ended here and at the identity provider", "own may still last"
    signed_out = f"{world.hub.url}/auth/signed-out"
    assert here in (await browser.get(f"{signed_out}?state=anything")).text
    await world.sign_in(browser)
    answer = await browser.post(f"{world.hub.url}/auth/logout", headers=OWN_PAGE)
    cookie = answer.cookie("mainhub-signed-out")
    assert (cookie["httponly"], cookie["samesite"]) == ("True", "Lax")
    assert cookie["max-age"] == "600"
    for wrong in ("", "?state=", "?state=anything", f"?state={cookie['value']}&state=x"):
        assert here in (await browser.get(signed_out + wrong)).text, wrong
    page = await browser.follow(await browser.get(answer.json["location"]))
    assert there in page.text
    async with opened() as another:
        assert here in (await another.get(page.url)).text
    await world.sign_in(browser)
    assert "mainhub-signed-out" not in browser.cookies(world.hub.url)


async def test_tells_who_listens_that_somebody_signed_in(
    world: EntraWorld, log_lines: StringIO
) -> None:
    told: list[Session] = []

    def fail(_session: Session) -> None:
        raise RuntimeError("nobody listens well")

    database = database_of(world)
    audit = AuditLog(database, world.clock)
    refusals = Refusals(audit, world.clock)
    ring = KeyRing(["k" * 43])
    store = SqlSessionStore(database, ring=ring, clock=world.clock, lifetimes=LIFETIMES)
    session = await store.create(SOMEBODY, some_tokens(), DEVICE)
    Recording(audit, refusals, on_sign_in=told.append).announce(session)
    assert told == [session]
    Recording(audit, refusals, on_sign_in=fail).announce(session)
    assert "signin.not_announced" in log_lines.getvalue()
