"""What the environment says: our own variables, secrets in files, and names of other worlds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mainhub.settings.layers import Source
from mainhub.settings.names import PREFIX, SettingPath, dotted, variable
from mainhub.settings.near_variables import variable_meant
from mainhub.settings.redis_names import MASTER_NAME, SENTINELS, URL
from mainhub.settings.schema import Leaf, Named, Node, Table, at, nearest

__all__ = ["VENDOR_NAMES", "Found", "present_vendor_names", "read_environment"]

VENDOR_NAMES: Final[Mapping[str, SettingPath]] = {
    "AZURE_TENANT_ID": ("identity", "entra", "tenant"),
    "AZURE_CLIENT_ID": ("identity", "entra", "client_id"),
    "AZURE_CLIENT_SECRET": ("identity", "entra", "client_secret"),
    "AZURE_REDIRECT_URI": ("identity", "entra", "redirect_uri"),
    "AZURE_POST_LOGOUT_URI": ("identity", "entra", "post_logout_uri"),
    "DATABASE_URL": ("database", "url"),
    URL: ("redis", "url"),
    SENTINELS: ("redis", "url"),
    MASTER_NAME: ("redis", "url"),
    "REDIS_PASSWORD": ("redis", "password"),
    "REDIS_DB": ("redis", "database"),
    "OTEL_EXPORTER_OTLP_ENDPOINT": ("telemetry", "otlp_endpoint"),
    "OTEL_EXPORTER_OTLP_HEADERS": ("telemetry", "otlp_headers"),
    "OTEL_SERVICE_NAME": ("telemetry", "service_name"),
    "OTEL_TRACES_SAMPLER_ARG": ("telemetry", "sample_ratio"),
}
"""Variables that hosts and other tools set already, and what they mean here."""

_FILE: Final = "_file"
_LARGEST_SECRET: Final = 64 * 1024


@dataclass
class Found:
    """What was found: values and files by path, each with its variable, and what is wrong."""

    values: dict[SettingPath, tuple[str, str]] = field(default_factory=dict)
    secrets: dict[SettingPath, str] = field(default_factory=dict)
    origins: dict[SettingPath, Source] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def present_vendor_names(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of :data:`VENDOR_NAMES` that *environ* sets to something."""
    return tuple(name for name in VENDOR_NAMES if environ.get(name))


def read_environment(environ: Mapping[str, str], root: Table) -> Found:
    """Return what the ``MAINHUB_`` variables say. An empty one counts as not set.

    Names without ``__`` are switches of tools and left alone, unless they begin with a section.
    """
    found = Found()
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX) or not value:
            continue
        if "__" not in name[len(PREFIX) :]:
            if meant := variable_meant(name, root):
                found.problems.append(f"environment {name}: unknown; did you mean {meant}?")
            continue
        path = _path(name, root)
        node = at(root, path)
        if isinstance(node, Leaf):
            found.values[path] = (name, value)
        elif node is None and (secret := _secret_of(path, root)):
            _read_secret(found, secret, name=name, file=Path(value))
        else:
            found.problems.append(_wrong_name(root, path, name))
    for path in found.secrets:
        if path in found.values:
            name = found.values[path][0]
            found.problems.append(
                f"environment: {name} and {name}_FILE are both set; keep only one of them"
            )
    return found


def _path(name: str, root: Table) -> SettingPath:
    return tuple(_keys(name[len(PREFIX) :].lower().split("__"), root))


def _keys(segments: list[str], root: Table) -> Iterator[str]:
    node: Node | None = root
    for segment in segments:
        if isinstance(node, Named):
            # Shells know no "-" in a variable's name, and our names know no "_".
            yield segment.replace("_", "-")
            node = node.entry
        else:
            yield segment
            node = node.entries.get(segment) if isinstance(node, Table) else None


def _secret_of(path: SettingPath, root: Table) -> SettingPath | None:
    if not path[-1].endswith(_FILE):
        return None
    secret = (*path[:-1], path[-1].removesuffix(_FILE))
    node = at(root, secret)
    return secret if isinstance(node, Leaf) and node.secret else None


def _read_secret(found: Found, path: SettingPath, *, name: str, file: Path) -> None:
    source = f"file {file} ({name})"
    problem = None
    try:
        with file.open("rb") as opened:
            raw = opened.read(_LARGEST_SECRET + 1)
        text = raw.decode("utf-8").strip()
    except UnicodeDecodeError:
        problem = "is not UTF-8 text"
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    except ValueError:  # a NUL in the path
        problem = "is no path"
    else:
        if not text:
            problem = "is empty"
        elif len(raw) > _LARGEST_SECRET:
            problem = "is larger than 64 KiB, so it holds no secret"
        else:
            found.secrets[path] = text
            found.origins[path] = Source(source)
    if problem:
        found.problems.append(f"{source}: {dotted(path)}: the file {problem}")


def _wrong_name(root: Table, path: SettingPath, name: str) -> str:
    node = at(root, path)
    if node is not None:
        table = node.entry if isinstance(node, Named) else node
        example = ("NAME",) if isinstance(node, Named) else ()
        key = next(iter(table.entries)) if isinstance(table, Table) else ""
        wanted = variable((*path, *example, key))
        return f"environment {name}: {dotted(path)} is a table; set its values, such as {wanted}"
    plain = (*path[:-1], path[-1].removesuffix(_FILE))
    if plain != path and isinstance(at(root, plain), Leaf):
        meant = variable(plain)
        return f"environment {name}: {dotted(plain)} is no secret; set {meant} to the value itself"
    meant_path = nearest(root, path)
    hint = f"; did you mean {variable(meant_path)}?" if meant_path else "; see docs/settings.md"
    return f"environment {name}: unknown setting {dotted(path)}{hint}"
