"""What several rooms stand on, made once: database, people, record, bus."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mainhub import __version__
from mainhub.access import Need, decide, require
from mainhub.app.counting import CountedAudit, CountedRefusals, count_events, count_pipelines
from mainhub.app.first_party import FIRST_PARTY
from mainhub.app.sharing import Sharing
from mainhub.app.values import cache_secrets, catalogue, key_ring, lifetimes, provider
from mainhub.app.ways import Ways
from mainhub.audit import AuditLog, Refusals
from mainhub.clock import Clock
from mainhub.events import Bus, OnePerson, Streams
from mainhub.frontends import Build
from mainhub.identity import Person
from mainhub.outbound import HttpClient
from mainhub.resilience import Registered, Transition
from mainhub.sessions import (
    AnnouncedSessions,
    EndsFeed,
    EndTold,
    KeyRing,
    SealedSessions,
    SessionEnded,
    SessionStore,
)
from mainhub.sessions.postgresql import PostgresqlEnds
from mainhub.sessions.redis import RedisEnds, RedisSessionStore
from mainhub.sessions.sql import SqlSessionStore
from mainhub.settings import Configuration, Serving, Settings
from mainhub.signin import ProviderClient, SessionAuthenticator
from mainhub.storage import Database
from mainhub.telemetry import Counts, TelemetryOptions, get_logger, start
from mainhub.telemetry.telemetry import Telemetry
from mainhub.web import CookieJar, Guard, Pages

__all__ = ["Ground", "lay_ground", "permits"]

log = get_logger("app")


@dataclass(frozen=True, slots=True)
class Ground:
    """The parts that more than one room is handed."""

    configuration: Configuration
    serving: Serving
    clock: Clock
    build: Build
    telemetry: Telemetry
    ways: Ways
    sharing: Sharing
    counts: Counts
    frontend_names: set[str]
    database: Database
    audit: AuditLog
    refusals: Refusals
    bus: Bus
    streams: Streams
    ring: KeyRing
    sessions: SessionStore
    ends: EndsFeed | None
    authenticator: SessionAuthenticator
    guard: Guard
    cookies: CookieJar
    clients: dict[str, ProviderClient]
    http: HttpClient
    message_pages: Pages

    @property
    def settings(self) -> Settings:
        """The settings, without where they come from."""
        return self.configuration.settings


def lay_ground(configuration: Configuration, clock: Clock, build: Build) -> Ground:
    """Make them from *configuration*; nothing is opened yet.

    Raises:
        SettingsInvalid: something that serving needs is missing.
    """
    settings = configuration.settings
    serving = settings.require_serving()
    ways = Ways(settings, clock=clock)
    database = _database(settings, ways)
    telemetry = start(TelemetryOptions.of(settings.telemetry, version=__version__), clock=clock)
    counts = Counts(telemetry.metrics)
    names = {frontend.name for frontend in FIRST_PARTY}
    bus, streams = _bus(settings, clock, counts, names)
    count_pipelines(ways.pipelines, telemetry.metrics)
    ways.pipelines.listen(_tell_changes(bus))
    audit = CountedAudit(database, clock, counts=counts)
    refusals = _refusals(settings, audit, clock, counts)
    ring, cookies = key_ring(serving), CookieJar(secure=serving.public_url.startswith("https://"))
    sharing = Sharing(settings, ways.pipelines, clock=clock, cache_secrets=cache_secrets(serving))
    stored = _sessions(settings, database, sharing, ring, clock)
    end_here = _end_here(bus, streams, stored)
    ends = _ends(database, sharing, heard=end_here, missed=_missed(streams, stored))
    sessions = AnnouncedSessions(stored, _tell_ends(end_here, ends, counts))
    authenticator = SessionAuthenticator(sessions, cookies=cookies)
    http = HttpClient()
    return Ground(
        configuration=configuration,
        serving=serving,
        clock=clock,
        build=build,
        telemetry=telemetry,
        ways=ways,
        sharing=sharing,
        counts=counts,
        frontend_names=names,
        database=database,
        audit=audit,
        refusals=refusals,
        bus=bus,
        streams=streams,
        ring=ring,
        sessions=sessions,
        ends=ends,
        authenticator=authenticator,
        guard=Guard(
            authenticator, own_origin=serving.public_url, judge=require, on_refusal=refusals
        ),
        cookies=cookies,
        clients=_clients(serving, http, clock, ways),
        http=http,
        message_pages=_message_pages(serving, build),
    )


def _sessions(
    settings: Settings, database: Database, sharing: Sharing, ring: KeyRing, clock: Clock
) -> SealedSessions:
    """Return where sessions are kept: in the database, or in Redis if that was asked for."""
    limits = lifetimes(settings)
    if settings.sessions.store == "redis" and sharing.redis is not None:
        return RedisSessionStore(sharing.redis.commands, ring=ring, clock=clock, lifetimes=limits)
    return SqlSessionStore(database, ring=ring, clock=clock, lifetimes=limits)


def _clients(
    serving: Serving, http: HttpClient, clock: Clock, ways: Ways
) -> dict[str, ProviderClient]:
    known = [provider(found) for found in serving.providers]
    return {
        one.name: ProviderClient(one, http=http, clock=clock, way=ways.providers[one.name])
        for one in known
    }


def _database(settings: Settings, ways: Ways) -> Database:
    return Database(
        settings.database.url.get_secret_value(),
        busy_timeout=settings.database.busy_timeout,
        pool_size=settings.database.pool_size,
        way=ways.database,
    )


def _bus(
    settings: Settings, clock: Clock, counts: Counts, frontend_names: set[str]
) -> tuple[Bus, Streams]:
    bus = Bus(clock, catalogue(settings), settings.events.history)
    streams = Streams(
        bus,
        permits=permits,
        queue=settings.events.queue,
        per_session=settings.events.streams_per_session,
        most=settings.events.streams,
        on_close=counts.stream_ended,
    )
    count_events(bus, streams, counts, frontend_names)
    return bus, streams


def _tell_changes(bus: Bus) -> Callable[[Registered, Transition], None]:
    """Return what tells administrators' pages, and the log, that a circuit opened or closed."""

    def tell(entry: Registered, told: Transition) -> None:
        facts = {
            "pipeline": entry.pipeline.name,
            "state": str(told.after),
            "cause": str(told.cause),
        }
        retry_in = None if told.retry_in is None else round(told.retry_in, 1)
        log.warning("resilience.changed", **facts, before=str(told.before), retry_in_s=retry_in)
        bus.emit("resilience:changed", facts)

    return tell


def _refusals(settings: Settings, audit: AuditLog, clock: Clock, counts: Counts) -> Refusals:
    return CountedRefusals(
        audit,
        clock,
        trusted_proxies=settings.hub.trusted_proxies,
        counts=counts,
        providers=frozenset(settings.identity),
    )


def _message_pages(serving: Serving, build: Build) -> Pages:
    host = serving.public_url.partition("://")[2]
    return Pages("mainhub.web", {"styles": build.page_styles, "icon": build.icon, "host": host})


def permits(person: Person, roles: Iterable[str]) -> bool:
    """Answer, for rooms below ``access``, whether *person* has one of *roles*."""
    return decide(person, Need.any_of(roles)).allowed


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


def _ends(
    database: Database,
    sharing: Sharing,
    *,
    heard: Callable[[EndTold], None],
    missed: Callable[[], None],
) -> EndsFeed | None:
    """Return the way to other processes: Redis or PostgreSQL, or none where there is neither."""
    redis = sharing.redis
    if redis is not None:
        return RedisEnds(
            publisher=redis.publisher, subscriber=redis.subscriber, heard=heard, missed=missed
        )
    if database.kind == "postgresql":
        return PostgresqlEnds(database, heard=heard, missed=missed)
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
