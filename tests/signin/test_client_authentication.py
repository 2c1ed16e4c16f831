"""Each way in which the hub proves who it is: what it sends, and what it says when it cannot."""

from __future__ import annotations

import base64
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey
from structlog.testing import capture_logs

from mainhub.health import Verdict
from mainhub.signin import AssertionFile, PrivateKeyJwt, ProofMissing, SharedSecret
from mainhub.signin.client_authentication import JWT_BEARER, Asked
from signin.client_certificates import Made, made

if TYPE_CHECKING:
    from pathlib import Path

    from mainhub.health import Diagnosis
    from mainhub.signin import ClientAuthentication

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ASKED = Asked(
    name="main",
    title="Contoso",
    client_id="hub",
    issuer="https://id.example",
    token_endpoint="https://id.example/token",
)
TOKEN = "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmVk"


def signing(one: Made, **more: object) -> PrivateKeyJwt:
    return replace(PrivateKeyJwt(one.private, one.x509), **more)  # type: ignore[arg-type]


async def verdict(way: ClientAuthentication, now: datetime = NOW) -> Diagnosis:
    (found,) = await way.diagnoses(now)
    return found


@pytest.mark.parametrize(
    ("methods", "header"),
    [
        (None, False),
        ((), False),
        (("client_secret_post", "client_secret_basic"), False),
        (("client_secret_basic",), True),
        (("private_key_jwt",), False),
    ],
)
async def test_a_secret_goes_into_the_form_unless_the_header_alone_is_taken(
    methods: tuple[str, ...] | None, *, header: bool
) -> None:
    proof = await SharedSecret("s3cret").prove(replace(ASKED, methods=methods), now=NOW)
    assert ("client_secret" in proof.form) is not header
    assert ("authorization" in proof.headers) is header
    assert "s3cret" not in repr(proof)


@given(client_id=st.text(min_size=1), secret=st.text(min_size=1))
async def test_a_header_spells_both_halves_as_the_rfc_wants(client_id: str, secret: str) -> None:
    # RFC 6749, section 2.3.1.
    asked = replace(ASKED, client_id=client_id)
    proof = await SharedSecret(secret, "basic").prove(asked, now=NOW)
    scheme, _, told = proof.headers["authorization"].partition(" ")
    halves = base64.b64decode(told).decode("ascii").split(":")
    assert (scheme, [unquote_plus(half) for half in halves]) == ("Basic", [client_id, secret])
    assert proof.form == {}


async def test_an_assertion_is_for_one_request_and_five_minutes() -> None:
    one = made()
    proofs = [await signing(one).prove(ASKED, now=NOW) for _ in range(2)]
    assert proofs[0].form["client_assertion_type"] == JWT_BEARER
    key = RSAKey.import_key(one.public_key)
    read = [
        jwt.decode(proof.form["client_assertion"], key, algorithms=["RS256"]) for proof in proofs
    ]
    claims = read[0].claims
    assert claims["iss"] == claims["sub"] == "hub"
    assert claims["aud"] == "https://id.example"
    assert claims["exp"] - claims["iat"] == 300
    assert claims["iat"] <= NOW.timestamp() < claims["exp"]
    assert claims["jti"] != read[1].claims["jti"]
    der = one.x509.public_bytes(Encoding.DER)
    thumbprint = base64.urlsafe_b64encode(sha256(der).digest()).decode().rstrip("=")
    assert read[0].header == {"alg": "RS256", "typ": "JWT", "x5t#S256": thumbprint}
    assert proofs[0].form["client_assertion"] not in repr(proofs[0])


async def test_entra_gets_what_it_documents() -> None:
    one = made()
    way = signing(one, entra=True, audience="token_endpoint")
    proof = await way.prove(ASKED, now=NOW)
    key = RSAKey.import_key(one.public_key)
    read = jwt.decode(proof.form["client_assertion"], key, algorithms=["PS256"])
    der = one.x509.public_bytes(Encoding.DER)
    assert read.header["x5t"] == base64.urlsafe_b64encode(sha1(der).digest()).decode().rstrip("=")  # noqa: S324 - x5t
    assert read.claims["aud"] == "https://id.example/token"
    assert read.claims["nbf"] == read.claims["iat"]


async def test_a_provider_is_told_the_keys_name_and_served_with_its_algorithm() -> None:
    one, curve = made(), made(ec.generate_private_key(ec.SECP384R1()))
    told = replace(ASKED, algorithms=("ES256", "PS256"))
    proof = await signing(one, key_id="hub-2026").prove(told, now=NOW)
    header = jws.extract_compact(proof.form["client_assertion"].encode()).headers()
    assert (header["kid"], header["alg"]) == ("hub-2026", "PS256")
    proof = await signing(curve).prove(told, now=NOW)
    key = ECKey.import_key(curve.public_key)
    jwt.decode(proof.form["client_assertion"], key, algorithms=["ES384"])


@pytest.mark.parametrize(
    ("begins", "lasts", "found", "words"),
    [
        (-1, 365, Verdict.FINE, "is good until 2027-11-22"),
        (-1, 31, Verdict.FINE, "is good until"),
        (-1, 30, Verdict.WARNING, "ends on 2026-12-22"),
        (-1, 1, Verdict.FAILED, "has ended"),
        (-9, 2, Verdict.FAILED, "has ended"),
        (1, 30, Verdict.FAILED, "is not good yet"),
    ],
)
async def test_a_certificate_says_how_long_it_is_good(
    begins: int, lasts: int, found: Verdict, words: str
) -> None:
    one = made(begins=timedelta(days=begins), lasts=timedelta(days=lasts), now=NOW)
    told = await verdict(signing(one))
    assert told.verdict is found
    assert words in told.what
    assert found is Verdict.FINE or (told.cause and told.remedy)


def test_nothing_that_proves_it_is_ever_shown() -> None:
    one = made()
    for way in (SharedSecret("s3cret"), signing(one)):
        assert "s3cret" not in repr(way)
        assert "RSAPrivateKey" not in repr(way)


async def test_a_file_is_read_at_each_use(tmp_path: Path) -> None:
    path = tmp_path / "token"
    way = AssertionFile(path)
    for text in (TOKEN, f"\n{TOKEN}2\n"):
        path.write_text(text, encoding="ascii")
        proof = await way.prove(ASKED, now=NOW)
        assert proof.form["client_assertion"] == text.strip()
        assert proof.form["client_id"] == "hub"
        assert TOKEN not in repr(proof)


def _unusable(folder: Path) -> dict[str, Path]:
    """Make what somebody may have put where the assertion should be."""
    texts = {
        "empty": b"",
        "blank": b" \n\t",
        "large": b"a." * 20_000,
        "a-secret": b"s3cret",
        "no-ascii": "é.é.é".encode(),
        "two-parts": b"a.b",
        "lines": b"a.b.c\na.b.c",
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text)
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    (folder / "dangling").symlink_to(folder / "nowhere")
    names = [*texts, "folder", "pipe", "dangling", "missing"]
    return {name: folder / name for name in names} | {"nul": folder / "a\0b"}


async def test_a_file_that_cannot_be_used_is_said_to_be_so(
    tmp_path: Path,
) -> None:
    for name, path in _unusable(tmp_path).items():
        way = AssertionFile(path)
        words = "the hub cannot prove itself to Contoso"
        with capture_logs() as told, pytest.raises(ProofMissing, match=words) as caught:
            await way.prove(ASKED, now=NOW)
        assert [one["event"] for one in told] == ["signin.no_proof"]
        assert "s3cret" not in repr(told)
        assert str(tmp_path) not in str(caught.value), name
        assert caught.value.__cause__ is None
        found = await verdict(way)
        assert (found.verdict, found.what) == (
            Verdict.FAILED,
            "The hub's assertion cannot be read.",
        )
        assert found.remedy
        assert "s3cret" not in repr(found)


async def test_an_assertion_that_was_not_replaced_is_found(tmp_path: Path) -> None:
    path = tmp_path / "token"
    key = RSAKey.generate_key(2048)
    for seconds, expected in ((600, Verdict.FINE), (30, Verdict.FAILED), (-600, Verdict.FAILED)):
        ends = int(NOW.timestamp()) + seconds
        path.write_text(jwt.encode({"alg": "RS256"}, {"exp": ends}, key), encoding="ascii")
        assert (await verdict(AssertionFile(path))).verdict is expected


@given(st.binary(max_size=60) | st.text("eyJ.-_=aA0", max_size=60).map(str.encode))
async def test_any_file_is_sent_or_named(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any-assertion"
    path.write_bytes(content)
    way = AssertionFile(path)
    await way.diagnoses(NOW)
    try:
        proof = await way.prove(ASKED, now=NOW)
    except ProofMissing:
        return
    assert proof.form["client_assertion"].encode() == content.strip()
