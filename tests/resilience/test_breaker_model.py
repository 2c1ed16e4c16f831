"""The circuit breaker does what a slow and obviously right one does, whatever happens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)
from typing_extensions import override

from mainhub.clock import Clock
from mainhub.resilience import Cause, CircuitBreaker, CircuitOpen, Outcome, State, Transition
from resilience.breaker_model import Change, ModelBreaker, Result, Terms, Ticket

# All times are eighths of a second, which a float holds exactly: at an edge both must agree.
TICK = 0.125
# How long another process may say that it stays open.
LONGEST_TOLD = 7.5
OUTCOMES = {Result.OK: Outcome.OK, Result.FAIL: Outcome.FAIL, Result.NEUTRAL: Outcome.NEUTRAL}
Call = tuple[int, Ticket]
Asked = Call | MultipleResults[Call]


class HandClock(Clock):
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 1000.0

    @override
    def now(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC)

    @override
    def monotonic(self) -> float:
        return self.at


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """Draw what a breaker may be built with."""
    open_for = draw(st.sampled_from([1.0, 4.0, 60.0]))
    slow_rate = draw(st.sampled_from([None, None, 0.25, 0.5, 1.0]))
    slow_after = draw(st.sampled_from([0.5, 2.0])) if slow_rate is not None else None
    if slow_rate is None and draw(st.booleans()):
        slow_after = 1.0
    consecutive = draw(st.sampled_from([None, None, 1, 2, 3, 4, 5, 6]))
    # Something must be able to open it.
    rates = [0.1, 0.25, 0.5, 0.75, 1.0]
    never = [None] if consecutive is not None or slow_rate is not None else []
    return Terms(
        consecutive=consecutive,
        failure_rate=draw(st.sampled_from([*never, *rates])),
        min_calls=draw(st.sampled_from([1, 2, 3, 5, 8, 20])),
        window=draw(st.sampled_from([1.25, 5.0, 10.0, 20.0])),
        slow_rate=slow_rate,
        slow_after=slow_after,
        open_for=open_for,
        open_max=open_for * draw(st.sampled_from([1.0, 1.5, 5.0, 64.0])),
        growth=draw(st.sampled_from([1.0, 1.5, 2.0, 4.0])),
        jitter=draw(st.sampled_from([0.0, 0.0, 0.125, 0.25, 0.5])),
        probes=draw(st.integers(1, 3)),
        probe_lease=draw(st.sampled_from([TICK, 1.0, 30.0, 100.0])),
        close_after=draw(st.integers(1, 3)),
        random=draw(st.sampled_from([0.0, 0.25, 0.5, 0.75, 0.875])),
    )


def build(wanted: Terms, clock: Clock) -> CircuitBreaker:
    """Return the real one."""
    slow_after = wanted.slow_after
    return CircuitBreaker(
        "orders",
        consecutive=wanted.consecutive,
        failure_rate=wanted.failure_rate,
        min_calls=wanted.min_calls,
        window=timedelta(seconds=wanted.window),
        slow_rate=wanted.slow_rate,
        slow_after=None if slow_after is None else timedelta(seconds=slow_after),
        open_for=timedelta(seconds=wanted.open_for),
        open_max=timedelta(seconds=wanted.open_max),
        growth=wanted.growth,
        jitter=wanted.jitter,
        probes=wanted.probes,
        probe_lease=timedelta(seconds=wanted.probe_lease),
        close_after=wanted.close_after,
        clock=clock,
        random=lambda: wanted.random,
    )


class Breakers(RuleBasedStateMachine):
    """The real breaker and the model, told the same."""

    under_way: Bundle[Call] = Bundle("under_way")
    done: Bundle[Call] = Bundle("done")

    @initialize(wanted=terms())
    def begin(self, wanted: Terms) -> None:
        self.clock = HandClock()
        self.model = ModelBreaker(wanted, now=self.clock.at)
        self.real = build(wanted, self.clock)
        self.told: list[Transition] = []
        self.tickets: dict[Ticket, int] = {}
        self.real.listen(self.told.append)

    @rule(target=under_way)
    def enter(self) -> Asked:
        # Whoever is never told of again, hangs.
        call = self.ask()
        return multiple() if call is None else call

    @rule(target=under_way, count=st.integers(2, 5))
    def ask_together(self, count: int) -> Asked:
        return self.enter_together(count)

    def enter_together(self, count: int) -> Asked:
        asked = [self.ask() for _ in range(count)]
        return multiple(*(call for call in asked if call is not None))

    @rule(
        target=done,
        call=consumes(under_way),
        result=st.sampled_from(Result),
        took=st.sampled_from([0.0, 0.5, 1.0, 2.0, 100.0]),
    )
    def leave(self, call: Call, result: Result, took: float) -> Call:
        # Calls of an earlier state come here as well, however late.
        self.tell(call, result, took)
        return call

    @rule(target=done, call=consumes(under_way))
    def cancel(self, call: Call) -> Call:
        self.tell(call, Result.NEUTRAL, 0.0)
        return call

    @rule(call=done, result=st.sampled_from(Result))
    def leave_again(self, call: Call, result: Result) -> None:
        self.tell(call, result, 0.0)

    @rule(
        results=st.lists(st.sampled_from([Result.OK, Result.FAIL]), min_size=1, max_size=24),
        took=st.sampled_from([0.0, 0.0, 2.0]),
        every=st.sampled_from([0.0, 0.0, TICK, 0.5]),
    )
    def make_calls(self, results: list[Result], took: float, every: float) -> None:
        for result in results:
            call = self.ask()
            if call is not None:
                self.tell(call, result, took)
            self.move(every)

    @rule(ticks=st.integers(1, 8))
    def wait_a_little(self, ticks: int) -> None:
        self.move(ticks * TICK)

    @rule(seconds=st.sampled_from([5.0, 10.0, 61.0, 300.0, 4000.0]))
    def wait_long(self, seconds: float) -> None:
        self.move(seconds)

    @rule(buckets=st.integers(1, 11), less=st.sampled_from([0.0, TICK]))
    def wait_to_the_edge_of_a_bucket(self, buckets: int, less: float) -> None:
        width = self.model.terms.window / 10
        self.move_to((self.clock.at // width + buckets) * width - less)

    @precondition(lambda self: self.model.state == "open")
    @rule(less=st.sampled_from([0.0, 0.0, TICK]))
    def wait_until_it_may_be_tried(self, less: float) -> None:
        self.move_to(self.model.open_until - less)

    @precondition(lambda self: self.model.state == "open")
    @rule(target=under_way, count=st.integers(1, 4))
    def try_it(self, count: int) -> Asked:
        self.move_to(self.model.open_until)
        return self.enter_together(count)

    @precondition(lambda self: self.model.leases)
    @rule(which=st.integers(0, 2), result=st.sampled_from(Result), took=st.sampled_from([0.0, 1.0]))
    def settle_a_probe(self, which: int, result: Result, took: float) -> None:
        leases = self.model.leases
        probe = leases[which % len(leases)]
        self.tell((self.tickets[probe], probe), result, took)

    @precondition(lambda self: self.model.leases)
    @rule(less=st.sampled_from([0.0, 0.0, TICK]))
    def wait_until_a_probe_is_late(self, less: float) -> None:
        first = min(lease.at for lease in self.model.leases)
        self.move_to(first + self.model.terms.probe_lease - less)

    @rule(
        what=st.sampled_from(["isolate", "close", "disable"]),
        by=st.sampled_from([None, "ada"]),
        sure=st.sampled_from([True, False, False]),
    )
    def decide_by_hand(self, what: str, by: str | None, sure: bool) -> None:  # noqa: FBT001  Hypothesis names it
        # Rarely, so that most of what happens happens by itself.
        if sure:
            getattr(self.model, what)(by)
            getattr(self.real, what)(by)

    @rule(
        after=st.sampled_from([State.OPEN, State.CLOSED, State.HALF_OPEN]),
        seconds=st.sampled_from([1.0, LONGEST_TOLD]),
    )
    def hear_of_another_process(self, after: State, seconds: float) -> None:
        retry_in = seconds if after is State.OPEN else None
        self.model.follow(after, retry_in)
        cause = {State.OPEN: Cause.FAILURE_RATE, State.CLOSED: Cause.PROBES_SUCCEEDED}
        told = cause.get(after, Cause.OPEN_TIME_OVER)
        self.real.follow(Transition("orders", State.CLOSED, after, told, retry_in))

    @rule(
        after=st.sampled_from([State.ISOLATED, State.CLOSED, State.DISABLED]),
        sure=st.sampled_from([True, False, False]),
    )
    def hear_of_an_operator(self, after: State, sure: bool) -> None:  # noqa: FBT001  Hypothesis names it
        if sure:
            self.model.follow_hand(after, "grace")
            self.real.follow(
                Transition("orders", State.OPEN, after, Cause.BY_HAND, by="grace"),
            )

    @rule(target=under_way)
    def try_after_enough_time(self) -> Asked:
        return self.is_never_wedged()

    def is_never_wedged(self) -> Asked:
        """Wait as long as anything may last: only an operator's decision may still refuse."""
        limits = self.model.terms
        self.move(max(limits.open_max, limits.probe_lease, LONGEST_TOLD))
        call = self.ask()
        assert (call is not None) == (self.model.state != "isolated")
        return multiple() if call is None else call

    @override
    def teardown(self) -> None:
        if hasattr(self, "real"):
            self.is_never_wedged()
            self.agree()

    def ask(self) -> Call | None:
        ours = self.model.enter()
        if ours is not None:
            self.tickets[ours] = self.real.enter()
            return self.tickets[ours], ours
        with pytest.raises(CircuitOpen) as refused:
            self.real.enter()
        assert refused.value.name == "orders"
        if self.model.state == "isolated":
            assert refused.value.retry_after is None
        elif self.model.state == "open":
            assert refused.value.retry_after == self.model.retry_in()
        else:
            assert refused.value.retry_after
        return None

    def tell(self, call: Call, result: Result, took: float) -> None:
        ticket, ours = call
        self.model.leave(ours, result, took)
        self.real.leave(ticket, OUTCOMES[result], took)

    def move(self, seconds: float) -> None:
        self.move_to(self.clock.at + seconds)

    def move_to(self, at: float) -> None:
        # An edge may be behind us; a clock never goes back.
        self.clock.at = self.model.now = max(at, self.clock.at)

    @invariant()
    def agree(self) -> None:
        model, real = self.model, self.real
        assert real.state == model.state
        assert [seen(one) for one in self.told] == model.changes
        assert real.retry_in == model.retry_in()
        if model.state == "closed":
            held = model.in_window()
            window = real.window
            assert window.calls == len(held)
            assert window.failures == sum(one.failed for one in held)
            assert window.slow == sum(one.slow for one in held)
            assert real.failed_in_a_row == model.in_a_row()

    @invariant()
    def has_no_more_probes_than_allowed(self) -> None:
        assert len(self.model.leases) <= self.model.terms.probes


def seen(told: Transition) -> Change:
    """Return a transition as the model would have written it."""
    assert told.breaker == "orders"
    return Change(told.before, told.after, told.cause, told.retry_in, told.by)


TestBreakers = Breakers.TestCase
TestBreakers.settings = settings(max_examples=250, stateful_step_count=50)
