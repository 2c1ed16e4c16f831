"""What protects a service from its callers, and the hub from a service."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from gateway.scripted_upstream import echo, pause
from gateway.served import eventually
from gateway.wire import LIMIT
from mainhub.gateway import CallLimits
from mainhub.resilience import (
    Budget,
    Bulkhead,
    CircuitBreaker,
    Limit,
    Pipeline,
    RateLimiter,
    Retry,
    State,
)

if TYPE_CHECKING:
    from gateway.scripted_upstream import Exchange
    from gateway.served import ServedGateway

pytestmark = pytest.mark.anyio
HTML = b"<h1>Traceback (most recent call last)</h1>"


def way(**parts: Any) -> Pipeline:
    """Return a way like the hub's own, but for its *parts*; it tries again at once."""
    made: dict[str, Any] = {
        "breaker": CircuitBreaker(),
        "retry": Retry(base=timedelta(), budget=Budget(burst=100)),
        "bulkhead": Bulkhead(10),
    }
    return Pipeline("service-orders", **(made | parts))


def breaker_of(pipeline: Pipeline) -> CircuitBreaker:
    assert pipeline.breaker is not None
    return pipeline.breaker


def failed(pipeline: Pipeline, times: int) -> bool:
    return breaker_of(pipeline).failed_in_a_row == times


def reached(hub: ServedGateway, times: int) -> bool:
    return len(hub.upstream.exchanges) == times


async def faulty(exchange: Exchange) -> None:
    await exchange.answer(HTML, "Content-Type: text/html", status="500 Internal Server Error")


async def reset(exchange: Exchange) -> None:
    exchange.reset()


async def test_a_read_is_tried_three_times_and_says_which_time_it_is(hub: ServedGateway) -> None:
    async def third_time_lucky(exchange: Exchange) -> None:
        await (echo if len(hub.upstream.exchanges) > 2 else faulty)(exchange)

    hub.upstream.script = third_time_lucky
    hub.route(hub.service(way=way()))
    assert (await hub.call()).status == 200
    sent = hub.upstream.exchanges
    assert [one.header("x-mainhub-attempt") for one in sent] == ["0", "1", "2"]
    left = [int(one.header("x-mainhub-deadline") or 0) for one in sent]
    assert 0 < left[2] <= left[1] <= left[0] <= LIMIT * 1000


@pytest.mark.parametrize("headers", [(), ("Idempotency-Key: 5",)], ids=["plain", "with a key"])
async def test_what_has_a_body_is_sent_once(hub: ServedGateway, headers: tuple[str, ...]) -> None:
    hub.upstream.script = faulty
    hub.route(hub.service(way=way()))
    await hub.call("/api/orders", *headers, method="POST", body=b"abc")
    assert hub.upstream.only.header("x-mainhub-attempt") is None


@pytest.mark.parametrize(("headers", "times"), [((), 1), (("Idempotency-Key: 5",), 3)])
async def test_a_post_without_a_body_is_sent_again_only_with_a_key(
    hub: ServedGateway, headers: tuple[str, ...], times: int
) -> None:
    hub.upstream.script = reset
    hub.route(hub.service(way=way()))
    assert (await hub.call("/api/orders", *headers, method="POST")).status == 502
    assert len(hub.upstream.exchanges) == times


async def test_a_caller_that_retries_is_left_to_it(hub: ServedGateway) -> None:
    hub.upstream.script = faulty
    hub.route(hub.service(way=way()))
    await hub.call("/api/orders", "X-MainHub-Attempt: 1")
    assert hub.upstream.only.header("x-mainhub-attempt") == "1"


async def test_a_callers_own_deadline_holds_and_speaks_against_nobody(hub: ServedGateway) -> None:
    async def hangs(exchange: Exchange) -> None:
        await exchange.until_gone()

    hub.upstream.script = hangs
    pipeline = way()
    hub.route(hub.service(way=pipeline))
    reply = await hub.call("/api/orders", "X-MainHub-Deadline: 1000")
    assert (reply.status, reply.problem_name) == (504, "upstream-timeout")
    assert int(hub.upstream.only.header("x-mainhub-deadline") or 9999) <= 1000
    assert breaker_of(pipeline).failed_in_a_row == 0


async def test_a_faults_own_words_stay_behind(hub: ServedGateway) -> None:
    hub.upstream.script = faulty
    reply = await hub.call()
    assert (reply.status, reply.problem_name) == (502, "upstream-failed")
    assert (reply.problem["service"], reply.problem["upstream_status"]) == ("orders", 500)
    assert b"Traceback" not in reply.body


async def test_a_problem_is_meant_for_who_called(hub: ServedGateway) -> None:
    async def told(exchange: Exchange) -> None:
        kind = "Content-Type: application/problem+json; charset=utf-8"
        await exchange.answer(b'{"title":"closed","status":503}', kind, status="503 Closed")

    hub.upstream.script = told
    reply = await hub.call()
    assert (reply.status, reply.body) == (503, b'{"title":"closed","status":503}')


async def test_a_service_that_asks_for_time_is_believed(hub: ServedGateway) -> None:
    async def busy(exchange: Exchange) -> None:
        await exchange.answer(b"", "Retry-After: 7", status="503 Service Unavailable")

    hub.upstream.script = busy
    reply = await hub.call()
    assert (reply.status, reply.problem_name) == (503, "upstream-failed")
    assert reply.header("retry-after") == "7"


async def test_five_failures_open_the_circuit_and_it_says_until_when(hub: ServedGateway) -> None:
    hub.upstream.script = reset
    pipeline = way(retry=None)
    hub.route(hub.service(way=pipeline))
    for _ in range(5):
        assert (await hub.call()).problem_name == "upstream-unreachable"
    reply = await hub.call()
    assert (reply.status, reply.problem_name) == (503, "circuit-open")
    assert 55 <= int(reply.header("retry-after") or 0) <= 60
    assert reply.problem["retry_at"]
    assert len(hub.upstream.exchanges) == 5


async def test_an_isolated_service_is_not_called(hub: ServedGateway) -> None:
    pipeline = way()
    breaker_of(pipeline).isolate("ada")
    hub.route(hub.service(way=pipeline))
    reply = await hub.call()
    assert (reply.status, reply.problem_name) == (503, "circuit-open")
    assert "administrator" in reply.problem["detail"]
    assert reply.header("retry-after") is None
    assert hub.upstream.exchanges == []


async def test_answers_that_break_off_open_the_circuit(hub: ServedGateway) -> None:
    async def breaks_off(exchange: Exchange) -> None:
        await exchange.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        exchange.reset()

    hub.upstream.script = breaks_off
    pipeline = way()
    hub.route(hub.service(way=pipeline))
    for expected in range(1, 5):
        assert not (await hub.call()).complete
        await eventually(partial(failed, pipeline, expected))
    await hub.call()
    await eventually(lambda: breaker_of(pipeline).state is State.OPEN)


async def test_a_client_that_leaves_says_nothing(hub: ServedGateway) -> None:
    async def slow(exchange: Exchange) -> None:
        await exchange.until_gone()

    hub.upstream.script = slow
    pipeline = way()
    hub.route(hub.service(way=pipeline))
    for number in range(6):
        wire = await hub.wire()
        await wire.send(
            b"GET /api/orders HTTP/1.1\r\nCookie: mainhub=linus\r\n"
            + f"Host: {hub.host}\r\n\r\n".encode()
        )
        await eventually(partial(reached, hub, number + 1))
        wire.close()
        await eventually(lambda: pipeline.bulkhead is not None and pipeline.bulkhead.taken == 0)
    assert breaker_of(pipeline).failed_in_a_row == 0
    assert pipeline.figures.in_flight == 0


async def test_a_429_pauses_the_route_and_opens_nothing(hub: ServedGateway) -> None:
    async def limited(exchange: Exchange) -> None:
        await exchange.answer(b"slow down", "Retry-After: 60", status="429 Too Many Requests")

    hub.upstream.script = limited
    pipeline = way()
    hub.route(hub.service(way=pipeline))
    first = await hub.call()
    assert (first.status, first.body, first.header("retry-after")) == (429, b"slow down", "60")
    second = await hub.call()
    assert (second.status, second.problem_name) == (429, "upstream-paused")
    assert 50 <= int(second.header("retry-after") or 0) <= 60
    assert len(hub.upstream.exchanges) == 1
    assert breaker_of(pipeline).state is State.CLOSED


async def test_a_slow_service_holds_no_more_than_its_places(hub: ServedGateway) -> None:
    let_go = asyncio.Event()

    async def slow(exchange: Exchange) -> None:
        await let_go.wait()
        await exchange.answer()

    hub.upstream.script = slow
    hub.route(hub.service(way=way(bulkhead=Bulkhead(2, queue=1))), hub.service("open"))
    calls = [asyncio.create_task(hub.call()) for _ in range(3)]
    await eventually(lambda: len(hub.upstream.exchanges) == 2)
    await pause(0.05)
    refused = await hub.call()
    assert (refused.status, refused.problem_name) == (503, "bulkhead-full")
    assert refused.header("retry-after") == "1"
    let_go.set()
    assert [(await call).status for call in calls] == [200, 200, 200]


async def test_counts_a_persons_calls_and_tells_where_they_stand(hub: ServedGateway) -> None:
    day = timedelta(days=1)
    hub.gateway._limits = CallLimits(
        RateLimiter(Limit(10, day, name="calls")), {"orders": RateLimiter(Limit(2, day, name="o"))}
    )
    first = await hub.call()
    assert first.header("ratelimit-policy") == '"o";q=2;w=86400'
    assert (first.header("ratelimit") or "").startswith('"o";r=1;t=')
    await hub.call()
    refused = await hub.call()
    assert (refused.status, refused.problem_name) == (429, "rate-limited")
    assert int(refused.header("retry-after") or 0) > 1000
    assert (refused.header("ratelimit") or "").startswith('"o";r=0;t=')
    assert len(hub.upstream.exchanges) == 2
    # Another service, and another person, are other counts.
    other = await hub.call("/api/open")
    assert (other.status, other.header("ratelimit-policy")) == (200, '"calls";q=10;w=86400')


async def test_a_service_cannot_speak_for_the_hubs_limits(hub: ServedGateway) -> None:
    async def claims(exchange: Exchange) -> None:
        await exchange.answer(b"{}", 'RateLimit: "x";r=0;t=1', 'RateLimit-Policy: "x";q=1;w=1')

    hub.upstream.script = claims
    reply = await hub.call()
    assert (reply.header("ratelimit"), reply.header("ratelimit-policy")) == (None, None)


async def test_a_client_that_leaves_during_a_pause_takes_no_connection_along(
    hub: ServedGateway,
) -> None:
    async def asks_for_time(exchange: Exchange) -> None:
        await exchange.write(
            b"HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nContent-Length: 1000000\r\n\r\npart"
        )
        await exchange.until_gone()

    hub.upstream.script = asks_for_time
    hub.route(hub.service(way=way()))
    wire = await hub.wire()
    await wire.send(
        b"GET /api/orders HTTP/1.1\r\nCookie: mainhub=linus\r\n"
        + f"Host: {hub.host}\r\n\r\n".encode()
    )
    await eventually(partial(reached, hub, 1))
    await pause(0.1)
    wire.close()
    await eventually(lambda: hub.upstream.only.ended)


async def test_a_generous_client_does_not_keep_the_circuit_closed(hub: ServedGateway) -> None:
    async def hangs(exchange: Exchange) -> None:
        await exchange.until_gone()

    hub.upstream.script = hangs
    pipeline = way()
    hub.route(hub.service(way=pipeline, response_timeout=timedelta(milliseconds=200)))
    for _ in range(5):
        await hub.call("/api/orders", "X-MainHub-Deadline: 999999999")
    assert breaker_of(pipeline).state is State.OPEN


async def test_what_a_service_cannot_do_is_no_fault(hub: ServedGateway) -> None:
    async def unable(exchange: Exchange) -> None:
        await exchange.answer(b"", status="501 Not Implemented")

    hub.upstream.script = unable
    pipeline = way()
    hub.route(hub.service(way=pipeline))
    await hub.call()
    assert len(hub.upstream.exchanges) == 1
    assert breaker_of(pipeline).failed_in_a_row == 0
