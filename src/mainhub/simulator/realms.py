"""Whose endpoints are asked: a tenant's own, those of all tenants, or a plain OpenID provider's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mainhub.simulator.accounts import OTHER_TENANT_ID, TENANT_ID, Account

GENERIC: Final = "op"
"""The path of a provider that is not Entra's: no tenants, but what Entra lacks."""
SHARED: Final = ("common", "organizations")
"""The paths of what all tenants share: the account says which one it is."""
_TENANTS: Final = (TENANT_ID, OTHER_TENANT_ID)
V1_ISSUER: Final = "https://sts.windows.net/{tenantid}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Realm:
    """What stands first in the path of a request: *path*, at *base_url*."""

    path: str
    base_url: str

    @property
    def is_generic(self) -> bool:
        """Say whether this is the plain OpenID provider."""
        return self.path == GENERIC

    @property
    def is_shared(self) -> bool:
        """Say whether the account tells the tenant."""
        return self.path in SHARED

    @property
    def issuer(self) -> str:
        """Return the issuer that metadata name; a shared one holds the text ``{tenantid}``."""
        if self.is_generic:
            return f"{self.base_url}/{GENERIC}"
        return f"{self.base_url}/{'{tenantid}' if self.is_shared else self.path}/v2.0"

    def issuer_for(self, account: Account) -> str:
        """Return the issuer of tokens about *account*."""
        return self.issuer.replace("{tenantid}", account.tenant)

    def has(self, account: Account) -> bool:
        """Say whether *account* can sign in here."""
        if self.is_generic:
            return account.tenant == TENANT_ID and not account.guest
        if self.is_shared:
            return not account.guest
        return account.tenant == self.path

    def honours(self, issued_at: str) -> bool:
        """Say whether a grant of the realm *issued_at* is good here."""
        if GENERIC in {self.path, issued_at}:
            return self.path == issued_at
        return self.is_shared or issued_at in {self.path, *SHARED}


def known_realms() -> Sequence[str]:
    """Return the paths of all realms."""
    return (*_TENANTS, *SHARED, GENERIC)
