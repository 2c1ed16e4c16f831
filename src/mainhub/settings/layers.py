"""The places that settings come from, each one a source of pydantic-settings.

pydantic-settings merges them in order of precedence; each layer says where its values stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
)
from typing_extensions import override

from mainhub.settings.names import PREFIX, SettingPath

__all__ = ["DEFAULT", "Environment", "Given", "Layer", "Provenance", "Source"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from, as people are told: ``mainhub.toml:12``."""

    text: str

    @override
    def __str__(self) -> str:
        return self.text


DEFAULT = Source("default")


class Layer(Protocol):
    """One place that settings come from."""

    __name__: str

    def source_of(self, path: SettingPath) -> Source:
        """Say where the value at *path*, which this layer sets, stands."""


class Given(InitSettingsSource):
    """Values in a nested mapping; *origins* says where each stands, *otherwise* the rest."""

    def __init__(
        self,
        settings: type[BaseSettings],
        *,
        name: str,
        values: Mapping[str, object],
        otherwise: Source,
        origins: Mapping[SettingPath, Source] | None = None,
    ) -> None:
        super().__init__(settings, init_kwargs=dict(values))
        self.__name__ = name
        self._otherwise = otherwise
        self._origins = origins or {}

    def source_of(self, path: SettingPath) -> Source:
        """Say where the value at *path*, or the nearest table around it, stands."""
        for length in range(len(path), 0, -1):
            if source := self._origins.get(path[:length]):
                return source
        return self._otherwise


class Environment(EnvSettingsSource):
    """``MAINHUB_SECTION__KEY``; *found* maps each path to its variable and the variable's value."""

    def __init__(
        self, settings: type[BaseSettings], found: Mapping[SettingPath, tuple[str, str]]
    ) -> None:
        self.__name__ = "environment"
        self._found = found
        super().__init__(
            settings, case_sensitive=True, env_prefix=PREFIX, env_nested_delimiter="__"
        )

    @override
    def _load_env_vars(self) -> Mapping[str, str | None]:
        # The names as our tree knows them: MY_IDP stands for the provider "my-idp".
        return {PREFIX + "__".join(path): value for path, (_, value) in self._found.items()}

    def source_of(self, path: SettingPath) -> Source:
        """Name the variable that sets *path*, or something in the nearest table around it."""
        for length in range(len(path), 0, -1):
            for found, (name, _) in self._found.items():
                if found[:length] == path[:length]:
                    return Source(f"environment {name}")
        return Source("environment")


class Provenance(PydanticBaseSettingsSource):
    """Sets nothing: it stands last and remembers what each layer before it has said."""

    def __init__(self, settings: type[BaseSettings]) -> None:
        super().__init__(settings)
        self.data: dict[str, dict[str, Any]] = {}

    @override
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[None, str, bool]:
        return None, field_name, False

    @override
    def __call__(self) -> dict[str, Any]:
        self.data = dict(self.settings_sources_data)
        return {}
