"""The driver's connections, pools and cluster, held to our time-outs and our watch."""

import asyncio
import weakref
from collections.abc import Callable
from typing import Any, Final

import redis.exceptions as driver
from redis.asyncio import ConnectionPool, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import Connection, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from typing_extensions import override

from mainhub.settings import RedisAddress
from mainhub.storage.redis.place import Patience, Place, tls_options

__all__ = ["Cluster", "Link", "Pool", "Watch", "link_options"]

# RESP2: RESP3 changes the shape of answers and mixes pushed messages in between them.
_PROTOCOL: Final = 2
# Turns bound how many there are; the driver would raise.
_UNBOUND: Final = 1_000_000


class Watch:
    """What connections ask before they connect, and whom they tell of trouble.

    Args:
        admit: raises the driver's ``ConnectionError`` while Redis is known to be away.
        trouble: called when a connection has failed.
    """

    def __init__(self, admit: Callable[[], None], trouble: Callable[[], None]) -> None:
        self.admit = admit
        self.trouble = trouble


class _Cuttable(Connection):
    """A connection that can be broken off while somebody waits for its answer."""

    _transport: asyncio.WriteTransport | None = None

    def cut(self) -> None:
        """Break the connection off at once; whoever reads from it is told."""
        if self._transport is not None:
            self._transport.abort()

    @override
    async def _connect(self) -> None:
        await super()._connect()  # type: ignore[no-untyped-call]  # the driver is half typed
        self._transport = self._writer.transport if self._writer is not None else None


class Link(_Cuttable):
    """A connection to wherever *place* is when it connects."""

    def __init__(self, *, place: Place, watch: Watch, **options: Any) -> None:
        super().__init__(**options)
        self._place = place
        self._watch = watch

    @override
    async def _connect(self) -> None:
        self._watch.admit()
        address = self._place.current or await self._place.find()
        self.host, self.port = address.host, address.port
        await super()._connect()

    @override
    async def read_response(self, *arguments: Any, **options: Any) -> Any:
        try:
            return await super().read_response(*arguments, **options)
        except driver.ReadOnlyError as error:
            # It was the master once: the next use of this connection asks again who is.
            await self.disconnect(nowait=True)
            self._watch.trouble()
            raise driver.ConnectionError("the server has become a replica") from error
        except (driver.ConnectionError, driver.TimeoutError):
            self._watch.trouble()
            raise


class _TlsLink(Link, SSLConnection):
    """The same, over TLS."""


class _NodeLink(_Cuttable):
    """A connection to one node of a cluster."""

    def __init__(self, *, links: weakref.WeakSet[_Cuttable], **options: Any) -> None:
        super().__init__(**options)
        links.add(self)


class _TlsNodeLink(_NodeLink, SSLConnection):
    """The same, over TLS."""


class Pool(ConnectionPool):
    """At most *size* connections, for which callers wait no longer than connecting may take.

    The driver's own pool that waits lets whoever comes late take a connection before those who
    wait: with 50 callers and 20 connections, some waited for more than 250 ms.
    """

    def __init__(
        self, address: RedisAddress, *, size: int, place: Place, watch: Watch, patience: Patience
    ) -> None:
        self._links: weakref.WeakSet[Link] = weakref.WeakSet()
        self._watch = watch
        self._bound = patience.connect
        self._turns = asyncio.Semaphore(size)
        super().__init__(
            max_connections=_UNBOUND,
            connection_class=_TlsLink if address.tls else Link,
            place=place,
            watch=watch,
            **link_options(address, patience),
        )

    @override
    def make_connection(self) -> Any:
        made = super().make_connection()  # type: ignore[no-untyped-call]  # the driver is half typed
        self._links.add(made)
        return made

    @override
    async def get_connection(
        self, command_name: object = None, *keys: object, **options: object
    ) -> Any:
        self._watch.admit()
        try:
            if self._turns.locked():
                async with asyncio.timeout(self._bound):
                    await self._turns.acquire()
                    return await self._connected()
            await self._turns.acquire()
            return await self._connected()
        except TimeoutError:
            self._watch.trouble()
            raise driver.TimeoutError(f"no connection to Redis within {self._bound:g} s") from None
        except (driver.ConnectionError, driver.TimeoutError):
            self._watch.trouble()
            raise

    @override
    async def release(self, connection: Any) -> None:
        try:
            await super().release(connection)
        finally:
            self._turns.release()

    async def _connected(self) -> Link:
        """Return a connection that is ready for a command; the caller has its turn."""
        try:
            link: Link = self.get_available_connection()  # type: ignore[no-untyped-call]  # likewise
        except BaseException:
            self._turns.release()
            raise
        try:
            # Something to read, or its end, means that it is of no use any more.
            if not link.is_connected or await link.can_read():
                async with asyncio.timeout(self._bound):
                    await self.ensure_connection(link)
        except BaseException:
            await self.release(link)
            raise
        return link

    def cut(self) -> None:
        """Break all connections off, those in use too; the pool may be used again."""
        for link in list(self._links):
            link.cut()


class Cluster(RedisCluster):
    """A cluster, for at most *size* commands at once: the driver's own limit raises."""

    def __init__(
        self, address: RedisAddress, *, size: int, watch: Watch, patience: Patience
    ) -> None:
        self._watch = watch
        self._bound = patience.connect + patience.command
        self._turns = asyncio.Semaphore(size)
        self._links: weakref.WeakSet[_Cuttable] = weakref.WeakSet()
        super().__init__(
            startup_nodes=[ClusterNode(node.host, node.port) for node in address.nodes],
            # What the rest of the slots can do is done; the watch says when nothing can.
            require_full_coverage=False,
            max_connections=_UNBOUND,
            retry=Retry(NoBackoff(), 0),
            username=address.username,
            password=address.password,
            socket_connect_timeout=patience.connect,
            socket_timeout=patience.command,
            protocol=_PROTOCOL,
            driver_info=None,
            ssl=address.tls,
            **tls_options(address),  # type: ignore[arg-type]  # each has a type of its own
        )
        # The driver takes no class for connections, but hands its nodes what stands here.
        ours = {"connection_class": _TlsNodeLink if address.tls else _NodeLink}
        self.connection_kwargs.update(ours, links=self._links)
        for node in self.nodes_manager.startup_nodes.values():
            node.connection_class = ours["connection_class"]
            node.connection_kwargs["links"] = self._links

    @override
    async def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        self._watch.admit()
        try:
            async with asyncio.timeout(self._bound), self._turns:
                return await super().execute_command(*args, **kwargs)
        except TimeoutError:
            self._watch.trouble()
            raise driver.TimeoutError(f"no answer of the cluster in {self._bound:g} s") from None
        except (driver.ConnectionError, driver.TimeoutError, driver.ClusterError):
            self._watch.trouble()
            raise

    async def end(self) -> None:
        """Close all connections; the driver's own way leaves those to a node in trouble open."""
        for link in list(self._links):
            link.cut()
            await link.disconnect(nowait=True)
        await self.aclose()


def link_options(address: RedisAddress, patience: Patience) -> dict[str, Any]:
    """Return what the driver's connections are told: our time-outs, and none of its retries."""
    return {
        "username": address.username,
        "password": address.password,
        "db": address.database or 0,
        "socket_connect_timeout": patience.connect,
        "socket_timeout": patience.command,
        "retry": Retry(NoBackoff(), 0),
        "protocol": _PROTOCOL,
        "driver_info": None,
        **tls_options(address),
    }
