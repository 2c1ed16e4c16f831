"""Claims that are signed by the right key and still sign nobody in: shapes, spellings and times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signin.forged_with import but, raw, without
from signin.hostile_provider import CLIENT_ID, Defect, half_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signin.hostile_provider import Claims

# Of a width, a script or a direction that people do not see.
_LOOKALIKES = {
    "a-letter-of-another-script": "\u0430",
    "a-zero-width-space": "\u200b",
    "a-mark-of-direction": "\u202e",
    "a-line-break": "\n",
    "a-zero-byte": "\x00",
}


def _issuers() -> Iterator[Defect]:
    for name, letter in _LOOKALIKES.items():
        yield Defect(f"iss-with-{name}", claims=_followed(letter))
    for name, change in (
        ("with-a-query", lambda iss: f"{iss}?x"),
        ("with-a-fragment", lambda iss: f"{iss}#x"),
        ("with-a-path-beyond", lambda iss: f"{iss}/more"),
        ("with-a-way-back", lambda iss: f"{iss}/../c000"),
        ("with-a-space", lambda iss: f" {iss}"),
        ("with-a-person", lambda iss: iss.replace("://", "://linus@")),
        ("of-another-host-name", lambda iss: iss.replace("127.0.0.1", "localhost")),
        ("of-another-scheme", lambda iss: iss.replace("http://", "https://")),
        ("without-its-scheme", lambda iss: iss.partition("://")[2]),
        ("cut-short", lambda iss: iss[:-1]),
        ("an-object", lambda iss: {"iss": iss}),
        ("a-number", lambda _: 7),
        ("null", lambda _: None),
        ("empty", lambda _: ""),
    ):
        yield Defect(f"iss-{name}", claims=_issued(change))


def _followed(letter: str) -> Callable[[Claims], Claims]:
    return _issued(lambda iss: iss + letter)


def _issued(change: Callable[[str], object]) -> Callable[[Claims], Claims]:
    return lambda claims: claims | {"iss": change(claims["iss"])}


def _parties() -> Iterator[Defect]:
    for name, aud in (
        ("null", None),
        ("empty-text", ""),
        ("a-number", 7),
        ("in-capitals", CLIENT_ID.upper()),
        ("with-a-space", f"{CLIENT_ID} "),
        ("of-two-in-one-text", f"{CLIENT_ID} another-client"),
        ("shorter-than-ours", CLIENT_ID[:-1]),
        ("within-a-list-of-lists", [[CLIENT_ID]]),
        ("in-an-object-of-a-list", [{"id": CLIENT_ID}]),
        ("of-the-api", f"api://{CLIENT_ID}"),
    ):
        yield Defect(f"aud-{name}", claims=but(aud=aud))
    for name, azp in (
        ("empty", ""),
        ("in-a-list", [CLIENT_ID]),
        ("in-capitals", CLIENT_ID.upper()),
        ("a-number", 7),
    ):
        yield Defect(f"azp-{name}", claims=but(azp=azp))
    for name, sub in (
        ("in-a-list", ["linus"]),
        ("an-object", {"sub": "linus"}),
        ("null", None),
        ("true", True),
        ("of-256-letters", "x" * 256),
        ("with-a-line-break", "linus\nada"),
        ("with-a-mark-of-direction", "linus\u202e"),
        ("with-a-zero-width-space", "lin\u200bus"),
    ):
        yield Defect(f"sub-{name}", claims=but(sub=sub))


def _times() -> Iterator[Defect]:
    for name, exp in (
        ("negative", -1),
        ("zero", 0),
        ("true", True),
        ("null", None),
        ("in-a-list", [9_999_999_999]),
        ("an-object", {"at": 9_999_999_999}),
        ("empty", ""),
        ("a-date", "2199-01-01T00:00:00Z"),
        ("before-all-times", -1e308),
    ):
        yield Defect(f"exp-{name}", claims=but(exp=exp))
    for name, iat in (
        ("null", None),
        ("in-a-list", [1]),
        ("of-the-far-future", 1e308),
        ("in-milliseconds", 1_900_000_000_000),
    ):
        yield Defect(f"iat-{name}", claims=but(iat=iat))
    yield Defect("iat-not-a-number", token=raw("iat", b"NaN"))
    yield Defect("exp-minus-infinity", token=raw("exp", b"-Infinity"))
    yield Defect("exp-in-hexadecimal", token=raw("exp", b"0xFFFFFFFF"))
    yield Defect("exp-with-a-plus", token=raw("exp", b"+9999999999"))
    yield Defect("nbf-null", claims=but(nbf=None))
    yield Defect("nbf-true", claims=but(nbf=True))
    yield Defect("nbf-of-the-far-future", claims=but(nbf=1e308))


def _answers() -> Iterator[Defect]:
    """Yield what belongs to another sign-in, another answer or another kind of token."""
    for name, nonce in (
        ("empty", ""),
        ("null", None),
        ("true", True),
        ("a-number", 7),
        ("an-object", {}),
    ):
        yield Defect(f"nonce-{name}", claims=but(nonce=nonce))
    yield Defect("nonce-cut-short", claims=lambda it: it | {"nonce": it["nonce"][:-1]})
    yield Defect("nonce-and-more", claims=lambda it: it | {"nonce": it["nonce"] + "x"})
    yield Defect("nonce-in-other-case", claims=lambda it: it | {"nonce": it["nonce"].swapcase()})
    for name, value in (
        ("empty", ""),
        ("null", None),
        ("of-another-token", half_hash("another")),
        ("of-the-whole-hash", half_hash("another") * 2),
        ("in-a-list", [half_hash("another")]),
    ):
        yield Defect(f"at_hash-{name}", claims=but(at_hash=value))
    yield Defect("at_hash-padded", claims=lambda it: it | {"at_hash": it["at_hash"] + "=="})
    yield Defect("at_hash-of-a-swapped-token", answer=lambda it: it | {"access_token": "another"})
    yield Defect("at_hash-of-no-text", answer=lambda it: it | {"access_token": ["x"]})
    event = "http://schemas.openid.net/event/backchannel-logout"
    yield Defect("claims-of-a-logout", claims=but(events={event: {}}, nonce=None, jti="x"))
    yield Defect("claims-without-any-but-sub", claims=lambda it: {"sub": it["sub"]})
    yield Defect("claims-none", claims=lambda _: {})
    yield Defect("claims-in-claims", claims=lambda it: {"claims": it})
    yield Defect("claims-with-names-in-capitals", claims=_capitals)
    yield Defect("claims-with-spaces-in-names", claims=_spaced)
    yield Defect("sub-missing-with-email", claims=lambda it: without("sub")(it) | _MAIL)


_MAIL = {"email": "linus@example.com", "email_verified": True, "preferred_username": "linus"}


def _capitals(claims: Claims) -> Claims:
    return {key.upper(): claims[key] for key in claims}


def _spaced(claims: Claims) -> Claims:
    return {f" {key}": claims[key] for key in claims}


def claims_forged() -> list[Defect]:
    """Return every token that is signed well and says what must not be believed."""
    return [*_issuers(), *_parties(), *_times(), *_answers()]
