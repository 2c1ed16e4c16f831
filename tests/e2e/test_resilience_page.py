"""What administrators see of the hub's breakers, and what people notice when they act on one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from cli.mainhub_process import wait_until
from e2e.chromium import Watched, opened
from e2e.conftest import Dev
from e2e.hub_api import call
from e2e.looks import assert_accessible, each_look
from e2e.people import sign_in
from e2e.test_administration import section, simulate

ORDERS = "/hub/v1/resilience/service-orders"


@pytest.fixture
def ada(browser: Browser, dev: Dev) -> Iterator[Watched]:
    """An administrator's browser; afterwards the orders service is called as ever."""
    with opened(browser) as watched:
        sign_in(watched.page, dev.url, "ada")
        yield watched
        call(watched.page, "POST", f"{ORDERS}/close")
        watched.assert_clean()


@pytest.fixture
def linus(browser: Browser, dev: Dev) -> Iterator[Page]:
    """The browser of somebody who needs the orders service."""
    with opened(browser) as watched:
        watched.expects(502, 503)
        sign_in(watched.page, dev.url)
        expect(watched.page.get_by_test_id("orders-card")).to_have_attribute("data-state", "fresh")
        yield watched.page
        watched.assert_clean()


@contextmanager
def refusing(page: Page, dev: Dev) -> Iterator[None]:
    """Let the orders service refuse every connection."""
    simulate(page, dev, "PUT", {"mode": "refuse"})
    try:
        yield
    finally:
        simulate(page, dev, "DELETE", None)


def orders_asked(page: Page) -> int:
    """Ask for orders as the page's card does, and return the status."""
    return call(page, "GET", "/api/orders/v1/orders").status


def break_orders(ada: Page, linus: Page) -> None:
    """Ask for orders until the hub leaves the service alone."""

    def is_open() -> bool:
        orders_asked(linus)
        return bool(call(ada, "GET", ORDERS).body["state"] == "open")

    wait_until(is_open, what="the open breaker")


def opened_panel(watched: Watched, row: Locator) -> Locator:
    row.get_by_test_id("open-row").click()
    panel = watched.page.get_by_test_id("admin-panel")
    expect(panel).to_be_visible()
    return panel


def test_a_service_that_refuses_is_shown_open_with_its_cause_and_the_next_try(
    ada: Watched, linus: Page, dev: Dev
) -> None:
    section(ada, dev, "resilience")
    row = ada.page.locator("tr[data-pipeline=service-orders]")
    expect(row).to_have_attribute("data-state", "closed")
    with refusing(ada.page, dev):
        break_orders(ada.page, linus)
        expect(row).to_have_attribute("data-state", "open")
        expect(row).to_contain_text("Too many failures in a row")
        expect(row).to_contain_text("next try in")
        expect(ada.page.get_by_test_id("resilience-summary")).to_contain_text("lets no calls")
        # It is the worst, so it is the first.
        first = ada.page.locator("tr[data-pipeline]").first
        expect(first).to_have_attribute("data-pipeline", "service-orders")
        assert orders_asked(linus) == 503
        panel = opened_panel(ada, row)
        expect(panel.get_by_test_id("resilience-changes")).to_contain_text("Closed → Open")
        expect(panel.get_by_test_id("resilience-rejected")).to_contain_text("breaker open")
        assert_accessible(ada.page)


def test_an_administrator_isolates_a_service_and_closes_it_again(
    ada: Watched, linus: Page, dev: Dev
) -> None:
    section(ada, dev, "resilience")
    row = ada.page.locator("tr[data-pipeline=service-orders]")
    panel = opened_panel(ada, row)
    panel.get_by_test_id("resilience-isolate").click()
    expect(panel.get_by_test_id("resilience-ask")).to_contain_text("The rest of the hub works")
    # Nothing has happened yet.
    assert orders_asked(linus) == 200
    panel.get_by_test_id("resilience-yes").click()
    expect(row).to_have_attribute("data-state", "isolated")
    expect(row).to_contain_text("By hand, Ada Lovelace")
    expect(ada.page.get_by_test_id("toasts")).to_contain_text("is isolated")
    assert orders_asked(linus) == 503
    panel.get_by_test_id("resilience-close").click()
    panel.get_by_test_id("resilience-yes").click()
    expect(row).to_have_attribute("data-state", "closed")
    assert orders_asked(linus) == 200
    expect(panel.get_by_test_id("resilience-changes")).to_contain_text("Isolated → Closed")
    section(ada, dev, "audit")
    ada.page.get_by_test_id("audit-action").select_option("resilience.changed")
    entry = ada.page.locator("tr[data-action='resilience.changed']").first
    expect(entry).to_contain_text("Ada Lovelace")


def test_a_colleague_sees_a_change_without_asking(browser: Browser, ada: Watched, dev: Dev) -> None:
    section(ada, dev, "resilience")
    row = ada.page.locator("tr[data-pipeline=service-orders]")
    expect(row).to_have_attribute("data-state", "closed")
    with opened(browser) as colleague:
        sign_in(colleague.page, dev.url, "ada")
        assert call(colleague.page, "POST", f"{ORDERS}/disable").status == 200
        expect(row).to_have_attribute("data-state", "disabled")
        colleague.assert_clean()


def test_the_chart_is_drawn_and_read_by_keyboard(ada: Watched, dev: Dev) -> None:
    section(ada, dev, "resilience")
    panel = opened_panel(ada, ada.page.locator("tr[data-pipeline=service-orders]"))
    chart = panel.get_by_test_id("chart")
    expect(chart.locator("canvas")).to_be_visible()
    chart.focus()
    ada.page.keyboard.press("Home")
    expect(chart).to_have_attribute("aria-valuenow", "1")
    panel.locator("summary").click()
    expect(panel.get_by_test_id("chart-table").locator("tbody tr").first).to_be_visible()


@each_look
def test_a_panel_with_its_question_is_accessible(
    dev: Dev, browser: Browser, locale: str, theme: str, viewport: dict[str, int]
) -> None:
    with opened(browser, locale=locale, color_scheme=theme, viewport=viewport) as watched:
        sign_in(watched.page, dev.url, "ada")
        section(watched, dev, "resilience")
        assert_accessible(watched.page)
        panel = opened_panel(watched, watched.page.locator("tr[data-pipeline=service-orders]"))
        expect(panel.locator("canvas")).to_be_visible()
        panel.get_by_test_id("resilience-isolate").click()
        expect(panel.get_by_test_id("resilience-ask")).to_be_visible()
        panel.locator("summary").click()
        assert_accessible(watched.page)
        watched.assert_clean()
