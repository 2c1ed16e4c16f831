"""Events on their way: from one page to those whom they concern, and to nobody else."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from cli.mainhub_process import wait_until
from e2e.chromium import HUB_GONE, Watched, opened
from e2e.conftest import Dev
from e2e.hub_api import call, publish
from e2e.people import choose_language, choose_theme, open_account, sign_in, sign_out

STREAMS = 10
HAPPENED = "orders:changed"


@contextmanager
def person(browser: Browser, dev: Dev, account: str, path: str = "/") -> Iterator[Watched]:
    """Open a browser in which *account* is signed in and sees *path*."""
    with opened(browser) as watched:
        if account == "alan":
            # No role of his opens the orders.
            watched.expects(403)
        sign_in(watched.page, f"{dev.url}{path}", account)
        if path != "/":
            watched.page.goto(f"{dev.url}{path}")
        yield watched
        watched.assert_clean()


def another_tab(watched: Watched, url: str) -> Page:
    page = watched.context.new_page()
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def recent(page: Page) -> Locator:
    """Return the lines of the card that shows events as they come."""
    return page.get_by_test_id("recent-events").locator("li[data-type]")


def shows(page: Page, event: str) -> None:
    """Wait until the card shows the event of that id; it has room for the newest few only."""
    expect(recent(page).and_(page.locator(f"li[data-id='{event}']"))).to_have_count(1)


def listening(page: Page) -> None:
    """Wait until the card has asked for what happened before."""
    expect(page.get_by_test_id("recent-events")).to_have_attribute("data-state", "fresh")


def dark(page: Page) -> Locator:
    return page.locator("html[data-theme=dark]")


def test_a_theme_reaches_the_same_persons_other_tab_only(browser: Browser, dev: Dev) -> None:
    with person(browser, dev, "linus") as linus, person(browser, dev, "grace") as grace:
        tab = another_tab(linus, dev.url)
        choose_theme(linus.page, "dark")
        expect(dark(tab)).to_have_count(1)
        # What grace is told now comes after what she was not told.
        publish(grace.page, HAPPENED, {})
        expect(dark(grace.page)).to_have_count(0)
        choose_theme(tab, "light")
        expect(dark(linus.page)).to_have_count(0)


def test_a_language_reaches_the_same_persons_other_device(browser: Browser, dev: Dev) -> None:
    with person(browser, dev, "linus") as one, person(browser, dev, "linus") as other:
        choose_language(one.page, "fr")
        expect(other.page.locator("html")).to_have_attribute("lang", "fr")
        choose_language(one.page, "en")
        expect(other.page.locator("html")).to_have_attribute("lang", "en")


def test_an_event_reaches_the_roles_that_may_see_it_only(browser: Browser, dev: Dev) -> None:
    with (
        person(browser, dev, "grace", "/widgets") as grace,
        person(browser, dev, "linus", "/widgets") as linus,
        person(browser, dev, "alan", "/widgets") as alan,
    ):
        for one in (grace, linus, alan):
            listening(one.page)
        shows(linus.page, publish(grace.page, HAPPENED, {"order": "20421"}))
        # Everybody hears of this one, so alan would have heard of the one before.
        publish(grace.page, "notification:show", {"message": "All hear this", "kind": "info"})
        expect(alan.page.get_by_test_id("toasts")).to_contain_text("All hear this")
        assert shown(alan.page) == []
        assert call(alan.page, "GET", f"/hub/v1/events?type={HAPPENED}").body["items"] == []


def test_nobody_publishes_what_they_were_not_granted(browser: Browser, dev: Dev) -> None:
    with person(browser, dev, "linus") as linus:
        linus.expects(400, 403, 404, 413)
        forged = {"provider": "entra", "session": "0" * 32}
        for type_, data, problem in (
            ("user:login", forged, "missing-role"),
            ("user:logout", {"session": "0" * 32, "reason": "revoked"}, "missing-role"),
            (HAPPENED, {}, "missing-role"),
            ("notification:show", {"message": "I am the boss", "kind": "info"}, "missing-role"),
            ("orders:unheard-of", {}, "unknown-event-type"),
            ("theme:changed", {"theme": "pink"}, "invalid"),
            ("theme:changed", {"theme": "dark", "x": "y" * 20_000}, "too-large"),
        ):
            asked = {"type": type_, "data": data}
            answer = call(linus.page, "POST", "/hub/v1/events", asked)
            assert answer.problem == problem, (type_, answer)
            assert answer.body.get("remedy"), answer


def test_after_a_while_without_network_all_arrives_once_and_in_order(
    browser: Browser, dev: Dev
) -> None:
    with (
        person(browser, dev, "grace") as grace,
        person(browser, dev, "linus", "/widgets") as linus,
    ):
        linus.expects("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_IO_SUSPENDED", "ERR_FAILED")
        listening(linus.page)
        call(grace.page, "GET", "/hub/v1/events")
        linus.context.set_offline(offline=True)
        expect(linus.page.get_by_test_id("strip")).to_be_visible()
        missed = [publish(grace.page, HAPPENED, {"order": str(number)}) for number in range(5)]
        linus.context.set_offline(offline=False)
        expect(linus.page.get_by_test_id("strip")).to_be_hidden()
        for event in missed:
            shows(linus.page, event)
        # A later one, so that a second delivery of the earlier ones would have come before it.
        last = publish(grace.page, HAPPENED, {"order": "last"})
        wait_until(lambda: shown(linus.page)[:1] == [last], what="the last one")
        assert shown(linus.page)[: len(missed) + 1] == [last, *reversed(missed)]


def shown(page: Page) -> list[str]:
    """Return the ids of the shown events of the type, newest first."""
    ids: list[str] = recent(page).evaluate_all(
        "(lines, type) => lines.filter(l => l.dataset.type === type).map(l => l.dataset.id)",
        HAPPENED,
    )
    return ids


def test_ten_open_streams_resume_by_themselves_after_kill_9(browser: Browser, dev: Dev) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(person(browser, dev, "linus", "/widgets"))
        cookies = first.context.storage_state()
        people = [first]
        for _ in range(STREAMS - 1):
            watched = stack.enter_context(opened(browser, storage_state=cookies))
            watched.page.goto(f"{dev.url}/widgets")
            people.append(watched)
        grace = stack.enter_context(person(browser, dev, "grace"))
        for one in [*people, grace]:
            one.expects(*HUB_GONE, 502, 503)
        for one in people:
            listening(one.page)
        dev.kill_hub()
        after = publish(grace.page, HAPPENED, {"order": "after"})
        for one in people:
            shows(one.page, after)


def test_seven_tabs_of_one_person_all_work_over_http_1(browser: Browser, dev: Dev) -> None:
    with person(browser, dev, "linus") as linus, person(browser, dev, "grace") as grace:
        tabs = [linus.page, *(another_tab(linus, f"{dev.url}/widgets") for _ in range(5))]
        for tab in tabs[1:]:
            listening(tab)
        first = publish(grace.page, HAPPENED, {})
        for tab in tabs[1:]:
            shows(tab, first)
        # The tab that held the stream for all goes; another one takes over.
        tabs[0].close()
        following = publish(grace.page, HAPPENED, {})
        for tab in tabs[1:]:
            shows(tab, following)


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_sign_out_in_one_tab_ends_the_others_with_the_reason(
    browser: Browser, dev: Dev, locale: str
) -> None:
    words = {"en": "Your session has ended", "fr": "Votre session est terminée"}
    with opened(browser, locale=locale) as linus:
        linus.expects(401, "ERR_ABORTED")
        sign_in(linus.page, dev.url)
        tab = another_tab(linus, dev.url)
        expect(tab.get_by_test_id("orders-card")).to_be_visible()
        sign_out(linus.page)
        expect(tab.get_by_role("heading", level=1)).to_have_text(words[locale])
        # What belonged to the person is gone from the screen.
        expect(tab.get_by_test_id("orders-card")).to_have_count(0)
        tab.get_by_test_id("sign-in-again").click()
        expect(tab.get_by_role("button", name="Linus Pauling")).to_be_visible()


def test_somebody_else_in_the_same_browser_does_not_see_the_old_page(
    browser: Browser, dev: Dev
) -> None:
    with opened(browser) as shared:
        shared.expects(401, "ERR_ABORTED")
        sign_in(shared.page, dev.url, "linus")
        tab = another_tab(shared, dev.url)
        sign_out(shared.page)
        expect(shared.page.get_by_role("heading", level=1)).to_have_text("You are signed out")
        expect(tab.get_by_test_id("orders-card")).to_have_count(0)
        shared.page.goto(dev.url)
        shared.page.get_by_role("button", name="Grace Hopper").click()
        expect(shared.page.get_by_test_id("person-card")).to_contain_text("Grace Hopper")
        expect(tab.get_by_text("Linus Pauling")).to_have_count(0)


def test_the_account_menu_still_opens_while_events_arrive(browser: Browser, dev: Dev) -> None:
    with person(browser, dev, "grace") as grace:
        open_account(grace.page)
        publish(grace.page, "notification:show", {"message": "Hello", "kind": "success"})
        expect(grace.page.get_by_test_id("toasts")).to_contain_text("Hello")
        expect(grace.page.get_by_test_id("account-menu")).to_be_visible()
