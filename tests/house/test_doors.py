"""Other rooms import a room's door, never what is behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.doors import imports_behind_doors, migrations_that_import_rooms

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "mainhub"

BEHIND = [
    "from mainhub.cache.memory import MemoryCache",
    "from mainhub.cache import memory",
    "import mainhub.cache.memory",
    "import mainhub.cache.deep.inside as inside",
    "from ..cache.memory import MemoryCache",
    "from ..cache import memory",
    "from mainhub.cache.offered import something",
    "def late() -> None:\n    from mainhub.cache.memory import MemoryCache",
]
FINE = [
    "import mainhub",
    "import mainhub.cache",
    "from mainhub.cache import Cache, offered",
    "from ..cache import Cache",
]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    package = tmp_path / "mainhub"
    for file in (
        "cache/__init__",
        "cache/memory",
        "cache/offered",
        "cache/deep/__init__",
        "cache/deep/inside",
    ):
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / f"{file}.py").write_text("")
    (package / "cache" / "__init__.py").write_text('__all__ = ["Cache", "offered"]')
    for other in ("gateway", "app", "cli"):
        (package / other).mkdir()
        (package / other / "__init__.py").write_text("")
    return package


@pytest.mark.parametrize("line", BEHIND)
def test_sees_an_import_behind_a_door(line: str, house: Path) -> None:
    (house / "gateway" / "relay.py").write_text(line)
    assert len(imports_behind_doors(house)) == 1


@pytest.mark.parametrize("line", FINE)
def test_lets_the_door_pass(line: str, house: Path) -> None:
    (house / "gateway" / "relay.py").write_text(line)
    assert imports_behind_doors(house) == []


@pytest.mark.parametrize("own", ["app/compose.py", "cli/serve.py", "cache/redis.py"])
def test_lets_those_pass_that_may_look_behind(own: str, house: Path) -> None:
    (house / own).write_text("from mainhub.cache.memory import MemoryCache")
    assert imports_behind_doors(house) == []


def test_sees_a_migration_that_imports_a_room(house: Path) -> None:
    versions = house / "storage" / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions / "0001_first.py").write_text("from mainhub.storage import schema")
    assert len(migrations_that_import_rooms(house)) == 1


@pytest.mark.parametrize(
    ("own", "line", "seen"),
    [
        ("cache/redis/links.py", "from mainhub.storage.redis import Line", 0),
        ("cache/redis/links.py", "from mainhub.storage.redis import _Hidden", 1),
        ("cache/redis/links.py", "from mainhub.storage.redis.line import Line", 1),
        ("cache/links.py", "from mainhub.storage.redis import Line", 1),
    ],
)
def test_lets_adapters_in_where_their_connections_are(
    own: str, line: str, seen: int, house: Path
) -> None:
    for folder in ("storage", "storage/redis", "cache/redis"):
        (house / folder).mkdir()
        (house / folder / "__init__.py").write_text("")
    (house / "storage" / "redis" / "__init__.py").write_text('__all__ = ["Line"]')
    (house / own).write_text(line)
    assert len(imports_behind_doors(house)) == seen


def test_our_rooms_are_entered_by_their_doors() -> None:
    assert imports_behind_doors(PACKAGE) == []


def test_our_migrations_are_frozen() -> None:
    assert migrations_that_import_rooms(PACKAGE) == []
