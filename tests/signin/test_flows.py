"""Flows under any order of events: each is taken once, in time, by the browser that began it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from mainhub.sessions import KeyRing
from mainhub.signin import FlowGone, FlowStore
from mainhub.signin.flows import LIFETIME, cookie_id, is_cookie_of
from mainhub.storage import Database, upgrade
from signin.moving_clock import MovingClock
from signin.served import SECRET_KEY

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from mainhub.signin.flows import Opened


class Flows(RuleBasedStateMachine):
    """Begins, takes, steals and forgets sign-ins, and remembers which must still open."""

    begun: Bundle[Opened] = Bundle("begun")
    used: Bundle[Opened] = Bundle("used")

    url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._clock = MovingClock()
        self._database = Database(self.url)
        self._ends: dict[str, Any] = {}

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - whatever it returns
        return self._runner.run(work)

    @initialize()
    def open(self) -> None:
        self._run(upgrade(self._database))
        self._store = FlowStore(self._database, ring=KeyRing([SECRET_KEY]), clock=self._clock)

    @rule(target=begun, name=st.sampled_from(["entra", "other"]))
    def begin(self, name: str) -> Opened:
        opened: Opened = self._run(self._store.begin(provider=name, return_to=f"/{name}"))
        self._ends[opened.state] = self._clock.now() + LIFETIME
        return opened

    @rule(target=used, opened=consumes(begun))
    def take(self, opened: Opened) -> Opened:
        if self._clock.now() < self._ends[opened.state] - timedelta(seconds=5):
            assert self._take(opened.state, ["x" * 43, opened.cookie_value]) == opened.flow
        else:
            self._refuses(opened.state, [opened.cookie_value])
        return opened

    @rule(opened=used)
    def take_again(self, opened: Opened) -> None:
        self._refuses(opened.state, [opened.cookie_value])

    @rule(opened=begun, other=begun)
    def take_with_another_cookie(self, opened: Opened, other: Opened) -> None:
        if opened is not other:
            self._refuses(opened.state, [other.cookie_value, "", "x"])

    @rule(opened=begun)
    def take_without_cookie(self, opened: Opened) -> None:
        self._refuses(opened.state, [])

    @rule(opened=begun, state=st.text(max_size=50))
    def take_an_invented_state(self, opened: Opened, state: str) -> None:
        self._refuses(state, [opened.cookie_value])

    @rule(target=used, opened=consumes(begun))
    def expire(self, opened: Opened) -> Opened:
        self._clock.move(LIFETIME)
        self._refuses(opened.state, [opened.cookie_value])
        return opened

    @rule(minutes=st.integers(1, 4))
    def let_time_pass(self, minutes: int) -> None:
        self._clock.move(timedelta(minutes=minutes))

    @invariant()
    def one_cookie_belongs_to_one_state(self) -> None:
        for state in self._ends:
            name = cookie_id(state, at=0)
            assert [one for one in self._ends if is_cookie_of(name, one)] == [state]

    def _take(self, state: str, bindings: list[str]) -> Any:  # noqa: ANN401 - a flow
        return self._run(self._store.take(state=state, bindings=bindings))

    def _refuses(self, state: str, bindings: list[str]) -> None:
        with pytest.raises(FlowGone):
            self._take(state, bindings)

    def teardown(self) -> None:
        self._run(self._database.aclose())
        self._runner.close()


def test_of_two_sign_ins_of_one_second_the_older_has_the_smaller_name() -> None:
    moments = [cookie_id(state, at=1_700_000_000_000 + at) for at, state in enumerate("zyxwvu")]
    assert sorted(moments) == moments


def test_flows(database_url: str) -> None:
    # The examples share a database, as many people's sign-ins do.
    class FlowsThere(Flows):
        url = database_url

    run_state_machine_as_test(
        FlowsThere,
        settings=settings(max_examples=15, stateful_step_count=20, deadline=None),
    )
