"""What can be wrong with a target: one value, and how it is read from what somebody asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from mainhub.simulator.faults.problems import DeskProblem

_ELLIPSIS: Final = "..."
_LONGEST_PATH: Final = 200
_LONGEST_SHOWN: Final = 60


class Target(StrEnum):
    """Who can be broken."""

    ENTRA = "entra"
    ORDERS = "orders"


class Mode(StrEnum):
    """How."""

    FINE = "fine"
    SLOW = "slow"
    HANG = "hang"
    REFUSE = "refuse"
    ERROR = "error"
    GARBAGE = "garbage"
    CUT = "cut"
    DRIP = "drip"


@dataclass(frozen=True, slots=True)
class Bounds:
    """A number from *least* to *most*; *whole* ones have no fraction."""

    least: float
    most: float
    whole: bool = False

    def read(self, name: str, value: object) -> float:
        """Return *value* if it is such a number.

        Raises:
            DeskProblem: it is not.
        """
        kind = "a whole number" if self.whole else "a number"
        right = (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and self.least <= value <= self.most
            and (not self.whole or value == int(value))
        )
        if not right or not isinstance(value, int | float):
            raise DeskProblem.wrong_value(
                f"{name} is {shown(value)}",
                f"Give {name} {kind} from {self.least:g} to {self.most:g}.",
            )
        return float(value)


SECONDS: Final = Bounds(0.1, 120)
STATUS: Final = Bounds(400, 599, whole=True)
SHARE: Final = Bounds(0, 100)
FOR: Final = Bounds(1, 3600)
_MEMBERS: Final = ("mode", "seconds", "status", "share", "only", "for")
_BELONGS: Final = {"seconds": Mode.SLOW, "status": Mode.ERROR}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong, for *share* percent of the requests whose path begins with *only*.

    *seconds* counts for ``slow``, *status* for ``error``; *lasts*, in seconds, is how long until
    it heals by itself.
    """

    mode: Mode = Mode.FINE
    seconds: float = 3
    status: int = 503
    share: float = 100
    only: str | None = None
    lasts: float | None = None

    @property
    def is_total(self) -> bool:
        """Say whether it concerns each and every request."""
        return self.share >= SHARE.most and self.only is None

    def concerns(self, path: str) -> bool:
        """Say whether *path* begins as *only* asks; ``...`` there stands for anything."""
        if self.only is None:
            return True
        first, *others = self.only.split(_ELLIPSIS)
        if not path.startswith(first):
            return False
        position = len(first)
        for part in others:
            found = path.find(part, position)
            if found < 0:
                return False
            position = found + len(part)
        return True

    def document(self) -> dict[str, object]:
        """Return it as JSON tells it; what does not belong to the mode is left out."""
        told: dict[str, object] = {"mode": self.mode.value}
        if self.mode is Mode.FINE:
            return told
        if self.mode is Mode.SLOW:
            told["seconds"] = self.seconds
        if self.mode is Mode.ERROR:
            told["status"] = self.status
        return told | {"share": self.share, "only": self.only, "for": self.lasts}


FINE: Final = Fault()


def read_target(text: str) -> Target:
    """Return the target that *text* names.

    Raises:
        DeskProblem: there is no such target.
    """
    try:
        return Target(text)
    except ValueError:
        raise DeskProblem.unknown_target(shown(text), _one_of(text, [*Target])) from None


def read_fault(document: object) -> Fault:
    """Return the fault that *document*, as read from JSON, asks for.

    Raises:
        DeskProblem: it is none, or a member of it is unknown, misplaced or out of bounds.
    """
    if not isinstance(document, Mapping):
        raise DeskProblem.wrong_value("The body is no JSON object", 'Send {"mode": "slow"}.')
    for name in document:
        if name not in _MEMBERS:
            raise DeskProblem.wrong_value(
                f"There is no member {shown(name)}", _one_of(name, _MEMBERS)
            )
    mode = _mode(document.get("mode"))
    given = {name: value for name, value in document.items() if value is not None}
    del given["mode"]
    for name, owner in _BELONGS.items():
        if name in given and mode is not owner:
            raise DeskProblem.wrong_value(
                f"{name} belongs to the mode {owner.value}, and the mode is {mode.value}",
                f"Leave {name} out.",
            )
    if mode is Mode.FINE:
        if given:
            raise DeskProblem.wrong_value(
                f"The mode fine takes no {next(iter(given))}", "Leave it out."
            )
        return FINE
    lasts = given.get("for")
    return Fault(
        mode=mode,
        seconds=SECONDS.read("seconds", given.get("seconds", FINE.seconds)),
        status=int(STATUS.read("status", given.get("status", FINE.status))),
        share=SHARE.read("share", given.get("share", FINE.share)),
        only=_only(given.get("only")),
        lasts=None if lasts is None else FOR.read("for", lasts),
    )


def shown(value: object) -> str:
    """Return *value* as a sentence may quote it: short, and in one line."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _mode(value: object) -> Mode:
    try:
        return Mode(value)  # type: ignore[arg-type]  # whatever it is, it is a mode or refused
    except ValueError:
        said = "mode is missing" if value is None else f"There is no mode {shown(value)}"
        raise DeskProblem.unknown_mode(said, _one_of(value, [*Mode])) from None


def _only(value: object) -> str | None:
    if value is None:
        return None
    if (
        not isinstance(value, str)
        or not value.startswith("/")
        or not value.isprintable()
        or len(value) > _LONGEST_PATH
    ):
        raise DeskProblem.wrong_value(
            f"only is {shown(value)}",
            "Give only the beginning of a path, such as /v1/orders or /.../token; at most "
            f"{_LONGEST_PATH} characters.",
        )
    return value


def _one_of(value: object, known: "list[Target] | list[Mode] | tuple[str, ...]") -> str:
    names = [str(name) for name in known]
    if isinstance(value, str) and (close := get_close_matches(value[:100], names, n=1)):
        return f"Did you mean {close[0]}? There are: {', '.join(names)}."
    return f"There are: {', '.join(names)}."
