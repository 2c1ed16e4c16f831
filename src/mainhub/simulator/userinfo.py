"""What the access token of a person tells about them: the userinfo endpoint."""

from dataclasses import dataclass

from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mainhub.simulator.accounts import Account
from mainhub.simulator.claims import pairwise_subject
from mainhub.simulator.conduct import Switch
from mainhub.simulator.tenant import Tenant


@dataclass(frozen=True, slots=True)
class PersonBehind:
    """Finds the person behind the access token of a request."""

    tenant: Tenant

    def of(self, request: Request) -> tuple[Account, dict[str, object]] | None:
        """Return the person and the claims of the token, or ``None`` if it proves nothing."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            claims = self.tenant.keys.verified(token) if scheme.lower() == "bearer" else {}
        except (JoseError, ValueError):
            return None
        account = self.tenant.account(str(claims.get("oid", "")))
        expires = claims.get("exp")
        if account is None or not isinstance(expires, int) or expires <= self.tenant.now():
            return None
        return account, claims


@dataclass(frozen=True, slots=True)
class Userinfo:
    """``GET`` or ``POST /graph/oidc/userinfo``, and ``/op/oauth2/v2.0/userinfo``."""

    tenant: Tenant

    async def respond(self, request: Request) -> Response:
        """Answer the claims of the person; ``sub`` is that of the application's id_token."""
        found = PersonBehind(self.tenant).of(request)
        if found is None:
            challenge = 'Bearer error="invalid_token"'
            return JSONResponse(
                {"error": "invalid_token"}, 401, headers={"WWW-Authenticate": challenge}
            )
        account, claims = found
        subject = pairwise_subject(account.oid, str(claims.get("azp", claims.get("appid"))))
        conduct = self.tenant.conduct
        if conduct.value(Switch.USERINFO, oid=account.oid) == "wrong-sub":
            conduct.use(Switch.USERINFO, oid=account.oid)
            subject = pairwise_subject(account.oid, "somebody else")
        return JSONResponse(
            {
                "sub": subject,
                "name": account.name,
                "given_name": account.given_name,
                "family_name": account.family_name,
                "email": account.address,
            }
        )
