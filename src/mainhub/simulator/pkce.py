"""Proof Key for Code Exchange, S256 only (RFC 7636)."""

import hmac
import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final

_VERIFIER: Final = re.compile(r"[A-Za-z0-9\-._~]{43,128}\Z")
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9\-_]{43}\Z")


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of *verifier* (RFC 7636, 4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).decode().rstrip("=")


def is_challenge(text: str) -> bool:
    """Say whether *text* can be an S256 challenge: 32 bytes in base64url, unpadded."""
    return _CHALLENGE.match(text) is not None


def proves(verifier: str, challenge: str) -> bool:
    """Say whether *verifier* is well formed (RFC 7636, 4.1) and the one behind *challenge*."""
    if _VERIFIER.match(verifier) is None:
        return False
    return hmac.compare_digest(challenge_of(verifier).encode(), challenge.encode())
