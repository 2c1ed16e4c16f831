"""Reading the settings from everywhere at once, remembering where each value came from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_settings import PydanticBaseSettingsSource

from mainhub.settings.check import known, wrong_value
from mainhub.settings.configuration import Configuration, values_of
from mainhub.settings.derived import Derived
from mainhub.settings.environment import (
    VENDOR_NAMES,
    Found,
    present_vendor_names,
    read_environment,
)
from mainhub.settings.invalid import SettingsInvalid
from mainhub.settings.layers import DEFAULT, Environment, Given, Provenance, Source
from mainhub.settings.names import SettingPath, dotted
from mainhub.settings.redis_names import MASTER_NAME, SENTINELS, sentinel_url
from mainhub.settings.rules import contradictions
from mainhub.settings.schema import Table, schema
from mainhub.settings.toml import read_toml
from mainhub.settings.tree import Settings

__all__ = ["default_config", "load"]

_DEFAULT_FILE: Final = "mainhub.toml"
_COLLECTOR: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"


def load(
    *,
    config: Path | None,
    environ: Mapping[str, str],
    preset: Mapping[str, object] | None = None,
    preset_name: str = "mainhub dev",
    vendor_names: bool = True,
    overrides: Mapping[str, object] | None = None,
    overrides_name: str = "command line",
) -> Configuration:
    """Return the settings of defaults, *preset*, file, environment and *overrides*; later wins.

    Args:
        config: the TOML file, if there is one.
        environ: the environment; ``MAINHUB_SECTION__KEY`` and, for secrets, ``..._FILE``.
        preset: values below the file's, nested as in TOML; people see them as *preset_name*.
        preset_name: where the preset's values come from, for people.
        vendor_names: whether ``AZURE_*``, ``DATABASE_URL``, ``REDIS_*`` and ``OTEL_*``
            count too.
        overrides: values above everything, nested as in TOML.
        overrides_name: where they come from, for people.

    Raises:
        SettingsInvalid: something is wrong; one line for each problem.
    """
    reading = _Reading()
    vendors = present_vendor_names(environ)
    found = read_environment(environ, reading.root)
    reading.problems.extend(found.problems)
    reading.add("overrides", overrides, otherwise=Source(overrides_name))
    reading.add_files(found)
    reading.layers.append(Environment(Settings, found.values))
    if vendor_names:
        reading.add_vendors(environ, vendors)
    if config is not None:
        reading.add_toml(config)
    reading.add("preset", preset, otherwise=Source(preset_name))
    if vendor_names:
        reading.add_kind(vendors)
    return reading.finish(ignored=() if vendor_names else vendors)


def default_config(directory: Path = Path()) -> Path | None:
    """Return the settings file of *directory*, if it has one: what counts when none is named."""
    path = directory / _DEFAULT_FILE
    return path if path.is_file() else None


class _Reading:
    """Layers, highest first, and what was found to be wrong on the way."""

    def __init__(self) -> None:
        self.root: Table = schema(Settings)
        self.layers: list[Given | Environment | Derived] = []
        self.problems: list[str] = []

    def add(
        self,
        name: str,
        values: Mapping[str, object] | None,
        *,
        otherwise: Source,
        origins: Mapping[SettingPath, Source] | None = None,
    ) -> None:
        def layer(content: Mapping[str, object]) -> Given:
            return Given(Settings, name=name, values=content, otherwise=otherwise, origins=origins)

        source_of = layer({}).source_of
        self.layers.append(
            layer(known(values or {}, self.root, source_of=source_of, problems=self.problems))
        )

    def add_files(self, found: Found) -> None:
        values = _nested(found.secrets)
        self.add("files", values, otherwise=Source("file"), origins=found.origins)

    def add_vendors(self, environ: Mapping[str, str], names: tuple[str, ...]) -> None:
        plain = [name for name in names if name not in (SENTINELS, MASTER_NAME)]
        values = {VENDOR_NAMES[name]: environ[name] for name in plain}
        origins = {VENDOR_NAMES[name]: Source(f"environment {name}") for name in plain}
        if made := sentinel_url(environ, self.problems):
            url, name = made
            values[VENDOR_NAMES[name]] = url
            origins[VENDOR_NAMES[name]] = Source(f"environment {name}")
        self.add("vendors", _nested(values), otherwise=Source("environment"), origins=origins)

    def add_kind(self, names: tuple[str, ...]) -> None:
        """Take AZURE_* for Entra ID and a collector's address for OTLP, unless told otherwise."""
        if _COLLECTOR in names:
            exporter = {"telemetry": {"exporter": "otlp"}}
            self.add("exporter", exporter, otherwise=Source(f"environment {_COLLECTOR}"))
        azure = next((name for name in names if VENDOR_NAMES[name][0] == "identity"), None)
        if azure is not None:
            kind = {"identity": {"entra": {"kind": "entra"}}}
            self.add("kind", kind, otherwise=Source(f"environment {azure}"))

    def add_toml(self, path: Path) -> None:
        values, lines = read_toml(path)
        origins = {where: Source(f"{path}:{line}") for where, line in lines.items()}
        self.add("toml", values, otherwise=Source(str(path)), origins=origins)

    def finish(self, *, ignored: tuple[str, ...]) -> Configuration:
        self.layers.append(Derived(Settings))
        provenance = Provenance(Settings)
        sources: tuple[PydanticBaseSettingsSource, ...] = (*self.layers, provenance)
        details = []
        settings = None
        try:
            settings = Settings(_build_sources=(sources, {}))
        except ValidationError as error:
            # Leaving the handler first keeps pydantic's error, which holds the input, out of
            # what is raised.
            details = error.errors(include_url=False)

        def source_of(path: SettingPath) -> Source:
            return self._source_of(path, provenance)

        self.problems.extend(
            wrong_value(detail, self.root, source_of=source_of) for detail in details
        )
        if settings is not None:
            self.problems.extend(
                f"{source_of(path)}: {dotted(path)}: {reason}"
                for path, reason in contradictions(settings)
            )
        if self.problems or settings is None:
            raise SettingsInvalid(self.problems)
        effective = {
            dotted(path): self._exactly(path, provenance) or DEFAULT
            for path, _ in values_of(settings)
        }
        return Configuration(settings, effective, ignored)

    def _source_of(self, path: SettingPath, provenance: Provenance) -> Source:
        """Name the source of *path*, or else of the nearest table around it."""
        for length in range(len(path), 0, -1):
            if source := self._exactly(path[:length], provenance):
                return source
        return DEFAULT

    def _exactly(self, path: SettingPath, provenance: Provenance) -> Source | None:
        """Name the place in the highest layer that sets *path*, if any does."""
        for layer in self.layers:
            if _says(provenance.data.get(layer.__name__, {}), path):
                return layer.source_of(path)
        return None


def _nested(values: Mapping[SettingPath, str]) -> dict[str, object]:
    nested: dict[str, Any] = {}
    for path, value in values.items():
        table = nested
        for key in path[:-1]:
            table = table.setdefault(key, {})
        table[path[-1]] = value
    return nested


def _says(data: Mapping[str, object], path: SettingPath) -> bool:
    value: object = data
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return False
        value = value[key]
    return True
