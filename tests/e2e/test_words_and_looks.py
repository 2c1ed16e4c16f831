"""Every screen in both languages and both themes, wide and narrow: readable, whole, reachable."""

import re

import pytest
from playwright.sync_api import Browser, expect

from e2e.chromium import Watched, opened
from e2e.conftest import Dev
from e2e.looks import NARROW, WIDE, assert_accessible
from e2e.people import choose_language, choose_theme, open_account, sign_in, sign_out

GREETING = {"en": "Hello Linus", "fr": "Bonjour Linus"}


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["fr", "en"])
def test_every_screen_of_the_first_visit_is_accessible(
    dev: Dev, browser: Browser, locale: str, theme: str, viewport: dict[str, int]
) -> None:
    with opened(browser, locale=locale, color_scheme=theme, viewport=viewport) as watched:
        page = watched.page
        page.goto(dev.url)
        expect(page.get_by_role("button", name="Linus Pauling")).to_be_visible()
        assert_accessible(page)
        sign_in(page, dev.url)
        expect(page.get_by_role("heading", level=1)).to_have_text(GREETING[locale])
        expect(page.get_by_test_id("orders-card").get_by_text("20421")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", locale)
        assert_accessible(page)
        open_account(page)
        assert_accessible(page)
        page.keyboard.press("Escape")
        watched.expects(404)
        page.goto(f"{dev.url}/nowhere")
        expect(page.get_by_test_id("not-found-page")).to_be_visible()
        assert_accessible(page)
        sign_out(page)
        expect(page).to_have_url(re.compile(r"/auth/signed-out"))
        assert_accessible(page)
        watched.assert_clean()


def test_language_and_theme_change_without_a_reload_and_are_kept(
    dev: Dev, visitor: Watched
) -> None:
    page = visitor.page
    sign_in(page, dev.url)
    page.evaluate("window.sameDocument = true")
    choose_language(page, "fr")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bonjour Linus")
    expect(page.get_by_test_id("orders-card")).to_contain_text("Vannes DN80, lot de 40")
    choose_theme(page, "dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("window.sameDocument") is True
    answer = page.reload()
    assert answer is not None
    # The server says it in the page itself, so that nothing flashes.
    assert '<html lang="fr" data-theme="dark">' in answer.text()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bonjour Linus")
    choose_theme(page, "system")
    assert page.evaluate("document.documentElement.dataset.theme ?? null") is None


def test_the_keyboard_alone_reaches_everything(dev: Dev, visitor: Watched) -> None:
    page = visitor.page
    page.goto(dev.url)
    page.get_by_role("button", name="Linus Pauling").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello Linus")
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.get_by_test_id("account-button").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("account-menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("account-menu")).to_be_hidden()
    expect(page.get_by_test_id("account-button")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    expect(page.get_by_test_id("sign-out")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")


def test_a_phone_has_its_own_navigation(dev: Dev, browser: Browser) -> None:
    with opened(browser, viewport=NARROW, has_touch=True, is_mobile=True) as watched:
        page = watched.page
        sign_in(page, dev.url)
        expect(page.get_by_test_id("tabs")).to_be_visible()
        expect(page.get_by_test_id("navigation")).to_be_hidden()
        for control in page.get_by_test_id("tabs").get_by_role("button").all():
            box = control.bounding_box()
            assert box is not None
            assert box["height"] >= 32
            assert box["width"] >= 32
        watched.assert_clean()
