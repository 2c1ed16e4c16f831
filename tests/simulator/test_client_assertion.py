"""What the tenant believes of an assertion: how it is signed, by which key, for whom, and when."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from hashlib import sha1, sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from mainhub.simulator import FederatedCredential, Registration
from mainhub.simulator.client_assertion import check_assertion
from mainhub.simulator.errors import EntraError
from signin.client_certificates import Made, made, rsa_key

CLIENT, ISSUER = "c0ffee00-2222-4333-8444-555555555555", "https://login.example/tenant/v2.0"
CLUSTER, SUBJECT = "https://cluster.example", "system:serviceaccount:mainhub:hub"
NOW = datetime.now(UTC).timestamp()
RIGHT, CURVE, STRANGER = (
    made(),
    made(ec.generate_private_key(ec.SECP256R1())),
    made(rsa_key(2048, 1)),
)
CLUSTER_KEY = RSAKey.generate_key(2048, {"kid": "cluster"})
REGISTRATION = Registration(
    client_id=CLIENT,
    client_secret="unused",
    redirect_uris=(),
    certificates=(CURVE.certificate, RIGHT.certificate),
    federated=(
        FederatedCredential(
            issuer=CLUSTER,
            subject=SUBJECT,
            keys={"keys": [CLUSTER_KEY.as_dict(private=False)]},
        ),
    ),
)


def thumbprint(one: Made, *, old: bool = False) -> str:
    der = one.x509.public_bytes(Encoding.DER)
    digest = sha1(der).digest() if old else sha256(der).digest()  # noqa: S324 - x5t
    return urlsafe_b64encode(digest).decode().rstrip("=")


def assertion(
    header: dict[str, Any],
    key: RSAKey | ECKey | OctKey | None = None,
    **changes: object,
) -> str:
    claims: dict[str, Any] = {"iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "exp": int(NOW) + 300}
    claims |= {"nbf": int(NOW), "jti": "one"} | changes
    head = {"alg": "PS256"} | header
    signing = key or RSAKey.import_key(RIGHT.key)
    return jwt.encode(head, claims, signing, algorithms=[head["alg"]])


def check(text: str) -> None:
    check_assertion(text, REGISTRATION, audiences=frozenset({ISSUER}), now=NOW)


def refused(text: str) -> int:
    with pytest.raises(EntraError) as caught:
        check(text)
    return caught.value.number


NAMED = {"x5t#S256": thumbprint(RIGHT)}


@pytest.mark.parametrize(
    "header",
    [NAMED, {"x5t": thumbprint(RIGHT, old=True)}, NAMED | {"x5t": thumbprint(RIGHT, old=True)}],
)
@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
def test_a_registered_certificate_is_believed(header: dict[str, str], algorithm: str) -> None:
    check(assertion({**header, "alg": algorithm}))


def test_a_signature_of_another_kind_is_not() -> None:
    secret = OctKey.import_key(RIGHT.public_key.encode().replace(b"-----", b""))
    assert refused(assertion(NAMED | {"alg": "HS256"}, secret)) == 700027
    curve = ECKey.import_key(CURVE.key)
    named = {"x5t#S256": thumbprint(CURVE), "alg": "ES256"}
    assert refused(assertion(named, curve)) == 700027
    assert refused(assertion(NAMED, RSAKey.import_key(STRANGER.key))) == 700027
    head, body, _ = assertion(NAMED).split(".")
    assert refused(f"{head}.{body}.") == 700027
    none = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    assert refused(f"{none}.{body}.") == 700027


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"exp": int(NOW)}, 700024),
        ({"exp": None}, 700024),
        ({"exp": "soon"}, 700024),
        ({"nbf": int(NOW) + 900}, 700024),
        ({"sub": "another"}, 700021),
        ({"iss": "another", "sub": "another"}, 700021),
        ({"aud": "https://elsewhere.example"}, 700023),
        ({"aud": None}, 700023),
    ],
)
def test_what_it_says_is_read(changes: dict[str, Any], number: int) -> None:
    assert refused(assertion(NAMED, **changes)) == number


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({}, None),
        ({"sub": "system:serviceaccount:other:hub"}, 70021),
        ({"aud": ISSUER}, 70021),
        ({"exp": int(NOW) - 1}, 700024),
        ({"iss": "https://another-cluster.example"}, 700027),
    ],
)
def test_the_word_of_a_trusted_issuer_is_believed_about_its_subject(
    changes: dict[str, Any], number: int | None
) -> None:
    said = {"iss": CLUSTER, "sub": SUBJECT, "aud": "api://AzureADTokenExchange"} | changes
    text = assertion({"alg": "RS256", "kid": "cluster"}, CLUSTER_KEY, **said)
    if number is None:
        check(text)
        return
    assert refused(text) == number


@given(st.text(max_size=80) | st.text("eyJhbGciOiJub25lIn0.-_=", max_size=80))
def test_any_text_is_refused_in_good_order(text: str) -> None:
    refused(text)
