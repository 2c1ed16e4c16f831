"""What counts as use of a session."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.sessions import KeyRing
from mainhub.sessions.sql import SqlSessionStore
from mainhub.signin import SessionAuthenticator
from mainhub.web import CookieJar
from sessions.contract import DEVICE, LIFETIMES, LINUS, some_tokens
from sessions.moved_clock import MovedClock

if TYPE_CHECKING:
    from mainhub.storage import Database

pytestmark = pytest.mark.anyio
ASKED = ()
BACKGROUND = ((b"x-mainhub-background", b"1"),)


@pytest.mark.parametrize(("more", "lives"), [(ASKED, True), (BACKGROUND, False)])
async def test_what_a_page_asks_by_itself_does_not_keep_a_session_alive(
    migrated: Database,
    more: tuple[tuple[bytes, bytes], ...],
    lives: bool,  # noqa: FBT001 - a table
) -> None:
    clock = MovedClock()
    store = SqlSessionStore(migrated, ring=KeyRing(["k" * 43]), clock=clock, lifetimes=LIFETIMES)
    authenticator = SessionAuthenticator(store, cookies=CookieJar(secure=False))
    session = await store.create(LINUS, some_tokens(), DEVICE)
    headers = ((b"cookie", f"mainhub={session.id}".encode()), *more)
    passed = timedelta(0)
    while passed < LIFETIMES.idle + timedelta(minutes=5):
        clock.move(timedelta(minutes=5))
        passed += timedelta(minutes=5)
        found = await authenticator.authenticate(headers)
    assert (found is not None) is lives
