"""What administrators see and do, and what others are told who try."""

import json
from collections.abc import Iterator
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from cli.mainhub_process import wait_until
from e2e.chromium import Watched, opened
from e2e.conftest import Dev
from e2e.hub_api import call, publish
from e2e.looks import assert_accessible, each_look
from e2e.people import sign_in

SECTIONS = (
    "frontends",
    "sessions",
    "health",
    "resilience",
    "events",
    "audit",
    "configuration",
)


@pytest.fixture
def ada(browser: Browser, dev: Dev) -> Iterator[Watched]:
    """An administrator's browser."""
    with opened(browser) as watched:
        sign_in(watched.page, dev.url, "ada")
        yield watched
        watched.assert_clean()


def section(watched: Watched, dev: Dev, name: str) -> Locator:
    """Open a section and return its card, once it knows what it shows."""
    watched.page.goto(f"{dev.url}/admin/{name}")
    card = watched.page.get_by_test_id(f"admin-{name}")
    expect(card).to_have_attribute("data-state", "fresh")
    return card


def test_an_employee_is_told_which_right_is_missing_and_whom_to_ask(
    browser: Browser, dev: Dev, ada: Watched
) -> None:
    with opened(browser) as linus:
        linus.expects(403)
        sign_in(linus.page, dev.url)
        answer = linus.page.goto(f"{dev.url}/admin/audit")
        assert answer is not None
        assert answer.status == 403
        page = linus.page.get_by_test_id("refused-page")
        expect(page).to_contain_text("Admin")
        expect(page).to_contain_text("Employee")
        assert_accessible(linus.page)
        linus.assert_clean()
    # It stands on the record.
    section(ada, dev, "audit")
    ada.page.get_by_test_id("audit-action").select_option("access.refused")
    expect(ada.page.locator("tr[data-action='access.refused']").first).to_contain_text("Linus")


def test_a_revoked_session_ends_the_other_browsers_page_which_says_why(
    browser: Browser, dev: Dev, ada: Watched
) -> None:
    with opened(browser, locale="fr") as linus:
        linus.expects(401, "ERR_ABORTED")
        sign_in(linus.page, dev.url)
        expect(linus.page.get_by_test_id("orders-card")).to_be_visible()
        section(ada, dev, "sessions")
        ada.page.get_by_test_id("admin-search").fill("linus")
        own = call(linus.page, "GET", "/auth/sessions").body["items"]
        (ref,) = [one["ref"] for one in own if one["current"]]
        row = ada.page.locator(f"tr[data-session='{ref}']")
        row.get_by_test_id("session-end").click()
        expect(ada.page.get_by_test_id("session-ask")).to_be_visible()
        ada.page.get_by_test_id("session-yes").click()
        expect(linus.page.get_by_role("heading", level=1)).to_have_text(
            "Votre session est terminée"
        )
        expect(linus.page.get_by_text("Ada Lovelace")).to_be_visible()
        expect(linus.page.get_by_test_id("orders-card")).to_have_count(0)
        assert_accessible(linus.page)
        expect(row).to_have_count(0)
        # What is gone is told so.
        ada.expects(404)
        gone = call(ada.page, "DELETE", f"/hub/v1/sessions/{ref}")
        assert (gone.status, gone.problem) == (404, "session-gone")
        assert gone.body["remedy"]
    section(ada, dev, "audit")
    expect(ada.page.locator("tr[data-action='session.revoked']").first).to_contain_text("Ada")


def test_a_front_end_is_closed_and_opened_for_everybody_without_a_reload(
    browser: Browser, dev: Dev, ada: Watched
) -> None:
    with opened(browser) as linus:
        sign_in(linus.page, dev.url)
        link = linus.page.get_by_test_id("navigation").get_by_role("link", name="Widgets")
        expect(link).to_be_visible()
        section(ada, dev, "frontends")
        ada.page.locator("tr[data-frontend=widgets]").get_by_test_id("open-row").click()
        expect(ada.page.get_by_test_id("admin-panel")).to_be_visible()
        ada.page.get_by_test_id("frontend-switch").click()
        expect(link).to_be_visible()
        ada.page.get_by_test_id("frontend-switch-yes").click()
        expect(link).to_have_count(0)
        ada.page.get_by_test_id("frontend-undo").click()
        expect(link).to_be_visible()
        linus.assert_clean()
    section(ada, dev, "audit")
    entry = ada.page.locator("tr[data-action='frontend.changed']").first
    entry.get_by_test_id("open-row").click()
    expect(ada.page.get_by_test_id("audit-changes")).to_contain_text("active")


def test_roles_are_shown_as_a_change_before_they_are_changed(ada: Watched, dev: Dev) -> None:
    section(ada, dev, "frontends")
    row = ada.page.locator("tr[data-frontend=widgets]")
    row.get_by_test_id("open-row").click()
    expect(ada.page.get_by_test_id("frontend-apply")).to_be_disabled()
    ada.page.get_by_test_id("frontend-roles").fill("Editor\nAdmin")
    expect(ada.page.get_by_test_id("frontend-diff")).to_contain_text("Editor or Admin")
    ada.page.get_by_test_id("frontend-apply").click()
    expect(row).to_contain_text("Editor, Admin")
    ada.page.get_by_test_id("frontend-undo").click()
    expect(row).to_contain_text("Everyone signed in")
    ada.page.keyboard.press("Escape")


def test_nobody_locks_all_administrators_out(ada: Watched, dev: Dev) -> None:
    ada.expects(409)
    section(ada, dev, "frontends")
    ada.page.locator("tr[data-frontend=admin]").get_by_test_id("open-row").click()
    ada.page.get_by_test_id("frontend-switch").click()
    ada.page.get_by_test_id("frontend-switch-yes").click()
    expect(ada.page.get_by_test_id("admin-mishap")).to_contain_text("Leave admin active")


def test_health_tells_a_service_that_is_stopped_since_when_and_what_to_do(
    ada: Watched, dev: Dev
) -> None:
    section(ada, dev, "health")
    row = ada.page.locator("tr[data-check=service-orders]")
    expect(row).to_have_attribute("data-state", "fine")
    fault = {"mode": "refuse"}
    try:
        simulate(ada.page, dev, "PUT", fault)
        ada.page.get_by_test_id("health-fresh").click()
        expect(row).to_have_attribute("data-state", "failed")
        expect(row).to_contain_text("See whether the service runs")
        expect(ada.page.get_by_test_id("health-status")).to_have_attribute(
            "data-status", "degraded"
        )
        assert_accessible(ada.page)
    finally:
        simulate(ada.page, dev, "DELETE", None)
    ada.page.get_by_test_id("health-fresh").click()
    expect(row).to_have_attribute("data-state", "fine")


def simulate(page: Page, dev: Dev, method: str, fault: dict[str, str] | None) -> None:
    """Set or end a fault of the orders service, as its page does."""
    answer = page.context.request.fetch(
        f"{dev.simulator}/_sim/faults/orders",
        method=method,
        headers={"X-MainHub-Sim": "1", "content-type": "application/json"},
        data=json.dumps(fault) if fault else None,
    )
    assert answer.ok, answer.text()


def test_events_arrive_live_and_a_message_is_published(
    browser: Browser, dev: Dev, ada: Watched
) -> None:
    with opened(browser) as linus:
        sign_in(linus.page, dev.url)
        section(ada, dev, "events")
        ada.page.get_by_test_id("publish-type").select_option("notification:show")
        ada.page.locator("[data-field=message]").fill("Maintenance at 18:00")
        ada.page.locator("[data-field=kind]").select_option("warning")
        ada.page.get_by_test_id("publish-send").click()
        expect(linus.page.get_by_test_id("toasts")).to_contain_text("Maintenance at 18:00")
        expect(linus.page.get_by_test_id("toasts")).to_contain_text("Ada Lovelace")
        live = ada.page.get_by_test_id("events-live")
        expect(live.locator("tr[data-type='notification:show']").first).to_be_visible()
        before = live.locator("tr[data-type='orders:changed']").count()
        publish(ada.page, "orders:changed", {"order": "1"})
        wait_until(
            lambda: live.locator("tr[data-type='orders:changed']").count() == before + 1,
            what="the event in the list",
        )
        live.locator("tr[data-type='orders:changed']").first.get_by_test_id("open-row").click()
        expect(ada.page.get_by_test_id("admin-panel")).to_contain_text('"order": "1"')
        linus.assert_clean()


def test_the_record_is_exported_as_json_lines(ada: Watched, dev: Dev) -> None:
    section(ada, dev, "audit")
    ada.page.get_by_test_id("audit-action").select_option("signin.done")
    with ada.page.expect_download() as waiting:
        ada.page.get_by_test_id("audit-export").click()
    lines = waiting.value.path().read_text().splitlines()
    assert lines
    assert {json.loads(line)["action"] for line in lines} == {"signin.done"}
    exported = call(ada.page, "GET", "/hub/v1/audit?action=audit.exported").body["items"]
    assert exported[0]["person"]["name"] == "Ada Lovelace"


def test_every_setting_has_its_source_and_the_log_level_changes_at_once(
    ada: Watched, dev: Dev
) -> None:
    section(ada, dev, "configuration")
    keys = ada.page.locator("tr[data-setting='hub.secret_keys']")
    expect(keys).to_contain_text("********")
    level = ada.page.locator("tr[data-setting='telemetry.log_level']")
    level.get_by_test_id("setting-choice").select_option("debug")
    expect(level).to_contain_text("Ada Lovelace")
    level.get_by_test_id("setting-choice").select_option("info")
    ada.expects(400, 404, 409)
    for key, value, problem in (
        ("telemetry.log_levl", "debug", "unknown-setting"),
        ("hub.listen", "0.0.0.0:1", "setting-fixed"),
        ("telemetry.log_level", "loud", "invalid"),
    ):
        answer = call(ada.page, "PATCH", f"/hub/v1/configuration/{key}", {"value": value})
        assert answer.problem == problem
        assert answer.body["remedy"], answer


def test_wrong_cursors_and_filters_get_a_problem_with_a_remedy(ada: Watched) -> None:
    ada.expects(400)
    for path in (
        "/events/stream?after=nonsense",
        "/events/stream?after=00000000-99999999999999999999",
        "/hub/v1/audit?since=yesterday",
        "/hub/v1/audit?limit=100000",
        "/hub/v1/events?limit=-1",
    ):
        answer = call(ada.page, "GET", path)
        assert (answer.status, bool(answer.body.get("remedy"))) == (400, True), (path, answer)


def test_metrics_are_for_administrators_and_the_probes_for_everybody(
    browser: Browser, dev: Dev, ada: Watched
) -> None:
    text = ada.page.context.request.get(f"{dev.url}/metrics").text()
    for name in ("mainhub_http_requests_total", "mainhub_streams_open", "mainhub_health_state"):
        assert name in text
    with opened(browser) as linus:
        linus.expects(403)
        sign_in(linus.page, dev.url)
        assert call(linus.page, "GET", "/metrics").status == 403
    with urlopen(f"{dev.url}/readyz") as answer:  # noqa: S310 - our own address
        assert answer.status == 200


@each_look
def test_every_section_is_accessible(
    dev: Dev, browser: Browser, locale: str, theme: str, viewport: dict[str, int]
) -> None:
    with opened(browser, locale=locale, color_scheme=theme, viewport=viewport) as watched:
        page = watched.page
        sign_in(page, dev.url, "ada")
        for name in SECTIONS:
            section(watched, dev, name)
            assert_accessible(page)
            if name in {"frontends", "events", "audit"}:
                page.get_by_test_id("open-row").first.click()
                expect(page.get_by_test_id("admin-panel")).to_be_visible()
                assert_accessible(page)
            if name == "sessions":
                page.get_by_test_id("session-end").first.click()
                expect(page.get_by_test_id("session-ask")).to_be_visible()
                assert_accessible(page)
        watched.assert_clean()
