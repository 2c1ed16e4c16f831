"""Pushed authorization requests (RFC 9126), at the plain OpenID provider only: Entra has none."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mainhub.simulator.authorization_request import read_request, redirect_uri_of
from mainhub.simulator.client_authentication import authenticate
from mainhub.simulator.errors import EntraError
from mainhub.simulator.parameters import form_parameters
from mainhub.simulator.refusals import json_refusal
from mainhub.simulator.tenant import Tenant
from mainhub.simulator.version1 import V2

_PREFIX: Final = "urn:ietf:params:oauth:request_uri:"
_SECONDS: Final = 90
_MOST: Final = 1000
_SECRETS: Final = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


class PushedRequests:
    """Keeps what was pushed, in memory: nobody pushes before a restart and signs in after it."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._kept: dict[str, tuple[int, Mapping[str, str]]] = {}

    async def push(self, request: Request) -> Response:
        """``POST /op/oauth2/v2.0/par``: keep a request, and answer what names it."""
        tenant = self._tenant
        try:
            realm = tenant.realm(request.path_params["tenant"])
            if not realm.is_generic:
                raise EntraError.unknown_tenant(realm.path)
            parameters = await form_parameters(request)
            authorization = request.headers.get("authorization")
            authenticate(tenant, parameters, authorization=authorization, realm=realm)
            redirect_uri = redirect_uri_of(tenant.registration, parameters)
            read_request(
                tenant.registration,
                parameters,
                redirect_uri=redirect_uri,
                realm=realm,
                version=V2,
            )
        except EntraError as error:
            return json_refusal(tenant, request, error)
        kept = {name: value for name, value in parameters.items() if name not in _SECRETS}
        while len(self._kept) >= _MOST:
            del self._kept[next(iter(self._kept))]
        name = f"{_PREFIX}{tenant.random(24)}"
        self._kept[name] = (tenant.now() + _SECONDS, kept)
        return JSONResponse({"request_uri": name, "expires_in": _SECONDS}, 201)

    def resolved(self, parameters: Mapping[str, str]) -> Mapping[str, str]:
        """Return the request that *parameters* mean: itself, or the one pushed before, once.

        Raises:
            EntraError: nothing was pushed under this name, or it is too long ago.
        """
        name = parameters.get("request_uri")
        if name is None:
            return parameters
        expires, kept = self._kept.pop(name, (0, {}))
        if self._tenant.now() >= expires or kept["client_id"] != parameters.get("client_id"):
            raise EntraError.malformed("The request_uri is unknown, used or too old.")
        return kept
