from __future__ import annotations

import asyncio
from base64 import b64decode, b64encode, urlsafe_b64decode
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import orjson
import pytest

from gateway.served import eventually
from mainhub.access import Need
from mainhub.gateway import RouteTable
from mainhub.sessions import (
    GrantRefused,
    GrantUnavailable,
    SessionStoreUnavailable,
    StepUpNeeded,
)

if TYPE_CHECKING:
    from gateway.scripted_upstream import Exchange
    from gateway.served import ServedGateway
    from gateway.wire import Reply

pytestmark = pytest.mark.anyio
TRACE = "0af7651916cd43dd8448eb211c80319c"


async def test_relays_a_call_with_the_persons_own_token(hub: ServedGateway) -> None:
    reply = await hub.call("/api/orders/v1/orders?status=late&status=%2e%2e")
    assert (reply.status, reply.complete) == (200, True)
    sent = hub.upstream.only
    assert sent.request_line == "GET /v1/orders?status=late&status=%2e%2e HTTP/1.1"
    assert sent.header("authorization") == "Bearer token-session-linus"
    assert sent.header("host") == hub.upstream.origin.removeprefix("http://")
    assert hub.grants.asked == [("session-linus", ("api://hub/access_as_user",))]


async def test_adds_nothing_that_the_client_did_not_send(hub: ServedGateway) -> None:
    await hub.call("/api/orders", "Accept: text/plain")
    sent = hub.upstream.only
    assert [name for name, _ in sent.headers if name != "host"] == [
        "accept",
        "x-forwarded-proto",
        "x-forwarded-host",
        "x-forwarded-prefix",
        "x-forwarded-for",
        "traceparent",
        "x-request-id",
        "authorization",
        "x-mainhub-deadline",
    ]
    assert sent.target == "/"


async def test_a_service_without_scopes_gets_no_token(hub: ServedGateway) -> None:
    await hub.call("/api/open/v1", "Authorization: Bearer forged")
    assert hub.upstream.only.header("authorization") is None
    assert hub.grants.asked == []


async def test_two_people_at_once_never_share_a_token(hub: ServedGateway) -> None:
    async def owner(exchange: Exchange) -> None:
        await exchange.answer((exchange.header("authorization") or "").encode())

    hub.upstream.script = owner

    async def many(person: str) -> set[bytes]:
        wire = await hub.wire()
        answers = set()
        for _ in range(40):
            await wire.send(hub.request(person=person))
            answers.add((await wire.reply()).body)
        return answers

    people = ["linus", "grace"] * 4
    answers = await asyncio.gather(*[many(person) for person in people])
    assert answers == [{f"Bearer token-session-{person}".encode()} for person in people]
    assert hub.upstream.connections < len(hub.upstream.exchanges), "connections were shared"


async def test_continues_the_clients_trace_in_a_span_of_its_own(hub: ServedGateway) -> None:
    given = f"00-{TRACE}-b7ad6b7169203331-01"
    headers = [f"traceparent: {given}", "tracestate: a=b", "X-Request-Id: forged"]
    reply = await hub.call("/api/orders", *headers)
    sent = hub.upstream.only
    trace = sent.header("traceparent")
    assert trace is not None
    assert trace.startswith(f"00-{TRACE}-")
    assert trace != given
    assert sent.header("tracestate") == "a=b"
    assert sent.header("x-request-id") == reply.header("x-request-id") != "forged"


async def test_drops_the_state_of_a_trace_that_does_not_go_on(hub: ServedGateway) -> None:
    await hub.call("/api/orders", "traceparent: 00-junk", "tracestate: a=b")
    assert hub.upstream.only.header("tracestate") is None


async def test_tells_the_service_the_true_address_and_origin(hub: ServedGateway) -> None:
    forged = ["X-Forwarded-For: 203.0.113.9", "X-Forwarded-Host: evil", "X-Forwarded-Proto: gopher"]
    await hub.call("/api/orders", *forged, "Forwarded: for=evil", "Connection: x-forwarded-for")
    sent = hub.upstream.only
    assert sent.header("x-forwarded-for") == "127.0.0.1"
    assert sent.header("x-forwarded-host") == hub.host
    assert sent.header("x-forwarded-proto") == "http"
    assert sent.header("forwarded") is None


async def test_cve_2025_48865_connection_cannot_remove_the_token(hub: ServedGateway) -> None:
    await hub.call("/api/orders", "Connection: Authorization, traceparent, X-Request-Id, Host")
    sent = hub.upstream.only
    assert sent.header("authorization") == "Bearer token-session-linus"
    assert sent.header("traceparent")
    assert sent.header("x-request-id")
    assert sent.header("host")


async def test_hostile_36_no_cookie_goes_either_way(hub: ServedGateway) -> None:
    async def sets_cookies(exchange: Exchange) -> None:
        await exchange.answer(b"{}", "Set-Cookie: mainhub=stolen", "Set-Cookie: other=1; Path=/")

    hub.upstream.script = sets_cookies
    wire = await hub.wire()
    for _ in range(2):
        await wire.send(hub.request("/api/orders", "Cookie: theme=dark; mainhub=linus"))
        assert (await wire.reply()).header("set-cookie") is None
    assert [sent.header("cookie") for sent in hub.upstream.exchanges] == [None, None]


# What is refused, and in which order.


async def test_nobody_signed_in_gets_401(hub: ServedGateway) -> None:
    reply = await hub.call(person=None)
    assert (reply.status, reply.problem_name) == (401, "not-signed-in")
    assert reply.problem["login"] == "/auth/login"
    assert hub.upstream.exchanges == []


async def test_which_services_there_are_is_told_to_signed_in_people_only(
    hub: ServedGateway,
) -> None:
    assert (await hub.call("/api/nothing/v1", person=None)).problem_name == "not-signed-in"
    reply = await hub.call("/api/nothing/v1")
    assert (reply.status, reply.problem_name) == (404, "not-found")


async def test_a_store_that_is_down_signs_nobody_out(hub: ServedGateway) -> None:
    hub.people.failure = SessionStoreUnavailable("db.internal:5432 refused")
    reply = await hub.call()
    assert (reply.status, reply.problem_name) == (503, "sessions-unavailable")
    assert reply.header("retry-after") == "5"
    assert b"internal" not in reply.body


async def test_a_missing_role_is_named(hub: ServedGateway) -> None:
    reply = await hub.call(person="alan")
    assert (reply.status, reply.problem_name) == (403, "missing-role")
    assert reply.problem["needs"] == ["Editor", "Employee"]
    assert hub.grants.asked == []
    assert hub.upstream.exchanges == []


async def test_a_service_that_names_no_role_is_open_to_nobody(hub: ServedGateway) -> None:
    hub.route(hub.service(need=Need.any_of(())))
    assert (await hub.call()).problem_name == "missing-role"


async def test_a_call_to_no_service_is_a_404(hub: ServedGateway) -> None:
    assert [(await hub.call(target)).status for target in ("/api", "/api/")] == [404, 404]


async def test_a_refused_small_body_leaves_the_connection_usable(hub: ServedGateway) -> None:
    wire = await hub.wire()
    await wire.send(hub.request(method="POST", person="alan", body=b'{"a":1}'))
    assert (await wire.reply()).problem_name == "missing-role"
    await wire.send(hub.request())
    assert (await wire.reply()).status == 200


async def test_a_mistake_of_ours_is_a_500_without_its_words(hub: ServedGateway) -> None:
    hub.grants.failure = RuntimeError("secret detail")
    reply = await hub.call()
    assert (reply.status, reply.problem_name) == (500, "internal")
    assert b"secret" not in reply.body


FORGED = {
    "hostile 39: no CSRF header": ["Sec-Fetch-Site: same-origin"],
    "hostile 39: foreign site": ["X-MainHub-CSRF: 1", "Sec-Fetch-Site: cross-site"],
    "another subdomain": ["X-MainHub-CSRF: 1", "Sec-Fetch-Site: same-site"],
    "hostile 39: foreign origin": ["X-MainHub-CSRF: 1", "Origin: https://evil.example"],
    "opaque origin": ["X-MainHub-CSRF: 1", "Origin: null"],
    "no sign at all": ["X-MainHub-CSRF: 1"],
    "the header twice": ["X-MainHub-CSRF: 1", "X-MainHub-CSRF: 1", "Sec-Fetch-Site: same-origin"],
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
async def test_refuses_what_another_site_sends(hub: ServedGateway, headers: list[str]) -> None:
    lines = ["DELETE /api/orders/1 HTTP/1.1", f"Host: {hub.host}", "Cookie: mainhub=linus"]
    reply = await hub.raw("\r\n".join([*lines, *headers, "", ""]).encode())
    assert (reply.status, reply.problem_name) == (403, "csrf")
    assert hub.upstream.exchanges == []


async def test_lets_the_hubs_own_pages_write(hub: ServedGateway) -> None:
    reply = await hub.call(method="PUT", body=b'{"a":1}')
    assert (reply.status, reply.body) == (200, b'{"a":1}')
    sent = hub.upstream.only
    assert sent.header("x-mainhub-csrf") is None
    assert sent.header("origin") is None


@pytest.mark.parametrize("use", ["script", "serviceworker", "worker", "style", "iframe", "object"])
async def test_nothing_of_a_service_is_run_or_embedded(hub: ServedGateway, use: str) -> None:
    reply = await hub.call("/api/orders/x.js", f"Sec-Fetch-Dest: {use}")
    assert (reply.status, reply.problem_name) == (403, "refused")


async def test_a_services_page_never_runs_in_the_hubs_origin(hub: ServedGateway) -> None:
    async def page(exchange: Exchange) -> None:
        lax = "Content-Security-Policy: default-src *"
        await exchange.answer(b"<script>alert(1)</script>", "Content-Type: text/html", lax)

    hub.upstream.script = page
    reply = await hub.call("/api/orders/page", "Sec-Fetch-Dest: document")
    policy = reply.header("content-security-policy") or ""
    assert policy.split("; ") == ["default-src 'none'", "frame-ancestors 'none'", "sandbox"]
    assert reply.header("x-content-type-options") == "nosniff"
    assert reply.header("cross-origin-resource-policy") == "same-origin"


async def test_hostile_45_no_answer_is_kept_for_the_next_person(hub: ServedGateway) -> None:
    async def cacheable(exchange: Exchange) -> None:
        await exchange.answer(b"{}", "Cache-Control: public, max-age=600", "Expires: never")

    hub.upstream.script = cacheable
    reply = await hub.call()
    assert reply.header("cache-control") == "no-store"
    assert reply.header("expires") is None


async def test_a_provider_that_is_down_is_no_sign_out(hub: ServedGateway) -> None:
    hub.grants.failure = GrantUnavailable("login.internal refused")
    reply = await hub.call()
    assert (reply.status, reply.problem_name) == (503, "provider-unavailable")
    assert b"internal" not in reply.body


async def test_a_provider_that_refuses_asks_to_sign_in_again(hub: ServedGateway) -> None:
    hub.grants.failure = GrantRefused("invalid_grant")
    reply = await hub.call()
    assert (reply.status, reply.problem_name) == (401, "not-signed-in")


async def test_the_services_own_401_does_not_sign_out(hub: ServedGateway) -> None:
    async def refuses(exchange: Exchange) -> None:
        await exchange.answer(b"{}", 'WWW-Authenticate: Basic realm="x"', status="401 Unauthorized")

    hub.upstream.script = refuses
    reply = await hub.call()
    assert (reply.status, reply.problem_name) == (502, "upstream-refused-token")
    assert reply.header("www-authenticate") is None


def step_up_of(reply: Reply) -> dict[str, str]:
    """Return what the problem asks for, by the parameters of its address."""
    assert (reply.status, reply.problem_name) == (401, "step-up-needed")
    path, _, query = str(reply.problem["step_up"]).partition("?")
    assert path == "/auth/stepup"
    return dict(parse_qsl(query, strict_parsing=True))


async def test_claims_that_a_service_demands_become_a_step_up(hub: ServedGateway) -> None:
    claims = b'{"access_token": {"acrs": {"essential": true, "value": "c1"}}}'

    async def demands(exchange: Exchange) -> None:
        told = f'error="insufficient_claims", claims="{b64encode(claims).decode()}"'
        line = f'WWW-Authenticate: Bearer realm="x", {told}'
        await exchange.answer(b"<secret>", line, status="401 Unauthorized")

    hub.upstream.script = demands
    reply = await hub.call()
    asked = step_up_of(reply)
    assert asked["scopes"] == " ".join(hub.service().scopes)
    assert orjson.loads(urlsafe_b64decode(asked["claims"] + "==")) == orjson.loads(claims)
    assert b"secret" not in reply.body
    # The hub's own word, for programs; the service's is not passed on.
    scheme, _, told = (reply.header("www-authenticate") or "").partition(" ")
    words = dict(word.split("=", 1) for word in told.replace('"', "").split(", "))
    assert (scheme, words["realm"], words["error"]) == ("Bearer", "MainHub", "insufficient_claims")
    assert orjson.loads(b64decode(words["claims"])) == orjson.loads(claims)


@pytest.mark.parametrize("claims", ['{"a":1}', None])
async def test_a_provider_that_wants_the_person_is_a_step_up_and_no_sign_out(
    hub: ServedGateway, claims: str | None
) -> None:
    hub.grants.failure = StepUpNeeded("AADSTS50076: use a second factor", claims=claims)
    asked = step_up_of(await hub.call())
    assert ("claims" in asked) is (claims is not None)
    assert asked["scopes"]


async def test_other_refusals_of_a_service_pass_as_they_are(hub: ServedGateway) -> None:
    async def refuses(exchange: Exchange) -> None:
        await exchange.answer(b'{"why":"budget"}', status="403 Forbidden")

    hub.upstream.script = refuses
    reply = await hub.call()
    assert (reply.status, reply.body) == (403, b'{"why":"budget"}')


async def test_routes_are_swapped_whole_under_load(hub: ServedGateway) -> None:
    failures: list[int] = []

    async def load() -> None:
        wire = await hub.wire()
        for _ in range(30):
            await wire.send(hub.request())
            reply = await wire.reply()
            failures.extend([reply.status] * (reply.status != 200))

    async def swap() -> None:
        for _ in range(30):
            hub.route(hub.service(), hub.service("more"))
            await hub.call("/api/more")

    await asyncio.gather(load(), load(), swap())
    assert failures == []
    hub.gateway.routes = RouteTable([])
    assert (await hub.call()).status == 404


async def test_every_answer_of_the_hub_itself_is_hardened(hub: ServedGateway) -> None:
    reply = await hub.call(person=None)
    assert "default-src 'none'" in (reply.header("content-security-policy") or "")
    assert reply.header("x-content-type-options") == "nosniff"
    assert reply.header("cache-control") == "no-store"
    assert len(reply.header("x-request-id") or "") == 16


async def test_logs_one_line_per_call_without_the_query(
    hub: ServedGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    await hub.call("/api/orders/v1?secret=hunter2")
    lines: list[str] = []

    def logged() -> bool:
        lines.extend(
            line for line in capsys.readouterr().out.splitlines() if "gateway.call" in line
        )
        return bool(lines)

    await eventually(logged)
    assert len(lines) == 1
    assert "/api/orders/v1" in lines[0]
    assert "hunter2" not in lines[0]
    assert "token-session" not in lines[0]
