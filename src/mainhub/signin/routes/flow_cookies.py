"""The cookies that bind sign-ins under way to a browser: one for each, and never too many."""

from typing import Final

from fastapi import Request, Response

from mainhub.signin.flows import LIFETIME, is_cookie_of
from mainhub.signin.relying_party import Start
from mainhub.signin.way import Way
from mainhub.web import CookieJar, read_cookies

__all__ = ["FlowCookies"]

_MOST: Final = 25


class FlowCookies:
    """Reads and writes the flow cookies of *jar*."""

    def __init__(self, jar: CookieJar) -> None:
        self._jar = jar

    def bind(self, request: Request, answer: Response, start: Start, way: Way) -> None:
        """Let *answer* set the cookie of the flow *start*, and give up the oldest of too many."""
        value = way.written_beside(start.cookie_value)
        name = self._jar.flow(start.cookie_id)
        answer.headers.append("set-cookie", self._jar.written(name, value, max_age=LIFETIME))
        held = sorted(self._held(request))
        # Names begin with the time, so the first are the oldest. Bounded, or they would fill the
        # browser's jar and the header until requests fail.
        for oldest in held[: max(0, len(held) + 1 - _MOST)]:
            answer.headers.append("set-cookie", self._jar.deleted(oldest))

    def secrets(self, request: Request) -> list[str]:
        """Return the secrets of all flows that this browser began."""
        return [Way.read_beside(value)[0] for value in self._held(request).values()]

    def way(self, request: Request, state: str) -> Way:
        """Return how the flow of *state* was begun, as its cookie says; else the plain way."""
        for name, value in self._held(request).items():
            if self._is_of(name, state):
                return Way.read_beside(value)[1]
        return Way()

    def unbind(self, request: Request, answer: Response, state: str) -> None:
        """Let *answer* delete the cookie of the flow of *state*."""
        for name in self._held(request):
            if self._is_of(name, state):
                answer.headers.append("set-cookie", self._jar.deleted(name))

    def _held(self, request: Request) -> dict[str, str]:
        cookies = read_cookies(request.scope["headers"])
        prefix = self._jar.flow_prefix
        return {name: value for name, value in cookies.items() if name.startswith(prefix)}

    def _is_of(self, name: str, state: str) -> bool:
        return is_cookie_of(name.removeprefix(self._jar.flow_prefix), state)
