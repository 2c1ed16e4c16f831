"""The tenant's signing key: made at the first start, kept in a file that only its owner reads."""

import os
from pathlib import Path
from typing import Final, Self

from joserfc import jwt
from joserfc.jwk import RSAKey

ALGORITHM: Final = "RS256"


class SigningKeys:
    """The key behind every token, and what the world may see of it."""

    def __init__(self, key: RSAKey) -> None:
        self._key = key
        self._kid = key.thumbprint()

    @classmethod
    def kept_in(cls, folder: Path) -> Self:
        """Return the key of *folder*, made now if absent; two starts at once agree on one."""
        path = folder / "signing-key.pem"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            pem = RSAKey.generate_key(2048).as_pem(private=True)
            fresh = folder / f".signing-key.{os.getpid()}"
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
            try:
                # A link appears whole or not at all, and never over the key of another process.
                path.hardlink_to(fresh)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return cls(RSAKey.import_key(path.read_bytes()))

    def sign(self, claims: dict[str, object]) -> str:
        """Return *claims* as a signed JWT."""
        header = {"typ": "JWT", "alg": ALGORITHM, "kid": self._kid}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])

    def published(self, *, issuer: str) -> dict[str, object]:
        """Return the JWKS; like Entra, each key names its issuer and no ``alg``."""
        public = self._key.as_dict(private=False)
        return {"keys": [{**public, "kid": self._kid, "use": "sig", "issuer": issuer}]}
