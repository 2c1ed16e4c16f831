"""Which faults are in force: one small file that the processes of both targets look at.

The file is read for every request: it is tiny, and whoever remembers nothing is never wrong. It is
replaced as a whole, so nobody ever reads half of it.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mainhub.simulator.faults.fault import FINE, Fault, Mode, Target, read_fault
from mainhub.simulator.faults.problems import DeskProblem
from mainhub.simulator.tenant import system_clock


@dataclass(frozen=True, slots=True)
class Standing:
    """A fault with its times: *since* is ``None`` if nothing was ever changed."""

    fault: Fault
    since: datetime | None = None
    until: datetime | None = None

    def document(self) -> dict[str, object]:
        """Return it as JSON tells it; times are in UTC."""
        return {**self.fault.document(), "since": _told(self.since), "until": _told(self.until)}


class Faults:
    """The faults in force, kept in the file *path* until `forget`."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime] = system_clock) -> None:
        self._path = path
        self.clock = clock

    def of(self, target: Target) -> Standing:
        """Return what is in force now; what has healed by itself is fine since then."""
        standing = self._read().get(target, Standing(FINE))
        if standing.until is not None and standing.until <= self.clock():
            return Standing(FINE, since=standing.until)
        return standing

    def put(self, target: Target, fault: Fault) -> Standing:
        """Let *fault* be in force from now on.

        Raises:
            DeskProblem: the file cannot be written.
        """
        now = self.clock()
        until = None if fault.lasts is None else now + timedelta(seconds=fault.lasts)
        standing = Standing(fault, since=now, until=until)
        self._write({**self._read(), target: standing})
        return standing

    def forget(self) -> None:
        """Let everything be fine, as at the first start."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> dict[Target, Standing]:
        try:
            kept = json.loads(self._path.read_bytes())
            return {Target(name): _standing(told) for name, told in kept.items()}
        except (OSError, ValueError, LookupError, AttributeError, TypeError, DeskProblem):
            # Absent, or changed by somebody by hand: nothing is broken then.
            return {}

    def _write(self, standing: Mapping[Target, Standing]) -> None:
        told = {target.value: one.document() for target, one in standing.items()}
        new = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(told, file)
            new.replace(self._path)
        except OSError as error:
            raise DeskProblem.not_kept(error.strerror or type(error).__name__) from error


def _standing(told: dict[str, object]) -> Standing:
    since, until = _time(told.pop("since")), _time(told.pop("until"))
    fault = FINE if told["mode"] == Mode.FINE else read_fault(told)
    return Standing(fault, since=since, until=until)


def _time(told: object) -> datetime | None:
    return None if told is None else datetime.fromisoformat(str(told)).astimezone(UTC)


def _told(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat().replace("+00:00", "Z")
