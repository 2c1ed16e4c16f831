"""Where a sign-in returns to: always a path of this hub.

The four open redirects of oauth2-proxy came from back slashes, white space and encodings; so only
what is plainly a local path passes, and everything else becomes the home page.
"""

import posixpath
from typing import Final
from urllib.parse import unquote, urlsplit

__all__ = ["HOME", "local_path"]

HOME: Final = "/"
_LONGEST: Final = 2048
_LEAST_PRINTABLE: Final = 0x21
_MOST_PRINTABLE: Final = 0x7E


def local_path(proposed: str | None) -> str:
    """Return *proposed* if it is a path (and query) of this hub that a page may return to.

    It begins with one slash, holds neither back slash nor anything but printable ASCII, and does
    not lead back into ``/auth/``, which would sign out or loop. Anything else gives the home page.
    """
    if not proposed or len(proposed) > _LONGEST or not proposed.startswith("/"):
        return HOME
    if proposed.startswith("//") or "\\" in proposed or "auth" in _first_segments(proposed):
        return HOME
    if not all(_LEAST_PRINTABLE <= ord(letter) <= _MOST_PRINTABLE for letter in proposed):
        return HOME
    return proposed


def _first_segments(target: str) -> set[str]:
    # Browsers resolve dot segments, servers take escapes back.
    path = unquote(urlsplit(f"//host{target}").path)
    # Two slashes are one to some, and a segment of its own to browsers: "/auth//../login".
    resolved = list[str]()
    for segment in path.split("/")[1:]:
        if segment == "..":
            del resolved[-1:]
        elif segment != ".":
            resolved.append(segment)
    return {*resolved[:1], posixpath.normpath(path).strip("/").partition("/")[0]}
