"""What all routes of signing in answer with: pages, and failures told to people or programs."""

import math
from collections.abc import Sequence

from fastapi import Request, Response

from mainhub.errors import MainHubError
from mainhub.resilience import RateLimited
from mainhub.signin.authenticator import SessionAuthenticator
from mainhub.signin.failure_pages import Attempt, Explain, problem_of_failure, told_failure
from mainhub.signin.pages import Page
from mainhub.signin.relying_party import RelyingParty
from mainhub.signin.way import Way
from mainhub.web import HOME, Network, Pages, Preferences, client_address, problems

__all__ = ["Replies"]


class Replies:
    """Renders *templates* for people; for programs, problems.

    Args:
        party: knows the providers' titles.
        authenticator: tells whether a request brings a session.
        templates: the pages of ``web``.
        trusted_proxies: whose word about a client's address counts.
        support: whom people ask for help, if that is known.
        explain: tells what providers' own words mean.
    """

    def __init__(
        self,
        *,
        party: RelyingParty,
        authenticator: SessionAuthenticator,
        templates: Pages,
        trusted_proxies: Sequence[Network],
        support: str | None,
        explain: Explain | None,
    ) -> None:
        self._party = party
        self._authenticator = authenticator
        self._templates = templates
        self._trusted = trusted_proxies
        self._support = support
        self._explain = explain

    def show(self, request: Request, page: Page, *, status: int = 200) -> Response:
        """Return *page* in the language of *request*."""
        return self._templates.render(request, page.template, page.facts, status=status)

    def failure(
        self,
        request: Request,
        error: MainHubError,
        name: str,
        way: Way | None = None,
        return_to: str = HOME,
        *,
        repeatable: bool = False,
    ) -> Response:
        """Tell why nobody was signed in with the provider *name*, on the *way* in.

        *repeatable*: the same address may be asked again.
        """
        title = self.title(name)
        problem = problem_of_failure(error, provider=title)
        if "text/html" not in request.headers.get("accept", ""):
            return problems.response(problem)
        attempt = Attempt(
            provider=name,
            title=title,
            way=way or Way(),
            return_to=return_to,
            had_session=self._authenticator.brings_session(request.scope["headers"]),
            support=self._support,
            explain=self._explain,
            retry=_address(request) if repeatable else None,
        )
        page = told_failure(Preferences.of(request).locale, error, attempt)
        answer = self.show(request, page, status=problem.status)
        if isinstance(error, RateLimited):
            answer.headers["retry-after"] = str(math.ceil(error.retry_after or 1))
        return answer

    def address(self, request: Request) -> str:
        """Return where *request* comes from."""
        return client_address(request.scope, self._trusted)

    def knows(self, name: str) -> bool:
        """Tell whether there is a provider *name*."""
        return any(known.name == name for known in self._party.providers)

    def title(self, name: str) -> str:
        """Return what people call the provider *name*."""
        return next((known.title for known in self._party.providers if known.name == name), name)


def _address(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
