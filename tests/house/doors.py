"""Rooms are entered by their doors: rules over the syntax trees of a package."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from house.shape import assigned, files, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# They compose and start what the rooms offer, adapters included.
BEHIND_DOORS = {"app", "cli"}
# It gives who takes no part in how a hub is composed a cache from a URL.
COMPOSES_TOO = "cache/connect.py"
# Adapters of a driver may enter where its connections are kept: by that place's own door.
CONNECTIONS = {"redis": "storage.redis"}


def imports_behind_doors(package: Path) -> list[str]:
    """Return the imports of what is behind another room's door."""
    rooms = {door.parent.name: offered(door) for door in package.glob("*/__init__.py")}
    found = []
    for file in files(package, ".py"):
        own = file.relative_to(package).parts[0]
        if own in BEHIND_DOORS or file.relative_to(package).as_posix() == COMPOSES_TOO:
            continue
        for line, module in imported(package, file):
            top, _, below = module.partition(".")
            other, _, inside = below.partition(".")
            if top != package.name or other == own or other not in rooms:
                continue
            if is_adapters_own(package, file, below):
                continue
            if is_behind(package / other, inside, rooms[other]):
                found.append(f"{file}:{line}: imports {module}, behind the door of {other}")
    return found


def is_adapters_own(package: Path, file: Path, module: str) -> bool:
    """Return whether *file* is an adapter, and *module* offered beside its connections."""
    for driver, place in CONNECTIONS.items():
        door = package.joinpath(*place.split("."), "__init__.py")
        if driver in file.relative_to(package).parts and door.is_file():
            where, _, name = module.rpartition(".")
            return where == place and name in offered(door)
    return False


def migrations_that_import_rooms(package: Path) -> list[str]:
    """Return the imports of MainHub's own code in migrations, which would not stay frozen."""
    frozen = package / "storage" / "migrations" / "versions"
    return [
        f"{file}:{line}: a migration is frozen and may not import {module}"
        for file in files(frozen, ".py")
        for line, module in imported(package, file)
        if module.split(".")[0] == package.name
    ]


def imported(package: Path, file: Path) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of everything that *file* imports, names of modules included."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = absolute(package, file, node)
            yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)


def absolute(package: Path, file: Path, node: ast.ImportFrom) -> str:
    """Return the module that *node* imports from, relative ones made absolute."""
    if node.level == 0:
        return node.module or ""
    here = [package.name, *file.relative_to(package).parent.parts]
    return ".".join([*here[: len(here) - node.level + 1], *filter(None, [node.module])])


def offered(door: Path) -> list[str]:
    """Return the names in the ``__all__`` of *door*; it may offer a whole module by its name."""
    for node in parsed(door).body:
        if "__all__" in assigned(node) and isinstance(node, ast.Assign | ast.AnnAssign):
            return [str(name) for name in ast.literal_eval(node.value or ast.List([]))]
    return []


def is_behind(room: Path, inside: str, names: list[str]) -> bool:
    """Return whether *inside*, a dotted name within *room*, is none of its door's *names*."""
    if not inside or inside in names:
        return False
    place = room / inside.split(".", maxsplit=1)[0]
    return place.is_dir() or place.with_suffix(".py").is_file()
