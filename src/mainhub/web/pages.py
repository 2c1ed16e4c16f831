"""Pages that the server renders itself: templates, language, theme, and a nonce for the CSP."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from mainhub.i18n import Locale, negotiate, translate
from mainhub.web.cookies import read_cookies
from mainhub.web.security import page_policy

__all__ = ["LOCALE_COOKIE", "THEME_COOKIE", "Pages", "Preferences", "Theme"]

LOCALE_COOKIE: Final = "mainhub-locale"
THEME_COOKIE: Final = "mainhub-theme"
Theme = Literal["light", "dark", "system"]


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a person wants pages: their cookies' choice, else the browser's."""

    locale: Locale
    theme: Theme

    @classmethod
    def of(cls, request: Request) -> "Preferences":
        """Read them from *request*; unknown values count as absent."""
        cookies = read_cookies(request.scope["headers"])
        chosen = cookies.get(THEME_COOKIE)
        theme: Theme = "light" if chosen == "light" else "dark" if chosen == "dark" else "system"
        accepted = request.headers.get("accept-language")
        return cls(negotiate(cookies.get(LOCALE_COOKIE), accepted), theme)


class Pages:
    """Renders templates of *package* (its folder ``templates``), all of which know *facts*."""

    def __init__(self, package: str, facts: Mapping[str, object]) -> None:
        self._environment = Environment(
            loader=PackageLoader(package),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._facts = dict(facts)

    def render(
        self,
        request: Request,
        template: str,
        facts: Mapping[str, object],
        *,
        status: int = 200,
        connect: Iterable[str] = (),
        form_action: Iterable[str] = ("'self'",),
    ) -> HTMLResponse:
        """Return the page *template*, with a fresh nonce and the policy that goes with it.

        Templates see ``t(key)``, ``locale``, ``theme``, ``nonce`` and *facts*. *connect* and
        *form_action* widen the page's Content-Security-Policy.
        """
        nonce = secrets.token_urlsafe(16)
        wanted = Preferences.of(request)
        html = self._environment.get_template(template).render(
            {**self._facts, **facts},
            t=partial(translate, wanted.locale),
            locale=wanted.locale,
            theme=wanted.theme,
            nonce=nonce,
        )
        policy = page_policy(nonce, connect=connect, form_action=form_action)
        headers = {
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "Content-Language": wanted.locale,
            "Vary": "Accept-Language, Cookie",
        }
        return HTMLResponse(html, status_code=status, headers=headers)
