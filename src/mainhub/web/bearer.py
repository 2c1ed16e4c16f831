"""Bearer tokens in requests (RFC 6750): how they are read, and what is said where one is refused.

A request that brings one is judged by it alone. Its cookie counts for nothing then, so that a page
that is no page of ours, or a program with a person's cookie jar, never mixes two people's powers,
and so that no sign against cross-site requests is needed: no browser adds this header by itself.
"""

import string
from collections.abc import Iterable
from typing import ClassVar, Final

from mainhub.errors import Invalid, Refused

__all__ = [
    "REALM",
    "BearerMalformed",
    "BearerRefused",
    "ScopeMissing",
    "SessionNeeded",
    "bearer_of",
    "brings_bearer",
]

REALM: Final = "MainHub"
_NAME: Final = b"authorization"
_SCHEME: Final = b"bearer"
# RFC 6750, section 2.1: b64token. Longer ones are no tokens of a provider that we know.
_LONGEST: Final = 16 * 1024
_SIGNS: Final = (string.ascii_letters + string.digits + "-._~+/").encode()


class BearerMalformed(Invalid):
    """The request holds a bearer token in a way that cannot be read (400, ``invalid_request``)."""


class BearerRefused(Refused):
    """The token proves nothing to this hub (401, ``invalid_token``)."""


class ScopeMissing(Refused):
    """The token is genuine, and does not reach this far (403, ``insufficient_scope``)."""

    def __init__(self, message: str, *, scope: str, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.scope = scope


class SessionNeeded(Refused):
    """Something is offered to people in a browser only: whoever calls has no session."""

    kind: ClassVar[str] = "session-needed"
    headline: ClassVar[str] = "This needs a session"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} is there for people who are signed in in a browser.",
            remedy="Call without a bearer token, with a session's cookie.",
        )


def brings_bearer(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Say whether *headers* (names in lower case) hold a bearer token, readable or not."""
    return any(name == _NAME and _is_bearer(value) for name, value in headers)


def bearer_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the bearer token in *headers* (names in lower case), or ``None``.

    Other schemes are not ours, and are left alone. Tokens in a query or a form are never read
    (RFC 6750, sections 2.2 and 2.3): they would stand in logs.

    Raises:
        BearerMalformed: there are several, or what follows the scheme is none.
    """
    given = [value for name, value in headers if name == _NAME]
    if not any(map(_is_bearer, given)):
        return None
    if len(given) > 1:
        raise BearerMalformed("There is more than one Authorization.", remedy="Send one.")
    token = given[0][len(_SCHEME) :].strip(b" ")
    plain = token.rstrip(b"=")
    if len(token) > _LONGEST or not plain or plain.translate(None, _SIGNS):
        raise BearerMalformed(
            "What follows Bearer is no token.",
            remedy="Send Authorization: Bearer, one space, and the access token.",
        )
    return token.decode("ascii")


def _is_bearer(value: bytes) -> bool:
    size = len(_SCHEME)
    return value[:size].lower() == _SCHEME and value[size : size + 1] in {b"", b" "}
