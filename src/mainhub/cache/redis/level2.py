"""Level 2 in Redis: values, tokens of tags, and who fills which key."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from redis.asyncio.cluster import RedisCluster
from redis.exceptions import RedisError
from typing_extensions import override

from mainhub.cache.failures import CacheArgumentInvalid, CacheUnavailable
from mainhub.cache.port import Claim, Coherence, Level2, LinkState, Listener
from mainhub.cache.redis import scripts
from mainhub.cache.redis.heard import Heard
from mainhub.cache.redis.links import Links
from mainhub.cache.redis.plain import Plain
from mainhub.cache.redis.spelling import Spelling
from mainhub.cache.redis.transport import Transport, said

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from mainhub.storage.redis import Command

__all__ = ["RedisLevel2"]

_TOKEN_BYTES: Final = 9
_TOKENS_LIVE: Final = timedelta(days=30)
_PAGE: Final = 1000
_LONGEST_MS: Final = 10 * 365 * 24 * 3600 * 1000


class RedisLevel2(Level2):
    """What several processes keep in one Redis under *namespace*.

    Args:
        client: a client of the driver's, of a server or of a cluster; it is left open.
        subscriber: a client that may listen for as long as it likes; for a cluster only.
        namespace: what all names begin with.
        silence: after how long a server that answers no command is given up.

    Raises:
        CacheArgumentInvalid: the client of a cluster turns bytes into text.
    """

    def __init__(
        self,
        client: "Redis | RedisCluster",
        *,
        subscriber: "Redis | None" = None,
        namespace: str = "cache",
        silence: timedelta = timedelta(milliseconds=250),
    ) -> None:
        self._client: Any = client
        self._is_cluster = isinstance(client, RedisCluster)
        self._spelling = Spelling(namespace)
        self._heard = Heard(self._spelling)
        self._transport: Transport
        if self._is_cluster:
            if any(one.get_encoder().decode_responses for one in (client, subscriber or client)):
                raise CacheArgumentInvalid(
                    "give a client with decode_responses=False: what the cache keeps is bytes"
                )
            self._transport = Plain(client, subscriber or client, self._heard, self._spelling)
        else:
            pool: Any = client.connection_pool  # type: ignore[union-attr]  # a cluster has none
            self._transport = Links(
                pool, self._heard, self._spelling, silence=silence.total_seconds()
            )

    @property
    def transport(self) -> Transport:
        """What commands go through; for locks, which share it."""
        return self._transport

    @property
    def heard(self) -> Heard:
        """What is heard; for locks, which share it."""
        return self._heard

    @property
    def spelling(self) -> Spelling:
        """How names are spelled; for locks, which share it."""
        return self._spelling

    @override
    async def read(self, keys: Sequence[str]) -> list[bytes | None]:
        return await self._read([self._spelling.value(key) for key in keys])

    @override
    async def write(self, values: Mapping[str, tuple[bytes, timedelta]]) -> None:
        spelling, channel = self._spelling, self._transport.channel
        with _named():
            await self._transport.scripts(
                scripts.WRITE,
                [
                    (
                        [spelling.fill(key), spelling.value(key)],
                        (value, _ms(ttl), channel, spelling.value(key), spelling.wake, key),
                    )
                    for key, (value, ttl) in values.items()
                ],
            )

    @override
    async def delete(self, keys: Sequence[str]) -> int:
        spelling, channel = self._spelling, self._transport.channel
        with _named():
            gone = await self._transport.scripts(
                scripts.DELETE,
                [
                    (
                        [spelling.fill(key), spelling.value(key)],
                        (channel, spelling.value(key), spelling.wake, key),
                    )
                    for key in keys
                ],
            )
        return sum(map(int, gone))

    @override
    async def swap(self, key: str, old: bytes, new: bytes, ttl: timedelta) -> bool:
        name = self._spelling.value(key)
        words = (old, new, _ms(ttl), self._transport.channel, name)
        with _named():
            return bool(int(await self._transport.script(scripts.SWAP, [name], *words)))

    @override
    async def tokens(self, tags: Sequence[str]) -> list[bytes]:
        names = [self._spelling.tag(tag) for tag in tags]
        # Made before they are read: who reads what is missing is told when it comes to be.
        made: list[Command] = [
            ("SET", name, secrets.token_bytes(_TOKEN_BYTES), "NX", "PX", _ms(_TOKENS_LIVE))
            for name in names
        ]
        if self._is_cluster:
            with _named():
                await self._transport.run(made)
            found = await self._read(names)
        else:
            with _named():
                *_, answer = await self._transport.run([*made, ("MGET", *names)])
                found = list(said(answer))
        if any(token is None for token in found):
            raise CacheUnavailable("Redis keeps no tokens: it may be full")
        return [token for token in found if token is not None]

    @override
    async def renew_tokens(self, tags: Sequence[str]) -> None:
        spelling, channel = self._spelling, self._transport.channel
        epoch: Command = ("SET", spelling.epoch, secrets.token_bytes(_TOKEN_BYTES))
        renewed: list[Command] = []
        for tag in tags:
            name = spelling.tag(tag)
            renewed.append(
                ("SET", name, secrets.token_bytes(_TOKEN_BYTES), "PX", _ms(_TOKENS_LIVE))
            )
        told: list[Command] = [("PUBLISH", channel, spelling.tag(tag)) for tag in tags]
        with _named():
            if self._is_cluster:
                # Each of these may be on another server: only who waits knows their order.
                steps = [[epoch], renewed, told]
            else:
                steps = [[epoch, *renewed, *(told if channel else [])]]
            for step in steps:
                for answer in await self._transport.run(step):
                    said(answer)

    @override
    async def epoch(self) -> bytes:
        name = self._spelling.epoch
        (found,) = await self._read([name])
        return found or b""

    @override
    async def claim(self, key: str, owner: bytes, ttl: timedelta) -> Claim:
        fill, value = self._spelling.fill(key), self._spelling.value(key)
        ours = await self._scripted(scripts.CLAIM, [fill], owner, _ms(ttl))
        # Read after that, or a fill that ended in between would be missed.
        (found,) = await self._read([value])
        return Claim(ours, found)

    @override
    async def keep(self, key: str, owner: bytes, ttl: timedelta) -> bool:
        return await self._scripted(scripts.KEEP, [self._spelling.fill(key)], owner, _ms(ttl))

    @override
    async def fill(self, key: str, owner: bytes, value: bytes, ttl: timedelta) -> bool:
        spelling = self._spelling
        names = [spelling.fill(key), spelling.value(key)]
        words = (value, _ms(ttl), spelling.wake, key, self._transport.channel, names[1])
        kept = await self._scripted(scripts.FILL, names, owner, *words)
        if kept:
            # Redis tells of our own change as well; who reads after this hears of others' alone.
            await self._transport.settled()
        return kept

    @override
    async def give_up(self, key: str, owner: bytes) -> None:
        fill = self._spelling.fill(key)
        await self._scripted(scripts.GIVE_UP, [fill], owner, self._spelling.wake, key)

    @override
    def waking(self, key: str) -> AbstractAsyncContextManager[asyncio.Event]:
        return self._heard.waking(key)

    @override
    async def scan(self, pattern: str) -> AsyncIterator[list[str]]:
        matching = self._spelling.pattern(pattern)
        if self._is_cluster:
            nodes = list(self._client.get_primaries())
            for node in nodes:
                async for page in self._scanned(matching, node):
                    yield page
        else:
            async for page in self._scanned(matching, None):
                yield page

    @override
    def listen(self, listener: Listener) -> Callable[[], None]:
        off = self._heard.listen(listener)
        self._transport.start()
        return off

    @property
    @override
    def state(self) -> LinkState:
        return LinkState(
            linked=self._heard.is_linked,
            coherence=self._transport.coherence,
            address=self._address(),
            cause=self._transport.cause,
        )

    @property
    @override
    def coherence(self) -> Coherence:
        return self._transport.coherence

    @override
    async def size(self) -> int:
        with _named():
            if self._is_cluster:
                ask = self._client.execute_command
                told = [await ask("DBSIZE", target_nodes=n) for n in self._client.get_primaries()]
                return sum(map(int, told))
            (size,) = await self._transport.run([("DBSIZE",)])
            return int(said(size))

    @override
    async def aclose(self) -> None:
        await self._transport.aclose()

    async def _read(self, names: list[str]) -> list[bytes | None]:
        if not names:
            return []
        try:
            if len(names) == 1 or self._is_cluster:
                answers = await self._transport.run([("GET", name) for name in names])
                return [said(answer) for answer in answers]
            (answer,) = await self._transport.run([("MGET", *names)])
            return list(said(answer))
        except (RedisError, OSError) as error:
            raise _unavailable(error) from error

    async def _scripted(
        self, script: scripts.Script, names: list[str], *words: bytes | str | int
    ) -> bool:
        with _named():
            return bool(int(await self._transport.script(script, names, *words)))

    async def _scanned(self, matching: str, node: Any) -> AsyncIterator[list[str]]:
        cursor = b"0"
        while True:
            words: Command = ("SCAN", cursor, "MATCH", matching, "COUNT", _PAGE)
            with _named():
                if node is None:
                    (answer,) = await self._transport.run([words])
                else:
                    answer = await self._client.execute_command(*words, target_nodes=node)
                cursor, names = _page(said(answer))
            read = (self._spelling.read(name) for name in names)
            keys = list(dict.fromkeys(found[1] for found in read if found))
            if keys:
                yield keys
            if int(cursor) == 0:
                return

    def _address(self) -> str:
        if self._is_cluster:
            return ", ".join(f"{node.host}:{node.port}" for node in self._client.get_nodes()[:3])
        options = self._client.connection_pool.connection_kwargs
        place = options.get("place")
        current = getattr(place, "current", None)
        if current is not None:
            return str(current)
        return f"{options.get('host', 'localhost')}:{options.get('port', 6379)}"


def _page(answer: Any) -> tuple[bytes, list[bytes]]:
    cursor, names = answer
    if isinstance(cursor, dict):
        # The driver tells a cluster's cursors by node.
        (cursor,) = cursor.values()
    return (cursor if isinstance(cursor, bytes) else str(cursor).encode()), names


def _ms(ttl: timedelta) -> int:
    """Return whole milliseconds, one at least, and no more than Redis can add to its clock."""
    return max(1, min(_LONGEST_MS, round(ttl.total_seconds() * 1000)))


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> CacheUnavailable:
    return CacheUnavailable(f"Redis cannot: {str(error) or type(error).__name__}")
