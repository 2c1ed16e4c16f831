"""What several rooms stand on, made once: database, people, record, bus."""

from collections.abc import Callable
from dataclasses import dataclass

from mainhub import __version__
from mainhub.access import Policy
from mainhub.access.sql import SqlGrants
from mainhub.app.counting import CountedAudit, CountedRefusals, count_events, count_pipelines
from mainhub.app.first_party import FIRST_PARTY
from mainhub.app.kept_sessions import announced, session_store
from mainhub.app.permissions import policy as made_policy
from mainhub.app.sharing import Sharing
from mainhub.app.values import cache_secrets, catalogue, key_ring
from mainhub.app.vouching import Vouching, vouching
from mainhub.app.ways import Ways
from mainhub.audit import AuditLog, Refusals
from mainhub.clock import Clock
from mainhub.events import Bus, Streams
from mainhub.frontends import Build
from mainhub.resilience import Pipelines, Registered, Transition
from mainhub.sessions import EndsFeed, KeyRing, SessionStore
from mainhub.settings import Configuration, Serving, Settings
from mainhub.storage import Database
from mainhub.telemetry import Counts, TelemetryOptions, get_logger, start
from mainhub.telemetry.telemetry import Telemetry
from mainhub.web import Guard, Pages

__all__ = ["Ground", "lay_ground"]

log = get_logger("app")


@dataclass(frozen=True, slots=True)
class Ground:
    """The parts that more than one room is handed."""

    configuration: Configuration
    serving: Serving
    clock: Clock
    policy: Policy
    granted: SqlGrants
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
    vouching: Vouching
    guard: Guard
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
    counts, names = Counts(telemetry.metrics), {frontend.name for frontend in FIRST_PARTY}
    policy = made_policy(settings, clock)
    bus, streams = _bus(settings, (clock, policy), counts, names)
    _hear(ways.pipelines, bus, telemetry)
    audit = CountedAudit(database, clock, counts=counts)
    refusals = _refusals(settings, audit, clock, counts)
    ring = key_ring(serving)
    sharing = Sharing(settings, ways.pipelines, clock=clock, cache_secrets=cache_secrets(serving))
    kept = (database, sharing)
    stored = session_store(settings, kept, ring, clock, policy)
    sessions, ends = announced(stored, kept, (bus, streams), ring=ring, counts=counts)
    vouched = vouching(settings, serving, sessions, kept, ways, clock=clock, policy=policy)
    guard = Guard(
        vouched.callers, own_origin=serving.public_url, judge=policy.require, on_refusal=refusals
    )
    return Ground(
        configuration=configuration,
        serving=serving,
        clock=clock,
        policy=policy,
        granted=SqlGrants(database, policy, clock=clock, audit=audit),
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
        vouching=vouched,
        guard=guard,
        message_pages=_message_pages(serving, build),
    )


def _database(settings: Settings, ways: Ways) -> Database:
    return Database(
        settings.database.url.get_secret_value(),
        busy_timeout=settings.database.busy_timeout,
        pool_size=settings.database.pool_size,
        way=ways.database,
    )


def _bus(
    settings: Settings, by: tuple[Clock, Policy], counts: Counts, frontend_names: set[str]
) -> tuple[Bus, Streams]:
    clock, policy = by
    bus = Bus(clock, catalogue(settings), settings.events.history)
    streams = Streams(
        bus,
        permits=policy.permits,
        queue=settings.events.queue,
        per_session=settings.events.streams_per_session,
        most=settings.events.streams,
        on_close=counts.stream_ended,
    )
    count_events(bus, streams, counts, frontend_names)
    return bus, streams


def _hear(pipelines: Pipelines, bus: Bus, telemetry: Telemetry) -> None:
    count_pipelines(pipelines, telemetry.metrics)
    pipelines.listen(_tell_changes(bus))


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
