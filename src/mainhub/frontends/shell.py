"""The shell page: boot data, one import map, and the policy that lets only these run."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import orjson
from markupsafe import Markup

from mainhub.frontends.build import Build
from mainhub.frontends.port import Frontend
from mainhub.frontends.resolution import Resolution
from mainhub.i18n import Locale
from mainhub.identity import Person
from mainhub.telemetry import current_trace
from mainhub.web import Caller

__all__ = ["Described", "Shell", "ShellLimits"]

# A module that threw while it was evaluated stays broken under its URL for the page's life; the
# shell retries it under these fragments, which name the same file and need the same integrity.
_RETRIES: Final = 3
# What every first-party front-end asks for; fetched while the boot module still runs.
_PRELOADED: Final = ("@mainhub/sdk", "lit")
Described = dict[str, object]


@dataclass(frozen=True, slots=True)
class ShellLimits:
    """How long and how often the shell tries, and how many front-ends it keeps loaded."""

    load: timedelta = timedelta(seconds=8)
    mount: timedelta = timedelta(seconds=30)
    attempts: int = 3
    max_loaded: int = 5
    unload_after: timedelta = timedelta(minutes=30)

    def as_boot(self) -> dict[str, float]:
        """Return the boot data's form: seconds and counts."""
        return {
            "loadSeconds": self.load.total_seconds(),
            "mountSeconds": self.mount.total_seconds(),
            "attempts": self.attempts,
            "maxLoaded": self.max_loaded,
            "unloadAfterSeconds": self.unload_after.total_seconds(),
        }


class Shell:
    """Composes what the page ``shell.html`` is rendered from.

    Args:
        build: the browser build.
        version: the hub's own.
        mode: ``production`` or ``development``.
        support: whom to ask for access, if known.
        provider_titles: what people call each identity provider, by name.
        idle: how long a session lives without a request.
        limits: see :class:`ShellLimits`.
        shown: the person with the roles that they are given, for their own browser.
    """

    def __init__(
        self,
        build: Build,
        *,
        version: str,
        mode: str,
        support: str | None,
        provider_titles: Mapping[str, str],
        idle: timedelta,
        limits: ShellLimits,
        shown: Callable[[Person], Person] = lambda person: person,
    ) -> None:
        self.build = build
        self._version = version
        self._mode = mode
        self._support = support
        self._titles = provider_titles
        self._idle = idle
        self._limits = limits
        self._shown = shown

    def describe(self, frontends: Iterable[Frontend]) -> list[Described]:
        """Return *frontends* as a browser may know them; those without a bundle say url null."""
        return [self._describe(frontend) for frontend in frontends]

    def facts(
        self, caller: Caller, resolution: Resolution, *, locale: Locale, theme: str
    ) -> dict[str, object]:
        """Return what the template needs for *caller*."""
        described = self.describe(resolution.open_to)
        preloaded = [self.build.imports[name] for name in _PRELOADED]
        return {
            "boot": _in_html(self._boot(caller, resolution, described, locale, theme)),
            "import_map": _in_html(self._import_map(described)),
            "boot_module": self.build.boot,
            "boot_integrity": self.build.integrity.get(self.build.boot),
            "styles": self.build.styles,
            "icon": self.build.icon,
            # Without the integrity that the import map asks for they would be fetched twice.
            "preload": [(url, self.build.integrity.get(url)) for url in preloaded],
        }

    def origins(self, frontends: Iterable[Frontend]) -> list[str]:
        """Return the foreign origins that the page must be allowed to fetch modules from."""
        found = {
            f"{parts.scheme}://{parts.netloc}"
            for frontend in frontends
            if frontend.url
            for parts in [urlsplit(frontend.url)]
        }
        return sorted(found)

    def _describe(self, frontend: Frontend) -> Described:
        built = self.build.frontend(frontend.name) if frontend.url is None else None
        url, integrity = built or (frontend.url, frontend.integrity)
        return {
            "name": frontend.name,
            "titles": _titles(frontend),
            "icon": frontend.icon,
            "order": frontend.position,
            "routes": list(frontend.routes),
            "url": url,
            "integrity": integrity,
            "widgets": [
                {
                    "name": widget.name,
                    "titles": {str(locale): text for locale, text in widget.titles.items()},
                    "summaries": {str(locale): text for locale, text in widget.summaries.items()},
                    "icon": widget.icon,
                    "size": widget.size,
                }
                for widget in frontend.widgets
            ],
        }

    def _boot(
        self,
        caller: Caller,
        resolution: Resolution,
        described: list[Described],
        locale: Locale,
        theme: str,
    ) -> dict[str, object]:
        refused = resolution.refused
        provider = caller.person.provider
        return {
            "version": self._version,
            "mode": self._mode,
            "user": self._shown(caller.person).as_public(),
            "provider": {"name": provider, "title": self._titles.get(provider, provider)},
            "frontends": described,
            "locale": locale,
            "theme": theme,
            "traceId": current_trace().trace_id,
            "refused": refused
            and {
                "name": refused.name,
                "titles": _titles(refused),
                "needs": sorted(refused.roles),
            },
            "notFound": not resolution.found,
            "support": self._support,
            "modules": self.build.modules,
            "session": {
                "expiresAt": caller.expires_at.isoformat().replace("+00:00", "Z"),
                "idleSeconds": self._idle.total_seconds(),
            },
            "limits": self._limits.as_boot(),
        }

    def _import_map(self, described: list[Described]) -> dict[str, object]:
        integrity = dict(self.build.integrity)
        for frontend in described:
            url, value = frontend["url"], frontend["integrity"]
            if isinstance(url, str) and isinstance(value, str):
                integrity[url] = value
                integrity |= {f"{url}#retry-{number + 1}": value for number in range(_RETRIES)}
        return {"imports": self.build.imports, "integrity": integrity}


def _titles(frontend: Frontend) -> dict[str, str]:
    return {str(locale): title for locale, title in frontend.titles.items()}


def _in_html(data: object) -> Markup:
    """Return *data* as JSON that cannot end the script element it stands in."""
    text = orjson.dumps(data).decode()
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)  # noqa: S704 - every character that HTML knows was escaped just above
