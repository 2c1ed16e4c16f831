"""What people see on the way in and out, without the shell."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from mainhub.i18n import translate
from mainhub.signin.failures import FlowGone, ProviderDeclined, ProviderUnavailable
from mainhub.signin.provider import Provider
from mainhub.telemetry import current_trace
from mainhub.web import Pages, Preferences, problems

__all__ = ["SigninPages"]

_Tone = Literal["ok", "warn", "bad"]
_KINDS = {"entra": "Microsoft Entra ID", "oidc": "OpenID Connect"}


@dataclass(frozen=True, slots=True)
class _Words:
    """The keys of a message page, and how loud it is."""

    key: str
    tone: _Tone
    problem: problems.Problem


class SigninPages:
    """Renders the pages of signing in; a failure asked for by a program is a problem instead."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def choice(self, request: Request, providers: list[Provider], return_to: str) -> Response:
        """Ask which account to use."""
        locale = Preferences.of(request).locale
        choices = [
            {
                "title": provider.title,
                "kind": _KINDS[provider.kind],
                "href": f"/auth/login?idp={provider.name}&return_to={quote(return_to, safe='')}",
            }
            for provider in providers
        ]
        facts = {"title": translate(locale, "choose.title"), "choices": choices}
        return self._pages.render(request, "choose.html", facts)

    def signed_out(self, request: Request, *, still_signed_in: bool) -> Response:
        """Say that the session has ended, or truthfully that one is open."""
        locale = Preferences.of(request).locale
        key = "signed_in" if still_signed_in else "signed_out"
        action = ("home", "/") if still_signed_in else ("sign_in_again", "/auth/login")
        facts = {
            "title": translate(locale, f"{key}.title"),
            "lead": translate(locale, f"{key}.lead"),
            "state": None,
            "tone": "ok",
            "facts": [],
            "actions": [(translate(locale, action[0]), action[1])],
        }
        return self._pages.render(request, "message.html", facts)

    def failure(self, request: Request, error: Exception, *, provider: str) -> Response:
        """Tell why nobody was signed in, with the status that fits and a way to start again."""
        words = _words(error, provider)
        if "text/html" not in request.headers.get("accept", ""):
            return problems.response(words.problem)
        locale = Preferences.of(request).locale
        known = [(translate(locale, "provider"), provider)]
        if isinstance(error, ProviderDeclined):
            known.append((translate(locale, "cause"), str(error)))
        known.append((translate(locale, "trace"), current_trace().trace_id))
        title = "declined" if isinstance(error, ProviderDeclined) else words.key
        facts = {
            "title": translate(locale, f"{title}.title"),
            "lead": translate(locale, f"{title}.lead"),
            "state": translate(locale, f"{words.key}.state"),
            "tone": words.tone,
            "facts": known,
            "actions": [(translate(locale, "sign_in_again"), "/auth/login")],
        }
        return self._pages.render(request, "message.html", facts, status=words.problem.status)


def _words(error: Exception, provider: str) -> _Words:
    if isinstance(error, ProviderUnavailable):
        return _Words("down", "warn", problems.provider_unavailable(provider))
    if isinstance(error, FlowGone):
        return _Words("expired", "warn", problems.signin_interrupted())
    return _Words("failed", "bad", problems.signin_refused(str(error)))
