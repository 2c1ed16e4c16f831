"""What people read on the way in and out, where there is no shell yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from mainhub.audit import AuditUnavailable
from mainhub.errors import MainHubError
from mainhub.i18n import Locale, translate
from mainhub.resilience import RateLimited
from mainhub.sessions import SessionStoreUnavailable
from mainhub.signin.failures import (
    FlowGone,
    ProviderDeclined,
    ProviderUnavailable,
    UnknownProvider,
)
from mainhub.signin.provider import Provider
from mainhub.storage import DatabaseUnavailable
from mainhub.telemetry import current_trace
from mainhub.web import problems

__all__ = ["Page", "choice", "problem_of_failure", "signed_out", "told_failure"]

_DATABASE: Final = (AuditUnavailable, DatabaseUnavailable, SessionStoreUnavailable)
_KINDS: Final = {"entra": "Microsoft Entra ID", "oidc": "OpenID Connect"}


@dataclass(frozen=True, slots=True)
class Page:
    """A template of ``web`` and what it is filled with."""

    template: Literal["choose.html", "message.html"]
    facts: Mapping[str, object]


def choice(locale: Locale, providers: list[Provider], return_to: str) -> Page:
    """Ask which account to use."""
    choices = [
        {
            "title": provider.title,
            "kind": _KINDS[provider.kind],
            "href": f"/auth/login?idp={provider.name}&return_to={quote(return_to, safe='')}",
        }
        for provider in providers
    ]
    return Page("choose.html", {"title": translate(locale, "choose.title"), "choices": choices})


def signed_out(locale: Locale, *, still_signed_in: bool, there_too: bool) -> Page:
    """Say that the session has ended, here or *there_too*, or truthfully that one is open."""
    key = "signed_in" if still_signed_in else "signed_out"
    lead = "signed_out.here" if not still_signed_in and not there_too else f"{key}.lead"
    action = ("home", "/") if still_signed_in else ("sign_in_again", "/auth/login")
    facts = {
        "title": translate(locale, f"{key}.title"),
        "lead": translate(locale, lead),
        "state": None,
        "tone": "ok",
        "facts": [],
        "actions": [(translate(locale, action[0]), action[1])],
    }
    return Page("message.html", facts)


def problem_of_failure(error: MainHubError, *, provider: str) -> problems.Problem:
    """Return the problem that tells a program why nobody was signed in."""
    if isinstance(error, ProviderUnavailable):
        return problems.provider_unavailable(provider)
    if isinstance(error, FlowGone):
        return problems.signin_interrupted()
    if isinstance(error, _DATABASE):
        return problems.database_unavailable()
    if isinstance(error, UnknownProvider | RateLimited):
        return problems.problem_of(error)
    return problems.signin_refused(str(error))


def told_failure(locale: Locale, error: Exception, *, provider: str, had_session: bool) -> Page:
    """Tell a person the same, with a way to start again; *had_session*: before they began."""
    key, tone = _words(error)
    known = [(translate(locale, "provider"), provider)]
    if isinstance(error, ProviderDeclined):
        known.append((translate(locale, "cause"), str(error)))
    known.append((translate(locale, "trace"), current_trace().trace_id))
    title = "declined" if isinstance(error, ProviderDeclined) else key
    facts = {
        "title": translate(locale, f"{title}.title"),
        # Nobody is told that their session goes on who came without one.
        "lead": translate(
            locale, "database.nobody" if key == "database" and not had_session else f"{title}.lead"
        ),
        "state": translate(locale, f"{key}.state"),
        "tone": tone,
        "facts": known,
        "actions": [(translate(locale, "sign_in_again"), "/auth/login")],
    }
    return Page("message.html", facts)


def _words(error: Exception) -> tuple[str, Literal["warn", "bad"]]:
    if isinstance(error, ProviderUnavailable):
        return "down", "warn"
    if isinstance(error, FlowGone | RateLimited):
        return "busy" if isinstance(error, RateLimited) else "expired", "warn"
    if isinstance(error, _DATABASE):
        return "database", "warn"
    if isinstance(error, UnknownProvider):
        return "unknown", "bad"
    return "failed", "bad"
