"""Whatever happens while tokens are renewed, in whatever order: nobody is thrown out by a race."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mainhub.sessions import (
    EndReason,
    GrantRefused,
    GrantUnavailable,
    Lifetimes,
    SealedSessions,
    StepUpNeeded,
    Token,
    Tokens,
)
from mainhub.sessions.keyring import KeyRing
from mainhub.signin import ProviderDeclined, ProviderGrants, ProviderUnavailable
from sessions.held_rows import HeldRows
from sessions.moved_clock import MovedClock
from sessions.sample import DEVICE, LINUS
from signin.scripted_provider import FIRST, ScriptedClient

if TYPE_CHECKING:
    from mainhub.sessions import Session

LONG = Lifetimes(idle=timedelta(days=300), absolute=timedelta(days=300))
SCOPES = st.sampled_from(["a", "b", "c"])
FAILURES = st.sampled_from(
    [ProviderUnavailable("down"), ProviderDeclined("MFA", code="interaction_required")]
)


class Renewing(RuleBasedStateMachine):
    """Two processes, one session, and a provider that takes a used refresh token for theft."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.asked: list[asyncio.Task[Token]] = []
        self.cancelled: set[asyncio.Task[Token]] = set()
        self.signed_out = False
        self.runner.run(self._begin())

    async def _begin(self) -> None:
        self.clock, rows = MovedClock(), HeldRows()
        self.client = ScriptedClient(self.clock)
        self.stores = [
            SealedSessions(rows, ring=KeyRing(["k" * 43]), clock=self.clock, lifetimes=LONG)
            for _ in range(2)
        ]
        self.grants = [
            ProviderGrants(store, {"entra": self.client}, clock=self.clock) for store in self.stores
        ]
        tokens = Tokens(refresh=FIRST)
        self.session: Session = await self.stores[0].create(LINUS, tokens, DEVICE)

    @rule(
        processes=st.sampled_from([(0, 1), (0,), (1,), (1, 0, 0)]),
        scope=SCOPES,
        force=st.booleans(),
        ticks=st.integers(0, 30),
    )
    def ask(self, processes: tuple[int, ...], scope: str, *, force: bool, ticks: int) -> None:
        async def start() -> None:
            for process in processes:
                asking = self.grants[process].token_for(
                    self.session.id, (scope,), force_refresh=force
                )
                self.asked.append(asyncio.create_task(asking))
            await self._ticks(ticks)

        self.runner.run(start())

    @rule(ticks=st.integers(1, 40))
    def go_on(self, ticks: int) -> None:
        self.runner.run(self._ticks(ticks))

    @rule()
    def hold_answers_back(self) -> None:
        self.client.gate.clear()

    @rule()
    def answer(self) -> None:
        self.client.gate.set()

    @rule(failure=st.none() | FAILURES)
    def fail(self, failure: Exception | None) -> None:
        self.client.failure = failure

    @rule(data=st.data())
    @precondition(lambda self: self.asked)
    def cancel(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(self.asked))
        task.cancel()
        self.cancelled.add(task)

    @rule(process=st.integers(0, 1))
    def note_use(self, process: int) -> None:
        self.runner.run(self.stores[process].touch(self.session))

    @rule()
    @precondition(lambda self: not self.signed_out)
    def sign_out(self) -> None:
        self.signed_out = True
        self.runner.run(self.stores[0].revoke(self.session.id, reason=EndReason.SIGNED_OUT))

    @rule()
    def an_hour_later(self) -> None:
        # Not while somebody has the turn: whoever stands still for so long has lost it.
        self.runner.run(self._settle())
        self.clock.move(timedelta(hours=1))

    @invariant()
    def no_spent_token_was_used(self) -> None:
        assert self.client.reused == []

    @invariant()
    def it_lives_until_somebody_signs_out(self) -> None:
        for store in self.stores:
            found = self.runner.run(store.load(self.session.id))
            assert (found is None) is self.signed_out

    def teardown(self) -> None:
        try:
            self.runner.run(self._settle())
        finally:
            self.runner.close()

    async def _settle(self) -> None:
        self.client.gate.set()
        async with asyncio.timeout(20):
            outcomes = await asyncio.gather(*self.asked, return_exceptions=True)
            for grants in self.grants:
                await grants._flights.settle(10)
        for task, outcome in zip(self.asked, outcomes, strict=True):
            if isinstance(outcome, asyncio.CancelledError):
                assert task in self.cancelled
            elif isinstance(outcome, GrantRefused):
                assert self.signed_out
            elif not isinstance(outcome, Token):
                assert isinstance(outcome, GrantUnavailable | StepUpNeeded), outcome
        self.asked.clear()
        self.cancelled.clear()
        await self._nothing_lost()

    async def _nothing_lost(self) -> None:
        """See that the session holds the refresh token that the provider gave last."""
        found = await self.stores[0].load(self.session.id)
        if found is not None:
            assert {found.tokens.refresh} == self.client.good

    async def _ticks(self, count: int) -> None:
        for _ in range(count):
            await asyncio.sleep(0)


Renewing.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestRenewing = Renewing.TestCase
