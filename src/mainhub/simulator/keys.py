"""The tenant's signing keys, in files that only their owner reads; the first is made at start."""

import os
from pathlib import Path
from typing import Final, Self

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

ALGORITHM: Final = "RS256"


_CURRENT: Final = "signing-key.pem"
_RETIRED: Final = "retired-key-*.pem"


class SigningKeys:
    """The key behind every token, the ones before it, and what the world may see of them."""

    def __init__(
        self, key: RSAKey, *, retired: tuple[RSAKey, ...] = (), folder: Path | None = None
    ) -> None:
        self._keys = (key, *retired)
        self._folder = folder
        self._forget_at: float | None = None

    @classmethod
    def kept_in(cls, folder: Path) -> Self:
        """Return the keys of *folder*, made now if absent; two starts at once agree on one."""
        path = folder / _CURRENT
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            fresh = _written(folder)
            try:
                # A link appears whole or not at all, and never over the key of another process.
                path.hardlink_to(fresh)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        old = sorted(folder.glob(_RETIRED), reverse=True)
        retired = tuple(RSAKey.import_key(one.read_bytes()) for one in old)
        return cls(RSAKey.import_key(path.read_bytes()), retired=retired, folder=folder)

    @property
    def kid(self) -> str:
        """Return the name of the key that signs."""
        return self._keys[0].thumbprint()

    @property
    def kids(self) -> tuple[str, ...]:
        """Return the names of all published keys; the first one signs."""
        return tuple(key.thumbprint() for key in self._keys)

    def rotate(self, *, forget: bool = False, forget_at: float | None = None) -> str:
        """Sign with a new key from now on, and return its name.

        The old ones stay published, so that what they signed is still good, unless they are to be
        *forgotten* at once, or by `forget_due` once it is *forget_at*, in seconds since 1970.
        """
        self._forget_at = forget_at
        if self._folder is not None:
            number = len(list(self._folder.glob(_RETIRED)))
            current = self._folder / _CURRENT
            (self._folder / f"retired-key-{number:03}.pem").hardlink_to(current)
            _written(self._folder).replace(current)
            self._keys = (RSAKey.import_key(current.read_bytes()), *self._keys)
        else:
            self._keys = (RSAKey.generate_key(2048), *self._keys)
        if forget:
            self.forget_old()
        return self.kid

    def forget_due(self, now: float) -> None:
        """Forget the old keys if their time has come."""
        if self._forget_at is not None and now >= self._forget_at:
            self._forget_at = None
            self.forget_old()

    def forget_old(self) -> None:
        """Publish only the key that signs: what the old ones signed is worth nothing."""
        self._keys = self._keys[:1]
        for old in self._folder.glob(_RETIRED) if self._folder is not None else ():
            old.unlink()

    def sign(self, claims: dict[str, object], *, typ: str = "JWT") -> str:
        """Return *claims* as a signed JWT."""
        header = {"typ": typ, "alg": ALGORITHM, "kid": self.kid}
        return jwt.encode(header, claims, self._keys[0], algorithms=[ALGORITHM])

    def verified(self, token: str) -> dict[str, object]:
        """Return the claims of a token that is signed by us; their times are not looked at.

        Raises:
            JoseError: it is not.
            ValueError: it is no token at all.
        """
        keys = KeySet([_named(key) for key in self._keys])
        return jwt.decode(token, keys, algorithms=[ALGORITHM]).claims

    def published(self, *, issuer: str) -> dict[str, object]:
        """Return the JWKS; like Entra, each key names its issuer and no ``alg``."""
        return {
            "keys": [
                {
                    **key.as_dict(private=False),
                    "kid": key.thumbprint(),
                    "use": "sig",
                    "issuer": issuer,
                }
                for key in self._keys
            ]
        }


def _named(key: RSAKey) -> RSAKey:
    return RSAKey.import_key({**key.as_dict(private=False), "kid": key.thumbprint()})


def _written(folder: Path) -> Path:
    """Return a file with a new key, which only its owner reads."""
    fresh = folder / f".signing-key.{os.getpid()}"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(RSAKey.generate_key(2048).as_pem(private=True))
        file.flush()
        os.fsync(file.fileno())
    return fresh
