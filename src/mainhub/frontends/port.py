"""The promise of the registry, and what a front-end is."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from mainhub.errors import Invalid
from mainhub.i18n import Locale

__all__ = ["RESERVED", "Frontend", "FrontendInvalid", "Registry"]

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
_ICON: Final = re.compile(r"[a-z][a-z0-9-]{0,38}")
_ROUTE: Final = re.compile(r"/(?:[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*)?")
_INTEGRITY: Final = re.compile(r"sha(?:256|384|512)-[A-Za-z0-9+/]+={0,2}")
_LONGEST_TITLE: Final = 80
RESERVED: Final = frozenset(
    {"api", "assets", "auth", "authz", "events", "healthz", "hooks", "hub", "livez", "metrics"}
    | {"readyz", "static", "_sim"}
)


class FrontendInvalid(Invalid):
    """The description of a front-end is wrong; the message says where."""


@dataclass(frozen=True, slots=True)
class Frontend:
    """A micro-frontend as it is registered.

    *routes* are paths that it owns: ``/`` is the home page alone, any other route owns itself and
    everything below. *roles* are those that may open it (``*``: everybody signed in; none: nobody).
    *url* is where its module is; ``None`` means the bundle of that name that this hub was built
    with, whose address and integrity come from the build.
    """

    name: str
    titles: dict[Locale, str]
    icon: str
    routes: tuple[str, ...]
    roles: tuple[str, ...]
    position: int = 100
    active: bool = True
    url: str | None = None
    integrity: str | None = None

    def __post_init__(self) -> None:
        """Check every field.

        Raises:
            FrontendInvalid: naming the field and what is expected.
        """
        self._require(_NAME.fullmatch(self.name), "name", "small letters, digits and dashes")
        for locale in ("fr", "en"):
            title = self.titles.get(locale, "")
            fits = title.isprintable() and 0 < len(title.strip()) <= _LONGEST_TITLE
            self._require(fits, f"titles.{locale}", f"1 to {_LONGEST_TITLE} printable characters")
        self._require(_ICON.fullmatch(self.icon), "icon", "the name of an icon")
        self._require(self.routes, "routes", "at least one path")
        for route in self.routes:
            self._require(_ROUTE.fullmatch(route), "routes", "paths such as /orders")
            first = route.strip("/").partition("/")[0]
            self._require(first not in RESERVED, "routes", f"a path that the hub leaves: {route}")
        if self.url is not None:
            self._require(_is_module_url(self.url), "url", "an https address, or http on loopback")
        if self.integrity is not None:
            known = _INTEGRITY.fullmatch(self.integrity)
            self._require(known, "integrity", "sha256-, sha384- or sha512- and base64")

    def claim(self, path: str) -> int:
        """Return the length of the longest route of this front-end that holds *path*, or 0."""
        return max((len(route) for route in self.routes if _holds(route, path)), default=0)

    def _require(self, fits: object, field: str, expected: str) -> None:
        if not fits:
            raise FrontendInvalid(f"front-end {self.name!r}: {field} must be {expected}")


class Registry(ABC):
    """Keeps front-ends. Raises ``Unavailable`` when what keeps them does not answer."""

    @abstractmethod
    async def all(self) -> list[Frontend]:
        """Return every front-end, by position, then name; one that cannot be read is left out."""

    @abstractmethod
    async def put(self, frontend: Frontend) -> None:
        """Register *frontend*, replacing what had its name."""

    @abstractmethod
    async def ensure(self, frontend: Frontend) -> None:
        """Register *frontend* unless its name is taken: an operator's changes stay."""

    @abstractmethod
    async def remove(self, name: str) -> bool:
        """Forget the front-end *name*; ``False`` if there was none."""


def _holds(route: str, path: str) -> bool:
    return path == route or (route != "/" and path.startswith(f"{route}/"))


def _is_module_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        return False
    loopback = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    safe = parts.scheme == "https" or (parts.scheme == "http" and loopback)
    # Parts of the origin go into a policy, and the shell adds fragments of its own.
    plain = parts.username is None and not re.search(r"[\s\"'<>;,\\*#]", url)
    return safe and bool(parts.hostname) and port_fits and plain
