"""Ends of sessions between processes that share a PostgreSQL."""

from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from typing_extensions import override

from mainhub.sessions.ends import EndsFeed, EndTold
from mainhub.sessions.keyring import KeyRing
from mainhub.storage import Database, Notices, NoticesLost

__all__ = ["PostgresqlEnds"]

_CHANNEL: Final = "mainhub_session_ends"


class PostgresqlEnds(EndsFeed):
    """Tells by NOTIFY in *database*; the rest as :class:`EndsFeed`."""

    def __init__(
        self,
        database: Database,
        *,
        ring: KeyRing,
        heard: Callable[[EndTold], None],
        missed: Callable[[], None],
        doubted: Callable[[], None],
    ) -> None:
        super().__init__(ring=ring, heard=heard, missed=missed, doubted=doubted)
        self._notices = Notices(database, _CHANNEL, heard=self._take, linked=self._linked)

    @override
    async def __aenter__(self) -> Self:
        await self._notices.__aenter__()
        return await super().__aenter__()

    @override
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await super().__aexit__(kind, error, trace)
        await self._notices.__aexit__(kind, error, trace)

    @override
    async def _send(self, text: str) -> None:
        await self._notices.tell(text)

    @property
    @override
    def _failures(self) -> tuple[type[Exception], ...]:
        return (NoticesLost,)
