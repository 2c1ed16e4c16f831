"""What the browser build left: file names, integrity, and the import map's entries."""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final, Self

import orjson

from mainhub.errors import Unavailable

__all__ = ["PREFIX", "Build", "BuildMissing", "StaticFile"]

PREFIX: Final = "/static/"
_WORTH_PACKING: Final = 1024


class BuildMissing(Unavailable):
    """The browser part was not built into this installation."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A built file, ready to send: *content*, perhaps also *packed* with gzip."""

    content: bytes
    packed: bytes | None
    media_type: str
    etag: str


class Build:
    """The build's manifest and its files, read into memory once: they never change."""

    def __init__(self, manifest: Mapping[str, Any], contents: Mapping[str, bytes]) -> None:
        self._manifest = manifest
        self.files = {name: _static_file(name, content) for name, content in contents.items()}

    @classmethod
    def load(cls, folder: Traversable | None = None) -> Self:
        """Read the build from *folder* (the installed package's own).

        Raises:
            BuildMissing: there is none.
        """
        folder = folder if folder is not None else files("mainhub") / "static"
        try:
            manifest = orjson.loads((folder / "manifest.json").read_bytes())
            contents = {
                entry.name: entry.read_bytes()
                for entry in folder.iterdir()
                if entry.is_file() and entry.name != "manifest.json"
            }
        except (OSError, orjson.JSONDecodeError) as error:
            raise BuildMissing(
                "this installation lacks its browser part",
                remedy="Run make run in a checkout, or install a released wheel.",
            ) from error
        return cls(manifest, contents)

    @property
    def boot(self) -> str:
        """The address of the shell's boot module."""
        return self._url(self._manifest["boot"]["file"])

    @property
    def styles(self) -> list[str]:
        """The addresses of the shell's style sheets."""
        return [self._url(name) for name in self._manifest["boot"]["css"]]

    @property
    def page_styles(self) -> str:
        """The address of the style sheet for pages without the shell."""
        return self._url(self._manifest["pages"]["css"])

    @property
    def icon(self) -> str:
        """The address of the hub's icon."""
        return self._url(self._manifest["icon"])

    @property
    def modules(self) -> dict[str, str]:
        """Addresses of modules that the shell loads later, by name."""
        return {"fluent": self._url(self._manifest["fluent"]["file"])}

    @property
    def imports(self) -> dict[str, str]:
        """Bare specifiers and the addresses that they stand for."""
        return {name: self._url(file) for name, file in self._manifest["imports"].items()}

    @property
    def integrity(self) -> dict[str, str]:
        """The integrity of every built module, by address."""
        return {self._url(file): value for file, value in self._manifest["integrity"].items()}

    def frontend(self, name: str) -> tuple[str, str] | None:
        """Return address and integrity of the first-party front-end *name*, if it was built."""
        entry = self._manifest["frontends"].get(name)
        return (self._url(entry["file"]), entry["integrity"]) if entry else None

    @staticmethod
    def _url(file: str) -> str:
        return PREFIX + file


def _static_file(name: str, content: bytes) -> StaticFile:
    kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0]
    text = kind is not None and (kind.startswith("text/") or kind == "image/svg+xml")
    packed = gzip.compress(content, 9, mtime=0) if len(content) > _WORTH_PACKING and text else None
    digest = hashlib.sha256(content).hexdigest()[:32]
    media_type = f"{kind}; charset=utf-8" if text else kind or "application/octet-stream"
    return StaticFile(content, packed, media_type, f'"{digest}"')
