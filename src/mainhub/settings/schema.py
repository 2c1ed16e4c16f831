"""The names in the tree, read off the models: what exists, what is secret, what is near a typo."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, get_args, get_origin

from pydantic import BaseModel, Secret, SecretStr

from mainhub.settings.names import SettingPath

__all__ = ["Leaf", "Named", "Node", "Table", "at", "nearest", "paths", "schema"]

_ANY_NAME: Final = "NAME"
_ALIKE: Final = 0.6
_LONGEST_COMPARED: Final = 100


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value."""

    secret: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose keys we name."""

    entries: "Mapping[str, Node]"


@dataclass(frozen=True, slots=True)
class Named:
    """A table whose keys operators name; every one holds the same *entry*."""

    entry: Table


Node = Leaf | Table | Named


def schema(model: type[BaseModel]) -> Table:
    """Return the names that *model* knows."""
    return Table({name: _node(field.annotation) for name, field in model.model_fields.items()})


def at(root: Table, path: SettingPath) -> Node | None:
    """Return what stands at *path*, or ``None``; any name is as good as another."""
    node: Node = root
    for key in path:
        if isinstance(node, Named):
            node = node.entry
        elif isinstance(node, Table) and key in node.entries:
            node = node.entries[key]
        else:
            return None
    return node


def paths(root: Table) -> Iterator[SettingPath]:
    """Yield the path of every value, with ``NAME`` where operators choose."""
    return _paths(root, ())


def nearest(root: Table, path: SettingPath) -> SettingPath | None:
    """Return the existing path that was probably meant by *path*, or ``None``."""
    node: Node = root
    found: list[str] = []
    for key in path:
        if isinstance(node, Named):
            node, key_found = node.entry, key
        elif isinstance(node, Table):
            close = get_close_matches(key[:_LONGEST_COMPARED], node.entries, n=1, cutoff=_ALIKE)
            if not close:
                break
            node, key_found = node.entries[close[0]], close[0]
        else:
            break
        found.append(key_found)
    if len(found) == len(path):
        return tuple(found)
    if len(path) == 1:
        # A value written above the first [section].
        same = [candidate for candidate in paths(root) if candidate[-1] == path[0]]
        return same[0] if len(same) == 1 else None
    return None


def _paths(node: Node, path: SettingPath) -> Iterator[SettingPath]:
    if isinstance(node, Leaf):
        yield path
    elif isinstance(node, Named):
        yield from _paths(node.entry, (*path, _ANY_NAME))
    else:
        for name, entry in node.entries.items():
            yield from _paths(entry, (*path, name))


def _node(annotation: object) -> Node:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return schema(annotation)
    if get_origin(annotation) is dict:
        entry = _node(get_args(annotation)[1])
        if isinstance(entry, Table):
            return Named(entry)
    return Leaf(secret=_is_secret(annotation))


def _is_secret(annotation: object) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, Secret | SecretStr):
        return True
    return any(_is_secret(argument) for argument in get_args(annotation))
