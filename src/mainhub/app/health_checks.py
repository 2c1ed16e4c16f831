"""What the hub looks at, to know how it is."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Final

from mainhub.app.ground import Ground
from mainhub.app.values import services
from mainhub.errors import Unavailable
from mainhub.gateway import Upstream, probe
from mainhub.health import Check, Checks, Criticality, Finding, Kind, State, answers
from mainhub.storage.redis import RedisConnections, eviction_policy
from mainhub.telemetry import get_logger

__all__ = ["health_checks"]

log = get_logger("app")

_DATABASES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def health_checks(ground: Ground, upstream: Upstream) -> Checks:
    """Return the checks of database, identity providers and services."""
    return Checks(_all(ground, upstream), clock=ground.clock, metrics=ground.telemetry.metrics)


def _all(ground: Ground, upstream: Upstream) -> Iterator[Check]:
    yield Check(
        name="database",
        title=_DATABASES[ground.database.kind],
        kind=Kind.DATABASE,
        criticality=Criticality.CRITICAL,
        probe=answers(ground.database.probe),
    )
    redis = ground.sharing.redis
    if redis is not None:
        yield Check(
            name="redis",
            title="Redis",
            kind=Kind.REDIS,
            # Each process goes on by itself without it.
            criticality=Criticality.IMPORTANT,
            probe=partial(ground.ways.health.call, answers(redis.probe)),
            # The connections are watched all the time; this only asks what is known.
            every=timedelta(seconds=5),
        )
        if ground.settings.sessions.store == "redis":
            yield Check(
                name="redis-sessions",
                title="Sessions in Redis",
                kind=Kind.REDIS,
                criticality=Criticality.IMPORTANT,
                probe=partial(ground.ways.health.call, _Evicting(redis)),
                every=timedelta(minutes=1),
            )
    for name, client in ground.vouching.clients.items():
        yield Check(
            name=f"identity-{name}",
            title=client.provider.title,
            kind=Kind.IDENTITY,
            criticality=Criticality.IMPORTANT,
            probe=client.probe,
        )
    for service in services(ground.settings, ground.ways):
        yield Check(
            name=f"service-{service.name}",
            title=service.name,
            kind=Kind.SERVICE,
            criticality=Criticality.IMPORTANT,
            probe=partial(ground.ways.health.call, probe(service, upstream)),
        )


class _Evicting:
    """Finds out whether a full Redis would throw sessions away; says it in the log once."""

    def __init__(self, redis: RedisConnections) -> None:
        self._redis = redis
        self._told: str | None = None

    async def __call__(self) -> Finding:
        try:
            policy = await eviction_policy(self._redis)
        except Unavailable:
            # The check of Redis itself says that.
            return Finding(State.UNKNOWN, "Redis does not answer.")
        if policy not in {None, self._told}:
            log.warning("sessions.may_be_evicted", policy=policy, remedy=_KEEP_THEM)
        self._told = policy
        if policy is None:
            return Finding(State.FINE)
        return Finding(
            State.DEGRADED,
            f"When Redis is full it throws keys away, sessions too (maxmemory-policy {policy}).",
            _KEEP_THEM,
        )


_KEEP_THEM: Final = (
    "Set maxmemory-policy noeviction, or keep sessions elsewhere than the cache (sessions.store)."
)
