"""One more proof, asked for in an open page: it stays as it is, and goes on afterwards."""

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.approvals import NAME, demand, heard, listen, register
from e2e.bundles import bundles
from e2e.chromium import Watched, opened
from e2e.conftest import Dev
from e2e.looks import NARROW, WIDE, assert_accessible
from e2e.people import NAMES, sign_in, sign_out
from e2e.test_no_tokens import CLAIMS, JWT, OAUTH

NOTE = "Checked with the supplier: two pallets, not three."
CONFIRM = {"en": "Yes, it is me", "fr": "Oui, c’est moi"}


@pytest.fixture(scope="module")
def strict(dev: Dev) -> Iterator[Dev]:
    """A hub with the front-end, whose service wants a second factor for approvals."""
    with bundles() as found:
        register(dev, found)
        demand(dev, "approvals")
        yield dev


@pytest.fixture
def grace(browser: Browser, strict: Dev) -> Iterator[Watched]:
    """Somebody who may approve, with something typed in the page."""
    with opened(browser) as watched:
        watched.expects(401, 409)
        typing(watched.page, strict)
        yield watched
        watched.assert_clean()


def typing(page: Page, dev: Dev) -> None:
    sign_in(page, f"{dev.url}/{NAME}", "grace")
    page.get_by_test_id("note").fill(NOTE)
    page.evaluate("window.sameDocument = true")
    listen(page)


def assert_untouched(page: Page) -> None:
    expect(page.get_by_test_id("note")).to_have_value(NOTE)
    assert page.evaluate("window.sameDocument") is True


def confirm(page: Page) -> None:
    """Agree in the page, and say in the popup that it is me."""
    with page.expect_popup() as popup:
        page.get_by_test_id("ask-go").click()
    popup.value.get_by_role("button", name=CONFIRM["en"]).click()
    expect(page.get_by_test_id("ask-step-up")).to_have_count(0)


def test_what_may_be_sent_again_goes_on_by_itself(grace: Watched) -> None:
    page = grace.page
    page.get_by_test_id("approve-repeated").click()
    asked = page.get_by_test_id("ask-step-up")
    expect(asked).to_contain_text("One more proof is needed")
    assert_accessible(page)
    confirm(page)
    expect(page.get_by_test_id("outcome")).to_contain_text("done")
    assert_untouched(page)
    # What was told is that it is done, and to whom: no token and nobody's name.
    told = [one for one in heard(page) if one["type"] == "mainhub:signed-in"]
    assert [sorted(one) for one in told] == [["state", "type"]]
    assert re.fullmatch(r"[A-Za-z0-9_-]{8,64}", told[0]["state"])
    seen = "\n".join(grace.urls)
    assert JWT.search(seen) is None
    assert OAUTH.search(CLAIMS.sub("", seen)) is None


def test_what_must_not_be_sent_twice_is_for_the_person_to_do_again(grace: Watched) -> None:
    page = grace.page
    page.get_by_test_id("approve").click()
    confirm(page)
    expect(page.get_by_test_id("toasts")).to_contain_text("was not carried out yet")
    expect(page.get_by_test_id("outcome")).to_contain_text("step-up-needed")
    page.get_by_test_id("approve").click()
    expect(page.get_by_test_id("outcome")).to_contain_text("done")
    assert_untouched(page)


def test_who_declines_keeps_the_page_and_the_session(grace: Watched) -> None:
    page = grace.page
    grace.expects(403)
    page.get_by_test_id("approve-repeated").click()
    with page.expect_popup() as popup:
        page.get_by_test_id("ask-go").click()
    popup.value.get_by_role("button", name="Cancel").click()
    expect(page.get_by_test_id("ask-says")).to_contain_text("did not succeed")
    expect(popup.value.get_by_role("heading", level=1)).to_have_text(
        "The provider did not confirm your access"
    )
    assert_accessible(popup.value)
    page.get_by_test_id("ask-cancel").click()
    expect(page.get_by_test_id("outcome")).to_contain_text("step-up-needed")
    assert_untouched(page)
    assert page.evaluate("fetch('/auth/session').then(r => r.status)") == 200


def test_the_keyboard_alone_is_enough(grace: Watched) -> None:
    page = grace.page
    page.get_by_test_id("approve-repeated").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("ask-go")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("outcome")).to_contain_text("step-up-needed")
    expect(page.get_by_test_id("approve-repeated")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("ask-go")).to_be_focused()
    with page.expect_popup() as popup:
        page.keyboard.press("Enter")
    button = popup.value.get_by_role("button", name=CONFIRM["en"])
    expect(button).to_be_visible()
    while not button.evaluate("one => one === document.activeElement"):
        popup.value.keyboard.press("Tab")
    popup.value.keyboard.press("Enter")
    expect(page.get_by_test_id("outcome")).to_contain_text("done")
    assert_untouched(page)


def test_a_blocked_popup_becomes_a_redirect_that_comes_back(grace: Watched, strict: Dev) -> None:
    page = grace.page
    grace.expects("ERR_ABORTED")
    page.evaluate("window.open = () => null")
    page.get_by_test_id("approve").click()
    page.get_by_test_id("ask-go").click()
    page.get_by_role("button", name=CONFIRM["en"]).click()
    expect(page).to_have_url(f"{strict.url}/{NAME}")
    page.get_by_test_id("approve").click()
    expect(page.get_by_test_id("outcome")).to_contain_text("done")


def test_somebody_else_who_signed_in_meanwhile_closes_the_page(grace: Watched, strict: Dev) -> None:
    page = grace.page
    grace.expects("ERR_ABORTED")
    other = grace.context.new_page()
    other.goto(f"{strict.url}/auth/login?prompt=select_account&return_to=/")
    other.get_by_role("button", name=NAMES["linus"]).click()
    expect(other.get_by_test_id("account-button")).to_contain_text("Linus")
    page.bring_to_front()
    expect(page.get_by_test_id("other-person-page")).to_contain_text("This page was Grace")
    # What Grace typed is not for Linus to read or to send.
    expect(page.get_by_test_id("note")).to_have_count(0)


def test_a_sign_out_in_another_tab_covers_what_this_one_shows(grace: Watched, strict: Dev) -> None:
    page = grace.page
    grace.expects("ERR_ABORTED")
    other = grace.context.new_page()
    other.goto(strict.url)
    expect(other.get_by_test_id("account-button")).to_be_visible()
    sign_out(other)
    expect(other.get_by_role("heading", level=1)).to_have_text("You are signed out")
    expect(page.get_by_test_id("ended-page")).to_be_visible()
    expect(page.get_by_test_id("note")).not_to_be_visible()


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_question_in_french_is_accessible(
    strict: Dev, browser: Browser, theme: str, viewport: dict[str, int]
) -> None:
    with opened(browser, locale="fr", color_scheme=theme, viewport=viewport) as watched:
        watched.expects(401, 409)
        typing(watched.page, strict)
        watched.page.get_by_test_id("approve-repeated").click()
        expect(watched.page.get_by_test_id("ask-step-up")).to_contain_text(
            "Une confirmation est nécessaire"
        )
        assert_accessible(watched.page)
        with watched.page.expect_popup() as popup:
            watched.page.get_by_test_id("ask-go").click()
        popup.value.get_by_role("button", name=CONFIRM["fr"]).click()
        expect(watched.page.get_by_test_id("outcome")).to_contain_text("done")
        watched.assert_clean()


ELSEWHERE = (
    "https://elsewhere.example/",
    "//elsewhere.example/",
    "/\\elsewhere.example/",
    "\\\\elsewhere.example/",
    "/%5celsewhere.example/",
    "/\t/elsewhere.example/",
    "/.//elsewhere.example/",
    "/..//elsewhere.example/",
    "javascript:alert(1)",
    "data:text/html,hello",
    "http:elsewhere.example/",
    "@elsewhere.example/",
    ".elsewhere.example/",
    "/auth/login?return_to=//elsewhere.example/",
)


@pytest.mark.parametrize("way", ["/auth/login?", "/auth/stepup?scopes=User.Read&"])
def test_nobody_is_led_away_from_the_hub_after_signing_in(
    strict: Dev, browser: Browser, way: str
) -> None:
    with opened(browser) as watched:
        watched.expects(400, 401, 403, 404, 409, "ERR_ABORTED")
        page = watched.page
        sign_in(page, strict.url)
        for place in ELSEWHERE:
            page.goto(f"{strict.url}{way}return_to={quote(place, safe='')}")
            expect(page).to_have_url(re.compile(re.escape(strict.url) + "/"))
        hosts = {urlsplit(url).hostname for url in watched.urls if url.startswith("http")}
        assert {host for host in hosts if host and "elsewhere" in host} == set()
