"""From nobody to the dashboard with orders from the service, and back out again."""

import os
import re
import signal

from playwright.sync_api import Browser, Page, expect

from cli.mainhub_process import answers, wait_until
from e2e.chromium import HUB_GONE, Watched, opened
from e2e.conftest import Dev
from e2e.people import sign_in, sign_out


def shows_orders(page: Page) -> None:
    card = page.get_by_test_id("orders-card")
    expect(card.get_by_text("20421")).to_be_visible()
    expect(card.get_by_text("DN80 valves, lot of 40")).to_be_visible()


def test_the_employee_sees_the_dashboard_with_orders(dev: Dev, visitor: Watched) -> None:
    sign_in(visitor.page, dev.url, "linus")
    expect(visitor.page).to_have_url(f"{dev.url}/")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Hello Linus")
    shows_orders(visitor.page)


def test_reload_keeps_the_session(dev: Dev, visitor: Watched) -> None:
    sign_in(visitor.page, dev.url)
    visitor.page.reload()
    shows_orders(visitor.page)


def test_the_session_outlives_sigkill_of_the_hub(dev: Dev, visitor: Watched) -> None:
    visitor.expects(*HUB_GONE, 502, 503)
    sign_in(visitor.page, dev.url)
    shows_orders(visitor.page)
    ended = len(re.findall(r"hub ended \(SIGKILL\)", dev.running.told))
    os.kill(dev.hub_pid(), signal.SIGKILL)
    wait_until(
        lambda: len(re.findall(r"hub ended \(SIGKILL\)", dev.running.told)) > ended,
        what="the supervisor's notice",
    )
    wait_until(lambda: answers(f"http://127.0.0.1:{dev.port}/readyz"), what="the hub again")
    visitor.page.reload()
    shows_orders(visitor.page)


def test_signing_out_ends_the_session_here_and_at_the_provider(dev: Dev, visitor: Watched) -> None:
    page = visitor.page
    sign_in(page, dev.url)
    kept = [cookie for cookie in visitor.context.cookies() if cookie["name"] == "mainhub"]
    assert kept[0]["httpOnly"]
    assert kept[0]["sameSite"] == "Lax"
    sign_out(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    expect(page).to_have_url(re.compile(r"/auth/signed-out"))
    assert "id_token_hint" not in "".join(visitor.urls)
    # On the server: the old cookie opens nothing any more.
    with_old = visitor.context.request.get(
        f"{dev.url}/auth/session", headers={"Cookie": f"mainhub={kept[0]['value']}"}
    )
    assert with_old.status == 401
    # At the provider: it asks again instead of picking linus silently.
    page.get_by_role("link", name="Sign in again").click()
    expect(page.get_by_role("button", name="Linus Pauling")).to_be_visible()


# The page's own question about the session is asked after the session has ended, and the answer to
# the signing out is kept back until the test releases it.
_ASKED_TOO_LATE = """
const ask = window.fetch.bind(window);
let ended;
const end = new Promise((resolve) => { ended = resolve; });
const released = new Promise((resolve) => { window.release = resolve; });
window.fetch = async (url, init) => {
    if (url === "/auth/session") await end;
    const answer = await ask(url, init);
    if (url === "/auth/logout") { ended(); await released; }
    return answer;
};
"""


def test_what_was_under_way_at_signing_out_does_not_sign_in_again(
    dev: Dev, visitor: Watched
) -> None:
    page = visitor.page
    sign_in(page, dev.url)
    page.add_init_script(_ASKED_TOO_LATE)
    page.reload()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_out(page)
    expect(page.get_by_test_id("person-card")).to_contain_text("The hub did not say")
    page.evaluate("release()")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    assert [url for url in asked if "/auth/login" in url] == []


def test_a_person_without_a_role_gets_a_truthful_refusal(dev: Dev, visitor: Watched) -> None:
    visitor.expects(403)
    sign_in(visitor.page, dev.url, "alan")
    card = visitor.page.get_by_test_id("orders-card")
    expect(card).to_contain_text("Employee")
    expect(card.get_by_text("20421")).to_have_count(0)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Hello Alan")


def test_the_page_that_was_asked_for_opens_after_signing_in(dev: Dev, visitor: Watched) -> None:
    visitor.expects(404)
    sign_in(visitor.page, f"{dev.url}/nowhere/in?particular=1", "grace")
    expect(visitor.page).to_have_url(f"{dev.url}/nowhere/in?particular=1")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(
        "There is nothing at this address"
    )


def test_signing_in_from_several_tabs_at_once_works_in_all(dev: Dev, browser: Browser) -> None:
    with opened(browser) as watched:
        # A tab whose call was under way while another signed in gets 401 once, and asks again.
        watched.expects(401)
        tabs = [watched.page, *(watched.context.new_page() for _ in range(3))]
        for tab in tabs:
            tab.goto(dev.url)
            expect(tab.get_by_role("button", name="Linus Pauling")).to_be_visible()
        for tab in tabs:
            tab.get_by_role("button", name="Linus Pauling").click()
            expect(tab.get_by_test_id("account-button")).to_be_visible()
        for tab in tabs:
            tab.reload()
            shows_orders(tab)
        flows = [c for c in watched.context.cookies() if "flow" in str(c["name"])]
        assert flows == []
        watched.assert_clean()


def test_declining_at_the_provider_is_told_and_can_be_begun_again(
    dev: Dev, visitor: Watched
) -> None:
    visitor.expects(403)
    visitor.page.goto(dev.url)
    visitor.page.get_by_role("button", name="Cancel").click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(
        "The provider did not sign you in"
    )
    visitor.page.get_by_role("link", name="Use another account").click()
    expect(visitor.page.get_by_role("button", name="Linus Pauling")).to_be_visible()
