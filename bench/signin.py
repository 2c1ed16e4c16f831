"""Signing in, tokens and who calls: ``make bench-signin``."""

from __future__ import annotations

import contextlib
import functools
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.contenders.bearers import Arrivals
from bench.contenders.refreshes import PEOPLE, Refreshes, refreshes
from bench.contenders.sign_ins import SignIns, sign_ins
from bench.contenders.slow_provider import SECONDS
from bench.harness import MICROSECONDS, Against, Comparison, Contender, Unit, carry_out

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence


# Each run is one figure already, or a percentile of many.
MILLISECONDS: Final = Unit("ms", lambda _times, took: took * 1e3, less_is_better=True)
BYTES: Final = Unit("bytes", lambda _times, size: size, less_is_better=True)
_SIGN_INS: Final = 60
_MOST: Final = 100


@contextlib.asynccontextmanager
async def comparisons() -> AsyncIterator[Sequence[Comparison]]:
    """Make what is compared, with a hub, a tenant and a slow provider of its own."""
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "dev").mkdir()
        signing_in = await stack.enter_async_context(sign_ins(folder / "dev"))
        renewing = await stack.enter_async_context(refreshes(folder))
        yield [*_signing_in(signing_in), *_renewing(renewing), *_calling(Arrivals())]


def _signing_in(found: SignIns) -> list[Comparison]:
    async def cookie(_times: int) -> float:
        return float(await found.cookie())

    bare = Contender("a request to each of the two", found.round_trips, _nothing)
    return [
        Comparison(
            "callback, provider on this machine, p95",
            MILLISECONDS,
            Contender("MainHub", found.callbacks, found.prove),
            (Against(bare, ("value <= 50",)),),
            times=_SIGN_INS,
        ),
        Comparison(
            "cookie of a session",
            BYTES,
            Contender("MainHub", cookie, found.prove),
            (Against(_least("what the notes allow", _MOST), (f"value <= {_MOST}",)),),
            times=1,
        ),
    ]


def _renewing(found: Refreshes) -> list[Comparison]:
    ran: list[tuple[float, float]] = []

    async def took(_times: int) -> float:
        ran.append(await found.run())
        return ran[-1][0]

    async def delayed(_times: int) -> float:
        return (ran.pop() if ran else await found.run())[1]

    what = f"{PEOPLE} refreshes, provider takes {SECONDS * 1e3:g} ms"
    return [
        Comparison(
            f"{what}: {name}",
            MILLISECONDS,
            Contender("MainHub", work, found.prove),
            (Against(_least("one refresh alone", SECONDS), (goal,)),),
            times=1,
        )
        for name, work, goal in (
            ("all", took, "value <= 1000"),
            ("event loop's delay, p99", delayed, "value <= 200"),
        )
    ]


def _calling(found: Arrivals) -> list[Comparison]:
    signature = found.signature()
    return [
        Comparison(
            "access token, RS256, never seen",
            MICROSECONDS,
            found.cold(),
            (Against(signature, ("value <= 150",)),),
        ),
        Comparison(
            "access token, seen a moment ago",
            MICROSECONDS,
            found.cached(),
            (Against(signature, ("value <= 5",)),),
        ),
    ]


def _least(name: str, figure: float) -> Contender:
    return Contender(name, functools.partial(_fixed, figure), _nothing)


async def _fixed(figure: float, _times: int) -> float:
    return figure


async def _nothing() -> None:
    """Nothing to prove: it is what cannot be done without."""


if __name__ == "__main__":
    sys.exit(carry_out("signin", comparisons, sys.argv[1:]))
