"""Token revocation (RFC 7009), at the plain OpenID provider only: Entra has none."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from mainhub.simulator.client_authentication import authenticate
from mainhub.simulator.errors import EntraError
from mainhub.simulator.parameters import form_parameters
from mainhub.simulator.refusals import json_refusal
from mainhub.simulator.tenant import Tenant
from mainhub.simulator.token_answer import required


@dataclass(frozen=True, slots=True)
class Revocation:
    """``POST /op/oauth2/v2.0/revoke``."""

    tenant: Tenant

    async def respond(self, request: Request) -> Response:
        """End the family of a refresh token; an unknown one is no error."""
        tenant = self.tenant
        try:
            realm = tenant.realm(request.path_params["tenant"])
            if not realm.is_generic:
                raise EntraError.unknown_tenant(realm.path)
            parameters = await form_parameters(request)
            authorization = request.headers.get("authorization")
            authenticate(tenant, parameters, authorization=authorization, realm=realm)
            known = tenant.grants.refresh_token(required(parameters, "token"))
        except EntraError as error:
            return json_refusal(tenant, request, error)
        if known is not None:
            tenant.grants.revoke_family(known[0].family)
        return Response(status_code=200)
