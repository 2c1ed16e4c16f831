"""What a source file may look like: rules over a folder, each returning what offends it."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_FILE = 400
LONGEST_FUNCTION = 50
# Nobody can tell what belongs into a file of such a name, so everything ends there.
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
SOURCES = {".py", ".ts", ".mjs", ".css", ".html"}
NOT_OURS = {"node_modules", "dist", "static", "__pycache__", ".venv", ".git"}


def files(root: Path, *endings: str) -> Iterator[Path]:
    """Yield the source files of *root* that end so, in order, without built and foreign ones."""
    for parent, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in NOT_OURS)
        for name in sorted(names):
            if Path(name).suffix in (endings or SOURCES):
                yield Path(parent) / name


def too_long_files(root: Path) -> list[str]:
    """Return the files with more than 400 lines."""
    lengths = {file: len(file.read_text().splitlines()) for file in files(root)}
    return [f"{file}: {length} lines" for file, length in lengths.items() if length > LONGEST_FILE]


def too_long_functions(root: Path) -> list[str]:
    """Return the Python functions with more than 50 lines."""
    found = []
    for file in files(root, ".py"):
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    found.append(f"{file}:{node.lineno}: {node.name} has {length} lines")
    return found


def vague_names(root: Path) -> list[str]:
    """Return the files and folders whose names say nothing."""
    below = [(file, file.relative_to(root)) for file in files(root)]
    return [
        str(file)
        for file, place in below
        if VAGUE & {part.split(".")[0].lower().strip("_") for part in place.parts}
    ]


def doors_without_words(package: Path) -> list[str]:
    """Return the rooms of *package* whose door has no docstring or no ``__all__``."""
    found = []
    for door in sorted(package.glob("*/__init__.py")):
        tree = parsed(door)
        if not ast.get_docstring(tree):
            found.append(f"{door}: no docstring that says what the room is for, and what not")
        if not any("__all__" in assigned(node) for node in tree.body):
            found.append(f"{door}: no __all__")
    return found


def broad_handlers(root: Path) -> list[str]:
    """Return the handlers that swallow everything without an ``# edge: reason`` on their line."""
    found = []
    for file in files(root, ".py"):
        lines = file.read_text().splitlines()
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.ExceptHandler) and swallows_everything(node):
                reason = lines[node.lineno - 1].partition("# edge:")[2]
                if not reason.strip():
                    found.append(f"{file}:{node.lineno}: catches everything, and says not why")
    return found


def swallows_everything(handler: ast.ExceptHandler) -> bool:
    """Return whether *handler* is bare or names ``Exception``, and does not raise it again."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(ast.unparse(kind) in {"Exception", "BaseException"} for kind in caught)


def assigned(node: ast.stmt) -> set[str]:
    """Return the names that a statement of a module assigns."""
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    return set()


def parsed(file: Path) -> ast.Module:
    """Return the syntax tree of *file*."""
    return ast.parse(file.read_text(), filename=str(file))
