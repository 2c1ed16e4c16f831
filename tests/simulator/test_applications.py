"""How applications prove themselves, and programs that sign in as themselves."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256
from typing import TYPE_CHECKING, Any, Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import RSAKey

from mainhub.simulator import Api, FederatedCredential, ServiceApplication, entra_app
from simulator.served import address, listener
from simulator.visitor import API, LINUS, REGISTRATION, MovingClock, Visitor

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from starlette.applications import Starlette

pytestmark = pytest.mark.anyio
TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CLUSTER: Final = "https://cluster.example"
SUBJECT: Final = "system:serviceaccount:mainhub:hub"
SERVICE: Final = ServiceApplication(
    client_id="c0ffee00-9999-4333-8444-555555555555",
    name="Nightly report",
    client_secret="its own secret",
    roles=("Employee",),
)
BILLING: Final = Api(
    uri="api://billing.example",
    client_id="c0ffee00-8888-4333-8444-555555555555",
    scopes=("Bills.Read", "Bills.Write"),
)


class Certificate:
    """A self-signed certificate and its key."""

    def __init__(self) -> None:
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(private.public_key())
            .serial_number(1)
            .not_valid_before(now)
            .not_valid_after(now + timedelta(days=1))
            .sign(private, hashes.SHA256())
        )
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        der = made.public_bytes(Encoding.DER)
        self.pem = made.public_bytes(Encoding.PEM).decode()
        self.key = RSAKey.import_key(pem)
        self.sha1 = urlsafe_b64encode(sha1(der).digest()).decode().rstrip("=")  # noqa: S324 (x5t)
        self.sha256 = urlsafe_b64encode(sha256(der).digest()).decode().rstrip("=")


@pytest.fixture(scope="module")
def certificate() -> Certificate:
    return Certificate()


@pytest.fixture(scope="module")
def cluster_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "cluster"})


@pytest.fixture(scope="module")
def entra(
    tenant_state: Path, tenant_clock: MovingClock, certificate: Certificate, cluster_key: RSAKey
) -> tuple[Starlette, socket.socket]:
    """Return a tenant that knows more of the application, and other applications."""
    opened = listener()
    public = {"keys": [cluster_key.as_dict(private=False)]}
    registration = replace(
        REGISTRATION,
        certificates=(certificate.pem,),
        federated=(FederatedCredential(issuer=CLUSTER, subject=SUBJECT, keys=public),),
        services=(SERVICE,),
        apis=(BILLING,),
    )
    app = entra_app(
        base_url=address(opened), state=tenant_state, registration=registration, clock=tenant_clock
    )
    return app, opened


async def proved(visitor: Visitor, assertion: str, **changes: str | None) -> dict[str, Any]:
    form: dict[str, str | None] = {
        "client_secret": None,
        "client_assertion_type": TYPE,
        "client_assertion": assertion,
    }
    return (await visitor.redeem(await visitor.code(LINUS), **form | changes))[1]


def signed(
    visitor: Visitor, certificate: Certificate, header: dict[str, str], **changes: object
) -> str:
    now = int(datetime.now(UTC).timestamp())
    claims: dict[str, object] = {
        "iss": REGISTRATION.client_id,
        "sub": REGISTRATION.client_id,
        "aud": f"{visitor.root}/v2.0",
        "exp": now + 300,
        "nbf": now,
        "jti": "one",
    }
    return jwt.encode(
        {"alg": "PS256", **header}, claims | changes, certificate.key, algorithms=["PS256"]
    )


async def test_a_certificate_proves_the_application(
    visitor: Visitor, certificate: Certificate
) -> None:
    for header in ({"x5t": certificate.sha1}, {"x5t#S256": certificate.sha256}):
        assertion = signed(visitor, certificate, header)
        assert "access_token" in await proved(visitor, assertion)
    endpoint = f"{visitor.root}/oauth2/v2.0/token"
    assertion = signed(visitor, certificate, {"x5t": certificate.sha1}, aud=endpoint)
    assert "access_token" in await proved(visitor, assertion, client_id=None)


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"exp": 1}, 700024),
        ({"nbf": 9_999_999_999}, 700024),
        ({"sub": "another"}, 700021),
        ({"aud": "https://elsewhere.example"}, 700023),
    ],
)
async def test_an_assertion_is_read_closely(
    visitor: Visitor, certificate: Certificate, changes: dict[str, object], number: int
) -> None:
    assertion = signed(visitor, certificate, {"x5t": certificate.sha1}, **changes)
    refused = await proved(visitor, assertion)
    assert (refused["error"], refused["error_codes"]) == ("invalid_client", [number])


async def test_an_unknown_certificate_proves_nothing(
    visitor: Visitor, certificate: Certificate
) -> None:
    for header, key in (
        ({"x5t": Certificate().sha1}, certificate),
        ({"x5t": certificate.sha1}, Certificate()),
        ({}, certificate),
    ):
        refused = await proved(visitor, signed(visitor, key, header))
        assert (refused["error"], refused["error_codes"]) == ("invalid_client", [700027])
    assert (await proved(visitor, "nonsense"))["error_codes"] == [700027]


async def test_two_proofs_are_one_too_many(visitor: Visitor, certificate: Certificate) -> None:
    assertion = signed(visitor, certificate, {"x5t": certificate.sha1})
    refused = await proved(visitor, assertion, client_secret=REGISTRATION.client_secret)
    assert refused["error"] == "invalid_request"
    refused = await proved(visitor, assertion, client_assertion_type="other")
    assert refused["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("changes", "numbers"),
    [({}, None), ({"sub": "x"}, [70021]), ({"aud": "x"}, [70021]), ({"exp": 1}, [700024])],
)
async def test_another_issuer_can_vouch_for_the_application(
    visitor: Visitor,
    cluster_key: RSAKey,
    changes: dict[str, object],
    numbers: list[int] | None,
) -> None:
    claims = {
        "iss": CLUSTER,
        "sub": SUBJECT,
        "aud": "api://AzureADTokenExchange",
        "exp": int(datetime.now(UTC).timestamp()) + 300,
    }
    header = {"alg": "RS256", "kid": "cluster"}
    answer = await proved(visitor, jwt.encode(header, claims | changes, cluster_key))
    assert answer.get("error_codes") == numbers
    assert ("access_token" in answer) == (numbers is None)


async def test_a_program_signs_in_as_itself(visitor: Visitor) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": SERVICE.client_id,
        "client_secret": SERVICE.client_secret,
        "scope": f"{REGISTRATION.application_id_uri}/.default",
    }
    status, answer = await visitor.token(**form)
    assert status == 200
    assert not {"refresh_token", "id_token"} & set(answer)
    claims = await visitor.claims(answer["access_token"])
    assert (claims["aud"], claims["azp"]) == (REGISTRATION.client_id, SERVICE.client_id)
    assert (claims["roles"], claims["idtyp"]) == (["Employee"], "app")
    assert claims["oid"] == claims["sub"]
    assert "scp" not in claims
    _, refused = await visitor.token(**form | {"scope": API})
    assert refused["error_codes"] == [1002012]
    _, refused = await visitor.at("common").token(**form)
    assert refused["error"] == "invalid_request"
    _, refused = await visitor.token(**form | {"client_secret": "wrong"})
    assert refused["error_codes"] == [7000215]
    _, refused = await visitor.token(**form | {"grant_type": "refresh_token"})
    assert refused["error"] == "unauthorized_client"


async def test_a_token_can_be_for_another_service(visitor: Visitor) -> None:
    tokens = await visitor.tokens(LINUS)
    scope = f"{BILLING.uri}/Bills.Read"
    _, answer = await visitor.refresh(tokens["refresh_token"], scope=scope)
    assert answer["scope"] == scope
    claims = await visitor.claims(answer["access_token"])
    assert (claims["aud"], claims["scp"]) == (BILLING.client_id, "Bills.Read")
    assert "roles" not in claims
    token = await visitor.access_token(LINUS)
    _, answer = await visitor.on_behalf_of(token, scope=f"{BILLING.uri}/.default")
    assert (await visitor.claims(answer["access_token"]))["scp"] == "Bills.Read Bills.Write"
    for wrong in (f"{BILLING.uri}/Bills.Burn", f"{scope} {API}"):
        _, refused = await visitor.on_behalf_of(token, scope=wrong)
        assert refused["error"] == "invalid_scope"
