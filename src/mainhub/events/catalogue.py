"""Which types of events there are, who emits them, whom they reach and what they hold.

One table: what is checked, what ``/hub/v1/events/types`` answers, and what the documentation is
held against all come from here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from mainhub.errors import NotFound
from mainhub.events.audience import Audience, Everyone, OnePerson, Roles
from mainhub.events.payload import BadData, Field, checked, checked_freely
from mainhub.identity import ADMIN, EDITOR, EVERYONE

__all__ = ["SYSTEM", "Catalogue", "EventType", "Scope", "UnknownEventType", "WrongAudience"]

Scope = Literal["page", "person", "roles", "everyone"]


class UnknownEventType(NotFound):
    """There is no such type of event."""

    kind = "unknown-event-type"
    headline = "There is no such type of event"


class WrongAudience(BadData):
    """The event would reach others than its type is for."""


@dataclass(frozen=True, slots=True)
class EventType:
    """One type. *publish* names the roles whose pages may publish it; empty: none may.

    *scope* tells whom it reaches: the ``page`` it happened in, the pages of one ``person``, who has
    one of *roles*, or ``everyone``. Without *fields* (``None``) the data is any small JSON object.
    """

    name: str
    summary: str
    emitter: str
    scope: Scope
    publish: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    fields: tuple[Field, ...] | None = ()

    @classmethod
    def of_company(
        cls, name: str, *, publish: Iterable[str], audience: Iterable[str], summary: str = ""
    ) -> "EventType":
        """Return a type of the company's own; *audience* is roles, ``*``, or ``person`` alone."""
        roles = tuple(audience)
        scope: Scope = "roles"
        if roles == ("person",):
            scope, roles = "person", ()
        elif EVERYONE in roles:
            scope, roles = "everyone", ()
        return cls(name, summary, "page", scope, tuple(publish), roles, None)

    def checked(self, data: Mapping[str, object]) -> dict[str, object]:
        """Return *data* as it is passed on.

        Raises:
            BadData: it is not what this type asks for.
        """
        return checked_freely(data) if self.fields is None else checked(data, self.fields)

    def audience(self, wanted: Audience | None = None) -> Audience:
        """Return who receives an event for which *wanted* was asked.

        Raises:
            WrongAudience: that is more than the type's scope, or the scope leaves it open.
        """
        match self.scope, wanted:
            case "everyone", _:
                return wanted or Everyone()
            case "roles", None:
                return Roles(frozenset(self.roles))
            case "roles", Roles(names=names) if names <= frozenset(self.roles):
                return Roles(names)
            case "person", OnePerson(id=person):
                return OnePerson(person)
            case "page", _:
                raise WrongAudience(f"{self.name} never leaves the page that it happened in")
        raise WrongAudience(f"{self.name} cannot reach anybody but its {self.scope}")


class Catalogue:
    """Every type by its name: the hub's own and those of the *company*."""

    def __init__(self, company: Iterable[EventType] = ()) -> None:
        self._types = {found.name: found for found in (*SYSTEM, *company)}

    def __getitem__(self, name: str) -> EventType:
        """Return the type called *name*.

        Raises:
            UnknownEventType: there is none.
        """
        found = self._types.get(name)
        if found is None:
            raise UnknownEventType("there is no such type of event")
        return found

    def __iter__(self) -> Iterator[EventType]:
        return iter(self._types.values())


_APP: Final = Field("app", "text", "the front-end", longest=63)

SYSTEM: Final = (
    EventType(
        "user:login",
        "Somebody signed in.",
        "hub, at sign-in",
        "person",
        fields=(
            Field("provider", "text", "the identity provider", longest=64),
            Field("session", "text", "the public name of the new session", longest=64),
        ),
    ),
    EventType(
        "user:logout",
        "A session ended.",
        "hub, when a session ends",
        "person",
        fields=(
            Field("session", "text", "the public name of the session", longest=64),
            Field(
                "reason",
                "choice",
                "why: signed-out, replaced, revoked, provider or expired",
                choices=("signed-out", "replaced", "revoked", "provider", "expired"),
            ),
        ),
    ),
    EventType(
        "theme:changed",
        "Somebody chose light or dark.",
        "page",
        "person",
        publish=(EVERYONE,),
        fields=(
            Field(
                "theme",
                "choice",
                "light, dark or system",
                choices=("light", "dark", "system"),
            ),
        ),
    ),
    EventType(
        "language:changed",
        "Somebody chose a language.",
        "page",
        "person",
        publish=(EVERYONE,),
        fields=(Field("locale", "choice", "fr or en", choices=("fr", "en")),),
    ),
    EventType(
        "app:loaded",
        "A front-end was loaded into the page.",
        "page",
        "page",
        fields=(_APP, Field("took_ms", "integer", "how long that took, in milliseconds")),
    ),
    EventType(
        "app:unloaded",
        "A front-end was removed from the page.",
        "page",
        "page",
        fields=(_APP,),
    ),
    EventType(
        "app:error",
        "A front-end failed.",
        "page",
        "roles",
        publish=(EVERYONE,),
        roles=(ADMIN,),
        fields=(
            _APP,
            Field("step", "text", "what it failed at: load, mount, later", longest=32),
            Field("message", "text", "what the failure said", longest=300),
            Field("trace_id", "text", "the trace to look for", required=False, longest=64),
        ),
    ),
    EventType(
        "notification:show",
        "A message to show to people.",
        "page, hub",
        "everyone",
        publish=(ADMIN, EDITOR),
        fields=(
            Field("message", "text", "what to show", longest=500),
            Field(
                "kind",
                "choice",
                "info, success, warning or error",
                choices=("info", "success", "warning", "error"),
            ),
        ),
    ),
    EventType(
        "network:status",
        "The browser lost the network, or has it again.",
        "page",
        "page",
        fields=(Field("online", "boolean", "whether there is a network"),),
    ),
    EventType(
        "resilience:changed",
        "A circuit opened or closed: what is behind the hub fails, or is back.",
        "hub",
        "roles",
        roles=(ADMIN,),
        fields=(
            Field("pipeline", "text", "the name of the way out of the hub", longest=100),
            Field("state", "text", "its state now", longest=32),
            Field("cause", "text", "why it changed", longest=32),
        ),
    ),
    EventType(
        "cache:invalidated",
        "What is kept is no longer true: by pages, which ask again, or in the hub's cache.",
        "hub",
        "everyone",
        fields=(
            Field(
                "keys",
                "list of text",
                "what changed of what pages keep: frontends, the registry",
                required=False,
                longest=200,
            ),
            Field(
                "what",
                "choice",
                "what an administrator took back from the cache; administrators alone hear it",
                required=False,
                choices=("key", "pattern", "tag", "all"),
            ),
            Field("name", "text", "which key, pattern or tag", required=False, longest=512),
        ),
    ),
)
"""The types that every hub has."""
