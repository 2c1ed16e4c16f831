from __future__ import annotations

import pytest
from starlette.requests import Request

from mainhub.access import require
from mainhub.errors import Unavailable
from mainhub.identity import NotSignedIn
from mainhub.web import Caller, Guard
from mainhub.web.csrf import CrossSite
from web.asgi_call import scope_of
from web.scripted_people import Scripted, signed_in

pytestmark = pytest.mark.anyio
ADA = signed_in("Admin")
SIGNS = [("x-mainhub-csrf", "1"), ("sec-fetch-site", "same-origin")]


def request(method: str = "GET", *headers: tuple[str, str]) -> Request:
    return Request(scope_of("/x", *headers, method=method))


def guarding(outcome: Caller | Exception | None) -> Guard:
    return Guard(Scripted(outcome), own_origin="https://hub.example", judge=require)


async def test_lets_a_signed_in_person_in() -> None:
    assert await guarding(ADA).require(request()) is ADA
    assert await guarding(ADA).require(request("POST", *SIGNS)) is ADA


async def test_nobody_is_told_so() -> None:
    assert await guarding(None).caller(request()) is None
    with pytest.raises(NotSignedIn):
        await guarding(None).require(request())


async def test_a_store_that_is_away_is_never_taken_for_nobody() -> None:
    with pytest.raises(Unavailable):
        await guarding(Unavailable("x")).caller(request())


async def test_another_sites_request_is_refused_before_anybody_is_asked() -> None:
    people = Scripted(ADA)
    guard = Guard(people, own_origin="https://hub.example", judge=require)
    for headers in ([], SIGNS[:1], SIGNS[1:], [*SIGNS, ("origin", "https://evil.example")]):
        with pytest.raises(CrossSite):
            await guard.require(request("DELETE", *headers))
    assert people.asked == 0


def test_a_callers_secret_does_not_show() -> None:
    assert str(ADA.session_id) not in repr(ADA)


async def test_who_brings_a_token_needs_no_sign_since_no_browser_adds_one() -> None:
    token = ("authorization", "Bearer abc")
    assert await guarding(ADA).require(request("DELETE", token)) is ADA
    # Nor does a foreign scheme stand for one.
    with pytest.raises(CrossSite):
        await guarding(ADA).require(request("DELETE", ("authorization", "Basic YTpi")))
