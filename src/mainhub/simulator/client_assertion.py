"""Assertions instead of a secret: signed with a registered certificate, or by another issuer.

The numbers follow Microsoft's list from memory and are unverified.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha1, sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey
from joserfc.jws import extract_compact

from mainhub.simulator.errors import EntraError
from mainhub.simulator.registration import Registration

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALGORITHMS: Final = ["RS256", "PS256"]
_LEEWAY: Final = 300


def issuer_of(assertion: str) -> str | None:
    """Return who claims to have made *assertion*; nothing is checked yet."""
    try:
        body = assertion.split(".")[1]
        claims = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return str(claims["iss"])
    except (ValueError, LookupError, TypeError):
        return None


def check_assertion(
    assertion: str, registration: Registration, *, audiences: frozenset[str], now: float
) -> None:
    """Check that *assertion* was made for one of *audiences* by who may make it.

    Raises:
        EntraError: not by a registered certificate (700027), out of its time (700024), of a wrong
            subject (700021), for somebody else (700023), or of an issuer that is not trusted
            (70021).
    """
    trusted = [one for one in registration.federated if one.issuer == issuer_of(assertion)]
    if trusted:
        keys = KeySet.import_key_set(dict(trusted[0].keys))  # type: ignore[arg-type]  # a JWKS
        claims = _verified(assertion, lambda _: keys)
        _require_current(claims, now)
        if claims.get("sub") != trusted[0].subject or claims.get("aud") != trusted[0].audience:
            raise EntraError.invalid_client(
                70021,
                "No matching federated identity record found for presented assertion. "
                f"Assertion issuer: '{trusted[0].issuer}'.",
            )
        return
    claims = _verified(assertion, lambda header: _certificate_key(header, registration))
    _require_current(claims, now)
    if not claims.get("iss") == claims.get("sub") == registration.client_id:
        raise EntraError.invalid_client(
            700021, "Client assertion application identifier doesn't match 'client_id' parameter."
        )
    if claims.get("aud") not in audiences:
        raise EntraError.invalid_client(
            700023, "Client assertion audience claim does not match Realm issuer."
        )


def _verified(
    assertion: str, key_of: Callable[[dict[str, object]], RSAKey | KeySet | None]
) -> dict[str, object]:
    refusal = EntraError.invalid_client(
        700027, "The certificate used to sign the client assertion is not registered."
    )
    try:
        key = key_of(dict(extract_compact(assertion.encode("ascii")).headers()))
        if key is None:
            raise refusal
        return jwt.decode(assertion, key, algorithms=_ALGORITHMS).claims
    except (JoseError, ValueError) as error:
        raise refusal from error


def _require_current(claims: dict[str, object], now: float) -> None:
    expires, begins = claims.get("exp"), claims.get("nbf", 0)
    if (
        not isinstance(expires, int | float)
        or not isinstance(begins, int | float)
        or now >= expires
        or begins > now + _LEEWAY
    ):
        raise EntraError.invalid_client(
            700024, "Client assertion is not within its valid time range."
        )


def _certificate_key(header: dict[str, object], registration: Registration) -> RSAKey | None:
    """Return the registered key that the header names: by thumbprint, or by ``kid``."""
    named = {header.get("x5t"), header.get("x5t#S256"), header.get("kid")} - {None}
    for pem in registration.certificates:
        if "CERTIFICATE" not in pem:
            key = RSAKey.import_key(pem)
            names = {key.thumbprint()}
        else:
            certificate = load_pem_x509_certificate(pem.encode())
            der = certificate.public_bytes(Encoding.DER)
            held = certificate.public_key()
            if not isinstance(held, RSAPublicKey):
                # Entra ID takes no others.
                continue
            public = held.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            key = RSAKey.import_key(public)
            # SHA-1 is what x5t is (RFC 7515, 4.1.7); it names a certificate here, no more.
            names = {_encoded(sha1(der).digest()), _encoded(sha256(der).digest())}  # noqa: S324
        if named & names:
            return key
    return None


def _encoded(digest: bytes) -> str:
    return urlsafe_b64encode(digest).decode().rstrip("=")
