from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request
from typing_extensions import override

from mainhub.errors import Unavailable
from mainhub.identity import NotSignedIn, Person
from mainhub.web import Authenticator, Caller, Guard
from mainhub.web.csrf import CrossSite
from web.asgi_call import scope_of

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.anyio
LATER = datetime(2100, 1, 1, tzinfo=UTC)
ADA = Caller(Person("t.ada", "Ada", None, ("Admin",), "t", "entra"), "s3cret-id", LATER, LATER)
SIGNS = [("x-mainhub-csrf", "1"), ("sec-fetch-site", "same-origin")]


class Scripted(Authenticator):
    """Gives *outcome* to everybody and counts who asked."""

    def __init__(self, outcome: Caller | Exception | None) -> None:
        self.outcome = outcome
        self.asked = 0

    @override
    async def authenticate(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller | None:
        self.asked += 1
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def request(method: str = "GET", *headers: tuple[str, str]) -> Request:
    return Request(scope_of("/x", *headers, method=method))


def guarding(outcome: Caller | Exception | None) -> Guard:
    return Guard(Scripted(outcome), own_origin="https://hub.example")


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
    guard = Guard(people, own_origin="https://hub.example")
    for headers in ([], SIGNS[:1], SIGNS[1:], [*SIGNS, ("origin", "https://evil.example")]):
        with pytest.raises(CrossSite):
            await guard.require(request("DELETE", *headers))
    assert people.asked == 0


def test_a_callers_secret_does_not_show() -> None:
    assert "s3cret-id" not in repr(ADA)
