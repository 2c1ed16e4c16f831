"""What is counted of rooms that count nothing themselves."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from mainhub.audit import Action, AuditLog, Entry, Refusals
from mainhub.cache import Cache
from mainhub.clock import Clock
from mainhub.events import ANY, Bus, Event, Streams
from mainhub.resilience import Pipelines, State
from mainhub.storage import Database
from mainhub.telemetry import OTHER, Counts, Metrics, Reading, table
from mainhub.web import Network

__all__ = ["CountedAudit", "CountedRefusals", "count_cache", "count_events", "count_pipelines"]


class CountedAudit(AuditLog):
    """The record, each entry counted once it is written."""

    def __init__(self, database: Database, clock: Clock, *, counts: Counts) -> None:
        super().__init__(database, clock)
        self._counts = counts

    @override
    async def append(self, entry: Entry, within: AsyncConnection | None = None) -> int:
        number = await super().append(entry, within)
        self._count([entry])
        return number

    @override
    async def append_all(self, entries: Iterable[Entry]) -> None:
        listed = list(entries)
        await super().append_all(listed)
        self._count(listed)

    def _count(self, entries: list[Entry]) -> None:
        for entry in entries:
            self._counts.audited(str(entry.action), str(entry.outcome))


class CountedRefusals(Refusals):
    """Refusals, those of sign-ins counted by provider even when they are too many to record."""

    def __init__(
        self,
        audit: AuditLog,
        clock: Clock,
        *,
        trusted_proxies: Sequence[Network],
        counts: Counts,
        providers: Collection[str],
    ) -> None:
        super().__init__(audit, clock, trusted_proxies=trusted_proxies)
        self._counts = counts
        self._providers = providers

    @override
    async def note(self, entry: Entry) -> None:
        if entry.action == Action.SIGNIN_REFUSED:
            # The name comes out of an address that anybody may type.
            asked = entry.target.name if entry.target else OTHER
            provider = asked if asked in self._providers else OTHER
            self._counts.sign_in(provider, str(entry.outcome))
        await super().note(entry)


def count_events(bus: Bus, streams: Streams, counts: Counts, frontends: Collection[str]) -> None:
    """Count events by type, pages that listen, and errors that pages tell of *frontends*."""

    def told(event: Event) -> None:
        counts.event(event.type)
        if event.type == "app:error":
            counts.frontend_error(event.data.get("app"), frontends)

    bus.on(ANY, told)
    counts.streams(lambda: streams.count)


def count_pipelines(pipelines: Pipelines, metrics: Metrics) -> None:
    """Let metrics look at the figures that *pipelines* keep anyway."""
    known = _Known(pipelines)
    metrics.total(table.PIPELINE_CALLS, known.calls)
    metrics.total(table.PIPELINE_REJECTED, known.rejected)
    metrics.total(table.PIPELINE_ATTEMPTS, known.attempts)
    metrics.gauge(table.PIPELINE_IN_FLIGHT, known.in_flight)
    metrics.gauge(table.BREAKER_STATE, known.states)


def count_cache(cache: Cache, metrics: Metrics) -> None:
    """Let metrics look at the figures that *cache* keeps anyway."""
    figures = cache.figures

    def lookups() -> Iterator[Reading]:
        yield figures.l1_hits, {"outcome": "l1-hit"}
        yield figures.l2_hits, {"outcome": "l2-hit"}
        yield figures.stale, {"outcome": "stale"}
        yield figures.misses, {"outcome": "miss"}
        yield figures.unavailable, {"outcome": "unavailable"}

    def fills() -> Iterator[Reading]:
        yield figures.fills, {"outcome": "made"}
        yield figures.not_kept, {"outcome": "not-kept"}
        yield figures.factory_errors, {"outcome": "failed"}
        yield figures.factory_timeouts, {"outcome": "timeout"}

    def refused() -> Iterator[Reading]:
        for reason, number in tuple(figures.refused.items()):
            yield number, {"reason": str(reason)}

    def linked() -> Iterator[Reading]:
        if cache.state is not None:
            yield float(cache.state.linked), {}

    metrics.total(table.CACHE_LOOKUPS, lookups)
    metrics.total(table.CACHE_FILLS, fills)
    metrics.total(table.CACHE_REFUSED, refused)
    metrics.total(table.CACHE_COALESCED, lambda: [(figures.coalesced, {})])
    metrics.total(table.CACHE_EVICTIONS, lambda: [(figures.evictions, {})])
    metrics.total(table.CACHE_ERRORS, lambda: [(figures.l2_errors, {})])
    metrics.gauge(table.CACHE_ENTRIES, lambda: [(cache.entries, {})])
    metrics.gauge(table.CACHE_BYTES, lambda: [(cache.bytes, {})])
    metrics.gauge(table.CACHE_PENDING, lambda: [(cache.pending, {})])
    metrics.gauge(table.CACHE_LINKED, linked)


class _Known:
    """Reads the figures of pipelines."""

    def __init__(self, pipelines: Pipelines) -> None:
        self._pipelines = pipelines

    def calls(self) -> Iterator[Reading]:
        for entry in self._pipelines:
            figures, name = entry.pipeline.figures, entry.pipeline.name
            for outcome in ("ok", "failed", "neutral"):
                yield getattr(figures, outcome), {"pipeline": name, "outcome": outcome}

    def rejected(self) -> Iterator[Reading]:
        for entry in self._pipelines:
            for reason, number in entry.pipeline.figures.rejected.items():
                yield number, {"pipeline": entry.pipeline.name, "reason": reason}

    def attempts(self) -> Iterator[Reading]:
        for entry in self._pipelines:
            figures, name = entry.pipeline.figures, entry.pipeline.name
            yield figures.retries, {"pipeline": name, "kind": "retry"}
            yield figures.hedges, {"pipeline": name, "kind": "hedge"}
            yield figures.timeouts, {"pipeline": name, "kind": "timeout"}
            yield figures.fallbacks, {"pipeline": name, "kind": "fallback"}

    def in_flight(self) -> Iterator[Reading]:
        for entry in self._pipelines:
            bulkhead = entry.pipeline.bulkhead
            number = bulkhead.taken if bulkhead else entry.pipeline.figures.in_flight
            yield number, {"pipeline": entry.pipeline.name}

    def states(self) -> Iterator[Reading]:
        for entry in self._pipelines:
            breaker = entry.pipeline.breaker
            for state in State if breaker else ():
                labels = {"pipeline": entry.pipeline.name, "state": str(state)}
                yield float(breaker is not None and breaker.state is state), labels
