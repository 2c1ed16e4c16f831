"""Many small writes in one transaction: each costs a disk's answer, and the disk has one arm."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from mainhub.resilience import on_its_own

__all__ = ["Together"]

_Q = TypeVar("_Q")
_A = TypeVar("_A")


class Together(Generic[_Q, _A]):
    """Collects what is asked while *answer* is at work, and hands it over in one go afterwards.

    Nobody waits for company: who comes alone is answered at once. What was handed over is done,
    though who asked has gone.

    Args:
        answer: returns one answer for each question, in their order.
        most: how many are handed over at once.
    """

    def __init__(
        self, answer: Callable[[Sequence[_Q]], Awaitable[Sequence[_A]]], *, most: int = 100
    ) -> None:
        self._answer = answer
        self._most = most
        self._waiting: list[tuple[_Q, asyncio.Future[_A]]] = []
        self._working: asyncio.Task[None] | None = None

    async def ask(self, question: _Q) -> _A:
        """Return the answer to *question*; raises whatever *answer* raised for all of them."""
        future: asyncio.Future[_A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._working is None or self._working.done():
            self._working = on_its_own(self._work())
        return await future

    async def _work(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            wanted = [(question, future) for question, future in some if not future.done()]
            if not wanted:
                continue
            try:
                answers = await self._answer([question for question, _ in wanted])
            except BaseException as error:  # edge: it is told to those who asked
                for _, future in wanted:
                    _tell(future, error)
                if not isinstance(error, Exception):
                    raise
                continue
            for (_, future), answer in zip(wanted, answers, strict=True):
                if not future.done():
                    future.set_result(answer)


def _tell(future: "asyncio.Future[_A]", error: BaseException) -> None:
    if future.done():
        return
    if isinstance(error, asyncio.CancelledError):
        future.cancel()
    else:
        future.set_exception(error)
