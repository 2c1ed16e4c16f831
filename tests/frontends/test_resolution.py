from __future__ import annotations

import pytest

from frontends.some_frontends import DASHBOARD, frontend
from mainhub.frontends import Resolution, resolve
from mainhub.identity import Person

ORDERS = frontend()
ADMIN = frontend("admin", routes=("/admin",), roles=("Admin",))
NOBODYS = frontend("drafts", routes=("/drafts",), roles=())
ASLEEP = frontend("asleep", routes=("/asleep",), roles=("*",), active=False)
EVERY = [DASHBOARD, ORDERS, ADMIN, NOBODYS, ASLEEP]


def seen(path: str, *roles: str) -> Resolution:
    return resolve(EVERY, Person("t.x", "X", None, roles, "t", "entra"), path)


@pytest.mark.parametrize(
    ("roles", "names"),
    [
        (["Employee"], ["dashboard", "orders"]),
        (["Admin"], ["dashboard", "admin"]),
        (["Employee", "Admin"], ["dashboard", "orders", "admin"]),
        (["USER"], ["dashboard"]),
        (["Unheard-of"], ["dashboard"]),
    ],
)
def test_a_person_sees_what_their_roles_open(roles: list[str], names: list[str]) -> None:
    assert [found.name for found in seen("/", *roles).open_to] == names


def test_what_is_open_is_found_and_not_refused() -> None:
    assert seen("/orders/7", "Employee") == Resolution((DASHBOARD, ORDERS), None, found=True)


def test_what_is_closed_is_refused_by_name() -> None:
    assert seen("/admin/users", "Employee") == Resolution((DASHBOARD, ORDERS), ADMIN, found=True)


def test_what_has_no_roles_is_open_to_nobody() -> None:
    assert seen("/drafts", "Admin", "Editor", "Employee", "*").refused is NOBODYS


@pytest.mark.parametrize("path", ["/asleep", "/nowhere", "/orders2", "/admin2", "//admin"])
def test_what_nobody_owns_is_not_found(path: str) -> None:
    resolution = seen(path, "Admin", "Employee")
    assert (resolution.found, resolution.refused) == (False, None)


def test_of_two_owners_of_a_route_one_that_is_open_is_enough() -> None:
    twice = [ADMIN, frontend("open-admin", routes=("/admin",), roles=("*",))]
    person = Person("t.x", "X", None, ("USER",), "t", "entra")
    assert resolve(twice, person, "/admin/help").refused is None


def test_a_closed_page_under_an_open_one_stays_closed() -> None:
    secret = frontend("secret", routes=("/help/secret",), roles=("Admin",))
    nested = [frontend("help", routes=("/help",), roles=("*",)), secret]
    person = Person("t.x", "X", None, ("USER",), "t", "entra")
    assert resolve(nested, person, "/help/other").refused is None
    assert resolve(nested, person, "/help/secret/1").refused is secret


def test_an_open_page_under_a_closed_one_is_open() -> None:
    shared = [ADMIN, frontend("help", routes=("/admin/help",), roles=("*",))]
    person = Person("t.x", "X", None, ("USER",), "t", "entra")
    assert resolve(shared, person, "/admin/help").refused is None
    assert resolve(shared, person, "/admin").refused is ADMIN
