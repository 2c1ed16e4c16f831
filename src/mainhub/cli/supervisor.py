"""Keeping child processes alive while this one lives, and ending them with it."""

import asyncio
import os
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from mainhub.cli.refusals import UNAVAILABLE, WRONG_INPUT

__all__ = ["Child", "Supervisor"]

_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0
_LONG_ENOUGH: Final = 10.0
_FIRST_TRIES: Final = 3
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Child:
    """A role to run, and how long it may take to stop by itself (seconds)."""

    role: str
    arguments: tuple[str, ...]
    patience: float = 4.0


class Supervisor:
    """Runs *children*; one that dies is started again, with growing pauses if it dies young.

    A child that exits with 2 has been told something that a restart cannot mend (the convention of
    this command line), so everything is stopped then. One that exits with 75 misses something that
    may come back: it is tried for ever once everything was ready, and three times before, since
    what was never there is more likely a mistake.
    """

    def __init__(self, children: Sequence[Child], *, report: Report) -> None:
        self._children = list(children)
        self._report = report
        self._running: dict[str, Process] = {}
        self._stopping = asyncio.Event()
        self.exit_code = 0
        self.was_ready = False

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by role, of those that run now."""
        return {role: process.pid for role, process in self._running.items()}

    def stop(self) -> None:
        """Ask for the end; :meth:`run` returns when all children have ended."""
        self._stopping.set()

    async def run(self) -> int:
        """Run until :meth:`stop`, or until a child refuses to start; return the exit code."""
        async with asyncio.TaskGroup() as tasks:
            keepers = [tasks.create_task(self._keep(child)) for child in self._children]
            await self._stopping.wait()
            for keeper in keepers:
                keeper.cancel()
        await self._end_all()
        return self.exit_code

    async def _keep(self, child: Child) -> None:
        pause, unavailable = _FIRST_PAUSE, 0
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            began = loop.time()
            process = await _start(child)
            self._running[child.role] = process
            code = await process.wait()
            self._running.pop(child.role, None)
            if self._stopping.is_set():
                return
            unavailable = unavailable + 1 if code == UNAVAILABLE else 0
            never_there = unavailable >= _FIRST_TRIES and not self.was_ready
            if code == WRONG_INPUT or never_there:
                self.exit_code = WRONG_INPUT
                self.stop()
                return
            pause = _FIRST_PAUSE if loop.time() - began > _LONG_ENOUGH else pause
            self._report(f"{child.role} ended ({_told(code)}); starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _end_all(self) -> None:
        patience = {child.role: child.patience for child in self._children}
        ends = [_end(process, patience[role]) for role, process in list(self._running.items())]
        await asyncio.gather(*ends)
        self._running.clear()


async def _start(child: Child) -> Process:
    command = (sys.executable, "-m", "mainhub.cli.child", child.role)
    return await asyncio.create_subprocess_exec(
        *command,
        "--supervisor",
        str(os.getpid()),
        *child.arguments,
        # Never written to: it closes when this process ends, however it ends.
        stdin=subprocess.PIPE,
        # Ctrl+C reaches this process only, which then stops the children in its own order.
        start_new_session=True,
    )


async def _end(process: Process, patience: float) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(patience):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _told(code: int) -> str:
    if code == UNAVAILABLE:
        return "what it needs does not answer"
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
