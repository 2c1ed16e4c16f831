"""One look at a time, with an end: whatever a probe does, it harms nobody else."""

import asyncio

from mainhub.health.check import Check, Finding, State
from mainhub.telemetry import get_logger

__all__ = ["Look"]

log = get_logger("health")


class Look:
    """Runs the probe of *check*; a probe that hangs is never started again beside itself."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._hanging: asyncio.Task[Finding] | None = None

    async def once(self) -> Finding:
        """Return what a look found; it takes no longer than the check allows, and never raises."""
        seconds = self._check.timeout.total_seconds()
        if self._hanging is not None and not self._hanging.done():
            return Finding(State.FAILED, "An earlier look has not come back yet.", _HANGS)
        task = asyncio.create_task(self._probed(), name=f"health-{self._check.name}")
        try:
            await asyncio.wait({task}, timeout=seconds)
        finally:
            # Not awaited: a probe may keep a cancellation to itself.
            if not task.done():
                task.cancel()
                self._hanging = task
        if not task.done():
            return Finding(State.FAILED, f"It did not answer within {seconds:g} s.", _HANGS)
        if task.cancelled():
            return Finding(State.FAILED, "The look was broken off.")
        return task.result()

    async def aclose(self) -> None:
        """Give up what is under way."""
        if self._hanging is not None:
            self._hanging.cancel()

    async def _probed(self) -> Finding:
        try:
            finding: object = await self._check.probe()
        except Exception as error:  # edge: a probe may raise anything
            log.exception("health.probe_failed", check=self._check.name)
            return Finding(State.FAILED, f"Looking failed: {type(error).__name__}.")
        if not isinstance(finding, Finding):
            return Finding(State.FAILED, "Looking failed: it found nothing.")
        return finding


_HANGS = "See whether it is overloaded, and whether the network in between lets calls through."
