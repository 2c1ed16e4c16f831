"""The gate before routes that need a person: who is calling, and did our own page make the call?"""

from collections.abc import Awaitable, Callable, Iterable

from starlette.requests import Request

from mainhub.identity import MissingRole, NotSignedIn, Person
from mainhub.web import csrf
from mainhub.web.authenticator import Authenticator, Caller
from mainhub.web.bearer import brings_bearer
from mainhub.web.vouched import not_just_now, require_vouched

__all__ = ["Guard", "Judge", "OnRefusal"]

Judge = Callable[[Person, Iterable[str], str], None]
"""Raises ``MissingRole`` unless the person has one of the roles; the text names the resource."""
OnRefusal = Callable[[Request, Caller, MissingRole], Awaitable[None]]
"""Told of each refusal, for the record."""


class Guard:
    """Asks *authenticator* for the caller and *judge* whether they may.

    Args:
        authenticator: tells who is calling.
        own_origin: the hub's origin as browsers see it.
        judge: the one decision of ``access``, handed in since rooms below that floor ask too.
        on_refusal: told of every missing role.
    """

    def __init__(
        self,
        authenticator: Authenticator,
        *,
        own_origin: str,
        judge: Judge,
        on_refusal: OnRefusal | None = None,
    ) -> None:
        self._authenticator = authenticator
        self._own_origin = own_origin
        self._judge = judge
        self._on_refusal = on_refusal

    async def caller(self, request: Request) -> Caller | None:
        """Return the signed-in caller, or ``None``.

        Raises:
            CrossSite: the method is unsafe, a cookie says who it is, and another site made the
                request.
            BearerMalformed, BearerRefused, ScopeMissing: as of the authenticator.
            Unavailable: likewise.
        """
        if not brings_bearer(request.scope["headers"]):
            self.refuse_cross_site(request)
        caller = await self._authenticator.authenticate(request.scope["headers"])
        if caller is not None:
            require_vouched(caller, request.method)
        return caller

    async def require(self, request: Request) -> Caller:
        """Return the caller.

        Raises:
            NotSignedIn: there is none; further as :meth:`caller`.
        """
        caller = await self.caller(request)
        if caller is None:
            raise NotSignedIn("this is open to signed-in people only")
        return caller

    async def require_role(self, request: Request, roles: Iterable[str], what: str) -> Caller:
        """Return the caller, who has one of *roles*; *what* names the resource in a refusal.

        Raises:
            MissingRole: the caller has none of them; further as :meth:`require`.
        """
        caller = await self.require(request)
        await self.judge(request, caller, roles, what)
        return caller

    async def judge(
        self, request: Request, caller: Caller, roles: Iterable[str], what: str
    ) -> None:
        """Raise ``MissingRole`` unless *caller* has one of *roles*; the refusal is recorded."""
        asked = tuple(roles)
        try:
            self._judge(caller.person, asked, what)
        except MissingRole as refusal:
            if self._would_let_in(caller.named, asked, what):
                # An administrator for whom nobody vouches just now is no refusal, and goes nowhere.
                raise not_just_now(caller) from refusal
            if self._on_refusal is not None:
                await self._on_refusal(request, caller, refusal)
            raise

    def _would_let_in(self, person: Person | None, roles: tuple[str, ...], what: str) -> bool:
        if person is None:
            return False
        try:
            self._judge(person, roles, what)
        except MissingRole:
            return False
        return True

    def refuse_cross_site(self, request: Request) -> None:
        """Raise ``CrossSite`` for an unsafe request that this hub's pages did not make."""
        csrf.check(
            method=request.method,
            header=request.headers.get(csrf.HEADER),
            fetch_site=request.headers.get("sec-fetch-site"),
            origin=request.headers.get("origin"),
            own_origin=self._own_origin,
        )
