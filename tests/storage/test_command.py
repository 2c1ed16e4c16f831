"""``mainhub db`` on either database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.mainhub_process import run
from mainhub.storage import head
from sql.postgresql import PASSWORD, PrivatePostgresql

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_schema_goes_up_and_down(database_url: str, tmp_path: Path) -> None:
    environ = {"MAINHUB_DATABASE__URL": database_url}
    for words, told in (
        (("current",), "schema none"),
        (("upgrade",), f"now at {head()}"),
        (("current",), f"schema {head()}"),
        (("downgrade", "0001"), "now at 0001"),
        (("upgrade",), f"now at {head()}"),
        (("downgrade", "base"), "now at none"),
    ):
        outcome = run("db", *words, cwd=tmp_path, environ=environ)
        assert outcome.code == 0, outcome.err
        assert told in outcome.out
        assert PASSWORD not in outcome.out + outcome.err


def test_a_server_that_does_not_let_in_is_told_in_lines_of_mainhubs_own(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--database") == "sqlite":
        return
    postgresql: PrivatePostgresql = request.getfixturevalue("postgresql")
    for url in (
        postgresql.url("postgres", password="wrong-s3cret"),
        f"{postgresql.url('postgres')}?sslmode=sometimes",
        postgresql.url("postgres").replace(str(postgresql.port), "port"),
    ):
        # The short form that hosts write, under the name that they give it.
        environ = {"DATABASE_URL": url.replace("postgresql+asyncpg", "postgres")}
        outcome = run("db", "current", cwd=tmp_path, environ=environ)
        assert outcome.is_refusal(), outcome.err
        assert "s3cret" not in outcome.out + outcome.err
