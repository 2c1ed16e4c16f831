"""Access tokens for the hub's own API, as programs send them: whose they are, and how far they go.

Entra ID's of version 2.0 and, where a provider takes them, 1.0 ("Access tokens in the Microsoft
identity platform"), and those of other providers (RFC 9068).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from mainhub.identity import Person
from mainhub.signin.claimed import admitted, cleaned, names, person_of
from mainhub.signin.failures import AnswerRefused
from mainhub.signin.signed_token import (
    Claims,
    Keys,
    check_owner,
    check_times,
    named,
    opened,
    read_head,
    stated_time,
)
from mainhub.signin.token_answer import text
from mainhub.signin.trusted import Provider
from mainhub.web import ScopeMissing

__all__ = ["Holder", "is_meant_for", "read_access_token"]

_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
# What stands in id_tokens and logout tokens alone: neither opens an API.
_FOREIGN: Final = frozenset({"nonce", "at_hash", "c_hash", "events"})
# Keycloak says in the claims what kind of token it is.
_OTHER_KINDS: Final = frozenset({"id", "refresh", "offline", "logout", "dpop"})
# The last one is Okta's.
_CLIENTS: Final = ("azp", "appid", "client_id", "cid")
# A program that has proved itself by a secret or a certificate; 0 is one that cannot.
_PROVED: Final = ("1", "2")


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a token speaks for, until when; *application* is the program's id if it is for itself.

    A program without a person has its application roles, and is told from people by its id.
    """

    person: Person
    application: str | None
    expires_at: datetime


def is_meant_for(provider: Provider, claims: Claims) -> bool:
    """Say whether *claims*, not checked yet, are of *provider* and for the hub's API there."""
    try:
        provider.tenant_of(claims)
    except AnswerRefused:
        return False
    audience = claims.get("aud")
    return any(
        isinstance(one, str) and one in provider.audiences
        for one in (audience if isinstance(audience, list) else [audience])
    )


async def read_access_token(token: str, *, provider: Provider, keys: Keys, now: datetime) -> Holder:
    """Return whom *token* speaks for, once all of it is checked.

    Raises:
        AnswerRefused: a check failed. The message calls the token an id_token, and never shows it.
        GuestRefused: it is a guest's, and guests may not.
        ScopeMissing: it is genuine, and gives no access to this API.
    """
    head = read_head(token, provider)
    if head.type not in _TYPES:
        raise AnswerRefused("the id_token is of another type")
    claims, signer = await opened(token, head, keys)
    if not is_meant_for(provider, claims):
        raise AnswerRefused("the id_token is meant for another API")
    check_owner(claims, provider, signer)
    check_times(claims, now)
    if _is_for_something_else(claims):
        raise AnswerRefused("the id_token is no token for an API")
    if any(claims.get(name) == provider.client_id for name in _CLIENTS):
        # The hub calls itself never: a service sends what it was given for another purpose.
        raise AnswerRefused("the id_token was given to the hub itself")
    if "cnf" in claims:
        # RFC 7800, 8705 and 9449: by itself it proves nothing, and the proof is not looked at.
        raise AnswerRefused("the id_token is bound to a key of its holder")
    expires_at = datetime.fromtimestamp(stated_time(claims, "exp"), UTC)
    application = _application(claims, provider)
    if application is None:
        _require_scope(claims, provider)
        return Holder(admitted(person_of(claims, provider), provider), None, expires_at)
    return Holder(_program(application, claims, provider), application, expires_at)


def _is_for_something_else(claims: Claims) -> bool:
    foreign = _FOREIGN.intersection(claims)
    if claims.get("typ") == "Bearer":
        # Keycloak before 25 put the nonce of the sign-in into what it calls an access token, too.
        foreign -= {"nonce"}
    if foreign:
        return True
    # Keycloak's, and Cognito's.
    kinds = (claims.get("typ"), claims.get("token_use"))
    return any(isinstance(kind, str) and kind.lower() in _OTHER_KINDS for kind in kinds)


def _application(claims: Claims, provider: Provider) -> str | None:
    """Return the id of the program that has the token for itself; ``None`` if it is a person's.

    Entra says so by ``idtyp``, an optional claim, and else by a subject that is the object itself:
    people's subjects differ from it (``sub`` is pairwise), and their tokens have scopes.
    """
    clients = [found for name in _CLIENTS if (found := text(claims, name))]
    if not clients:
        return None
    client = clients[0]
    if provider.kind != "entra":
        # RFC 9068, section 2.2: the subject is the client. Whatever scopes it has, it is nobody,
        # also where a program is called as a person is (RFC 9700, section 4.15).
        # Auth0 writes "ID@clients".
        own = {*clients, *(f"{one}@clients" for one in clients)}
        is_program = claims.get("gty") == "client-credentials" or text(claims, "sub") in own
        return client if is_program else None
    kind = claims.get("idtyp")
    if kind is not None:
        return client if kind == "app" else None
    if _scopes(claims):
        return None
    proved = claims.get("azpacr", claims.get("appidacr")) in _PROVED
    return client if proved and named(claims, "sub") == claims.get("oid") else None


def _program(application: str, claims: Claims, provider: Provider) -> Person:
    roles = names(claims.get(provider.roles_claim))
    if not roles:
        # Any program of a tenant gets a token for any API of it; only a role is a permission.
        raise ScopeMissing(
            "The program has no application role at this hub.",
            scope=f"{provider.audiences[-1]}/.default",
            remedy="Have an application role of the hub's registration given to it.",
        )
    tenant = provider.tenant_of(claims)
    return Person(
        id=f"application:{tenant or provider.issuer}|{named(claims, 'sub')}",
        name=cleaned(text(claims, "app_displayname") or application),
        email=None,
        roles=roles,
        tenant_id=tenant,
        provider=provider.name,
    )


def _require_scope(claims: Claims, provider: Provider) -> None:
    if provider.api_scope not in _scopes(claims):
        raise ScopeMissing(
            f"The access token lacks the scope {provider.api_scope}.",
            scope=f"{provider.audiences[-1]}/{provider.api_scope}",
            remedy="Ask the identity provider for a token with that scope.",
        )


def _scopes(claims: Mapping[str, object]) -> list[str]:
    """Return the scopes: one text (RFC 8693, section 4.2; Entra's ``scp``), or a list."""
    found: list[str] = []
    for name in ("scp", "scope"):
        stated = claims.get(name)
        if isinstance(stated, str):
            found += stated.split(" ")
        elif isinstance(stated, list):
            found += [one for one in stated if isinstance(one, str)]
    return [one for one in found if one]
