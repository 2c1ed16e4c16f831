"""How keys, tags and locks are spelled in Redis: all that belongs to one key in one slot."""

import re
from typing import Final

__all__ = ["Spelling"]

_ESCAPED: Final = {"%": "%25", "{": "%7B", "}": "%7D"}
_TO_ESCAPE: Final = re.compile(r"[%{}]")
_TO_RESTORE: Final = re.compile(r"%(25|7B|7D)")
_RESTORED: Final = {found[1:]: letter for letter, found in _ESCAPED.items()}
# What a pattern of Redis reads as anything but itself, the star aside.
_GLOB: Final = re.compile(r"([?\[\]\\^])")


class Spelling:
    """Names under *namespace*; what a key needs stands in one slot, that of the part in braces."""

    def __init__(self, namespace: str) -> None:
        plain = self._namespace = _escaped(namespace)
        self._value = f"{plain}:v:{{"
        self._fill = f"{plain}:f:{{"
        self._tag = f"{plain}:t:{{"
        self._lock = f"{plain}:l:{{"
        self._number = f"{plain}:n:{{"
        self.epoch = f"{plain}:e"
        self.wake = f"{plain}:w"
        self.changes = f"{plain}:i"

    def value(self, key: str) -> str:
        """Return where the value of *key* is."""
        return f"{self._value}{_escaped(key)}}}"

    def fill(self, key: str) -> str:
        """Return where it is written who fills *key*."""
        return f"{self._fill}{_escaped(key)}}}"

    def tag(self, tag: str) -> str:
        """Return where the token of *tag* is."""
        return f"{self._tag}{_escaped(tag)}}}"

    def lock(self, name: str) -> tuple[str, str]:
        """Return where the lock *name* is, and its number."""
        plain = _escaped(name)
        return f"{self._lock}{plain}}}", f"{self._number}{plain}}}"

    def pattern(self, pattern: str) -> str:
        """Return the pattern of Redis for keys that match *pattern*, those being filled as well."""
        literally = _GLOB.sub(r"\\\1", self._namespace).replace("*", r"\*") + ":[vf]:{"
        inside = _GLOB.sub(r"\\\1", _escaped(pattern))
        return f"{literally}{inside}}}"

    def read(self, name: bytes) -> tuple[str, str] | None:
        """Return a letter and a key (``v`` and ``f``) or a tag (``t``); else ``None``."""
        try:
            text = name.decode()
        except UnicodeDecodeError:
            return None
        for kind, start in (("v", self._value), ("f", self._fill), ("t", self._tag)):
            if text.startswith(start) and text.endswith("}"):
                return kind, _restored(text[len(start) : -1])
        return None


def _escaped(text: str) -> str:
    return _TO_ESCAPE.sub(lambda found: _ESCAPED[found[0]], text)


def _restored(text: str) -> str:
    return _TO_RESTORE.sub(lambda found: _RESTORED[found[1]], text)
