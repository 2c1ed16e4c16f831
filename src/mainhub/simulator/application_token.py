"""Client credentials: a program signs in as itself (RFC 6749, 4.4)."""

from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

from mainhub.simulator.accounts import TENANT_ID
from mainhub.simulator.claims import application_claims
from mainhub.simulator.client_authentication import Client
from mainhub.simulator.errors import EntraError
from mainhub.simulator.realms import Realm
from mainhub.simulator.registration import Registration
from mainhub.simulator.scopes import GRAPH
from mainhub.simulator.tenant import Tenant
from mainhub.simulator.token_answer import required


def service_principal(client_id: str) -> str:
    """Return the oid under which the tenant knows the application *client_id*."""
    return str(uuid5(NAMESPACE_URL, f"service-principal:{client_id}"))


def application_token(
    tenant: Tenant, parameters: Mapping[str, str], client: Client, realm: Realm
) -> dict[str, object]:
    """Return an access token of *client* for the one resource whose ``/.default`` it asks for.

    Raises:
        EntraError: another scope (1002012), a shared realm (90072, unverified), or no such
            resource.
    """
    scope = required(parameters, "scope")
    if realm.is_shared:
        raise EntraError("invalid_request", 90072, "Name the tenant that the application is of.")
    if " " in scope or not scope.endswith("/.default"):
        raise EntraError(
            "invalid_scope",
            1002012,
            f"The provided value for scope '{scope}' is not valid. Client credential flows must "
            "have a scope value with /.default suffixed to the resource identifier.",
        )
    asked = tenant.registration.scopes(scope)
    audience = GRAPH
    roles: tuple[str, ...] = ()
    if asked.api:
        audience = tenant.registration.client_id
        roles = () if isinstance(client, Registration) else client.roles
    for resource in asked.resources:
        audience = resource.client_id
    claims = application_claims(
        tenant,
        client_id=client.client_id,
        oid=service_principal(client.client_id),
        audience=audience,
        roles=roles,
        tid=TENANT_ID if realm.is_generic else realm.path,
    )
    if realm.is_generic:
        claims["iss"] = realm.issuer
    seconds = int(tenant.lifetimes.token.total_seconds())
    return {
        "token_type": "Bearer",
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "access_token": tenant.keys.sign(claims),
    }
