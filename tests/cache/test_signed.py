"""What others write into the shared cache is not believed."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.cache import MISSING, Cache, CacheArgumentInvalid, MemoryLevel2, SignedLevel2

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

OLD, NEW = b"o" * 32, b"n" * 32
LONG = timedelta(minutes=5)


@asynccontextmanager
async def caches(*secrets: list[bytes]) -> AsyncIterator[tuple[MemoryLevel2, list[Cache]]]:
    """Yield a level 2 and a cache for each list of secrets, as of processes that share it."""
    shared = MemoryLevel2()
    opened = [Cache(SignedLevel2(shared, known)) for known in secrets]
    for cache in opened:
        await cache.__aenter__()
    yield shared, opened
    for cache in opened:
        await cache.aclose()


async def test_who_has_the_secret_reads_what_was_written() -> None:
    async with caches([NEW], [NEW]) as (_, (one, other)):
        await one.set("a", {"b": [1]}, tags=["t"])
        assert await other.get("a") == {"b": [1]}
        assert await one.expire("a", ttl=timedelta(minutes=1))
        assert await other.get("a") == {"b": [1]}


async def test_poisoned_values_are_a_miss_and_deleted() -> None:
    async with caches([NEW]) as (shared, (cache,)):
        await cache.set("a", 1)
        (good,) = await shared.read(["a"])
        assert good is not None
        for bad in (
            good[:-1] + bytes([good[-1] ^ 1]),
            good[:-16],
            b"",
            bytes([good[0] ^ 1]) + good[1:],
        ):
            await shared.write({"a": (bad, LONG)})
            assert await cache.get("a") is MISSING
            assert await shared.read(["a"]) == [None]


async def test_a_value_copied_to_another_key_is_not_believed() -> None:
    async with caches([NEW]) as (shared, (cache,)):
        await cache.set("mine", "secret plans")
        (good,) = await shared.read(["mine"])
        assert good is not None
        await shared.write({"yours": (good, LONG)})
        assert await cache.get("yours") is MISSING


async def test_an_unsigned_value_is_not_believed() -> None:
    async with caches([NEW]) as (shared, (cache,)), Cache(shared) as unsigned:
        await unsigned.set("a", "put there")
        assert await cache.get("a") is MISSING


async def test_rotating_secrets_loses_nothing() -> None:
    async with caches([OLD], [NEW, OLD], [NEW]) as (_, (before, between, after)):
        await before.set("a", 1)
        assert await between.get("a") == 1
        assert await between.expire("a", ttl=LONG)
        assert await after.get("a") == 1


def test_short_secrets_are_refused() -> None:
    for wrong in ([], [b"short"]):
        with pytest.raises(CacheArgumentInvalid, match="16 random bytes"):
            SignedLevel2(MemoryLevel2(), wrong)


@given(forged=st.binary(max_size=200))
async def test_no_bytes_pass_for_a_value(forged: bytes) -> None:
    async with caches([NEW]) as (shared, (cache,)):
        await shared.write({"a": (forged, LONG)})
        assert await cache.get("a") is MISSING
