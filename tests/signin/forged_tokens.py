"""id_tokens that must sign in nobody, and a few that must; each is one defect of an issuer.

Cases that the OpenID relying-party conformance plan knows bear its names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from signin.forged_with import (
    but,
    by,
    headed,
    published,
    raw,
    shifted,
    unsigned,
    without,
    written,
)
from signin.hostile_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    OTHER_TENANT,
    Claims,
    Defect,
    Header,
    Keys,
    b64,
    compact,
    public,
    shared,
    signature,
    signed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_PREFIX = "oidcc-client-test-"


def _claims() -> Iterator[Defect]:
    yield Defect(f"{_PREFIX}invalid-iss", claims=but(iss="https://evil.example"))
    yield Defect("iss-with-a-slash", claims=lambda it: it | {"iss": it["iss"] + "/"})
    yield Defect("iss-in-capitals", claims=lambda it: it | {"iss": it["iss"].upper()})
    yield Defect("iss-missing", claims=without("iss"))
    yield Defect("iss-in-a-list", claims=lambda it: it | {"iss": [it["iss"]]})
    yield Defect(f"{_PREFIX}invalid-aud", claims=but(aud="another-client"))
    yield Defect(f"{_PREFIX}missing-aud", claims=without("aud"))
    yield Defect("aud-empty", claims=but(aud=[]))
    yield Defect("aud-an-object", claims=but(aud={CLIENT_ID: True}))
    yield Defect("aud-longer-than-ours", claims=but(aud=f"{CLIENT_ID}0"))
    yield Defect("aud-several-without-azp", claims=but(aud=[CLIENT_ID, "another-client"]))
    yield Defect(
        "aud-several-with-anothers-azp",
        claims=but(aud=[CLIENT_ID, "another-client"], azp="another-client"),
    )
    yield Defect("azp-of-another-client", claims=but(azp="another-client"))
    yield Defect("azp-null", claims=but(azp=None))
    yield Defect(f"{_PREFIX}missing-iat", claims=without("iat"))
    yield Defect("iat-in-the-future", claims=shifted("iat", 300))
    yield Defect("iat-a-text", claims=but(iat="1"))
    yield Defect("iat-true", claims=but(iat=True))
    yield Defect("expired", claims=shifted("exp", -300))
    yield Defect("exp-missing", claims=without("exp"))
    yield Defect("exp-a-text", claims=but(exp="99999999999"))
    yield Defect("exp-not-a-number", token=raw("exp", b"NaN"))
    yield Defect("exp-infinite", token=raw("exp", b"Infinity"))
    yield Defect("exp-beyond-all-floats", token=raw("exp", b"1" + b"0" * 400))
    yield Defect("nbf-in-the-future", claims=shifted("nbf", 300))
    yield Defect("nbf-a-text", claims=but(nbf="0"))
    yield Defect("nbf-not-a-number", token=raw("nbf", b"NaN"))
    yield Defect(f"{_PREFIX}missing-sub", claims=without("sub"))
    yield Defect("sub-empty", claims=but(sub=""))
    yield Defect("sub-a-number", claims=but(sub=7))
    yield Defect("sub-half-a-character", token=raw("sub", rb'"\ud800"'))
    yield Defect("sub-with-a-control-character", claims=but(sub="linus\x00ada"))
    yield Defect(f"{_PREFIX}nonce-invalid", claims=but(nonce="another"))
    yield Defect("nonce-missing", claims=without("nonce"))
    yield Defect("nonce-in-a-list", claims=lambda it: it | {"nonce": [it["nonce"]]})
    yield Defect("nonce-half-a-character", token=raw("nonce", rb'"\ud800"'))
    yield Defect(f"{_PREFIX}invalid-athash", claims=but(at_hash="AAAAAAAAAAAAAAAAAAAAAA"))
    yield Defect("at_hash-a-number", claims=but(at_hash=7))
    yield Defect(
        "at_hash-without-access-token",
        answer=lambda it: {key: it[key] for key in it if key != "access_token"},
    )


def _cut(header: Header, claims: Claims) -> str:
    return signed(header, claims, Keys.made().rsa).rpartition(".")[0] + "."


def _swapped(header: Header, claims: Claims) -> str:
    head, _, mark = signed(header, claims, Keys.made().rsa).split(".")
    return f"{head}.{b64(orjson.dumps(claims | {'roles': ['Admin']}))}.{mark}"


def _none_but_signed(header: Header, claims: Claims) -> str:
    head, _ = unsigned(header | {"alg": "none"}, claims).split(".", 1)
    return head + "." + signed(header, claims, Keys.made().rsa).split(".", 1)[1]


def _confused(secret: Callable[[], bytes]) -> Callable[[Header, Claims], object]:
    def token(header: Header, claims: Claims) -> object:
        # By hand: joserfc refuses to sign with a public key.
        return compact(
            orjson.dumps(header | {"alg": "HS256"}),
            orjson.dumps(claims),
            signature("HS256", _Bytes(secret())),  # type: ignore[arg-type] # stands for a key
        )

    return token


class _Bytes:
    """A key for HMAC that may be anything, a public key for one."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def get_op_key(self, _operation: str) -> bytes:
        return self._secret


def _signatures() -> Iterator[Defect]:
    made = Keys.made()
    yield Defect(f"{_PREFIX}invalid-sig-rs256", token=by(lambda keys: keys.rsa_thief))
    yield Defect(
        f"{_PREFIX}invalid-sig-es256",
        token=by(lambda keys: keys.ec_thief, alg="ES256", kid="ec"),
        algorithms=("RS256", "ES256"),
        keys=published(public(made.rsa), public(made.ec)),
    )
    yield Defect(
        f"{_PREFIX}invalid-sig-hs256",
        token=lambda header, claims: signed(header | {"alg": "HS256"}, claims, shared("wrong" * 9)),
    )
    yield Defect(
        "hs256-with-the-client-secret",
        token=lambda header, claims: signed(
            header | {"alg": "HS256"}, claims, shared(CLIENT_SECRET)
        ),
    )
    yield Defect(
        "hs256-with-the-public-key", token=_confused(lambda: made.rsa.as_pem(private=False))
    )
    yield Defect(
        "hs256-with-the-public-key-as-jwk",
        token=_confused(lambda: orjson.dumps(public(made.rsa))),
    )
    yield Defect(
        f"{_PREFIX}idtoken-sig-none", token=lambda head, it: unsigned(head | {"alg": "none"}, it)
    )
    yield Defect("alg-nOnE", token=lambda head, it: unsigned(head | {"alg": "nOnE"}, it))
    yield Defect("alg-none-with-a-signature", token=_none_but_signed)
    yield Defect("signature-cut-off", token=_cut)
    yield Defect("claims-changed-after-signing", token=_swapped)


def _algorithms() -> Iterator[Defect]:
    made = Keys.made()
    yield Defect("alg-not-allowed-rs512", token=by(lambda keys: keys.rsa, alg="RS512"))
    yield Defect("alg-not-allowed-ps256", token=by(lambda keys: keys.rsa, alg="PS256"))
    yield Defect(
        "alg-not-allowed-es256",
        token=by(lambda keys: keys.ec, alg="ES256", kid="ec"),
        keys=published(public(made.ec)),
    )
    for name, header in (("missing", {}), ("a-list", {"alg": ["RS256"]}), ("null", {"alg": None})):
        yield Defect(f"alg-{name}", token=headed({"kid": "one", **header}))
    yield Defect(
        "alg-of-the-other-key",
        token=lambda head, it: compact(
            orjson.dumps(head | {"alg": "ES256"}), orjson.dumps(it), signature("RS256", made.rsa)
        ),
        algorithms=("RS256", "ES256"),
    )


def _keys() -> Iterator[Defect]:
    made = Keys.made()
    two = published(public(made.rsa), public(made.rsa_next))
    anonymous = headed({"alg": "RS256"})
    yield Defect(f"{_PREFIX}kid-absent-multiple-jwks", token=anonymous, keys=two)
    yield Defect("kid-never-published", token=by(lambda keys: keys.rsa, kid="nine"))
    yield Defect("kid-a-number", token=headed({"alg": "RS256", "kid": 1}))
    yield Defect("kid-of-the-other-key", token=by(lambda keys: keys.rsa, kid="two"), keys=two)
    yield Defect("kid-twice", keys=published(public(made.rsa), public(made.rsa)))
    thief = public(made.rsa_thief)
    for name, value in (
        ("jwk", thief),
        ("jku", "https://evil.example/keys"),
        ("x5u", "https://evil.example/chain"),
        ("x5c", ["AAAA"]),
        ("crit", ["exp"]),
        ("b64", False),
    ):
        yield Defect(f"header-{name}", token=headed({"alg": "RS256", "kid": "one", name: value}))
    yield Defect(
        "header-jwk-of-the-thief", token=by(lambda keys: keys.rsa_thief, jwk=_short(thief))
    )
    yield Defect("key-for-encryption", keys=published(public(made.rsa, use="enc")))
    yield Defect("key-for-another-alg", keys=published(public(made.rsa, alg="RS512")))
    yield Defect("key-may-not-verify", keys=published(public(made.rsa, key_ops=["encrypt"])))
    yield Defect("key-a-secret", keys=published({"kty": "oct", "k": "AAAA", "kid": "one"}))
    yield Defect("key-without-modulus", keys=published({"kty": "RSA", "e": "AQAB", "kid": "one"}))
    yield Defect("key-of-no-kind", keys=published({"kid": "one"}))
    yield Defect(
        "key-with-garbage", keys=published({"kty": "RSA", "n": "!", "e": "?", "kid": "one"})
    )
    yield Defect(
        "key-on-no-curve",
        keys=published({"kty": "EC", "crv": "P-1", "x": "AA", "y": "AA", "kid": "one"}),
    )


def _short(key: dict[str, object]) -> dict[str, object]:
    # joserfc caps a header at 512 characters; the thief's key alone would exceed it.
    return {name: value for name, value in key.items() if name in {"kty", "e", "kid"}}


def _instead(value: object) -> Callable[[Header, Claims], object]:
    return lambda _header, _claims: value


def _forms() -> Iterator[Defect]:
    rsa = Keys.made().rsa
    sign = signature("RS256", rsa)
    for name, value in (
        ("a-number", 7),
        ("empty", ""),
        ("null", None),
        ("an-object", {"payload": "e30", "signatures": []}),
        ("not-a-jwt", "nothing like it"),
        ("two-dots", ".."),
        ("not-ascii", "é.é.é"),
        ("encrypted", "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.AA.AA.AA.AA"),
    ):
        yield Defect(f"token-{name}", token=_instead(value))
    yield Defect("token-missing", answer=lambda it: it | {"id_token": None})
    yield Defect("token-oversize", claims=but(padding="x" * 40_000))
    yield Defect("header-oversize", token=headed({"alg": "RS256", "kid": "one" * 9_000}))
    for name, header in (("text", b'"RS256"'), ("list", b'["alg"]'), ("not-json", b"{alg")):
        yield Defect(f"header-{name}", token=written(header=header))
    yield Defect("header-deep", token=written(header=b'{"alg":' * 9_000))
    for name, payload in (("list", b"[]"), ("not-json", b"{sub"), ("not-utf8", b'{"sub":"\xff"}')):
        yield Defect(f"payload-{name}", token=written(payload=payload))
    yield Defect("payload-deep", token=written(payload=b'{"sub":' * 3_000))
    yield Defect(
        "token-with-four-parts", token=lambda head, it: signed(head, it, rsa) + "." + b64(sign(b""))
    )


def _entra() -> Iterator[Defect]:
    for name in ("oid", "tid"):
        yield Defect(f"entra-without-{name}", kind="entra", claims=without(name))
        yield Defect(f"entra-{name}-a-list", kind="entra", claims=but(**{name: ["x"]}))
    yield Defect("entra-tid-of-another-tenant", kind="entra", claims=but(tid=OTHER_TENANT))
    yield Defect("entra-tid-a-word-of-the-issuer", kind="entra", claims=but(tid="v2.0"))
    yield Defect(
        "entra-issuer-of-another-tenant",
        kind="entra",
        claims=lambda it: (
            it
            | {
                "iss": it["iss"].replace(it["tid"], OTHER_TENANT),
                "tid": OTHER_TENANT,
            }
        ),
    )
    yield Defect("entra-oid-with-a-control-character", kind="entra", claims=but(oid="a\nb"))


def forged() -> list[Defect]:
    """Return every token that must be refused."""
    return [*_claims(), *_signatures(), *_algorithms(), *_keys(), *_forms(), *_entra()]
