"""The three phases of a process's life."""

from enum import StrEnum

__all__ = ["Phase", "Readiness"]


class Phase(StrEnum):
    """Where a process stands between start and stop."""

    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"


class Readiness:
    """Remembers the phase; it only ever moves on, never back."""

    def __init__(self) -> None:
        self._phase = Phase.STARTING

    @property
    def phase(self) -> Phase:
        """Where this process stands."""
        return self._phase

    def ready(self) -> None:
        """Everything that serving needs has started; a no-op once draining."""
        if self._phase is Phase.STARTING:
            self._phase = Phase.READY

    def drain(self) -> None:
        """The process is about to stop: finish what runs, take nothing new."""
        self._phase = Phase.DRAINING
