"""Equal work: each contender shows that it does what is compared, before anything is measured."""

from __future__ import annotations

import asyncio

__all__ = ["ProofFailed", "Upstream", "UpstreamFailed", "expect"]


class ProofFailed(Exception):
    """A contender does not do what is compared; its figure would mean nothing."""


class UpstreamFailed(Exception):
    """What is called has failed, and may be called again."""


def expect(holds: object, contender: str, promise: str) -> None:
    """See to it that what *contender* has to promise holds.

    Raises:
        ProofFailed: it does not.
    """
    if not holds:
        raise ProofFailed(f"{contender} does not do what is compared: {promise}")


class Upstream:
    """Something to call that does as it is told.

    Args:
        failures: how many calls fail before the first that does not; ``None``: all of them.
        hangs: whether it never answers.

    Attributes:
        calls: how many calls have reached it.
    """

    def __init__(self, *, failures: int | None = 0, hangs: bool = False) -> None:
        self._failures = failures
        self._hangs = hangs
        self.calls = 0

    async def __call__(self) -> int:
        """Answer, fail or hang."""
        self.calls += 1
        if self._hangs:
            await asyncio.Event().wait()
        if self._failures is None or self.calls <= self._failures:
            raise UpstreamFailed
        return 1

    async def call(self) -> int:
        """Do the same, for those who want a coroutine function."""
        return await self()
