"""The certificate by which the hub proves itself to a provider, read from PEM."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import Certificate, load_pem_x509_certificate

__all__ = ["ClientCertificate", "read_client_certificate"]

_BLOCK: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_LEAST_RSA: Final = 2048
_CURVES: Final = frozenset({"secp256r1", "secp384r1", "secp521r1"})

Key = RSAPrivateKey | EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate and its private key."""

    key: Key = field(repr=False)
    certificate: Certificate = field(repr=False)


def read_client_certificate(
    certificate: str, key: str | None, *, names: Mapping[str, str], entra: bool
) -> ClientCertificate:
    """Return the certificate in the PEM text *certificate*, with its key from there or *key*.

    Of several certificates, such as a chain, the one of the key counts. *names* is what people call
    the two texts: ``certificate`` and ``key``.

    Raises:
        ValueError: one line that says what is wrong, with its remedy, and nothing of the texts.
    """
    blocks = list(_blocks(certificate))
    held = _blocks(key) if key is not None else blocks
    private = _private_key(held, names["certificate" if key is None else "key"], names)
    _require_strength(private, names, entra=entra)
    try:
        found = [load_pem_x509_certificate(pem) for kind, pem in blocks if kind == "CERTIFICATE"]
        of_key = [one for one in found if one.public_key() == private.public_key()]
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(
            f"{names['certificate']} is damaged: set the whole PEM text of the certificate"
        ) from None
    if not found:
        raise ValueError(
            f"{names['certificate']} holds no certificate: set its PEM text, which begins with "
            "-----BEGIN CERTIFICATE-----"
        )
    if of_key:
        return ClientCertificate(private, of_key[0])
    raise ValueError(
        f"{names['key' if key is not None else 'certificate']}: the key does not belong to the "
        "certificate; set the two that were made together"
    )


def _blocks(text: str) -> list[tuple[str, bytes]]:
    if "\n" not in text:
        # An environment variable that was written on one line.
        text = text.replace("\\n", "\n")
    return [(found[1], found[0].encode()) for found in _BLOCK.finditer(text)]


def _private_key(blocks: list[tuple[str, bytes]], where: str, names: Mapping[str, str]) -> Key:
    pems = [pem for kind, pem in blocks if kind.endswith("PRIVATE KEY")]
    if not pems:
        raise ValueError(
            f"{where} holds no private key: set the PEM text that begins with -----BEGIN PRIVATE "
            f"KEY----- as {names['key']}"
        )
    try:
        read = load_pem_private_key(pems[0], password=None)
    except TypeError:
        raise ValueError(
            f"{where}: the private key is encrypted; set it without a passphrase: "
            "openssl pkey -in KEY -out PLAIN"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(f"{where}: the private key is damaged, or of an unknown kind") from None
    if not isinstance(read, RSAPrivateKey | EllipticCurvePrivateKey):
        raise ValueError(  # noqa: TRY004 - people hear of values alone
            f"{where}: expected an RSA key, or one of the curves P-256, P-384, P-521"
        )
    return read


def _require_strength(key: Key, names: Mapping[str, str], *, entra: bool) -> None:
    where = names["key"]
    if isinstance(key, RSAPrivateKey):
        if key.key_size < _LEAST_RSA:
            raise ValueError(f"{where} has {key.key_size} bits; make one of {_LEAST_RSA} or more")
        return
    if entra:
        raise ValueError(f"{where}: Entra ID takes RSA keys only; make one of 2048 bits or more")
    if key.curve.name not in _CURVES:
        raise ValueError(f"{where}: expected one of the curves P-256, P-384, P-521, or RSA")
