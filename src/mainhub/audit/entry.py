"""One line of the record, before it is written."""

from dataclasses import dataclass
from typing import Final

from mainhub.audit.actions import Action, Outcome
from mainhub.audit.plain import line, plain
from mainhub.identity import Person

__all__ = [
    "LONGEST_ADDRESS",
    "LONGEST_DETAIL",
    "LONGEST_ID",
    "LONGEST_KIND",
    "LONGEST_NAME",
    "LONGEST_RIGHT",
    "LONGEST_TARGET",
    "Entry",
    "Target",
]

# As wide as the columns are, in characters.
LONGEST_ID: Final = 512
LONGEST_NAME: Final = 256
LONGEST_ADDRESS: Final = 64
LONGEST_RIGHT: Final = 256
LONGEST_KIND: Final = 32
LONGEST_TARGET: Final = 512
LONGEST_DETAIL: Final = 1000


@dataclass(frozen=True, slots=True)
class Target:
    """What was acted on: ``Target("frontend", "dashboard")``."""

    kind: str
    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", line(self.kind, LONGEST_KIND))
        object.__setattr__(self, "name", line(self.name, LONGEST_TARGET))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What happened. Made fit for the record as it is made, so that writing it cannot fail for it.

    Texts are cut and put on one line; *before* and *after* become JSON of at most 8 KB each, in
    which secrets are masked.

    Args:
        action: one of :class:`Action`, or its name.
        outcome: what came of it.
        person: who did it or was refused, where that is known.
        address: where the request came from.
        right: what allowed it: a role, ``own`` for what is one's own.
        target: what was acted on.
        before: what a change replaced.
        after: what it put there.
        detail: one sentence more.

    Raises:
        ValueError: there is no such action or outcome.
    """

    action: Action | str
    outcome: Outcome | str = Outcome.DONE
    person: Person | None = None
    address: str | None = None
    right: str | None = None
    target: Target | None = None
    before: object = None
    after: object = None
    detail: str | None = None

    def __post_init__(self) -> None:
        made = {
            "action": Action(self.action),
            "outcome": Outcome(self.outcome),
            "address": _line(self.address, LONGEST_ADDRESS),
            "right": _line(self.right, LONGEST_RIGHT),
            "before": plain(self.before),
            "after": plain(self.after),
            "detail": _line(self.detail, LONGEST_DETAIL),
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)


def _line(text: str | None, longest: int) -> str | None:
    return line(text, longest) or None if text is not None else None
