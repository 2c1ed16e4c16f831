"""What several rooms stand on, made once: database, people, record, bus."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mainhub import __version__
from mainhub.access import Need, decide, require
from mainhub.app.counting import CountedAudit, CountedRefusals, count_events, count_pipelines
from mainhub.app.first_party import FIRST_PARTY
from mainhub.app.kept_sessions import announced, session_store
from mainhub.app.sharing import Sharing
from mainhub.app.values import cache_secrets, catalogue, key_ring, provider
from mainhub.app.ways import Ways
from mainhub.audit import AuditLog, Refusals
from mainhub.clock import Clock
from mainhub.events import Bus, Streams
from mainhub.frontends import Build
from mainhub.identity import Person
from mainhub.outbound import HttpClient
from mainhub.resilience import Registered, Transition
from mainhub.sessions import EndsFeed, KeyRing, SessionStore
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
    counts, names = Counts(telemetry.metrics), {frontend.name for frontend in FIRST_PARTY}
    bus, streams = _bus(settings, clock, counts, names)
    count_pipelines(ways.pipelines, telemetry.metrics)
    ways.pipelines.listen(_tell_changes(bus))
    audit = CountedAudit(database, clock, counts=counts)
    refusals = _refusals(settings, audit, clock, counts)
    ring, cookies = key_ring(serving), CookieJar(secure=serving.public_url.startswith("https://"))
    sharing = Sharing(settings, ways.pipelines, clock=clock, cache_secrets=cache_secrets(serving))
    stored = session_store(settings, database, sharing, ring, clock)
    told = (bus, streams)
    sessions, ends = announced(stored, (database, sharing), told, ring=ring, counts=counts)
    authenticator, http = SessionAuthenticator(sessions, cookies=cookies), HttpClient()
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
