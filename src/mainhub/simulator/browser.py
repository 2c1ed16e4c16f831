"""What the tenant and a browser say to each other: the sign-on cookie and redirects."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mainhub.simulator.tenant import Tenant

_COOKIE: Final = "simulated-entra-sso"


def browser_of(request: Request) -> str | None:
    """Return what names the browser behind *request*, if it was here before."""
    return request.cookies.get(_COOKIE)


def remember_browser(answer: Response, browser: str, tenant: Tenant) -> None:
    """Let the browser keep its new name.

    The real cookie is ``SameSite=None; Secure``; plain http on loopback allows only ``Lax``, which
    suffices for navigation.
    """
    answer.set_cookie(
        _COOKIE,
        browser,
        max_age=int(tenant.lifetimes.sso_session.total_seconds()),
        httponly=True,
        samesite="lax",
    )


def redirect(request: Request, uri: str, parameters: Mapping[str, str | None]) -> Response:
    """Send the browser to *uri*, a registered one, with those *parameters* that have a value.

    After a form with 303, so that the browser never repeats the form elsewhere (RFC 9700, 4.12).
    """
    status = 303 if request.method == "POST" else 302
    return RedirectResponse(redirected_to(uri, parameters), status_code=status)


def redirected_to(uri: str, parameters: Mapping[str, str | None]) -> str:
    """Return *uri* with those *parameters* that have a value."""
    parts = urlsplit(uri)
    added = urlencode({name: value for name, value in parameters.items() if value is not None})
    query = "&".join(text for text in (parts.query, added) if text)
    return urlunsplit(parts._replace(query=query))
