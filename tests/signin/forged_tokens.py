"""id_tokens that must sign in nobody, and a few that must; each is one defect of an issuer.

Cases that the OpenID relying-party conformance plan knows bear its names.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import orjson

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

    from joserfc.jwk import Key

_PREFIX = "oidcc-client-test-"


def _but(**changes: object) -> Callable[[Claims], Claims]:
    return lambda claims: claims | changes


def _without(name: str) -> Callable[[Claims], Claims]:
    return lambda claims: {key: value for key, value in claims.items() if key != name}


def _shifted(name: str, seconds: int) -> Callable[[Claims], Claims]:
    return lambda claims: claims | {name: int(time.time()) + seconds}


def _raw(name: str, written: bytes) -> Callable[[Header, Claims], object]:
    """Write the claim *name* as it stands, which no strict JSON writer would."""

    def token(header: Header, claims: Claims) -> object:
        plain = orjson.dumps({key: value for key, value in claims.items() if key != name})
        payload = plain[:-1] + b',"' + name.encode() + b'":' + written + b"}"
        return compact(orjson.dumps(header), payload, signature("RS256", Keys.made().rsa))

    return token


def _by(key: Callable[[Keys], Key], **changes: object) -> Callable[[Header, Claims], object]:
    return lambda header, claims: signed(header | changes, claims, key(Keys.made()))


def _claims() -> Iterator[Defect]:
    yield Defect(f"{_PREFIX}invalid-iss", claims=_but(iss="https://evil.example"))
    yield Defect("iss-with-a-slash", claims=lambda it: it | {"iss": it["iss"] + "/"})
    yield Defect("iss-in-capitals", claims=lambda it: it | {"iss": it["iss"].upper()})
    yield Defect("iss-missing", claims=_without("iss"))
    yield Defect("iss-in-a-list", claims=lambda it: it | {"iss": [it["iss"]]})
    yield Defect(f"{_PREFIX}invalid-aud", claims=_but(aud="another-client"))
    yield Defect(f"{_PREFIX}missing-aud", claims=_without("aud"))
    yield Defect("aud-empty", claims=_but(aud=[]))
    yield Defect("aud-an-object", claims=_but(aud={CLIENT_ID: True}))
    yield Defect("aud-longer-than-ours", claims=_but(aud=f"{CLIENT_ID}0"))
    yield Defect("aud-several-without-azp", claims=_but(aud=[CLIENT_ID, "another-client"]))
    yield Defect(
        "aud-several-with-anothers-azp",
        claims=_but(aud=[CLIENT_ID, "another-client"], azp="another-client"),
    )
    yield Defect("azp-of-another-client", claims=_but(azp="another-client"))
    yield Defect("azp-null", claims=_but(azp=None))
    yield Defect(f"{_PREFIX}missing-iat", claims=_without("iat"))
    yield Defect("iat-in-the-future", claims=_shifted("iat", 300))
    yield Defect("iat-a-text", claims=_but(iat="1"))
    yield Defect("iat-true", claims=_but(iat=True))
    yield Defect("expired", claims=_shifted("exp", -300))
    yield Defect("exp-missing", claims=_without("exp"))
    yield Defect("exp-a-text", claims=_but(exp="99999999999"))
    yield Defect("exp-not-a-number", token=_raw("exp", b"NaN"))
    yield Defect("exp-infinite", token=_raw("exp", b"Infinity"))
    yield Defect("exp-beyond-all-floats", token=_raw("exp", b"1" + b"0" * 400))
    yield Defect("nbf-in-the-future", claims=_shifted("nbf", 300))
    yield Defect("nbf-a-text", claims=_but(nbf="0"))
    yield Defect("nbf-not-a-number", token=_raw("nbf", b"NaN"))
    yield Defect(f"{_PREFIX}missing-sub", claims=_without("sub"))
    yield Defect("sub-empty", claims=_but(sub=""))
    yield Defect("sub-a-number", claims=_but(sub=7))
    yield Defect("sub-half-a-character", token=_raw("sub", rb'"\ud800"'))
    yield Defect("sub-with-a-control-character", claims=_but(sub="linus\x00ada"))
    yield Defect(f"{_PREFIX}nonce-invalid", claims=_but(nonce="another"))
    yield Defect("nonce-missing", claims=_without("nonce"))
    yield Defect("nonce-in-a-list", claims=lambda it: it | {"nonce": [it["nonce"]]})
    yield Defect("nonce-half-a-character", token=_raw("nonce", rb'"\ud800"'))
    yield Defect(f"{_PREFIX}invalid-athash", claims=_but(at_hash="AAAAAAAAAAAAAAAAAAAAAA"))
    yield Defect("at_hash-a-number", claims=_but(at_hash=7))
    yield Defect(
        "at_hash-without-access-token",
        answer=lambda it: {key: it[key] for key in it if key != "access_token"},
    )


def _none(header: Header, claims: Claims) -> str:
    return f"{b64(orjson.dumps(header))}.{b64(orjson.dumps(claims))}."


def _cut(header: Header, claims: Claims) -> str:
    return signed(header, claims, Keys.made().rsa).rpartition(".")[0] + "."


def _swapped(header: Header, claims: Claims) -> str:
    head, _, mark = signed(header, claims, Keys.made().rsa).split(".")
    return f"{head}.{b64(orjson.dumps(claims | {'roles': ['Admin']}))}.{mark}"


def _none_but_signed(header: Header, claims: Claims) -> str:
    head, _ = _none(header | {"alg": "none"}, claims).split(".", 1)
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


def _published(*keys: dict[str, object]) -> Callable[[], object]:
    return lambda: {"keys": list(keys)}


def _signatures() -> Iterator[Defect]:
    made = Keys.made()
    yield Defect(f"{_PREFIX}invalid-sig-rs256", token=_by(lambda keys: keys.rsa_thief))
    yield Defect(
        f"{_PREFIX}invalid-sig-es256",
        token=_by(lambda keys: keys.ec_thief, alg="ES256", kid="ec"),
        algorithms=("RS256", "ES256"),
        keys=_published(public(made.rsa), public(made.ec)),
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
        f"{_PREFIX}idtoken-sig-none", token=lambda head, it: _none(head | {"alg": "none"}, it)
    )
    yield Defect("alg-nOnE", token=lambda head, it: _none(head | {"alg": "nOnE"}, it))
    yield Defect("alg-none-with-a-signature", token=_none_but_signed)
    yield Defect("signature-cut-off", token=_cut)
    yield Defect("claims-changed-after-signing", token=_swapped)


def _algorithms() -> Iterator[Defect]:
    made = Keys.made()
    yield Defect("alg-not-allowed-rs512", token=_by(lambda keys: keys.rsa, alg="RS512"))
    yield Defect("alg-not-allowed-ps256", token=_by(lambda keys: keys.rsa, alg="PS256"))
    yield Defect(
        "alg-not-allowed-es256",
        token=_by(lambda keys: keys.ec, alg="ES256", kid="ec"),
        keys=_published(public(made.ec)),
    )
    for name, header in (("missing", {}), ("a-list", {"alg": ["RS256"]}), ("null", {"alg": None})):
        yield Defect(f"alg-{name}", token=_odd_header({"kid": "one", **header}))
    yield Defect(
        "alg-of-the-other-key",
        token=lambda head, it: compact(
            orjson.dumps(head | {"alg": "ES256"}), orjson.dumps(it), signature("RS256", made.rsa)
        ),
        algorithms=("RS256", "ES256"),
    )


def _odd_header(header: dict[str, object]) -> Callable[[Header, Claims], object]:
    return lambda _, claims: compact(
        orjson.dumps(header), orjson.dumps(claims), signature("RS256", Keys.made().rsa)
    )


def _keys() -> Iterator[Defect]:
    made = Keys.made()
    two = _published(public(made.rsa), public(made.rsa_next))
    anonymous = _odd_header({"alg": "RS256"})
    yield Defect(f"{_PREFIX}kid-absent-multiple-jwks", token=anonymous, keys=two)
    yield Defect("kid-never-published", token=_by(lambda keys: keys.rsa, kid="nine"))
    yield Defect("kid-a-number", token=_odd_header({"alg": "RS256", "kid": 1}))
    yield Defect("kid-of-the-other-key", token=_by(lambda keys: keys.rsa, kid="two"), keys=two)
    yield Defect("kid-twice", keys=_published(public(made.rsa), public(made.rsa)))
    thief = public(made.rsa_thief)
    for name, value in (
        ("jwk", thief),
        ("jku", "https://evil.example/keys"),
        ("x5u", "https://evil.example/chain"),
        ("x5c", ["AAAA"]),
        ("crit", ["exp"]),
        ("b64", False),
    ):
        yield Defect(
            f"header-{name}", token=_odd_header({"alg": "RS256", "kid": "one", name: value})
        )
    yield Defect(
        "header-jwk-of-the-thief", token=_by(lambda keys: keys.rsa_thief, jwk=_short(thief))
    )
    yield Defect("key-for-encryption", keys=_published(public(made.rsa, use="enc")))
    yield Defect("key-for-another-alg", keys=_published(public(made.rsa, alg="RS512")))
    yield Defect("key-may-not-verify", keys=_published(public(made.rsa, key_ops=["encrypt"])))
    yield Defect("key-a-secret", keys=_published({"kty": "oct", "k": "AAAA", "kid": "one"}))
    yield Defect("key-without-modulus", keys=_published({"kty": "RSA", "e": "AQAB", "kid": "one"}))
    yield Defect("key-of-no-kind", keys=_published({"kid": "one"}))
    yield Defect(
        "key-with-garbage", keys=_published({"kty": "RSA", "n": "!", "e": "?", "kid": "one"})
    )
    yield Defect(
        "key-on-no-curve",
        keys=_published({"kty": "EC", "crv": "P-1", "x": "AA", "y": "AA", "kid": "one"}),
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
    yield Defect("token-oversize", claims=_but(padding="x" * 40_000))
    yield Defect("header-oversize", token=_odd_header({"alg": "RS256", "kid": "one" * 9_000}))
    for name, header in (("text", b'"RS256"'), ("list", b'["alg"]'), ("not-json", b"{alg")):
        yield Defect(f"header-{name}", token=_written(header=header))
    yield Defect("header-deep", token=_written(header=b'{"alg":' * 9_000))
    for name, payload in (("list", b"[]"), ("not-json", b"{sub"), ("not-utf8", b'{"sub":"\xff"}')):
        yield Defect(f"payload-{name}", token=_written(payload=payload))
    yield Defect("payload-deep", token=_written(payload=b'{"sub":' * 3_000))
    yield Defect(
        "token-with-four-parts", token=lambda head, it: signed(head, it, rsa) + "." + b64(sign(b""))
    )


def _written(
    *, header: bytes = b'{"alg":"RS256","kid":"one"}', payload: bytes | None = None
) -> Callable[[Header, Claims], object]:
    def token(_header: Header, claims: Claims) -> object:
        body = orjson.dumps(claims) if payload is None else payload
        return compact(header, body, signature("RS256", Keys.made().rsa))

    return token


def _entra() -> Iterator[Defect]:
    for name in ("oid", "tid"):
        yield Defect(f"entra-without-{name}", kind="entra", claims=_without(name))
        yield Defect(f"entra-{name}-a-list", kind="entra", claims=_but(**{name: ["x"]}))
    yield Defect("entra-tid-of-another-tenant", kind="entra", claims=_but(tid=OTHER_TENANT))
    yield Defect("entra-tid-a-word-of-the-issuer", kind="entra", claims=_but(tid="v2.0"))
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
    yield Defect("entra-oid-with-a-control-character", kind="entra", claims=_but(oid="a\nb"))


def forged() -> list[Defect]:
    """Return every token that must be refused."""
    return [*_claims(), *_signatures(), *_algorithms(), *_keys(), *_forms(), *_entra()]
