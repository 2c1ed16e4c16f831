"""Who the claims of a checked id_token describe."""

from collections.abc import Iterator, Mapping
from typing import Final

from mainhub.identity import ROLELESS, Person
from mainhub.signin.failures import AnswerRefused, GuestRefused
from mainhub.signin.token_answer import text
from mainhub.signin.trusted import Provider

__all__ = ["admitted", "cleaned", "names", "person_of"]

_ADDRESSES: Final = ("email", "preferred_username", "upn")
_LONGEST_NAME: Final = 200
_LONGEST_ID: Final = 255
_MEMBER: Final = (0, "0")


def person_of(claims: Mapping[str, object], provider: Provider) -> Person:
    """Return who *claims* describe. All roles count; a person without any is ``USER``.

    Raises:
        AnswerRefused: they do not say who it is.
    """
    subject = _id(claims, "sub")
    tenant = provider.tenant_of(claims)
    if tenant is None:
        stated = claims.get("tid")
        tenant_id = cleaned(stated) if isinstance(stated, str) else None
        identity = f"{provider.issuer}|{subject}"
    else:
        tenant_id = tenant
        # sub differs per application; tenant and object id are the same everywhere in the company.
        identity = f"{tenant}.{_id(claims, 'oid')}"
    email = next(filter(None, (text(claims, name) for name in _ADDRESSES)), None)
    name = text(claims, "name") or email or subject
    return Person(
        id=identity,
        name=cleaned(name),
        email=cleaned(email) if email else None,
        roles=names(claims.get(provider.roles_claim)) or (ROLELESS,),
        tenant_id=tenant_id,
        provider=provider.name,
        groups=names(claims.get(provider.groups_claim)),
        guest=tenant is not None and _is_guest(claims, tenant),
        groups_known=not _has_more_groups(claims, provider.groups_claim),
    )


def admitted(person: Person, provider: Provider) -> Person:
    """Return *person* if people like them may sign in.

    Raises:
        GuestRefused: they belong to another organisation, and the settings let no guests in.
    """
    if person.guest and provider.guests == "refuse":
        raise GuestRefused(
            f"{person.email or person.name} is a guest of {provider.title}",
            remedy="Ask for an account of your own there, or ask the operator to let guests in.",
        )
    return person


def _is_guest(claims: Mapping[str, object], tenant: str) -> bool:
    """Say whether somebody else's tenant, or no tenant, vouches for the person.

    ``acct`` is an optional claim (0: member, 1: guest). ``idp`` stands where the person was
    authenticated elsewhere (recalled, not verified against a tenant).
    """
    account = claims.get("acct")
    if account is not None:
        # Whatever is not understood is no proof of belonging here.
        return isinstance(account, bool) or account not in _MEMBER
    elsewhere = claims.get("idp")
    if elsewhere is None:
        return False
    if not isinstance(elsewhere, str):
        return True
    # A tenant is named as https://sts.windows.net/ID/, everybody else by a name of theirs.
    return elsewhere.lower().partition("://")[2].split("/")[1:2] != [tenant]


def _has_more_groups(claims: Mapping[str, object], name: str) -> bool:
    """Say whether there are too many groups for a token (Core, section 5.6.2: distributed claims).

    Where they are to be asked for is not believed: the address in the token may be anybody's.
    """
    elsewhere = claims.get("_claim_names")
    return (isinstance(elsewhere, Mapping) and name in elsewhere) or claims.get("hasgroups") in (
        True,
        "true",
    )


def names(stated: object) -> tuple[str, ...]:
    """Return the usable names of roles or groups in a list, each once, in its order."""
    listed = stated if isinstance(stated, list) else []
    return tuple(dict.fromkeys(_usable(listed)))


def _usable(listed: list[object]) -> Iterator[str]:
    for name in listed:
        # "*" stands for everybody where roles are granted; nobody may bring it along.
        if isinstance(name, str) and name.isprintable() and name.strip() == name not in {"", "*"}:
            yield name


def _id(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID or not value.isprintable():
        raise AnswerRefused(f"the id_token names no {name}")
    return value


def cleaned(text: str) -> str:
    """Return *text* as it can be shown: on one line, and not endless."""
    if not text.isprintable():
        text = "".join(letter for letter in text if letter.isprintable())
    return text[:_LONGEST_NAME]
