"""Counts that all processes share: one script in Redis, by the clock of Redis."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from functools import partial
from hashlib import sha1
from typing import TYPE_CHECKING, Any, Final, Protocol

from redis.asyncio.cluster import RedisCluster
from redis.exceptions import NoScriptError, RedisError
from typing_extensions import override

from mainhub.errors import Unavailable
from mainhub.resilience.context import on_its_own
from mainhub.resilience.gcra import admission, bounded, checked_cost, refusal
from mainhub.resilience.limit import Admission, Limit
from mainhub.resilience.port import LimitStore
from mainhub.telemetry import get_logger

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["LimitsUnavailable", "RedisLimits", "Scripting"]

log = get_logger("resilience")

_AT_ONCE: Final = 64
# KEYS: one for each request. ARGV: for each "tolerance cost block" in microseconds, often the same
# for many. A value is the arrival time, or "arrival:end of block". Answers three numbers for each:
# 1 or 0, by how much the arrival is ahead, and how much is left of a block.
# An arrival is never further ahead than a whole burst, nor a block longer than it should be, though
# the clock of the server has been set back, or another server has taken its place.
_SCRIPT: Final = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local answers, known_terms = {}, {}
for i = 1, #KEYS do
  local terms = known_terms[ARGV[i]]
  if not terms then
    local a, b, c = string.match(ARGV[i], '^(%d+) (%d+) (%d+)$')
    terms = {a + 0, b + 0, c + 0}
    known_terms[ARGV[i]] = terms
  end
  local tolerance, cost, block = terms[1], terms[2], terms[3]
  local ahead, blocked, allowed = 0, 0, 0
  local known = redis.call('GET', KEYS[i])
  if known then
    local arrival, ending = tonumber(known), 0
    if not arrival then
      local first, second = string.match(known, '^(%d+):(%d+)$')
      arrival, ending = tonumber(first) or 0, tonumber(second) or 0
      blocked = math.max(0, math.min(ending - now, block))
    end
    ahead = math.max(0, math.min(arrival - now, tolerance))
  end
  if blocked == 0 then
    if ahead + cost <= tolerance then
      allowed, ahead = 1, ahead + cost
      redis.call('SET', KEYS[i], string.format('%.0f', now + ahead),
        'PX', math.ceil(ahead / 1000) + 1)
    elseif block > 0 then
      blocked = block
      redis.call('SET', KEYS[i], string.format('%.0f:%.0f', now + ahead, now + block),
        'PX', math.ceil(math.max(ahead, block) / 1000) + 1)
    end
  end
  local n = 3 * i
  answers[n - 2], answers[n - 1], answers[n] = allowed, ahead, blocked
end
return answers
"""
# As Redis names it; nobody's secret.
_NAME: Final = sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()

_PUT_AWAY: Final = "limits are counted in Redis no longer: this has been put away"


class LimitsUnavailable(Unavailable):
    """Redis does not answer, or not with what was asked for."""


class Scripting(Protocol):
    """Runs scripts as the driver's clients do, of which this is all that is needed."""

    def evalsha(self, sha: str, numkeys: int, /, *words: bytes) -> Awaitable[Any]:
        """Return what the script of that name answers; the first *numkeys* words are its keys."""

    def eval(self, script: str, numkeys: int, /, *words: bytes) -> Awaitable[Any]:
        """Return what *script* answers, likewise."""


@dataclass(frozen=True, slots=True)
class _Asked:
    key: bytes
    limit: Limit
    cost: int
    answer: "asyncio.Future[Admission]"

    @property
    def terms(self) -> bytes:
        limit = self.limit
        return b"%d %d %d" % (limit.tolerance, limit.interval * self.cost, limit.block)


class RedisLimits(LimitStore):
    """One number for each key in Redis, which forgets it when it is as good as new.

    What is asked within one turn of the event loop goes in one round trip. Whoever stops waiting
    does not take the others' answer along.

    Args:
        client: runs scripts, as a client of the driver's does; it is left open.
        namespace: what the keys begin with; the limit's name follows.
    """

    def __init__(
        self, client: "Scripting | Redis | RedisCluster", *, namespace: str = "mainhub"
    ) -> None:
        self._client: Any = client
        self._prefix = f"{namespace}:limit:"
        # A cluster's keys are on different servers, so each is asked for by itself.
        self._at_once = 1 if isinstance(client, RedisCluster) else _AT_ONCE
        # What came after the first of this turn, who sends it; `None`: there was no first yet.
        self._further: list[_Asked] | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self._closed = False

    @override
    async def take(self, key: str, limit: Limit, cost: int = 1) -> Admission:
        checked_cost(cost, limit)
        if self._closed:
            raise LimitsUnavailable(_PUT_AWAY)
        # Encoded here, so that a key which is no text at all is nobody's trouble.
        name = f"{self._prefix}{limit.name}:{bounded(key)}".encode("utf-8", "surrogatepass")
        one = _Asked(name, limit, cost, asyncio.get_running_loop().create_future())
        if self._further is not None:
            self._further.append(one)
            return await one.answer
        further = self._further = []
        try:
            # Until all who ask in this turn have asked.
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self._send(further)
            raise
        finally:
            self._further = None
        if further:
            self._send([one, *further])
        else:
            # Nobody depends on it but who waits here: that needs no task.
            await self._answer([one])
        return await one.answer

    @override
    async def aclose(self) -> None:
        self._closed = True
        while self._under_way:
            for task in self._under_way:
                task.cancel()
            await asyncio.wait(self._under_way)

    def _send(self, asked: list[_Asked]) -> None:
        if self._closed:
            _fail(asked, _PUT_AWAY, None)
            return
        for first in range(0, len(asked), self._at_once):
            batch = asked[first : first + self._at_once]
            task = on_its_own(self._answer(batch))
            self._under_way.add(task)
            task.add_done_callback(partial(self._done, batch))

    def _done(self, batch: list[_Asked], task: "asyncio.Task[None]") -> None:
        self._under_way.discard(task)
        # Who was cancelled, perhaps before it began, is the task, and not those who wait for it.
        _fail(batch, _PUT_AWAY, None)

    async def _answer(self, asked: list[_Asked]) -> None:
        try:
            told = await self._run(asked)
        except (RedisError, OSError, TimeoutError) as error:
            _fail(asked, f"Redis cannot count: {type(error).__name__}", error)
        except Exception as error:  # edge: nobody may wait for ever, whatever the driver raises
            log.exception("limits.failed")
            _fail(asked, f"Redis cannot count: {type(error).__name__}", error)
        else:
            for place, one in enumerate(asked):
                if not one.answer.done():
                    one.answer.set_result(_told(one, *told[3 * place : 3 * place + 3]))

    async def _run(self, asked: list[_Asked]) -> list[int]:
        words = [*(one.key for one in asked), *(one.terms for one in asked)]
        try:
            told = await self._client.evalsha(_NAME, len(asked), *words)
        except NoScriptError:
            # A server that was started again, or another one in its place.
            told = await self._client.eval(_SCRIPT, len(asked), *words)
        if len(told) != 3 * len(asked):
            raise RedisError("the script answered with something else")
        return list(told)


def _told(asked: _Asked, allowed: int, ahead: int, blocked: int) -> Admission:
    if allowed:
        return admission(asked.limit, ahead)
    return refusal(asked.limit, asked.cost, ahead=ahead, blocked=blocked)


def _fail(asked: list[_Asked], why: str, error: BaseException | None) -> None:
    for one in asked:
        if not one.answer.done():
            failed = LimitsUnavailable(why)
            failed.__cause__ = error
            one.answer.set_exception(failed)
