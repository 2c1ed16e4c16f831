"""Protection from requests that another site makes in a person's name.

Three independent signs must agree for an unsafe method: our header (another site cannot send it
without a CORS preflight, which the hub never grants), ``Sec-Fetch-Site`` as the browser states it,
and, where an old browser states none, ``Origin``. The cookie's ``SameSite=Lax`` is the fourth.
"""

from typing import Final

from mainhub.errors import Refused

__all__ = ["HEADER", "SAFE_METHODS", "CrossSite", "check"]

HEADER: Final = "X-MainHub-CSRF"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES: Final = frozenset({"same-origin", "none"})


class CrossSite(Refused):
    """The request does not come from a page of this hub."""


def check(
    *, method: str, header: str | None, fetch_site: str | None, origin: str | None, own_origin: str
) -> None:
    """Let a request pass that this hub's own pages made.

    Args:
        method: the HTTP method, upper case.
        header: the value of ``X-MainHub-CSRF``.
        fetch_site: the value of ``Sec-Fetch-Site``.
        origin: the value of ``Origin``.
        own_origin: scheme, host and port of the hub as browsers see it.

    Raises:
        CrossSite: for an unsafe method without all the signs.
    """
    if method in SAFE_METHODS:
        return
    if header != "1":
        raise CrossSite(f"{method} needs the header {HEADER}: 1.")
    if fetch_site is not None:
        if fetch_site not in _OWN_SITES:
            raise CrossSite(f"The browser says that a {fetch_site} page sent this.")
    elif origin is None:
        # Neither header: no browser. A cookie in such a client's hands is already its own secret,
        # but nothing vouches for the request, so deny by default.
        raise CrossSite("The request names neither Sec-Fetch-Site nor Origin.")
    if origin is not None and origin != own_origin:
        raise CrossSite("The request comes from another origin.")
