"""What people read when nobody was signed in: what happened, what helps, and the way on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mainhub.errors import Invalid
from mainhub.i18n.catalogue import LOCALES
from mainhub.identity import MissingRole
from mainhub.resilience import RateLimited
from mainhub.sessions import SessionStoreUnavailable
from mainhub.signin import (
    AnswerRefused,
    FlowGone,
    GuestRefused,
    ProviderDeclined,
    ProviderUnavailable,
    UnknownProvider,
)
from mainhub.signin.failure_pages import Attempt, Explanation, problem_of_failure, told_failure
from mainhub.signin.way import Way

if TYPE_CHECKING:
    from mainhub.errors import MainHubError
    from mainhub.i18n import Locale

DECLINED = ProviderDeclined("Entra: AADSTS50105: not assigned", code="access_denied")
ERRORS: list[tuple[MainHubError, str, int]] = [
    (ProviderUnavailable("down"), "provider-unavailable", 503),
    (RateLimited("many", retry_after=3), "rate-limited", 429),
    (FlowGone("gone"), "signin-interrupted", 409),
    (SessionStoreUnavailable("away"), "database-unavailable", 503),
    (UnknownProvider("nobody"), "not-found", 404),
    (Invalid("odd"), "invalid", 400),
    (GuestRefused("a guest"), "signin-refused", 403),
    (MissingRole("closed", needs=("Employee", "Editor")), "missing-role", 403),
    (DECLINED, "signin-refused", 403),
    (AnswerRefused("forged"), "signin-refused", 403),
]
POPUP = Way(popup=True, tab="the-tab-that-asks")


def attempt(**facts: object) -> Attempt:
    return Attempt(provider="entra", title="Microsoft Entra ID", **facts)  # type: ignore[arg-type]


def page(error: MainHubError, locale: Locale = "en", **facts: object) -> dict[str, object]:
    return dict(told_failure(locale, error, attempt(**facts)).facts)


@pytest.mark.parametrize(("error", "name", "status"), ERRORS)
def test_people_and_programs_are_told_the_same(error: MainHubError, name: str, status: int) -> None:
    problem = problem_of_failure(error, provider="Microsoft Entra ID")
    assert (problem.name, problem.status) == (name, status)
    for locale in LOCALES:
        for way in (Way(), Way(step_up=True), POPUP):
            told = page(error, locale, way=way)
            assert told["title"] != told["lead"]
            assert told["actions"]
            assert (told["told"] is None) is not way.popup


@pytest.mark.parametrize(
    "error", [DECLINED, GuestRefused("g"), MissingRole("c", needs=("Editor",))]
)
def test_who_is_not_let_in_reads_whom_to_ask(error: MainHubError) -> None:
    helps = page(error, support="service.desk@hub.example")["helps"]
    assert isinstance(helps, list)
    assert any("service.desk@hub.example" in step for step in helps)
    helps = page(error)["helps"]
    assert isinstance(helps, list)
    assert any("administers this hub" in step for step in helps)
    actions = page(error, return_to="/orders", way=POPUP)["actions"]
    assert isinstance(actions, list)
    # Without prompt the provider would name the same account again, unasked.
    assert actions[0] == (
        "Use another account",
        "/auth/login?prompt=select_account&return_to=%2Forders&popup=1&tab=the-tab-that-asks",
    )


def test_says_which_role_is_missing() -> None:
    facts = page(MissingRole("closed", needs=("Employee", "Editor")))["facts"]
    assert ("Missing role", "Employee · Editor") in facts  # type: ignore[operator]


def test_explains_the_providers_words_and_shows_them() -> None:
    def explain(words: str, locale: Locale) -> Explanation | None:
        known = "AADSTS50105" in words and locale == "en"
        return Explanation("Nobody assigned you.", "Have a role assigned.") if known else None

    told = page(DECLINED, explain=explain)
    assert ("Cause", "Nobody assigned you.") in told["facts"]  # type: ignore[operator]
    assert ("Answer", str(DECLINED)) in told["facts"]  # type: ignore[operator]
    assert told["helps"][0] == "Have a role assigned."  # type: ignore[index]
    other = ProviderDeclined("Entra: something else", code="server_error")
    assert ("Cause", str(other)) in page(other, explain=explain)["facts"]  # type: ignore[operator]


def test_what_may_be_tried_again_leads_to_the_same_address() -> None:
    address = "/auth/stepup?claims=e30&return_to=%2Forders"
    way = Way(step_up=True)
    told = page(ProviderUnavailable("down"), retry=address, way=way)
    assert told["actions"] == [("Try again", address)]
    assert page(DECLINED, retry=address, way=way, return_to="/orders")["actions"] == [
        ("Back to the page", "/orders")
    ]


@pytest.mark.parametrize("error", [DECLINED, AnswerRefused("forged"), FlowGone("gone")])
def test_a_refused_step_up_says_that_the_session_goes_on(error: MainHubError) -> None:
    told = page(error, way=Way(step_up=True))
    assert re.search("Your session goes on|the session has ended", str(told["lead"]))
    assert told["state"] == "Confirmation refused"


def test_shown_words_of_support_are_only_words() -> None:
    helps = page(DECLINED, support="{who} {0} <b>%s")["helps"]
    assert isinstance(helps, list)
    assert "{who} {0} <b>%s" in helps[0]
