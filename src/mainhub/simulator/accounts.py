"""The tenant and the people in it."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

TENANT_ID: Final = "5f1c2a9e-7d34-4b86-9c05-2e8a61d7b340"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person of the tenant; *oid* is what identifies them for ever, the address may change.

    ``roles`` are the app roles assigned to the person, all of them.
    """

    oid: str
    name: str
    address: str
    given_name: str
    family_name: str
    roles: tuple[str, ...] = ()

    @property
    def login_hint(self) -> str:
        """Return the opaque hint of the ``login_hint`` claim, which ``logout_hint`` takes back.

        The real one is a longer blob whose content nobody may rely on (unverified).
        """
        return "O." + urlsafe_b64encode(self.oid.encode()).decode().rstrip("=")

    def answers_to(self, hint: str) -> bool:
        """Say whether *hint*, an address or a `login_hint` claim, names this person."""
        return hint == self.login_hint or hint.casefold() == self.address.casefold()


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
    ),
    Account(
        oid="2c8f3174-5eaa-403b-99c6-8142ebf70303",
        name="Linus Pauling",
        address="linus@hautemer.example",
        given_name="Linus",
        family_name="Pauling",
        roles=("Employee",),
    ),
    Account(
        oid="3d904285-6fbb-414c-aad7-9253fc081404",
        name="Alan Turing",
        address="alan@hautemer.example",
        given_name="Alan",
        family_name="Turing",
    ),
)
