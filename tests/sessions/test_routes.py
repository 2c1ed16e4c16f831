from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from mainhub.access import require
from mainhub.app.api import control_app
from mainhub.audit import AuditLog, Filter, Refusals
from mainhub.sessions import (
    AnnouncedSessions,
    EndReason,
    KeyRing,
    SessionEnded,
    SessionsPartlyEnded,
    Tokens,
)
from mainhub.sessions.routes import SessionRoutes
from mainhub.sessions.sql import SqlSessionStore
from mainhub.web import Caller, CookieJar, Edge, Guard, Hosts
from sessions.contract import ADA, DEVICE, LIFETIMES, LINUS
from sessions.moved_clock import MovedClock
from web.asgi_call import Answered, ask
from web.scripted_people import Scripted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainhub.audit import Recorded
    from mainhub.sessions import Session, SessionStore, SessionSummary
    from mainhub.storage import Database

pytestmark = pytest.mark.anyio
ORIGIN = "https://hub.example"
OURS = (("x-mainhub-csrf", "1"), ("sec-fetch-site", "same-origin"))
FIREFOX = replace(DEVICE, user_agent="Mozilla/5.0 (X11; Linux x86_64) Gecko/1 Firefox/140.0")


class Listed:
    """The routes, asked by whoever :meth:`becomes` the caller."""

    def __init__(self, database: Database, store: SessionStore, clock: MovedClock) -> None:
        self.told: list[SessionEnded] = []
        self.store = AnnouncedSessions(store, self.told.append)
        self.audit = AuditLog(database, clock)
        self._people = Scripted(None)
        refusals = Refusals(self.audit, clock)
        guard = Guard(self._people, own_origin=ORIGIN, judge=require, on_refusal=refusals)
        routes = SessionRoutes(
            sessions=self.store, audit=self.audit, guard=guard, cookies=CookieJar(secure=True)
        )
        self._app = Edge(control_app([routes.router()]), hosts=Hosts(ORIGIN))

    def becomes(self, session: Session | None) -> None:
        self._people.outcome = None
        if session is not None:
            ends = session.expires_at, session.idle_expires_at
            self._people.outcome = Caller(session.person, session.id, session.ref, *ends)

    async def get(self, path: str) -> Answered:
        return await ask(self._app, path)

    async def delete(self, path: str) -> Answered:
        return await ask(self._app, path, *OURS, method="DELETE")

    async def record(self) -> Sequence[Recorded]:
        return await self.audit.newest(Filter(), limit=100)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def listed(migrated: Database, clock: MovedClock) -> Listed:
    ring = KeyRing(["k" * 43])
    store = SqlSessionStore(migrated, ring=ring, clock=clock, lifetimes=LIFETIMES)
    return Listed(migrated, store, clock)


@pytest.fixture
async def linus(listed: Listed) -> Session:
    return await listed.store.create(LINUS, Tokens(), FIREFOX)


@pytest.fixture
async def ada(listed: Listed) -> Session:
    return await listed.store.create(ADA, Tokens(), DEVICE)


def items(answer: Answered) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.body
    document = json.loads(answer.body)
    assert document["truncated"] is False
    found: list[dict[str, Any]] = document["items"]
    return found


async def test_lists_ones_own_sessions_and_which_is_this_one(
    listed: Listed, linus: Session, ada: Session
) -> None:
    other = await listed.store.create(LINUS, Tokens(), DEVICE)
    listed.becomes(linus)
    answer = await listed.get("/auth/sessions")
    found = {item["ref"]: item for item in items(answer)}
    assert found.keys() == {linus.ref, other.ref}
    assert found[linus.ref] == {
        "ref": linus.ref,
        "person": {
            "id": LINUS.id,
            "name": LINUS.name,
            "email": LINUS.email,
            "roles": list(LINUS.roles),
        },
        "device": {
            "user_agent": FIREFOX.user_agent,
            "label": "Firefox on Linux",
            "browser": "Firefox",
            "system": "Linux",
            "address": "203.0.113.7",
        },
        "created_at": "2026-11-20T09:00:00Z",
        "seen_at": "2026-11-20T09:00:00Z",
        "idle_expires_at": "2026-11-20T09:30:00Z",
        "expires_at": "2026-11-20T21:00:00Z",
        "current": True,
    }
    assert found[other.ref]["current"] is False
    for session in (linus, other, ada):
        assert session.id not in answer.body.decode()


async def test_an_admin_lists_everybodys(listed: Listed, linus: Session, ada: Session) -> None:
    listed.becomes(ada)
    found = {item["ref"]: item["current"] for item in items(await listed.get("/hub/v1/sessions"))}
    assert found == {linus.ref: False, ada.ref: True}


async def test_says_when_there_are_more(listed: Listed, ada: Session) -> None:
    for _ in range(100):
        await listed.store.create(ADA, Tokens(), DEVICE)
    listed.becomes(ada)
    document = json.loads((await listed.get("/auth/sessions")).body)
    assert len(document["items"]) == 100
    assert document["truncated"] is True


async def test_ends_another_session_of_ones_own(listed: Listed, linus: Session) -> None:
    other = await listed.store.create(LINUS, Tokens(), FIREFOX)
    listed.becomes(linus)
    answer = await listed.delete(f"/auth/sessions/{other.ref}")
    assert (answer.status, answer.body) == (204, b"")
    assert answer.header("set-cookie") is None
    assert await listed.store.load(other.id) is None
    assert await listed.store.load(linus.id) == linus
    (told,) = listed.told
    assert (told.summary.ref, told.reason, told.by) == (other.ref, EndReason.REVOKED, LINUS)
    (recorded,) = await listed.record()
    assert (recorded.action, recorded.outcome, recorded.right) == ("session.revoked", "done", "own")
    assert recorded.person_id == LINUS.id
    assert recorded.target is not None
    assert recorded.target.name == other.ref


async def test_ending_the_present_session_signs_this_browser_out(
    listed: Listed, linus: Session
) -> None:
    listed.becomes(linus)
    answer = await listed.delete(f"/auth/sessions/{linus.ref}")
    assert answer.status == 204
    assert answer.cookies["__Host-mainhub"]["max-age"] == "0"
    assert [told.reason for told in listed.told] == [EndReason.SIGNED_OUT]
    (recorded,) = await listed.record()
    assert recorded.detail == "the session in which this was asked"


async def test_ends_all_other_sessions_of_ones_own(
    listed: Listed, linus: Session, ada: Session
) -> None:
    others = [await listed.store.create(LINUS, Tokens(), FIREFOX) for _ in range(3)]
    listed.becomes(linus)
    answer = await listed.delete("/auth/sessions")
    assert (answer.status, json.loads(answer.body)) == (200, {"ended": 3})
    assert answer.header("set-cookie") is None
    assert await listed.store.load(linus.id) == linus
    assert await listed.store.load(ada.id) == ada
    for other in others:
        assert await listed.store.load(other.id) is None
    assert {(told.summary.ref, told.reason, told.by) for told in listed.told} == {
        (other.ref, EndReason.REVOKED, LINUS) for other in others
    }
    (recorded,) = await listed.record()
    assert (recorded.action, recorded.outcome, recorded.right) == ("session.revoked", "done", "own")
    assert recorded.target is not None
    assert (recorded.target.kind, recorded.target.name) == ("person", LINUS.id)
    assert recorded.before == {"person": {"id": LINUS.id, "name": LINUS.name}, "sessions": 3}
    again = await listed.delete("/auth/sessions")
    assert json.loads(again.body) == {"ended": 0}
    assert len(await listed.record()) == 1


async def test_an_admin_ends_all_sessions_of_a_person(
    listed: Listed, linus: Session, ada: Session
) -> None:
    await listed.store.create(LINUS, Tokens(), DEVICE)
    listed.becomes(ada)
    answer = await listed.delete(f"/hub/v1/sessions?person={LINUS.id}")
    assert (answer.status, json.loads(answer.body)) == (200, {"ended": 2})
    assert answer.header("set-cookie") is None
    assert await listed.store.load(linus.id) is None
    assert await listed.store.load(ada.id) == ada
    (recorded,) = await listed.record()
    assert (recorded.person_id, recorded.right) == (ADA.id, "Admin")
    assert recorded.before == {"person": {"id": LINUS.id, "name": LINUS.name}, "sessions": 2}
    nobodys = await listed.delete("/hub/v1/sessions?person=tid.nobody")
    assert json.loads(nobodys.body) == {"ended": 0}


async def test_an_admin_who_ends_all_of_their_own_is_signed_out_here(
    listed: Listed, ada: Session
) -> None:
    listed.becomes(ada)
    answer = await listed.delete(f"/hub/v1/sessions?person={ADA.id}")
    assert json.loads(answer.body) == {"ended": 1}
    assert answer.cookies["__Host-mainhub"]["max-age"] == "0"
    assert await listed.store.load(ada.id) is None


@pytest.mark.parametrize("query", ["", "?person=", f"?person={'x' * 513}"])
async def test_whose_sessions_end_must_be_said(listed: Listed, ada: Session, query: str) -> None:
    listed.becomes(ada)
    answer = await listed.delete(f"/hub/v1/sessions{query}")
    assert (answer.status, answer.problem_name) == (400, "invalid")
    assert await listed.store.load(ada.id) == ada


async def test_a_store_that_stops_answering_half_way_is_corrected_in_the_record(
    migrated: Database, clock: MovedClock, ada: Session
) -> None:
    class HalfWay(SqlSessionStore):
        """Ends one session and answers no more."""

        async def revoke_person(self, person_id: str, **_said: object) -> Sequence[SessionSummary]:
            (found,) = await self.list(person_id=person_id, limit=1)
            await self.revoke_listed(found.ref, reason=EndReason.REVOKED)
            raise SessionsPartlyEnded("away", ended=[found])

    ring = KeyRing(["k" * 43])
    store = HalfWay(migrated, ring=ring, clock=clock, lifetimes=LIFETIMES)
    await store.create(LINUS, Tokens(), DEVICE)
    listed = Listed(migrated, store, clock)
    listed.becomes(ada)
    answer = await listed.delete(f"/hub/v1/sessions?person={LINUS.id}")
    assert answer.status == 503
    assert len(listed.told) == 1
    newest, oldest = await listed.record()
    assert (oldest.outcome, newest.outcome) == ("done", "failed")
    assert newest.detail == "the sessions could no longer be reached when 1 had ended"


async def test_an_admin_ends_anybodys_and_that_is_recorded(
    listed: Listed, linus: Session, ada: Session
) -> None:
    listed.becomes(ada)
    assert (await listed.delete(f"/hub/v1/sessions/{linus.ref}")).status == 204
    assert await listed.store.load(linus.id) is None
    (told,) = listed.told
    assert (told.reason, told.by) == (EndReason.REVOKED, ADA)
    (recorded,) = await listed.record()
    assert (recorded.person_id, recorded.right) == (ADA.id, "Admin")
    assert recorded.before == {
        "person": {"id": LINUS.id, "name": LINUS.name},
        "device": {"label": "Firefox on Linux", "address": "203.0.113.7"},
        "created_at": "2026-11-20T09:00:00Z",
        "seen_at": "2026-11-20T09:00:00Z",
    }
    again = await listed.delete(f"/hub/v1/sessions/{linus.ref}")
    assert (again.status, again.problem_name) == (404, "session-gone")
    assert again.problem["remedy"]
    assert len(await listed.record()) == 1


async def test_somebody_elses_session_is_not_there_and_lives_on(
    listed: Listed, linus: Session, ada: Session
) -> None:
    listed.becomes(linus)
    answer = await listed.delete(f"/auth/sessions/{ada.ref}")
    assert (answer.status, answer.problem_name) == (404, "session-gone")
    assert await listed.store.load(ada.id) == ada
    assert listed.told == []


@pytest.mark.parametrize("ref", ["x", "%25", "0" * 32, "' OR 1=1", "%00", "..", "F" * 32])
async def test_a_ref_that_is_none_is_gone(listed: Listed, ada: Session, ref: str) -> None:
    listed.becomes(ada)
    for path in ("/auth/sessions/", "/hub/v1/sessions/"):
        answer = await listed.delete(path + ref.replace(" ", "%20"))
        assert (answer.status, answer.problem_name) == (404, "session-gone")
    assert await listed.store.load(ada.id) == ada


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/hub/v1/sessions"),
        ("DELETE", "/hub/v1/sessions/REF"),
        ("DELETE", "/hub/v1/sessions?person=tid.ada-oid"),
    ],
)
async def test_who_is_no_admin_is_refused_and_that_is_recorded(
    listed: Listed, linus: Session, ada: Session, method: str, path: str
) -> None:
    listed.becomes(linus)
    path = path.replace("REF", ada.ref)
    answer = await (listed.get(path) if method == "GET" else listed.delete(path))
    assert (answer.status, answer.problem_name) == (403, "missing-role")
    (recorded,) = await listed.record()
    assert (recorded.action, recorded.person_id) == ("access.refused", LINUS.id)
    assert recorded.target is not None
    assert recorded.target.name == f"{method} {path.partition('?')[0]}"
    assert await listed.store.load(ada.id) == ada


async def test_nobody_and_other_sites_are_refused(listed: Listed, ada: Session) -> None:
    for path in ("/auth/sessions", "/hub/v1/sessions"):
        assert (await listed.get(path)).status == 401
        assert (await listed.delete(f"{path}/{ada.ref}")).status == 401
        assert (await listed.delete(f"{path}?person={ADA.id}")).status == 401
    listed.becomes(ada)
    app = listed._app
    answer = await ask(app, f"/auth/sessions/{ada.ref}", method="DELETE")
    assert (answer.status, answer.problem_name) == (403, "csrf")
    assert await listed.store.load(ada.id) == ada


async def test_what_cannot_be_recorded_is_not_done(
    listed: Listed, linus: Session, ada: Session, migrated: Database
) -> None:
    async with migrated.write() as connection:
        await connection.execute(text("ALTER TABLE audit_entry RENAME TO away"))
    listed.becomes(ada)
    answer = await listed.delete(f"/hub/v1/sessions/{linus.ref}")
    assert (answer.status, answer.problem_name) == (503, "database-unavailable")
    assert await listed.store.load(linus.id) == linus
    assert listed.told == []


async def test_a_session_that_ends_between_is_corrected_in_the_record(
    migrated: Database, clock: MovedClock, linus: Session, ada: Session
) -> None:
    class Raced(SqlSessionStore):
        """Somebody else ends the session first."""

        async def find(self, ref: str, *, person_id: str | None = None) -> SessionSummary | None:
            found = await super().find(ref, person_id=person_id)
            await super().revoke_listed(ref, reason=EndReason.REVOKED)
            return found

    ring = KeyRing(["k" * 43])
    store = Raced(migrated, ring=ring, clock=clock, lifetimes=LIFETIMES)
    listed = Listed(migrated, store, clock)
    listed.becomes(ada)
    assert (await listed.delete(f"/hub/v1/sessions/{linus.ref}")).status == 404
    newest, oldest = await listed.record()
    assert (oldest.outcome, newest.outcome) == ("done", "failed")
    assert newest.detail == "it had ended meanwhile"
    assert newest.target == oldest.target
