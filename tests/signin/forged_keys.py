"""Headers that bring their own rules, signatures that prove nothing, and keys that are none."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import orjson

from signin.forged_with import by, headed, published, unsigned, written
from signin.hostile_provider import (
    Defect,
    Keys,
    b64,
    compact,
    public,
    signature,
    signed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signin.hostile_provider import Claims, Header

_ES256 = ("RS256", "ES256")


def _spellings() -> Iterator[Defect]:
    for spelled in ("None", "NONE", "none ", " none", "none\x00", "no\u200bne", "n\u043ene", ""):
        yield Defect(
            f"alg-none-spelled-{spelled!a}",
            token=_unsigned(spelled),
        )
    for name, alg in (
        ("rs256-in-small-letters", "rs256"),
        ("rs256-with-a-space", "RS256 "),
        ("rs256-with-a-zero-byte", "RS256\x00"),
        ("true", True),
        ("a-number", 256),
        ("an-object", {"name": "RS256"}),
        ("an-empty-list", []),
        ("of-a-jwe", "RSA-OAEP"),
        ("dir", "dir"),
        ("hs384", "HS384"),
        ("hs512", "HS512"),
        ("rs1", "RS1"),
        ("es256k", "ES256K"),
        ("eddsa", "EdDSA"),
    ):
        yield Defect(f"alg-{name}", token=headed({"alg": alg, "kid": "one"}))
    yield Defect(
        "alg-twice-and-last-none",
        token=written(header=b'{"alg":"RS256","kid":"one","alg":"none"}'),
    )


def _unsigned(algorithm: str) -> Callable[[Header, Claims], object]:
    return lambda header, claims: unsigned(header | {"alg": algorithm}, claims)


def _headers() -> Iterator[Defect]:
    for name, value in (
        ("crit-empty", {"crit": []}),
        ("crit-unknown", {"crit": ["http://evil.example/rule"], "http://evil.example/rule": True}),
        ("crit-null", {"crit": None}),
        ("b64-true", {"b64": True}),
        ("jwk-null", {"jwk": None}),
        ("jku-of-our-own-origin", {"jku": "http://127.0.0.1/keys"}),
        ("x5u-of-a-file", {"x5u": "file:///etc/passwd"}),
        ("x5c-empty", {"x5c": []}),
        ("all-at-once", {"jwk": {}, "jku": "", "x5u": "", "x5c": [], "crit": ["b64"]}),
    ):
        yield Defect(f"header-with-{name}", token=headed({"alg": "RS256", "kid": "one", **value}))
    for name, typ in (("a-list", ["JWT"]), ("a-number", 7), ("null", None)):
        yield Defect(f"typ-{name}", token=by(lambda keys: keys.rsa, typ=typ))
    for name, kid in (
        ("empty", ""),
        ("a-path", "../../../../dev/null"),
        ("a-query", "one' OR '1'='1"),
        ("an-address", "https://evil.example/keys"),
        ("in-capitals", "ONE"),
        ("with-a-space", "one "),
        ("with-a-zero-byte", "one\x00"),
        ("true", True),
        ("in-a-list", ["one"]),
        ("an-object", {"kid": "one"}),
    ):
        yield Defect(f"kid-{name}", token=headed({"alg": "RS256", "kid": kid}))
    yield Defect("payload-compressed", token=_compressed)
    yield Defect("payload-a-token", token=_nested)
    yield Defect("payload-a-text", token=written(payload=b'"claims"'))
    yield Defect("payload-a-number", token=written(payload=b"7"))
    yield Defect("payload-null", token=written(payload=b"null"))
    yield Defect("payload-empty", token=written(payload=b""))
    for name, before in (("a-byte-order-mark", b"\xef\xbb\xbf"), ("garbage", b"x")):
        yield Defect(f"payload-after-{name}", token=_around(before=before))
    for name, after in (("a-second-object", b'{"sub":"ada"}'), ("a-zero-byte", b"\x00")):
        yield Defect(f"payload-before-{name}", token=_around(after=after))
    yield Defect("payload-in-utf16", token=_in_utf16)


def _around(*, before: bytes = b"", after: bytes = b"") -> Callable[[Header, Claims], object]:
    return lambda header, claims: compact(
        orjson.dumps(header),
        before + orjson.dumps(claims) + after,
        signature("RS256", Keys.made().rsa),
    )


def _in_utf16(header: Header, claims: Claims) -> object:
    payload = orjson.dumps(claims).decode().encode("utf-16")
    return compact(orjson.dumps(header), payload, signature("RS256", Keys.made().rsa))


def _compressed(header: Header, claims: Claims) -> object:
    packed = zlib.compress(orjson.dumps(claims))
    head = orjson.dumps(header | {"zip": "DEF"})
    return compact(head, packed, signature("RS256", Keys.made().rsa))


def _nested(header: Header, claims: Claims) -> object:
    inner = signed(header, claims, Keys.made().rsa).encode()
    head = orjson.dumps(header | {"cty": "JWT"})
    return compact(head, inner, signature("RS256", Keys.made().rsa))


def _marks() -> Iterator[Defect]:
    """Yield signatures that are none."""
    made = Keys.made()
    elliptic: dict[str, Any] = {"algorithms": _ES256, "control": "alg-ES256"}
    keys = published(public(made.rsa), public(made.ec))
    for name, mark in (
        ("zero", b"\x00" * 64),
        ("one-and-one", (b"\x00" * 31 + b"\x01") * 2),
        ("of-the-curve-s-order", bytes.fromhex(_ORDER) * 2),
        ("all-ones", b"\xff" * 64),
        ("empty", b""),
        ("cut-in-half", b"\x01" * 32),
    ):
        yield Defect(
            f"es256-signature-{name}", token=_marked("ES256", "ec", mark), keys=keys, **elliptic
        )
    yield Defect(
        "es256-signature-in-der",
        token=lambda head, it: compact(
            orjson.dumps(head | {"alg": "ES256", "kid": "ec"}), orjson.dumps(it), _der
        ),
        keys=keys,
        **elliptic,
    )
    yield Defect(
        "es256-by-a-key-of-p384",
        token=lambda head, it: compact(
            orjson.dumps(head | {"alg": "ES256", "kid": "ec-large"}),
            orjson.dumps(it),
            signature("ES384", made.ec_large),
        ),
        keys=published(public(made.rsa), public(made.ec_large)),
        **elliptic,
    )
    yield Defect(
        "es256-with-the-thief-s-own-jwk",
        token=by(lambda it: it.ec_thief, alg="ES256", kid="ec", jwk=public(made.ec_thief)),
        keys=keys,
        **elliptic,
    )
    for name, mark in (("zero", b"\x00" * 256), ("one", b"\x00" * 255 + b"\x01"), ("empty", b"")):
        yield Defect(f"rs256-signature-{name}", token=_marked("RS256", "one", mark))
    yield Defect("rs256-signature-without-its-last-byte", token=_cut_mark)
    yield Defect("rs256-signature-of-the-claims-alone", token=_claims_only)
    yield Defect("rs256-signature-twice", token=_mark_twice)


_ORDER = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"


def _marked(algorithm: str, kid: str, mark: bytes) -> Callable[[Header, Claims], object]:
    return lambda header, claims: compact(
        orjson.dumps(header | {"alg": algorithm, "kid": kid}), orjson.dumps(claims), lambda _: mark
    )


def _der(data: bytes) -> bytes:
    """Sign as certificates are signed, not as tokens are (RFC 7518, section 3.4)."""
    mark = signature("ES256", Keys.made().ec)(data)
    first, second = (b"\x00" + part for part in (mark[:32], mark[32:]))
    inner = b"\x02\x21" + first + b"\x02\x21" + second
    return b"\x30" + bytes([len(inner)]) + inner


def _cut_mark(header: Header, claims: Claims) -> object:
    sign = signature("RS256", Keys.made().rsa)
    return compact(orjson.dumps(header), orjson.dumps(claims), lambda data: sign(data)[:-1])


def _mark_twice(header: Header, claims: Claims) -> object:
    sign = signature("RS256", Keys.made().rsa)
    return compact(orjson.dumps(header), orjson.dumps(claims), lambda data: sign(data) * 2)


def _claims_only(header: Header, claims: Claims) -> object:
    payload = orjson.dumps(claims)
    mark = signature("RS256", Keys.made().rsa)(b64(payload).encode())
    return compact(orjson.dumps(header), payload, lambda _: mark)


def _sets() -> Iterator[Defect]:
    """Yield published keys that nobody should check a signature with."""
    made = Keys.made()
    modulus = str(public(made.rsa)["n"])
    for name, changes in (
        ("with-exponent-one", {"e": "AQ"}),
        ("with-exponent-zero", {"e": "AA"}),
        ("with-an-even-exponent", {"e": "Ag"}),
        ("without-an-exponent", {"e": ""}),
        ("with-modulus-one", {"n": "AQ"}),
        ("with-modulus-zero", {"n": "AA"}),
        ("with-an-even-modulus", {"n": modulus[:-1] + "A"}),
        ("of-65536-bits", {"n": b64(b"\xff" * 8192)}),
        ("with-a-modulus-in-a-list", {"n": [modulus]}),
    ):
        yield Defect(f"key-{name}", keys=published(public(made.rsa, **changes)))
    yield from _curves()
    yield Defect(
        "keys-a-thousand-of-one-name",
        keys=lambda: {"keys": [public(made.rsa_thief)] * 1000 + [public(made.rsa)]},
    )
    yield Defect(
        "keys-of-one-name-and-two-people",
        keys=published(public(made.rsa), public(made.rsa_thief)),
    )


def _curves() -> Iterator[Defect]:
    made = Keys.made()
    point: dict[str, object] = {"kty": "EC", "crv": "P-256", "kid": "ec", "use": "sig"}
    zero = b64(b"\x00" * 32)
    for name, key in (
        ("at-infinity", point | {"x": zero, "y": zero}),
        ("beside-the-curve", point | {"x": b64(b"\x01" * 32), "y": b64(b"\x02" * 32)}),
        ("beyond-the-field", point | {"x": b64(b"\xff" * 32), "y": b64(b"\xff" * 32)}),
        ("without-y", {key: value for key, value in public(made.ec).items() if key != "y"}),
        ("of-another-curve-by-name", public(made.ec, crv="P-384")),
    ):
        yield Defect(
            f"key-{name}",
            token=by(lambda keys: keys.ec, alg="ES256", kid="ec"),
            keys=published(key),
            algorithms=_ES256,
            control="alg-ES256",
        )


def keys_forged() -> list[Defect]:
    """Return every token and key set whose signature proves nothing."""
    return [*_spellings(), *_headers(), *_marks(), *_sets()]
