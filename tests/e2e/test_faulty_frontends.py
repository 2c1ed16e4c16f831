"""A front-end that is broken leaves a panel in its place; the hub around it lives on."""

import asyncio
import base64
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, expect

from e2e.bundles import HEALTHY, Bundles, bundles
from e2e.chromium import Watched
from e2e.conftest import Dev
from e2e.people import sign_in
from mainhub.audit import AuditLog
from mainhub.clock import SystemClock
from mainhub.frontends import Frontend
from mainhub.frontends.sql import SqlRegistry
from mainhub.storage import Database

ENVIRON = {
    "MAINHUB_FRONTENDS__LOAD_TIMEOUT": "2s",
    "MAINHUB_FRONTENDS__MOUNT_TIMEOUT": "2s",
}
THROWS_ON_LOAD = "throw new Error('broken from the start');"
THROWS_ON_MOUNT = HEALTHY.replace(
    "export const mount = async ({ domElement, name }) => {",
    "export const mount = async ({ domElement, name }) => {"
    " if (!window.mended) throw new Error('no display');",
)
NEVER_MOUNTS = HEALTHY.replace(
    "export const mount = async ({ domElement, name }) => {",
    "export const mount = async ({ domElement, name }) => {"
    " if (!window.mended) await new Promise(() => {});",
)
NEVER_UNMOUNTS = HEALTHY.replace(
    "export const unmount = async ({ domElement }) =>",
    "export const unmount = ({ domElement }) => new Promise(() => {}) ||",
)
THROWS_LATER = HEALTHY + (
    "addEventListener('break', () => { setTimeout(() => { throw new Error('later'); }, 0); });"
)
NAMES = ("missing", "throws-on-load", "throws-on-mount", "never-mounts", "never-answers")
MORE = ("flaky", "altered", "throws-later", "never-unmounts", "well")


def digest(script: str) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(script.encode()).digest()).decode()


@pytest.fixture(scope="module")
def faulty(dev: Dev) -> Iterator[Bundles]:
    with bundles() as found:
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(asyncio.run, _register(dev, found)).result()
        yield found


@pytest.fixture(autouse=True)
def broken(faulty: Bundles) -> None:
    faulty.scripts = {
        "throws-on-load": THROWS_ON_LOAD,
        "throws-on-mount": THROWS_ON_MOUNT,
        "never-mounts": NEVER_MOUNTS,
        "never-unmounts": NEVER_UNMOUNTS,
        "throws-later": THROWS_LATER,
        "flaky": HEALTHY,
        "altered": HEALTHY + "// changed on the way",
        "well": HEALTHY,
    }
    faulty.failures = {"flaky": [503, 503]}
    faulty.silent = {"never-answers"}


async def _register(dev: Dev, found: Bundles) -> None:
    database = Database(dev.database_url)
    registry = SqlRegistry(database, clock=SystemClock(), audit=AuditLog(database, SystemClock()))
    for position, name in enumerate((*NAMES, *MORE)):
        await registry.put(
            Frontend(
                name=name,
                titles={"fr": f"Application {name}", "en": f"Application {name}"},
                icon="box",
                routes=(f"/{name}",),
                roles=("*",),
                position=100 + position,
                url=found.url(name),
                integrity=digest(HEALTHY) if name in {"altered", "well"} else None,
            )
        )
    # As a row of the registry looks for which this build holds nothing.
    await registry.put(
        Frontend(
            name="unbuilt",
            titles={"fr": "Application unbuilt", "en": "Application unbuilt"},
            icon="box",
            routes=("/unbuilt",),
            roles=("*",),
            position=200,
            url=None,
        )
    )
    await registry.put(
        Frontend(
            name="accounts",
            titles={"fr": "Comptes", "en": "Accounts"},
            icon="box",
            routes=("/accounts",),
            roles=("Admin",),
            url=found.url("well"),
        )
    )
    await database.aclose()


@pytest.fixture
def page(dev: Dev, visitor: Watched) -> Iterator[Page]:
    sign_in(visitor.page, dev.url)
    yield visitor.page
    # Errors that the test provoked in front-ends are reported by the browser too.
    visitor.faults = [
        fault
        for fault in visitor.faults
        if not any(known in fault for known in ("broken from the start", "no display", "later"))
        and "integrity" not in fault
    ]


def go(page: Page, name: str) -> None:
    page.get_by_test_id("navigation").get_by_role("link", name=f"Application {name}").click()


def go_home(page: Page) -> None:
    page.get_by_test_id("navigation").get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello Linus")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("missing", "missing"),
        ("throws-on-load", "evaluation"),
        ("throws-on-mount", "mount"),
        ("never-mounts", "mount-timeout"),
        ("never-answers", "timeout"),
        ("altered", "integrity"),
    ],
)
def test_leaves_a_panel_and_navigation_alive_and_retry_works(
    page: Page, faulty: Bundles, name: str, kind: str
) -> None:
    go(page, name)
    panel = page.get_by_test_id("failure-panel")
    expect(panel).to_have_attribute("data-kind", kind, timeout=40_000)
    expect(panel.get_by_role("heading", level=1)).to_have_text(f"Application {name} did not load")
    expect(panel.get_by_text("Trace", exact=False).first).to_be_visible()
    expect(panel.get_by_role("link", name="Home")).to_be_visible()
    # Navigation is alive: home, and to a front-end that is well.
    go_home(page)
    go(page, "well")
    expect(page.get_by_role("heading", level=1)).to_have_text("well is well")
    go(page, name)
    expect(panel).to_be_visible(timeout=40_000)
    # Mended, on its server or in what it depends on: Retry shows it without a reload of the page.
    if name not in {"throws-on-mount", "never-mounts"}:
        faulty.scripts[name] = HEALTHY
        faulty.silent.discard(name)
    page.evaluate("window.mended = true")
    panel.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{name} is well")
    assert page.evaluate("window.mended") is True


def test_one_that_this_build_does_not_hold_is_listed_and_says_so(page: Page) -> None:
    page.evaluate("window.sameDocument = true")
    go(page, "unbuilt")
    panel = page.get_by_test_id("failure-panel")
    expect(panel).to_have_attribute("data-kind", "missing")
    expect(panel).to_contain_text("does not contain its file")
    expect(panel).not_to_contain_text("null")
    panel.get_by_role("button", name="Retry").click()
    expect(panel).to_have_attribute("data-kind", "missing")
    expect(panel.get_by_role("button", name="Retry")).to_have_count(1)
    go_home(page)
    go(page, "well")
    expect(page.get_by_role("heading", level=1)).to_have_text("well is well")
    assert page.evaluate("window.sameDocument") is True


def test_a_server_that_recovers_within_the_tries_is_not_noticed(
    page: Page, faulty: Bundles
) -> None:
    go(page, "flaky")
    expect(page.get_by_role("heading", level=1)).to_have_text("flaky is well")
    assert faulty.failures["flaky"] == []


@pytest.mark.parametrize("name", ["never-answers", "never-mounts"])
def test_leaving_while_it_loads_is_immediate(page: Page, name: str) -> None:
    go(page, name)
    go_home(page)
    go(page, "well")
    expect(page.get_by_role("heading", level=1)).to_have_text("well is well")


def test_one_that_never_unmounts_holds_nobody_up(page: Page) -> None:
    go(page, "never-unmounts")
    expect(page.get_by_role("heading", level=1)).to_have_text("never-unmounts is well")
    go_home(page)
    go(page, "well")
    expect(page.get_by_role("heading", level=1)).to_have_text("well is well")


def test_an_error_after_mounting_is_told_above_an_application_that_goes_on(page: Page) -> None:
    go(page, "throws-later")
    expect(page.get_by_role("heading", level=1)).to_have_text("throws-later is well")
    page.evaluate("dispatchEvent(new Event('break'))")
    expect(page.get_by_test_id("late-banner")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("throws-later is well")


def test_a_broken_one_can_be_the_first_page(dev: Dev, page: Page) -> None:
    page.goto(f"{dev.url}/throws-on-mount")
    expect(page.get_by_test_id("failure-panel")).to_be_visible()
    go_home(page)


def test_a_front_end_for_other_roles_is_not_listed_and_refused_truthfully(
    dev: Dev, page: Page
) -> None:
    expect(page.get_by_test_id("navigation").get_by_role("link", name="Accounts")).to_have_count(0)
    answer = page.goto(f"{dev.url}/accounts")
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_test_id("refused-page")).to_contain_text("Admin")
    listed = page.context.request.get(f"{dev.url}/hub/v1/frontends").json()["items"]
    assert "accounts" not in {entry["name"] for entry in listed}
