"""What the store said of sessions a moment ago, for while it does not answer."""

from collections import OrderedDict
from datetime import timedelta
from typing import Final

from mainhub.clock import Clock
from mainhub.sessions.rows import REF_LENGTH, SealedRow

__all__ = ["Recent"]

# What Python needs for a row beside its two blobs, about.
_AROUND: Final = 1000


class Recent:
    """Remembers the newest rows, sealed as they were, each for *grace* after the store was asked.

    Nothing in here opens without the id in the person's cookie. Time is monotonic: nobody gains
    anything by setting a clock.

    Args:
        grace: how long; nothing is remembered for zero.
        most: how many rows; those that were not asked for the longest go first.
        most_bytes: how many bytes of rows, likewise.
    """

    def __init__(
        self,
        *,
        grace: timedelta,
        most: int,
        clock: Clock,
        most_bytes: int = 32 * 1024 * 1024,
    ) -> None:
        self._grace = grace.total_seconds()
        self._most = most if grace > timedelta() else 0
        self._clock = clock
        self._rows: OrderedDict[str, tuple[SealedRow, float]] = OrderedDict()
        self._most_bytes = most_bytes
        self._bytes = 0
        self._forgotten = 0

    def __len__(self) -> int:
        return len(self._rows)

    def mark(self) -> tuple[float, int]:
        """Return what :meth:`keep` wants: the state of things before the store is asked."""
        return self._clock.monotonic(), self._forgotten

    def keep(self, row: SealedRow, mark: tuple[float, int]) -> None:
        """Remember *row*, which the store gave after *mark*, unless a session ended meanwhile."""
        asked_at, forgotten = mark
        # It may be this one that ended, after the store had read it: better none than that one.
        if not self._most or forgotten != self._forgotten:
            return
        ref = row.id_hash[:REF_LENGTH]
        known = self._rows.get(ref)
        if known is not None and known[0].generation > row.generation:
            return
        self._drop(ref)
        self._rows[ref] = (row, asked_at)
        self._bytes += _size(row)
        self._make_room(asked_at)

    def get(self, id_hash: str) -> tuple[SealedRow, timedelta] | None:
        """Return the row if the store vouched for it less than *grace* ago, and how long ago."""
        known = self._rows.get(id_hash[:REF_LENGTH])
        if known is None or known[0].id_hash != id_hash:
            return None
        row, asked_at = known
        ago = self._clock.monotonic() - asked_at
        if ago >= self._grace:
            self._drop(id_hash[:REF_LENGTH])
            return None
        return row, timedelta(seconds=ago)

    def gone(self, id_hash: str) -> None:
        """Forget what the store says is no more; an id that was never known changes nothing."""
        if id_hash[:REF_LENGTH] in self._rows:
            self.forget(id_hash[:REF_LENGTH])

    def forget(self, ref: str) -> None:
        """Vouch for the session *ref* no longer, nor for what is being read just now."""
        self._forgotten += 1
        self._drop(ref)

    def forget_all(self) -> None:
        """Vouch for nobody."""
        self._forgotten += 1
        self._rows.clear()
        self._bytes = 0

    def _make_room(self, now: float) -> None:
        while self._rows:
            ref, (_, asked_at) = next(iter(self._rows.items()))
            room = len(self._rows) <= self._most and self._bytes <= self._most_bytes
            if room and now - asked_at < self._grace:
                return
            self._drop(ref)

    def _drop(self, ref: str) -> None:
        known = self._rows.pop(ref, None)
        if known is not None:
            self._bytes -= _size(known[0])


def _size(row: SealedRow) -> int:
    return len(row.summary) + len(row.tokens) + _AROUND
