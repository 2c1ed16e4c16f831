"""The named ways out of the hub: to what may fail, each with what protects it."""

from datetime import timedelta
from typing import Final

from mainhub.clock import Clock
from mainhub.resilience import (
    Budget,
    Bulkhead,
    CircuitBreaker,
    Errors,
    Pipeline,
    Pipelines,
    Retry,
    Timeout,
    is_failure,
)
from mainhub.settings import Breaker as BreakerSettings
from mainhub.settings import IdentityProvider, Service, Settings
from mainhub.settings import Retry as RetrySettings
from mainhub.storage import (
    DatabaseBusy,
    DatabaseMisused,
    DatabaseResting,
    DatabaseUnavailable,
)

__all__ = ["Ways"]

# Somebody waits to be signed in, and can be without it.
_GRAPH: Final = timedelta(seconds=3)
_PUSH: Final = timedelta(seconds=5)
_LEASE: Final = timedelta(seconds=30)
# How long after its head an answer counts as a good one, and then some.
_READING: Final = timedelta(seconds=10)
_DATABASES: Final = {"sqlite+aiosqlite": "SQLite", "postgresql+asyncpg": "PostgreSQL"}


class Ways:
    """Makes each way once and registers it in *pipelines*."""

    def __init__(self, settings: Settings, *, clock: Clock) -> None:
        # As many as settings name, and no caller can add one.
        self.pipelines = Pipelines(most=10_000, clock=clock)
        self._settings = settings
        self._clock = clock
        self.database = self._database()
        self.providers = {
            name: self._provider(name, one) for name, one in settings.identity.items()
        }
        self.graphs = {
            name: self._graph(name, one)
            for name, one in settings.identity.items()
            if one.kind == "entra"
        }
        self.pushes = {
            name: self._push(name, one)
            for name, one in settings.identity.items()
            # Entra ID takes none.
            if one.par == "always" or (one.par == "auto" and one.kind == "oidc")
        }
        self.services = {
            name: self._service(name, one) for name, one in settings.gateway.services.items()
        }
        self.health = self.pipelines.add(
            Pipeline("health", bulkhead=Bulkhead(32)), kind="health", title="Health checks"
        )

    def _database(self) -> Pipeline:
        found = self._settings.database
        driver = found.url.get_secret_value().partition("://")[0]
        breaker = self._breaker(found.breaker, failures=_is_down)
        return self.pipelines.add(
            Pipeline("database", breaker=breaker),
            kind="database",
            title=_DATABASES.get(driver, "SQL"),
        )

    def _provider(self, name: str, found: IdentityProvider) -> Pipeline:
        return self.pipelines.add(
            Pipeline(
                f"identity-{name}",
                breaker=self._breaker(found.breaker),
                retry=self._retry(found.retry),
            ),
            kind="identity",
            title=found.title,
        )

    def _graph(self, name: str, found: IdentityProvider) -> Pipeline:
        """Return the way to Microsoft Graph, whose failures say nothing about signing in."""
        return self.pipelines.add(
            Pipeline(
                f"graph-{name}", breaker=self._breaker(found.breaker), timeout=Timeout(_GRAPH)
            ),
            kind="identity",
            title=f"{found.title}: Microsoft Graph",
        )

    def _push(self, name: str, found: IdentityProvider) -> Pipeline:
        """Return the way for pushed requests: where it fails, browsers carry them."""
        return self.pipelines.add(
            Pipeline(f"push-{name}", breaker=self._breaker(found.breaker), timeout=Timeout(_PUSH)),
            kind="identity",
            title=f"{found.title}: pushed requests",
        )

    def _service(self, name: str, found: Service) -> Pipeline:
        return self.pipelines.add(
            Pipeline(
                f"service-{name}",
                breaker=self._breaker(
                    found.breaker, lease=max(_LEASE, found.response_timeout + _READING)
                ),
                retry=self._retry(found.retry),
                bulkhead=Bulkhead(found.bulkhead.limit, queue=found.bulkhead.queue),
            ),
            kind="service",
            title=name,
        )

    def _breaker(
        self,
        found: BreakerSettings,
        *,
        failures: Errors = is_failure,
        lease: timedelta = timedelta(seconds=30),
    ) -> CircuitBreaker:
        return CircuitBreaker(
            consecutive=found.consecutive,
            failure_rate=found.failure_rate,
            min_calls=found.min_calls,
            window=found.window,
            slow_rate=found.slow_rate,
            slow_after=found.slow_after,
            open_for=found.open_for,
            open_max=found.open_max,
            probes=found.probes,
            close_after=found.close_after,
            failures=failures,
            probe_lease=lease,
            clock=self._clock,
        )

    def _retry(self, found: RetrySettings) -> Retry:
        return Retry(
            found.attempts,
            base=found.base,
            cap=found.cap,
            budget=Budget(found.budget, clock=self._clock),
        )


def _is_down(error: Exception) -> bool:
    """A database is not down where somebody else writes for long, or a statement is wrong."""
    quiet = isinstance(error, DatabaseBusy | DatabaseMisused | DatabaseResting)
    return isinstance(error, DatabaseUnavailable) and not quiet
