from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from audit.people import ADA, LINUS, all_of
from audit.test_log import away
from mainhub.access import require
from mainhub.app.api import control_app
from mainhub.audit import ACTIONS, AuditLog, Entry, Refusals, Target
from mainhub.audit.routes import AuditRoutes
from mainhub.web import Edge, Guard, Hosts
from signin.browser import opened
from simulator.served import address, listener, serving
from web.asgi_call import Answered, ask
from web.scripted_people import Scripted, signed_in

if TYPE_CHECKING:
    from mainhub.storage import Database
    from sessions.moved_clock import MovedClock

pytestmark = pytest.mark.anyio
ORIGIN = "https://hub.example"


class Audited:
    """The routes over *audit*, for somebody with *roles*."""

    def __init__(self, audit: AuditLog, clock: MovedClock, *roles: str) -> None:
        caller = signed_in(*roles) if roles else None
        refusals = Refusals(audit, clock)
        guard = Guard(Scripted(caller), own_origin=ORIGIN, judge=require, on_refusal=refusals)
        routes = AuditRoutes(audit=audit, guard=guard, clock=clock)
        self.app = control_app([routes.router()])
        self._edge = Edge(self.app, hosts=Hosts(ORIGIN))

    async def ask(self, query: str = "") -> Answered:
        return await ask(self._edge, f"/hub/v1/audit{query}")

    async def page(self, query: str = "") -> dict[str, Any]:
        answer = await self.ask(query)
        assert answer.status == 200, answer.body
        document: dict[str, Any] = json.loads(answer.body)
        return document


@pytest.fixture
def routes(audit: AuditLog, clock: MovedClock) -> Audited:
    return Audited(audit, clock, "Admin")


async def test_answers_entries_newest_first(audit: AuditLog, routes: Audited) -> None:
    await audit.append(Entry(action="signin.done", person=ADA, address="203.0.113.7"))
    await audit.append(
        Entry(
            action="frontend.changed",
            person=ADA,
            right="Admin",
            target=Target("frontend", "orders"),
            before={"active": True},
            after={"active": False},
        )
    )
    document = await routes.page()
    newest, oldest = document["items"]
    assert (document["next"], document["actions"]) == (None, list(ACTIONS))
    assert newest == {
        "id": newest["id"],
        "at": "2026-11-20T09:00:00Z",
        "action": "frontend.changed",
        "outcome": "done",
        "person": {"id": ADA.id, "name": ADA.name},
        "address": None,
        "right": "Admin",
        "target": {"kind": "frontend", "name": "orders"},
        "before": {"active": True},
        "after": {"active": False},
        "detail": None,
        "trace_id": newest["trace_id"],
    }
    assert oldest["id"] < newest["id"]


async def test_pages_join_without_gap_or_repetition(audit: AuditLog, routes: Audited) -> None:
    for _ in range(5):
        await audit.append(Entry(action="signin.done"))
    ids: list[int] = []
    query = "?limit=2"
    while query:
        document = await routes.page(query)
        ids += [item["id"] for item in document["items"]]
        query = f"?limit=2&before={document['next']}" if document["next"] else ""
    assert ids == [entry.id for entry in reversed(await all_of(audit))]


async def test_the_filters_of_the_query_count(audit: AuditLog, routes: Audited) -> None:
    await audit.append(Entry(action="signin.done", person=ADA))
    await audit.append(Entry(action="signin.ended", person=LINUS))
    document = await routes.page("?person=pauling&since=2026-11-20T09:00:00Z&outcome=done")
    assert [item["action"] for item in document["items"]] == ["signin.ended"]


@pytest.mark.parametrize(
    "query",
    [
        "?limit=501",
        "?limit=0",
        "?limit=x",
        "?before=0",
        "?before=abc",
        "?before=9223372036854775808",
        "?since=yesterday",
        "?until=2026-11-20T09:00:00",
        "?action=signin.don",
        "?outcome=x",
        "?trace=x",
        "?person=%00",
        "?person=" + "x" * 513,
        "?acton=signin.done",
    ],
)
async def test_a_wrong_filter_is_told_with_a_remedy(routes: Audited, query: str) -> None:
    answer = await routes.ask(query)
    assert answer.status == 400
    assert answer.problem_name == "invalid"
    assert answer.problem["remedy"]


@pytest.mark.parametrize("path", ["", "/export"])
async def test_who_is_no_admin_is_refused_and_that_is_recorded(
    audit: AuditLog, clock: MovedClock, path: str
) -> None:
    answer = await Audited(audit, clock, "Editor", "Employee").ask(path)
    assert answer.status == 403
    assert answer.problem_name == "missing-role"
    (found,) = await all_of(audit)
    assert (found.action, found.person_name) == ("access.refused", "Ada")
    assert found.target == Target("address", f"GET /hub/v1/audit{path}")
    assert (await Audited(audit, clock).ask(path)).status == 401
    assert len(await all_of(audit)) == 1


async def test_a_refusal_stays_403_when_the_database_is_away(
    audit: AuditLog, clock: MovedClock, migrated: Database
) -> None:
    await away(migrated)
    assert (await Audited(audit, clock, "Employee").ask()).status == 403


async def test_says_so_when_the_database_is_away(routes: Audited, migrated: Database) -> None:
    await away(migrated)
    for path in ("", "/export"):
        answer = await routes.ask(path)
        assert answer.status == 503
        assert answer.problem_name == "database-unavailable"
        assert "audit_entry" not in answer.body.decode()


async def test_exports_all_of_it_oldest_first_and_records_that(
    audit: AuditLog, routes: Audited, migrated: Database
) -> None:
    formula = Entry(action="signin.done", person=ADA, detail="=cmd|' /C calc'!A0")
    await audit.append_all([formula] * 1203)
    await audit.append(Entry(action="signin.ended", person=LINUS))
    on = listener()
    async with serving(routes.app, on), opened() as browser:
        answer = await browser.get(f"{address(on)}/hub/v1/audit/export?action=signin.done")
        whole = await browser.get(f"{address(on)}/hub/v1/audit/export")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="mainhub-audit-20261120T090000Z.jsonl"'
    )
    lines = [json.loads(text) for text in answer.text.splitlines()]
    assert len(lines) == 1203
    assert [line["id"] for line in lines] == sorted(line["id"] for line in lines)
    assert {line["detail"] for line in lines} == {"=cmd|' /C calc'!A0"}
    # The second export holds the record of the first, and none of itself.
    assert len(whole.text.splitlines()) == 1205
    exported = [entry for entry in await all_of(audit) if entry.action == "audit.exported"]
    assert [entry.after for entry in exported] == [{"action": "signin.done"}, None]
    assert {(entry.right, entry.person_name) for entry in exported} == {("Admin", "Ada")}
    assert migrated.engine.sync_engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_an_export_survives_a_reader_that_goes_away(
    audit: AuditLog, routes: Audited, migrated: Database
) -> None:
    await audit.append_all([Entry(action="signin.done", detail="x" * 990)] * 40_000)
    asked = 0

    @event.listens_for(migrated.engine.sync_engine, "before_cursor_execute")
    def _(*_about: object) -> None:
        nonlocal asked
        asked += 1

    on = listener()
    async with serving(routes.app, on):
        reader, writer = await asyncio.open_connection("127.0.0.1", on.getsockname()[1])
        writer.write(b"GET /hub/v1/audit/export HTTP/1.1\r\nHost: hub.example\r\n\r\n")
        assert b"200 OK" in await reader.readline()
        writer.transport.abort()
        async with opened() as browser:
            page = await browser.get(f"{address(on)}/hub/v1/audit?limit=1")
            assert page.json["items"][0]["action"] == "audit.exported"
    # It did not read the whole table for nobody.
    assert asked < 60
    assert migrated.engine.sync_engine.pool.checkedout() == 0  # type: ignore[attr-defined]
