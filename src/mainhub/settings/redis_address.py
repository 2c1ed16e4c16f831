"""Where Redis is: one server, a master that Sentinels know, or a cluster, in one URL."""

import re
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import parse_qsl, quote, unquote, urlencode

from typing_extensions import override

from mainhub.settings.address import Address, parse_listen

__all__ = ["DEFAULT_MASTER", "RedisAddress", "RedisKind", "parse_redis_url"]

RedisKind = Literal["server", "sentinel", "cluster"]

DEFAULT_MASTER: Final = "mymaster"
"""What Redis's own example calls the master that Sentinels watch."""

_SCHEMES: Final[dict[str, tuple[RedisKind, bool]]] = {
    "redis": ("server", False),
    "rediss": ("server", True),
    "redis+sentinel": ("sentinel", False),
    "rediss+sentinel": ("sentinel", True),
    "redis+cluster": ("cluster", False),
    "rediss+cluster": ("cluster", True),
}
_PORTS: Final = {"server": 6379, "sentinel": 26379, "cluster": 6379}
_EXPECTED: Final = (
    "expected redis://HOST:PORT/DB, rediss://..., redis+sentinel://HOST,HOST/MASTER/DB or"
    " redis+cluster://HOST,HOST"
)
_ENCODE: Final = "in user and password write : / ? # @ % as %3A %2F %3F %23 %40 %25"
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
# What Sentinel itself allows: "the valid charset is A-z 0-9 and the three characters .-_".
_MASTER: Final = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)
_DATABASE: Final = re.compile(r"\d{1,5}", re.ASCII)
_QUERY: Final = ("sentinel_password", "sentinel_username", "ssl_ca_certs")
_MOST: Final = 1000
_HIDDEN: Final = "********"


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """Where Redis is and how it lets us in.

    Attributes:
        kind: what stands at *nodes*: a server, Sentinels, or nodes of a cluster.
        nodes: at least one; exactly one for a server.
        tls: whether everything there is spoken to over TLS, which is verified.
        master_name: what Sentinels call the master; ``None`` for the other kinds.
        ca_file: authorities that are trusted beside the system's.
    """

    kind: RedisKind
    nodes: tuple[Address, ...]
    tls: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    database: int | None = None
    master_name: str | None = None
    ca_file: str | None = None
    sentinel_username: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """All of it as one URL, the passwords too: :func:`parse_redis_url` reads the same."""
        query = {
            "sentinel_password": self.sentinel_password,
            "sentinel_username": self.sentinel_username,
            "ssl_ca_certs": self.ca_file,
        }
        written = urlencode(
            {name: value for name, value in query.items() if value}, quote_via=quote
        )
        user = quote(self.username or "", safe="")
        if self.password:
            user += f":{quote(self.password, safe='')}"
        return self._written(user, written)

    @override
    def __str__(self) -> str:
        """Return the URL without passwords and query, for people."""
        user = quote(self.username or "", safe="") + (f":{_HIDDEN}" if self.password else "")
        queried = self.ca_file or self.sentinel_username or self.sentinel_password
        return self._written(user, _HIDDEN if queried else "")

    def _written(self, user: str, query: str) -> str:
        scheme = "rediss" if self.tls else "redis"
        if self.kind != "server":
            scheme += f"+{self.kind}"
        path = [self.master_name] if self.master_name else []
        if self.database is not None:
            path.append(str(self.database))
        hosts = ",".join(map(str, self.nodes))
        below = "".join(f"/{part}" for part in path)
        return f"{scheme}://{user}{user and '@'}{hosts}{below}{query and '?' + query}"


def parse_redis_url(value: object) -> RedisAddress:
    """Return where *value*, a URL, says that Redis is. A port may be left out, a database too.

    Raises:
        ValueError: it says so in no way that is understood; the message, which repeats nothing of
            it, says what is expected.
    """
    text = value.strip() if isinstance(value, str) else ""
    scheme, _, rest = text.partition("://")
    found = _SCHEMES.get(scheme.lower())
    if found is None or not rest or not rest.isprintable() or "#" in rest:
        raise ValueError(_EXPECTED)
    kind, tls = found
    rest, _, query = rest.partition("?")
    # At the first "/": one in a password would have to be written %2F.
    netloc, _, path = rest.partition("/")
    user, at, hosts = netloc.rpartition("@")
    if "@" in user or "@" in path or (at and not user):
        raise ValueError(f"{_EXPECTED}; {_ENCODE}")
    username, _, password = user.partition(":")
    master, database = _below(kind, path)
    options = _options(query, kind=kind, tls=tls)
    return RedisAddress(
        kind,
        _nodes(hosts, kind),
        tls,
        username=_plain(username),
        password=_plain(password),
        database=database,
        master_name=master,
        ca_file=options.get("ssl_ca_certs"),
        sentinel_username=options.get("sentinel_username"),
        sentinel_password=options.get("sentinel_password"),
    )


def _nodes(hosts: str, kind: RedisKind) -> tuple[Address, ...]:
    written = hosts.split(",")
    if kind == "server" and len(written) > 1:
        raise ValueError(
            "expected one host; several are Sentinels (redis+sentinel://) or nodes of a cluster"
            " (redis+cluster://)"
        )
    if len(written) > _MOST:
        raise ValueError(f"expected at most {_MOST} hosts")
    nodes = []
    for host in written:
        has_port = ":" in host.rpartition("]")[2]
        try:
            nodes.append(parse_listen(host if has_port else f"{host}:{_PORTS[kind]}"))
        except ValueError:
            raise ValueError(f"{_EXPECTED}; {_ENCODE}") from None
    return tuple(dict.fromkeys(nodes))


def _below(kind: RedisKind, path: str) -> tuple[str | None, int | None]:
    """Return the master's name and the database that *path* names."""
    parts = path.removesuffix("/").split("/") if path.removesuffix("/") else []
    master = None
    if kind == "sentinel":
        master = parts.pop(0) if parts else DEFAULT_MASTER
        if not _MASTER.fullmatch(master):
            raise ValueError(f"{_EXPECTED}; a master's name has letters, digits and . _ - only")
    if not parts:
        return master, None
    if len(parts) > 1 or not _DATABASE.fullmatch(parts[0]):
        raise ValueError(f"{_EXPECTED}; DB is a number")
    database = int(parts[0])
    if kind == "cluster" and database:
        raise ValueError("a cluster has no database but 0; leave it out")
    return master, database


def _options(query: str, *, kind: RedisKind, tls: bool) -> dict[str, str]:
    if _BROKEN_ESCAPE.search(query):
        raise ValueError(f"{_EXPECTED}; {_ENCODE}")
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, strict_parsing=bool(query), errors="strict"
        )
    except ValueError:
        raise ValueError(f"{_EXPECTED}; in its query name=value, joined by &") from None
    options = dict(pairs)
    if len(options) < len(pairs) or not set(options) <= set(_QUERY) or not all(options.values()):
        raise ValueError(f"in the query only {', '.join(_QUERY)} are understood, each once")
    if "ssl_ca_certs" in options and not tls:
        raise ValueError("ssl_ca_certs in the query needs TLS: write rediss:// for redis://")
    if kind != "sentinel" and any(name.startswith("sentinel_") for name in options):
        raise ValueError("sentinel_... in the query needs redis+sentinel:// or rediss+sentinel://")
    return options


def _plain(text: str) -> str | None:
    if _BROKEN_ESCAPE.search(text):
        raise ValueError(f"{_EXPECTED}; {_ENCODE}")
    try:
        return unquote(text, errors="strict") or None
    except UnicodeDecodeError:
        raise ValueError(f"{_EXPECTED}; {_ENCODE}") from None
