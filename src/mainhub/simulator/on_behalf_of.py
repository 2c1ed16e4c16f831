"""On-behalf-of: a service exchanges the token that it was called with for one of another service.

The form of the request is as Microsoft's libraries send it; the numbers are unverified.
"""

from collections.abc import Mapping
from typing import Final
from uuid import uuid4

from joserfc.errors import JoseError

from mainhub.simulator.accounts import TENANT_ID
from mainhub.simulator.errors import EntraError
from mainhub.simulator.grants import Grant
from mainhub.simulator.tenant import Tenant
from mainhub.simulator.token_answer import Allowed, required, successor, token_answer, with_claims
from mainhub.simulator.token_refusals import refuse_person

JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def on_behalf_of(tenant: Tenant, parameters: Mapping[str, str]) -> dict[str, object]:
    """Return the answer to such an exchange: a token for the same person and another resource.

    Raises:
        EntraError: the assertion is no current token for this application (50013, 500131, 500133),
            or the person must do something first.
    """
    if required(parameters, "requested_token_use") != "on_behalf_of":
        raise EntraError.malformed("The requested_token_use must be 'on_behalf_of'.")
    scope = required(parameters, "scope")
    asserted = _asserted(tenant, required(parameters, "assertion"))
    scopes = tenant.registration.scopes(scope)
    if scopes.mixed:
        raise EntraError.mixed_scopes()
    account = tenant.account(str(asserted.get("oid")))
    if account is None:
        raise EntraError.invalid_grant(50034, "The user account does not exist in the tenant.")
    grant = Grant(
        family=str(uuid4()),
        client_id=tenant.registration.client_id,
        oid=account.oid,
        sid=str(asserted.get("sid", uuid4())),
        scope=scope,
        contexts=_texts(asserted.get("acrs")),
        capabilities=_texts(asserted.get("xms_cc")),
        realm=str(asserted.get("tid", TENANT_ID)),
    )
    refuse_person(tenant, grant)
    grant = with_claims(grant, parameters)
    fresh = None
    if "offline_access" in scopes:
        fresh = successor(tenant, tenant.now())
        tenant.grants.issue_refresh_token(grant, fresh)
    return token_answer(tenant, Allowed(account, grant, scopes, scopes), fresh)


def _asserted(tenant: Tenant, assertion: str) -> dict[str, object]:
    try:
        claims = tenant.keys.verified(assertion)
    except (JoseError, ValueError) as error:
        raise EntraError.invalid_grant(
            50013, "Assertion failed signature validation. The key was not found."
        ) from error
    registration, expires = tenant.registration, claims.get("exp")
    if claims.get("aud") not in {registration.client_id, registration.application_id_uri}:
        raise EntraError.invalid_grant(
            500131,
            "Assertion audience does not match the Client app presenting the assertion. The "
            f"audience in the assertion was '{claims.get('aud')}' and the expected audience is "
            f"'{registration.client_id}'.",
        )
    if not isinstance(expires, int) or expires <= tenant.now():
        raise EntraError.invalid_grant(
            500133, "Assertion is not within its valid time range. The token has expired."
        )
    if "access_as_user" not in str(claims.get("scp", "")).split(" "):
        raise EntraError.invalid_grant(
            50013, "The assertion is no access token of a user: it carries no scope."
        )
    return claims


def _texts(told: object) -> tuple[str, ...]:
    return tuple(map(str, told)) if isinstance(told, list) else ()
