"""The settings together with where each of them comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from pydantic import BaseModel, Secret, SecretStr

from mainhub.settings.database import DatabaseUrl
from mainhub.settings.duration import format_duration
from mainhub.settings.layers import DEFAULT, Source
from mainhub.settings.names import SettingPath, dotted
from mainhub.settings.redis_section import RedisUrl
from mainhub.settings.schema import Leaf, at, paths, schema
from mainhub.settings.tree import Settings

__all__ = ["MASK", "Configuration", "Row", "documented_paths", "values_of"]

MASK = "********"


class Row(NamedTuple):
    """One setting as people see it; *value* is ``None`` if not set, masked if *secret*."""

    path: str
    value: str | None
    source: str
    secret: bool


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings, where each of them comes from, and the vendor names that were not read."""

    settings: Settings
    sources: Mapping[str, Source]
    ignored: tuple[str, ...] = ()

    def rows(self) -> list[Row]:
        """Return every effective setting in the order of the tree, secrets masked."""
        root = schema(Settings)
        rows = []
        for path, value in values_of(self.settings):
            node = at(root, path)
            secret = isinstance(node, Leaf) and node.secret
            source = self.sources.get(dotted(path), DEFAULT)
            rows.append(Row(dotted(path), _shown(value), str(source), secret))
        return rows


def documented_paths() -> list[str]:
    """Return the dotted path of every setting, with ``NAME`` where operators choose."""
    return [".".join(path) for path in paths(schema(Settings))]


def values_of(node: BaseModel, path: SettingPath = ()) -> Iterator[tuple[SettingPath, object]]:
    """Yield every value in *node*, which stands at *path*, with its own path."""
    for name in type(node).model_fields:
        value = getattr(node, name)
        if isinstance(value, BaseModel):
            yield from values_of(value, (*path, name))
        elif isinstance(value, dict):
            for key, entry in value.items():
                yield from values_of(entry, (*path, name, key))
        else:
            yield (*path, name), value


def _shown(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, DatabaseUrl | RedisUrl):
        return str(value)
    if isinstance(value, Secret | SecretStr):
        return MASK
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, tuple):
        return ", ".join(_shown(item) or "" for item in value)
    return str(value)
