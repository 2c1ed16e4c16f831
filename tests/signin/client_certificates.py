"""Certificates as an operator makes them, and what is written of them into settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def rsa_key(bits: int = 2048, number: int = 0) -> rsa.RSAPrivateKey:
    """Return a key, the same for the same *number*: making one takes long."""
    del number
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@dataclass(frozen=True)
class Made:
    """A key, its certificate, and both in PEM."""

    private: Key
    x509: x509.Certificate

    @property
    def key(self) -> str:
        return pem_of(self.private)

    @property
    def certificate(self) -> str:
        return self.x509.public_bytes(Encoding.PEM).decode()

    @property
    def public_key(self) -> str:
        public = self.private.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def pem_of(key: Key, passphrase: str | None = None) -> str:
    """Return *key* in PEM, locked by *passphrase* if there is one."""
    locked = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked).decode()


def made(
    key: Key | None = None,
    *,
    begins: timedelta = timedelta(days=-1),
    lasts: timedelta = timedelta(days=365),
    now: datetime | None = None,
) -> Made:
    """Return a self-signed certificate that begins at *now* + *begins* and ends *lasts* later."""
    private = key or rsa_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub.example.com")])
    start = (now or datetime.now(UTC)) + begins
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lasts)
        .sign(private, hashes.SHA256())
    )
    return Made(private, certificate)
