"""What the orders card says while its service hangs or is gone, and that it heals by itself."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import expect

from cli.mainhub_process import answers, mainhub, wait_until
from e2e.chromium import Watched
from e2e.conftest import Dev
from e2e.looks import assert_accessible
from e2e.people import sign_in
from house.isolation import free_ports
from mainhub.cli.dev_state import CLIENT_ID
from mainhub.simulator import TENANT_ID, orders_app

ENVIRON = {"MAINHUB_GATEWAY__SERVICES__ORDERS__RESPONSE_TIMEOUT": "2s"}
# The card asks again every ten seconds at most.
SOON = 30_000


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_service_that_hangs_is_told_on_the_card_and_heals(dev: Dev, visitor: Watched) -> None:
    visitor.expects(504)
    page = visitor.page
    sign_in(page, dev.url)
    card = page.get_by_test_id("orders-card")
    expect(card.get_by_text("20421")).to_be_visible()
    with stopped(dev.pid("orders")):
        page.reload()
        expect(card).to_have_attribute("data-state", "failed", timeout=SOON)
        expect(card.get_by_test_id("orders-retry")).to_be_visible()
        # The rest lives.
        expect(page.get_by_role("heading", level=1)).to_have_text("Hello Linus")
        expect(page.get_by_test_id("person-card")).to_contain_text("linus@hautemer.example")
    expect(card.get_by_text("20421")).to_be_visible(timeout=SOON)
    expect(card).to_have_attribute("data-state", "fresh")


def test_what_was_there_stays_and_is_called_stale(dev: Dev, visitor: Watched) -> None:
    visitor.expects(504)
    page = visitor.page
    sign_in(page, dev.url)
    card = page.get_by_test_id("orders-card")
    expect(card.get_by_text("20421")).to_be_visible()
    with stopped(dev.pid("orders")):
        expect(card).to_have_attribute("data-state", "stale", timeout=SOON)
        expect(card.get_by_text("20421")).to_be_visible()
    expect(card).to_have_attribute("data-state", "fresh", timeout=SOON)


def test_retry_asks_at_once(dev: Dev, visitor: Watched) -> None:
    visitor.expects(504)
    page = visitor.page
    sign_in(page, dev.url)
    card = page.get_by_test_id("orders-card")
    with stopped(dev.pid("orders")):
        page.reload()
        expect(card).to_have_attribute("data-state", "failed", timeout=SOON)
    card.get_by_test_id("orders-retry").click()
    expect(card).to_have_attribute("data-state", "fresh", timeout=SOON)


@contextmanager
def orders_on(port: int, *, simulator: int) -> Iterator[None]:
    """Run the sample service on *port*, in a thread of this process."""
    issuer = f"http://127.0.0.1:{simulator}/{TENANT_ID}/v2.0"
    app = orders_app(issuer=issuer, audience=CLIENT_ID)
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_config=None, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), what="orders")
        yield
    finally:
        server.should_exit = True
        thread.join()


def test_a_service_that_is_gone_is_told_on_the_card_and_heals(
    tmp_path: Path, visitor: Watched
) -> None:
    visitor.expects(502)
    port = free_ports(4)
    nobody = port + 3
    environ = {"MAINHUB_GATEWAY__SERVICES__ORDERS__UPSTREAMS": f"http://127.0.0.1:{nobody}"}
    with mainhub("dev", "--port", str(port), cwd=tmp_path, environ=environ) as running:
        running.line_with("Ctrl+C stops everything")
        sign_in(visitor.page, f"http://localhost:{port}")
        card = visitor.page.get_by_test_id("orders-card")
        expect(card).to_have_attribute("data-state", "failed", timeout=SOON)
        expect(card.get_by_text("20421")).to_have_count(0)
        expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Hello Linus")
        with orders_on(nobody, simulator=port + 1):
            expect(card).to_have_attribute("data-state", "fresh", timeout=SOON)
            expect(card.get_by_text("20421")).to_be_visible()
        # Gone again: what was there stays.
        expect(card).to_have_attribute("data-state", "stale", timeout=SOON)
        expect(card.get_by_text("20421")).to_be_visible()
        assert_accessible(visitor.page)
        visitor.page.emulate_media(color_scheme="dark")
        assert_accessible(visitor.page)
        visitor.page.goto("about:blank")
