"""The promise of the registry, and what a front-end is."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from mainhub.errors import Conflict, NotFound
from mainhub.frontends.widget import LONGEST_TITLE, FrontendInvalid, Widget, is_icon, is_text
from mainhub.i18n import Locale
from mainhub.identity import Person

__all__ = [
    "RESERVED",
    "Change",
    "Frontend",
    "FrontendChanged",
    "FrontendInvalid",
    "FrontendUnknown",
    "Registered",
    "Registry",
    "WouldLockOut",
]

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
_ROUTE: Final = re.compile(r"/(?:[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*)?")
_INTEGRITY: Final = re.compile(r"sha(?:256|384|512)-[A-Za-z0-9+/]+={0,2}")
_SERVICE: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_ROLE: Final = 120
_MOST: Final = 64
RESERVED: Final = frozenset(
    {"api", "assets", "auth", "authz", "events", "healthz", "hooks", "hub", "livez", "metrics"}
    | {"readyz", "static", "_sim"}
)


class FrontendUnknown(NotFound):
    """No front-end has that name."""


class FrontendChanged(Conflict):
    """Somebody changed the front-end since it was read."""


class WouldLockOut(Conflict):
    """The change would leave nobody who could take it back."""

    kind = "would-lock-out"
    headline = "Nobody could take it back"


@dataclass(frozen=True, slots=True)
class Frontend:
    """A micro-frontend as it is registered.

    *routes* are paths that it owns: ``/`` is the home page alone, any other route owns itself and
    everything below. *roles* are those that may open it (``*``: everybody signed in; none: nobody).
    *url* is where its module is; ``None`` means the bundle of that name that this hub was built
    with, whose address and integrity come from the build. *apis* are the services behind the
    gateway that it calls: those, and no others, answer it.
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
    widgets: tuple[Widget, ...] = ()
    apis: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check every field.

        Raises:
            FrontendInvalid: naming the field and what is expected.
        """
        self._require(_NAME.fullmatch(self.name), "name", "small letters, digits and dashes")
        for locale in ("fr", "en"):
            title = self.titles.get(locale, "")
            fits = is_text(title, LONGEST_TITLE)
            self._require(fits, f"titles.{locale}", f"1 to {LONGEST_TITLE} printable characters")
        self._require(is_icon(self.icon), "icon", "the name of an icon")
        self._require(self.routes, "routes", "at least one path")
        for route in self.routes:
            self._require(_ROUTE.fullmatch(route), "routes", "paths such as /orders")
            first = route.strip("/").partition("/")[0]
            self._require(first not in RESERVED, "routes", f"a path that the hub leaves: {route}")
        self._require(len(self.roles) <= _MOST, "roles", f"at most {_MOST}")
        for role in self.roles:
            named = is_text(role, _LONGEST_ROLE) and role == role.strip()
            self._require(named, "roles", "names of roles, or * for everybody")
        self._require(len(set(self.apis)) == len(self.apis) <= _MOST, "apis", "different services")
        for service in self.apis:
            self._require(_SERVICE.fullmatch(service), "apis", "names of services, such as orders")
        names = {widget.name for widget in self.widgets}
        self._require(len(names) == len(self.widgets) <= _MOST, "widgets", "of different names")
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


@dataclass(frozen=True, slots=True)
class Registered:
    """A front-end and its history: *changed* names the fields that an operator has changed.

    *generation* counts changes, for compare-and-set.
    """

    frontend: Frontend
    generation: int
    changed: tuple[str, ...] = ()
    changed_at: datetime | None = None
    changed_by: str | None = None

    @property
    def shipped(self) -> bool:
        """Whether it came with the hub."""
        return self.frontend.url is None


@dataclass(frozen=True, slots=True)
class Change:
    """What an operator changes of a front-end; ``None`` leaves it as it is."""

    active: bool | None = None
    roles: tuple[str, ...] | None = None
    apis: tuple[str, ...] | None = None


class Registry(ABC):
    """Keeps front-ends. Raises ``Unavailable`` when what keeps them does not answer."""

    @abstractmethod
    async def all(self) -> list[Frontend]:
        """Return every front-end, by position, then name; one that cannot be read is left out."""

    @abstractmethod
    async def registered(self) -> list[Registered]:
        """Return every front-end with its history, in the order of :meth:`all`."""

    @abstractmethod
    async def change(
        self, name: str, change: Change, *, generation: int, by: Person, address: str | None
    ) -> Registered:
        """Change a front-end if nobody did since *generation*, and record who did it, or neither.

        Args:
            name: whose.
            change: what; nothing at all is no change, and no record.
            generation: the one that *by* saw.
            by: who changes it, from which *address*.
            address: for the record.

        Raises:
            FrontendUnknown: there is none of that name.
            FrontendChanged: it is at another generation.
            FrontendInvalid: a role or a service is no name.
            WouldLockOut: nobody could open the administration any more.
        """

    @abstractmethod
    async def put(self, frontend: Frontend) -> None:
        """Register *frontend*, replacing what had its name."""

    @abstractmethod
    async def ensure(self, frontend: Frontend) -> None:
        """Register *frontend*, or bring its name up to it, save what an operator changed."""

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
