"""Commands through the driver's own client, changes by publish and subscribe: for a cluster."""

import asyncio
from contextlib import suppress
from typing import Any, Final

from redis.exceptions import RedisError, ResponseError
from typing_extensions import override

from mainhub.cache.port import Coherence
from mainhub.cache.redis.heard import Heard
from mainhub.cache.redis.spelling import Spelling
from mainhub.cache.redis.transport import Transport
from mainhub.resilience import on_its_own
from mainhub.storage.redis import Command
from mainhub.telemetry import get_logger

__all__ = ["Plain"]

log = get_logger("cache")

_AGAIN: Final = 0.05
_AGAIN_LATEST: Final = 2.0
_BEAT: Final = 0.5
# The driver's client has few connections, and who waits for one too long is refused.
_AT_ONCE: Final = 64
_SILENCE: Final = 2.0


class Plain(Transport):
    """Each command by itself, those of one call at once.

    Args:
        client: a client of the driver's.
        subscriber: another one, which listens; a cluster's messages reach each of its nodes.
        heard: who is told of changes and of the link.
        spelling: the names of the channels.
    """

    def __init__(self, client: Any, subscriber: Any, heard: Heard, spelling: Spelling) -> None:
        super().__init__(heard, spelling)
        self.coherence = Coherence.PUBSUB
        self._client = client
        self._subscriber = subscriber
        self._keeper: asyncio.Task[None] | None = None
        self._closed = False

    @override
    def start(self) -> None:
        if self._keeper is None and not self._closed:
            self._keeper = on_its_own(self._keep(), name="cache.changes")

    @override
    async def run(self, commands: list[Command]) -> list[Any]:
        self.start()
        if len(commands) == 1:
            return [await self._one(commands[0])]
        answers: list[Any] = []
        for first in range(0, len(commands), _AT_ONCE):
            some = commands[first : first + _AT_ONCE]
            answers += await asyncio.gather(*(self._one(words) for words in some))
        return answers

    @override
    async def aclose(self) -> None:
        self._closed = True
        keeper, self._keeper = self._keeper, None
        while keeper is not None and not keeper.done():
            keeper.cancel()
            # Again, if need be: on Python 3.11 a driver's wait may swallow a cancellation.
            await asyncio.wait([keeper], timeout=_AGAIN)
        self._heard.unlinked()

    async def _one(self, words: Command) -> Any:
        try:
            return await self._client.execute_command(*words)
        except ResponseError as error:
            return error

    async def _keep(self) -> None:
        attempts = 0
        while True:
            try:
                attempts += 1
                # Or a cluster's would not know where to listen.
                await self._subscriber.initialize()
                async with self._subscriber.pubsub() as listener:
                    await listener.subscribe(self._spelling.changes, self._spelling.wake)
                    for _ in range(2):
                        async with asyncio.timeout(_SILENCE):
                            await listener.parse_response(block=True)
                    attempts, self.cause = 0, None
                    self._heard.linked()
                    await self._hear(listener)
            except (RedisError, OSError, TimeoutError) as error:
                self.cause = str(error) or type(error).__name__
            except Exception as error:  # edge: a driver's fault must not end the keeping
                log.exception("cache.link_failed")
                self.cause = repr(error)
            finally:
                self._heard.unlinked()
            await asyncio.sleep(min(_AGAIN * (attempts + 1), _AGAIN_LATEST))

    async def _hear(self, listener: Any) -> None:
        """Take what comes until the server is silent."""
        clock = asyncio.get_running_loop().time
        heard_at = clock()
        while True:
            message = None
            with suppress(TimeoutError):
                message = await listener.parse_response(block=False, timeout=_BEAT)
            if message is not None:
                heard_at = clock()
                self._take(message)
            elif clock() - heard_at > _SILENCE:
                raise TimeoutError(f"nothing was heard for {_SILENCE:g} s")
            else:
                await listener.ping()

    def _take(self, message: Any) -> None:
        if not isinstance(message, list | tuple) or bytes(message[0]) != b"message":
            return
        channel, payload = message[1].decode(), message[2]
        if channel == self._spelling.wake:
            self._heard.woken(payload.decode(errors="replace"))
        else:
            for name in payload.split(b"\n"):
                self._heard.changed(name)
