"""Whether a request can only come from this machine's own shell or page."""

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from mainhub.simulator.faults.problems import DeskProblem

HEADER: Final = "X-MainHub-Sim"
_LOOPBACK: Final = {"127.0.0.1", "localhost", "::1"}


def require_loopback(request: Request) -> None:
    """Refuse a request that names another host than loopback: a foreign name may lead here.

    Raises:
        DeskProblem: it does.
    """
    try:
        named = urlsplit(f"//{request.headers.get('host', '')}")
        host, port = named.hostname, named.port or 80
    except ValueError:
        raise DeskProblem.foreign_host() from None
    if host not in _LOOPBACK or port != (request.scope["server"] or ("", 0))[1]:
        raise DeskProblem.foreign_host()


def require_own_page(request: Request) -> None:
    """Refuse what is not sent by the desk's own page.

    Raises:
        DeskProblem: it is not, or its browser does not say.
    """
    if not _is_own(request.headers.get("origin"), request):
        raise DeskProblem.foreign_page()


def require_own_program(request: Request) -> None:
    """Refuse what a foreign page could send without being asked by its browser first.

    A header of our own makes a browser ask, which is never answered (Fetch, "CORS-preflight").

    Raises:
        DeskProblem: it could.
    """
    origin = request.headers.get("origin")
    told = request.headers.get(HEADER) == "1" if origin is None else _is_own(origin, request)
    site = request.headers.get("sec-fetch-site", "none")
    if not told or site not in {"none", "same-origin"}:
        raise DeskProblem.foreign_page()


def _is_own(origin: str | None, request: Request) -> bool:
    return origin == f"http://{request.headers.get('host')}"
