"""What goes wrong with Redis under load, and that nobody notices: no error, no wait, no rest."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cache.fault_load import CALLERS, SourceDown, WarmLoad, within
from cache.fault_proxy import COMMANDS, EVERY, HEARING, FaultProxy
from cache.fault_stub import REFUSALS, refusing
from mainhub.cache import Cache, connect
from redis_server.server import PrivateRedis

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

pytestmark = pytest.mark.anyio

# How long things are wrong.
WRONG = 0.8
PATIENCE = 20.0


class Place:
    """A Redis, what stands before it, and what can be done to both."""

    def __init__(self, server: PrivateRedis, proxy: FaultProxy) -> None:
        self.server = server
        self.proxy = proxy
        self.cache: Cache | None = None
        self.used = 0

    @asynccontextmanager
    async def killed(self) -> AsyncIterator[None]:
        """And started again without its data."""
        self.server.kill()
        yield
        self.server.start()

    @asynccontextmanager
    async def restarted_at_once(self) -> AsyncIterator[None]:
        self.server.kill()
        self.server.start()
        yield

    @asynccontextmanager
    async def frozen(self) -> AsyncIterator[None]:
        self.server.freeze()
        try:
            yield
        finally:
            self.server.thaw()

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        self.server.run("CLIENT", "PAUSE", "60000", "WRITE")
        yield
        self.server.run("CLIENT", "UNPAUSE")

    @asynccontextmanager
    async def slow(self) -> AsyncIterator[None]:
        self.proxy.delay(0.2)
        yield
        self.proxy.pass_on()

    @asynccontextmanager
    async def rather_slow(self) -> AsyncIterator[None]:
        """Slower than anybody waits, and not silent."""
        self.proxy.delay(0.04)
        yield
        self.proxy.pass_on()

    @asynccontextmanager
    async def silent_commands(self) -> AsyncIterator[None]:
        self.proxy.swallow(COMMANDS)
        yield
        self.proxy.pass_on()

    @asynccontextmanager
    async def silent_hearing(self) -> AsyncIterator[None]:
        self.proxy.swallow(HEARING)
        yield
        self.proxy.pass_on()

    @asynccontextmanager
    async def silent(self) -> AsyncIterator[None]:
        """For new connections as well."""
        self.proxy.swallow(EVERY, new=True)
        yield
        self.proxy.pass_on()

    @asynccontextmanager
    async def half_open(self) -> AsyncIterator[None]:
        self.proxy.halve()
        yield
        self.proxy.pass_on()

    @asynccontextmanager
    async def cut_again_and_again(self) -> AsyncIterator[None]:
        for _ in range(5):
            self.proxy.cut()
            await within(PATIENCE, lambda: not linked(self.cache))
            await within(PATIENCE, lambda: linked(self.cache))
        yield

    @asynccontextmanager
    async def read_only(self) -> AsyncIterator[None]:
        self.server.run("REPLICAOF", "127.0.0.1", "1")
        yield
        self.server.run("REPLICAOF", "NO", "ONE")

    @asynccontextmanager
    async def full(self) -> AsyncIterator[None]:
        self.server.run("CONFIG", "SET", "maxmemory", "1")
        yield
        self.server.run("CONFIG", "SET", "maxmemory", "0")

    @asynccontextmanager
    async def evicting(self) -> AsyncIterator[None]:
        """Of all keys any, values and tokens of tags alike."""
        self.server.run("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
        used = self.server.run("INFO", "memory").partition("used_memory:")[2].split()[0]
        self.server.run("CONFIG", "SET", "maxmemory", str(int(used) - 4_000))
        yield
        self.server.run("CONFIG", "SET", "maxmemory", "0")
        self.server.run("CONFIG", "SET", "maxmemory-policy", "noeviction")

    @asynccontextmanager
    async def without_scripts(self) -> AsyncIterator[None]:
        for _ in range(20):
            self.server.run("SCRIPT", "FLUSH")
            await asyncio.sleep(0.01)
        yield

    @asynccontextmanager
    async def flushed(self) -> AsyncIterator[None]:
        for _ in range(5):
            self.server.run("FLUSHALL")
            await asyncio.sleep(0.01)
        yield

    @asynccontextmanager
    async def without_rights(self) -> AsyncIterator[None]:
        self.server.run("ACL", "SETUSER", "default", "-@all", "+acl", "+client|unpause")
        yield
        self.server.run("ACL", "SETUSER", "default", "+@all")

    @asynccontextmanager
    async def another(self, answer: bytes, *, greets: bool) -> AsyncIterator[None]:
        """Something else in its place."""
        async with refusing(answer, greets=greets) as port:
            self.proxy.pass_on(port)
            self.proxy.cut()
            yield
            self.proxy.pass_on(self.server.port)
            self.proxy.cut()


FAULTS = [
    "killed",
    "restarted_at_once",
    "frozen",
    "paused",
    "slow",
    "rather_slow",
    "silent_commands",
    "silent_hearing",
    "silent",
    "half_open",
    "cut_again_and_again",
    "read_only",
    "full",
    "evicting",
    "without_scripts",
    "flushed",
    "without_rights",
]
# What is gone from Redis may have been deleted, and then no older value is given.
TAKEN_BACK = {"evicting", "flushed"}
# From the first word on, or to commands alone.
REFUSED = [(name, False) for name in sorted(REFUSALS)] + [("loading", True), ("wrong-kind", True)]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """One server for all: each fault ends."""
    server = PrivateRedis().start()
    try:
        with FaultProxy(server.port) as proxy:
            yield Place(server, proxy)
    finally:
        server.remove()


@asynccontextmanager
async def loaded(place: Place) -> AsyncIterator[tuple[Cache, WarmLoad]]:
    """Yield a cache with warm keys under load."""
    # Each has names of its own: what one could not take back any more is another's fault.
    place.used += 1
    namespace = f"faults-{place.used}"
    async with connect(f"redis://127.0.0.1:{place.proxy.port}", namespace=namespace) as cache:
        place.cache = cache
        load = WarmLoad(cache)
        await within(PATIENCE, lambda: linked(cache))
        await load.warm()
        async with load.running():
            await load.some(0.2)
            yield cache, load


def linked(cache: Cache | None) -> bool:
    return cache is not None and cache.state is not None and cache.state.linked


async def recovered(cache: Cache) -> float:
    """Return how long it took until level 2 is used again and nothing is left to tell it."""

    def well() -> bool:
        breaker = cache.describe()["level2"]["breaker"]
        return linked(cache) and breaker == "closed" and cache.pending == 0

    loop = asyncio.get_running_loop()
    began = loop.time()
    await within(PATIENCE, well)
    fills, hits = cache.figures.fills, cache.figures.l2_hits
    await within(PATIENCE, lambda: cache.figures.fills > fills and cache.figures.l2_hits >= hits)
    await _shared(cache)
    return loop.time() - began


async def _shared(cache: Cache) -> None:
    """Wait until another process finds what this one has."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await cache.set("shared", "yes", ttl=timedelta(minutes=1))
            level2 = cache.engine.level2
            assert level2 is not None
            try:
                (found,) = await level2.read(["shared"])
            except Exception:  # noqa: BLE001 - then again
                found = None
            if found is not None:
                return
            await asyncio.sleep(0.01)


def judge(load: WarmLoad, what: str, back: float, record: Callable[[str, object], None]) -> None:
    record("faults", f"{what}: {load.told()}, back after {back:.2f} s")
    print(f"{what}: {load.told()}, back after {back:.2f} s")  # noqa: T201 - with -s
    assert load.wrong == []
    if what in TAKEN_BACK:
        # An older value may be taken back while somebody makes a newer one and then fails.
        assert {type(error) for error in load.failed} <= {SourceDown}
        assert len(load.failed) <= max(CALLERS, 0.05 * len(load.took)), load.told()
    else:
        assert load.failed == []
        # Those that were being made as it began, at most.
        assert load.bare <= max(4, 0.1 * load.asked), load.told()
    # Generous: other tests run beside this one.
    assert load.late(1.0) <= 0.05, load.told()


@pytest.mark.parametrize("fault", FAULTS)
async def test_nobody_notices(
    place: Place, fault: str, record_property: Callable[[str, object], None]
) -> None:
    async with loaded(place) as (cache, load):
        async with getattr(place, fault)():
            await load.some(WRONG)
        back = await recovered(cache)
    judge(load, fault, back, record_property)


@pytest.mark.parametrize(("name", "greets"), REFUSED)
async def test_nobody_notices_what_stands_in_its_place(
    place: Place,
    name: str,
    greets: bool,  # noqa: FBT001 - a parameter of the table
    record_property: Callable[[str, object], None],
) -> None:
    async with loaded(place) as (cache, load):
        async with place.another(REFUSALS[name], greets=greets):
            await load.some(WRONG / 2)
        back = await recovered(cache)
    judge(load, name, back, record_property)
