"""What goes onto the record of what rooms below ``audit`` do."""

from collections.abc import Sequence

from starlette.requests import Request

from mainhub.audit import Action, AuditLog, Entry, Target
from mainhub.events import EventType
from mainhub.identity import ADMIN
from mainhub.web import Caller, Network, client_address

__all__ = ["EventRecords"]

# A message to everybody is news; what pages tell each other of themes and languages is not.
_RECORDED = frozenset({"notification:show"})


class EventRecords:
    """Records, before they happen, the publications and clearings that concern others."""

    def __init__(self, audit: AuditLog, *, trusted_proxies: Sequence[Network]) -> None:
        self._audit = audit
        self._trusted = tuple(trusted_proxies)

    async def publishing(
        self, request: Request, caller: Caller, found: EventType, data: dict[str, object]
    ) -> None:
        """Record what is about to be shown to others."""
        if found.name not in _RECORDED:
            return
        await self._append(
            request,
            caller,
            Action.EVENT_PUBLISHED,
            right=" or ".join(found.publish),
            target=Target("event", found.name),
            after=data,
        )

    async def clearing(
        self, request: Request, caller: Caller, type_: str | None, count: int
    ) -> None:
        """Record that events are about to be forgotten."""
        await self._append(
            request,
            caller,
            Action.EVENTS_CLEARED,
            right=ADMIN,
            target=Target("event", type_ or "all types"),
            before={"remembered": count},
        )

    async def _append(
        self,
        request: Request,
        caller: Caller,
        action: Action,
        *,
        right: str,
        target: Target,
        before: object = None,
        after: object = None,
    ) -> None:
        entry = Entry(
            action=action,
            person=caller.person,
            address=client_address(request.scope, self._trusted),
            right=right,
            target=target,
            before=before,
            after=after,
        )
        await self._audit.append(entry)
