"""A cache from a URL, or from the names that other software gives to Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainhub.cache import MISSING, CacheArgumentInvalid, connect

if TYPE_CHECKING:
    from redis_server.server import PrivateRedis

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("url", ["memory://", "memory:", " MEMORY:// "])
async def test_keeps_values_in_this_process(url: str) -> None:
    async with connect(url, max_entries=10) as cache:
        await cache.set("a", 1)
        assert await cache.get("a") == 1


async def test_shares_values_and_locks_over_a_url(redis_server: PrivateRedis) -> None:
    async with connect(redis_server.url) as one, connect(redis_server.url) as other:
        await one.set("a", {"n": 1}, tags=("t",))
        assert await other.get("a") == {"n": 1}
        await other.invalidate_tags("t")
        assert await one.get("a") is MISSING
        async with one.lock("job") as lease:
            assert lease.is_held
        assert redis_server.run("EXISTS", "cache:v:{a}") == ":1"


async def test_namespaces_share_nothing(redis_server: PrivateRedis) -> None:
    async with (
        connect(redis_server.url, namespace="one") as one,
        connect(redis_server.url, namespace="other") as other,
    ):
        await one.set("a", 1)
        assert await other.get("a") is MISSING
        await other.clear()
        assert await one.get("a") == 1


async def test_takes_the_names_of_other_software(redis_server: PrivateRedis) -> None:
    environ = {"REDIS_URL": redis_server.url}
    async with connect(environ=environ) as cache, connect(redis_server.url) as other:
        await cache.set("a", 1)
        assert await other.get("a") == 1


async def test_opens_without_a_server_and_is_no_reason_for_an_error(free_port: int) -> None:
    async def factory() -> int:
        return 1

    async with connect(f"redis://127.0.0.1:{free_port}") as cache:
        assert await cache.get("a") is MISSING
        await cache.set("a", 2)
        await cache.delete("a")
        assert await cache.get_or_set("a", factory) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "redis",
        "http://:very-secret@localhost",
        "redis://:very-secret@localhost:port",
        "redis://:very-secret@localhost/zero",
        "redis+cluster://:very-secret@localhost/1",
        "memory://:very-secret@localhost",
        "redis://:very-secret@[::1",
    ],
)
def test_a_wrong_url_names_the_remedy_and_no_secret(url: str) -> None:
    with pytest.raises(CacheArgumentInvalid) as caught:
        connect(url)
    told = str(caught.value)
    assert "memory://" in told
    assert "very-secret" not in told
    assert caught.value.__cause__ is None


def test_nothing_named_names_the_remedy() -> None:
    with pytest.raises(CacheArgumentInvalid, match=r"REDIS_URL.*REDIS_SENTINELS"):
        connect(environ={})
    with pytest.raises(CacheArgumentInvalid) as caught:
        connect(environ={"REDIS_SENTINELS": "[{]", "REDIS_PASSWORD": "very-secret"})
    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize("namespace", ["", "a\nb", "x" * 600])
def test_a_wrong_namespace_is_refused(namespace: str) -> None:
    with pytest.raises(CacheArgumentInvalid):
        connect("redis://localhost", namespace=namespace)


def test_a_wrong_option_is_refused() -> None:
    with pytest.raises(CacheArgumentInvalid):
        connect("memory://", max_entries=0)
