"""Which front-end makes a call, and whether it declared the service that it calls.

All front-ends of a page share one cookie, so the cookie alone says who calls but not what. Each
call of a page therefore names its front-end, and reaches only what that one declared; a fault or a
bad day in one front-end is not a way to every service its users may call. A name is no secret: code
in the page that lies about it gets what the person may open anyway, and no more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Final

from mainhub.access import Decide, Need, decide
from mainhub.errors import Refused
from mainhub.gateway.request_headers import Headers, sole
from mainhub.telemetry import get_logger
from mainhub.web import Caller, not_just_now

__all__ = ["ApiNotDeclared", "Declaration", "Declarations", "FrontendCalls", "FrontendUnnamed"]

log = get_logger("gateway")

HEADER: Final = "X-MainHub-Frontend"
_HEADER: Final = HEADER.lower().encode()
_BELIEVED: Final = timedelta(seconds=1)
_LONGEST_SHOWN: Final = 64


@dataclass(frozen=True, slots=True)
class Declaration:
    """A front-end: who may open it, and the services that it says it calls."""

    name: str
    need: Need
    apis: frozenset[str]


Declarations = Callable[[], Awaitable[Iterable[Declaration]]]
"""Returns what the active front-ends declare; raises ``Unavailable`` if nobody knows."""


class FrontendUnnamed(Refused):
    """The call does not say which front-end makes it."""

    kind: ClassVar[str] = "frontend-unnamed"
    headline: ClassVar[str] = "The call names no front-end"


class ApiNotDeclared(Refused):
    """The front-end may not call this: one answer, whatever of it is missing."""

    kind: ClassVar[str] = "api-not-declared"
    headline: ClassVar[str] = "The front-end does not declare this service"


class FrontendCalls:
    """Judges calls by what *declarations* say.

    Args:
        declarations: see there; what they said is believed for *believed*.
        allow_unnamed: let calls pass that name no front-end; a name that is given counts all the
            same.
        decide: the one decision; without it, that of tokens alone.
        believed: how late a change may be noticed that :meth:`forget` was not told of.
    """

    def __init__(
        self,
        declarations: Declarations,
        *,
        allow_unnamed: bool = False,
        believed: timedelta = _BELIEVED,
        decide: Decide = decide,
    ) -> None:
        self._declarations = declarations
        self._decide = decide
        self._allow_unnamed = allow_unnamed
        self._believed = believed.total_seconds()
        self._known: Mapping[str, Declaration] = {}
        self._until = float("-inf")
        self._forgotten = 0

    async def require(self, caller: Caller, headers: Headers, service: str) -> None:
        """Return if the front-end that *headers* name may call *service* for *caller*.

        Who brings a token of their own is no page, and names no front-end.

        Raises:
            FrontendUnnamed: no front-end is named.
            ApiNotDeclared: it does not declare *service*, is closed to the caller, or is none.
            SessionsUnavailable, ProofDue: it is open to the caller, for whom nobody vouches now.
            Unavailable: what is declared is not known.
        """
        if caller.bearer is not None:
            return
        # Two of them are joined, and a joined name is nobody's.
        name = sole(headers, _HEADER)
        if name is None:
            if self._allow_unnamed:
                return
            raise FrontendUnnamed(
                f"A call of a page names its front-end in the header {HEADER}.",
                remedy="Use api() of the SDK, which names it.",
            )
        found = (await self._declared()).get(name)
        if found is not None and service in found.apis:
            if self._decide(caller.person, found.need).allowed:
                return
            if caller.named is not None and self._decide(caller.named, found.need).allowed:
                raise not_just_now(caller)
        log.info("gateway.api_not_declared", frontend=name[:_LONGEST_SHOWN], service=service)
        raise ApiNotDeclared(
            "The front-end that makes this call does not declare the service.",
            remedy="Whoever runs the hub can add the service to the front-end's apis.",
        )

    def forget(self) -> None:
        """Ask for the declarations again before the next call is judged."""
        self._until = float("-inf")
        self._forgotten += 1

    async def _declared(self) -> Mapping[str, Declaration]:
        now = asyncio.get_running_loop().time()
        if now >= self._until:
            before = self._forgotten
            self._known = {entry.name: entry for entry in await self._declarations()}
            if before == self._forgotten:
                # Else what was just read may be older than the change that was told meanwhile.
                self._until = now + self._believed
        return self._known
