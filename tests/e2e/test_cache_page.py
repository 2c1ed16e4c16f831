"""What administrators see of the hub's cache, and what becomes of what they make it forget."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from cli.mainhub_process import wait_until
from e2e.chromium import Watched, opened
from e2e.conftest import Dev, running_dev
from e2e.hub_api import call
from e2e.looks import assert_accessible, each_look
from e2e.people import sign_in
from e2e.test_administration import section
from redis_server.server import PrivateRedis

KEY = "frontends:all"
ENTRY = f"/hub/v1/cache/entry?key={KEY}"


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    """A hub with Redis, where the cache is believed: whoever changes something is heard."""
    server = PrivateRedis().start()
    try:
        folder = tmp_path_factory.mktemp("shared")
        with running_dev(folder, MAINHUB_REDIS__URL=server.url) as found:
            yield found
    finally:
        server.remove()


@pytest.fixture
def ada(browser: Browser, dev: Dev) -> Iterator[Watched]:
    """An administrator's browser; the registry is in the cache, since the page needed it."""
    with opened(browser) as watched:
        sign_in(watched.page, dev.url, "ada")
        yield watched
        watched.assert_clean()


def kept(watched: Watched) -> None:
    """Have the registry asked for until it is kept."""

    def is_kept() -> bool:
        call(watched.page, "GET", "/hub/v1/frontends")
        return bool(call(watched.page, "GET", ENTRY).body["outcome"] == "hit")

    wait_until(is_kept, what="the registry in the cache")


def opened_key(watched: Watched) -> Locator:
    """Look the key up by the form, and return its panel."""
    watched.page.get_by_test_id("look-key").fill(KEY)
    watched.page.get_by_test_id("look-go").click()
    panel = watched.page.get_by_test_id("admin-panel")
    expect(panel.get_by_test_id("cache-facts")).to_be_visible()
    return panel


def test_a_hub_without_redis_keeps_for_bad_days_and_says_what_redis_would_add(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running_dev(tmp_path_factory.mktemp("alone")) as alone, opened(browser) as watched:
        sign_in(watched.page, alone.url, "ada")
        call(watched.page, "GET", "/hub/v1/frontends")
        card = section(watched, alone, "cache")
        expect(card.get_by_test_id("cache-level2")).to_have_attribute("data-standing", "none")
        expect(card).to_contain_text("With Redis")
        expect(card.locator(f"tr[data-key='{KEY}']")).to_be_visible()
        expect(opened_key(watched).get_by_test_id("cache-facts")).to_have_attribute(
            "data-outcome", "stale"
        )
        watched.assert_clean()


def test_a_hub_with_redis_shows_what_it_keeps_and_how_level_2_is(ada: Watched, dev: Dev) -> None:
    kept(ada)
    card = section(ada, dev, "cache")
    expect(card.get_by_test_id("cache-level2")).to_have_attribute("data-standing", "shared")
    row = card.locator(f"tr[data-key='{KEY}']")
    expect(row).to_be_visible()
    expect(card.get_by_test_id("cache-summary")).to_contain_text("was at hand")
    expect(card.get_by_test_id("chart").locator("canvas")).to_be_visible()


def test_a_key_is_looked_up_forgotten_and_on_the_record(ada: Watched, dev: Dev) -> None:
    section(ada, dev, "cache")
    kept(ada)
    panel = opened_key(ada)
    expect(panel.get_by_test_id("cache-facts")).to_have_attribute("data-outcome", "hit")
    expect(panel.get_by_test_id("cache-preview")).to_contain_text("dashboard")
    panel.get_by_test_id("key-forget").click()
    expect(panel.get_by_test_id("forget-ask")).to_contain_text(KEY)
    # Nothing has happened yet.
    kept(ada)
    panel.get_by_test_id("forget-yes").click()
    expect(ada.page.get_by_test_id("toasts")).to_contain_text("is forgotten")
    section(ada, dev, "audit")
    ada.page.get_by_test_id("audit-action").select_option("cache.invalidated")
    entry = ada.page.locator("tr[data-action='cache.invalidated']").first
    expect(entry).to_contain_text("Ada Lovelace")
    expect(entry).to_contain_text(KEY)


def test_forgetting_everything_says_how_much_and_reaches_a_colleague(
    browser: Browser, ada: Watched, dev: Dev
) -> None:
    kept(ada)
    section(ada, dev, "cache")
    with opened(browser) as colleague:
        sign_in(colleague.page, dev.url, "ada")
        section(colleague, dev, "cache")
        kept(ada)
        panel = opened_key(colleague)
        expect(panel.get_by_test_id("cache-facts")).to_have_attribute("data-outcome", "hit")
        ada.page.get_by_test_id("forget-what").select_option("all")
        ada.page.get_by_test_id("forget-go").click()
        expect(ada.page.get_by_test_id("forget-ask")).to_contain_text("Forget everything?")
        ada.page.get_by_test_id("forget-yes").click()
        expect(ada.page.get_by_test_id("toasts")).to_contain_text("Everything is forgotten")
        # The colleague's page looks again by itself.
        expect(panel.get_by_test_id("cache-facts")).to_have_attribute("data-outcome", "miss")
        colleague.assert_clean()


def test_what_is_no_key_is_refused_with_the_remedy(ada: Watched, dev: Dev) -> None:
    section(ada, dev, "cache")
    ada.expects(400)
    ada.page.get_by_test_id("look-key").fill("x" * 513)
    ada.page.get_by_test_id("look-go").click()
    expect(ada.page.get_by_test_id("look-failed")).to_contain_text("write at most 512")
    ada.page.get_by_test_id("forget-what").select_option("tag")
    ada.page.get_by_test_id("forget-name").fill("*")
    ada.page.get_by_test_id("forget-go").click()
    expect(ada.page.get_by_test_id("admin-mishap")).to_contain_text("clear()")


@each_look
def test_the_page_with_a_key_and_its_question_is_accessible(
    dev: Dev, browser: Browser, locale: str, theme: str, viewport: dict[str, int]
) -> None:
    with opened(browser, locale=locale, color_scheme=theme, viewport=viewport) as watched:
        sign_in(watched.page, dev.url, "ada")
        card = section(watched, dev, "cache")
        expect(card.get_by_test_id("chart").locator("canvas")).to_be_visible()
        assert_accessible(watched.page)
        kept(watched)
        panel = opened_key(watched)
        panel.get_by_test_id("key-forget").click()
        expect(panel.get_by_test_id("forget-ask")).to_be_visible()
        card.get_by_test_id("chart-table").locator("summary").click()
        card.get_by_test_id("cache-totals").locator("summary").click()
        assert_accessible(watched.page)
        watched.assert_clean()
