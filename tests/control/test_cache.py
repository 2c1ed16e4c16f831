"""``/hub/v1/cache``: what administrators see of the cache, and take back from it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from typing_extensions import override

from mainhub.access import require
from mainhub.app.api import control_app
from mainhub.audit import AuditLog, AuditUnavailable, Entry, Filter, Refusals
from mainhub.cache import MISSING, Cache, MemoryLevel2
from mainhub.control.cache import CacheHistory
from mainhub.control.cache.routes import CacheRoutes
from mainhub.web import Edge, Guard, Hosts
from sessions.moved_clock import MovedClock
from web.asgi_call import Answered, ask
from web.scripted_people import Scripted, signed_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncConnection

    from mainhub.storage import Database

pytestmark = pytest.mark.anyio
ORIGIN = "https://hub.example"
OURS = (("x-mainhub-csrf", "1"), ("sec-fetch-site", "same-origin"))
JSON = ("content-type", "application/json")
URL = "/hub/v1/cache"


class SilentAudit(AuditLog):
    """A record that cannot be written."""

    @override
    async def append(self, entry: Entry, within: AsyncConnection | None = None) -> int:
        raise AuditUnavailable("the record cannot be written")


class Controlled:
    """The routes over one cache, for somebody with *roles*."""

    def __init__(self, cache: Cache, audit: AuditLog, clock: MovedClock, *roles: str) -> None:
        self.cache = cache
        self.audit = audit
        self.told: list[tuple[str, str | None]] = []
        self.history = CacheHistory(cache, clock=clock)
        guard = Guard(
            Scripted(signed_in(*roles) if roles else None),
            own_origin=ORIGIN,
            judge=require,
            on_refusal=Refusals(audit, clock),
        )
        routes = CacheRoutes(
            cache=cache,
            kind=None if cache.state is None else "memory",
            address=None,
            history=self.history,
            audit=audit,
            guard=guard,
            clock=clock,
            invalidated=lambda what, name: self.told.append((what, name)),
        )
        self._app = Edge(control_app([routes.router()]), hosts=Hosts(ORIGIN))

    async def get(self, rest: str = "") -> Answered:
        return await ask(self._app, URL + rest)

    async def shown(self, rest: str = "") -> dict[str, Any]:
        answer = await self.get(rest)
        assert answer.status == 200, answer
        found: dict[str, Any] = json.loads(answer.body)
        return found

    async def invalidate(
        self, body: object, *, headers: tuple[tuple[str, str], ...] = OURS
    ) -> Answered:
        raw = json.dumps(body).encode()
        url = f"{URL}/invalidate"
        return await ask(self._app, url, *headers, JSON, method="POST", body=raw)

    async def recorded(self) -> list[tuple[str, str]]:
        found = await self.audit.newest(Filter(), limit=20)
        return [
            (one.target.kind, one.target.name)
            for one in found
            if one.action == "cache.invalidated" and one.target is not None
        ]


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def hub(migrated: Database, clock: MovedClock) -> AsyncIterator[Controlled]:
    async with Cache(clock=clock) as cache:
        yield Controlled(cache, AuditLog(migrated, clock), clock, "Admin")


@pytest.fixture
async def shared(migrated: Database, clock: MovedClock) -> AsyncIterator[Controlled]:
    async with Cache(MemoryLevel2(clock=clock), clock=clock) as cache:
        yield Controlled(cache, AuditLog(migrated, clock), clock, "Admin")


@pytest.fixture(params=["alone", "shared"])
def either(request: pytest.FixtureRequest, hub: Controlled, shared: Controlled) -> Controlled:
    return hub if request.param == "alone" else shared


async def test_shows_a_cache_that_is_alone(hub: Controlled, clock: MovedClock) -> None:
    await hub.cache.set("user:1", {"name": "Ada"}, tags=("person:1",), ttl=timedelta(seconds=60))
    for _ in range(3):
        await hub.cache.get("user:1")
    await hub.cache.get("user:2")
    hub.history.look()
    clock.move(timedelta(seconds=10))
    found = await hub.shown()
    assert (found["every_seconds"], found["hit_ratio"]) == (5.0, 0.75)
    assert found["level1"]["entries"] == 1
    assert found["level1"]["max_entries"] == 10_000
    assert (found["level2"]["kind"], found["level2"]["pending"]) == (None, 0)
    assert found["totals"]["l1_hits"] == 3
    assert [(one["l1_hits"], one["misses"], one["errors"]) for one in found["history"]] == [
        (3, 1, 0)
    ]
    (key,) = found["hot_keys"]
    assert (key["key"], key["hits"], key["tags"]) == ("user:1", 3, ["person:1"])
    assert key["expires_in"] == 50
    assert found["hot_tags"] == [{"tag": "person:1", "hits": 3}]


async def test_shows_level_2(shared: Controlled) -> None:
    await shared.cache.set("a", 1)
    found = (await shared.shown())["level2"]
    assert (found["kind"], found["address"], found["linked"]) == ("memory", "memory", True)
    assert (found["coherence"], found["breaker"], found["cause"]) == ("local", "closed", None)
    assert found["keys"] >= 1


async def test_the_history_is_bounded(hub: Controlled) -> None:
    for _ in range(130):
        hub.history.look()
    assert len((await hub.shown())["history"]) == 120


async def test_looks_one_key_up_and_counts_it_as_nothing(
    shared: Controlled, clock: MovedClock
) -> None:
    await shared.cache.set("a b/é", {"n": [1, None]}, tags=("t",), ttl=timedelta(seconds=60))
    clock.move(timedelta(seconds=5))
    found = await shared.shown(f"/entry?key={quote('a b/é', safe='')}")
    assert (found["found"], found["outcome"], found["level"]) == (True, "hit", 2)
    assert (found["tags"], found["expires_in"], found["age"]) == (["t"], 55, 5)
    assert json.loads(found["preview"]) == {"n": [1, None]}
    assert shared.cache.figures.l1_hits + shared.cache.figures.l2_hits == 0
    missing = await shared.shown("/entry?key=b")
    assert (missing["found"], missing["outcome"], missing["preview"]) == (False, "miss", None)


async def test_a_long_value_is_shown_in_part_and_bytes_in_digits(hub: Controlled) -> None:
    await hub.cache.set("long", "x" * 9000)
    await hub.cache.set("raw", b"\x00\xff")
    await hub.cache.set("none", None)
    assert len((await hub.shown("/entry?key=long"))["preview"]) == 2001
    raw = await hub.shown("/entry?key=raw")
    assert (raw["kind"], raw["preview"]) == ("bytes", "00 ff")
    none = await hub.shown("/entry?key=none")
    assert (none["found"], none["kind"], none["preview"]) == (True, "json", "null")


@pytest.mark.parametrize(
    ("body", "gone", "count", "target"),
    [
        ({"key": "user:1"}, {"user:1"}, 1, ("cache-key", "user:1")),
        ({"key": "nobody"}, set(), 0, ("cache-key", "nobody")),
        ({"pattern": "user:*"}, {"user:1", "user:2"}, 2, ("cache-pattern", "user:*")),
        ({"tag": "even"}, {"user:2", "order:2"}, None, ("cache-tag", "even")),
        ({"all": True}, {"user:1", "user:2", "order:2"}, None, ("cache", "*")),
    ],
)
async def test_an_administrator_takes_back_and_it_is_on_the_record(
    either: Controlled,
    body: dict[str, object],
    gone: set[str],
    count: int | None,
    target: tuple[str, str],
) -> None:
    hub = either
    keys = {"user:1", "user:2", "order:2"}
    for key in keys:
        await hub.cache.set(key, key, tags=("even",) if key.endswith("2") else ())
        await hub.cache.get(key)
    ((what, name),) = body.items()
    given = None if what == "all" else str(name)
    query = "all=true" if given is None else f"{what}={quote(given)}"
    concerned = await hub.shown(f"/concerned?{query}")
    assert (concerned["what"], concerned["level1"]) == (what, len(gone))
    answer = await hub.invalidate(body)
    assert answer.status == 200, answer
    assert json.loads(answer.body) == {"what": what, "name": given, "count": count, "pending": 0}
    assert {key for key in keys if await hub.cache.get(key) is MISSING} == gone
    assert await hub.recorded() == [target]
    assert hub.told == [(what, given)]


async def test_what_was_taken_back_is_shown_no_more(hub: Controlled) -> None:
    for number in range(3):
        await hub.cache.set(f"k:{number}", number, tags=("t",))
    await hub.invalidate({"tag": "t"})
    found = await hub.shown()
    assert (found["level1"]["entries"], found["hot_keys"], found["hot_tags"]) == (0, [], [])


async def test_what_cannot_be_recorded_is_not_done(
    hub: Controlled, migrated: Database, clock: MovedClock
) -> None:
    await hub.cache.set("a", 1)
    silent = Controlled(hub.cache, SilentAudit(migrated, clock), clock, "Admin")
    answer = await silent.invalidate({"all": True})
    assert answer.status == 503
    assert await hub.cache.get("a") == 1
    assert silent.told == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"all": False},
        {"key": "a", "tag": "b"},
        {"key": "a", "all": True},
        {"key": ""},
        {"key": "x" * 513},
        {"key": "a\nb"},
        {"pattern": ""},
        {"pattern": "\x7f*"},
        {"tag": "*"},
        {"tag": "é" * 257},
        {"key": 1},
        {"all": "yes"},
        {"regex": ".*"},
        [],
        None,
    ],
)
async def test_says_what_to_write_instead(hub: Controlled, body: object) -> None:
    await hub.cache.set("a", 1)
    answer = await hub.invalidate(body)
    assert (answer.status, answer.problem_name) == (400, "invalid")
    assert await hub.cache.get("a") == 1
    assert (await hub.recorded(), hub.told) == ([], [])


@pytest.mark.parametrize(
    "rest", ["/entry", "/entry?key=", f"/entry?key={'x' * 513}", "/entry?key=%00", "/concerned"]
)
async def test_refuses_to_look_up_what_is_no_key(hub: Controlled, rest: str) -> None:
    answer = await hub.get(rest)
    assert (answer.status, answer.problem_name) == (400, "invalid")


@pytest.mark.parametrize(
    ("roles", "status", "problem"),
    [((), 401, "not-signed-in"), (("Employee",), 403, "missing-role")],
)
async def test_is_for_administrators_only(
    migrated: Database, clock: MovedClock, roles: tuple[str, ...], status: int, problem: str
) -> None:
    cache = Cache(clock=clock)
    hub = Controlled(cache, AuditLog(migrated, clock), clock, *roles)
    for answer in (
        await hub.get(),
        await hub.get("/entry?key=a"),
        await hub.get("/concerned?all=true"),
        await hub.invalidate({"all": True}),
    ):
        assert (answer.status, answer.problem_name) == (status, problem)


async def test_only_pages_of_the_hub_take_anything_back(hub: Controlled) -> None:
    await hub.cache.set("a", 1)
    answer = await hub.invalidate({"all": True}, headers=(("sec-fetch-site", "cross-site"),))
    assert (answer.status, answer.problem_name) == (403, "csrf")
    assert await hub.cache.get("a") == 1
