"""What people read on the way in and out, where there is no shell yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from mainhub.i18n import Locale, translate
from mainhub.signin.trusted import Provider
from mainhub.signin.way import Way
from mainhub.web import HOME

__all__ = ["Page", "Told", "choice", "done", "signed_out"]

_KINDS: Final = {"entra": "Microsoft Entra ID", "oidc": "OpenID Connect"}
# A path that is longer tells people nothing.
_LONGEST_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class Page:
    """A template of ``web`` and what it is filled with."""

    template: Literal["choose.html", "message.html", "done.html"]
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Told:
    """What a popup tells the tab *tab* that opened it; no token and nobody's name."""

    type: Literal["mainhub:signed-in", "mainhub:signin-failed"]
    tab: str


def choice(
    locale: Locale, providers: list[Provider], *, return_to: str, way: Way, last: str | None
) -> Page:
    """Ask which account to use; *last* names the provider that this browser used before."""
    choices = [
        {
            "title": provider.title,
            "kind": _KINDS[provider.kind],
            "last": provider.name == last,
            "href": f"/auth/login?idp={provider.name}"
            f"&return_to={quote(return_to, safe='')}{way.query}",
        }
        for provider in providers
    ]
    shown = return_to if return_to != HOME and len(return_to) <= _LONGEST_SHOWN else None
    return Page(
        "choose.html",
        {"title": translate(locale, "choose.title"), "choices": choices, "return_to": shown},
    )


def done(locale: Locale, way: Way, return_to: str) -> Page:
    """End a popup: it tells the tab that opened it and closes; where it cannot, it leads on."""
    key = "stepped_up" if way.step_up else "done"
    facts = {
        "title": translate(locale, f"{key}.title"),
        "lead": translate(locale, "done.lead"),
        "go_on": return_to,
        "told": Told("mainhub:signed-in", way.tab),
    }
    return Page("done.html", facts)


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
        "helps": [],
        "actions": [(translate(locale, action[0]), action[1])],
        "told": None,
    }
    return Page("message.html", facts)
