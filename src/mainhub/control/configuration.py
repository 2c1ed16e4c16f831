"""The settings of the running hub: where each comes from, and what was changed since the start."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Final

from pydantic import ValidationError

from mainhub.clock import Clock
from mainhub.errors import Conflict, Invalid, NotFound
from mainhub.settings import Configuration, Row, Telemetry, variable
from mainhub.telemetry import LogLevel

__all__ = ["RunningConfiguration", "Setting", "SettingFixed", "UnknownSetting"]

_LOG_LEVEL: Final = "telemetry.log_level"
_LONGEST_COMPARED: Final = 100


class UnknownSetting(NotFound):
    """No setting has that name."""

    kind = "unknown-setting"
    headline = "There is no such setting"


class SettingFixed(Conflict):
    """The setting is read once, when the hub starts."""

    kind = "setting-fixed"
    headline = "This needs a restart"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as administrators see it: *value* masked if *secret*, ``None`` if not set."""

    key: str
    value: str | None
    source: str
    secret: bool
    changeable: bool
    changed_by: str | None


@dataclass(frozen=True, slots=True)
class _Change:
    """What somebody put in a setting's place."""

    value: str
    by: str
    at: datetime


class RunningConfiguration:
    """What *configuration* says, with the changes since the start on top of it.

    Args:
        configuration: the settings as they were read.
        clock: tells when a change was made.
        set_log_level: makes the process log from this level on.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        clock: Clock,
        set_log_level: Callable[[LogLevel], None],
    ) -> None:
        self._rows = {row.path: row for row in configuration.rows()}
        self._clock = clock
        self._set_log_level = set_log_level
        self._changes: dict[str, _Change] = {}

    def items(self) -> list[Setting]:
        """Return every effective setting, in the order of the tree."""
        return [self._shown(row) for row in self._rows.values()]

    def item(self, key: str) -> Setting:
        """Return the setting *key*.

        Raises:
            UnknownSetting: there is none; the remedy names the one that was probably meant.
        """
        row = self._rows.get(key)
        if row is None:
            near = get_close_matches(key[:_LONGEST_COMPARED], self._rows, n=1)
            meant = f"Did you mean {near[0]}?" if near else "GET /hub/v1/configuration lists all."
            raise UnknownSetting("No setting has that name.", remedy=meant)
        return self._shown(row)

    def checked(self, key: str, value: object) -> LogLevel:
        """Return *value* as the setting *key* takes it.

        Raises:
            UnknownSetting: there is no such setting.
            SettingFixed: it needs a restart; the remedy says where to set it.
            Invalid: it does not take this value.
        """
        setting = self.item(key)
        if not setting.changeable:
            raise SettingFixed(
                f"{key} is read when the hub starts.", remedy=_where(self._rows[key])
            )
        try:
            return Telemetry.model_validate({"log_level": value}).log_level
        except ValidationError:
            # Not repeated: what was sent may be a secret put into the wrong place.
            raise Invalid(
                f"{key} does not take this value.",
                remedy="Give debug, info, warning or error.",
            ) from None

    def change(self, key: str, value: LogLevel, *, by: str) -> Setting:
        """Put a :meth:`checked` *value* into effect until the hub stops, and return the setting."""
        self._set_log_level(value)
        self._changes[key] = _Change(value, by, self._clock.now())
        return self.item(key)

    def _shown(self, row: Row) -> Setting:
        change = self._changes.get(row.path)
        source = row.source
        if change is not None:
            at = change.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
            source = f"changed by {change.by} at {at}, until restart"
        return Setting(
            key=row.path,
            value=change.value if change else row.value,
            source=source,
            secret=row.secret,
            changeable=row.path == _LOG_LEVEL,
            changed_by=change.by if change else None,
        )


def _where(row: Row) -> str:
    """Say where to set what *row* shows, given where its value stands now."""
    section, _, name = row.path.rpartition(".")
    names = variable(tuple(row.path.split(".")))
    if row.secret:
        names = f"{names}_FILE"
    if row.source.startswith("environment "):
        return f"Change the environment variable {row.source.partition(' ')[2]}, then restart."
    return f"Set {names}, or {name} under [{section}] in the settings file, then restart."
