"""A session that proves more while its tokens are renewed: what it goes on with is not spent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from typing_extensions import override

from gateway.served import eventually
from signin.browser import opened
from signin.hostile_provider import Issuer, hostile_app
from signin.served import listener, serving_hub, settings_of
from simulator.served import address, serving

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from mainhub.sessions import Session, SessionStore
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

SCOPE = "api://orders/Orders.Read"
OTHER = "api://invoices/Invoices.Read"
SOON = 20.0


@dataclass
class OneRefreshToken(Issuer):
    """Gives a refresh token with the first code alone, as to a session that it knows already."""

    @override
    def _token(self, form: dict[str, str]) -> object:
        kept = self._refresh
        answer = super()._token(form)
        if form["grant_type"] == "authorization_code" and kept and isinstance(answer, dict):
            self._refresh = kept
            answer.pop("refresh_token")
        return answer


@pytest.mark.parametrize("alone", [True, False], ids=["here", "elsewhere"])
async def test_a_renewal_under_way_is_waited_for(
    tmp_path: Path, clock: MovingClock, monkeypatch: pytest.MonkeyPatch, *, alone: bool
) -> None:
    provider, own = listener(), listener()
    issuer = OneRefreshToken(address(provider), "it", gated="refresh_token")
    services = {"orders": {"upstreams": ["http://127.0.0.1:9"], "roles": ["*"], "scopes": [SCOPE]}}
    settings = settings_of(own, tmp_path, identity={"it": issuer.settings()}, services=services)
    async with (
        serving(hostile_app({"it": issuer}), provider),
        serving_hub(settings, own, clock=clock) as hub,
        opened() as browser,
        asyncio.timeout(SOON),
    ):
        grants: Any = hub.parts.grants
        grants._turns._alone = alone
        await browser.follow(await browser.get(f"{hub.url}/auth/login"))
        before = browser.cookies(hub.url)["mainhub"]
        start = await browser.get(f"{hub.url}/auth/stepup")
        issuer.gate.clear()
        issuer.waiting.clear()
        renewing = asyncio.create_task(grants.token_for(before, (SCOPE,)))
        await issuer.waiting.wait()
        here = grants._turns.here(before)
        if not alone:
            # It goes on in another process, as it were: the callback shares no lock with it.
            del grants._turns._here[before]
        refused = turns_refused(hub.parts.sessions, monkeypatch)
        came = await browser.get(start.location)
        returning = asyncio.create_task(browser.get(came.location))
        await eventually(lambda: returning.done() or bool(refused or here.lock._waiters))
        assert not returning.done()
        issuer.gate.set()
        assert (await returning).status == 303
        assert (await renewing).value in issuer.handed_out
        after = browser.cookies(hub.url)["mainhub"]
        assert after != before
        session = await hub.parts.sessions.load(after)
        assert session.tokens.refresh == issuer._refresh
        # What the renewal brought is there, and the next one succeeds.
        assert SCOPE in session.tokens.access
        assert (await grants.token_for(after, (OTHER,))).value in issuer.handed_out
    assert issuer.refused == []


def turns_refused(sessions: SessionStore, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return to whom, from now on, *sessions* gives no turn."""
    refused: list[str] = []
    take = sessions.take_turn

    async def taken(session: Session, *, owner: str, lasts: timedelta) -> bool:
        given = await take(session, owner=owner, lasts=lasts)
        if not given:
            refused.append(owner)
        return given

    monkeypatch.setattr(sessions, "take_turn", taken)
    return refused
