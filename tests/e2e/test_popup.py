"""An open page signs its person in again without being left, and says before the session ends."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.chromium import Watched, opened
from e2e.conftest import Dev, running_dev
from e2e.hub_api import call
from e2e.looks import NARROW, WIDE, assert_accessible
from e2e.people import sign_in

# Long enough for these machines to sign in, short enough to be waited for.
IDLE = 24
TITLES = {
    "en": ("Your session has ended", "Your session is about to end"),
    "fr": ("Votre session est terminée", "Votre session va se terminer"),
}


@pytest.fixture
def linus(browser: Browser, dev: Dev) -> Iterator[Watched]:
    """Somebody whose page is in use."""
    with opened(browser) as watched:
        watched.expects(401, "ERR_ABORTED")
        in_use(watched.page, dev.url)
        yield watched
        watched.assert_clean()


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    """A hub whose sessions end soon."""
    with running_dev(tmp_path_factory.mktemp("hasty"), MAINHUB_SESSIONS__IDLE=f"{IDLE}s") as found:
        yield found


def in_use(page: Page, url: str, account: str = "linus") -> None:
    """Sign in, and do something in the page, so that it is not left without asking."""
    sign_in(page, url, account)
    page.evaluate("window.sameDocument = true")
    page.get_by_role("link", name="Widgets").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Widgets")
    # Else what the page still asks for would open the dialog before the person does anything.
    expect(page.get_by_test_id("gallery-entry").first).to_be_visible()
    expect(page.locator("[data-testid='gallery-toggle']:disabled")).to_have_count(0)
    expect(page.locator("[data-state='loading']")).to_have_count(0)


def ask_for_more(page: Page) -> None:
    """Open a page of the front-end that asks the hub something."""
    page.get_by_test_id("account-button").click()
    page.get_by_test_id("own-sessions").click()


def test_a_page_goes_on_where_it_was_after_a_popup(linus: Watched) -> None:
    page = linus.page
    linus.context.clear_cookies(name="mainhub")
    ask_for_more(page)
    expect(page.get_by_test_id("ask-signedOut")).to_contain_text("This page stays as it is")
    assert_accessible(page)
    with page.expect_popup() as popup:
        page.get_by_test_id("ask-go").click()
    expect(page.get_by_test_id("ask-signedOut")).to_have_count(0)
    expect(page.get_by_test_id("my-sessions")).to_contain_text("This one")
    assert page.evaluate("window.sameDocument") is True
    assert popup.value.is_closed()


def test_a_blocked_popup_becomes_a_redirect_that_comes_back(linus: Watched) -> None:
    page = linus.page
    linus.context.clear_cookies(name="mainhub")
    page.evaluate("window.open = () => null")
    ask_for_more(page)
    page.get_by_test_id("ask-go").click()
    expect(page.get_by_test_id("my-sessions")).to_contain_text("This one")
    assert page.url.endswith("/widgets/my-sessions")
    assert page.evaluate("window.sameDocument ?? null") is None


def test_who_cancels_is_told_what_did_not_work(linus: Watched) -> None:
    page = linus.page
    linus.context.clear_cookies(name="mainhub")
    ask_for_more(page)
    expect(page.get_by_test_id("ask-go")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("ask-signedOut")).to_have_count(0)
    expect(page.get_by_test_id("my-sessions")).to_have_attribute("data-state", "failed")
    assert page.evaluate("window.sameDocument") is True


def test_somebody_else_in_the_popup_closes_the_page(linus: Watched) -> None:
    page = linus.page
    linus.context.clear_cookies()
    ask_for_more(page)
    with page.expect_popup() as popup:
        page.get_by_test_id("ask-go").click()
    popup.value.get_by_role("button", name="Grace Hopper").click()
    expect(page.get_by_test_id("other-person-page")).to_contain_text("This page was Linus")
    expect(page.get_by_test_id("my-sessions")).to_have_count(0)
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_test_id("account-button")).to_contain_text("Grace Hopper")


def test_a_refusal_in_the_popup_is_told_there_and_can_be_tried_again(linus: Watched) -> None:
    page = linus.page
    linus.expects(403)
    linus.context.clear_cookies()
    ask_for_more(page)
    with page.expect_popup() as popup:
        page.get_by_test_id("ask-go").click()
    popup.value.get_by_role("button", name="Cancel").click()
    expect(page.get_by_test_id("ask-says")).to_contain_text("did not succeed")
    popup.value.get_by_role("link", name="Use another account").click()
    popup.value.get_by_role("button", name="Linus Pauling").click()
    expect(page.get_by_test_id("my-sessions")).to_contain_text("This one")
    assert page.evaluate("window.sameDocument") is True


@pytest.mark.parametrize(
    ("locale", "theme", "viewport"),
    [("fr", "dark", NARROW), ("en", "light", WIDE)],
    ids=["fr-dark-narrow", "en-light-wide"],
)
def test_the_end_is_told_before_it_comes_and_the_page_comes_back(
    hasty: Dev, browser: Browser, locale: str, theme: str, viewport: dict[str, int]
) -> None:
    ended, ending = TITLES[locale]
    with opened(browser, locale=locale, color_scheme=theme, viewport=viewport) as watched:
        watched.expects(401, "ERR_ABORTED")
        page = watched.page
        sign_in(page, hasty.url)
        page.evaluate("window.sameDocument = true")
        warning = page.get_by_test_id("idle")
        expect(warning).to_contain_text(ending, timeout=IDLE * 1000)
        assert_accessible(page)
        expect(page.get_by_test_id("idle-stay")).to_be_focused()
        cover = page.get_by_test_id("ended-page")
        expect(cover).to_contain_text(ended, timeout=IDLE * 1000)
        expect(warning).to_have_count(0)
        assert cover.get_attribute("data-reason") == "expired"
        expect(page.get_by_test_id("orders-card")).to_be_hidden()
        assert_accessible(page)
        with page.expect_popup():
            page.get_by_test_id("sign-in-again").click()
        expect(page.get_by_test_id("orders-card")).to_be_visible()
        expect(cover).to_have_count(0)
        assert page.evaluate("window.sameDocument") is True
        watched.assert_clean()


def test_one_answer_counts_for_all_tabs(hasty: Dev, browser: Browser) -> None:
    with opened(browser) as watched:
        watched.expects(401, "ERR_ABORTED")
        page = watched.page
        sign_in(page, hasty.url)
        other = watched.context.new_page()
        other.goto(hasty.url)
        for tab in (page, other):
            expect(tab.get_by_test_id("idle")).to_be_visible(timeout=IDLE * 1000)
        before = ends(page)
        page.get_by_test_id("idle-stay").click()
        for tab in (page, other):
            expect(tab.get_by_test_id("idle")).to_have_count(0)
        assert ends(page) > before
        expect(other.get_by_test_id("idle")).to_be_visible(timeout=IDLE * 1000)
        other.get_by_test_id("idle-sign-out").click()
        expect(other.get_by_role("heading", level=1)).to_have_text("You are signed out")
        expect(page.get_by_test_id("ended-page")).to_be_visible()
        watched.assert_clean()


def ends(page: Page) -> str:
    """Return when the session ends for want of use."""
    return str(call(page, "GET", "/auth/session").body["idle_expires_at"])
