"""JSON that says nothing twice."""

import json
from typing import Final

import orjson

__all__ = ["read_once"]


def read_once(written: bytes) -> object:
    """Read JSON in which no object names a member twice (RFC 7519, section 4)."""
    read = orjson.loads(written)
    # orjson keeps the last and says nothing; whoever reads the first is told another thing.
    try:
        _DISTINCT.decode(written.decode())
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return read


def _distinct(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice")


_DISTINCT: Final = json.JSONDecoder(object_pairs_hook=_distinct)
