"""What is switched how, and who is revoked since when: one small file for both processes.

Read at each request and replaced as a whole, as the faults are.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from mainhub.simulator.conduct.switch import (
    CHOICES,
    IMPERSONAL,
    UNCOUNTED,
    Switch,
    WrongSetting,
    read_choice,
)


class NotKept(Exception):
    """The file cannot be written; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The choice in force for a switch.

    *oid* is the only person that it concerns; *times* is how many answers it concerns before all
    is normal again. ``None``: everybody, for ever.
    """

    value: str
    oid: str | None = None
    times: int | None = None


class Conduct:
    """The switches and revocations, kept in the file *path* until `forget`."""

    def __init__(
        self, path: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._path = path
        self._clock = clock

    def of(self, switch: Switch) -> Setting:
        """Return what is in force for *switch*."""
        return self._read()[0].get(switch, Setting(value=CHOICES[switch][0]))

    def value(self, switch: Switch, *, oid: str | None = None) -> str:
        """Return the choice of *switch* in force for the person *oid*; nothing is used up."""
        setting = self.of(switch)
        return setting.value if setting.oid in {None, oid} else CHOICES[switch][0]

    def use(self, switch: Switch, *, oid: str | None = None) -> str:
        """Return the choice in force for *oid*, and count it as used once."""
        setting = self.of(switch)
        if setting.oid not in {None, oid}:
            return CHOICES[switch][0]
        if setting.times is not None:
            left = setting.times - 1
            again = Setting(value=setting.value, oid=setting.oid, times=left) if left > 0 else None
            self._put(switch, again)
        return setting.value

    def put(
        self, switch: Switch, value: str, *, oid: str | None = None, times: int | None = None
    ) -> Setting:
        """Let *value* be in force for *switch* from now on.

        Raises:
            WrongSetting: the switch has no such choice, or it concerns no person, or cannot be
                counted.
            NotKept: the file cannot be written.
        """
        setting = Setting(value=read_choice(switch, value), oid=oid, times=times)
        if oid is not None and (switch, value) in IMPERSONAL:
            raise WrongSetting(f"{value} concerns nobody in particular", "Leave account out.")
        if times is not None and switch in UNCOUNTED:
            raise WrongSetting(f"{switch} cannot be counted", "Leave times out.")
        self._put(switch, setting)
        return setting

    def revoke(self, oid: str) -> int:
        """Let everything of *oid* issued until now be worth nothing; return since when."""
        settings, revoked = self._read()
        # The next whole second: a token of this very second is an old one.
        since = int(self._clock().timestamp()) + 1
        self._write(settings, {**revoked, oid: since})
        return since

    def revoked_since(self, oid: str) -> int | None:
        """Return since when tokens of *oid* are worth something again, in seconds since 1970."""
        return self._read()[1].get(oid)

    def forget(self) -> None:
        """Let everything be normal, as at the first start."""
        self._path.unlink(missing_ok=True)

    def _put(self, switch: Switch, setting: Setting | None) -> None:
        settings, revoked = self._read()
        others = {name: one for name, one in settings.items() if name is not switch}
        self._write(others if setting is None else {**others, switch: setting}, revoked)

    def _read(self) -> tuple[dict[Switch, Setting], dict[str, int]]:
        try:
            kept = json.loads(self._path.read_bytes())
            settings = {Switch(name): Setting(**told) for name, told in kept["switches"].items()}
            return settings, {str(oid): int(since) for oid, since in kept["revoked"].items()}
        except (OSError, ValueError, LookupError, AttributeError, TypeError):
            # Absent, or changed by somebody by hand: everything is normal then.
            return {}, {}

    def _write(self, settings: dict[Switch, Setting], revoked: dict[str, int]) -> None:
        switches = {name.value: asdict(one) for name, one in settings.items()}
        new = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump({"switches": switches, "revoked": revoked}, file)
            new.replace(self._path)
        except OSError as error:
            raise NotKept(error.strerror or type(error).__name__) from error
