"""What a second level and a keeper of locks promise; whoever names a key names it as people do."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

__all__ = ["Claim", "Coherence", "Level2", "LinkState", "Listener", "Locks"]


class Coherence(StrEnum):
    """How a process hears that another one changed a key.

    The server tells whoever has read it; whoever changes it publishes that; there is no other.
    """

    TRACKING = "tracking"
    PUBSUB = "pubsub"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class LinkState:
    """How level 2 is, for people: whether changes are heard, by what means, and what is wrong."""

    linked: bool
    coherence: Coherence
    address: str
    cause: str | None = None


class Listener(ABC):
    """Level 1, which hears what changes. Each method returns at once and raises nothing."""

    @abstractmethod
    def changed(self, key: str) -> None:
        """The value of *key* has changed, is gone, or may be either."""

    @abstractmethod
    def tag_changed(self, tag: str) -> None:
        """The token of *tag* has changed or is gone."""

    @abstractmethod
    def linked(self) -> None:
        """From now on every change of what is read is heard; nothing of before is vouched for."""

    @abstractmethod
    def unlinked(self) -> None:
        """From now on changes may go unheard."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Whether the fill of a key is the caller's, and what the key holds now, read after that."""

    ours: bool
    found: bytes | None


class Level2(ABC):
    """Keeps bytes by key, a token for each tag, and who fills which key just now.

    Keys and tags are text of at most 512 bytes without control characters; the adapter spells them
    for its server. Every method but :meth:`listen` raises :class:`CacheUnavailable` when the server
    does not answer or refuses, whatever the reason; a caller that is cancelled disturbs nobody.
    Reads are tracked: after the listener was told :meth:`Listener.linked`, it hears of each change
    of a key or tag that was read, never before the change could be read.
    """

    @abstractmethod
    async def read(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return what *keys* hold, in their order."""

    @abstractmethod
    async def write(self, values: Mapping[str, tuple[bytes, timedelta]]) -> None:
        """Keep each value for its time; the fills of these keys that are under way are void."""

    @abstractmethod
    async def delete(self, keys: Sequence[str]) -> int:
        """Remove *keys* and return how many there were; their fills under way are void."""

    @abstractmethod
    async def swap(self, key: str, old: bytes, new: bytes, ttl: timedelta) -> bool:
        """Put *new* in the place of *old*; return whether *old* was still there."""

    @abstractmethod
    async def tokens(self, tags: Sequence[str]) -> list[bytes]:
        """Return the token of each tag; one that has none is given a new one at random."""

    @abstractmethod
    async def renew_tokens(self, tags: Sequence[str]) -> None:
        """Give each tag a new token at random, the :meth:`epoch` first."""

    @abstractmethod
    async def epoch(self) -> bytes:
        """Return the token that every :meth:`renew_tokens` changes before anything else."""

    @abstractmethod
    async def claim(self, key: str, owner: bytes, ttl: timedelta) -> Claim:
        """Make the fill of *key* *owner*'s for *ttl* unless it is somebody else's.

        A fill is the same owner's to claim again.
        """

    @abstractmethod
    async def keep(self, key: str, owner: bytes, ttl: timedelta) -> bool:
        """Make the claim last for *ttl* from now; return whether it was still *owner*'s."""

    @abstractmethod
    async def fill(self, key: str, owner: bytes, value: bytes, ttl: timedelta) -> bool:
        """Keep *value* if the fill is still *owner*'s, end the claim and wake who waits.

        Returns:
            Whether it was kept. The listener may hear of that as of any change.
        """

    @abstractmethod
    async def give_up(self, key: str, owner: bytes) -> None:
        """End the claim if it is *owner*'s, and wake who waits."""

    @abstractmethod
    def waking(self, key: str) -> AbstractAsyncContextManager[asyncio.Event]:
        """Return an event that is set whenever a fill of *key* ends; who waits clears it again.

        Nobody may rely on it alone: wake-ups get lost with the link.
        """

    @abstractmethod
    def scan(self, pattern: str) -> AsyncIterator[list[str]]:
        """Yield keys that match *pattern* (``*``: any text), some at a time, each at least once.

        What is there during the whole scan is found, and keys that are being filled, though they
        hold nothing yet: whoever deletes them makes those fills void.
        """

    @abstractmethod
    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell *listener* of changes; return what ends that. Told at once if it is linked."""

    @property
    @abstractmethod
    def state(self) -> LinkState:
        """How it is."""

    @property
    def coherence(self) -> Coherence:
        """How changes of others are heard; asked for with every value that is read."""
        return self.state.coherence

    @abstractmethod
    async def size(self) -> int:
        """Return about how many keys there are, of this namespace or of the whole server."""

    @abstractmethod
    async def aclose(self) -> None:
        """End what was started; the server's data stays."""


class Locks(ABC):
    """Keeps who holds which lock. Raises :class:`CacheUnavailable` like :class:`Level2`."""

    @abstractmethod
    async def acquire(self, name: str, owner: bytes, ttl: timedelta) -> int | None:
        """Give the lock to *owner* for *ttl* if nobody has it; ``None`` if somebody has.

        Returns:
            Its fencing number, higher than all before, whatever the server forgot meanwhile.
        """

    @abstractmethod
    async def renew(self, name: str, owner: bytes, ttl: timedelta) -> bool:
        """Let it be *owner*'s for *ttl* from now; return whether it still was."""

    @abstractmethod
    async def release(self, name: str, owner: bytes) -> bool:
        """Take it from *owner* and wake who waits; return whether it was *owner*'s."""

    @abstractmethod
    def waking(self, name: str) -> AbstractAsyncContextManager[asyncio.Event]:
        """Return an event that is set when the lock may be free; not to be relied on alone."""

    @abstractmethod
    async def aclose(self) -> None:
        """End what was started."""
