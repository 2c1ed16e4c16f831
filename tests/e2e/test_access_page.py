"""What administrators see and change of who may do what, and why."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from e2e.chromium import Watched, opened
from e2e.conftest import Dev, running_dev
from e2e.hub_api import call
from e2e.looks import assert_accessible, each_look
from e2e.people import sign_in
from e2e.test_administration import section

WAREHOUSE = "1534681b-c653-54cc-8685-c0d0422b0c72"
SETTINGS = f"""
[access.roles.buyer]
role = "Buyer"
permissions = ["orders:write"]

[access.groups.warehouse]
id = "{WAREHOUSE}"
title = "Warehouse"
roles = ["Buyer"]
"""


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    """A hub whose settings give something to a role and to a group."""
    folder = tmp_path_factory.mktemp("access")
    Path(folder, "mainhub.toml").write_text(SETTINGS)
    with running_dev(folder) as found:
        yield found


@pytest.fixture
def linus(browser: Browser, dev: Dev) -> Iterator[Watched]:
    """Somebody who can be chosen, since he is signed in."""
    with opened(browser) as watched:
        sign_in(watched.page, dev.url)
        yield watched
        watched.assert_clean()


@pytest.fixture
def ada(
    browser: Browser,
    dev: Dev,
    linus: Watched,  # noqa: ARG001  # only who is signed in can be chosen
) -> Iterator[Watched]:
    """An administrator's browser; nothing is given when it ends."""
    with opened(browser) as watched:
        sign_in(watched.page, dev.url, "ada")
        yield watched
        for one in call(watched.page, "GET", "/hub/v1/access").body["grants"]:
            call(watched.page, "DELETE", f"/hub/v1/access/grants/{one['id']}")
        watched.assert_clean()


def answer(page: Page, matter: str) -> Locator:
    return page.locator(f"tr[data-matter='{matter}']")


def about(page: Page, name: str) -> None:
    """Ask about *name*, who is signed in."""
    choice = page.get_by_test_id("why-person")
    label = choice.locator("option", has_text=name).first
    expect(label).to_be_attached()
    choice.select_option(label=label.inner_text().strip())
    expect(page.get_by_test_id("why-held")).to_contain_text(name)


def give(page: Page, who: str, *, roles: str = "", permissions: str = "") -> None:
    page.get_by_test_id("access-give").click()
    page.get_by_test_id("access-who").fill(who)
    page.get_by_test_id("access-roles").fill(roles)
    page.get_by_test_id("access-permissions").fill(permissions)


def linus_in(page: Page) -> str:
    """Return how Linus is offered by the form."""
    option = page.locator("#access-list-who option[value^='Linus']")
    expect(option).to_be_attached()
    return str(option.get_attribute("value"))


def test_what_the_settings_give_is_seen_and_stays_there(ada: Watched, dev: Dev) -> None:
    card = section(ada, dev, "access")
    group = card.locator(f"tr[data-access='group {WAREHOUSE}']")
    expect(group).to_contain_text("Warehouse")
    expect(group).to_contain_text("role Buyer")
    expect(group).to_have_attribute("data-source", "settings")
    expect(card.locator("tr[data-access='role Buyer']")).to_contain_text("orders:write")
    group.get_by_test_id("open-row").click()
    expect(ada.page.get_by_test_id("admin-panel")).to_contain_text("[access.groups]")
    expect(ada.page.get_by_test_id("access-take")).to_have_count(0)


def test_why_somebody_may_do_something_is_told_from_the_group_to_the_permission(
    ada: Watched, dev: Dev
) -> None:
    section(ada, dev, "access")
    page = ada.page
    about(page, "Linus Pauling")
    held = page.get_by_test_id("why-held")
    expect(held).to_contain_text("role Employee: named by the identity provider")
    expect(held).to_contain_text("permission orders:write: group Warehouse → role Buyer (settings)")
    admin = answer(page, "frontend admin")
    expect(admin).to_have_attribute("data-allowed", "no")
    expect(admin).to_contain_text("Needs the role Admin")
    expect(answer(page, "frontend dashboard")).to_contain_text("Open to everyone")
    expect(answer(page, "service orders")).to_have_attribute("data-allowed", "yes")
    page.get_by_test_id("why-by").select_option("rights")
    page.get_by_test_id("why-roles").fill("Admin")
    page.get_by_test_id("why-ask").click()
    expect(admin).to_have_attribute("data-allowed", "yes")


def test_the_change_is_shown_before_it_is_made_and_counts_at_once(
    ada: Watched, linus: Watched, dev: Dev
) -> None:
    section(ada, dev, "access")
    page = ada.page
    page.get_by_test_id("access-give").click()
    who = linus_in(page)
    page.get_by_test_id("panel-close").click()
    about(page, "Linus Pauling")
    give(page, who, roles="Admin")
    change = page.get_by_test_id("access-change")
    expect(change).to_contain_text("Linus Pauling gets the role Admin")
    expect(change).to_contain_text("change everything here")
    linus.expects(403)
    # Nothing has happened yet.
    assert call(linus.page, "GET", "/hub/v1/access").status == 403
    page.get_by_test_id("access-give-yes").click()
    expect(page.get_by_test_id("toasts")).to_contain_text("Linus Pauling has it now")
    assert call(linus.page, "GET", "/hub/v1/access").status == 200
    admin = answer(page, "frontend admin")
    expect(admin).to_have_attribute("data-allowed", "yes")
    expect(admin).to_contain_text("given by Ada Lovelace")
    row = page.locator("tr[data-source='run-time']")
    row.get_by_test_id("open-row").click()
    page.get_by_test_id("access-take").click()
    expect(page.get_by_test_id("access-ask")).to_contain_text("no longer gets the role Admin")
    assert call(linus.page, "GET", "/hub/v1/access").status == 200
    page.get_by_test_id("access-take-yes").click()
    expect(row).to_have_count(0)
    assert call(linus.page, "GET", "/hub/v1/access").status == 403
    expect(admin).to_have_attribute("data-allowed", "no")


def test_what_was_given_and_taken_back_is_on_the_record(ada: Watched, dev: Dev) -> None:
    section(ada, dev, "access")
    page = ada.page
    give(page, WAREHOUSE, permissions="stock:read")
    page.get_by_test_id("access-kind").select_option("group")
    page.get_by_test_id("access-who").fill(WAREHOUSE)
    page.get_by_test_id("access-give-yes").click()
    row = page.locator("tr[data-source='run-time']")
    expect(row).to_contain_text("stock:read")
    row.get_by_test_id("open-row").click()
    page.get_by_test_id("access-take").click()
    page.get_by_test_id("access-take-yes").click()
    expect(row).to_have_count(0)
    section(ada, dev, "audit")
    for action, words in (("access.granted", "Access given"), ("access.revoked", "taken back")):
        page.get_by_test_id("audit-action").select_option(action)
        entry = page.locator(f"tr[data-action='{action}']").first
        expect(entry).to_contain_text(words)
        expect(entry).to_contain_text("Ada Lovelace")
        entry.get_by_test_id("open-row").click()
        expect(page.get_by_test_id("audit-changes")).to_contain_text("stock:read")
        page.get_by_test_id("panel-close").click()


def test_what_is_no_permission_is_refused_and_what_was_typed_stays(ada: Watched, dev: Dev) -> None:
    section(ada, dev, "access")
    ada.expects(400, 422)
    give(ada.page, "somebody", permissions="NOT a:Permission!")
    ada.page.get_by_test_id("access-give-yes").click()
    expect(ada.page.get_by_test_id("admin-mishap")).to_be_visible()
    expect(ada.page.get_by_test_id("access-who")).to_have_value("somebody")


def test_the_keyboard_alone_gives_and_takes_back(ada: Watched, dev: Dev) -> None:
    section(ada, dev, "access")
    page = ada.page
    page.get_by_test_id("access-give").focus()
    page.keyboard.press("Enter")
    page.get_by_test_id("access-who").focus()
    page.keyboard.type("somebody")
    page.keyboard.press("Tab")
    page.keyboard.type("Editor")
    page.keyboard.press("Enter")
    row = page.locator("tr[data-source='run-time']")
    expect(row).to_contain_text("somebody")
    expect(page.get_by_test_id("access-give")).to_be_focused()
    row.get_by_test_id("open-row").focus()
    page.keyboard.press("Enter")
    page.get_by_test_id("access-take").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("access-take-yes")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row).to_have_count(0)
    expect(page.get_by_test_id("access-give")).to_be_focused()


@each_look
def test_the_page_with_its_form_and_its_answers_is_accessible(
    dev: Dev, browser: Browser, locale: str, theme: str, viewport: dict[str, int]
) -> None:
    with opened(browser, locale=locale, color_scheme=theme, viewport=viewport) as watched:
        sign_in(watched.page, dev.url, "ada")
        section(watched, dev, "access")
        expect(watched.page.get_by_test_id("why-table")).to_be_visible()
        assert_accessible(watched.page)
        give(watched.page, "somebody", roles="Admin")
        expect(watched.page.get_by_test_id("access-give-yes")).to_be_enabled()
        assert_accessible(watched.page)
        watched.assert_clean()
