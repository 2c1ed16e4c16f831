"""Which front-end may call which service."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.served import LATER, ROLES, ServedGateway
from mainhub.access import Need
from mainhub.gateway import ApiNotDeclared, Declaration, FrontendCalls, FrontendUnnamed
from mainhub.identity import ADMIN, EDITOR, EMPLOYEE, Person
from mainhub.web import Caller, SessionsUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SHOP = Declaration("shop", Need.any_of({EMPLOYEE}), frozenset({"orders", "nowhere"}))
DESK = Declaration("desk", Need.any_of({EDITOR}), frozenset({"orders"}))
KNOWN = [SHOP, DESK]
ORDERS = "/api/orders/v1/orders"


def caller(*roles: str, **facts: object) -> Caller:
    person = Person("t.linus", "linus", None, roles or (EMPLOYEE,), "t", "entra")
    return Caller(person, "session", "ref", LATER, LATER, **facts)  # type: ignore[arg-type]


def named(*names: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"x-mainhub-frontend", name) for name in names]


class Told:
    """Declares what it is told to, and counts how often it was asked."""

    def __init__(self) -> None:
        self.entries = list(KNOWN)
        self.asked = 0

    async def __call__(self) -> list[Declaration]:
        self.asked += 1
        return self.entries


@pytest.fixture
async def strict() -> AsyncIterator[ServedGateway]:
    """Return a gateway that lets no call pass unnamed."""
    hub = ServedGateway(allow_unnamed=False)
    hub.declarations = list(KNOWN)
    await hub.start()
    yield hub
    await hub.stop()


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("target", "headers", "person", "status", "problem"),
    [
        (ORDERS, ["X-MainHub-Frontend: shop"], "linus", 200, None),
        (ORDERS, ["X-MainHub-Frontend: desk"], "grace", 200, None),
        (ORDERS, [], "linus", 403, "frontend-unnamed"),
        (ORDERS, ["X-MainHub-Frontend: desk"], "linus", 403, "api-not-declared"),
        (ORDERS, ["X-MainHub-Frontend: none"], "linus", 403, "api-not-declared"),
        (ORDERS, ["X-MainHub-Frontend:"], "linus", 403, "api-not-declared"),
        (ORDERS, ["X-MainHub-Frontend: Shop"], "linus", 403, "api-not-declared"),
        (ORDERS, ["X-MainHub-Frontend: shop, shop"], "linus", 403, "api-not-declared"),
        (ORDERS, ["X-MainHub-Frontend: shop"] * 2, "linus", 403, "api-not-declared"),
        ("/api/open/x", ["X-MainHub-Frontend: shop"], "linus", 403, "api-not-declared"),
        ("/api/stock/x", ["X-MainHub-Frontend: shop"], "linus", 403, "api-not-declared"),
        ("/api/nowhere/x", ["X-MainHub-Frontend: shop"], "linus", 404, "not-found"),
        (ORDERS, ["X-MainHub-Frontend: shop"], None, 401, "not-signed-in"),
        (ORDERS, [], None, 401, "not-signed-in"),
    ],
)
async def test_a_page_reaches_what_its_front_end_declares(
    strict: ServedGateway,
    *,
    target: str,
    headers: list[str],
    person: str | None,
    status: int,
    problem: str | None,
) -> None:
    reply = await strict.call(target, *headers, person=person)
    assert reply.status == status
    if problem is not None:
        assert reply.problem_name == problem
    assert len(strict.upstream.exchanges) == (status == 200)


@pytest.mark.anyio
async def test_one_answer_for_all_that_may_be_missing(strict: ServedGateway) -> None:
    told = {
        (reply.problem["title"], reply.problem["detail"], reply.problem["remedy"])
        for target, name in ((ORDERS, "desk"), (ORDERS, "none"), ("/api/stock/x", "shop"))
        for reply in [await strict.call(target, f"X-MainHub-Frontend: {name}")]
    }
    assert len(told) == 1


@pytest.mark.anyio
async def test_the_service_does_not_see_the_name(strict: ServedGateway) -> None:
    await strict.call(ORDERS, "X-MainHub-Frontend: shop")
    assert strict.upstream.only.header("x-mainhub-frontend") is None


@pytest.mark.anyio
async def test_unnamed_calls_pass_where_they_are_allowed_and_a_name_still_counts() -> None:
    calls = FrontendCalls(Told(), allow_unnamed=True)
    await calls.require(caller(), [], "anything")
    with pytest.raises(ApiNotDeclared):
        await calls.require(caller(), named(b"desk"), "orders")


@pytest.mark.anyio
async def test_who_brings_a_token_names_no_front_end() -> None:
    calls = FrontendCalls(Told())
    await calls.require(caller(bearer="a.b.c"), [], "orders")
    await calls.require(caller(bearer="a.b.c"), named(b"none"), "orders")


@pytest.mark.anyio
async def test_an_administrator_for_whom_nobody_vouches_is_told_to_come_back() -> None:
    told = Told()
    calls = FrontendCalls(told)
    told.entries = [Declaration("admin", Need.any_of({ADMIN}), frozenset({"orders"}))]
    whole = caller(ADMIN).person
    with pytest.raises(SessionsUnavailable):
        await calls.require(caller(unverified=True, named=whole), named(b"admin"), "orders")


@pytest.mark.anyio
async def test_asks_once_until_it_is_told_of_a_change() -> None:
    told = Told()
    calls = FrontendCalls(told)
    for _ in range(3):
        await calls.require(caller(), named(b"shop"), "orders")
    assert told.asked == 1
    told.entries = []
    calls.forget()
    with pytest.raises(ApiNotDeclared):
        await calls.require(caller(), named(b"shop"), "orders")


@pytest.mark.anyio
async def test_does_not_believe_what_was_read_while_it_changed() -> None:
    told = Told()

    async def slow() -> list[Declaration]:
        before = await told()
        if told.asked == 1:
            calls.forget()
        return before

    calls = FrontendCalls(slow)
    await calls.require(caller(), named(b"shop"), "orders")
    await calls.require(caller(), named(b"shop"), "orders")
    assert told.asked == 2


@given(name=st.binary(max_size=80), service=st.text(max_size=20))
def test_nothing_else_opens_a_service(name: bytes, service: str) -> None:
    async def none() -> list[Declaration]:
        return KNOWN

    calls = FrontendCalls(none)
    if name == b"shop" and service in SHOP.apis:
        return
    with pytest.raises((ApiNotDeclared, FrontendUnnamed)):
        asyncio.run(calls.require(caller(), named(name), service))


def test_the_people_here_have_the_roles_that_the_table_means() -> None:
    assert ROLES["grace"] == EDITOR
    assert ROLES["linus"] == EMPLOYEE
