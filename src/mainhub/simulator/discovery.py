"""What an application may find out about the tenant without asking a person."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mainhub.simulator.errors import EntraError
from mainhub.simulator.keys import ALGORITHM
from mainhub.simulator.realms import V1_ISSUER, Realm
from mainhub.simulator.refusals import json_refusal
from mainhub.simulator.tenant import Tenant

_CACHED: Final = {"Cache-Control": "private, max-age=86400"}
_CLAIMS: Final = (
    "sub iss aud exp iat nonce preferred_username name tid oid ver email roles groups acct idp sid "
    "login_hint"
)
_AUTHENTICATION: Final = ["client_secret_post", "client_secret_basic", "private_key_jwt"]


@dataclass(frozen=True, slots=True)
class Discovery:
    """OpenID Connect Discovery 1.0 and the key set."""

    tenant: Tenant

    async def configuration(self, request: Request) -> Response:
        """``GET /{tenant}/v2.0/.well-known/openid-configuration``."""
        try:
            realm = self.tenant.realm(request.path_params["tenant"])
            if realm.is_generic:
                # Its issuer has no version, and metadata stand below the issuer.
                raise EntraError.unknown_tenant(realm.path)
        except EntraError as error:
            return json_refusal(self.tenant, request, error)
        return JSONResponse(configuration(realm), headers=_CACHED)

    async def unversioned(self, request: Request) -> Response:
        """``GET /{tenant}/.well-known/openid-configuration``: version 1.0, or plain OpenID."""
        try:
            realm = self.tenant.realm(request.path_params["tenant"])
        except EntraError as error:
            return json_refusal(self.tenant, request, error)
        told = plain_configuration(realm) if realm.is_generic else old_configuration(realm)
        return JSONResponse(told, headers=_CACHED)

    async def keys(self, request: Request) -> Response:
        """``GET /{tenant}/discovery/v2.0/keys``, and without the version."""
        try:
            realm = self.tenant.realm(request.path_params["tenant"])
        except EntraError as error:
            return json_refusal(self.tenant, request, error)
        self.tenant.keys.forget_due(self.tenant.now())
        return JSONResponse(self.tenant.keys.published(issuer=realm.issuer), headers=_CACHED)


def configuration(realm: Realm) -> dict[str, object]:
    """Return the metadata of *realm*.

    Entra itself names neither ``code_challenge_methods_supported`` nor the ``iss`` of RFC 9207
    (unverified); both are true here, so they are said.
    """
    root = f"{realm.base_url}/{realm.path}"
    return {
        "issuer": realm.issuer,
        "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
        "token_endpoint": f"{root}/oauth2/v2.0/token",
        "end_session_endpoint": f"{root}/oauth2/v2.0/logout",
        "userinfo_endpoint": f"{realm.base_url}/graph/oidc/userinfo",
        "jwks_uri": f"{root}/discovery/v2.0/keys",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": _AUTHENTICATION,
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": not realm.is_shared,
        "request_uri_parameter_supported": False,
        "http_logout_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "claims_supported": _CLAIMS.split(" "),
        "claims_parameter_supported": True,
        "prompt_values_supported": ["none", "login", "select_account", "consent"],
        "ui_locales_supported": ["fr", "en"],
    }


def plain_configuration(realm: Realm) -> dict[str, object]:
    """Return the metadata of the plain OpenID provider: Entra's, and what Entra lacks."""
    root = f"{realm.base_url}/{realm.path}/oauth2/v2.0"
    return {
        **configuration(realm),
        "userinfo_endpoint": f"{root}/userinfo",
        "revocation_endpoint": f"{root}/revoke",
        "pushed_authorization_request_endpoint": f"{root}/par",
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }


def old_configuration(realm: Realm) -> dict[str, object]:
    """Return the metadata of version 1.0, whose issuer is another one (unverified)."""
    root = f"{realm.base_url}/{realm.path}"
    tenant = "{tenantid}" if realm.is_shared else realm.path
    return {
        **configuration(realm),
        "issuer": V1_ISSUER.replace("{tenantid}", tenant),
        "authorization_endpoint": f"{root}/oauth2/authorize",
        "token_endpoint": f"{root}/oauth2/token",
        "end_session_endpoint": f"{root}/oauth2/logout",
        "jwks_uri": f"{root}/discovery/keys",
        "authorization_response_iss_parameter_supported": False,
    }
