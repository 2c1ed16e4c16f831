"""Sessions put together: where they are kept, and who hears when one ends."""

from collections.abc import Callable
from typing import TypedDict

from typing_extensions import Unpack

from mainhub.access import Policy
from mainhub.app.sharing import Sharing
from mainhub.app.values import lifetimes
from mainhub.clock import Clock
from mainhub.events import Bus, OnePerson, Streams
from mainhub.sessions import (
    AnnouncedSessions,
    EndsFeed,
    EndTold,
    KeyRing,
    SealedSessions,
    SessionEnded,
)
from mainhub.sessions.postgresql import PostgresqlEnds
from mainhub.sessions.redis import RedisEnds, RedisSessionStore
from mainhub.sessions.sql import SqlSessionStore
from mainhub.settings import Settings
from mainhub.storage import Database
from mainhub.telemetry import Counts

__all__ = ["announced", "session_store"]


class _Told(TypedDict):
    """What a way to other processes is given, as :class:`EndsFeed` names it."""

    ring: KeyRing
    heard: Callable[[EndTold], None]
    missed: Callable[[], None]
    doubted: Callable[[], None]


def session_store(
    settings: Settings,
    ways: tuple[Database, Sharing],
    ring: KeyRing,
    clock: Clock,
    policy: Policy,
) -> SealedSessions:
    """Return where sessions are kept: in the database, or in Redis if that was asked for."""
    database, sharing = ways
    limits, grace = lifetimes(settings, policy), settings.sessions.grace
    if settings.sessions.store == "redis" and sharing.redis is not None:
        client = sharing.redis.commands
        return RedisSessionStore(client, ring=ring, clock=clock, lifetimes=limits, grace=grace)
    return SqlSessionStore(database, ring=ring, clock=clock, lifetimes=limits, grace=grace)


def announced(
    stored: SealedSessions,
    ways: tuple[Database, Sharing],
    told: tuple[Bus, Streams],
    *,
    ring: KeyRing,
    counts: Counts,
) -> tuple[AnnouncedSessions, EndsFeed | None]:
    """Return *stored* with its ends told to whom they concern, and the way to other processes."""
    bus, streams = told
    end_here = _end_here(bus, streams, stored)
    ends = _ends(
        *ways,
        ring=ring,
        heard=end_here,
        missed=_missed(streams, stored),
        doubted=streams.look,
    )

    def doubt() -> None:
        streams.look()
        if ends is not None:
            ends.doubt()

    return AnnouncedSessions(stored, _tell_ends(end_here, ends, counts), doubt), ends


def _end_here(bus: Bus, streams: Streams, stored: SealedSessions) -> Callable[[EndTold], None]:
    """Return what closes a session's pages in this process, and tells the person's other ones."""

    def end(told: EndTold) -> None:
        stored.forget(told.ref)
        # First the streams, which tell the pages of that session why.
        streams.end(told.ref, told.reason, told.by)
        bus.emit(
            "user:logout",
            {"session": told.ref, "reason": str(told.reason)},
            audience=OnePerson(told.person_id),
        )

    return end


def _missed(streams: Streams, stored: SealedSessions) -> Callable[[], None]:
    """Return what is done when ends of other processes may have gone unheard."""

    def look() -> None:
        stored.forget_all()
        streams.look()

    return look


def _ends(database: Database, sharing: Sharing, **what: Unpack[_Told]) -> EndsFeed | None:
    """Return the way to other processes: Redis or PostgreSQL, or none where there is neither."""
    redis = sharing.redis
    if redis is not None:
        return RedisEnds(publisher=redis.publisher, subscriber=redis.subscriber, **what)
    if database.kind == "postgresql":
        return PostgresqlEnds(database, **what)
    return None


def _tell_ends(
    end_here: Callable[[EndTold], None], ends: EndsFeed | None, counts: Counts
) -> Callable[[SessionEnded], None]:
    """Return what is done in this process, and told to the others, when a session ends here."""

    def tell(ended: SessionEnded) -> None:
        counts.session_ended(str(ended.reason))
        told = EndTold.of(ended)
        end_here(told)
        if ends is not None:
            ends.tell(told)

    return tell
