from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from mainhub.sessions.together import Together

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.anyio


class Answering:
    """Answers with the number doubled, once *gate* is open."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.gate = asyncio.Event()
        self.failure: Exception | None = None

    async def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.asked.append(list(numbers))
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return [number * 2 for number in numbers]


async def test_what_comes_meanwhile_is_handed_over_in_one_go() -> None:
    answering = Answering()
    together = Together(answering, most=3)
    tasks = [asyncio.create_task(together.ask(0))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks += [asyncio.create_task(together.ask(number)) for number in range(1, 6)]
    await asyncio.sleep(0)
    answering.gate.set()
    assert await asyncio.gather(*tasks) == [0, 2, 4, 6, 8, 10]
    assert answering.asked == [[0], [1, 2, 3], [4, 5]]


async def test_who_has_gone_before_is_not_handed_over_and_nobody_else_suffers() -> None:
    answering = Answering()
    together = Together(answering)
    tasks = [asyncio.create_task(together.ask(0))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks += [asyncio.create_task(together.ask(number)) for number in (1, 2)]
    await asyncio.sleep(0)
    for gone in tasks[:2]:
        gone.cancel()
    await asyncio.sleep(0)
    answering.gate.set()
    assert await tasks[2] == 4
    assert answering.asked == [[0], [2]]


async def test_a_failure_is_told_to_all_and_the_next_ones_are_answered() -> None:
    answering = Answering()
    answering.gate.set()
    together = Together(answering)
    answering.failure = OSError("away")
    outcomes = await asyncio.gather(*(together.ask(1) for _ in "abc"), return_exceptions=True)
    assert outcomes == [answering.failure] * 3
    answering.failure = None
    assert await together.ask(4) == 8
