"""What can go wrong on the way in, named for what happened."""

from typing import Final

from mainhub.errors import Conflict, NotFound, Refused, Unavailable

__all__ = [
    "AnswerRefused",
    "FlowGone",
    "ProviderDeclined",
    "ProviderUnavailable",
    "UnknownProvider",
]


_SPENT: Final = frozenset({"", "bad_token", "token_expired", "user_password_expired"})


class UnknownProvider(NotFound):
    """No identity provider has that name."""


class ProviderUnavailable(Unavailable):
    """The identity provider does not answer, or answers with a fault of its own."""


class ProviderDeclined(Refused):
    """The identity provider answered with an error: *code* as OAuth names it.

    The message holds the provider's own words, cut and cleaned, for people to read; the program
    never branches on them (Microsoft: never branch on AADSTS numbers).
    """

    def __init__(self, message: str, *, code: str, suberror: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.suberror = suberror

    @property
    def ends_session(self) -> bool:
        """Whether the refresh token itself is worth nothing any more.

        Entra ID answers ``invalid_grant`` also where one service lacks consent or asks for a second
        factor, and says so in ``suberror`` (recalled, not verified against a tenant).
        """
        return self.code == "invalid_grant" and self.suberror in _SPENT


class AnswerRefused(Refused):
    """The provider's answer did not pass a check; nobody is signed in."""


class FlowGone(Conflict):
    """The state is unknown, used, too old, or belongs to another browser or provider."""
