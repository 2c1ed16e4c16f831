"""Where a sign-in begins: the choice of a provider, and the way there."""

from typing import Final

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from mainhub.errors import MainHubError
from mainhub.resilience import RateLimiter
from mainhub.signin import pages
from mainhub.signin.failures import UnknownProvider
from mainhub.signin.relying_party import RelyingParty
from mainhub.signin.routes.flow_cookies import FlowCookies
from mainhub.signin.routes.replies import Replies
from mainhub.signin.way import Way
from mainhub.telemetry import get_logger
from mainhub.web import CookieJar, Preferences, local_path, read_cookies

__all__ = ["WayIn"]

log = get_logger("signin")

_LONGEST_HINT: Final = 255
_PROMPTS: Final = frozenset({"login", "select_account"})


class WayIn:
    """Sends browsers to a provider; *own_origin* is the hub's own, as browsers see it."""

    def __init__(
        self,
        *,
        party: RelyingParty,
        cookies: CookieJar,
        flows: FlowCookies,
        replies: Replies,
        limiter: RateLimiter | None,
        own_origin: str,
    ) -> None:
        self._party = party
        self._cookies = cookies
        self._flows = flows
        self._replies = replies
        self._limiter = limiter
        self._own_origin = own_origin

    async def login(
        self,
        request: Request,
        *,
        idp: str | None = None,
        return_to: str | None = None,
        popup: str | None = None,
        tab: str | None = None,
        iss: str | None = None,
        target_link_uri: str | None = None,
        login_hint: str | None = None,
        prompt: str | None = None,
    ) -> Response:
        """Send the browser to the provider *idp*; with several and none named, ask which.

        A provider's own portal names itself by *iss* instead, and the page by *target_link_uri*
        (OpenID Connect Core, section 4).
        """
        target = local_path(return_to or self._within(target_link_uri))
        way = Way.of(popup=popup, tab=tab)
        providers = self._party.providers
        locale = Preferences.of(request).locale
        if idp is None and iss is None and len(providers) > 1:
            last = read_cookies(request.scope["headers"]).get(self._cookies.last_provider)
            page = pages.choice(locale, providers, return_to=target, way=way, last=last)
            return self._replies.show(request, page)
        name = idp or ("" if idp is not None or iss is not None else providers[0].name)
        try:
            if idp is None and iss is not None:
                name = self._named_by(iss)
            if self._limiter is not None:
                await self._limiter.require(f"sign-in:{self._replies.address(request)}")
            start = await self._party.start(
                name,
                return_to=target,
                prompt=prompt if prompt in _PROMPTS else None,
                locale=locale,
                hint=_hint(login_hint),
                popup=way.popup,
            )
        except MainHubError as error:
            log.warning("signin.start_failed", provider=name, caused_by=str(error))
            return self._replies.failure(request, error, name, way, target, repeatable=True)
        answer = RedirectResponse(start.location, status_code=303)
        self._flows.bind(request, answer, start, way)
        return answer

    def _named_by(self, issuer: str) -> str:
        for provider in self._party.providers:
            if issuer in provider.issuers:
                return provider.name
        raise UnknownProvider("no identity provider has that issuer")

    def _within(self, address: str | None) -> str | None:
        """Return the path of *address* if it is this hub's, or as it is if it names no origin."""
        if address is not None and address.startswith(f"{self._own_origin}/"):
            return address.removeprefix(self._own_origin)
        return address


def _hint(given: str | None) -> str | None:
    usable = given is not None and 0 < len(given) <= _LONGEST_HINT and given.isprintable()
    return given if usable else None
