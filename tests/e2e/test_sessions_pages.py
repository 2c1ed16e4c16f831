"""People see where they are signed in and end it; administrators end all of a person at once."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect

from e2e.chromium import Watched, opened
from e2e.conftest import Dev
from e2e.hub_api import call
from e2e.looks import assert_accessible, each_look
from e2e.people import open_account, sign_in
from e2e.test_administration import section

ENDED = "Your session has ended"
LEFT = (401, "ERR_ABORTED")


@pytest.fixture
def grace(browser: Browser, dev: Dev) -> Iterator[Watched]:
    """Somebody's browser."""
    with opened(browser) as watched:
        sign_in(watched.page, dev.url, "grace")
        yield watched
        watched.assert_clean()


@contextmanager
def elsewhere(browser: Browser, dev: Dev, account: str = "grace") -> Iterator[Watched]:
    """Open another browser of the same person."""
    with opened(browser) as watched:
        watched.expects(*LEFT)
        sign_in(watched.page, dev.url, account)
        yield watched
        watched.assert_clean()


def test_the_account_menu_leads_to_ones_own_sessions(grace: Watched) -> None:
    page = grace.page
    open_account(page)
    page.get_by_test_id("own-sessions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My sessions")
    expect(page.get_by_test_id("account-menu")).to_be_hidden()
    assert page.url.endswith("/widgets/my-sessions")
    expect(page.get_by_test_id("my-sessions")).to_contain_text("This one")
    page.get_by_role("link", name="Widgets").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Widgets")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("My sessions")


def test_all_others_end_at_once_and_this_one_stays(
    browser: Browser, dev: Dev, grace: Watched
) -> None:
    page = grace.page
    with elsewhere(browser, dev) as one, elsewhere(browser, dev) as other:
        page.goto(f"{dev.url}/widgets/my-sessions")
        page.get_by_test_id("others-end").click()
        page.get_by_test_id("others-end-yes").click()
        for ended in (one, other):
            expect(ended.page.get_by_role("heading", level=1)).to_have_text(ENDED)
    expect(page.get_by_test_id("others-end")).to_have_count(0)
    own = call(page, "GET", "/auth/sessions").body["items"]
    assert [item["current"] for item in own] == [True]


def test_an_administrator_ends_all_sessions_of_a_person(browser: Browser, dev: Dev) -> None:
    with opened(browser) as ada:
        sign_in(ada.page, dev.url, "ada")
        with elsewhere(browser, dev, "linus") as one, elsewhere(browser, dev, "linus") as other:
            section(ada, dev, "sessions")
            ada.page.get_by_test_id("admin-search").fill("pauling")
            ada.page.get_by_test_id("session-end").first.click()
            expect(ada.page.get_by_test_id("session-ask")).to_contain_text("Linus Pauling has 2")
            assert_accessible(ada.page)
            ada.page.get_by_test_id("session-yes-all").click()
            for ended in (one, other):
                expect(ended.page.get_by_role("heading", level=1)).to_have_text(ENDED)
            expect(ada.page.get_by_test_id("toasts")).to_contain_text("2 sessions of Linus Pauling")
        ada.assert_clean()


@each_look
def test_ones_own_sessions_are_accessible(
    dev: Dev, browser: Browser, locale: str, theme: str, viewport: dict[str, int]
) -> None:
    with opened(browser, locale=locale, color_scheme=theme, viewport=viewport) as watched:
        page = watched.page
        sign_in(page, dev.url)
        open_account(page)
        assert_accessible(page)
        page.get_by_test_id("own-sessions").click()
        expect(page.get_by_test_id("my-sessions")).to_have_attribute("data-state", "fresh")
        assert_accessible(page)
        # Those of the tests before are still there.
        others = page.get_by_test_id("others-end")
        if others.count():
            others.click()
            expect(page.get_by_test_id("others-end-yes")).to_be_visible()
            assert_accessible(page)
        watched.assert_clean()
