"""What is heard of Redis, told to whom it concerns."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from mainhub.cache.port import Listener
from mainhub.cache.redis.spelling import Spelling
from mainhub.telemetry import get_logger

__all__ = ["Heard"]

log = get_logger("cache")


class Heard:
    """Listeners of changes, and those who wait for a fill or a lock to end."""

    def __init__(self, spelling: Spelling) -> None:
        self._spelling = spelling
        self._listeners: list[Listener] = []
        self._waking: dict[str, set[asyncio.Event]] = {}
        self.is_linked = False

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell *listener* from now on; return what ends that."""
        self._listeners.append(listener)
        if self.is_linked:
            listener.linked()

        def off() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return off

    @asynccontextmanager
    async def waking(self, name: str) -> AsyncIterator[asyncio.Event]:
        """Return an event that is set when *name* is woken."""
        event = asyncio.Event()
        events = self._waking.setdefault(name, set())
        events.add(event)
        try:
            yield event
        finally:
            events.discard(event)
            if not events:
                self._waking.pop(name, None)

    def woken(self, name: str) -> None:
        """Wake who waits for *name*."""
        for event in self._waking.get(name, ()):
            event.set()

    def linked(self) -> None:
        """Every change is heard from now on."""
        self.is_linked = True
        self._tell(lambda listener: listener.linked())

    def unlinked(self) -> None:
        """Changes may go unheard."""
        if not self.is_linked:
            return
        self.is_linked = False
        self._tell(lambda listener: listener.unlinked())
        # Nobody will say it to those who wait: they look for themselves.
        for name in list(self._waking):
            self.woken(name)

    def forgotten(self) -> None:
        """All of it may have changed."""
        if self.is_linked:
            self.unlinked()
            self.linked()

    def changed(self, name: bytes) -> None:
        """Tell of a change of what is called *name* in Redis."""
        found = self._spelling.read(name)
        if found is None:
            return
        kind, text = found
        if kind == "v":
            self._tell(lambda listener: listener.changed(text))
        elif kind == "t":
            self._tell(lambda listener: listener.tag_changed(text))

    def _tell(self, tell: Callable[[Listener], None]) -> None:
        for listener in list(self._listeners):
            try:
                tell(listener)
            except Exception:  # edge: a listener may raise anything, and the others must hear
                log.exception("cache.listener_failed")
