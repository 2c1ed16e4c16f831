"""Where a request comes from, as far as it can be believed."""

import ipaddress
from collections.abc import MutableMapping, Sequence
from typing import Any

__all__ = ["Network", "client_address"]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def client_address(scope: MutableMapping[str, Any], trusted: Sequence[Network]) -> str:
    """Return the address of the client of an ASGI request.

    ``X-Forwarded-For`` counts only when the peer is a *trusted* proxy, and is read from the right:
    the first address there that is no trusted proxy is the client's. Nothing is ever granted
    because of an address (oauth2-proxy CVE-2026-40575).
    """
    client = scope.get("client")
    peer: str = client[0] if client else ""
    if not _within(peer, trusted):
        return peer
    hops: list[str] = [
        hop.strip()
        for name, value in scope["headers"]
        if name == b"x-forwarded-for"
        for hop in value.decode("latin-1").split(",")
    ]
    for hop in reversed(hops):
        if not _is_address(hop):
            return peer
        if not _within(hop, trusted):
            return hop
        peer = hop
    return peer


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _within(address: str, networks: Sequence[Network]) -> bool:
    if not networks or not _is_address(address):
        return False
    parsed = ipaddress.ip_address(address)
    # A socket that takes both versions tells an IPv4 peer as ::ffff:a.b.c.d.
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(parsed in network for network in networks)
