"""``/hub/v1/events``: pages publish, and read what is remembered."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from mainhub.events.audience import Audience, OnePerson, Permits, Roles, reaches
from mainhub.events.bus import Bus
from mainhub.events.catalogue import EventType, UnknownEventType
from mainhub.events.event import Event
from mainhub.events.publication import BadPublication, Publication
from mainhub.identity import ADMIN, EVERYONE, MissingRole, Person
from mainhub.resilience import RateLimiter
from mainhub.web import Caller, Guard, problems

__all__ = ["BeforeClearing", "BeforePublishing", "EventRoutes"]

BeforePublishing = Callable[[Request, Caller, EventType, dict[str, object]], Awaitable[None]]
"""Told of the type and the data, before anybody hears of it; what it raises prevents that."""
BeforeClearing = Callable[[Request, Caller, str | None, int], Awaitable[None]]
"""Told of the type (``None``: all) and of how many events are about to be forgotten."""

_MOST: Final = 1000


class PublicAuthor(BaseModel):
    """Whose page published an event."""

    id: str
    name: str


class PublicEvent(BaseModel):
    """An event; *by* is null for what the hub tells."""

    id: str
    type: str
    timestamp: datetime
    source: str
    data: dict[str, Any]
    by: PublicAuthor | None
    tab: str | None


class RememberedEvents(BaseModel):
    """What is remembered, oldest first; a stream from *cursor* on continues it."""

    items: list[PublicEvent]
    cursor: str


class Published(BaseModel):
    """The event that was made of it."""

    id: str
    timestamp: datetime


class Cleared(BaseModel):
    """How many events were forgotten."""

    cleared: int


class ScopeEntry(BaseModel):
    """Whom a type reaches: the page itself, one person, some roles, or everyone."""

    kind: str
    roles: list[str]


class FieldEntry(BaseModel):
    """One field of an event's data."""

    name: str
    kind: str
    required: bool
    about: str
    choices: list[str]


class TypeEntry(BaseModel):
    """A type. Without any *data* listed, a type of the company's own may hold any."""

    type: str
    summary: str
    emitter: str
    scope: ScopeEntry
    publish: list[str]
    may_publish: bool
    data: list[FieldEntry]


class TypeEntries(BaseModel):
    """All types."""

    items: list[TypeEntry]


class EventRoutes:
    """Makes the router; *max_payload* is the largest body in bytes."""

    def __init__(
        self,
        *,
        bus: Bus,
        guard: Guard,
        permits: Permits,
        max_payload: int = 16 * 1024,
        before_publishing: BeforePublishing | None = None,
        before_clearing: BeforeClearing | None = None,
        limiter: RateLimiter | None = None,
    ) -> None:
        self._bus = bus
        self._guard = guard
        self._permits = permits
        self._max_payload = max_payload
        self._before_publishing = before_publishing
        self._before_clearing = before_clearing
        self._limiter = limiter

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(prefix="/hub/v1", tags=["events"])
        add = router.add_api_route
        add("/events", self.history, summary="What happened lately, as far as it concerns me")
        add(
            "/events",
            self.publish,
            methods=["POST"],
            summary="Publish an event",
            status_code=HTTPStatus.ACCEPTED,
            response_model=Published,
            # Read by ourselves, so that a body that is too large is never held.
            openapi_extra={
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": Publication.model_json_schema()}},
                }
            },
        )
        add("/events", self.clear, methods=["DELETE"], summary="Forget what happened")
        add("/events/types", self.types, summary="Which events there are, and whom they reach")
        return router

    async def publish(self, request: Request) -> Response | Published:
        """Publish an event that the caller's roles grant."""
        caller = await self._guard.require(request)
        body = await _body(request, self._max_payload)
        if body is None:
            return problems.response(problems.too_large(self._max_payload))
        publication = Publication.read(body)
        kind = self._granted_type(publication.type, caller.person)
        await self._judge(request, caller, kind)
        data = kind.checked(publication.data)
        audience = _audience(kind, publication, caller.person)
        if self._limiter is not None:
            await self._limiter.require(f"publish:{caller.person.id}")
        if self._before_publishing is not None:
            await self._before_publishing(request, caller, kind, data)
        event = self._bus.emit(
            kind.name,
            data,
            source=publication.source,
            audience=audience,
            by=caller.person,
            tab=publication.tab,
        )
        return Published(id=event.id, timestamp=event.timestamp)

    async def history(
        self,
        request: Request,
        *,
        type: str | None = None,  # noqa: A002  the query's name
        source: str | None = None,
        limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
    ) -> RememberedEvents:
        """Return the latest events that reach the caller, oldest first."""
        person = (await self._guard.require(request)).person
        self._known(type)
        seen = [
            event
            for event in self._bus.history(type, source)
            if reaches(event.audience, person, self._permits)
        ]
        return RememberedEvents(
            items=[_shown(event) for event in seen[-limit:]], cursor=str(self._bus.cursor)
        )

    async def clear(
        self,
        request: Request,
        *,
        type: str | None = None,  # noqa: A002  the query's name
    ) -> Cleared:
        """Forget the events of one type, or of all."""
        caller = await self._guard.require_role(request, (ADMIN,), "The memory of events")
        self._known(type)
        if self._before_clearing is not None:
            await self._before_clearing(request, caller, type, len(self._bus.history(type)))
        return Cleared(cleared=self._bus.clear(type))

    async def types(self, request: Request) -> TypeEntries:
        """Return every type, and whether the caller may publish it."""
        person = (await self._guard.require(request)).person
        return TypeEntries(
            items=[
                TypeEntry(
                    type=kind.name,
                    summary=kind.summary,
                    emitter=kind.emitter,
                    scope=ScopeEntry(kind=kind.scope, roles=list(kind.roles)),
                    publish=list(kind.publish),
                    may_publish=self._permits(person, kind.publish),
                    data=[
                        FieldEntry(
                            name=field.name,
                            kind=field.kind,
                            required=field.required,
                            about=field.about,
                            choices=list(field.choices),
                        )
                        for field in kind.fields or ()
                    ],
                )
                for kind in self._bus.catalogue
            ]
        )

    def _granted_type(self, name: str, person: Person) -> EventType:
        try:
            return self._bus.catalogue[name]
        except UnknownEventType as error:
            raise UnknownEventType(str(error), remedy=self._grants(person)) from None

    async def _judge(self, request: Request, caller: Caller, kind: EventType) -> None:
        try:
            await self._guard.judge(request, caller, kind.publish, f"Publishing {kind.name}")
        except MissingRole as refusal:
            remedy = refusal.remedy or self._grants(caller.person)
            raise MissingRole(str(refusal), needs=refusal.needs, remedy=remedy) from None

    def _grants(self, person: Person) -> str:
        names = [kind.name for kind in self._bus.catalogue if self._permits(person, kind.publish)]
        return f"You may publish {', '.join(names)}."

    def _known(self, name: str | None) -> None:
        if name is None:
            return
        try:
            self._bus.catalogue[name]
        except UnknownEventType as error:
            remedy = "See GET /hub/v1/events/types."
            raise UnknownEventType(str(error), remedy=remedy) from None


def _audience(kind: EventType, publication: Publication, person: Person) -> Audience | None:
    if kind.scope == "person":
        wanted: Audience | None = OnePerson(person.id)
    else:
        wanted = None
    if publication.roles is None:
        return wanted
    if kind.scope != "everyone":
        raise BadPublication(
            f"roles: {kind.name} is not for everyone, so that it cannot be narrowed to roles",
            remedy="Leave roles out.",
        )
    if EVERYONE in publication.roles:
        raise BadPublication("roles: expected names of roles", remedy="Leave roles out for all.")
    return Roles(frozenset(publication.roles))


def _shown(event: Event) -> PublicEvent:
    return PublicEvent.model_validate(event.as_public())


async def _body(request: Request, limit: int) -> bytes | None:
    """Return the body, or ``None`` if it has more than *limit* bytes, of which none are kept."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                return None
    except ClientDisconnect as error:
        raise BadPublication("the body broke off") from error
    return bytes(body)
