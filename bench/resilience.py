"""The resilience kit against libraries that do parts of it: ``make bench-resilience``."""

from __future__ import annotations

import contextlib
import functools
import sys
from typing import TYPE_CHECKING, Final

from bench.contenders import retries, stacks
from bench.harness import (
    CALLS_PER_CALL,
    MICROSECONDS,
    Against,
    Comparison,
    Contender,
    carry_out,
    expect,
    fixed,
    repeated,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from bench.contenders.stacks import Stack

_CALLS: Final = 2_000
_SECONDS: Final = 10.0


@contextlib.asynccontextmanager
async def comparisons() -> AsyncIterator[Sequence[Comparison]]:
    """Make what is compared."""
    yield [
        await _pipeline(),
        await _pipeline_with_timeout(),
        await _rejection(),
        _amplification(),
    ]


async def _pipeline() -> Comparison:
    return Comparison(
        "full pipeline",
        MICROSECONDS,
        await _healthy(stacks.OURS),
        (
            Against(_floor(), ("value <= 1.5",)),
            Against(await _healthy(stacks.TENACITY), ("ratio >= 15",)),
            *[Against(await _healthy(peer)) for peer in stacks.OTHERS],
        ),
    )


async def _pipeline_with_timeout() -> Comparison:
    return Comparison(
        "full pipeline with attempt time-out",
        MICROSECONDS,
        await _healthy(stacks.OURS, _SECONDS),
        (
            Against(_floor(), ("value <= 3",)),
            Against(await _healthy(stacks.TENACITY, _SECONDS), ("ratio >= 10",)),
            *[Against(await _healthy(peer, _SECONDS)) for peer in stacks.OTHERS],
        ),
    )


async def _rejection() -> Comparison:
    peers = [Against(await _refused(peer)) for peer in (stacks.TENACITY, *stacks.OTHERS)]
    return Comparison(
        "rejection by an open breaker",
        MICROSECONDS,
        await _refused(stacks.OURS),
        (Against(_floor(), ("value <= 5",)), *peers),
    )


def _amplification() -> Comparison:
    return Comparison(
        f"calls sent for each of {_CALLS:,}, all failing",
        CALLS_PER_CALL,
        retries.OURS,
        (
            Against(retries.TENACITY, ("value <= 1.25",)),
            *(Against(peer) for peer in retries.OTHERS),
        ),
        times=_CALLS,
    )


def _floor() -> Contender:
    async def prove() -> None:
        expect(await fixed() == 1, "await f()", "it answers")

    return Contender("await f()", repeated(fixed), prove)


async def _healthy(stack: Stack, seconds: float | None = None) -> Contender:
    call = await stack.build(fixed, seconds)
    return Contender(
        stack.name,
        repeated(call),
        functools.partial(stack.prove, timed=seconds is not None),
    )


async def _refused(stack: Stack) -> Contender:
    call = await stack.opened()

    async def refused() -> None:
        with contextlib.suppress(Exception):  # edge: a peer raises what it likes
            await call()

    return Contender(stack.name, repeated(refused), stack.prove)


if __name__ == "__main__":
    sys.exit(carry_out("resilience", comparisons, sys.argv[1:]))
