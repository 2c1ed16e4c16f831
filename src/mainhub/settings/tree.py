"""The whole tree of settings."""

from pydantic import Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from mainhub.settings.access import Access
from mainhub.settings.cache import Cache
from mainhub.settings.database import Database
from mainhub.settings.events import Events
from mainhub.settings.frontends import Frontends
from mainhub.settings.gateway import Gateway
from mainhub.settings.hub import Hub
from mainhub.settings.identity import IdentityProvider
from mainhub.settings.names import Name
from mainhub.settings.redis_section import Redis
from mainhub.settings.resilience import Limits
from mainhub.settings.serving import Serving, serving
from mainhub.settings.sessions import Sessions
from mainhub.settings.telemetry import Telemetry

__all__ = ["Settings"]


class Settings(BaseSettings):
    """Every setting, checked. Made by :func:`mainhub.settings.load`."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        case_sensitive=True,
        hide_input_in_errors=True,
        # Lists stay text until their own validators split them.
        enable_decoding=False,
    )

    hub: Hub = Field(default_factory=Hub)
    database: Database = Field(default_factory=Database)
    redis: Redis = Field(default_factory=Redis)
    identity: dict[Name, IdentityProvider] = Field(default_factory=dict)
    access: Access = Field(default_factory=Access)
    sessions: Sessions = Field(default_factory=Sessions)
    cache: Cache = Field(default_factory=Cache)
    limits: Limits = Field(default_factory=Limits)
    gateway: Gateway = Field(default_factory=Gateway)
    frontends: Frontends = Field(default_factory=Frontends)
    events: Events = Field(default_factory=Events)
    telemetry: Telemetry = Field(default_factory=Telemetry)

    def require_serving(self) -> Serving:
        """Return what ``mainhub serve`` needs beyond the tree.

        Raises:
            SettingsInvalid: some of it is missing; the message names all of it at once.
        """
        return serving(self.hub, self.identity)

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # Only `load` reads the environment: it alone knows whose it is and can say so.
        return (init_settings,)
