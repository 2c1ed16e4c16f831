"""What the processes of one PostgreSQL tell each other: NOTIFY, heard by LISTEN."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

from mainhub.storage.engine import Database
from mainhub.telemetry import get_logger

__all__ = ["Notices", "NoticesLost"]

log = get_logger("storage")

_AGAIN: Final = 0.05
_AGAIN_LATEST: Final = 2.0
_BEAT: Final = 2.0
_PATIENCE: Final = 2.0
_LONGEST: Final = 7900
_REMINDED: Final = 0.2


class NoticesLost(ConnectionError):
    """There is no connection on which something could be told now."""


class Notices:
    """Listens to *channel* on a connection of its own while this is entered.

    A connection that is lost or silent is opened anew after 50 ms, 100 ms and so on, up to 2 s.

    Args:
        database: a PostgreSQL.
        channel: letters, digits and underscores.
        heard: given each text, those of this process too.
        linked: told ``True`` when it begins to listen, ``False`` when it does no longer.
    """

    def __init__(
        self,
        database: Database,
        channel: str,
        *,
        heard: Callable[[str], None],
        linked: Callable[[bool], None],
    ) -> None:
        self._database = database
        self._channel = channel
        self._heard = heard
        self._linked = linked
        self._driver: Any = None
        self._lost = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._keeper = asyncio.create_task(self._keep(), name="storage.notices")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        keeper, self._keeper = self._keeper, None
        while keeper is not None and not keeper.done():
            keeper.cancel()
            # Again, if need be: on Python 3.11 a driver's wait may swallow a cancellation.
            await asyncio.wait([keeper], timeout=_REMINDED)

    async def tell(self, text: str) -> None:
        """Tell *text*, of at most 7,900 bytes, to all who listen, this process too.

        Raises:
            NoticesLost: there is no connection, or it broke off.
        """
        if len(text.encode()) > _LONGEST:
            raise ValueError(f"a notice has {_LONGEST} bytes at most")
        driver = self._driver
        if driver is None:
            raise NoticesLost("PostgreSQL is not listened to at the moment")
        try:
            words = ("SELECT pg_notify($1, $2)", self._channel, text)
            await driver.execute(*words, timeout=_PATIENCE)
        except self._database.connect_errors as error:
            self._lost.set()
            raise NoticesLost(str(error) or type(error).__name__) from error

    async def _keep(self) -> None:
        attempts = 0
        while True:
            try:
                attempts += 1
                async with self._database.apart() as driver:
                    self._lost = asyncio.Event()
                    driver.add_termination_listener(lambda _: self._lost.set())
                    await driver.add_listener(self._channel, self._take)
                    attempts, self._driver = 0, driver
                    self._linked(True)  # noqa: FBT003 - the word of a callback
                    await self._stay(driver)
            except self._database.connect_errors as error:
                log.info("notices.lost", caused_by=repr(error))
            except Exception:  # edge: a driver's fault must not end the listening
                log.exception("notices.failed")
            finally:
                if self._driver is not None:
                    self._driver = None
                    self._linked(False)  # noqa: FBT003 - likewise
            await asyncio.sleep(min(_AGAIN * (attempts + 1), _AGAIN_LATEST))

    async def _stay(self, driver: Any) -> None:  # noqa: ANN401 - the driver ships no types
        """Return when the connection is lost; raise what its silence raises."""
        while not self._lost.is_set():
            try:
                async with asyncio.timeout(_BEAT):
                    await self._lost.wait()
            except TimeoutError:
                await driver.execute("SELECT 1", timeout=_PATIENCE)

    def _take(self, _connection: object, _pid: int, _channel: str, text: str) -> None:
        try:
            self._heard(text)
        except Exception:  # edge: a listener may raise anything, and must hear the next one
            log.exception("notices.listener_failed")
