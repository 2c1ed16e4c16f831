"""What version 1.0 of Entra's endpoints does otherwise (from memory, unverified).

A ``resource`` instead of scopes, tokens of another issuer with other names for the same things.
"""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from mainhub.simulator.registration import Registration

V1: Final = "1.0"
V2: Final = "2.0"
V1_FORMS: Final = "v1"
_EVERYTHING: Final = "openid profile email offline_access"
_RENAMED: Final = {
    "azp": "appid",
    "azpacr": "appidacr",
    "preferred_username": "unique_name",
}


def version_of(request: Request) -> str:
    """Return the version of the endpoint that *request* asks."""
    path = request.url.path
    is_old = path.endswith(("/oauth2/authorize", "/oauth2/token")) or f"/{V1_FORMS}/" in path
    return V1 if is_old else V2


def scoped(
    parameters: Mapping[str, str], registration: Registration, *, version: str
) -> Mapping[str, str]:
    """Return *parameters* with the scope that a version 1.0 ``resource`` means."""
    resource = parameters.get("resource")
    if version != V1:
        return parameters
    if resource == registration.client_id:
        resource = registration.application_id_uri
    asked = "" if resource is None else f" {resource.rstrip('/')}/.default"
    return {**parameters, "scope": _EVERYTHING + asked}


def renamed(claims: Mapping[str, object], *, issuer: str, audience: str) -> dict[str, object]:
    """Return *claims* as a token of version 1.0 says them."""
    told = {_RENAMED.get(name, name): value for name, value in claims.items()}
    if "unique_name" in told:
        told["upn"] = told["unique_name"]
    return {**told, "ver": V1, "iss": issuer, "aud": audience}
