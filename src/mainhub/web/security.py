"""The security headers that stand on every answer of the hub's own."""

from collections.abc import Iterable, MutableSequence
from typing import Final

__all__ = ["BARE_POLICY", "add_security_headers", "page_policy"]

BARE_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
"""The Content-Security-Policy of whatever is not a page: it may load and run nothing."""

_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    ),
)
_HSTS: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def page_policy(
    nonce: str, *, connect: Iterable[str] = (), form_action: Iterable[str] = ("'self'",)
) -> str:
    """Return the Content-Security-Policy of a page whose scripts and styles carry *nonce*.

    Scripts that the nonced boot script imports are trusted through ``strict-dynamic``; *connect*
    names further origins that the page may fetch from.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}' 'strict-dynamic'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "font-src 'self'",
            " ".join(("connect-src 'self'", *connect)),
            "manifest-src 'self'",
            "base-uri 'none'",
            " ".join(("form-action", *form_action)),
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        )
    )


def add_security_headers(
    headers: MutableSequence[tuple[bytes, bytes]], *, https: bool, cache: bool = False
) -> None:
    """Add what is missing of the security headers to a response's *headers*, in place.

    An answer that names no Content-Security-Policy gets the bare one; one that names no
    Cache-Control gets ``no-store`` unless *cache*.
    """
    present = {name.lower() for name, _ in headers}
    wanted = [*_ALWAYS, (b"content-security-policy", BARE_POLICY.encode())]
    if https:
        wanted.append(_HSTS)
    if not cache:
        wanted.append((b"cache-control", b"no-store"))
    headers.extend((name, value) for name, value in wanted if name not in present)
