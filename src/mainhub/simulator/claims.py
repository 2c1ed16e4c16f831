"""What the tokens say (Microsoft's claims, version 2.0 unless version 1.0 is asked for)."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Final

from mainhub.simulator.accounts import MOST_GROUPS, TENANT_ID, Account
from mainhub.simulator.claims_request import CONSENT, MFA
from mainhub.simulator.conduct import Switch
from mainhub.simulator.grants import Grant
from mainhub.simulator.realms import V1_ISSUER
from mainhub.simulator.scopes import GRAPH, Scopes
from mainhub.simulator.tenant import Tenant
from mainhub.simulator.version1 import V1, renamed

_SKEW: Final = {"ahead": timedelta(minutes=10), "behind": timedelta(minutes=-70)}


def pairwise_subject(oid: str, audience: str) -> str:
    """Return who *oid* is for *audience*: another text for every application, always the same."""
    hashed = sha256(f"{TENANT_ID}|{audience}|{oid}".encode()).digest()
    return urlsafe_b64encode(hashed).decode().rstrip("=")


def id_token_claims(
    tenant: Tenant, account: Account, grant: Grant, *, scopes: Scopes, nonce: str | None
) -> dict[str, object]:
    """Return the claims of an id_token; ``oid`` comes with the scope ``profile``, as in life."""
    claims = _stamp(tenant, account, grant, audience=grant.client_id)
    is_generic = tenant.realm(grant.realm).is_generic
    if "profile" in scopes:
        claims |= {
            "name": account.name,
            "preferred_username": account.address,
            "login_hint": account.login_hint,
        }
        if not is_generic:
            claims |= {"oid": account.oid, "acct": int(account.guest)}
    if "email" in scopes:
        claims["email"] = account.address
    if nonce is not None:
        claims["nonce"] = nonce
    if account.home is not None:
        claims["idp"] = V1_ISSUER.replace("{tenantid}", account.home)
    claims |= _roles(account) | _groups(account) | {"sid": grant.sid}
    if grant.version == V1:
        return renamed(claims, issuer=_v1_issuer(account), audience=grant.client_id)
    return claims


def access_token_claims(
    tenant: Tenant, account: Account, grant: Grant, *, scopes: Scopes
) -> dict[str, object]:
    """Return the claims of an access token, for the application's own API or another resource.

    A token for Graph is nobody's business but Graph's; it is signed like the others here, while
    the real one cannot be checked by anyone else.
    """
    own = tenant.registration.client_id
    audience, scope = _audience(own, scopes)
    ours = audience == own
    claims = {
        **_stamp(tenant, account, grant, audience=audience),
        "azp": grant.client_id,
        "azpacr": "1",
        "name": account.name,
        "oid": account.oid,
        "preferred_username": account.address,
        **(_roles(account) | _groups(account) if ours else {}),
        "scp": scope,
        "sid": grant.sid,
        **_satisfied(grant),
    }
    if ours and tenant.conduct.value(Switch.VERSION, oid=account.oid) == V1:
        return renamed(claims, issuer=_v1_issuer(account), audience=f"api://{audience}")
    return claims


def application_claims(
    tenant: Tenant, *, client_id: str, oid: str, audience: str, roles: tuple[str, ...], tid: str
) -> dict[str, object]:
    """Return the claims of an access token of a program that acts for nobody.

    ``idtyp`` is an optional claim, which every registration should ask for.
    """
    claims: dict[str, object] = {
        **_times(tenant, tenant.now(), None),
        "ver": "2.0",
        "iss": f"{tenant.base_url}/{tid}/v2.0",
        "aud": audience,
        "azp": client_id,
        "azpacr": "1",
        "idtyp": "app",
        "oid": oid,
        "sub": oid,
        "tid": tid,
    }
    return claims | ({"roles": list(roles)} if roles else {})


def granted_scope(scopes: Scopes, *, application_id_uri: str) -> str:
    """Return *scopes* as the token answer lists them; ``offline_access`` is never among them."""
    names = sorted(scopes.identity - {"offline_access"}) + sorted(scopes.graph)
    own = [f"{application_id_uri}/{name}" for name in sorted(scopes.api)]
    return " ".join(names + own + sorted(scopes.others))


def _audience(own: str, scopes: Scopes) -> tuple[str, str]:
    """Return whom an access token is for, and its ``scp``."""
    if scopes.api:
        return own, "access_as_user"
    for resource in scopes.resources:
        names = (name.removeprefix(f"{resource.uri}/") for name in sorted(scopes.others))
        return resource.client_id, " ".join(names)
    return GRAPH, granted_scope(scopes, application_id_uri="")


def _stamp(tenant: Tenant, account: Account, grant: Grant, *, audience: str) -> dict[str, object]:
    realm = tenant.realm(grant.realm)
    stamp: dict[str, object] = {
        **_times(tenant, tenant.now_for(account.oid), account.oid),
        "ver": "2.0",
        "iss": realm.issuer_for(account),
        "aud": audience,
        "sub": pairwise_subject(account.oid, audience),
        "tid": account.tenant,
    }
    if realm.is_generic:
        del stamp["ver"], stamp["tid"]
    return stamp


def _times(tenant: Tenant, now: int, oid: str | None) -> dict[str, object]:
    skew = _SKEW.get(tenant.conduct.value(Switch.CLOCK, oid=oid), timedelta())
    told = now + int(skew.total_seconds())
    return {
        "iat": told,
        "nbf": told,
        "exp": told + int(tenant.lifetimes.token.total_seconds()),
        "uti": tenant.random(16),
    }


def _satisfied(grant: Grant) -> dict[str, object]:
    """Return what the person has satisfied and the application can do, where there is any."""
    contexts = [name for name in grant.contexts if name not in {MFA, CONSENT}]
    told: dict[str, object] = {"acrs": contexts, "xms_cc": list(grant.capabilities)}
    return {name: value for name, value in told.items() if value}


def _roles(account: Account) -> dict[str, object]:
    return {"roles": list(account.roles)} if account.roles else {}


def _groups(account: Account) -> dict[str, object]:
    """Return the groups, or where to ask for them when they are too many (distributed claims).

    The address is the one that real tokens still name: a service that nobody should ask any more.
    """
    if len(account.groups) <= MOST_GROUPS:
        return {"groups": list(account.groups)} if account.groups else {}
    address = f"https://graph.windows.net/{account.tenant}/users/{account.oid}/getMemberObjects"
    return {
        "_claim_names": {"groups": "src1"},
        "_claim_sources": {"src1": {"endpoint": address}},
    }


def _v1_issuer(account: Account) -> str:
    return V1_ISSUER.replace("{tenantid}", account.tenant)
