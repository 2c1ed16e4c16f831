"""Proving who the hub is by signing, with the key of a certificate (``private_key_jwt``)."""

import base64
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import Certificate
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from typing_extensions import override

from mainhub.health import Diagnosis, Verdict
from mainhub.signin.client_authentication import (
    Asked,
    ClientAuthentication,
    Proof,
    assertion_proof,
)

__all__ = ["PrivateKeyJwt"]

_DOCS: Final = "docs/signin.md"
# The provider's clock may be a little behind ours.
_BEFORE: Final = timedelta(seconds=30)
_LIFETIME: Final = timedelta(minutes=5)
_SOON: Final = timedelta(days=30)
_CURVES: Final = {256: "ES256", 384: "ES384", 521: "ES512"}
_RSA: Final = ("PS256", "RS256")


@dataclass(frozen=True, slots=True)
class PrivateKeyJwt(ClientAuthentication):
    """Assertions signed with *key*, that of *certificate* (RFC 7523; OpenID Connect Core, 9).

    Each is good for five minutes and one request, and says ``iss`` and ``sub`` (the client id),
    ``aud``, ``jti`` (a GUID), ``iat``, ``exp``. What providers want beyond the RFC:

    - Entra ID documents ``alg`` PS256, ``typ`` JWT, ``x5t#S256``, ``aud`` = the token endpoint,
      ``jti`` as a GUID, ``nbf``, and ``exp`` five to ten minutes after it (learn.microsoft.com,
      "certificate credentials"); earlier versions of the page said RS256 and ``x5t``. Both
      thumbprints are sent; that it minds neither beside the other is not documented.
    - Elsewhere ``aud`` is the issuer, so that an assertion for one endpoint cannot be spent at
      another one's (draft-ietf-oauth-rfc7523bis); providers that are older than that want their
      token endpoint (*audience*). RFC 9126 has both taken at the endpoint for pushed requests.
    - RSA keys sign with RS256 unless the provider says that it takes PS256; others by their curve.

    Attributes:
        entra: whether it is for Entra ID.
        audience: whom it is meant for.
        key_id: what the provider calls the key (``kid``), if it has to be told.
    """

    key: RSAPrivateKey | EllipticCurvePrivateKey = field(repr=False)
    certificate: Certificate = field(repr=False)
    entra: bool = False
    audience: Literal["issuer", "token_endpoint"] = "issuer"
    key_id: str | None = None
    _signing: RSAKey | ECKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Read once: that takes longer than to sign.
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        kind = ECKey if isinstance(self.key, EllipticCurvePrivateKey) else RSAKey
        object.__setattr__(self, "_signing", kind.import_key(pem))

    @override
    async def prove(self, asked: Asked, *, now: datetime) -> Proof:
        begins = int((now - _BEFORE).timestamp())
        claims: dict[str, object] = {
            "iss": asked.client_id,
            "sub": asked.client_id,
            "aud": asked.issuer if self.audience == "issuer" else asked.token_endpoint,
            "jti": str(uuid.uuid4()),
            "iat": begins,
            "exp": begins + int(_LIFETIME.total_seconds()),
        }
        algorithm = self.algorithm(asked)
        header = {"alg": algorithm, "typ": "JWT", "x5t#S256": self._thumbprint(SHA256())}
        if self.key_id is not None:
            header["kid"] = self.key_id
        if self.entra:
            claims["nbf"] = begins
            # It names the certificate and vouches for nothing.
            header["x5t"] = self._thumbprint(SHA1())  # noqa: S303
        signed = jwt.encode(header, claims, self._signing, algorithms=[algorithm])
        return assertion_proof(asked, signed)

    @override
    def method(self, asked: Asked) -> str:
        return "private_key_jwt"

    @override
    async def diagnoses(self, now: datetime) -> Sequence[Diagnosis]:
        begins = self.certificate.not_valid_before_utc
        ends = self.certificate.not_valid_after_utc
        if now < begins:
            return [
                Diagnosis(
                    "The hub's client certificate is not good yet.",
                    Verdict.FAILED,
                    f"it is good from {begins:%Y-%m-%d %H:%M} UTC",
                    "Use the one before it until then; see to the clock of this machine.",
                    _DOCS,
                )
            ]
        renew = "Make a new one, register it at the provider beside this one, then set it here."
        if ends <= now:
            return [
                Diagnosis(
                    "The hub's client certificate has ended.",
                    Verdict.FAILED,
                    f"it was good until {ends:%Y-%m-%d}",
                    renew,
                    _DOCS,
                )
            ]
        if ends - now < _SOON:
            return [
                Diagnosis(
                    f"The hub's client certificate ends on {ends:%Y-%m-%d}.",
                    Verdict.WARNING,
                    f"it is good for less than {(ends - now).days + 1} days",
                    renew,
                    _DOCS,
                )
            ]
        return [Diagnosis(f"The hub's client certificate is good until {ends:%Y-%m-%d}.")]

    @override
    def algorithm(self, asked: Asked) -> str:
        if isinstance(self.key, EllipticCurvePrivateKey):
            return _CURVES[self.key.key_size]
        if self.entra:
            return "PS256"
        taken = asked.algorithms or ()
        return next((one for one in _RSA if one in taken), "RS256")

    def _thumbprint(self, algorithm: HashAlgorithm) -> str:
        digest = self.certificate.fingerprint(algorithm)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
