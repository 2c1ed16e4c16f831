from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from mainhub.access import require
from mainhub.app.api import control_app
from mainhub.audit import AuditLog, Filter, Refusals
from mainhub.control import RunningConfiguration
from mainhub.control.routes import ConfigurationRoutes
from mainhub.settings import Configuration, load
from mainhub.web import Edge, Guard, Hosts
from sessions.moved_clock import MovedClock
from web.asgi_call import Answered, ask
from web.scripted_people import Scripted, signed_in

if TYPE_CHECKING:
    from pathlib import Path

    from mainhub.storage import Database
    from mainhub.telemetry import LogLevel

pytestmark = pytest.mark.anyio
ORIGIN = "https://hub.example"
OURS = (("x-mainhub-csrf", "1"), ("sec-fetch-site", "same-origin"))
JSON = ("content-type", "application/json")
URL = "/hub/v1/configuration"
HIDDEN = "never-to-be-shown-" + "x" * 32
LEVEL = "telemetry.log_level"


def configuration(folder: Path) -> Configuration:
    """Return settings from a file, the environment and defaults, with secrets among them."""
    file = folder / "mainhub.toml"
    file.write_text('[hub]\nlisten = "[::1]:9000"\n', encoding="utf-8")
    environ = {
        "MAINHUB_HUB__SECRET_KEYS": HIDDEN,
        "AZURE_CLIENT_SECRET": HIDDEN,
        "DATABASE_URL": "sqlite+aiosqlite:///other.db",
    }
    return load(config=file, environ=environ)


class Controlled:
    """The routes over a hub's settings, for somebody with *roles*."""

    def __init__(self, folder: Path, database: Database, *roles: str) -> None:
        self.levels: list[LogLevel] = []
        self.clock = MovedClock()
        self.audit = AuditLog(database, self.clock)
        self.running = RunningConfiguration(
            configuration(folder), clock=self.clock, set_log_level=self.levels.append
        )
        guard = Guard(
            Scripted(signed_in(*roles) if roles else None),
            own_origin=ORIGIN,
            judge=require,
            on_refusal=Refusals(self.audit, self.clock),
        )
        routes = ConfigurationRoutes(configuration=self.running, audit=self.audit, guard=guard)
        self._app = Edge(control_app([routes.router()]), hosts=Hosts(ORIGIN))

    async def get(self, key: str = "") -> Answered:
        return await ask(self._app, f"{URL}/{key}" if key else URL)

    async def patch(self, key: str, body: object) -> Answered:
        sent = json.dumps(body).encode()
        return await ask(self._app, f"{URL}/{key}", *OURS, JSON, method="PATCH", body=sent)


@pytest.fixture
def hub(tmp_path: Path, migrated: Database) -> Controlled:
    return Controlled(tmp_path, migrated, "Admin")


async def items(hub: Controlled) -> dict[str, dict[str, Any]]:
    answer = await hub.get()
    assert answer.status == 200
    return {item["key"]: item for item in json.loads(answer.body)["items"]}


async def test_shows_every_setting_with_its_source(hub: Controlled, tmp_path: Path) -> None:
    found = await items(hub)
    assert list(found) == [row.path for row in configuration(tmp_path).rows()]
    assert found["hub.listen"] == {
        "key": "hub.listen",
        "value": "[::1]:9000",
        "source": f"{tmp_path / 'mainhub.toml'}:2",
        "secret": False,
        "changeable": False,
        "changed_by": None,
    }
    assert found["database.url"]["source"] == "environment DATABASE_URL"
    assert found[LEVEL]["changeable"] is True
    assert [key for key, item in found.items() if item["changeable"]] == [LEVEL]


async def test_masks_every_secret(hub: Controlled) -> None:
    found = await items(hub)
    for key in ("hub.secret_keys", "identity.entra.client_secret"):
        assert found[key]["secret"] is True
        assert set(found[key]["value"]) <= set("*, ")
        assert found[key]["value"]
        assert HIDDEN not in (await hub.get(key)).body.decode()
    assert HIDDEN not in (await hub.get()).body.decode()


async def test_shows_one_setting(hub: Controlled) -> None:
    assert json.loads((await hub.get("hub.listen")).body) == (await items(hub))["hub.listen"]


async def test_changes_the_log_level_until_the_hub_stops(hub: Controlled) -> None:
    answer = await hub.patch(LEVEL, {"value": "debug"})
    assert answer.status == 200
    assert hub.levels == ["debug"]
    changed = json.loads(answer.body)
    assert changed == (await items(hub))[LEVEL]
    assert changed["value"] == "debug"
    assert changed["changed_by"] == "Ada"
    assert changed["source"] == "changed by Ada at 2026-11-20 09:00 UTC, until restart"
    (entry,) = await hub.audit.newest(Filter(), limit=9)
    assert (entry.action, entry.right, entry.person_name) == (
        "configuration.changed",
        "Admin",
        "Ada",
    )
    assert entry.target is not None
    assert (entry.target.kind, entry.target.name) == ("setting", LEVEL)
    assert entry.before == {"value": "info", "source": "default"}
    assert entry.after == {"value": "debug"}


@pytest.mark.parametrize(
    "value", ["loud", "", None, 1, True, ["debug"], {"log_level": "debug"}, HIDDEN]
)
async def test_a_wrong_value_changes_nothing(hub: Controlled, value: object) -> None:
    answer = await hub.patch(LEVEL, {"value": value})
    assert (answer.status, answer.problem_name) == (400, "invalid")
    assert answer.problem["remedy"] == "Give debug, info, warning or error."
    assert HIDDEN not in answer.body.decode()
    assert hub.levels == []
    assert await hub.audit.newest(Filter(), limit=9) == []


@pytest.mark.parametrize("body", [{}, {"valu": "debug"}, {"value": "debug", "x": 1}, [], "x"])
async def test_a_malformed_change_is_refused(hub: Controlled, body: object) -> None:
    answer = await hub.patch(LEVEL, body)
    assert (answer.status, answer.problem_name) == (400, "invalid")
    assert hub.levels == []


@pytest.mark.parametrize(
    ("key", "remedy"),
    [
        (
            "hub.support",
            "Set MAINHUB_HUB__SUPPORT, or support under [hub] in the settings file, then restart.",
        ),
        (
            "hub.listen",
            "Set MAINHUB_HUB__LISTEN, or listen under [hub] in the settings file, then restart.",
        ),
        ("database.url", "Change the environment variable DATABASE_URL, then restart."),
        (
            "identity.entra.kind",
            "Change the environment variable AZURE_CLIENT_SECRET, then restart.",
        ),
        (
            "hub.secret_keys",
            "Change the environment variable MAINHUB_HUB__SECRET_KEYS, then restart.",
        ),
    ],
)
async def test_what_needs_a_restart_says_where_to_set_it(
    hub: Controlled, key: str, remedy: str
) -> None:
    answer = await hub.patch(key, {"value": HIDDEN})
    assert (answer.status, answer.problem_name) == (409, "setting-fixed")
    assert answer.problem["remedy"] == remedy
    assert HIDDEN not in answer.body.decode()


@pytest.mark.parametrize(
    ("key", "remedy"),
    [
        ("telemetry.loglevel", "Did you mean telemetry.log_level?"),
        ("hub.listn", "Did you mean hub.listen?"),
        ("x", "GET /hub/v1/configuration lists all."),
        ("%00" * 500, "GET /hub/v1/configuration lists all."),
        ("__class__", "GET /hub/v1/configuration lists all."),
    ],
)
async def test_an_unknown_setting_is_told_with_the_one_meant(
    hub: Controlled, key: str, remedy: str
) -> None:
    for answer in (await hub.get(key), await hub.patch(key, {"value": "debug"})):
        assert (answer.status, answer.problem_name) == (404, "unknown-setting")
        assert answer.problem["remedy"] == remedy


async def test_who_is_no_admin_is_refused_and_that_is_recorded(
    tmp_path: Path, migrated: Database
) -> None:
    hub = Controlled(tmp_path, migrated, "Editor")
    for answer in (
        await hub.get(),
        await hub.get("hub.listen"),
        await hub.get("no.such"),
        await hub.patch(LEVEL, {"value": "debug"}),
    ):
        assert (answer.status, answer.problem_name) == (403, "missing-role")
    assert hub.levels == []
    recorded = await hub.audit.newest(Filter(action="access.refused"), limit=9)
    assert [entry.target and entry.target.name for entry in reversed(recorded)] == [
        f"GET {URL}",
        f"GET {URL}/hub.listen",
        f"GET {URL}/no.such",
        f"PATCH {URL}/{LEVEL}",
    ]
    assert (await Controlled(tmp_path, migrated).get()).status == 401


async def test_what_cannot_be_recorded_is_not_done(hub: Controlled, migrated: Database) -> None:
    async with migrated.write() as connection:
        await connection.execute(text("ALTER TABLE audit_entry RENAME TO away"))
    answer = await hub.patch(LEVEL, {"value": "debug"})
    assert (answer.status, answer.problem_name) == (503, "database-unavailable")
    assert hub.levels == []
    assert (await items(hub))[LEVEL]["value"] == "info"
