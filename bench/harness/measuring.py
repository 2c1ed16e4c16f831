"""Taking turns: every contender works for a moment in each round.

What disturbs the machine for a while thus disturbs all of them alike; a ratio means something where
a figure alone would not.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from bench.harness.proof import ProofFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator

    from bench.harness.contender import Comparison, Contender

__all__ = ["FULL", "QUICK", "Pace", "measure"]

T = TypeVar("T")
_FEWEST_ROUNDS: Final = 3
_PATIENCE: Final = 60.0


@dataclass(frozen=True)
class Pace:
    """How long it takes: so many *rounds*, in each so many *seconds* for each contender."""

    rounds: int
    seconds: float


FULL: Final = Pace(rounds=15, seconds=0.05)
QUICK: Final = Pace(rounds=_FEWEST_ROUNDS, seconds=0.01)


async def measure(comparison: Comparison, pace: Pace) -> dict[str, list[float]]:
    """Return the figures of each contender, one of each round, by its name.

    Raises:
        ProofFailed: one of them does not do what is compared, or does not come to an end.
    """
    contenders = [comparison.ours, *(against.peer for against in comparison.others)]
    for contender in contenders:
        await _in_time(contender, contender.proof())
    times = {
        contender.name: comparison.times or await _warm_up(contender, pace.seconds)
        for contender in contenders
    }
    # A count comes out the same each time; three rounds show that it does.
    rounds = _FEWEST_ROUNDS if comparison.times else max(_FEWEST_ROUNDS, pace.rounds)
    figures: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for number in range(rounds):
        gc.collect()
        # Nobody is always the first after the pause, nor always behind the same neighbour.
        first = number % len(contenders)
        for contender in contenders[first:] + contenders[:first]:
            count = times[contender.name]
            with _without_collector():
                took = await _in_time(contender, contender.work(count))
            figures[contender.name].append(comparison.unit.of(count, took))
    return figures


async def _warm_up(contender: Contender, seconds: float) -> int:
    """Work for *seconds* at least; return how many times fit into them."""
    times, took = 1, 0.0
    while took < seconds / 2:
        times *= 2
        began = time.perf_counter()
        await _in_time(contender, contender.work(times))
        took = time.perf_counter() - began
    return max(1, round(times * seconds / took))


async def _in_time(contender: Contender, doing: Awaitable[T]) -> T:
    """Wait for what *contender* is *doing*, but not for ever."""
    try:
        return await asyncio.wait_for(doing, _PATIENCE)
    except TimeoutError as error:
        raise ProofFailed(f"{contender.name} did not come to an end in {_PATIENCE:g} s") from error


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the garbage collector from running in the middle of somebody's turn."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
