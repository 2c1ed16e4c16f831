"""Breakers of several processes that open and close together: they tell each other, and no more.

Only transitions travel, by publish and subscribe; nothing is asked on the way of a call. Without
Redis each process finds out by itself, as it would without this.
"""

import asyncio
import secrets
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import orjson
from redis.exceptions import RedisError

from mainhub.resilience.context import on_its_own
from mainhub.resilience.registry import Pipelines, Registered
from mainhub.resilience.transition import Cause, State, Transition
from mainhub.telemetry import get_logger

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["SharedTransitions"]

log = get_logger("resilience")

_NEVER_BY_HAND: Final = frozenset({State.OPEN, State.HALF_OPEN})
_LARGEST: Final = 4096
_LONGEST: Final = 3600.0
_AGAIN: Final = 0.5
_REMINDED: Final = 0.2
_PATIENCE: Final = 5.0


class SharedTransitions:
    """Tells other processes of the transitions of *pipelines*, and follows theirs, while entered.

    Args:
        pipelines: those of this process; others are known by the same names.
        publisher: a client of the driver's, to tell.
        subscriber: another one, to listen.
        namespace: what the channel begins with.
    """

    def __init__(
        self,
        pipelines: Pipelines,
        *,
        publisher: "Redis",
        subscriber: "Redis",
        namespace: str = "mainhub",
    ) -> None:
        self._pipelines = pipelines
        self._publisher: Any = publisher
        self._subscriber: Any = subscriber
        self._channel = f"{namespace}:resilience"
        self._me = secrets.token_hex(8)
        self._telling: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Task[None] | None = None
        self._heard = asyncio.Event()
        pipelines.listen(self._told)

    async def __aenter__(self) -> Self:
        self._listening = asyncio.create_task(self._listen(), name="resilience.transitions")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        tasks = [*self._telling, *([self._listening] if self._listening else [])]
        self._listening = None
        # Again, if need be: on Python 3.11 a driver's wait may swallow a cancellation.
        while tasks:
            for task in tasks:
                task.cancel()
            _, pending = await asyncio.wait(tasks, timeout=_REMINDED)
            tasks = list(pending)

    async def listening(self) -> None:
        """Wait until others are heard."""
        await self._heard.wait()

    def _told(self, entry: Registered, told: Transition) -> None:
        # What was heard is not said again, and a probe is each process's own affair.
        if self._listening is None or told.cause is Cause.SHARED or told.after is State.HALF_OPEN:
            return
        message = orjson.dumps(
            {
                "from": self._me,
                "pipeline": entry.pipeline.name,
                "before": told.before,
                "after": told.after,
                "cause": told.cause,
                "retry_in": told.retry_in,
                "by": told.by,
            }
        )
        task = on_its_own(self._say(message))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _say(self, message: bytes) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._publisher.publish(self._channel, message)
        except (RedisError, OSError, TimeoutError) as error:
            log.info("resilience.not_shared", caused_by=repr(error))

    async def _listen(self) -> None:
        while True:
            try:
                async with self._subscriber.pubsub() as channel:
                    await channel.subscribe(self._channel)
                    await self._hear(channel)
            except (RedisError, OSError, TimeoutError):
                # Told by those who watch the connections.
                self._heard.clear()
            await asyncio.sleep(_AGAIN)

    async def _hear(self, channel: Any) -> None:  # noqa: ANN401 - the driver's, which has no types
        while True:
            message = await channel.get_message(timeout=_PATIENCE)
            if message is None:
                continue
            if message["type"] == "subscribe":
                self._heard.set()
            elif message["type"] == "message":
                self._follow(message["data"])

    def _follow(self, data: bytes | str) -> None:
        told = _read(data, me=self._me)
        if told is None:
            return
        for entry in self._pipelines:
            if entry.pipeline.name == told.breaker and entry.pipeline.breaker is not None:
                entry.pipeline.breaker.follow(told)


def _read(data: bytes | str, *, me: str) -> Transition | None:
    """Return the transition that another process told of; ``None`` for anything else."""
    if len(data) > _LARGEST:
        return None
    try:
        told = orjson.loads(data)
        if told["from"] == me:
            return None
        retry_in, by = told["retry_in"], told["by"]
        if retry_in is not None and not 0 <= float(retry_in) <= _LONGEST:
            return None
        if Cause(told["cause"]) is Cause.BY_HAND and State(told["after"]) in _NEVER_BY_HAND:
            return None
        return Transition(
            str(told["pipeline"]),
            State(told["before"]),
            State(told["after"]),
            Cause(told["cause"]),
            None if retry_in is None else float(retry_in),
            None if by is None else str(by)[:200],
        )
    except (ValueError, TypeError, KeyError):
        return None
