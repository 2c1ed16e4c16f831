"""The gate before routes that need a person: who is calling, and did our own page make the call?"""

from starlette.requests import Request

from mainhub.identity import NotSignedIn
from mainhub.web import csrf
from mainhub.web.authenticator import Authenticator, Caller

__all__ = ["Guard"]


class Guard:
    """Asks *authenticator* for the caller; *own_origin* is the hub's as browsers see it."""

    def __init__(self, authenticator: Authenticator, *, own_origin: str) -> None:
        self._authenticator = authenticator
        self._own_origin = own_origin

    async def caller(self, request: Request) -> Caller | None:
        """Return the signed-in caller, or ``None``.

        Raises:
            CrossSite: the method is unsafe and another site made the request.
            Unavailable: the session store does not answer.
        """
        self.refuse_cross_site(request)
        return await self._authenticator.authenticate(request.scope["headers"])

    async def require(self, request: Request) -> Caller:
        """Return the caller.

        Raises:
            NotSignedIn: there is none; further as :meth:`caller`.
        """
        caller = await self.caller(request)
        if caller is None:
            raise NotSignedIn("this is open to signed-in people only")
        return caller

    def refuse_cross_site(self, request: Request) -> None:
        """Raise ``CrossSite`` for an unsafe request that this hub's pages did not make."""
        csrf.check(
            method=request.method,
            header=request.headers.get(csrf.HEADER),
            fetch_site=request.headers.get("sec-fetch-site"),
            origin=request.headers.get("origin"),
            own_origin=self._own_origin,
        )
