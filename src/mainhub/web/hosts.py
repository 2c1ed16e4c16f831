"""Which Host headers are the hub's own; everything else is refused before it can mislead anyone.

A wrong Host poisons links and, in frameworks that build URLs from it, authorisation (Starlette
CVE-2026-48710). Another loopback name is redirected to the public address, since cookies and the
identity provider's redirect belong to that one.
"""

import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import urlsplit

from mainhub.web.problems import invalid, misdirected, send_problem

__all__ = ["Hosts"]

_PROBES: Final = frozenset({"/livez", "/readyz", "/metrics"})
_PORTS: Final = {"http": 80, "https": 443}
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Hosts:
    """Knows the hub's own host from *public_url* (scheme, host and, where unusual, port)."""

    def __init__(self, public_url: str) -> None:
        self.public_url = public_url.rstrip("/")
        parts = urlsplit(self.public_url)
        self._default_port = _PORTS[parts.scheme]
        self._own = (parts.hostname or "", parts.port or self._default_port)
        self._loopback = _is_loopback(self._own[0])

    async def settled(self, scope: MutableMapping[str, Any], send: Send) -> bool:
        """Answer the request if its Host is not ours; ``False`` lets it through."""
        given = [value for name, value in scope["headers"] if name == b"host"]
        if scope["path"] in _PROBES:
            # Machines ask by address. The first two tell nothing; the third asks for a token, or
            # for a session, whose cookie no browser sends under another host's name.
            return False
        if len(given) != 1:
            await send_problem(send, invalid("A request names exactly one host."))
            return True
        host = self._parsed(given[0].decode("latin-1"))
        if host == self._own:
            return False
        if host and self._loopback and _is_loopback(host[0]) and scope["method"] in {"GET", "HEAD"}:
            await _redirect(send, self.public_url, scope)
            return True
        refusal = misdirected(
            "This hub does not answer under that name.", remedy=f"Go to {self.public_url}/."
        )
        await send_problem(send, refusal)
        return True

    def _parsed(self, host: str) -> tuple[str, int] | None:
        if not host or any(character in host for character in "/?#@\\ \t,"):
            return None
        try:
            parts = urlsplit(f"//{host}")
            return (parts.hostname or "").lower(), parts.port or self._default_port
        except ValueError:
            return None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _redirect(send: Send, public_url: str, scope: MutableMapping[str, Any]) -> None:
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    # Behind our own origin "//x" stays a path and never becomes a host, but "@x" would.
    path = path if path.startswith("/") else "/"
    location = f"{public_url}{path}" + (f"?{query}" if query else "")
    headers = [(b"location", location.encode("latin-1")), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 307, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
