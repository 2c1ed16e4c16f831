"""Which entries of the record are asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Final

from mainhub.audit.actions import ACTIONS, Outcome
from mainhub.errors import Invalid

__all__ = ["FILTERS", "LONGEST_FILTER", "Filter"]

FILTERS: Final = ("action", "outcome", "person", "target", "since", "until", "trace")
LONGEST_FILTER: Final = 512
_TRACE: Final = re.compile(r"[0-9a-f]{32}")
_EXAMPLE: Final = "2026-11-20T09:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Every part that is given must fit.

    *person* is an id or a part of a name, *target* a kind or a part of a name, capitals or not;
    *since* is the first moment that counts and *until* the first that does not; *trace* is a
    request's trace id.
    """

    action: str | None = None
    outcome: str | None = None
    person: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    trace: str | None = None

    @classmethod
    def read(cls, given: Mapping[str, str | None]) -> "Filter":
        """Make it of *given* texts, of which an empty one counts as absent.

        Raises:
            Invalid: one is wrong; the remedy says how it is written.
        """
        texts = {name: text for name in FILTERS if (text := _text(name, given.get(name)))}
        return cls(
            action=_one_of("action", texts.get("action"), ACTIONS),
            outcome=_one_of("outcome", texts.get("outcome"), tuple(Outcome)),
            person=texts.get("person"),
            target=texts.get("target"),
            since=_time("since", texts.get("since")),
            until=_time("until", texts.get("until")),
            trace=_trace(texts.get("trace")),
        )

    def shown(self) -> dict[str, object]:
        """Return the parts that are given, for the record of an export."""
        values = {name: getattr(self, name) for name in FILTERS}
        return {name: value for name, value in values.items() if value is not None}


def _text(name: str, given: str | None) -> str | None:
    text = (given or "").strip()
    if len(text) > LONGEST_FILTER or not text.isprintable():
        raise Invalid(
            f"{name} is no line of text",
            remedy=f"Give at most {LONGEST_FILTER} printable characters.",
        )
    return text or None


def _one_of(name: str, text: str | None, known: tuple[str, ...]) -> str | None:
    if text is None or text in known:
        return text
    near = get_close_matches(text, known, n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    raise Invalid(f"there is no such {name}", remedy=f"{meant}Give one of {', '.join(known)}.")


def _time(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        # Without a zone, the machine's own would be taken.
        moment = at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise Invalid(
            f"{name} is no time", remedy=f"Write it in ISO 8601 with its zone, as {_EXAMPLE}."
        )
    return moment


def _trace(text: str | None) -> str | None:
    if text is None or _TRACE.fullmatch(text):
        return text
    raise Invalid("trace is no trace id", remedy="Give the 32 hex digits of a trace id.")
