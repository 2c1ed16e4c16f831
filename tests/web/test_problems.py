from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mainhub.errors import Conflict, Invalid, MainHubError, NotFound, Refused, Unavailable
from mainhub.identity import MissingRole, NotSignedIn
from mainhub.telemetry import request_trace
from mainhub.web import problems
from mainhub.web.csrf import CrossSite
from web.asgi_call import Answered, ask

EVERY = [
    (problems.not_signed_in(), "not-signed-in", 401),
    (problems.wrong_bearer(), "wrong-bearer", 401),
    (problems.missing_role("d", needs=("Admin",), remedy="r"), "missing-role", 403),
    (problems.cross_site("d"), "csrf", 403),
    (problems.invalid("d"), "invalid", 400),
    (problems.misdirected("d", remedy="r"), "misdirected", 421),
    (problems.not_found("d"), "not-found", 404),
    (problems.method_not_allowed("PUT", allowed=("GET", "HEAD")), "method-not-allowed", 405),
    (problems.too_large(1), "too-large", 413),
    (problems.target_too_long(1), "target-too-long", 414),
    (problems.headers_too_large(1), "headers-too-large", 431),
    (problems.too_many_streams(32), "too-many-streams", 429),
    (problems.upgrade_unsupported(), "not-implemented", 501),
    (problems.bearer_malformed("d", remedy="r"), "bearer-malformed", 400),
    (problems.bearer_refused("d"), "bearer-refused", 401),
    (problems.proof_due("d", remedy=None), "step-up-needed", 401),
    (problems.scope_missing("d", "s"), "scope-missing", 403),
    (problems.upstream_unreachable("orders"), "upstream-unreachable", 502),
    (problems.upstream_timeout("orders", 5), "upstream-timeout", 504),
    (problems.upstream_refused_token("orders"), "upstream-refused-token", 502),
    (problems.step_up_needed("orders", '{"a":1}', ("s",)), "step-up-needed", 401),
    (problems.upstream_failed("orders", 500, None), "upstream-failed", 502),
    (problems.upstream_resting("orders", 5.0), "circuit-open", 503),
    (problems.upstream_busy("orders", 1.0), "bulkhead-full", 503),
    (problems.upstream_paused("orders", 1.0), "upstream-paused", 429),
    (problems.rate_limited("d", 1.0), "rate-limited", 429),
    (problems.request_timeout(5), "request-timeout", 408),
    (problems.provider_unavailable("entra"), "provider-unavailable", 503),
    (problems.token_declined("orders", "No.", remedy="Ask."), "token-declined", 502),
    (problems.database_unavailable(), "database-unavailable", 503),
    (problems.draining(), "draining", 503),
    (problems.starting("d"), "starting", 503),
    (problems.internal(), "internal", 500),
    (problems.signin_interrupted(), "signin-interrupted", 409),
    (problems.signin_refused("d"), "signin-refused", 403),
]


async def over_asgi(problem: problems.Problem) -> Answered:
    async def app(_scope: object, _receive: object, send: problems.Send) -> None:
        await problems.send_problem(send, problem)

    return await ask(app)


@pytest.mark.anyio
@pytest.mark.parametrize(("problem", "name", "status"), EVERY, ids=[name for _, name, _ in EVERY])
async def test_every_problem_has_one_form_on_both_ways_out(
    problem: problems.Problem, name: str, status: int
) -> None:
    with request_trace(None) as trace:
        raw = await over_asgi(problem)
        framed = await ask(problems.response(problem))
    assert raw == framed
    assert (raw.status, raw.problem_name) == (status, name)
    assert raw.problem["trace_id"] == trace.trace_id
    assert raw.problem["detail"]
    assert raw.header("cache-control") == "no-store"
    assert raw.header("content-length") == str(len(raw.body))


def test_no_constructor_is_left_out_of_the_list() -> None:
    made = {
        name
        for name, value in vars(problems).items()
        if getattr(value, "__annotations__", {}).get("return") in {"Problem", problems.Problem}
    }
    assert len(made - {"problem_of"}) == len(EVERY)


def test_every_problem_is_described() -> None:
    described = (Path(__file__).resolve().parents[2] / "docs" / "http.md").read_text()
    names = {name for _, name, _ in EVERY} | {name for _, name, _, _ in problems._FAMILIES}
    assert {name for name in names if f"`{name}`" not in described} == set()


@pytest.mark.parametrize(
    ("error", "name", "status"),
    [
        (NotSignedIn("x"), "not-signed-in", 401),
        (MissingRole("x", needs=("Admin",)), "missing-role", 403),
        (CrossSite("x"), "csrf", 403),
        (Unavailable("x"), "unavailable", 503),
        (Refused("x"), "refused", 403),
        (Invalid("x"), "invalid", 400),
        (NotFound("x"), "not-found", 404),
        (Conflict("x"), "conflict", 409),
        (MainHubError("x"), "internal", 500),
    ],
)
def test_each_family_of_errors_has_its_problem(error: MainHubError, name: str, status: int) -> None:
    problem = problems.problem_of(error)
    assert (problem.name, problem.status) == (name, status)


def test_a_leaf_is_told_as_its_family_with_message_and_remedy() -> None:
    class Leaf(Conflict):
        pass

    document = problems.problem_of(Leaf("somebody was first", remedy="Read again.")).document()
    assert document["type"] == "urn:mainhub:problem:conflict"
    assert document["detail"] == "somebody was first"
    assert document["remedy"] == "Read again."


def test_an_unnamed_error_of_ours_tells_nothing_of_its_inside() -> None:
    document = problems.problem_of(MainHubError("key k-123 at /var/lib")).document()
    assert "k-123" not in json.dumps(document)


def test_a_missing_role_names_the_roles_that_open() -> None:
    error = MissingRole("x", needs=("Admin", "Editor"))
    assert problems.problem_of(error).document()["needs"] == ["Admin", "Editor"]


def test_nobody_signed_in_is_told_where_to_sign_in() -> None:
    problem = problems.not_signed_in()
    assert problem.document()["login"] == "/auth/login"
    # RFC 9110, section 15.5.2: a 401 names a challenge; never Basic, which opens a dialog.
    assert dict(problem.headers)[b"www-authenticate"].startswith(b"Cookie")


def test_a_wrong_method_is_told_which_ones_there_are() -> None:
    problem = problems.method_not_allowed("PUT", allowed=("GET", "HEAD"))
    assert dict(problem.headers)[b"allow"] == b"GET, HEAD"


@pytest.mark.anyio
@pytest.mark.parametrize(("ahead", "least", "most"), [(90, 85, 90), (0.2, 1, 1), (-60, 1, 1)])
async def test_a_time_to_retry_is_told_twice(ahead: float, least: int, most: int) -> None:
    at = datetime.now(UTC) + timedelta(seconds=ahead)
    answer = await over_asgi(problems.Problem("n", "t", 503, "d", retry_at=at))
    assert least <= int(answer.header("retry-after") or 0) <= most
    told = str(answer.problem["retry_at"])
    assert told.endswith("Z")
    assert datetime.fromisoformat(told) == at


def test_no_remedy_and_no_time_leave_no_empty_members() -> None:
    document: dict[str, Any] = problems.not_found("d").document()
    assert set(document) == {"type", "title", "status", "detail", "trace_id"}


def test_a_service_that_asks_for_time_is_unavailable_for_as_long() -> None:
    problem = problems.upstream_failed("orders", 503, 7.2)
    assert problem.status == 503
    assert dict(problem.all_headers(b""))[b"retry-after"] == b"8"


def test_an_isolated_service_promises_nothing() -> None:
    problem = problems.upstream_resting("orders", None)
    assert problem.retry_at is None
    assert "administrator" in problem.detail
