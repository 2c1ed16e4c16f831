"""All examinations of one configuration."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from mainhub.app.doctor.address import PublicUrl
from mainhub.app.doctor.configured import look_at_settings
from mainhub.app.doctor.stores import look_at_database, look_at_redis
from mainhub.app.values import provider, services
from mainhub.app.ways import Ways
from mainhub.clock import Clock
from mainhub.gateway import Service, probe
from mainhub.gateway.upstream import AiohttpUpstream
from mainhub.health import Diagnosis, Examination, State, Verdict
from mainhub.outbound import HttpClient
from mainhub.settings import Configuration, Serving, SettingsInvalid
from mainhub.signin import ProviderClient, explain_to_operators
from mainhub.signin.doctor import IdentityExamination

__all__ = ["Doctor"]

_VERDICTS = {
    State.FINE: Verdict.FINE,
    State.DEGRADED: Verdict.WARNING,
    State.FAILED: Verdict.FAILED,
    State.UNKNOWN: Verdict.UNKNOWN,
}


class Doctor:
    """Knows what to look into for *configuration*; use as an async context manager.

    Args:
        configuration: the settings.
        clock: the time of this machine.
        config: the file that they were read from, if there is one.
    """

    def __init__(
        self, configuration: Configuration, *, clock: Clock, config: Path | None = None
    ) -> None:
        self._settings = configuration.settings
        self._clock = clock
        self._config = config
        self._http = HttpClient()
        self._upstream = AiohttpUpstream()
        self._ways = Ways(self._settings, clock=clock)
        self._entered = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._entered.enter_async_context(self._http)
        await self._upstream.start()
        self._entered.push_async_callback(self._upstream.aclose)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._entered.aclose()

    def examinations(self) -> list[Examination]:
        """Return all that the settings name, in the order in which people would look."""
        settings = self._settings
        found = [
            Examination("settings", "Settings", lambda: look_at_settings(settings, self._config))
        ]
        try:
            serving = settings.require_serving()
        except SettingsInvalid:
            # The first one says so.
            pass
        else:
            found += self._of_serving(serving)
        found.append(Examination("database", "Database", lambda: look_at_database(settings)))
        if settings.redis.address is not None:
            found.append(Examination("redis", "Redis", lambda: look_at_redis(settings)))
        found += [self._of_service(one) for one in services(settings, self._ways)]
        return found

    def _of_serving(self, serving: Serving) -> list[Examination]:
        clients = [
            ProviderClient(provider(one), http=self._http, clock=self._clock)
            for one in serving.providers
        ]
        for client in clients:
            self._entered.push_async_callback(client.aclose)
        address = PublicUrl(serving.public_url, http=self._http, clock=self._clock)
        return [
            *(
                IdentityExamination(
                    client,
                    http=self._http,
                    clock=self._clock,
                    public_url=serving.public_url,
                    explain=explain_to_operators,
                ).examination
                for client in clients
            ),
            Examination("public-url", "The hub's address", address.look),
        ]

    def _of_service(self, service: Service) -> Examination:
        look = probe(service, self._upstream)

        async def examine() -> AsyncIterator[Diagnosis]:
            finding = await look()
            verdict = _VERDICTS[finding.state]
            what = "It answers." if verdict is Verdict.FINE else "It does not answer as it should."
            yield Diagnosis(what, verdict, finding.detail, finding.remedy, "docs/gateway.md")

        return Examination(f"service-{service.name}", f"Service {service.name}", examine)
