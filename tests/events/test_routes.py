"""What pages may publish and read. The names of the tests are those of the attacks."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from events.moments import ADA, GRACE, a_bus, permits
from events.served_events import Sessions
from mainhub.access import require
from mainhub.app.api import control_app
from mainhub.errors import Unavailable
from mainhub.events import EventType, Everyone, OnePerson, Roles
from mainhub.events.routes import EventRoutes
from mainhub.web import Edge, Guard, Hosts
from web.asgi_call import Answered, ask

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainhub.events import Bus
    from mainhub.identity import MissingRole
    from mainhub.web import Caller

pytestmark = pytest.mark.anyio
SIGNS = [("x-mainhub-csrf", "1"), ("sec-fetch-site", "same-origin")]
HUB = "https://hub.example"
DARK = {"type": "theme:changed", "data": {"theme": "dark"}}
NOON = {"type": "notification:show", "data": {"message": "Noon.", "kind": "info"}}


@dataclass
class Hub:
    """The routes, and what they told those who listen before."""

    bus: Bus = field(default_factory=a_bus)
    refused: list[str] = field(default_factory=list)
    published: list[tuple[str, str]] = field(default_factory=list)
    cleared: list[tuple[str | None, int]] = field(default_factory=list)
    failure: Exception | None = None

    def __post_init__(self) -> None:
        guard = Guard(Sessions(), own_origin=HUB, judge=require, on_refusal=self._refused)
        routes = EventRoutes(
            bus=self.bus,
            guard=guard,
            permits=permits,
            before_publishing=self._publishing,
            before_clearing=self._clearing,
        )
        self.app = Edge(control_app([routes.router()]), hosts=Hosts(HUB))

    async def ask(
        self, person: str | None, method: str, target: str, body: bytes = b""
    ) -> Answered:
        cookie = [("cookie", f"__Host-mainhub={person}; mainhub={person}")] if person else []
        signs = SIGNS if method != "GET" else []
        return await ask(self.app, target, *cookie, *signs, method=method, body=body)

    async def publish(self, person: str | None, event: object) -> Answered:
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        return await self.ask(person, "POST", "/hub/v1/events", body)

    async def get(self, person: str, target: str) -> Any:  # noqa: ANN401  JSON
        answer = await self.ask(person, "GET", target)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    async def _refused(self, _request: Request, _caller: Caller, refusal: MissingRole) -> None:
        self.refused.append(str(refusal))

    async def _publishing(
        self, _request: Request, caller: Caller, kind: EventType, _data: dict[str, object]
    ) -> None:
        if self.failure is not None:
            raise self.failure
        self.published.append((caller.person.name, kind.name))

    async def _clearing(
        self, _request: Request, _caller: Caller, type_: str | None, held: int
    ) -> None:
        self.cleared.append((type_, held))


@pytest.fixture
def hub() -> Hub:
    return Hub()


async def test_publishes_what_is_granted(hub: Hub) -> None:
    answer = await hub.publish("ada", DARK | {"source": "dashboard", "tab": "t-1"})
    assert answer.status == 202
    (event,) = hub.bus.history()
    assert json.loads(answer.body)["id"] == event.id
    assert (event.type, event.data["theme"], event.source) == ("theme:changed", "dark", "dashboard")
    assert event.by is not None
    assert (event.by.id, event.by.name, event.tab) == (ADA.id, "Ada", "t-1")
    assert event.audience == OnePerson(ADA.id)
    assert hub.published == [("Ada", "theme:changed")]


async def test_narrows_what_is_for_everyone(hub: Hub) -> None:
    await hub.publish("grace", NOON)
    await hub.publish("grace", NOON | {"roles": ["Employee", "Admin"]})
    everyone, narrow = (event.audience for event in hub.bus.history())
    assert (everyone, narrow) == (Everyone(), Roles(frozenset({"Employee", "Admin"})))


async def test_nobody_publishes_nothing(hub: Hub) -> None:
    assert (await hub.publish(None, DARK)).problem_name == "not-signed-in"


async def test_another_sites_page_publishes_nothing(hub: Hub) -> None:
    answer = await ask(
        hub.app, "/hub/v1/events", ("cookie", "mainhub=ada"), method="POST", body=b"{}"
    )
    assert answer.problem_name == "csrf"


@pytest.mark.parametrize("type_", ["user:login", "user:logout", "cache:invalidated"])
async def test_forged_events_of_the_hub(hub: Hub, type_: str) -> None:
    answer = await hub.publish("ada", {"type": type_, "data": {}})
    assert answer.status == 403
    assert answer.problem_name == "missing-role"
    assert answer.problem["remedy"].startswith("You may publish theme:changed, ")
    assert hub.refused == [f"Publishing {type_} is open to nobody"]
    assert not hub.bus.history()


@pytest.mark.parametrize("type_", ["app:loaded", "app:unloaded", "network:status"])
async def test_events_that_never_leave_their_page(hub: Hub, type_: str) -> None:
    assert (await hub.publish("ada", {"type": type_, "data": {}})).status == 403


async def test_a_type_granted_to_others(hub: Hub) -> None:
    answer = await hub.publish("linus", NOON)
    assert answer.problem["needs"] == ["Admin", "Editor"]
    assert answer.problem["remedy"] == "Ask for the role Admin or Editor."
    assert not hub.bus.history()


async def test_an_unknown_type(hub: Hub) -> None:
    answer = await hub.publish("alan", {"type": "orders:canged", "data": {}})
    assert answer.status == 404
    assert answer.problem_name == "unknown-event-type"
    remedy = "You may publish theme:changed, language:changed, app:error, draft:saved."
    assert answer.problem["remedy"] == remedy


@pytest.mark.parametrize("source", ["MainHub", "mainhub\n", "", "Shell", "a b", "x" * 64, 3, None])
async def test_a_forged_source(hub: Hub, source: object) -> None:
    answer = await hub.publish("ada", DARK | {"source": source})
    assert answer.problem_name == "invalid"
    assert answer.problem["detail"].startswith("source: ")


@pytest.mark.parametrize(
    "forged",
    [
        {"id": "00000000-1"},
        {"timestamp": "2020-01-01T00:00:00Z"},
        {"by": {"id": GRACE.id, "name": "Grace"}},
        {"audience": "everyone"},
        {"person": GRACE.id},
    ],
)
async def test_a_forged_id_time_author_or_audience(hub: Hub, forged: dict[str, object]) -> None:
    answer = await hub.publish("ada", DARK | forged)
    assert answer.status == 400
    (name,) = forged
    assert answer.problem["detail"].startswith(f"{name}: ")
    assert not hub.bus.history()


async def test_someone_elses_pages(hub: Hub) -> None:
    for data in ({"theme": "dark", "person": GRACE.id}, {"theme": "dark", "by": GRACE.id}):
        assert (await hub.publish("ada", {"type": "theme:changed", "data": data})).status == 400
    answer = await hub.publish("ada", DARK | {"roles": ["Editor"]})
    assert answer.problem["detail"].startswith("roles: theme:changed is not for everyone")
    # Another page's name makes that page leave the event out only if the person is the same.
    await hub.publish("ada", DARK | {"tab": "of-grace"})
    (event,) = hub.bus.history()
    assert event.audience == OnePerson(ADA.id)
    assert event.by is not None
    assert event.by.id == ADA.id


@pytest.mark.parametrize("tab", ["", "a b", "x" * 65, "a\r\nb", "a\0", 7, {}])
async def test_a_tab_that_is_no_name(hub: Hub, tab: object) -> None:
    assert (await hub.publish("ada", DARK | {"tab": tab})).problem_name == "invalid"


@pytest.mark.parametrize("roles", [[], ["*"], ["Admin", "*"], "Admin", [""], [1], ["x"] * 17])
async def test_roles_that_are_none(hub: Hub, roles: object) -> None:
    answer = await hub.publish("grace", NOON | {"roles": roles})
    assert answer.problem["detail"].startswith("roles")


async def test_a_payload_of_one_byte_too_much(hub: Hub) -> None:
    event = {"type": "draft:saved", "data": {"text": ""}}
    room = 16 * 1024 - len(json.dumps(event))
    event["data"] = {"text": "x" * room}
    assert (await hub.publish("ada", event)).status == 202
    event["data"] = {"text": "x" * (room + 1)}
    answer = await hub.publish("ada", event)
    assert answer.problem_name == "too-large"
    assert answer.problem["remedy"]


async def test_a_payload_of_a_thousand_levels(hub: Hub) -> None:
    for levels in (9, 200, 2500):
        data = '{"a":' * levels + "1" + "}" * levels
        answer = await hub.publish("ada", f'{{"type":"draft:saved","data":{data}}}'.encode())
        assert answer.problem_name == "invalid"
    assert not hub.bus.history()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b"\xff",
        b'{"data":{}}',
        b'{"type":3}',
        b'{"type":"draft:saved","data":[]}',
        b'{"type":"draft:saved","data":null}',
        b'{"type":"draft:saved","data":{"a":NaN}}',
        b'{"type":"draft:saved","data":{"a":"\\ud800"}}',
        b'{"type":"draft:saved","data":{"a":"\\u0000"}}',
        b'{"type":"draft:saved","data":{"a":1e999}}',
        b'{"type":"draft:saved","data":{},"' + b"x\\n" * 500 + b'":1}',
    ],
)
async def test_a_body_that_is_no_event(hub: Hub, body: bytes) -> None:
    answer = await hub.publish("ada", body)
    assert answer.problem_name == "invalid"
    assert answer.problem["detail"].isprintable()
    assert len(answer.problem["detail"]) < 300
    assert not hub.bus.history()


@pytest.mark.parametrize("type_", ["draft:saved\r\nid: 1", "draft:saved\n\ndata: x", "a\0b"])
async def test_line_ends_in_a_type(hub: Hub, type_: str) -> None:
    answer = await hub.publish("ada", {"type": type_, "data": {}})
    assert answer.problem_name == "unknown-event-type"


async def test_nothing_is_told_that_could_not_be_recorded(hub: Hub) -> None:
    hub.failure = Unavailable("the record cannot be written")
    assert (await hub.publish("grace", NOON)).status == 503
    assert not hub.bus.history()


async def test_reads_what_reaches_the_person_oldest_first(hub: Hub) -> None:
    hub.bus.emit("theme:changed", {"theme": "dark"}, by=ADA)
    for source in ("orders", "shell", "orders"):
        hub.bus.emit("orders:changed", {}, source=source, by=GRACE)
    hub.bus.emit("cache:invalidated", {"keys": ["frontends"]})
    found = await hub.get("linus", "/hub/v1/events")
    types = [item["type"] for item in found["items"]]
    assert types == [*["orders:changed"] * 3, "cache:invalidated"]
    assert found["cursor"] == str(hub.bus.cursor) == found["items"][-1]["id"]
    assert found["items"][0]["by"] == {"id": GRACE.id, "name": "Grace"}
    assert found["items"][0]["timestamp"] == "2026-11-20T09:00:00Z"
    assert found["items"][-1]["data"] == {"keys": ["frontends"]}
    by_source = await hub.get("linus", "/hub/v1/events?type=orders:changed&source=orders")
    assert [item["source"] for item in by_source["items"]] == ["orders", "orders"]
    latest = await hub.get("linus", "/hub/v1/events?limit=2")
    assert latest["items"] == found["items"][-2:]
    assert [i["type"] for i in (await hub.get("alan", "/hub/v1/events"))["items"]] == types[-1:]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "limit=-1", "type=a:b"])
async def test_a_wrong_question_is_told(hub: Hub, query: str) -> None:
    answer = await hub.ask("ada", "GET", f"/hub/v1/events?{query}")
    assert answer.problem_name in {"invalid", "unknown-event-type"}
    assert answer.problem["remedy"]


async def test_an_administrator_makes_the_hub_forget(hub: Hub) -> None:
    for _ in range(2):
        hub.bus.emit("orders:changed", {}, by=GRACE)
    hub.bus.emit("news:told", {})
    refused = await hub.ask("grace", "DELETE", "/hub/v1/events")
    assert refused.problem_name == "missing-role"
    one = await hub.ask("ada", "DELETE", "/hub/v1/events?type=orders:changed")
    assert json.loads(one.body) == {"cleared": 2}
    rest = await hub.ask("ada", "DELETE", "/hub/v1/events")
    assert json.loads(rest.body) == {"cleared": 1}
    assert hub.cleared == [("orders:changed", 2), (None, 1)]
    assert (await hub.ask("ada", "DELETE", "/hub/v1/events?type=x")).status == 404


async def test_tells_which_types_there_are(hub: Hub) -> None:
    entries = {e["type"]: e for e in (await hub.get("grace", "/hub/v1/events/types"))["items"]}
    assert len(entries) == 14
    assert entries["app:error"]["scope"] == {"kind": "roles", "roles": ["Admin"]}
    assert entries["notification:show"]["may_publish"] is True
    assert entries["notification:show"]["publish"] == ["Admin", "Editor"]
    assert entries["user:login"]["may_publish"] is False
    assert entries["orders:changed"]["summary"] == "An order changed."
    assert entries["draft:saved"]["scope"] == {"kind": "person", "roles": []}
    assert entries["theme:changed"]["data"] == [
        {
            "name": "theme",
            "kind": "choice",
            "required": True,
            "about": "light, dark or system",
            "choices": ["light", "dark", "system"],
        }
    ]
    linus = {e["type"]: e for e in (await hub.get("linus", "/hub/v1/events/types"))["items"]}
    assert linus["notification:show"]["may_publish"] is False
