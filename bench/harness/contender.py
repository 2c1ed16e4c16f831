"""What is measured: contenders, and comparisons of ours with others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from bench.harness.proof import expect

__all__ = [
    "CALLS_PER_CALL",
    "MICROSECONDS",
    "PER_SECOND",
    "Against",
    "Call",
    "Comparison",
    "Contender",
    "Unit",
    "Work",
    "fixed",
    "in_turns",
    "refused",
    "repeated",
    "shared_out",
]

Call = Callable[[], Awaitable[Any]]
Work = Callable[[int], Awaitable[float]]
"""Does it so many times and returns what that took: seconds, or whatever the unit counts."""
Proof = Callable[[], Awaitable[None]]
"""Raises :class:`bench.harness.ProofFailed` if the contender does not do what is compared."""


@dataclass(frozen=True)
class Unit:
    """What a figure is in.

    Attributes:
        symbol: how it is written.
        of: the figure, from how many times it was done and what that took.
        less_is_better: whether a smaller figure is the better one.
    """

    symbol: str
    of: Callable[[int, float], float]
    less_is_better: bool


MICROSECONDS: Final = Unit("µs", lambda times, took: took / times * 1e6, less_is_better=True)
PER_SECOND: Final = Unit("1/s", lambda times, took: times / took, less_is_better=False)
CALLS_PER_CALL: Final = Unit("calls/call", lambda times, made: made / times, less_is_better=True)


@dataclass(frozen=True)
class Contender:
    """Somebody who takes part.

    Attributes:
        name: what it is called in the table, with its version if it is not ours.
        work: what is measured.
        proof: shows before anything is measured that it does what is compared.
    """

    name: str
    work: Work
    proof: Proof


@dataclass(frozen=True)
class Against:
    """A peer, and how much better than it we want to be: ``ratio >= 15``, ``value <= 1.5``."""

    peer: Contender
    goals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Ours against peers that do the same.

    Attributes:
        name: what is compared.
        unit: what the figures are in.
        ours: our contender.
        others: the peers.
        times: how often it is done in each round; ``None``: as often as fits into its time.
    """

    name: str
    unit: Unit
    ours: Contender
    others: tuple[Against, ...]
    times: int | None = None


def repeated(call: Call) -> Work:
    """Return the work of one caller: one *call* after the other."""

    async def work(times: int) -> float:
        began = time.perf_counter()
        for _ in range(times):
            await call()
        return time.perf_counter() - began

    return work


def refused(call: Call) -> Work:
    """Return the work of one caller whose every *call* fails, and who catches that."""

    async def work(times: int) -> float:
        answers = 0
        began = time.perf_counter()
        for _ in range(times):
            try:
                await call()
                answers += 1
            except Exception:  # noqa: BLE001, S112  # edge: a peer raises what it likes
                continue
        took = time.perf_counter() - began
        expect(not answers, "a contender", "every call is refused")
        return took

    return work


def in_turns(call: Call, each: int) -> Work:
    """Return the work of one caller who gives way to the event loop after *each* so many calls.

    What a contender does beside its callers, in tasks of its own, counts thus as well.
    """

    async def work(times: int) -> float:
        began = time.perf_counter()
        for start in range(0, times, each):
            for _ in range(start, min(start + each, times)):
                await call()
            await asyncio.sleep(0)
        return time.perf_counter() - began

    return work


def shared_out(call: Call, callers: int) -> Work:
    """Return the work of so many *callers* at once."""

    async def one(times: int) -> None:
        for _ in range(times):
            await call()

    async def work(times: int) -> float:
        each, more = divmod(times, callers)
        began = time.perf_counter()
        await asyncio.gather(*(one(each + (number < more)) for number in range(callers)))
        return time.perf_counter() - began

    return work


async def fixed() -> int:
    """Return at once: what every wrapper is put around, and the floor that none goes below."""
    return 1
