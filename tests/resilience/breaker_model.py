"""A circuit breaker that is slow and obviously right, to compare the real one with.

Written from what is promised, not from how it is done: it keeps every result and every ticket, and
counts all of them anew at each step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum


class Result(StrEnum):
    """What a call told; slow is how long it took, not how it went."""

    OK = "ok"
    FAIL = "fail"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class Terms:
    """What a breaker is built with; times in seconds."""

    consecutive: int | None = 5
    failure_rate: float | None = 0.5
    min_calls: int = 20
    window: float = 10.0
    slow_rate: float | None = None
    slow_after: float | None = None
    open_for: float = 60.0
    open_max: float = 300.0
    growth: float = 2.0
    jitter: float = 0.1
    probes: int = 1
    probe_lease: float = 30.0
    close_after: int = 2
    random: float = 0.5


@dataclass(frozen=True)
class Counted:
    """A result that was counted, and when."""

    at: float
    failed: bool
    slow: bool


@dataclass(eq=False)
class Ticket:
    """A call that was admitted in the state whose number is *epoch*."""

    epoch: int
    at: float
    number: int


@dataclass(frozen=True)
class Change:
    """A transition as the model sees it."""

    before: str
    after: str
    cause: str
    retry_in: float | None = None
    by: str | None = None


@dataclass
class ModelBreaker:
    """The reference; *now* is moved by hand."""

    terms: Terms
    now: float = 0.0
    state: str = "closed"
    epoch: int = 0
    counted: list[Counted] = field(default_factory=list)
    leases: list[Ticket] = field(default_factory=list)
    good_probes: int = 0
    openings: int = 0
    open_until: float = 0.0
    changes: list[Change] = field(default_factory=list)
    admitted: int = 0

    def enter(self) -> Ticket | None:
        """Return a ticket, or ``None`` where the circuit lets nobody through."""
        if self.state == "open" and self.now >= self.open_until:
            self._go("half-open", "open-time-over")
        if self.state in {"closed", "disabled"}:
            return self._ticket()
        if self.state == "half-open":
            return self._probe()
        return None

    def leave(self, ticket: Ticket, result: Result, took: float) -> None:
        """Take note of how a call went."""
        if ticket.epoch != self.epoch or self.state == "disabled":
            return
        slow = self.terms.slow_after is not None and took >= self.terms.slow_after
        if self.state == "closed":
            if result is not Result.NEUTRAL:
                self.counted.append(Counted(self.now, result is Result.FAIL, slow))
                self._judge()
        elif ticket in self.leases:
            self.leases.remove(ticket)
            self._probed(result, slow=slow and self.terms.slow_rate is not None)

    def isolate(self, by: str | None) -> None:
        """Let nobody through."""
        self._by_hand("isolated", by)

    def disable(self, by: str | None) -> None:
        """Let everybody through and count nothing."""
        self._by_hand("disabled", by)

    def close(self, by: str | None) -> None:
        """Begin anew."""
        self._by_hand("closed", by)

    def follow(self, after: str, retry_in: float | None) -> None:
        """Hear what another process's breaker came to."""
        if after == "open" and self.state == "closed" and retry_in is not None:
            self.openings += 1
            self.open_until = self.now + retry_in
            self._go("open", "shared", retry_in=retry_in)
        elif after == "closed" and self.state in {"open", "half-open"}:
            self._go("closed", "shared")

    def follow_hand(self, after: str, by: str | None) -> None:
        """Hear what an operator decided in another process."""
        if self.state != after:
            self._go(after, "shared", by=by)
        else:
            self._begin(after)

    def in_window(self) -> list[Counted]:
        """Return what the window holds now."""
        width = self.terms.window / 10
        oldest = math.floor(self.now / width) - 10
        return [one for one in self.counted if math.floor(one.at / width) > oldest]

    def in_a_row(self) -> int:
        """Return how many of the last results failed, one after the other."""
        count = 0
        for one in reversed(self.counted):
            if not one.failed:
                break
            count += 1
        return count

    def retry_in(self) -> float | None:
        """Return how long it stays open."""
        return max(0.0, self.open_until - self.now) if self.state == "open" else None

    def _ticket(self) -> Ticket:
        self.admitted += 1
        return Ticket(self.epoch, self.now, self.admitted)

    def _probe(self) -> Ticket | None:
        if len(self.leases) >= self.terms.probes:
            late = [one for one in self.leases if self.now - one.at >= self.terms.probe_lease]
            if not late:
                return None
            self.leases.remove(min(late, key=lambda one: (one.at, one.number)))
        ticket = self._ticket()
        self.leases.append(ticket)
        return ticket

    def _judge(self) -> None:
        terms = self.terms
        if terms.consecutive is not None and self.in_a_row() >= terms.consecutive:
            self._open("consecutive-failures")
            return
        held = self.in_window()
        if len(held) < terms.min_calls:
            return
        failed = sum(one.failed for one in held)
        slow = sum(one.slow for one in held)
        if terms.failure_rate is not None and failed / len(held) >= terms.failure_rate:
            self._open("failure-rate")
        elif terms.slow_rate is not None and slow / len(held) >= terms.slow_rate:
            self._open("slow-rate")

    def _probed(self, result: Result, *, slow: bool) -> None:
        if result is Result.FAIL or (result is Result.OK and slow):
            self._open("probe-failed")
        elif result is Result.OK:
            self.good_probes += 1
            if self.good_probes >= self.terms.close_after:
                self._go("closed", "probes-succeeded")

    def _open(self, cause: str) -> None:
        terms = self.terms
        if self.openings == 0:
            lasts = terms.open_for
        else:
            grown = min(terms.open_max, terms.open_for * terms.growth**self.openings)
            lasts = min(terms.open_max, grown * (1 + terms.jitter * (2 * terms.random - 1)))
        self.openings += 1
        self.open_until = self.now + lasts
        self._go("open", cause, retry_in=lasts)

    def _by_hand(self, after: str, by: str | None) -> None:
        # Told of even where nothing changes: other processes may be in another state.
        self._go(after, "by-hand", by=by)

    def _go(
        self, after: str, cause: str, *, retry_in: float | None = None, by: str | None = None
    ) -> None:
        self.changes.append(Change(self.state, after, cause, retry_in, by))
        self._begin(after)

    def _begin(self, state: str) -> None:
        self.state = state
        self.epoch += 1
        self.counted = []
        self.leases = []
        self.good_probes = 0
        if state == "closed":
            self.openings = 0
