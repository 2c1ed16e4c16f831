"""Cards that a person places and arranges, by hand and by keyboard, for good."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from cli.mainhub_process import wait_until
from e2e.chromium import Watched, opened
from e2e.conftest import Dev
from e2e.hub_api import call
from e2e.looks import assert_accessible, each_look
from e2e.people import sign_in

DEFAULT = [
    "dashboard/orders",
    "dashboard/applications",
    "dashboard/person",
    "widgets/service-health",
]


@pytest.fixture
def home(browser: Browser, dev: Dev) -> Iterator[Watched]:
    """Linus' home page as it is by default."""
    with opened(browser) as watched:
        sign_in(watched.page, dev.url)
        call(watched.page, "DELETE", "/hub/v1/dashboard")
        watched.page.reload()
        expect(cards(watched.page)).to_have_count(len(DEFAULT))
        yield watched
        watched.assert_clean()


def cards(page: Page) -> Locator:
    return page.get_by_test_id("board-card")


def order(page: Page) -> list[str]:
    """Return the widgets in the order of the document, which is that of the eye and of Tab."""
    found: list[str] = cards(page).evaluate_all("all => all.map(one => one.dataset.widget)")
    return found


def kept(page: Page) -> list[str]:
    """Return the widgets that the hub keeps."""
    answer = call(page, "GET", "/hub/v1/dashboard")
    return [card["widget"] for card in answer.body["cards"]]


def handle(page: Page, widget: str) -> Locator:
    return page.locator(f"board-card[data-widget='{widget}']").get_by_test_id("card-handle")


def second_device(browser: Browser, dev: Dev) -> list[str]:
    with opened(browser) as other:
        sign_in(other.page, dev.url)
        expect(cards(other.page).first).to_be_visible()
        found = order(other.page)
        other.assert_clean()
        return found


def test_a_card_moved_by_mouse_stays_after_reload_and_on_another_device(
    browser: Browser, dev: Dev, home: Watched
) -> None:
    page = home.page
    page.get_by_test_id("arrange").click()
    source = handle(page, "dashboard/person").bounding_box()
    target = page.locator("board-card[data-widget='dashboard/orders']").bounding_box()
    assert source is not None
    assert target is not None
    page.mouse.move(source["x"] + 10, source["y"] + 10)
    page.mouse.down()
    page.mouse.move(target["x"] + 60, target["y"] + 60, steps=12)
    expect(page.get_by_test_id("landing")).to_be_visible()
    page.mouse.up()
    moved = ["dashboard/person", "dashboard/orders", *DEFAULT[1:2], *DEFAULT[3:]]
    wait_until(lambda: order(page) == moved, what="the card in its new place")
    wait_until(lambda: kept(page) == moved, what="the new order at the hub")
    page.reload()
    expect(cards(page)).to_have_count(len(moved))
    assert order(page) == moved
    assert second_device(browser, dev) == moved


def test_a_card_moved_by_keyboard_stays_after_reload_and_on_another_device(
    browser: Browser, dev: Dev, home: Watched
) -> None:
    page = home.page
    page.get_by_test_id("arrange").click()
    handle(page, "widgets/service-health").focus()
    page.keyboard.press("Space")
    expect(page.get_by_test_id("board-spoken")).not_to_be_empty()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    moved = ["dashboard/orders", "widgets/service-health", *DEFAULT[1:3]]
    wait_until(lambda: kept(page) == moved, what="the new order at the hub")
    expect(handle(page, "widgets/service-health")).to_be_focused()
    page.reload()
    expect(cards(page)).to_have_count(len(moved))
    assert order(page) == moved
    assert second_device(browser, dev) == moved


def test_escape_puts_a_card_back(home: Watched) -> None:
    page = home.page
    page.get_by_test_id("arrange").click()
    handle(page, "dashboard/orders").focus()
    page.keyboard.press("Space")
    page.keyboard.press("End")
    page.keyboard.press("Escape")
    wait_until(lambda: order(page) == DEFAULT, what="the card where it was")
    assert call(page, "GET", "/hub/v1/dashboard").body["generation"] == 0


def test_a_card_of_the_gallery_is_placed_and_removed(home: Watched, dev: Dev) -> None:
    page = home.page
    page.goto(f"{dev.url}/widgets")
    entry = page.locator("[data-testid=gallery-entry][data-widget='widgets/my-sessions']")
    entry.get_by_test_id("gallery-toggle").click()
    wait_until(lambda: kept(page) == [*DEFAULT, "widgets/my-sessions"], what="the card at the hub")
    page.goto(dev.url)
    expect(page.get_by_test_id("my-sessions")).to_be_visible()
    page.get_by_test_id("arrange").click()
    card = page.locator("board-card[data-widget='widgets/my-sessions']")
    card.get_by_test_id("card-remove").click()
    wait_until(lambda: kept(page) == DEFAULT, what="the card gone")


def test_a_card_whose_application_is_closed_keeps_its_place_and_says_so(
    browser: Browser, dev: Dev, home: Watched
) -> None:
    with opened(browser) as ada:
        sign_in(ada.page, dev.url, "ada")
        close_widgets(ada.page, active=False)
        try:
            home.page.goto(dev.url)
            expect(home.page.get_by_test_id("absent-card")).to_be_visible()
            assert order(home.page) == DEFAULT
            assert_accessible(home.page)
        finally:
            close_widgets(ada.page, active=True)
        home.page.reload()
        expect(home.page.get_by_test_id("service-health")).to_be_visible()
        ada.assert_clean()


def close_widgets(admin: Page, *, active: bool) -> None:
    found = call(admin, "GET", "/hub/v1/frontends/all").body["items"]
    (widgets,) = [one for one in found if one["name"] == "widgets"]
    change = {"generation": widgets["generation"], "active": active}
    assert call(admin, "PATCH", "/hub/v1/frontends/widgets", change).status == 200


@each_look
def test_home_while_it_is_arranged_and_the_gallery_are_accessible(
    dev: Dev, browser: Browser, locale: str, theme: str, viewport: dict[str, int]
) -> None:
    with opened(browser, locale=locale, color_scheme=theme, viewport=viewport) as watched:
        page = watched.page
        sign_in(page, dev.url)
        page.get_by_test_id("arrange").click()
        expect(page.get_by_test_id("card-handle").first).to_be_visible()
        assert_accessible(page)
        page.get_by_test_id("card-handle").first.focus()
        page.keyboard.press("Space")
        assert_accessible(page)
        page.keyboard.press("Escape")
        page.goto(f"{dev.url}/widgets")
        expect(page.get_by_test_id("gallery-entry").first).to_be_visible()
        # A card far below is drawn when it comes near.
        for entry in page.get_by_test_id("gallery-entry").all():
            entry.scroll_into_view_if_needed()
        expect(page.get_by_test_id("my-sessions")).to_have_attribute("data-state", "fresh")
        assert_accessible(page)
        watched.assert_clean()
