"""Counts that all processes share: one script in Redis, by the clock of Redis."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from redis.asyncio.cluster import RedisCluster
from redis.exceptions import NoScriptError, RedisError
from typing_extensions import override

from mainhub.errors import Unavailable
from mainhub.resilience.gcra import admission, checked_cost
from mainhub.resilience.limit import Admission, Limit
from mainhub.resilience.port import LimitStore

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["LimitsUnavailable", "RedisLimits"]

_AT_ONCE: Final = 64
# KEYS: one for each request. ARGV: for each the interval, the tolerance, what it costs in
# microseconds, and the length of a block. A value is the arrival time, or "arrival:end of block".
# Answers three numbers for each: 1 or 0, by how much the arrival is ahead, how long to wait.
_SCRIPT: Final = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local answers = {}
for i = 1, #KEYS do
  local a = (i - 1) * 3
  local tolerance, cost, block = ARGV[a + 1] + 0, ARGV[a + 2] + 0, ARGV[a + 3] + 0
  local known = redis.call('GET', KEYS[i])
  local arrival, blocked = 0, 0
  if known then
    arrival = tonumber(known)
    if not arrival then
      local first, second = string.match(known, '^(%d+):(%d+)$')
      arrival, blocked = tonumber(first) or 0, tonumber(second) or 0
    end
  end
  local ahead = arrival - now
  if ahead < 0 then ahead = 0 end
  local after = ahead + cost
  local n = #answers
  if blocked > now then
    answers[n + 1], answers[n + 2], answers[n + 3] = 0, ahead, blocked - now
  elseif after > tolerance then
    local wait = after - tolerance
    if block > 0 then
      if block > wait then wait = block end
      local keep = wait
      if ahead > keep then keep = ahead end
      redis.call('SET', KEYS[i], string.format('%.0f:%.0f', now + ahead, now + wait),
        'PX', math.ceil(keep / 1000) + 1)
    end
    answers[n + 1], answers[n + 2], answers[n + 3] = 0, ahead, wait
  else
    redis.call('SET', KEYS[i], string.format('%.0f', now + after),
      'PX', math.ceil(after / 1000) + 1)
    answers[n + 1], answers[n + 2], answers[n + 3] = 1, after, 0
  end
end
return answers
"""


class LimitsUnavailable(Unavailable):
    """Redis does not answer, or not with what was asked for."""


@dataclass(frozen=True, slots=True)
class _Asked:
    key: str
    limit: Limit
    cost: int
    answer: "asyncio.Future[Admission]"


class RedisLimits(LimitStore):
    """One number for each key in Redis, which forgets it when it is as good as new.

    What is asked within one turn of the event loop goes in one round trip. Whoever stops waiting
    does not take the others' answer along.

    Args:
        client: a client of the driver's.
        namespace: what the keys begin with.
    """

    def __init__(self, client: "Redis | RedisCluster", *, namespace: str = "mainhub") -> None:
        self._client: Any = client
        self._prefix = f"{namespace}:limit:"
        # A cluster's keys are on different servers, so each is asked for by itself.
        self._at_once = 1 if isinstance(client, RedisCluster) else _AT_ONCE
        self._asked: list[_Asked] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._script: str | None = None

    @override
    async def take(self, key: str, limit: Limit, cost: int = 1) -> Admission:
        checked_cost(cost, limit)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Admission] = loop.create_future()
        if not self._asked:
            loop.call_soon(self._send)
        self._asked.append(_Asked(self._prefix + key, limit, cost, answer))
        return await answer

    @override
    async def aclose(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _send(self) -> None:
        asked, self._asked = self._asked, []
        for first in range(0, len(asked), self._at_once):
            task = asyncio.create_task(self._answer(asked[first : first + self._at_once]))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _answer(self, asked: list[_Asked]) -> None:
        keys = [one.key for one in asked]
        numbers: list[int] = []
        for one in asked:
            limit = one.limit
            numbers += (limit.tolerance, limit.interval * one.cost, limit.block)
        try:
            told = await self._run(keys, numbers)
            if len(told) != 3 * len(asked):
                raise LimitsUnavailable("Redis answered with something else")
        except (RedisError, OSError, TimeoutError, LimitsUnavailable) as error:
            for one in asked:
                if not one.answer.done():
                    failed = LimitsUnavailable(f"Redis cannot count: {type(error).__name__}")
                    failed.__cause__ = error
                    one.answer.set_exception(failed)
            return
        except asyncio.CancelledError:
            for one in asked:
                one.answer.cancel()
            raise
        for place, one in enumerate(asked):
            allowed, ahead, wait = told[3 * place : 3 * place + 3]
            if not one.answer.done():
                found = admission(one.limit, allowed=allowed == 1, ahead=ahead, wait=wait)
                one.answer.set_result(found)

    async def _run(self, keys: list[str], numbers: list[int]) -> list[int]:
        if self._script is None:
            self._script = await self._client.script_load(_SCRIPT)
        try:
            told = await self._client.evalsha(self._script, len(keys), *keys, *numbers)
        except NoScriptError:
            # A server that was started again, or another one in its place.
            told = await self._client.eval(_SCRIPT, len(keys), *keys, *numbers)
        return list(told)
