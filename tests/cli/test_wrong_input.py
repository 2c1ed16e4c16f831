"""The wrong things that a person types: one line with the remedy, exit code 2, no traceback."""

import socket
import sqlite3
from pathlib import Path

import pytest

from cli.mainhub_process import run
from house.isolation import free_ports

KEY = "k" * 43
PROVIDER = f"""
[hub]
secret_keys = ["{KEY}"]
listen = "127.0.0.1:PORT"
[identity.entra]
kind = "entra"
tenant = "5f1c2a9e-7d34-4b86-9c05-2e8a61d7b340"
client_id = "client"
client_secret = "secret-of-the-client"
"""


def written(folder: Path, text: str) -> None:
    (folder / "mainhub.toml").write_text(text)


def test_a_port_that_is_in_use_is_named_with_the_way_out(tmp_path: Path) -> None:
    port = free_ports(3)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + 1))
        taken.listen()
        outcome = run("dev", "--port", str(port), cwd=tmp_path)
    assert outcome.is_refusal()
    assert f"port {port + 1} is in use" in outcome.err
    assert "--port" in outcome.err


def test_serve_refuses_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        written(tmp_path, PROVIDER.replace("PORT", str(port)))
        outcome = run("serve", cwd=tmp_path)
    assert outcome.is_refusal()
    assert f"port {port} is in use" in outcome.err


@pytest.mark.parametrize("command", [("dev",), ("serve",), ("config", "show"), ("db", "current")])
def test_an_unknown_setting_is_told_with_the_nearest_right_name(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    written(tmp_path, '[hub]\nlistn = "127.0.0.1:8080"\n')
    outcome = run(*command, cwd=tmp_path)
    assert outcome.is_refusal()
    assert "mainhub.toml:2" in outcome.err
    assert "hub.listen" in outcome.err


def test_bad_toml_is_told_with_line_and_column(tmp_path: Path) -> None:
    written(tmp_path, "[hub]\nlisten = =\n")
    outcome = run("serve", cwd=tmp_path)
    assert outcome.is_refusal()
    assert "mainhub.toml" in outcome.err
    assert "mainhub.toml:2:" in outcome.err


def test_a_database_that_cannot_be_opened_is_told_with_its_folder(tmp_path: Path) -> None:
    port = free_ports(3)
    url = f'[database]\nurl = "sqlite+aiosqlite:///{tmp_path}/absent/mainhub.db"\n'
    written(tmp_path, PROVIDER.replace("PORT", str(port)) + url)
    outcome = run("serve", cwd=tmp_path)
    assert outcome.is_refusal()
    assert f"{tmp_path}/absent" in outcome.err
    assert "database.url" in outcome.err


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "mainhub.db").write_bytes(b"this is not a database, it is a letter" * 100)
    outcome = run("db", "current", cwd=tmp_path)
    assert outcome.is_refusal()
    assert "mainhub.db" in outcome.err


def test_a_database_of_a_newer_version_is_told_with_the_way_down(tmp_path: Path) -> None:
    assert run("db", "upgrade", cwd=tmp_path).code == 0
    with sqlite3.connect(tmp_path / "mainhub.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    written(tmp_path, PROVIDER.replace("PORT", str(free_ports(3))))
    outcome = run("serve", cwd=tmp_path)
    assert outcome.is_refusal()
    assert "9999" in outcome.err
    assert "mainhub db downgrade" in outcome.err


def test_a_newer_database_stops_mainhub_dev_instead_of_starting_it_for_ever(
    tmp_path: Path,
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    url = {"MAINHUB_DATABASE__URL": f"sqlite+aiosqlite:///{state}/mainhub.db"}
    assert run("db", "upgrade", cwd=tmp_path, environ=url).code == 0
    with sqlite3.connect(state / "mainhub.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    outcome = run("dev", "--port", str(free_ports(3)), "--state", "state", cwd=tmp_path)
    assert outcome.is_refusal()
    assert "9999" in outcome.err


def test_serve_without_a_provider_names_what_is_missing(tmp_path: Path) -> None:
    outcome = run("serve", cwd=tmp_path)
    assert outcome.is_refusal()
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "client_secret", "hub.secret_keys"):
        assert name in outcome.err
    assert "mainhub dev" in outcome.err


@pytest.mark.parametrize("public_url", ["", 'public_url = "https://hub.example.com"\n'])
def test_dev_refuses_to_listen_where_others_could_reach_it(tmp_path: Path, public_url: str) -> None:
    written(tmp_path, f'[hub]\nlisten = "0.0.0.0:8080"\n{public_url}')
    outcome = run("dev", cwd=tmp_path)
    assert outcome.is_refusal()
    assert "0.0.0.0:8080" in outcome.err
    assert "mainhub serve" in outcome.err


def test_dev_refuses_production(tmp_path: Path) -> None:
    written(tmp_path, '[hub]\nmode = "production"\n')
    outcome = run("dev", cwd=tmp_path)
    assert outcome.is_refusal()
    assert "production" in outcome.err


def test_a_state_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    outcome = run("dev", "--state", "file/state", cwd=tmp_path)
    assert outcome.is_refusal()
    assert "--state" in outcome.err


def test_a_damaged_key_of_the_simulator_is_told_instead_of_tried_for_ever(tmp_path: Path) -> None:
    kept = tmp_path / ".mainhub" / "entra"
    kept.mkdir(parents=True)
    (kept / "signing-key.pem").write_text("not a key")
    outcome = run("dev", "--port", str(free_ports(3)), cwd=tmp_path)
    assert outcome.is_refusal()
    assert "Remove" in outcome.err


def test_secrets_that_cannot_be_read_are_told_and_not_shown(tmp_path: Path) -> None:
    state = tmp_path / ".mainhub"
    state.mkdir()
    (state / "dev.json").write_text('{"client_secret": "half of a file')
    outcome = run("dev", "--port", str(free_ports(3)), cwd=tmp_path)
    assert outcome.is_refusal()
    assert "dev.json" in outcome.err
    assert "half of a file" not in outcome.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("dev", "--port", "eighty"), "--port"),
        (("dev", "--port", "70000"), "--port"),
        (("srve",), "serve"),
        (("db", "upgrade", "0815"), "0001"),
        (("db", "downgrade"), "to"),
        (("serve", "--config", "absent.toml"), "absent.toml"),
    ],
)
def test_wrong_words_are_told(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    outcome = run(*arguments, cwd=tmp_path)
    assert outcome.is_refusal()
    assert told in outcome.err


def test_no_arguments_show_the_commands(tmp_path: Path) -> None:
    outcome = run(cwd=tmp_path)
    for command in ("dev", "serve", "config", "db"):
        assert command in outcome.out + outcome.err


def test_the_version_is_told(tmp_path: Path) -> None:
    assert run("--version", cwd=tmp_path).out.startswith("mainhub 0.")
