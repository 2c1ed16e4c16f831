"""Which of the values that a layer gives are settings at all, and what is wrong with the rest."""

from collections.abc import Callable, Mapping

from pydantic_core import ErrorDetails

from mainhub.settings.layers import Source
from mainhub.settings.names import NAME, SettingPath, dotted
from mainhub.settings.schema import Leaf, Named, Table, at, nearest

__all__ = ["known", "wrong_value"]

_LONGEST_SHOWN = 60
_NAME_RULE = (
    "a name is a lower-case letter and up to 31 letters, digits or dashes after it, such as my-idp"
)
_EXPECTED = {
    "dict_type": "expected a table",
    "int_from_float": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_type": "expected a whole number",
    "model_type": "expected a table",
    "string_type": "expected text in quotes",
    "string_too_short": "expected some text",
    "tuple_type": "expected a list",
}


def known(
    values: Mapping[str, object],
    root: Table,
    *,
    source_of: Callable[[SettingPath], Source],
    problems: list[str],
) -> dict[str, object]:
    """Return *values* without what is no setting, for which *problems* gets a line each."""

    def table(content: Mapping[str, object], node: Table | Named, at_path: SettingPath) -> object:
        kept: dict[str, object] = {}
        for key, value in content.items():
            path = (*at_path, key)
            entry = node.entry if isinstance(node, Named) else node.entries.get(key)
            where = source_of(path)
            if entry is None:
                problems.append(f"{where}: unknown setting {dotted(path)}{_hint(root, path)}")
            elif isinstance(node, Named) and not NAME.fullmatch(key):
                problems.append(f"{where}: {dotted(path)}: {_NAME_RULE}")
            elif isinstance(entry, Leaf):
                if isinstance(value, Mapping):
                    problems.append(f"{where}: {dotted(path)}: expected a value, not a table")
                else:
                    kept[key] = value
            elif isinstance(value, Mapping):
                kept[key] = table(value, entry, path)
            else:
                problems.append(f"{where}: {dotted(path)}: expected a table, not a value")
        return kept

    kept = table(values, root, ())
    return kept if isinstance(kept, dict) else {}


def wrong_value(
    error: ErrorDetails, root: Table, *, source_of: Callable[[SettingPath], Source]
) -> str:
    """Return the line for *error* of pydantic's: path, source and what is expected.

    The value is repeated only where it cannot be a secret: never for secrets, nor where it may be
    a URL with a password in it.
    """
    path = tuple(key for key in error["loc"] if isinstance(key, str) and key != "[key]")
    item = "".join(f"[{key}]" for key in error["loc"] if isinstance(key, int))
    source = source_of(path)
    if error["type"] == "missing":
        return f"{source}: {dotted(path)} is missing; it must be set"
    value = error["input"]
    node = at(root, path)
    shown = ""
    if (
        isinstance(node, Leaf)
        and not node.secret
        and isinstance(value, str | int | float)
        and "@" not in str(value)
    ):
        text = repr(value)
        shown = f" (it is {text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + '...'})"
    return f"{source}: {dotted(path)}{item}: {_expected(error)}{shown}"


def _expected(error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return str(error.get("ctx", {}).get("error", "expected something else"))
    return _EXPECTED.get(error["type"]) or error["msg"].replace("Input should be", "expected")


def _hint(root: Table, path: SettingPath) -> str:
    if meant := nearest(root, path):
        return f"; did you mean {dotted(meant)}?"
    around = at(root, path[:-1])
    if not isinstance(around, Table):
        return "; see docs/settings.md"
    where = f"[{dotted(path[:-1])}]" if path[:-1] else "the file"
    return f"; {where} may hold {', '.join(around.entries)}"
