"""Tokens of the wrong tenant: where one issuer speaks for several, and where tokens are old."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signin.forged_with import but, by, without
from signin.hostile_provider import OTHER_TENANT, TENANT, Defect, Keys, public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signin.hostile_provider import Claims

_REALM = "entra-several-tenants"


def _several(name: str, **more: object) -> Defect:
    made = {"kind": "entra", "realm": "organizations", "control": _REALM, **more}
    return Defect(f"{_REALM}-{name}", **made)  # type: ignore[arg-type] # named as its fields are


def _issued(change: Callable[[str], object], **more: object) -> Callable[[Claims], Claims]:
    return lambda claims: claims | {"iss": change(str(claims["iss"]))} | more


def _in(iss: str, tenant: str) -> str:
    return iss.replace(TENANT, tenant)


def _tenants() -> Iterator[Defect]:
    yield _several(
        "one-not-listed",
        claims=_issued(lambda iss: _in(iss, OTHER_TENANT), tid=OTHER_TENANT),
    )
    yield _several("issuer-of-another", claims=_issued(lambda iss: _in(iss, OTHER_TENANT)))
    yield _several("tid-of-another", claims=but(tid=OTHER_TENANT))
    yield _several("issuer-of-no-tenant", claims=_issued(lambda iss: _in(iss, "{tenantid}")))
    yield _several(
        "tid-of-no-tenant", claims=_issued(lambda iss: _in(iss, "{tenantid}"), tid="{tenantid}")
    )
    yield _several("issuer-of-the-realm", claims=_issued(lambda iss: _in(iss, "organizations")))
    yield _several(
        "tid-of-the-realm",
        claims=_issued(lambda iss: _in(iss, "organizations"), tid="organizations"),
    )
    for name, tid in (
        ("missing", None),
        ("empty", ""),
        ("in-a-list", [TENANT]),
        ("with-a-line-break", f"{TENANT}\n"),
        ("with-a-way-back", f"{OTHER_TENANT}/../{TENANT}"),
        ("of-all-zeros", "00000000-0000-0000-0000-000000000000"),
        ("in-braces", f"{{{TENANT}}}"),
        ("without-dashes", TENANT.replace("-", "")),
        ("in-digits-of-another-script", TENANT.replace("5", "\u0665", 1)),
    ):
        yield _several(f"tid-{name}", claims=but(tid=tid))
    yield _several("tid-none", claims=without("tid"))
    yield _several("oid-none", claims=without("oid"))
    yield _several(
        "key-of-another",
        keys=lambda: {"keys": [_key(f"https://login.example/{OTHER_TENANT}/v2.0")]},
    )
    yield _several("key-of-an-issuer-that-is-no-text", keys=lambda: {"keys": [_key([TENANT])]})
    yield _several("key-of-nobody", keys=lambda: {"keys": [_key("")]})
    yield _several("key-of-a-thief", token=by(lambda keys: keys.rsa_thief))


def _key(issuer: object) -> dict[str, object]:
    return public(Keys.made().rsa, issuer=issuer)


def _one_tenant() -> Iterator[Defect]:
    def entra(name: str, **more: object) -> Defect:
        made = {"kind": "entra", "control": "entra", **more}
        return Defect(f"entra-{name}", **made)  # type: ignore[arg-type] # named as its fields are

    old = f"https://sts.windows.net/{TENANT}/"
    yield entra("version-1", claims=but(iss=old, ver="1.0"))
    yield entra("version-1-that-says-2", claims=but(iss=old, ver="2.0"))
    yield entra("issuer-of-consumers", claims=_issued(lambda iss: _in(iss, _CONSUMERS)))
    yield entra(
        "person-of-consumers", claims=_issued(lambda iss: _in(iss, _CONSUMERS), tid=_CONSUMERS)
    )
    yield entra("guest-by-acct", claims=but(acct=1))
    yield entra("guest-by-acct-as-text", claims=but(acct="1"))
    yield entra("guest-by-idp", claims=but(idp=f"https://sts.windows.net/{OTHER_TENANT}/"))
    yield entra("guest-by-idp-of-the-street", claims=but(idp="live.com"))
    for name, oid in (("empty", ""), ("a-number", 7), ("null", None), ("too-long", "x" * 256)):
        yield entra(f"oid-{name}", claims=but(oid=oid))
    yield entra("oid-none-but-email", claims=lambda it: without("oid")(it) | {"email": "a@b.c"})


# Where accounts of people without a company live.
_CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"


def tenants_forged() -> list[Defect]:
    """Return every token that one tenant has no right to."""
    return [*_tenants(), *_one_tenant()]
