"""Refusals for the record: every kind of them, but never so many that they fill the table."""

from collections import Counter
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Protocol

from mainhub.audit.actions import Action, Outcome
from mainhub.audit.entry import Entry, Target
from mainhub.audit.log import AuditLog
from mainhub.clock import Clock
from mainhub.identity import MissingRole, Person
from mainhub.telemetry import get_logger
from mainhub.web import Caller, Network, client_address

__all__ = ["Refusals"]

log = get_logger("audit")

_WINDOW: Final = timedelta(minutes=1)
_MOST: Final = 120
# Of one person or address, so that nobody's noise keeps the others' refusals off the record.
_MOST_OF_ONE: Final = 30


class _Request(Protocol):
    """As much of a request as is recorded."""

    @property
    def scope(self) -> MutableMapping[str, Any]: ...


_Key = tuple[str, str, Target | None]


@dataclass(slots=True)
class _Minute:
    """What happened since *began* (monotonic seconds); *spent* went to the minute before."""

    began: float
    spent: int = 0
    recorded: dict[_Key, Entry] = field(default_factory=dict)
    repeated: Counter[_Key] = field(default_factory=Counter)
    of_one: Counter[str] = field(default_factory=Counter)
    left_out: int = 0


class Refusals:
    """Records refusals in *audit*; callable as ``web.OnRefusal``.

    The same person (or address, where nobody is known) and target are recorded once a minute, with
    a count of the repetitions when the minute is over; at most 30 entries a minute for one person
    or address and 120 in all, then one line with the number of the rest. These are bounds of one
    process. Nothing here raises because of the database: the refusal stands, and the log has it.
    """

    def __init__(
        self, audit: AuditLog, clock: Clock, *, trusted_proxies: Sequence[Network] = ()
    ) -> None:
        self._audit = audit
        self._clock = clock
        self._trusted = tuple(trusted_proxies)
        self._minute = _Minute(clock.monotonic())

    async def __call__(self, request: _Request, caller: Caller, refusal: MissingRole) -> None:
        """Record that *caller* lacks the role for what *request* asks."""
        scope = request.scope
        await self.missing_role(
            caller.person,
            client_address(scope, self._trusted),
            Target("address", f"{scope['method']} {scope['path']}"),
            refusal,
        )

    async def missing_role(
        self, person: Person, address: str, target: Target, refusal: MissingRole
    ) -> None:
        """Record that *person* lacks the role for *target*."""
        await self.note(
            Entry(
                action=Action.ACCESS_REFUSED,
                outcome=Outcome.REFUSED,
                person=person,
                address=address,
                target=target,
                detail=f"needs {' or '.join(refusal.needs) or 'a right that nobody has'}",
            )
        )

    async def of_service(
        self, person: Person, address: str, service: str, refusal: MissingRole
    ) -> None:
        """Record that *person* may not call *service* behind the gateway."""
        await self.missing_role(person, address, Target("service", service), refusal)

    async def of_page(self, person: Person, address: str, path: str, refusal: MissingRole) -> None:
        """Record that the page *path* is closed to *person*."""
        await self.missing_role(person, address, Target("page", path), refusal)

    async def note(self, entry: Entry) -> None:
        """Record *entry*, a refusal of any action, within the bounds."""
        await self.flush()
        minute = self._minute
        who = entry.person.id if entry.person else entry.address or ""
        key = (entry.action, who, entry.target)
        if key in minute.recorded:
            minute.repeated[key] += 1
        elif minute.spent >= _MOST or minute.of_one[who] >= _MOST_OF_ONE:
            minute.left_out += 1
        else:
            minute.recorded[key] = entry
            minute.of_one[who] += 1
            minute.spent += 1
            await self._append([entry])

    async def flush(self, *, now: bool = False) -> None:
        """Record the counts of a minute that is over; *now*: also of one that is not.

        Called before every refusal, by housekeeping, and when the hub stops.
        """
        over = self._clock.monotonic() - self._minute.began >= _WINDOW.total_seconds()
        if not over and not now:
            return
        # Exchanged before anything is awaited, so that nobody else writes the same counts.
        minute = self._minute
        self._minute = _Minute(self._clock.monotonic(), spent=len(minute.repeated))
        counts = [_again(minute.recorded[key], count) for key, count in minute.repeated.items()]
        if minute.left_out:
            detail = f"{minute.left_out} more refusals were not recorded one by one"
            limited = Entry(action=Action.AUDIT_LIMITED, outcome=Outcome.REFUSED, detail=detail)
            counts.append(limited)
        if counts:
            await self._append(counts)

    async def _append(self, entries: Sequence[Entry]) -> None:
        try:
            await self._audit.append_all(entries)
        except Exception as error:  # noqa: BLE001  # edge: the refusal itself must stand
            for entry in entries:
                log.warning(
                    "audit.not_recorded",
                    action=str(entry.action),
                    person=entry.person.id if entry.person else None,
                    target=entry.target.name if entry.target else None,
                    detail=entry.detail,
                    caused_by=repr(error),
                )


def _again(entry: Entry, count: int) -> Entry:
    times = "once more" if count == 1 else f"{count} more times"
    return Entry(
        action=entry.action,
        outcome=entry.outcome,
        person=entry.person,
        address=entry.address,
        target=entry.target,
        detail=f"{times} within a minute; {entry.detail or ''}".removesuffix("; "),
    )
