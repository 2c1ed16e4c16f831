"""What a provider's refusal of a token means for who asked for it."""

from typing import Final

from mainhub.sessions import GrantDeclined, GrantUnavailable, StepUpNeeded
from mainhub.signin.failures import ProviderDeclined, ProviderUnavailable
from mainhub.telemetry import get_logger

__all__ = ["declined_grant", "unavailable_grant"]

log = get_logger("signin")

# RFC 6749, section 4.1.2.1.
_PASSING: Final = frozenset({"temporarily_unavailable", "server_error"})


def declined_grant(error: ProviderDeclined, provider: str) -> GrantDeclined | GrantUnavailable:
    """Return what *error* of *provider* is to who asked for a token that a session has no part in.

    Whether a session ends is not told here.
    """
    # Not named code: what bears that name is masked.
    log.warning(
        "signin.grant_declined", error=error.code, suberror=error.suberror, provider=provider
    )
    if error.wants_person:
        return StepUpNeeded(str(error), claims=error.claims, remedy="Prove once more who you are.")
    if error.code in _PASSING:
        return GrantUnavailable(str(error), remedy="Try again in a moment.")
    if error.code == "invalid_client":
        remedy = "Tell the operator: mainhub doctor says why the provider does not believe the hub."
        return GrantDeclined(str(error), remedy=remedy)
    return GrantDeclined(str(error), remedy="Tell the operator: the provider refuses these scopes.")


def unavailable_grant(error: ProviderUnavailable) -> GrantUnavailable:
    """Return the same for a provider that does not answer."""
    return GrantUnavailable(str(error), remedy=error.remedy)
