"""Sealing what is stored: AES-256-GCM under a ring of keys, each blob bound to its purpose.

What must be found again without being readable gets a tag: HMAC-SHA256 under such a key.

A sealed blob is ``version (1) | key id (4) | nonce (12) | ciphertext and tag``. The key that seals
is derived (HKDF-SHA256, RFC 5869) from a key of the ring, the purpose and, where given, a secret
that only the caller knows, so a blob of one purpose never opens as another (next-auth
CVE-2023-48309).
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mainhub.errors import Invalid

__all__ = ["KeyRing", "Purpose", "SealBroken"]

_VERSION: Final = b"\x01"
_KEY_ID: Final = 4
_NONCE: Final = 12
_HEAD: Final = 1 + _KEY_ID + _NONCE
_LEAST_KEY: Final = 32


class Purpose(StrEnum):
    """What a sealed blob or a tag is for; part of its key and of its associated data."""

    SIGNIN_FLOW = "signin-flow"
    SESSION_SUMMARY = "session-summary"
    SESSION_TOKENS = "session-tokens"
    PERSON_TAG = "person-tag"
    PROVIDER_SESSION_TAG = "provider-session-tag"
    SESSION_ENDS = "session-ends"


class SealBroken(Invalid):
    """The blob was altered, belongs elsewhere, or was sealed with a key not in the ring."""


class KeyRing:
    """Seals with the first key, opens with any.

    To rotate, put a new key first and drop the old one when nothing sealed with it lives any more.

    Args:
        keys: secrets of at least 32 characters, newest first.

    Raises:
        Invalid: there is no key, or one is too short.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise Invalid("the key ring is empty", remedy="Set hub.secret_keys.")
        if any(len(key) < _LEAST_KEY for key in keys):
            raise Invalid(
                f"a secret key has fewer than {_LEAST_KEY} characters",
                remedy='Make one: python -c "import secrets; print(secrets.token_urlsafe(32))"',
            )
        self._keys = {_key_id(key): key.encode() for key in keys}
        self._newest = _key_id(keys[0])
        self._sealing = {
            (key_id, purpose): _hkdf(key, purpose, "")
            for key_id, key in self._keys.items()
            for purpose in Purpose
        }
        # Without a secret, a key and a purpose give one cipher for good.
        self._ciphers = {of: AESGCM(key) for of, key in self._sealing.items()}

    def seal(self, plain: bytes, *, purpose: Purpose, context: bytes, secret: str = "") -> bytes:
        """Encrypt *plain*, bound to *purpose*, *context* (row and generation) and *secret*."""
        nonce = secrets.token_bytes(_NONCE)
        cipher = self._cipher(self._newest, purpose, secret)
        head = _VERSION + self._newest + nonce
        return head + cipher.encrypt(nonce, plain, _associated(head, purpose, context))

    def open(self, sealed: bytes, *, purpose: Purpose, context: bytes, secret: str = "") -> bytes:
        """Decrypt what :meth:`seal` made with the same purpose, context and secret.

        Raises:
            SealBroken: it was not; nothing more is told.
        """
        head, body = sealed[:_HEAD], sealed[_HEAD:]
        key_id = head[1 : 1 + _KEY_ID]
        if len(head) < _HEAD or head[:1] != _VERSION or key_id not in self._keys:
            raise SealBroken("the stored value cannot be opened")
        cipher = self._cipher(key_id, purpose, secret)
        try:
            return cipher.decrypt(head[-_NONCE:], body, _associated(head, purpose, context))
        except InvalidTag as error:
            raise SealBroken("the stored value cannot be opened") from error

    def is_newest(self, sealed: bytes) -> bool:
        """Tell whether *sealed* names the key that seals now; whether it opens is not looked at."""
        return sealed[1 : 1 + _KEY_ID] == self._newest

    def tag(self, value: str, *, purpose: Purpose) -> str:
        """Return what *value* is found again by: 64 hex digits that tell nothing of it."""
        return self._tag(self._newest, value, purpose)

    def tags(self, value: str, *, purpose: Purpose) -> tuple[str, ...]:
        """Return what :meth:`tag` gives under each key of the ring."""
        return tuple(self._tag(key_id, value, purpose) for key_id in self._keys)

    def _tag(self, key_id: bytes, value: str, purpose: Purpose) -> str:
        key = self._sealing[key_id, purpose]
        return hmac.digest(key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()

    def _cipher(self, key_id: bytes, purpose: Purpose, secret: str) -> AESGCM:
        if not secret:
            return self._ciphers[key_id, purpose]
        return AESGCM(_hkdf(self._keys[key_id], purpose, secret))


def _hkdf(key: bytes, purpose: Purpose, secret: str) -> bytes:
    # Hashed first: as a key of HMAC, a salt is the same with and without zero bytes at its end.
    salt = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
    info = b"mainhub/" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(key)


def _key_id(key: str) -> bytes:
    return hmac.digest(key.encode(), b"mainhub/key-id", hashlib.sha256)[:_KEY_ID]


def _associated(head: bytes, purpose: Purpose, context: bytes) -> bytes:
    return b"\x00".join((head[: 1 + _KEY_ID], purpose.encode(), context))
