"""``/hub/v1/configuration``, for administrators."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from mainhub.audit import Action, AuditLog, Entry, Target
from mainhub.control.configuration import RunningConfiguration, Setting
from mainhub.identity import ADMIN
from mainhub.telemetry import get_logger
from mainhub.web import Guard, Network, client_address

__all__ = ["ConfigurationRoutes"]

log = get_logger("control")

_WHAT: Final = "The configuration"


class ShownSetting(BaseModel):
    """A setting and where its value comes from; a secret's value is masked."""

    key: str
    value: Any
    source: str
    secret: bool
    changeable: bool
    changed_by: str | None

    @classmethod
    def of(cls, setting: Setting) -> "ShownSetting":
        """Describe *setting*."""
        return cls.model_validate(asdict(setting))


class ShownConfiguration(BaseModel):
    """Every effective setting, in the order of the documentation."""

    items: list[ShownSetting]


class SettingPatch(BaseModel):
    """The new value."""

    model_config = ConfigDict(extra="forbid")

    value: Any


class ConfigurationRoutes:
    """Makes the router of the configuration."""

    def __init__(
        self,
        *,
        configuration: RunningConfiguration,
        audit: AuditLog,
        guard: Guard,
        trusted_proxies: Sequence[Network] = (),
    ) -> None:
        self._configuration = configuration
        self._audit = audit
        self._guard = guard
        self._trusted = tuple(trusted_proxies)

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(prefix="/hub/v1", tags=["configuration"])
        add = router.add_api_route
        add("/configuration", self.all, summary="Every setting and where it comes from")
        add("/configuration/{key}", self.one, summary="One setting")
        add(
            "/configuration/{key}",
            self.change,
            methods=["PATCH"],
            summary="Change a setting until the hub stops",
        )
        return router

    async def all(self, request: Request) -> ShownConfiguration:
        """Return every effective setting; secrets are masked."""
        await self._guard.require_role(request, (ADMIN,), _WHAT)
        items = [ShownSetting.of(setting) for setting in self._configuration.items()]
        return ShownConfiguration(items=items)

    async def one(self, request: Request, key: str) -> ShownSetting:
        """Return the setting *key*."""
        await self._guard.require_role(request, (ADMIN,), _WHAT)
        return ShownSetting.of(self._configuration.item(key))

    async def change(self, request: Request, key: str, patch: SettingPatch) -> ShownSetting:
        """Record the change, then put it into effect at once."""
        caller = await self._guard.require_role(request, (ADMIN,), _WHAT)
        value = self._configuration.checked(key, patch.value)
        before = self._configuration.item(key)
        # First: what cannot be recorded is not done.
        await self._audit.append(
            Entry(
                action=Action.CONFIGURATION_CHANGED,
                person=caller.person,
                address=client_address(request.scope, self._trusted),
                right=ADMIN,
                target=Target("setting", key),
                before={"value": before.value, "source": before.source},
                after={"value": value},
            )
        )
        after = self._configuration.change(key, value, by=caller.person.name)
        log.info("configuration.changed", setting=key, value=value, by=caller.person.id)
        return ShownSetting.of(after)
