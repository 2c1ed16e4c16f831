"""What the hub looks at, to know how it is."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Final

from mainhub.app.ground import Ground
from mainhub.app.values import services
from mainhub.gateway import Upstream, probe
from mainhub.health import Check, Checks, Criticality, Kind, answers

__all__ = ["health_checks"]

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
    for name, client in ground.clients.items():
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
