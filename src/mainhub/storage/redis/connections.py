"""The connections, and the watch that finds out when Redis is lost and when it is back."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Self

import redis.exceptions as driver
from redis.asyncio import Redis, RedisCluster

from mainhub.clock import Clock, SystemClock
from mainhub.settings import Address, RedisAddress, parse_redis_url
from mainhub.storage.redis.check import require_ready
from mainhub.storage.redis.direct import Direct
from mainhub.storage.redis.failures import FAILURES, RedisUnavailable, why
from mainhub.storage.redis.link import Cluster, Link, Pool, Watch
from mainhub.storage.redis.place import Patience, place_of
from mainhub.storage.redis.state import RedisChange, RedisState
from mainhub.telemetry import get_logger

__all__ = ["RedisConnections"]

log = get_logger("storage")

_EVERY: Final = 0.4
_SOONEST: Final = 0.05
_AGAIN: Final = 0.05
_AGAIN_LATEST: Final = 2.0
_MISSES: Final = 2
_CLUSTER_FOUND: Final = 5.0
_PUBLISHERS: Final = 4
_SUBSCRIBERS: Final = 100

Listener = Callable[[RedisChange], object]


class RedisConnections:
    """Clients of one Redis, watched while this is entered as an async context manager.

    The watch asks Redis for a sign of life about twice a second, and sooner after a command has
    failed. A server that is gone is given up at once, one that is silent after two time-outs; it is
    tried again after 50 ms, 100 ms and so on, up to 2 s. While Redis is down, commands fail at once
    with the driver's ``ConnectionError``, and every connection is cut, so that who listens hears of
    it. All clients raise the driver's own errors, subclasses of ``redis.RedisError``.

    Args:
        address: where Redis is: a URL of any kind that ``redis.url`` takes, or what it says.
        connect_timeout: how long a connection may take, waiting for a free one included.
        command_timeout: how long Redis may take for one command.
        pool_size: how many commands are under way at once; further callers wait.
        clock: stamps the transitions.

    Raises:
        ValueError: *address* is a URL of another kind, or there is no time or no connection.
    """

    def __init__(
        self,
        address: RedisAddress | str,
        *,
        connect_timeout: timedelta = timedelta(milliseconds=250),
        command_timeout: timedelta = timedelta(milliseconds=250),
        pool_size: int = 20,
        clock: Clock | None = None,
    ) -> None:
        if min(connect_timeout, command_timeout) <= timedelta() or pool_size < 1:
            raise ValueError("give time-outs longer than zero, and one connection at least")
        self.address = parse_redis_url(address) if isinstance(address, str) else address
        self._clock = clock or SystemClock()
        self._patience = Patience(connect_timeout.total_seconds(), command_timeout.total_seconds())
        self._place = place_of(self.address, self._patience)
        self._watch = Watch(self._admit, self._trouble)
        self._state = RedisState.CONNECTING
        self._since = self._clock.now()
        self._problem: RedisUnavailable | None = None
        self._changed = asyncio.Event()
        self._look = asyncio.Event()
        self._listeners: list[Listener] = []
        self._task: asyncio.Task[None] | None = None
        # The watch's own, whose connections are not refused while Redis is down.
        self._own = self._pool(1, Watch(lambda: None, lambda: None))
        self._pools: list[Pool] = []
        self._cluster: Cluster | None = None
        if self.address.kind == "cluster":
            self._cluster = Cluster(
                self.address, size=pool_size, watch=self._watch, patience=self._patience
            )
        self._commands: Redis | RedisCluster = self._cluster or self._client(pool_size)
        self._direct = self._cluster or Direct(self._pooled(1), self._watch, self._patience)
        self._publisher = self._client(_PUBLISHERS)
        self._subscriber = self._client(_SUBSCRIBERS)

    @property
    def commands(self) -> Redis | RedisCluster:
        """For everything but publishing and subscribing; the same object for ever."""
        return self._commands

    @property
    def direct(self) -> Direct | RedisCluster:
        """For scripts that many ask for and that take no time; a cluster's is as ``commands``."""
        return self._direct

    @property
    def publisher(self) -> Redis:
        """For ``publish`` only, so that no slow command holds a message up."""
        return self._publisher

    @property
    def subscriber(self) -> Redis:
        """For ``pubsub()`` only. Its readers get a ``ConnectionError`` when Redis is lost."""
        return self._subscriber

    @property
    def state(self) -> RedisState:
        """How Redis is."""
        return self._state

    @property
    def since(self) -> datetime:
        """When it became so."""
        return self._since

    @property
    def cause(self) -> str | None:
        """Why it is down, as last found; ``None`` if it is not."""
        return str(self._problem) if self._problem is not None else None

    @property
    def server(self) -> Address | None:
        """The server that was found ready: the master, or the node that is listened to."""
        return self._place.current

    def on_change(self, listener: Listener) -> Callable[[], None]:
        """Let *listener* hear of each transition, once; return what ends that.

        It is called on the event loop and must return at once.
        """
        self._listeners.append(listener)

        def off() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return off

    async def until(self, state: RedisState) -> None:
        """Return when Redis is in *state*, at once if it is already."""
        while self._state is not state:
            await self._changed.wait()

    async def probe(self) -> None:
        """Return if Redis is ready; nothing is asked for it.

        Raises:
            RedisUnavailable: it is not; the message says why.
        """
        if self._state is not RedisState.READY:
            raise self._problem or RedisUnavailable(f"{self.address} has not answered yet")

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep(), name="redis-watch")
        return self

    async def __aexit__(self, *_failure: object) -> None:
        while self._task is not None:
            self._task.cancel()
            # Again if need be: `asyncio.wait_for` of Python 3.11, which the driver uses, may take a
            # cancellation for its own (CPython gh-86296).
            ended, _ = await asyncio.wait({self._task}, timeout=_AGAIN)
            self._task = None if ended else self._task
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections; a server that does not answer holds nothing up."""
        for pool in self._pools:
            pool.cut()
        closing = [pool.aclose for pool in self._pools] + [self._place.aclose]
        closing += [self._direct.aclose] if isinstance(self._direct, Direct) else []
        closing += [self._cluster.end] if self._cluster is not None else []
        for close in closing:
            try:
                await close()
            except FAILURES as error:
                log.debug("redis.not_closed", caused_by=repr(error))

    def _client(self, size: int) -> Redis:
        return Redis(connection_pool=self._pooled(size))

    def _pooled(self, size: int) -> Pool:
        pool = self._pool(size, self._watch)
        self._pools.append(pool)
        return pool

    def _pool(self, size: int, watch: Watch) -> Pool:
        return Pool(
            self.address, size=size, place=self._place, watch=watch, patience=self._patience
        )

    def _admit(self) -> None:
        if self._state is RedisState.DOWN:
            raise driver.ConnectionError(f"Redis is down: {self.cause}")

    def _trouble(self) -> None:
        self._look.set()

    async def _keep(self) -> None:
        """Find the server, stay with it until it is lost, begin again."""
        attempts = 0
        while True:
            problem, was_ready = await self._attend()
            self._lost(problem)
            attempts = 1 if was_ready else attempts + 1
            await asyncio.sleep(min(_AGAIN * attempts, _AGAIN_LATEST))

    async def _attend(self) -> tuple[RedisUnavailable, bool]:
        """Return why the server cannot be used, or no longer, and whether it could."""
        link: Link = self._own.make_connection()
        ready = False
        try:
            found = await self._place.find()
            self._place.current = found
            await require_ready(link, self.address)
            await self._find_cluster()
            self._ready(found)
            ready = True
            await self._stay(link, found)
        except FAILURES as error:
            return why(error, self._where(link)), ready
        except RedisUnavailable as error:
            return error, ready
        except Exception as error:  # edge: a driver's fault must not end the watch
            log.exception("redis.watch_failed")
            return why(error, self._where(link)), ready
        finally:
            link.cut()
            await link.disconnect(nowait=True)
        raise AssertionError("who stays leaves by an error")

    async def _stay(self, link: Link, found: Address) -> None:
        """Ask *link* for signs of life until there is none; raise what was wrong."""
        missed = 0
        while True:
            if not missed:
                await self._pause()
            try:
                await require_ready(link, self.address)
            except driver.TimeoutError:
                # One may be ours: a loop that was busy for so long.
                missed += 1
                if missed == _MISSES:
                    raise
                continue
            missed = 0
            await self._find_cluster()
            await self._require_unmoved(found)

    async def _require_unmoved(self, found: Address) -> None:
        if not self._place.moves:
            return
        try:
            now = await self._place.find()
        except RedisUnavailable:
            # The master answers: that no Sentinel does is no reason to leave it.
            return
        if now != found:
            raise RedisUnavailable(f"{found} is the master no longer; it is {now}")

    async def _find_cluster(self) -> None:
        """Let the client of the cluster learn its nodes, with more patience than a command has."""
        if self._cluster is not None:
            async with asyncio.timeout(_CLUSTER_FOUND):
                await self._cluster.initialize()

    async def _pause(self) -> None:
        """Wait until it is time to look again, or a command has failed."""
        await asyncio.sleep(_SOONEST)
        try:
            async with asyncio.timeout(_EVERY - _SOONEST):
                await self._look.wait()
        except TimeoutError:
            pass
        self._look.clear()

    def _ready(self, found: Address) -> None:
        log.info("redis.ready", server=str(found))
        self._problem = None
        self._change(RedisState.READY)

    def _lost(self, problem: RedisUnavailable) -> None:
        self._place.reject()
        self._place.current = None
        self._problem = problem
        if self._state is RedisState.DOWN:
            return
        log.warning("redis.lost", address=str(self.address), cause=str(problem))
        self._change(RedisState.DOWN)
        for pool in self._pools:
            pool.cut()

    def _change(self, after: RedisState) -> None:
        change = RedisChange(self._state, after, self.cause, self._clock.now())
        self._state, self._since = after, change.at
        self._changed.set()
        self._changed = asyncio.Event()
        for listener in list(self._listeners):
            try:
                listener(change)
            except Exception:  # edge: a listener may raise anything, and the others must hear
                log.exception("redis.listener_failed")

    def _where(self, link: Link) -> str:
        return f"{link.host}:{link.port}"
