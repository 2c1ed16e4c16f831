"""What the tokens say (version 2.0 of Microsoft's claims)."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from mainhub.simulator.accounts import TENANT_ID, Account
from mainhub.simulator.grants import Grant
from mainhub.simulator.scopes import GRAPH, Scopes
from mainhub.simulator.tenant import Tenant


def pairwise_subject(oid: str, audience: str) -> str:
    """Return who *oid* is for *audience*: another text for every application, always the same."""
    hashed = sha256(f"{TENANT_ID}|{audience}|{oid}".encode()).digest()
    return urlsafe_b64encode(hashed).decode().rstrip("=")


def id_token_claims(
    tenant: Tenant, account: Account, grant: Grant, *, scopes: Scopes, nonce: str | None
) -> dict[str, object]:
    """Return the claims of an id_token; ``oid`` comes with the scope ``profile``, as in life."""
    claims = _stamp(tenant, account, audience=grant.client_id)
    if "profile" in scopes:
        claims |= {
            "oid": account.oid,
            "name": account.name,
            "preferred_username": account.address,
            "login_hint": account.login_hint,
        }
    if "email" in scopes:
        claims["email"] = account.address
    if nonce is not None:
        claims["nonce"] = nonce
    return claims | _roles(account) | {"sid": grant.sid}


def access_token_claims(
    tenant: Tenant, account: Account, grant: Grant, *, scopes: Scopes
) -> dict[str, object]:
    """Return the claims of an access token, for the application's own API or for Graph.

    A token for Graph is nobody's business but Graph's; it is signed like the others here, while
    the real one cannot be checked by anyone else.
    """
    if scopes.api:
        audience, scope, roles = grant.client_id, "access_as_user", _roles(account)
    else:
        audience, scope, roles = GRAPH, granted_scope(scopes, application_id_uri=""), {}
    return {
        **_stamp(tenant, account, audience=audience),
        "azp": grant.client_id,
        "azpacr": "1",
        "name": account.name,
        "oid": account.oid,
        "preferred_username": account.address,
        **roles,
        "scp": scope,
        "sid": grant.sid,
    }


def granted_scope(scopes: Scopes, *, application_id_uri: str) -> str:
    """Return *scopes* as the token answer lists them; ``offline_access`` is never among them."""
    names = sorted(scopes.identity - {"offline_access"}) + sorted(scopes.graph)
    return " ".join(names + [f"{application_id_uri}/{name}" for name in sorted(scopes.api)])


def _stamp(tenant: Tenant, account: Account, *, audience: str) -> dict[str, object]:
    now = tenant.now()
    return {
        "ver": "2.0",
        "iss": tenant.issuer,
        "aud": audience,
        "sub": pairwise_subject(account.oid, audience),
        "tid": TENANT_ID,
        "iat": now,
        "nbf": now,
        "exp": now + int(tenant.lifetimes.token.total_seconds()),
        "uti": tenant.random(16),
    }


def _roles(account: Account) -> dict[str, object]:
    return {"roles": list(account.roles)} if account.roles else {}
