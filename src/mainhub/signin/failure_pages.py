"""Why nobody was signed in: the page for people, the problem for programs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from mainhub.audit import AuditUnavailable
from mainhub.errors import Invalid, MainHubError
from mainhub.i18n import Locale, translate
from mainhub.identity import MissingRole
from mainhub.resilience import RateLimited
from mainhub.sessions import SessionStoreUnavailable
from mainhub.signin.failures import (
    FlowGone,
    GuestRefused,
    ProviderDeclined,
    ProviderUnavailable,
    UnknownProvider,
)
from mainhub.signin.pages import Page, Told
from mainhub.signin.way import Way
from mainhub.storage import DatabaseUnavailable
from mainhub.telemetry import current_trace
from mainhub.web import HOME, problems

__all__ = ["Attempt", "Explain", "Explanation", "problem_of_failure", "told_failure"]

_TOLD_AS_THEY_ARE: Final = UnknownProvider | RateLimited | Invalid | MissingRole
_PLAIN: Final = Way()
_DATABASE: Final = (AuditUnavailable, DatabaseUnavailable, SessionStoreUnavailable)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a provider's own words mean, and what helps; for people, in their language."""

    cause: str
    remedy: str


Explain = Callable[[str, Locale], Explanation | None]
"""Explains a provider's words, such as those with an AADSTS number, if it knows them."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is known of a sign-in that failed.

    Attributes:
        provider: its name in the settings.
        title: what people call it.
        way: how the person came.
        return_to: where they wanted to go, as far as that is known.
        retry: the address to try again, where the same one may be asked again.
        had_session: they brought a session, which goes on.
        support: whom to ask for help, if that is known.
        explain: tells what the provider's own words mean.
    """

    provider: str
    title: str
    way: Way = _PLAIN
    return_to: str = HOME
    retry: str | None = None
    had_session: bool = False
    support: str | None = None
    explain: Explain | None = None


def problem_of_failure(error: MainHubError, *, provider: str) -> problems.Problem:
    """Return the problem that tells a program why nobody was signed in."""
    if isinstance(error, ProviderUnavailable):
        return problems.provider_unavailable(provider)
    if isinstance(error, FlowGone):
        return problems.signin_interrupted()
    if isinstance(error, _DATABASE):
        return problems.database_unavailable()
    if isinstance(error, _TOLD_AS_THEY_ARE):
        return problems.problem_of(error)
    return problems.signin_refused(str(error))


def told_failure(locale: Locale, error: MainHubError, attempt: Attempt) -> Page:
    """Tell a person the same, what helps, and a way to start again."""
    key, tone = _words(error)
    known = [(translate(locale, "provider"), attempt.title)]
    explained = None
    if isinstance(error, ProviderDeclined):
        explained = attempt.explain(str(error), locale) if attempt.explain else None
        if explained is not None:
            known.append((translate(locale, "cause"), explained.cause))
        known.append((translate(locale, "answer" if explained else "cause"), str(error)))
    if isinstance(error, MissingRole) and error.needs:
        known.append((translate(locale, "role"), " · ".join(error.needs)))
    known.append((translate(locale, "trace"), current_trace().trace_id))
    facts = {
        "title": translate(locale, f"{_title(key, attempt)}.title"),
        "lead": translate(locale, f"{_lead(key, attempt)}"),
        "state": translate(locale, f"{_state(key, attempt)}.state"),
        "tone": tone,
        "facts": known,
        "helps": _helps(locale, key, attempt, explained),
        "actions": _actions(locale, key, attempt),
        "told": Told("mainhub:signin-failed", attempt.way.tab) if attempt.way.popup else None,
    }
    return Page("message.html", facts)


_Key = Literal[
    "down",
    "busy",
    "expired",
    "database",
    "unknown",
    "odd",
    "declined",
    "guest",
    "role",
    "failed",
]
_Tone = Literal["warn", "bad"]
# What somebody else has to grant first.
_CLOSED: Final[frozenset[_Key]] = frozenset({"declined", "guest", "role"})


_WORDS: Final[tuple[tuple[type[Exception] | tuple[type[Exception], ...], _Key, _Tone], ...]] = (
    (ProviderUnavailable, "down", "warn"),
    (RateLimited, "busy", "warn"),
    (FlowGone, "expired", "warn"),
    (_DATABASE, "database", "warn"),
    (UnknownProvider, "unknown", "bad"),
    (Invalid, "odd", "bad"),
    (GuestRefused, "guest", "bad"),
    (MissingRole, "role", "bad"),
    (ProviderDeclined, "declined", "bad"),
)


def _words(error: MainHubError) -> tuple[_Key, _Tone]:
    for kind, key, tone in _WORDS:
        if isinstance(error, kind):
            return key, tone
    return "failed", "bad"


def _title(key: _Key, attempt: Attempt) -> str:
    return f"{key}.step_up" if _is_refused_step_up(key, attempt) else key


def _lead(key: _Key, attempt: Attempt) -> str:
    # Nobody is told that their session goes on who came without one.
    if key == "database" and not attempt.had_session:
        return "database.nobody"
    return f"{_title(key, attempt)}.lead"


def _state(key: _Key, attempt: Attempt) -> str:
    if _is_refused_step_up(key, attempt):
        return "step_up"
    if key in {"guest", "role"}:
        return "closed"
    return "failed" if key == "declined" else key


def _is_refused_step_up(key: _Key, attempt: Attempt) -> bool:
    return attempt.way.step_up and key in {"declined", "failed", "expired"}


def _helps(locale: Locale, key: _Key, attempt: Attempt, explained: Explanation | None) -> list[str]:
    """Return what to do, step by step, where somebody else has to do something."""
    if key not in _CLOSED:
        return []
    who = attempt.support
    asks = translate(locale, "help.ask").format(who=who) if who else translate(locale, "help.admin")
    again = translate(locale, "help.again")
    return [explained.remedy, asks] if explained else [asks, again]


def _actions(locale: Locale, key: _Key, attempt: Attempt) -> list[tuple[str, str]]:
    """Return what to press: first what is most likely wanted."""
    carried = f"return_to={quote(attempt.return_to, safe='')}{attempt.way.query}"
    if attempt.retry is not None and key in {"down", "busy", "database"}:
        return [(translate(locale, "retry"), attempt.retry)]
    if attempt.way.step_up:
        return [(translate(locale, "back_home"), attempt.return_to)]
    if key == "down":
        idp = quote(attempt.provider, safe="")
        return [(translate(locale, "retry"), f"/auth/login?idp={idp}&{carried}")]
    if key in _CLOSED:
        # Without, the provider would name the same account again, unasked.
        other = f"/auth/login?prompt=select_account&{carried}"
        actions = [(translate(locale, "other_account"), other)]
        if key == "declined":
            actions.append((translate(locale, "sign_in_again"), f"/auth/login?{carried}"))
        if attempt.had_session:
            actions.append((translate(locale, "home"), HOME))
        return actions
    return [(translate(locale, "sign_in_again"), f"/auth/login?{carried}")]
