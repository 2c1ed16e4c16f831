"""Ends of sessions between processes that share a Redis: published and subscribed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from redis.exceptions import RedisError
from typing_extensions import override

from mainhub.sessions.ends import EndsFeed, EndTold
from mainhub.sessions.keyring import KeyRing
from mainhub.telemetry import get_logger

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["RedisEnds"]

log = get_logger("sessions")

_AGAIN: Final = 0.05
_AGAIN_LATEST: Final = 2.0
_BEAT: Final = 1.0
_SILENCE: Final = 3.0
_REMINDED: Final = 0.2


class RedisEnds(EndsFeed):
    """Tells by PUBLISH; the rest as :class:`EndsFeed`.

    Args:
        publisher: a client of the driver's, to tell.
        subscriber: another one, to listen.
        ring, heard, missed, doubted: as for :class:`EndsFeed`.
        namespace: what the channel begins with.
    """

    def __init__(
        self,
        *,
        publisher: "Redis",
        subscriber: "Redis",
        ring: KeyRing,
        heard: Callable[[EndTold], None],
        missed: Callable[[], None],
        doubted: Callable[[], None],
        namespace: str = "mainhub",
    ) -> None:
        super().__init__(ring=ring, heard=heard, missed=missed, doubted=doubted)
        self._publisher: Any = publisher
        self._subscriber: Any = subscriber
        self._channel = f"{namespace}:session-ends"
        self._hearing: asyncio.Task[None] | None = None

    @override
    async def __aenter__(self) -> Self:
        self._hearing = asyncio.create_task(self._hear(), name="sessions.ends.heard")
        return await super().__aenter__()

    @override
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await super().__aexit__(kind, error, trace)
        task, self._hearing = self._hearing, None
        while task is not None and not task.done():
            task.cancel()
            # Again, if need be: on Python 3.11 a driver's wait may swallow a cancellation.
            await asyncio.wait([task], timeout=_REMINDED)

    @override
    async def _send(self, text: str) -> None:
        await self._publisher.publish(self._channel, text)

    @property
    @override
    def _failures(self) -> tuple[type[Exception], ...]:
        return (RedisError, OSError)

    async def _hear(self) -> None:
        attempts = 0
        while True:
            attempts += 1
            try:
                async with self._subscriber.pubsub() as listener:
                    await listener.subscribe(self._channel)
                    async with asyncio.timeout(_SILENCE):
                        await listener.parse_response(block=True)
                    attempts = 0
                    self._linked(True)  # noqa: FBT003 - the word of a callback
                    await self._stay(listener)
            except (RedisError, OSError, TimeoutError) as error:
                log.info("sessions.ends_unheard", caused_by=repr(error))
            except Exception:  # edge: a driver's fault must not end the listening
                log.exception("sessions.ends_failed")
            self._linked(False)  # noqa: FBT003 - likewise
            await asyncio.sleep(min(_AGAIN * (attempts + 1), _AGAIN_LATEST))

    async def _stay(self, listener: Any) -> None:  # noqa: ANN401 - the driver has no type for it
        """Take what comes until the server is silent."""
        clock = asyncio.get_running_loop().time
        heard_at = clock()
        while True:
            message = None
            with suppress(TimeoutError):
                message = await listener.parse_response(block=False, timeout=_BEAT)
            if message is not None:
                heard_at = clock()
                if bytes(message[0]) == b"message":
                    self._take(message[2])
            elif clock() - heard_at > _SILENCE:
                raise TimeoutError(f"nothing was heard for {_SILENCE:g} s")
            else:
                await listener.ping()
