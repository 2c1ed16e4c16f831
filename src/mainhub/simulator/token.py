"""The token endpoint: a code or a refresh token becomes tokens."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mainhub.simulator import pkce
from mainhub.simulator.accounts import Account
from mainhub.simulator.claims import access_token_claims, granted_scope, id_token_claims
from mainhub.simulator.client_authentication import authenticate
from mainhub.simulator.errors import EntraError
from mainhub.simulator.grants import Grant, NewRefreshToken, Spent
from mainhub.simulator.parameters import form_parameters
from mainhub.simulator.refusals import json_refusal
from mainhub.simulator.scopes import Scopes, parse_scopes
from mainhub.simulator.tenant import Tenant


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """``POST /{tenant}/oauth2/v2.0/token``."""

    tenant: Tenant

    async def respond(self, request: Request) -> Response:
        """Answer with tokens, or with Microsoft's error body."""
        authorization = request.headers.get("authorization")
        try:
            self.tenant.require(request.path_params["tenant"])
            parameters = await form_parameters(request)
            authenticate(self.tenant.registration, parameters, authorization=authorization)
            return JSONResponse(self._tokens(parameters))
        except EntraError as error:
            answer = json_refusal(self.tenant, request, error)
            if error.error == "invalid_client" and authorization is not None:
                # RFC 6749, 5.2: the scheme that the client tried.
                answer.headers["WWW-Authenticate"] = 'Basic realm="Simulated Microsoft Entra ID"'
            return answer

    def _tokens(self, parameters: Mapping[str, str]) -> dict[str, object]:
        kind = parameters.get("grant_type")
        if kind is None:
            raise EntraError.missing("grant_type")
        if kind == "authorization_code":
            return self._redeem(parameters)
        if kind == "refresh_token":
            return self._refresh(parameters)
        raise EntraError(
            "unsupported_grant_type",
            70003,
            f"The app requested an unsupported grant type '{kind}'.",
        )

    def _redeem(self, parameters: Mapping[str, str]) -> dict[str, object]:
        code = _required(parameters, "code")
        issued = self.tenant.grants.code(code)
        if issued is None:
            raise EntraError.invalid_grant(70000, "The provided authorization code is not valid.")
        grant, now = issued.grant, self.tenant.now()
        if grant.client_id != self.tenant.registration.client_id:
            raise EntraError.invalid_grant(70000, "The code was issued to another application.")
        if _required(parameters, "redirect_uri") != issued.redirect_uri:
            raise EntraError.invalid_grant(
                500112,
                "The reply address does not match the reply address provided when requesting the "
                "authorization code.",
            )
        if not pkce.proves(_required(parameters, "code_verifier"), issued.challenge):
            raise EntraError.invalid_grant(
                501481,
                "The Code_Verifier does not match the code_challenge supplied in the authorization "
                "request.",
            )
        granted = self._scopes(grant.scope)
        scopes = self._scopes(parameters.get("scope", grant.scope))
        if scopes.mixed:
            raise EntraError.mixed_scopes()
        if not scopes.within(granted):
            raise EntraError.invalid_scope(parameters["scope"])
        account = self._account(grant)
        late = now >= issued.expires_at
        successor = None if late or "offline_access" not in granted else self._successor(now)
        # Spent even when it is late: a replay ends the family, however long it took.
        spent = self.tenant.grants.spend_code(code, grant, successor=successor, now=now)
        if spent is Spent.BEFORE:
            raise EntraError.invalid_grant(54005, "OAuth2 Authorization code was already redeemed.")
        if late:
            raise EntraError.invalid_grant(
                70008, "The provided authorization code has expired. Send a new one."
            )
        return self._answer(account, grant, scopes, granted, successor, nonce=issued.nonce)

    def _refresh(self, parameters: Mapping[str, str]) -> dict[str, object]:
        token = _required(parameters, "refresh_token")
        known = self.tenant.grants.refresh_token(token)
        if known is None:
            raise EntraError.invalid_grant(
                50173, "The provided grant is not valid or has been revoked. Sign in again."
            )
        (grant, expires_at), now = known, self.tenant.now()
        if grant.client_id != self.tenant.registration.client_id:
            raise EntraError.invalid_grant(70000, "The token was issued to another application.")
        if now >= expires_at:
            raise EntraError.invalid_grant(700082, "The refresh token has expired.")
        granted = self._scopes(grant.scope)
        # A refresh token is good for every resource that the application has consent for.
        scopes = self._scopes(parameters.get("scope", grant.scope))
        if scopes.mixed:
            raise EntraError.mixed_scopes()
        account = self._account(grant)
        successor = self._successor(now)
        spent = self.tenant.grants.spend_refresh_token(token, grant, successor=successor, now=now)
        if spent is Spent.BEFORE:
            raise EntraError.invalid_grant(
                50173,
                "The refresh token was used before; every token that came from it is revoked.",
            )
        return self._answer(account, grant, scopes, granted, successor, nonce=None)

    def _answer(
        self,
        account: Account,
        grant: Grant,
        scopes: Scopes,
        granted: Scopes,
        refresh_token: NewRefreshToken | None,
        *,
        nonce: str | None,
    ) -> dict[str, object]:
        tenant = self.tenant
        seconds = int(tenant.lifetimes.token.total_seconds())
        claims = access_token_claims(tenant, account, grant, scopes=scopes)
        answer: dict[str, object] = {
            "token_type": "Bearer",
            "scope": granted_scope(
                scopes, application_id_uri=tenant.registration.application_id_uri
            ),
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": tenant.keys.sign(claims),
        }
        if refresh_token is not None:
            answer["refresh_token"] = refresh_token.token
        if "openid" in granted:
            claims = id_token_claims(tenant, account, grant, scopes=granted, nonce=nonce)
            answer["id_token"] = tenant.keys.sign(claims)
        return answer

    def _scopes(self, text: str) -> Scopes:
        uri = self.tenant.registration.application_id_uri
        return parse_scopes(text, application_id_uri=uri)

    def _account(self, grant: Grant) -> Account:
        account = self.tenant.account(grant.oid)
        if account is None:
            raise EntraError.invalid_grant(50034, "The user account does not exist in the tenant.")
        return account

    def _successor(self, now: int) -> NewRefreshToken:
        lifetime = int(self.tenant.lifetimes.refresh_token.total_seconds())
        return NewRefreshToken(token=f"1.{self.tenant.random(48)}", expires_at=now + lifetime)


def _required(parameters: Mapping[str, str], name: str) -> str:
    if name not in parameters:
        raise EntraError.missing(name)
    return parameters[name]
