"""The Redis of the tests itself: it is there, it can fail, and it comes back."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from redis_server.server import PrivateRedis, program

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def own(redis_kind: str) -> Iterator[PrivateRedis]:
    server = PrivateRedis(redis_kind, password="s3cret-of-a-test")
    yield server.start()
    server.remove()


def test_answers_with_the_version_that_was_asked_for(
    redis_server: PrivateRedis, redis_kind: str
) -> None:
    told = redis_server.run("INFO", "server").partition("redis_version:")[2].split(".")
    assert int(told[0]) >= 7 if redis_kind == "7" else told[:2] == ["6", "2"]


def test_begins_each_test_without_data(redis_server: PrivateRedis) -> None:
    assert redis_server.run("DBSIZE") == ":0"
    assert redis_server.run("SET", "left", "behind") == "+OK"


def test_begins_each_test_without_what_the_last_one_left(redis_server: PrivateRedis) -> None:
    test_begins_each_test_without_data(redis_server)


def test_stops_freezes_and_comes_back_on_its_port(own: PrivateRedis) -> None:
    port = own.port
    own.freeze()
    own.stop()
    assert not own.running
    with pytest.raises(OSError, match="refused"):
        own.run("PING")
    own.start()
    assert (own.port, own.run("PING")) == (port, "+PONG")


def test_a_server_that_was_left_frozen_is_removed(own: PrivateRedis) -> None:
    own.freeze()
    own.remove()
    assert not own.folder.exists()


def test_the_program_of_debians_tools_is_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = program("7")
    assert real is not None
    (tmp_path / "redis-check-rdb").symlink_to(Path(real).resolve())
    (tmp_path / "setpriv").symlink_to(shutil.which("setpriv") or "")
    monkeypatch.setenv("PATH", str(tmp_path))
    server = PrivateRedis()
    try:
        assert server.start().run("PING") == "+PONG"
    finally:
        server.remove()
