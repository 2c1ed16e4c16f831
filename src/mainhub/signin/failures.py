"""What can go wrong on the way in, named for what happened."""

from typing import Final

from mainhub.errors import Conflict, NotFound, Refused, Unavailable

__all__ = [
    "AnswerRefused",
    "FlowGone",
    "GuestRefused",
    "KeyUnknown",
    "ProviderDeclined",
    "ProviderUnavailable",
    "UnknownProvider",
]


_SPENT: Final = frozenset({"", "bad_token", "token_expired", "user_password_expired"})
# OpenID Connect Core, section 3.1.2.6; Entra ID answers so at its token endpoint, too.
_INTERACTION: Final = frozenset(
    {
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "login_required",
    }
)
_INTERACTION_WITHIN: Final = frozenset({"additional_action", "basic_action", "consent_required"})


class UnknownProvider(NotFound):
    """No identity provider has that name."""


class ProviderUnavailable(Unavailable):
    """The identity provider does not answer, or answers with a fault of its own."""


class ProviderDeclined(Refused):
    """The identity provider answered with an error: *code* as OAuth names it.

    The message holds the provider's own words, cut and cleaned, for people to read; the program
    never branches on them (Microsoft: never branch on AADSTS numbers). *claims* is the challenge
    that came with it (JSON text), which an authorization request can meet.
    """

    def __init__(
        self, message: str, *, code: str, suberror: str = "", claims: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.suberror = suberror
        self.claims = claims

    @property
    def ends_session(self) -> bool:
        """Whether the refresh token itself is worth nothing any more.

        Entra ID answers ``invalid_grant`` also where one service lacks consent or asks for a second
        factor, and says so in ``suberror`` (recalled, not verified against a tenant).
        """
        return self.code == "invalid_grant" and self.suberror in _SPENT

    @property
    def wants_person(self) -> bool:
        """Whether the person can put it right: a second factor, consent, another sign-in."""
        if self.code == "invalid_grant":
            return self.suberror in _INTERACTION_WITHIN
        return self.code in _INTERACTION


class AnswerRefused(Refused):
    """The provider's answer did not pass a check; nobody is signed in."""


class KeyUnknown(AnswerRefused):
    """It is signed with a key that the provider is not known to publish.

    That proves no forgery: the provider may have changed its keys a moment ago, and they are asked
    for again only every half minute.
    """


class GuestRefused(Refused):
    """The person is a guest of the tenant, and the settings let none in."""


class FlowGone(Conflict):
    """The state is unknown, used, too old, or belongs to another browser or provider."""
