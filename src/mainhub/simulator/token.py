"""The token endpoint: a code or a refresh token becomes tokens."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mainhub.simulator import pkce
from mainhub.simulator.accounts import Account
from mainhub.simulator.application_token import application_token
from mainhub.simulator.client_authentication import Client, authenticate
from mainhub.simulator.errors import EntraError
from mainhub.simulator.grants import Grant, Spent
from mainhub.simulator.on_behalf_of import JWT_BEARER, on_behalf_of
from mainhub.simulator.parameters import form_parameters
from mainhub.simulator.realms import Realm
from mainhub.simulator.refusals import json_refusal
from mainhub.simulator.registration import Registration
from mainhub.simulator.tenant import Tenant
from mainhub.simulator.token_answer import Allowed, required, successor, token_answer, with_claims
from mainhub.simulator.token_refusals import refuse_application, refuse_code, refuse_person
from mainhub.simulator.version1 import scoped, version_of


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """``POST /{tenant}/oauth2/v2.0/token``."""

    tenant: Tenant

    async def respond(self, request: Request) -> Response:
        """Answer with tokens, or with Microsoft's error body."""
        authorization = request.headers.get("authorization")
        try:
            realm = self.tenant.realm(request.path_params["tenant"])
            parameters = self._asked(request, await form_parameters(request))
            client = authenticate(self.tenant, parameters, authorization=authorization, realm=realm)
            refuse_application(self.tenant)
            return JSONResponse(self._tokens(parameters, client, realm))
        except EntraError as error:
            answer = json_refusal(self.tenant, request, error)
            if error.error == "invalid_client" and authorization is not None:
                # RFC 6749, 5.2: the scheme that the client tried.
                answer.headers["WWW-Authenticate"] = 'Basic realm="Simulated Microsoft Entra ID"'
            return answer

    def _asked(self, request: Request, parameters: Mapping[str, str]) -> Mapping[str, str]:
        """Return *parameters* with the scope that a ``resource`` of version 1.0 means."""
        if "resource" not in parameters:
            return parameters
        return scoped(parameters, self.tenant.registration, version=version_of(request))

    def _tokens(
        self, parameters: Mapping[str, str], client: Client, realm: Realm
    ) -> dict[str, object]:
        kind = required(parameters, "grant_type")
        if kind == "client_credentials":
            return application_token(self.tenant, parameters, client, realm)
        if not client.redirect_uris:
            raise EntraError(
                "unauthorized_client", 700016, "The application signs in as itself only."
            )
        if kind == "authorization_code":
            return self._redeem(parameters, realm, client.client_id)
        if kind == "refresh_token":
            return self._refresh(parameters, realm, client.client_id)
        if kind == JWT_BEARER and isinstance(client, Registration):
            return on_behalf_of(self.tenant, parameters)
        raise EntraError(
            "unsupported_grant_type",
            70003,
            f"The app requested an unsupported grant type '{kind}'.",
        )

    def _redeem(
        self, parameters: Mapping[str, str], realm: Realm, client_id: str
    ) -> dict[str, object]:
        code = required(parameters, "code")
        issued = self.tenant.grants.code(code)
        if issued is None:
            raise EntraError.invalid_grant(70000, "The provided authorization code is not valid.")
        grant, now = issued.grant, self.tenant.now()
        _require_own(grant, realm, client_id)
        if required(parameters, "redirect_uri") != issued.redirect_uri:
            raise EntraError.invalid_grant(
                500112,
                "The reply address does not match the reply address provided when requesting the "
                "authorization code.",
            )
        if not pkce.proves(required(parameters, "code_verifier"), issued.challenge):
            raise EntraError.invalid_grant(
                501481,
                "The Code_Verifier does not match the code_challenge supplied in the authorization "
                "request.",
            )
        refuse_code(self.tenant, grant)
        grant = with_claims(grant, parameters)
        granted = self.tenant.registration.scopes(grant.scope)
        scopes = self.tenant.registration.scopes(parameters.get("scope", grant.scope))
        if scopes.mixed:
            raise EntraError.mixed_scopes()
        if not scopes.within(granted):
            raise EntraError.invalid_scope(parameters["scope"])
        account = self._account(grant)
        late = now >= issued.expires_at
        fresh = None if late or "offline_access" not in granted else successor(self.tenant, now)
        # Spent even when it is late: a replay ends the family, however long it took.
        spent = self.tenant.grants.spend_code(code, grant, successor=fresh, now=now)
        if spent is Spent.BEFORE:
            raise EntraError.invalid_grant(54005, "OAuth2 Authorization code was already redeemed.")
        if late:
            raise EntraError.code_expired()
        allowed = Allowed(account, grant, scopes, granted)
        return token_answer(self.tenant, allowed, fresh, nonce=issued.nonce)

    def _refresh(
        self, parameters: Mapping[str, str], realm: Realm, client_id: str
    ) -> dict[str, object]:
        token = required(parameters, "refresh_token")
        known = self.tenant.grants.refresh_token(token)
        if known is None:
            raise EntraError.invalid_grant(
                50173, "The provided grant is not valid or has been revoked. Sign in again."
            )
        (grant, expires_at), now = known, self.tenant.now()
        _require_own(grant, realm, client_id)
        if now >= expires_at:
            raise EntraError.invalid_grant(700082, "The refresh token has expired.")
        refuse_person(self.tenant, grant)
        grant = with_claims(grant, parameters)
        granted = self.tenant.registration.scopes(grant.scope)
        # A refresh token is good for every resource that the application has consent for.
        scopes = self.tenant.registration.scopes(parameters.get("scope", grant.scope))
        if scopes.mixed:
            raise EntraError.mixed_scopes()
        account = self._account(grant)
        fresh = successor(self.tenant, now)
        spent = self.tenant.grants.spend_refresh_token(token, grant, successor=fresh, now=now)
        if spent is Spent.BEFORE:
            raise EntraError.invalid_grant(
                50173,
                "The refresh token was used before; every token that came from it is revoked.",
            )
        return token_answer(self.tenant, Allowed(account, grant, scopes, granted), fresh)

    def _account(self, grant: Grant) -> Account:
        account = self.tenant.account(grant.oid)
        if account is None:
            raise EntraError.invalid_grant(50034, "The user account does not exist in the tenant.")
        return account


def _require_own(grant: Grant, realm: Realm, client_id: str) -> None:
    if grant.client_id != client_id:
        raise EntraError.invalid_grant(70000, "The grant was issued to another application.")
    if not realm.honours(grant.realm):
        raise EntraError.invalid_grant(
            700005, "The provided grant is intended to be used against another tenant."
        )
