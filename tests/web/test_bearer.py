"""Access tokens in requests: how they are read, and how a refusal of one is told."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mainhub.web import (
    BearerMalformed,
    BearerRefused,
    Caller,
    ScopeMissing,
    SessionNeeded,
    bearer_of,
    brings_bearer,
    problems,
)
from web.scripted_people import signed_in

ADA = signed_in("Admin")
NAME = b"authorization"


@pytest.mark.parametrize(
    ("value", "token"),
    [
        (b"Bearer abc.def.ghi", "abc.def.ghi"),
        (b"bearer abc", "abc"),
        (b"BEARER   abc-._~+/==  ", "abc-._~+/=="),
        # Other schemes are a proxy's business.
        (b"Basic YTpi", None),
        (b"Negotiate abc", None),
        (b"Bearerabc", None),
        (b"", None),
    ],
)
def test_a_token_is_read(value: bytes, token: str | None) -> None:
    headers = [(b"accept", b"*/*"), (NAME, value)]
    assert bearer_of(headers) == token
    assert brings_bearer(headers) == (token is not None)


@pytest.mark.parametrize(
    "value",
    [
        b"Bearer",
        b"Bearer ",
        b"Bearer a b",
        b"Bearer a,b",
        b"Bearer \ta",
        b"Bearer a\xff",
        b'Bearer "abc"',
        b"Bearer =",
        b"Bearer a=b",
        b"Bearer a\t",
        b"Bearer a\x00",
        b"Bearer a\r\nx-mainhub-user: root",
        b"Bearer " + b"a" * (16 * 1024 + 1),
    ],
)
def test_what_is_no_token_is_refused_and_not_left_to_the_cookie(value: bytes) -> None:
    assert brings_bearer([(NAME, value)])
    with pytest.raises(BearerMalformed):
        bearer_of([(NAME, value)])


@pytest.mark.parametrize("other", [b"Bearer b", b"Basic YTpi", b""])
def test_two_of_them_are_one_too_many(other: bytes) -> None:
    for headers in ([(NAME, b"Bearer a"), (NAME, other)], [(NAME, other), (NAME, b"Bearer a")]):
        with pytest.raises(BearerMalformed, match="more than one"):
            bearer_of(headers)


@given(st.lists(st.tuples(st.sampled_from([NAME, b"cookie"]), st.binary(max_size=40)), max_size=4))
@example([(NAME, b"Bearer \n")])
def test_whatever_comes_is_a_token_none_or_refused(headers: list[tuple[bytes, bytes]]) -> None:
    try:
        token = bearer_of(headers)
    except BearerMalformed:
        assert brings_bearer(headers)
        return
    assert (token is not None) == brings_bearer(headers)
    if token is not None:
        assert token.isascii()
        assert token.isprintable()
        assert " " not in token


@given(st.from_regex(r"[A-Za-z0-9._~+/-]{1,200}={0,2}", fullmatch=True))
def test_a_token_comes_out_as_it_went_in(token: str) -> None:
    assert bearer_of([(NAME, f"Bearer {token}".encode())]) == token


@pytest.mark.parametrize(
    "name", [b"proxy-authorization", b"x-authorization", b"authorization_", b"x-access-token"]
)
def test_no_other_header_is_read(name: bytes) -> None:
    assert bearer_of([(name, b"Bearer a")]) is None


def challenge(problem: problems.Problem) -> str:
    return dict(problem.headers)[b"www-authenticate"].decode("ascii")


def test_each_refusal_has_the_challenge_of_rfc_6750() -> None:
    told = problems.problem_of
    assert challenge(problems.not_signed_in()).endswith('Bearer realm="MainHub"')
    malformed = told(BearerMalformed("No token."))
    assert malformed.status == 400
    assert 'error="invalid_request"' in challenge(malformed)
    refused = told(BearerRefused("It has expired."))
    assert refused.status == 401
    assert challenge(refused) == (
        'Bearer realm="MainHub", error="invalid_token", error_description="It has expired."'
    )
    scope = told(ScopeMissing("It lacks a scope.", scope="api://hub/access_as_user"))
    assert scope.status == 403
    assert challenge(scope).endswith(
        'error="insufficient_scope", error_description="It lacks a scope.",'
        ' scope="api://hub/access_as_user"'
    )


@given(st.text(max_size=60))
def test_nothing_that_is_told_leaves_its_quotes(detail: str) -> None:
    told = challenge(problems.bearer_refused(detail))
    assert told.count('"') == (6 if 'error_description="' in told else 4)
    assert "\\" not in told
    assert told.isprintable()


def test_what_needs_a_session_says_so() -> None:
    program = Caller(ADA.person, None, None, ADA.expires_at, ADA.expires_at, bearer="abc")
    assert "abc" not in repr(program)
    with pytest.raises(SessionNeeded) as refusal:
        program.session_for("A page")
    problem = problems.problem_of(refusal.value)
    assert (problem.status, problem.name) == (403, "session-needed")
    assert ADA.session_for("A page") == ADA.session_ref
