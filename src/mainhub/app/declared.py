"""What front-ends declare: brought up to date at the start, and told to the gateway."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from mainhub.access import Decide, Need
from mainhub.app.first_party import FIRST_PARTY
from mainhub.frontends import Frontend, Registry
from mainhub.gateway import Declaration, FrontendCalls
from mainhub.settings import Settings
from mainhub.telemetry import get_logger

__all__ = ["first_party", "frontend_calls"]

log = get_logger("app")


def frontend_calls(registry: Registry, settings: Settings, decide: Decide) -> FrontendCalls:
    """Return what judges which front-end may call which service."""

    async def declarations() -> Iterable[Declaration]:
        return [
            Declaration(found.name, Need.any_of(found.roles), frozenset(found.apis))
            for found in await registry.all()
            if found.active
        ]

    allow = settings.gateway.unnamed_calls == "allow"
    return FrontendCalls(declarations, allow_unnamed=allow, decide=decide)


def first_party(
    registry: Registry, names: set[str], settings: Settings
) -> Callable[[], Awaitable[None]]:
    """Return what brings the hub's own front-ends up to date, and learns the *names* of all.

    Declarations in the settings that mean nobody, or no service, are told in the log: another
    release of the hub, or of a front-end, may know them.
    """
    declared = settings.frontends.declared

    def as_set(frontend: Frontend) -> Frontend:
        found = declared.get(frontend.name)
        return frontend if found is None else replace(frontend, apis=found.apis)

    async def ensure() -> None:
        for frontend in FIRST_PARTY:
            await registry.ensure(as_set(frontend))
        everything = await registry.all()
        names.update(frontend.name for frontend in everything)
        _tell_unknown(everything, settings)

    return ensure


def _tell_unknown(frontends: Iterable[Frontend], settings: Settings) -> None:
    services = settings.gateway.services
    for frontend in frontends:
        for service in frontend.apis:
            if service not in services:
                log.info("frontends.unknown_api", frontend=frontend.name, service=service)
    shipped = {frontend.name for frontend in FIRST_PARTY}
    for name in settings.frontends.declared:
        if name not in shipped:
            log.warning("frontends.declared_unknown", frontend=name)
