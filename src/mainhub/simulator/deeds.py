"""What somebody can do to the tenant, once: rotate its keys, revoke a person."""

from dataclasses import dataclass
from datetime import timedelta

from mainhub.simulator.accounts import Account
from mainhub.simulator.backchannel import BackChannel
from mainhub.simulator.conduct import Conduct
from mainhub.simulator.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Deeds:
    """The deeds, for tests and for the fault desk."""

    tenant: Tenant

    @property
    def conduct(self) -> Conduct:
        """Return the switches of the tenant."""
        return self.tenant.conduct

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Return the people that a deed or a switch can concern."""
        return self.tenant.accounts

    @property
    def kids(self) -> tuple[str, ...]:
        """Return the names of the published keys; the first one signs."""
        self.tenant.keys.forget_due(self.tenant.now())
        return self.tenant.keys.kids

    def account(self, named: str) -> Account | None:
        """Return the person whom *named* means: an oid, an address or what stands before its @."""
        for account in self.tenant.accounts:
            if named == account.oid or account.answers_to(named):
                return account
            if named.casefold() == account.address.partition("@")[0].casefold():
                return account
        return None

    def rotate_keys(self, *, forget: bool = False, forget_after: timedelta | None = None) -> str:
        """Sign with a new key, whose name is returned.

        *forget* the old ones at once, or *forget_after* some time.
        """
        forget_at = None
        if forget_after is not None:
            forget_at = self.tenant.now() + forget_after.total_seconds()
        return self.tenant.keys.rotate(forget=forget, forget_at=forget_at)

    def forget_old_keys(self) -> None:
        """Publish only the key that signs."""
        self.tenant.keys.forget_old()

    def revoke(self, oid: str) -> int:
        """End all sessions and tokens of *oid* at the tenant; return since when.

        Services that follow (continuous access evaluation) refuse older access tokens at once.
        """
        since = self.conduct.revoke(oid)
        self.tenant.grants.revoke(oid)
        self.tenant.sso.revoke(oid)
        return since

    async def sign_out(self, oid: str) -> list[str]:
        """End the sessions of *oid* at the tenant and tell the application (back channel).

        Return what it answered, session by session.
        """
        account = self.tenant.account(oid)
        if account is None:
            return []
        told = await BackChannel(self.tenant).tell_all(account)
        self.tenant.sso.revoke(oid)
        return told
