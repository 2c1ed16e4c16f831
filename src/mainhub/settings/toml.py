"""The settings file: TOML, and the line on which each value stands."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from mainhub.settings.invalid import SettingsInvalid
from mainhub.settings.names import SettingPath

__all__ = ["lines_of", "read_toml"]

_LARGEST: Final = 1024 * 1024
_WHERE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_toml(path: Path) -> tuple[dict[str, object], dict[SettingPath, int]]:
    """Return what the file at *path* says, and the line of each table and value.

    Raises:
        SettingsInvalid: it cannot be read, or is not TOML; the message names line and column.
    """
    text = _read(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem = _syntax(path, text, error)
    except (ValueError, RecursionError):  # a number of thousands of digits; lists in lists in ...
        problem = f"{path}: invalid TOML: a number is too long, or lists are nested too deeply"
    else:
        return data, lines_of(text)
    raise SettingsInvalid([problem])


def lines_of(text: str) -> dict[SettingPath, int]:
    """Return the line on which each table and value of *text*, which is valid TOML, begins.

    ``tomllib`` does not tell, so *text* is cut into statements: a statement has ended as soon as
    it parses, and begins where the one before has ended.
    """
    lines: dict[SettingPath, int] = {}
    table: SettingPath = ()
    for number, statement in _statements(text):
        content = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            table = _only(content)
            lines.setdefault(table, number)
        else:
            for path in _leaves(content):
                lines[(*table, *path)] = number
    return lines


def _statements(text: str) -> Iterator[tuple[int, str]]:
    pending: list[str] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        pending.append(line)
        statement = "\n".join(pending)
        if _parses(statement):
            yield number - len(pending) + 1, statement
            pending = []


def _parses(statement: str) -> bool:
    try:
        tomllib.loads(statement)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _only(content: object) -> SettingPath:
    """Return the path that the header ``[a.b]`` opens, from ``{"a": {"b": {}}}``."""
    path: list[str] = []
    while content:
        # An array of tables is a list with one table; no setting is one, but it has a line.
        content = content[0] if isinstance(content, list) else content
        if not isinstance(content, dict) or not content:
            break
        ((key, content),) = content.items()
        path.append(key)
    return tuple(path)


def _leaves(content: Mapping[str, object]) -> Iterator[SettingPath]:
    for key, value in content.items():
        yield (key,)
        if isinstance(value, dict):
            for path in _leaves(value):
                yield (key, *path)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise SettingsInvalid([f"{path}: there is no such file; check the path"]) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else "no path"
        raise SettingsInvalid([f"{path}: cannot be read ({reason})"]) from None
    if len(raw) > _LARGEST:
        raise SettingsInvalid([f"{path}: is larger than 1 MiB, so it is no settings file"])
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
    raise SettingsInvalid([f"{path}:{line}:{column}: invalid TOML: not UTF-8; save it as UTF-8"])


def _syntax(path: Path, text: str, error: tomllib.TOMLDecodeError) -> str:
    message = str(error)
    match = _WHERE.search(message)
    reason = message[: match.start()] if match else message
    if match and match[1]:
        line, column = match[1], match[2]
    else:
        last = text.split("\n")
        line, column = str(len(last)), str(len(last[-1]) + 1)
    reason = reason[:1].lower() + reason[1:]
    hint = "; text needs quotes" if reason == "invalid value" else ""
    return f"{path}:{line}:{column}: invalid TOML: {reason}{hint}"
