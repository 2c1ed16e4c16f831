"""What of a service's answer a browser gets to see.

The answer arrives in the hub's own origin. So a service may neither speak for that origin (cookies,
CORS, transport security, storage) nor have anything of its own run in it.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from mainhub.gateway.path import PREFIX
from mainhub.gateway.request_headers import connection_options
from mainhub.gateway.service import Service

__all__ = ["HARDENING", "answered"]

HARDENING: Final = (
    # sandbox: even opened in a tab of its own, a service's page has no origin and runs no script.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    # One person's data must not be shown to the next person at the same browser.
    (b"cache-control", b"no-store"),
)
_DROPPED: Final = frozenset(
    # One hop only.
    b"connection keep-alive proxy-connection te trailer transfer-encoding upgrade"
    # The server in front states its own; the field stands once (RFC 9110, 6.6.1).
    b" date"
    # Speaks for the hub's origin.
    b" set-cookie set-cookie2 clear-site-data strict-transport-security public-key-pins expect-ct"
    b" alt-svc refresh service-worker-allowed timing-allow-origin origin-agent-cluster"
    b" content-security-policy-report-only x-frame-options x-xss-protection x-webkit-csp"
    b" x-content-security-policy permissions-policy feature-policy document-policy"
    b" reporting-endpoints report-to nel speculation-rules supports-loading-mode accept-ch"
    b" critical-ch set-login activate-storage-access x-dns-prefetch-control"
    b" x-permitted-cross-domain-policies sourcemap x-sourcemap"
    # Would open the browser's own password dialogue in the hub's name.
    b" www-authenticate proxy-authenticate authentication-info proxy-authentication-info"
    # Which software answered.
    b" server via x-powered-by x-aspnet-version x-aspnetmvc-version x-runtime x-generator"
    # Says nothing under no-store.
    b" expires pragma age"
    # The hub says these itself.
    b" x-request-id traceparent tracestate ratelimit ratelimit-policy".split()
) | {name for name, _ in HARDENING}
_DROPPED_PREFIXES: Final = (b"access-control-", b"cross-origin-", b"x-mainhub-")
_NAME: Final = re.compile(rb"[a-z0-9!#$%&'*+.^_`|~-]+")
_BAD_VALUE: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_LOCATIONS: Final = frozenset({b"location", b"content-location"})


def answered(
    status: int, headers: tuple[tuple[bytes, bytes], ...], *, service: Service
) -> list[tuple[bytes, bytes]]:
    """Return the headers with which the answer of *service* goes to the browser."""
    listed = connection_options(headers)
    framed_by_coding = any(name.lower() == b"transfer-encoding" for name, _ in headers)
    kept: list[tuple[bytes, bytes]] = []
    for raw_name, value in headers:
        name = raw_name.lower()
        if name in listed or name in _DROPPED or name.startswith(_DROPPED_PREFIXES):
            continue
        if not _NAME.fullmatch(name) or _BAD_VALUE.search(value):
            continue
        if name == b"content-length" and (framed_by_coding or status in {204, 304}):
            # RFC 9112, 6.3: the coding wins, and 204 and 304 end with their head.
            continue
        if name in _LOCATIONS:
            place = _location(value, service)
            if place is not None:
                kept.append((name, place))
            continue
        kept.append((name, value))
    return [*kept, *HARDENING]


def _location(value: bytes, service: Service) -> bytes | None:
    """Return where *value* leads as the browser must see it, or ``None`` if nowhere."""
    try:
        text = value.decode("ascii").strip()
        parts = urlsplit(text)
        own = urlsplit(service.upstream)
        at_home = parts.hostname == own.hostname and _same_port(parts.port, own.port)
    except ValueError:
        return None
    # A backslash is a slash to browsers, and to no one else.
    if "\\" in text or parts.scheme not in {"", "http", "https"}:
        return None
    if parts.netloc and not at_home:
        return value
    if parts.netloc:
        place = text[text.index(parts.netloc) + len(parts.netloc) :]
        text = place if place.startswith("/") else f"/{place}"
    prefix = f"{PREFIX}{service.name}"
    inside = text == prefix or text.startswith(f"{prefix}/")
    return f"{prefix}{text}".encode() if text.startswith("/") and not inside else text.encode()


def _same_port(left: int | None, right: int | None) -> bool:
    # A service that believes X-Forwarded-Proto names itself with the other scheme, whose default
    # port is another: default matches default.
    defaults = {None, 80, 443}
    return left == right or (left in defaults and right in defaults)
