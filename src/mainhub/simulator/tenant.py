"""The tenant as its endpoints share it: who it is, whom it knows, what it remembers."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mainhub.simulator.accounts import Account
from mainhub.simulator.conduct import Conduct
from mainhub.simulator.errors import EntraError
from mainhub.simulator.grants import Grants
from mainhub.simulator.keys import SigningKeys
from mainhub.simulator.lifetimes import Lifetimes
from mainhub.simulator.realms import Realm, known_realms
from mainhub.simulator.registration import Registration
from mainhub.simulator.sso import SsoSessions
from mainhub.simulator.state import State

Clock = Callable[[], datetime]
"""Tells the time, aware and in UTC."""


def system_clock() -> datetime:
    """Return the time of the machine."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """All that the endpoints of one tenant stand on."""

    base_url: str
    registration: Registration
    accounts: tuple[Account, ...]
    state: State
    keys: SigningKeys
    conduct: Conduct
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    clock: Clock = system_clock
    random: Callable[[int], str] = secrets.token_urlsafe

    @property
    def sso(self) -> SsoSessions:
        """Return who is signed in where."""
        return SsoSessions(self.state)

    @property
    def grants(self) -> Grants:
        """Return the codes and refresh tokens handed out."""
        return Grants(self.state)

    def now(self) -> int:
        """Return the time in whole seconds since 1970, as tokens write it."""
        return int(self.clock().timestamp())

    def now_for(self, oid: str) -> int:
        """Return the time at which *oid* signs in or gets a token: after their last revocation.

        A revocation counts from the next whole second, and the world does not wait for it.
        """
        return max(self.now(), self.conduct.revoked_since(oid) or 0)

    def account(self, oid: str) -> Account | None:
        """Return the person *oid*, or ``None`` if the tenant no longer has them."""
        return next((account for account in self.accounts if account.oid == oid), None)

    def account_for(self, hint: str | None) -> Account | None:
        """Return the person whom a login or logout *hint* names, if it names anybody."""
        if hint is None:
            return None
        return next((account for account in self.accounts if account.answers_to(hint)), None)

    def realm(self, path: str) -> Realm:
        """Return the realm whose endpoints stand below *path*.

        Raises:
            EntraError: there is none.
        """
        if path not in known_realms():
            raise EntraError.unknown_tenant(path)
        return Realm(path=path, base_url=self.base_url)

    def accounts_in(self, realm: Realm) -> tuple[Account, ...]:
        """Return who can sign in at *realm*."""
        return tuple(account for account in self.accounts if realm.has(account))

    def seal(self, purpose: str, text: str) -> str:
        """Return a code over *text* that only this tenant can make, for this *purpose* only."""
        key = self.state.secret("seal")
        return hmac.new(key, f"{purpose}\n{text}".encode(), "sha256").hexdigest()


def open_tenant(
    *,
    base_url: str,
    state: Path,
    registration: Registration,
    accounts: tuple[Account, ...],
    lifetimes: Lifetimes,
    clock: Clock,
    conduct: Conduct | None = None,
) -> Tenant:
    """Return the tenant whose memory and key are kept in the folder *state*."""
    return Tenant(
        base_url=base_url.rstrip("/"),
        registration=registration,
        accounts=accounts,
        state=State(state),
        keys=SigningKeys.kept_in(state),
        conduct=conduct or Conduct(state / "conduct.json", clock=clock),
        lifetimes=lifetimes,
        clock=clock,
    )
