"""Every command, URL and setting is described in ``docs/``."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from house.documentation import (
    commands,
    undocumented_commands,
    undocumented_settings,
    undocumented_urls,
)
from mainhub.app import public_urls
from mainhub.cli import typer_app
from mainhub.settings import documented_paths

DOCS = Path(__file__).resolve().parents[2] / "docs"

TEXT = """# MainHub
Start it with `mainhub serve --config mainhub.toml`, or look: `mainhub config show [--json]`.

`GET /auth/login?idp=&return_to=` signs in; `/auth/callback/{idp}` is where one returns.

## `[hub]`: the hub itself
| `public_url` | where it is reached |

## The rest
`mode` is described elsewhere, `database.url` here.
"""


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "all.md").write_text(TEXT)
    return tmp_path


@pytest.mark.parametrize("name", ["mainhub serve", "mainhub config show"])
def test_finds_a_command(name: str, docs: Path) -> None:
    assert undocumented_commands(docs, [name]) == []


@pytest.mark.parametrize("name", ["mainhub doctor", "mainhub config show-all", "mainhub ser"])
def test_misses_a_command(name: str, docs: Path) -> None:
    assert undocumented_commands(docs, [name]) == [name]


@pytest.mark.parametrize("url", ["/auth/login", "/auth/callback/{idp}"])
def test_finds_a_url(url: str, docs: Path) -> None:
    assert undocumented_urls(docs, [url]) == []


@pytest.mark.parametrize("url", ["/livez", "/auth", "/auth/callback", "/login", "/auth/log"])
def test_misses_a_url(url: str, docs: Path) -> None:
    assert undocumented_urls(docs, [url]) == [url]


@pytest.mark.parametrize("name", ["hub.public_url", "database.url"])
def test_finds_a_setting(name: str, docs: Path) -> None:
    assert undocumented_settings(docs, [name]) == []


@pytest.mark.parametrize("name", ["hub.mode", "hub.public", "sessions.public_url"])
def test_misses_a_setting(name: str, docs: Path) -> None:
    assert undocumented_settings(docs, [name]) == [name]


def test_walks_commands_in_groups() -> None:
    outer, inner = typer.Typer(), typer.Typer()
    for app, name in ((outer, "serve"), (inner, "show"), (inner, "check")):
        app.command(name)(lambda: None)
    outer.command("secret", hidden=True)(lambda: None)
    outer.add_typer(inner, name="config")
    found = sorted(commands(typer.main.get_command(outer), "mainhub"))
    assert found == ["mainhub config check", "mainhub config show", "mainhub serve"]


def test_every_command_is_described() -> None:
    found = list(commands(typer.main.get_command(typer_app), "mainhub"))
    assert found
    assert undocumented_commands(DOCS, found) == []


def test_every_url_is_described() -> None:
    found = public_urls()
    assert found
    assert undocumented_urls(DOCS, found) == []


def test_every_setting_is_described() -> None:
    found = documented_paths()
    assert found
    assert undocumented_settings(DOCS, found) == []
