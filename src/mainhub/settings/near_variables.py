"""Variables that were surely meant as settings, with one ``_`` where two separate the names."""

from collections.abc import Iterator

from mainhub.settings.names import PREFIX, SettingPath, variable
from mainhub.settings.schema import Leaf, Named, Node, Table, nearest

__all__ = ["variable_meant"]

_FILE = "_file"


def variable_meant(name: str, root: Table) -> str | None:
    """Return the variable that *name*, which has no ``__``, was probably meant to be.

    ``MAINHUB_HUB_LISTEN`` is ``MAINHUB_HUB__LISTEN``. ``None`` if it names no section of ours, so
    that it may be a switch of some tool; the section itself if nothing in it is alike.
    """
    words = name[len(PREFIX) :].lower()
    section = next((key for key in root.entries if words.startswith(f"{key}_")), None)
    if section is None:
        return None
    plain = words.removesuffix(_FILE)
    ending = words[len(plain) :].upper()
    exact = next(_readings(plain, root), None)
    if exact is not None:
        return variable(exact) + ending
    near = nearest(root, (section, words[len(section) + 1 :]))
    return variable(near) if near is not None else f"{variable((section,))}__..."


def _readings(words: str, node: Node) -> Iterator[SettingPath]:
    """Yield each path below *node* that reads as *words* with its names joined by one ``_``."""
    if isinstance(node, Table):
        for key, entry in node.entries.items():
            if isinstance(entry, Leaf):
                if words == key:
                    yield (key,)
            elif words.startswith(f"{key}_"):
                yield from ((key, *path) for path in _readings(words[len(key) + 1 :], entry))
    elif isinstance(node, Named):
        # Operators' names have no "_" in a setting, and any number of them in a variable.
        ends = [at for at, letter in enumerate(words) if letter == "_" and at]
        for end in ends:
            below = _readings(words[end + 1 :], node.entry)
            yield from ((words[:end], *path) for path in below)
