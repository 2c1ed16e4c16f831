"""``/hub/v1/audit`` and its export, for administrators."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override

from mainhub.audit.actions import ACTIONS, Action
from mainhub.audit.entry import Entry, Target
from mainhub.audit.filter import Filter
from mainhub.audit.log import AuditLog, AuditUnavailable, Recorded
from mainhub.clock import Clock
from mainhub.identity import ADMIN
from mainhub.telemetry import get_logger
from mainhub.web import Caller, Guard, Network, client_address

__all__ = ["AuditRoutes"]

log = get_logger("audit")

_WHAT: Final = "The audit record"
_PAGE: Final = 50
_LARGEST_PAGE: Final = 500
_BATCH: Final = 500
_LARGEST_ID: Final = 2**63 - 1
_JSON_LINES: Final = "application/x-ndjson"
Text = str | None


class RecordedPerson(BaseModel):
    """Who it was; the name as it was then."""

    id: str
    name: str


class RecordedTarget(BaseModel):
    """What was acted on."""

    kind: str
    name: str


class AuditEntry(BaseModel):
    """One entry of the record."""

    id: int
    at: datetime
    action: str
    outcome: str
    person: RecordedPerson | None
    address: str | None
    right: str | None
    target: RecordedTarget | None
    before: Any
    after: Any
    detail: str | None
    trace_id: str

    @classmethod
    def of(cls, entry: Recorded) -> "AuditEntry":
        """Describe *entry*."""
        return cls.model_validate(_document(entry))


class AuditPage(BaseModel):
    """Entries, newest first; *next* is the ``before`` of the following page, if there is one."""

    items: list[AuditEntry]
    next: int | None
    actions: list[str]


class FilterQuery(BaseModel):
    """The filters; a name misspelt is refused, since it would widen what is found."""

    model_config = ConfigDict(extra="forbid")

    action: Annotated[Text, Field(description="An action by its name.")] = None
    outcome: Annotated[Text, Field(description="done, refused or failed.")] = None
    person: Annotated[Text, Field(description="An id, or a part of a name.")] = None
    target: Annotated[Text, Field(description="A kind, or a part of a name.")] = None
    since: Annotated[Text, Field(description="The first moment that counts, ISO 8601.")] = None
    until: Annotated[Text, Field(description="The first moment that does not.")] = None
    trace: Annotated[Text, Field(description="A request's trace id.")] = None

    def filter(self) -> Filter:
        """Return what is asked for; raises ``Invalid`` with a remedy for what is wrong."""
        return Filter.read(self.model_dump())


class PageQuery(FilterQuery):
    """The filters, and which page."""

    limit: Annotated[int, Field(ge=1, le=_LARGEST_PAGE)] = _PAGE
    before: Annotated[
        int | None, Field(ge=1, le=_LARGEST_ID, description="Only what is older than this id.")
    ] = None


class AuditRoutes:
    """Makes the router of the record."""

    def __init__(
        self,
        *,
        audit: AuditLog,
        guard: Guard,
        clock: Clock,
        trusted_proxies: Sequence[Network] = (),
    ) -> None:
        self._audit = audit
        self._guard = guard
        self._clock = clock
        self._trusted = tuple(trusted_proxies)

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(prefix="/hub/v1", tags=["audit"])
        add = router.add_api_route
        add("/audit", self.page, summary="Who did what, newest first")
        add(
            "/audit/export",
            self.export,
            response_class=StreamingResponse,
            responses={200: {"content": {_JSON_LINES: {}}, "description": "One entry a line"}},
            summary="The same as JSON Lines, oldest first, all of it",
        )
        return router

    async def page(self, request: Request, query: Annotated[PageQuery, Query()]) -> AuditPage:
        """Return a page of the entries that fit every filter given."""
        await self._guard.require_role(request, (ADMIN,), _WHAT)
        limit = query.limit
        # One more than asked for tells whether there is a following page.
        found = await self._audit.newest(query.filter(), limit=limit + 1, before=query.before)
        items = [AuditEntry.of(entry) for entry in found[:limit]]
        following = items[-1].id if len(found) > limit else None
        return AuditPage(items=items, next=following, actions=list(ACTIONS))

    async def export(self, request: Request, query: Annotated[FilterQuery, Query()]) -> Response:
        """Stream what was recorded before this export, which is recorded itself."""
        caller = await self._guard.require_role(request, (ADMIN,), _WHAT)
        wanted = query.filter()
        below = await self._audit.append(self._exported(request, caller, wanted))
        name = f"mainhub-audit-{self._clock.now().astimezone(UTC):%Y%m%dT%H%M%SZ}.jsonl"
        return _Undisturbed(
            self._lines(request, wanted, below),
            media_type=_JSON_LINES,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    async def _lines(self, request: Request, wanted: Filter, below: int) -> AsyncIterator[bytes]:
        # A transaction a batch: none is open while a slow client takes its time.
        after = 0
        while not await request.is_disconnected():
            try:
                batch = await self._audit.following(wanted, limit=_BATCH, after=after, below=below)
            except AuditUnavailable as error:
                # The answer has begun; broken off, it cannot be taken for a whole one.
                log.warning("audit.export_broken", after=after, caused_by=repr(error))
                raise
            if batch:
                after = batch[-1].id
                yield b"".join(orjson.dumps(_document(entry)) + b"\n" for entry in batch)
            if len(batch) < _BATCH:
                return

    def _exported(self, request: Request, caller: Caller, wanted: Filter) -> Entry:
        return Entry(
            action=Action.AUDIT_EXPORTED,
            person=caller.person,
            address=client_address(request.scope, self._trusted),
            right=ADMIN,
            target=Target("audit", "record"),
            after=wanted.shown() or None,
        )


class _Undisturbed(StreamingResponse):
    """Looks itself whether the client is still there, between batches.

    The framework would cancel it in the middle of a query, which leaves the connection behind.
    """

    @override
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.stream_response(send)


def _document(entry: Recorded) -> dict[str, object]:
    person, target = None, None
    if entry.person_id is not None:
        person = {"id": entry.person_id, "name": entry.person_name or ""}
    if entry.target is not None:
        target = {"kind": entry.target.kind, "name": entry.target.name}
    return {
        "id": entry.id,
        "at": entry.at.isoformat().replace("+00:00", "Z"),
        "action": entry.action,
        "outcome": entry.outcome,
        "person": person,
        "address": entry.address,
        "right": entry.right,
        "target": target,
        "before": entry.before,
        "after": entry.after,
        "detail": entry.detail,
        "trace_id": entry.trace_id,
    }
