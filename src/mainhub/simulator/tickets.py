"""What makes a form of the tenant's answerable only from the page that showed it.

Every page has a path of its own to post to and a cookie that only this path receives, so that
twenty pages open at once do not disturb each other.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from mainhub.simulator.errors import EntraError
from mainhub.simulator.tenant import Tenant

_COOKIE: Final = "simulated-entra-form"


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to post to *path* once this browser has its cookie."""

    path: str
    field: str
    cookie: str
    max_age: int

    def bind(self, page: Response) -> None:
        """Give the browser that gets *page* the other half."""
        page.set_cookie(
            _COOKIE,
            self.cookie,
            max_age=self.max_age,
            path=self.path,
            httponly=True,
            samesite="strict",
        )


def issue_ticket(tenant: Tenant, folder: str) -> Ticket:
    """Return a ticket for a new path below *folder*."""
    path, cookie = f"{folder}/{tenant.random(12)}", tenant.random(32)
    max_age = int(tenant.lifetimes.form.total_seconds())
    return Ticket(path, tenant.seal("form", f"{path}\n{cookie}"), cookie, max_age)


def check_ticket(tenant: Tenant, request: Request, form: Mapping[str, str]) -> None:
    """Refuse a form that was not posted from the page shown to this very browser."""
    expected = tenant.seal("form", f"{request.url.path}\n{request.cookies.get(_COOKIE, '')}")
    genuine = hmac.compare_digest(expected.encode(), form.get("ticket", "").encode())
    # Absent where there is no browser, or one without Fetch Metadata.
    same_origin = request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
    if not (genuine and same_origin and _COOKIE in request.cookies):
        raise EntraError(
            "invalid_request",
            165000,
            "The request tokens do not match the user context: the page is too old, or was shown "
            "to another browser.",
        )
