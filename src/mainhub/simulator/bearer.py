"""How a service of the company checks an access token, without ever keeping or logging it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import extract_compact

from mainhub.simulator.published_keys import PublishedKeys

_LEEWAY: Final = 30
_LONGEST: Final = 32 * 1024
_SCOPE: Final = "access_as_user"


class InvalidToken(Exception):
    """The token proves nothing; the text says why, for the caller's developer."""


class InsufficientScope(Exception):
    """The token is genuine, but not meant for acting as a user here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who acts through the token."""

    oid: str
    name: str
    roles: frozenset[str]


class BearerTokens:
    """Checks access tokens of *issuer* for *audience*; *epoch* tells the seconds since 1970."""

    def __init__(
        self,
        keys: PublishedKeys,
        *,
        issuer: str,
        audience: str,
        epoch: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._epoch = epoch

    async def check(self, token: str) -> Caller:
        """Return who is behind *token*.

        Raises:
            InvalidToken: no genuine, current token of the issuer for this audience.
            InsufficientScope: genuine, without the scope ``access_as_user``.
            KeysUnavailable: the issuer's keys are not known.
        """
        claims = await self._verified(token)
        self._require_current(claims)
        if claims.get("iss") != self._issuer:
            raise InvalidToken("The token comes from another issuer.")
        if claims.get("aud") != self._audience:
            raise InvalidToken("The token is meant for another audience.")
        oid, name, roles = claims.get("oid"), claims.get("name"), claims.get("roles", [])
        if not isinstance(oid, str):
            raise InvalidToken("The token names nobody.")
        if _SCOPE not in str(claims.get("scp", "")).split(" "):
            raise InsufficientScope
        return Caller(
            oid=oid,
            name=name if isinstance(name, str) else oid,
            roles=frozenset(map(str, roles)) if isinstance(roles, list) else frozenset(),
        )

    async def _verified(self, token: str) -> dict[str, object]:
        try:
            if len(token) > _LONGEST:
                raise InvalidToken("The token is too long.")
            header = extract_compact(token.encode("ascii")).headers()
            kid = header.get("kid")
            if header.get("alg") != "RS256" or not isinstance(kid, str):
                raise InvalidToken("The token is not signed with RS256 by a named key.")
            key = await self._keys.find(kid)
            if key is None:
                raise InvalidToken("The issuer does not publish the key of the token.")
            return jwt.decode(token, key, algorithms=["RS256"]).claims
        except (JoseError, ValueError) as error:
            raise InvalidToken("The token or its signature is not valid.") from error

    def _require_current(self, claims: dict[str, object]) -> None:
        now, expires, begins = self._epoch(), claims.get("exp"), claims.get("nbf")
        if not _is_number(expires) or not _is_number(begins):
            raise InvalidToken("The token does not say when it is valid.")
        if now >= float(str(expires)) + _LEEWAY:
            raise InvalidToken("The token has expired.")
        if now < float(str(begins)) - _LEEWAY:
            raise InvalidToken("The token is not valid yet.")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
