"""Ends of sessions, told to every process of the hub: their pages close wherever they are open.

What is told names no id and opens nothing, and bears the hub's signature: others who can write here
can repeat it, no more. Whether a session lives is decided by its store alone.
"""

import asyncio
import hmac
import re
import secrets
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import orjson

from mainhub.sessions.keyring import KeyRing, Purpose
from mainhub.sessions.port import EndReason, SessionEnded
from mainhub.telemetry import get_logger

__all__ = ["EndTold", "EndsFeed"]

log = get_logger("sessions")

_REF: Final = re.compile(r"[0-9a-f]{32}")
_LONGEST: Final = 6000
_LOOK: Final = "look"
_LONGEST_PERSON: Final = 512
_LONGEST_NAME: Final = 200
_MOST_WAITING: Final = 10_000
_AGAIN: Final = 0.25
_REMINDED: Final = 0.2
_LAST_MOMENT: Final = 1.0


@dataclass(frozen=True, slots=True)
class EndTold:
    """A session that has ended: its public name, whose it was, why, and who did it."""

    ref: str
    person_id: str
    reason: EndReason
    by: str | None = None

    @classmethod
    def of(cls, ended: SessionEnded) -> "EndTold":
        """Return what is told of *ended*."""
        name = ended.by.name[:_LONGEST_NAME] if ended.by else None
        return cls(ended.summary.ref, ended.summary.person.id, ended.reason, name)


class EndsFeed(ABC):
    """Tells other processes of ends, and hears theirs, while entered.

    Args:
        ring: signs what is told.
        heard: given each end that another process told.
        missed: called when ends may have gone unheard.
        doubted: called when another process does not know whether some sessions have ended.

    Attributes:
        ignored: how many messages made no sense, or were signed by nobody.
    """

    def __init__(
        self,
        *,
        ring: KeyRing,
        heard: Callable[[EndTold], None],
        missed: Callable[[], None],
        doubted: Callable[[], None],
    ) -> None:
        self._ring = ring
        self._heard = heard
        self._missed = missed
        self._doubted = doubted
        self._me = secrets.token_hex(8)
        # When too much waits, the oldest go: their streams end at the next look at the store.
        self._waiting: deque[str] = deque(maxlen=_MOST_WAITING)
        self._wake = asyncio.Event()
        self._told = asyncio.Event()
        self._telling: asyncio.Task[None] | None = None
        self._is_linked = asyncio.Event()
        self.ignored = 0

    async def listening(self) -> None:
        """Wait until ends are heard."""
        await self._is_linked.wait()

    def tell(self, told: EndTold) -> None:
        """Tell the others as soon as they can be reached; returns at once."""
        facts = {
            "v": 1,
            "from": self._me,
            "ref": told.ref,
            "person": told.person_id,
            "reason": told.reason,
            "by": told.by,
        }
        self._put(facts)

    def doubt(self) -> None:
        """Have the others look: sessions may have ended, and nobody can say which."""
        self._put({"v": 1, "from": self._me, "look": True})

    def _put(self, facts: Mapping[str, object]) -> None:
        told = orjson.dumps(facts).decode()
        sign = self._ring.tag(told, purpose=Purpose.SESSION_ENDS)
        self._waiting.append(orjson.dumps({"told": told, "sign": sign}).decode())
        self._wake.set()

    @abstractmethod
    async def _send(self, text: str) -> None:
        """Send *text* to all processes; raises ``OSError`` or what :meth:`_failures` names."""

    @property
    @abstractmethod
    def _failures(self) -> tuple[type[Exception], ...]:
        """What sending raises while nobody can be reached."""

    async def __aenter__(self) -> Self:
        self._telling = asyncio.create_task(self._tell(), name="sessions.ends")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        task, self._telling = self._telling, None
        if task is not None and self._waiting and self._is_linked.is_set():
            # A moment for what the others must hear still.
            self._told.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST_MOMENT):
                    await self._told.wait()
        while task is not None and not task.done():
            task.cancel()
            # Again, if need be: on Python 3.11 a driver's wait may swallow a cancellation.
            await asyncio.wait([task], timeout=_REMINDED)

    def _linked(self, is_linked: bool) -> None:  # noqa: FBT001 - the word of a callback
        """Note whether ends are heard; whatever happened before may have been missed."""
        if is_linked:
            self._missed()
            self._is_linked.set()
        else:
            self._is_linked.clear()

    def _take(self, text: str | bytes) -> None:
        told = self._read(text)
        if told is None:
            self.ignored += 1
        elif isinstance(told, EndTold):
            self._heard(told)
        elif told == _LOOK:
            self._doubted()

    def _read(self, text: str | bytes) -> "EndTold | str | None":
        """Return what *text* tells, a word if that is our own, ``None`` if it makes no sense."""
        if len(text) > _LONGEST:
            return None
        try:
            facts = self._signed(orjson.loads(text))
            if facts["from"] == self._me:
                return "ours"
            if facts.get("look") is True:
                return _LOOK
            ref, person, by = facts["ref"], facts["person"], facts["by"]
            named = by is None or (isinstance(by, str) and len(by) <= _LONGEST_NAME)
            of_one = isinstance(person, str) and 0 < len(person) <= _LONGEST_PERSON
            if not named or not of_one or not _REF.fullmatch(ref):
                return None
            return EndTold(ref, person, EndReason(facts["reason"]), by)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    def _signed(self, message: Any) -> Any:  # noqa: ANN401 - what anybody may have written
        """Return what *message* tells, if the hub has signed it; else raise ``ValueError``."""
        told, sign = message["told"], message["sign"].encode()
        known = self._ring.tags(told, purpose=Purpose.SESSION_ENDS)
        if not any(hmac.compare_digest(sign, one.encode()) for one in known):
            raise ValueError("nobody of this hub has signed it")
        return orjson.loads(told)

    async def _tell(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                text = self._waiting[0]
                try:
                    await self._send(text)
                except self._failures as error:
                    log.info("sessions.end_not_told_yet", caused_by=repr(error))
                    await asyncio.sleep(_AGAIN)
                except Exception:  # edge: one that cannot be told must not keep back the others
                    log.exception("sessions.end_not_told")
                    self._drop(text)
                else:
                    self._drop(text)

    def _drop(self, text: str) -> None:
        # It may have gone by itself meanwhile.
        if self._waiting and self._waiting[0] is text:
            self._waiting.popleft()
        if not self._waiting:
            self._told.set()
