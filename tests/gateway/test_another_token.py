"""A service that does not accept the token it is called with: one more, if that can help."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mainhub.gateway.tokens import ServiceTokens
from mainhub.sessions import GrantRefused, GrantUnavailable, StepUpNeeded

if TYPE_CHECKING:
    from gateway.scripted_upstream import Exchange
    from gateway.served import ServedGateway
    from mainhub.gateway import Service
    from mainhub.web import Caller

pytestmark = pytest.mark.anyio

REFUSED = "401 Unauthorized"


async def refuses(exchange: Exchange) -> None:
    line = 'WWW-Authenticate: Bearer error="invalid_token"'
    await exchange.answer(b"{}", line, status=REFUSED)


async def takes_newer_ones(exchange: Exchange) -> None:
    if (exchange.header("authorization") or "").endswith("-newer"):
        await exchange.answer(b'{"taken": true}')
    else:
        await refuses(exchange)


def tokens_of(hub: ServedGateway) -> list[str | None]:
    return [one.header("authorization") for one in hub.upstream.exchanges]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_newer_token_is_tried_once(hub: ServedGateway, method: str) -> None:
    hub.upstream.script = takes_newer_ones
    reply = await hub.call(method=method)
    assert (reply.status, reply.body) == (200, b'{"taken": true}')
    assert tokens_of(hub) == ["Bearer token-session-linus", "Bearer token-session-linus-newer"]


async def test_what_has_a_body_is_not_sent_again(hub: ServedGateway) -> None:
    hub.upstream.script = takes_newer_ones
    reply = await hub.call(method="POST", body=b"abc")
    assert (reply.status, reply.problem_name) == (502, "upstream-refused-token")
    assert len(hub.upstream.exchanges) == 1


async def test_who_accepts_nothing_has_the_provider_asked_once_in_a_while(
    hub: ServedGateway,
) -> None:
    hub.upstream.script = refuses
    for _ in range(3):
        reply = await hub.call()
        assert (reply.status, reply.problem_name) == (502, "upstream-refused-token")
    assert hub.grants.forced == 1
    assert len(hub.upstream.exchanges) == 4


async def test_a_demand_asks_for_the_person_and_for_no_token(hub: ServedGateway) -> None:
    async def demands(exchange: Exchange) -> None:
        line = 'WWW-Authenticate: Bearer error="insufficient_claims", claims="eyJhIjoxfQ=="'
        await exchange.answer(b"{}", line, status=REFUSED)

    hub.upstream.script = demands
    reply = await hub.call()
    assert (reply.status, reply.problem_name) == (401, "step-up-needed")
    assert hub.grants.forced == 0


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (GrantRefused("revoked"), (401, "not-signed-in")),
        (StepUpNeeded("a second factor"), (401, "step-up-needed")),
        (GrantUnavailable("down"), (503, "provider-unavailable")),
    ],
)
async def test_why_there_is_no_newer_one_is_told(
    hub: ServedGateway, failure: Exception, told: tuple[int, str]
) -> None:
    hub.upstream.script = refuses
    hub.grants.failure_to_renew = failure
    reply = await hub.call()
    assert (reply.status, reply.problem_name) == told
    assert len(hub.upstream.exchanges) == 1


async def test_a_service_without_tokens_is_asked_once(hub: ServedGateway) -> None:
    hub.route(hub.service(scopes=()))
    hub.upstream.script = refuses
    reply = await hub.call()
    assert (reply.status, reply.problem_name) == (502, "upstream-refused-token")
    assert len(hub.upstream.exchanges) == 1


async def test_each_session_and_service_has_its_own_while(hub: ServedGateway) -> None:
    moment = 0.0
    tokens = ServiceTokens(hub.grants, now=lambda: moment)
    linus = await hub.people.authenticate([(b"cookie", b"mainhub=linus")])
    grace = await hub.people.authenticate([(b"cookie", b"mainhub=grace")])
    assert linus is not None
    assert grace is not None
    one, other = hub.service(), hub.service("erp")
    program = replace(linus, session_id=None, session_ref=None, bearer="b", application="p")

    async def renewed(caller: Caller, service: Service) -> bool:
        """Say whether there is another one than what *service* has just refused."""
        forced, refused = hub.grants.forced, await tokens.token(caller, service)
        newer = await tokens.another(caller, service, refused)
        assert (newer is not None) == (hub.grants.forced == forced + 1)
        assert newer != refused
        return newer is not None

    for caller, service in ((linus, one), (linus, other), (grace, one), (program, one)):
        assert await renewed(caller, service)
        assert not await renewed(caller, service)
    moment = 61.0
    assert await renewed(linus, one)
    assert await tokens.another(linus, one, None) is None
    # Whoever calls for a person with a token of their own brings a newer one by themselves.
    theirs = replace(program, application=None)
    assert await tokens.another(theirs, one, await tokens.token(theirs, one)) is None


async def test_all_calls_that_were_refused_go_on_with_the_newer_one(hub: ServedGateway) -> None:
    hub.upstream.script = takes_newer_ones
    replies = await asyncio.gather(*(hub.call() for _ in range(6)))
    assert [reply.status for reply in replies] == [200] * 6
    assert hub.grants.forced == 1
