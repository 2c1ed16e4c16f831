"""Slips around ``mainhub dev`` that name something else than what is wrong, unless it is told."""

import sqlite3
from pathlib import Path

import pytest

from cli.mainhub_process import mainhub, run
from house.isolation import free_ports

QUICK = {"MAINHUB_DATABASE__BUSY_TIMEOUT": "100ms"}


def locked(folder: Path) -> sqlite3.Connection:
    """Return a connection that lets nobody else read or write the database of *folder*."""
    state = folder / ".mainhub"
    state.mkdir(exist_ok=True)
    connection = sqlite3.connect(state / "mainhub.db", isolation_level=None)
    connection.execute("begin exclusive")
    return connection


@pytest.mark.parametrize("named", ["", "  "])
def test_a_state_folder_without_a_name_is_refused(tmp_path: Path, named: str) -> None:
    outcome = run("dev", "--state", named, cwd=tmp_path)
    assert outcome.is_refusal()
    assert "--state names no folder" in outcome.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", [65534, 65535])
def test_a_port_without_room_for_the_next_two_is_the_hubs_own_fault(
    tmp_path: Path, port: int
) -> None:
    (tmp_path / "mainhub.toml").write_text(f'[hub]\nlisten = "127.0.0.1:{port}"\n')
    outcome = run("dev", cwd=tmp_path)
    assert outcome.is_refusal()
    assert f"hub.listen is 127.0.0.1:{port}" in outcome.err
    assert "65533" in outcome.err


def test_one_underscore_where_two_belong_is_told(tmp_path: Path) -> None:
    slip = {"MAINHUB_HUB_LISTEN": "127.0.0.1:9000"}
    outcome = run("dev", cwd=tmp_path, environ=slip)
    assert outcome.is_refusal()
    assert "MAINHUB_HUB_LISTEN" in outcome.err
    assert "did you mean MAINHUB_HUB__LISTEN?" in outcome.err


def test_a_database_locked_for_a_while_ends_nothing(tmp_path: Path) -> None:
    lock = locked(tmp_path)
    # About SQLite, whatever the other hubs of this run use.
    environ = {**QUICK, "MAINHUB_DATABASE__URL": f"sqlite:///{tmp_path}/.mainhub/mainhub.db"}
    with mainhub("dev", "--port", str(free_ports(3)), cwd=tmp_path, environ=environ) as running:
        running.line_with("hub ended (what it needs does not answer)")
        lock.close()
        running.line_with("Ctrl+C stops everything")
        assert running.stop() == 0


def test_a_database_locked_from_the_start_is_tried_three_times(tmp_path: Path) -> None:
    lock = locked(tmp_path)
    outcome = run("dev", "--port", str(free_ports(3)), cwd=tmp_path, environ=QUICK)
    lock.close()
    assert outcome.code == 2
    assert outcome.err.count("hub ended (what it needs does not answer)") == 2
