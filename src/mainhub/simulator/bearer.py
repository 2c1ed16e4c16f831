"""How a service of the company checks an access token, without ever keeping or logging it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import extract_compact

from mainhub.simulator.claims_request import demanded_since
from mainhub.simulator.published_keys import PublishedKeys

_LEEWAY: Final = 30
_LONGEST: Final = 32 * 1024
_SCOPE: Final = "access_as_user"


class InvalidToken(Exception):
    """The token proves nothing; the text says why, for the caller's developer."""


class InsufficientScope(Exception):
    """The token is genuine, but not meant for acting as a user here."""


class InsufficientClaims(Exception):
    """The token is genuine, but does not carry what is demanded: *claims*, as JSON."""

    def __init__(self, sentence: str, claims: str) -> None:
        super().__init__(sentence)
        self.claims = claims


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who acts through the token."""

    oid: str
    name: str
    roles: frozenset[str]
    contexts: frozenset[str] = frozenset()


class BearerTokens:
    """Checks access tokens of *issuer* for *audience*; *epoch* tells the seconds since 1970.

    *revoked_since* is what the tenant tells of a person, by their oid.
    """

    def __init__(
        self,
        keys: PublishedKeys,
        *,
        issuer: str,
        audience: str,
        epoch: Callable[[], float] = time.time,
        revoked_since: Callable[[str], int | None] = lambda _: None,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        # A tenant may give out tokens of version 1.0, by the same keys and under its old name.
        tenant = issuer.removesuffix("/v2.0").rpartition("/")[2]
        self._v1_issuer = f"https://sts.windows.net/{tenant}/"
        self._epoch = epoch
        self._revoked_since = revoked_since

    async def check(self, token: str) -> Caller:
        """Return who is behind *token*.

        Raises:
            InvalidToken: no genuine, current token of the issuer for this audience.
            InsufficientClaims: genuine, and revoked since.
            InsufficientScope: genuine, without the scope ``access_as_user``.
            KeysUnavailable: the issuer's keys are not known.
        """
        claims = await self._verified(token)
        self._require_current(claims)
        audiences = {self._issuer: self._audience, self._v1_issuer: f"api://{self._audience}"}
        issuer = str(claims.get("iss"))
        if issuer not in audiences:
            raise InvalidToken("The token comes from another issuer.")
        if claims.get("aud") != audiences[issuer]:
            raise InvalidToken("The token is meant for another audience.")
        oid, name, roles = claims.get("oid"), claims.get("name"), claims.get("roles", [])
        if not isinstance(oid, str):
            raise InvalidToken("The token names nobody.")
        self._require_unrevoked(oid, claims)
        if _SCOPE not in str(claims.get("scp", "")).split(" "):
            raise InsufficientScope
        return Caller(
            oid=oid,
            name=name if isinstance(name, str) else oid,
            roles=_texts(roles),
            contexts=_texts(claims.get("acrs")),
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

    def _require_unrevoked(self, oid: str, claims: dict[str, object]) -> None:
        """Refuse what the tenant has revoked since, as continuous access evaluation does.

        Who did not say that it understands the demand (``cp1``) is let be until the token ends.
        """
        since, issued = self._revoked_since(oid), claims.get("iat")
        if since is None or "cp1" not in _texts(claims.get("xms_cc")):
            return
        if not isinstance(issued, int) or issued < since:
            raise InsufficientClaims(
                "The session behind the token was revoked.", demanded_since(since)
            )

    def _require_current(self, claims: dict[str, object]) -> None:
        now, expires, begins = self._epoch(), claims.get("exp"), claims.get("nbf")
        if not _is_number(expires) or not _is_number(begins):
            raise InvalidToken("The token does not say when it is valid.")
        if now >= float(str(expires)) + _LEEWAY:
            raise InvalidToken("The token has expired.")
        if now < float(str(begins)) - _LEEWAY:
            raise InvalidToken("The token is not valid yet.")


def _texts(told: object) -> frozenset[str]:
    return frozenset(map(str, told)) if isinstance(told, list) else frozenset()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
