"""How the hub proves itself is set in exactly one way, and what is wrong is one line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from mainhub.settings import Provider, SettingsInvalid, load
from mainhub.settings.client_certificate import read_client_certificate
from signin.client_certificates import made, pem_of, rsa_key

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {"certificate": "THE-CERTIFICATE", "key": "THE-KEY"}
BASE: dict[str, object] = {
    "kind": "oidc",
    "issuer": "https://id.example",
    "client_id": "hub",
}
KEY = "k" * 43


def provider(**settings: object) -> Provider:
    preset = {"hub": {"secret_keys": [KEY]}, "identity": {"main": {**BASE, **settings}}}
    (one,) = load(config=None, environ={}, preset=preset).settings.require_serving().providers
    return one


def problem(**settings: object) -> str:
    with pytest.raises(SettingsInvalid) as caught:
        provider(**settings)
    (line,) = caught.value.problems
    assert "PRIVATE" not in line or "-----BEGIN PRIVATE KEY-----" in line
    return line


def test_a_certificate_and_its_key_stand_in_one_text_or_in_two() -> None:
    one = made()
    for settings in (
        {"client_certificate": one.certificate, "client_key": one.key},
        {"client_certificate": one.key + one.certificate},
        {"client_certificate": one.certificate + made(rsa_key(2048, 1)).certificate + one.key},
        {"client_certificate": (one.certificate + one.key).replace("\n", "\\n")},
    ):
        found = provider(**settings)
        assert found.client_secret is None
        assert found.client_certificate is not None
        assert found.client_certificate.certificate == one.x509
        assert found.client_assertion_audience == "issuer"
        assert "PRIVATE" not in repr(found)


def test_files_serve_as_well(tmp_path: Path) -> None:
    one = made()
    for name, text in (("cert.pem", one.certificate), ("key.pem", one.key)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    configuration = load(
        config=None,
        environ={
            "MAINHUB_IDENTITY__MAIN__CLIENT_CERTIFICATE_FILE": str(tmp_path / "cert.pem"),
            "MAINHUB_IDENTITY__MAIN__CLIENT_KEY_FILE": str(tmp_path / "key.pem"),
        },
        preset={"hub": {"secret_keys": [KEY]}, "identity": {"main": BASE}},
    )
    (found,) = configuration.settings.require_serving().providers
    assert found.client_certificate is not None
    shown = " ".join(str(row) for row in configuration.rows())
    assert "BEGIN" not in shown


def test_a_path_to_an_assertion_is_enough() -> None:
    found = provider(client_assertion_path="/var/run/secrets/token")
    assert str(found.client_assertion_path) == "/var/run/secrets/token"


@pytest.mark.parametrize("first", ["client_secret", "client_certificate"])
@pytest.mark.parametrize("second", ["client_certificate", "client_assertion_path"])
def test_two_ways_are_one_too_many(first: str, second: str) -> None:
    if first == second:
        return
    line = problem(**{first: "x", second: "y"})
    assert re.fullmatch(
        rf".*identity\.main\.{second}: the hub proves itself in one way, and {first} is set, too; "
        r"remove one of them.*",
        line,
    ), line


def test_no_way_is_one_too_few() -> None:
    assert problem() == "identity.main is not complete: set identity.main.client_secret"


def _ed25519() -> str:
    key = ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_each_fault_of_a_certificate_is_one_line_with_its_remedy() -> None:
    one, other = made(), made(rsa_key(2048, 1))
    p192 = made(ec.generate_private_key(ec.SECP256K1()))
    small = made(rsa_key(1024))
    damaged = one.certificate.replace("MII", "AAA", 1)
    where, key = "identity.main.client_certificate", "identity.main.client_key"
    cases: list[tuple[str, str | None, str]] = [
        (one.certificate, None, f"{where} holds no private key"),
        (one.certificate, one.certificate, f"{key} holds no private key"),
        (one.certificate, other.key, f"{key}: the key does not belong to the certificate"),
        (one.certificate + other.key, None, f"{where}: the key does not belong"),
        (one.key, None, f"{where} holds no certificate"),
        ("nonsense", one.key, f"{where} holds no certificate"),
        (damaged, one.key, f"{where} is damaged"),
        (one.certificate, pem_of(rsa_key(), "locked"), f"{key}: the private key is encrypted"),
        (one.certificate, one.key.replace("MII", "AAA", 1), f"{key}: the private key is damaged"),
        (one.certificate, _ed25519(), f"{key}: expected an RSA key"),
        (p192.certificate, p192.key, f"{key}: expected one of the curves"),
        (small.certificate, small.key, f"{key} has 1024 bits"),
    ]
    for certificate, private, words in cases:
        settings = {"client_certificate": certificate}
        line = problem(**settings if private is None else {**settings, "client_key": private})
        assert line.startswith(words), (line, words)
        assert "\n" not in line


def test_a_key_alone_is_nothing() -> None:
    line = problem(client_key=made().key)
    assert line == (
        "identity.main.client_key needs its certificate: set identity.main.client_certificate"
    )


def test_entra_takes_rsa_alone() -> None:
    curve = made(ec.generate_private_key(ec.SECP256R1()))
    assert provider(client_certificate=curve.certificate + curve.key).client_certificate
    with pytest.raises(ValueError, match="Entra ID takes RSA keys only"):
        read_client_certificate(curve.certificate, curve.key, names=NAMES, entra=True)


_BLOCKS = st.sampled_from([made().certificate, made().key, made().key[:200], made().public_key])


@given(st.lists(st.text() | _BLOCKS).map("\n".join), st.none() | st.text() | _BLOCKS)
def test_any_text_is_a_certificate_or_one_line(certificate: str, key: str | None) -> None:
    try:
        read_client_certificate(certificate, key, names=NAMES, entra=False)
    except ValueError as error:
        line = str(error)
    else:
        line = "THE-KEY is well"
    assert line.startswith(("THE-CERTIFICATE", "THE-KEY"))
    assert "\n" not in line
