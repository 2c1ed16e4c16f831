"""What the token endpoint answers when all is well."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mainhub.simulator.accounts import Account
from mainhub.simulator.claims import access_token_claims, granted_scope, id_token_claims
from mainhub.simulator.claims_request import read_claims
from mainhub.simulator.errors import EntraError
from mainhub.simulator.grants import Grant, NewRefreshToken
from mainhub.simulator.scopes import Scopes
from mainhub.simulator.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is about to be answered: a token of *account* for *scopes*; all that was *granted*."""

    account: Account
    grant: Grant
    scopes: Scopes
    granted: Scopes


def token_answer(
    tenant: Tenant,
    allowed: Allowed,
    refresh_token: NewRefreshToken | None,
    *,
    nonce: str | None = None,
) -> dict[str, object]:
    """Return the access token that is *allowed*, and what goes with it."""
    account, grant = allowed.account, allowed.grant
    scopes, granted = allowed.scopes, allowed.granted
    seconds = int(tenant.lifetimes.token.total_seconds())
    claims = access_token_claims(tenant, account, grant, scopes=scopes)
    answer: dict[str, object] = {
        "token_type": "Bearer",
        "scope": granted_scope(scopes, application_id_uri=tenant.registration.application_id_uri),
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


def successor(tenant: Tenant, now: int) -> NewRefreshToken:
    """Return a refresh token about to be handed out."""
    lifetime = int(tenant.lifetimes.refresh_token.total_seconds())
    return NewRefreshToken(token=f"1.{tenant.random(48)}", expires_at=now + lifetime)


def with_claims(grant: Grant, parameters: Mapping[str, str]) -> Grant:
    """Return *grant* with what the ``claims`` of a token request say of the application.

    Raises:
        EntraError: they demand what the person has not satisfied (50076), or are malformed.
    """
    asked = read_claims(parameters.get("claims"))
    if not asked.contexts <= frozenset(grant.contexts):
        raise EntraError.mfa_required(parameters["claims"])
    capabilities = sorted(asked.capabilities.union(grant.capabilities))
    return replace(grant, capabilities=tuple(capabilities))


def required(parameters: Mapping[str, str], name: str) -> str:
    """Return the parameter *name*.

    Raises:
        EntraError: it is absent.
    """
    if name not in parameters:
        raise EntraError.missing(name)
    return parameters[name]
