"""Where a session is asked to prove more: the provider is asked for it, about the same person."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from mainhub.errors import MainHubError
from mainhub.resilience import RateLimiter
from mainhub.signin.authenticator import SessionAuthenticator
from mainhub.signin.relying_party import RelyingParty
from mainhub.signin.routes.flow_cookies import FlowCookies
from mainhub.signin.routes.replies import Replies
from mainhub.signin.step_up import StepUp
from mainhub.signin.way import Way
from mainhub.telemetry import get_logger
from mainhub.web import Preferences, csrf, local_path

__all__ = ["SteppingUp"]

log = get_logger("signin")

# None where the browser states nothing: it is old, or no browser at all.
_OWN_SITES: Final = frozenset({"same-origin", "none", None})


class SteppingUp:
    """Sends browsers with a session to its provider again.

    *known_scopes* are those of this hub's services: no link makes anybody consent to others.
    """

    def __init__(
        self,
        *,
        party: RelyingParty,
        authenticator: SessionAuthenticator,
        flows: FlowCookies,
        replies: Replies,
        limiter: RateLimiter | None,
        known_scopes: Iterable[str],
    ) -> None:
        self._party = party
        self._authenticator = authenticator
        self._flows = flows
        self._replies = replies
        self._limiter = limiter
        self._known_scopes = frozenset(known_scopes)

    async def stepup(
        self,
        request: Request,
        *,
        claims: str | None = None,
        scopes: str | None = None,
        return_to: str | None = None,
        popup: str | None = None,
        tab: str | None = None,
    ) -> Response:
        """Ask the provider of the session for *claims* and *scopes*; without one, sign in."""
        _refuse_foreign_link(request)
        target = local_path(return_to)
        way = Way.of(popup=popup, tab=tab, step_up=True)
        session = await self._authenticator.session(request.scope["headers"])
        if session is None:
            return RedirectResponse(self._sign_in(target, way), status_code=303)
        name = session.person.provider
        try:
            if self._limiter is not None:
                await self._limiter.require(f"sign-in:{self._replies.address(request)}")
            wanted = StepUp.read(
                claims=claims,
                scopes=scopes,
                provider=self._party.client(name).provider,
                known=self._known_scopes,
            )
            start = await self._party.start(
                name,
                return_to=target,
                prompt=wanted.prompt,
                locale=Preferences.of(request).locale,
                claims=wanted.claims,
                scopes=wanted.scopes or None,
                hint=session.tokens.login_hint,
                popup=way.popup,
                session_ref=session.ref,
            )
        except MainHubError as error:
            log.warning("signin.step_up_failed", provider=name, caused_by=str(error))
            return self._replies.failure(request, error, name, way, target, repeatable=True)
        log.info("signin.step_up", person=session.person.id, scopes=list(wanted.scopes))
        answer = RedirectResponse(start.location, status_code=303)
        self._flows.bind(request, answer, start, way)
        return answer

    def _sign_in(self, target: str, way: Way) -> str:
        return f"/auth/login?return_to={quote(target, safe='')}{way.query}"


def _refuse_foreign_link(request: Request) -> None:
    # What the person is asked for is in the address: another site must not choose it.
    site = request.headers.get("sec-fetch-site")
    if site not in _OWN_SITES:
        raise csrf.CrossSite(f"The browser says that a {site} page leads here.")
