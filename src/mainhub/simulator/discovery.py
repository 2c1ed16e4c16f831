"""What an application may find out about the tenant without asking a person."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mainhub.simulator.accounts import TENANT_ID
from mainhub.simulator.errors import EntraError
from mainhub.simulator.keys import ALGORITHM
from mainhub.simulator.refusals import json_refusal
from mainhub.simulator.tenant import Tenant

_CACHED: Final = {"Cache-Control": "private, max-age=86400"}
_CLAIMS: Final = (
    "sub iss aud exp iat nonce preferred_username name tid oid ver email roles sid login_hint"
)


@dataclass(frozen=True, slots=True)
class Discovery:
    """OpenID Connect Discovery 1.0 and the key set."""

    tenant: Tenant

    async def configuration(self, request: Request) -> Response:
        """``GET /{tenant}/v2.0/.well-known/openid-configuration``."""
        try:
            self.tenant.require(request.path_params["tenant"])
        except EntraError as error:
            return json_refusal(self.tenant, request, error)
        return JSONResponse(configuration(self.tenant), headers=_CACHED)

    async def keys(self, request: Request) -> Response:
        """``GET /{tenant}/discovery/v2.0/keys``."""
        try:
            self.tenant.require(request.path_params["tenant"])
        except EntraError as error:
            return json_refusal(self.tenant, request, error)
        return JSONResponse(self.tenant.keys.published(issuer=self.tenant.issuer), headers=_CACHED)


def configuration(tenant: Tenant) -> dict[str, object]:
    """Return the metadata of *tenant*.

    Entra itself names neither ``code_challenge_methods_supported`` nor the ``iss`` of RFC 9207
    (unverified); both are true here, so they are said.
    """
    root = f"{tenant.base_url}/{TENANT_ID}"
    return {
        "issuer": tenant.issuer,
        "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
        "token_endpoint": f"{root}/oauth2/v2.0/token",
        "end_session_endpoint": f"{root}/oauth2/v2.0/logout",
        "jwks_uri": f"{root}/discovery/v2.0/keys",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "request_uri_parameter_supported": False,
        "http_logout_supported": False,
        "frontchannel_logout_supported": False,
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "claims_supported": _CLAIMS.split(" "),
        "prompt_values_supported": ["none", "login", "select_account", "consent"],
        "ui_locales_supported": ["fr", "en"],
    }
