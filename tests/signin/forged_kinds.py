"""Tokens that are signed as they should be, and are of another kind, or about a guest."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from signin.forged_with import but
from signin.hostile_provider import TENANT, Defect, Keys, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signin.hostile_provider import Claims, Header

_AWAY = "11111111-2222-4333-8444-555555555555"


def kinds_forged() -> list[Defect]:
    """Return every one of them; nobody is signed in by any."""
    return [*_kinds(), *_heads(), *_guests()]


def _kinds() -> Iterator[Defect]:
    for kind in ("Bearer", "Refresh", "Offline", "Logout", "DPoP", "REFRESH"):
        yield Defect(f"claim-typ-{kind}", claims=but(typ=kind))
    yield Defect("claim-token_use-access", claims=but(token_use="access"))


def _heads() -> Iterator[Defect]:
    for at in range(3):
        yield Defect(f"padded-in-part-{at}", token=partial(_padded, at))


def _padded(at: int, header: Header, claims: Claims) -> str:
    parts = signed(header, claims, Keys.made().rsa).split(".")
    parts[at] += "=" * (-len(parts[at]) % 4 or 4)
    return ".".join(parts)


def _guests() -> Iterator[Defect]:
    """``idp`` says who vouched for somebody; what is not understood is no proof of belonging."""
    for name, told in (
        ("another-tenant", f"https://sts.windows.net/{_AWAY}/"),
        ("ours-deeper-in-the-path", f"https://sts.windows.net/{_AWAY}/{TENANT}/"),
        ("ours-in-the-query", f"https://sts.windows.net/{_AWAY}/?{TENANT}/"),
        ("ours-without-an-address", TENANT),
        ("no-address", "https://["),
        ("empty", ""),
        ("a-list", [f"https://sts.windows.net/{TENANT}/"]),
        ("an-object", {"iss": f"https://sts.windows.net/{TENANT}/"}),
        ("a-number", 7),
        ("true", True),
    ):
        yield Defect(f"idp-{name}", kind="entra", claims=but(idp=told))
