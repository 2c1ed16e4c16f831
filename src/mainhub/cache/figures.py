"""What has happened in a cache: whole numbers that cost nothing until they are read."""

from dataclasses import dataclass, field

from mainhub.cache.envelope import Refusal

__all__ = ["CacheFigures", "HotKey", "HotTag"]


@dataclass(slots=True)
class CacheFigures:
    """Counts since the start.

    Attributes:
        l1_hits, l2_hits: values that were fresh, by the level that had them.
        misses: asked for, and not there.
        stale: older values given because the factory failed or was slow.
        negative_hits: hits whose value is ``None``; they count as hits too.
        unavailable: level 2 was asked and did not answer.
        fills: factories that made a value.
        factory_errors, factory_timeouts: those that made none.
        coalesced: callers who were given the value of another's fill.
        not_kept: values that were void, by a delete say, before they were made.
        refused: bytes in level 2 that were no value, by reason.
        evictions: values that level 1 let go for want of room.
        l2_errors: commands to level 2 that failed; what its breaker held back is not among them.
        overflows: how often the recovery queue was too long and became one ``clear()``.
    """

    l1_hits: int = 0
    l2_hits: int = 0
    misses: int = 0
    stale: int = 0
    negative_hits: int = 0
    unavailable: int = 0
    fills: int = 0
    factory_errors: int = 0
    factory_timeouts: int = 0
    coalesced: int = 0
    not_kept: int = 0
    evictions: int = 0
    l2_errors: int = 0
    overflows: int = 0
    refused: dict[Refusal, int] = field(default_factory=dict)

    def refuse(self, why: Refusal) -> None:
        """Count bytes that were no value."""
        self.refused[why] = self.refused.get(why, 0) + 1

    @property
    def hit_ratio(self) -> float | None:
        """The share of hits, stale ones included; ``None`` before anything was asked for."""
        hits = self.l1_hits + self.l2_hits + self.stale
        return hits / (hits + self.misses) if hits + self.misses else None


@dataclass(frozen=True, slots=True)
class HotKey:
    """A key that is asked for often: hits since it came to level 1; its bytes, and seconds left."""

    key: str
    hits: int
    size: int
    tags: tuple[str, ...]
    expires_in: float


@dataclass(frozen=True, slots=True)
class HotTag:
    """A tag whose keys are asked for often."""

    tag: str
    hits: int
