"""Faults on purpose in a running ``mainhub dev``: the hub shows them, and all heals again."""

import json
import os
import re
import signal
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from playwright.sync_api import Page, expect

from cli.mainhub_process import Running, answers, mainhub, wait_until
from cli.one_person import asking, session_of
from cli.test_dev import pids
from e2e.chromium import chromium, opened
from house.isolation import free_ports

AXE = Path(__file__).parents[2] / "browser" / "node_modules" / "axe-core" / "axe.min.js"
ORDERS = "/api/orders/v1/orders"


class Dev:
    """A running ``mainhub dev``."""

    def __init__(self, running: Running, port: int) -> None:
        self.running = running
        self.port = port
        self.desk = f"http://127.0.0.1:{port + 1}/_sim"

    def change(self, method: str, path: str, **fault: object) -> dict[str, object]:
        """Change faults as a script does."""
        headers = {"X-MainHub-Sim": "1", "Content-Type": "application/json"}
        data = json.dumps(fault).encode() if fault else None
        request = Request(f"{self.desk}{path}", data, headers, method=method)  # noqa: S310
        with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
            assert answer.status == HTTPStatus.OK
            told: dict[str, object] = json.load(answer)
            return told

    def status(self, session: str, path: str = ORDERS) -> int:
        """Return what the hub answers."""
        with asking(self.port, path, session) as answer:
            answer.read()
            return answer.status


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    port = free_ports(3)
    folder = tmp_path_factory.mktemp("dev")
    quick = {"MAINHUB_GATEWAY__SERVICES__ORDERS__RESPONSE_TIMEOUT": "1s"}
    with mainhub("dev", "--port", str(port), cwd=folder, environ=quick) as found:
        found.line_with("Ctrl+C stops everything")
        yield Dev(found, port)


@pytest.fixture
def dev(running: Dev) -> Iterator[Dev]:
    running.change("DELETE", "/faults")
    yield running
    running.change("DELETE", "/faults")


def test_the_address_of_the_faults_is_printed(dev: Dev) -> None:
    assert f"Faults  {dev.desk}" in dev.running.told


def test_orders_that_refuse_are_502_at_the_hub_until_they_are_back(dev: Dev) -> None:
    session = session_of(dev.port)
    assert dev.status(session) == 200
    dev.change("PUT", "/faults/orders", mode="refuse")
    assert dev.status(session) == 502
    assert "orders ended" not in dev.running.told
    dev.change("DELETE", "/faults/orders")
    assert dev.status(session) == 200


@pytest.mark.parametrize(("mode", "status"), [("hang", 504), ("error", 503)])
def test_other_faults_of_the_orders_are_told_by_the_hub(dev: Dev, mode: str, status: int) -> None:
    session = session_of(dev.port)
    dev.change("PUT", "/faults/orders", mode=mode)
    assert dev.status(session) == status
    dev.change("PUT", "/faults/orders", mode="fine")
    assert dev.status(session) == 200


def test_a_fault_outlives_the_processes_that_know_it(dev: Dev) -> None:
    dev.change("PUT", "/faults/orders", mode="refuse")
    before = pids(dev.running)
    for role in ("simulator", "orders"):
        os.kill(before[role], signal.SIGKILL)
        dev.running.line_with(f"{role} ended (SIGKILL)")
    wait_until(lambda: answers(f"{dev.desk}/faults"), what="the simulator again")
    assert dev.change("GET", "/faults/orders")["mode"] == "refuse"
    healthz = f"http://127.0.0.1:{dev.port + 2}/healthz"
    assert not answers(healthz)
    # While the process is starting, a change is written down and followed a little later.
    wait_until(lambda: _accepted(dev), what="the orders, fine again")
    wait_until(lambda: answers(healthz), what="the orders again")


def _accepted(dev: Dev) -> bool:
    try:
        return bool(dev.change("PUT", "/faults/orders", mode="fine"))
    except AssertionError:
        return False


def axe_clean(page: Page) -> None:
    assert AXE.exists(), "axe-core is missing; run: make test"
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [violation["id"] for violation in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_page_works_by_keyboard_in_both_looks_and_languages(dev: Dev) -> None:
    with chromium() as browser:
        with opened(browser) as watched:
            page = watched.page
            page.goto(dev.desk)
            page.locator("#orders-seconds").press("ControlOrMeta+a")
            page.keyboard.type("2.5")
            slow = page.locator("#orders").get_by_role("button", name="Slow")
            slow.focus()
            page.keyboard.press("Enter")
            expect(page.locator("#orders .state")).to_have_text("Answers 2.5 s late")
            expect(slow).to_have_attribute("aria-pressed", "true")
            axe_clean(page)
            # Somebody else's change is shown without a word from this page.
            dev.change("PUT", "/faults/orders", mode="refuse", **{"for": 600})
            expect(page.locator("#orders .state")).to_have_text("Refuses connections")
            expect(page.locator("#orders-now")).to_contain_text(
                re.compile(r"Heals by itself in \d+ s")
            )
            page.get_by_role("button", name="All fine again").click()
            expect(page.locator("#orders .state")).to_have_text("Answers as it should")
            watched.assert_clean()
        phone = {"viewport": {"width": 390, "height": 844}}
        with opened(browser, locale="fr-FR", color_scheme="dark", **phone) as watched:
            watched.page.goto(dev.desk)
            expect(watched.page.locator("h1")).to_have_text("Pannes")
            axe_clean(watched.page)
            watched.assert_clean()
