"""The tenants and the people in them."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

TENANT_ID: Final = "5f1c2a9e-7d34-4b86-9c05-2e8a61d7b340"
OTHER_TENANT_ID: Final = "7a2d3bbf-8e45-4c97-8d16-3f9b72e8c451"
"""A second company's tenant, which signs in at ``/common`` and at its own endpoints."""
MOST_GROUPS: Final = 200
"""A token that would name more groups names none, and says where they can be asked for."""
_GROUPS: Final = UUID("9b6e0c1d-4f2a-4d83-a1c7-5e08f3b2d960")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person of the tenant; *oid* is what identifies them for ever, the address may change.

    ``roles`` are the app roles assigned to the person, all of them; ``groups`` the ids of the
    groups that they are in. A guest is at home in ``home``, another tenant.
    """

    oid: str
    name: str
    address: str
    given_name: str
    family_name: str
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tenant: str = TENANT_ID
    home: str | None = None

    @property
    def guest(self) -> bool:
        """Say whether the person is at home in another tenant."""
        return self.home is not None

    @property
    def login_hint(self) -> str:
        """Return the opaque hint of the ``login_hint`` claim, which ``logout_hint`` takes back.

        The real one is a longer blob whose content nobody may rely on (unverified).
        """
        return "O." + urlsafe_b64encode(self.oid.encode()).decode().rstrip("=")

    def answers_to(self, hint: str) -> bool:
        """Say whether *hint*, an address or a `login_hint` claim, names this person."""
        return hint == self.login_hint or hint.casefold() == self.address.casefold()


def group_id(name: str) -> str:
    """Return the id of the group *name*."""
    return str(uuid5(_GROUPS, name))


PURCHASING: Final = group_id("Purchasing")
WAREHOUSE: Final = group_id("Warehouse")

ACCOUNTS: Final[tuple[Account, ...]] = (
    Account(
        oid="0a6d1f52-3c88-4e19-b7a4-6f20c9d5e101",
        name="Ada Lovelace",
        address="ada@hautemer.example",
        given_name="Ada",
        family_name="Lovelace",
        roles=("Admin",),
    ),
    Account(
        oid="1b7e2063-4d99-4f2a-88b5-7031dae6f202",
        name="Grace Hopper",
        address="grace@hautemer.example",
        given_name="Grace",
        family_name="Hopper",
        roles=("Editor",),
        groups=(PURCHASING,),
    ),
    Account(
        oid="2c8f3174-5eaa-403b-99c6-8142ebf70303",
        name="Linus Pauling",
        address="linus@hautemer.example",
        given_name="Linus",
        family_name="Pauling",
        roles=("Employee",),
        groups=(WAREHOUSE,),
    ),
    Account(
        oid="3d904285-6fbb-414c-aad7-9253fc081404",
        name="Alan Turing",
        address="alan@hautemer.example",
        given_name="Alan",
        family_name="Turing",
    ),
    Account(
        oid="4ea15396-70cc-425d-bbe8-a364ad192505",
        name="Marie Curie",
        address="marie@hautemer.example",
        given_name="Marie",
        family_name="Curie",
        roles=("Employee",),
        groups=(WAREHOUSE, *(group_id(f"Project {number}") for number in range(1, 230))),
    ),
    Account(
        oid="5fb264a7-81dd-436e-8cf9-b475be2a3606",
        name="Niels Bohr",
        address="niels@partner.example",
        given_name="Niels",
        family_name="Bohr",
        roles=("Employee",),
        home=OTHER_TENANT_ID,
    ),
    Account(
        oid="60c375b8-92ee-447f-9d0a-c586cf3b4707",
        name="Rosalind Franklin",
        address="rosalind@partner.example",
        given_name="Rosalind",
        family_name="Franklin",
        roles=("Employee",),
        tenant=OTHER_TENANT_ID,
    ),
)
