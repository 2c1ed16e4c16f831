"""What the orders card says while its service hangs or is gone, and that it heals by itself."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import expect

from e2e.chromium import Watched
from e2e.conftest import Dev
from e2e.people import sign_in

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
    page = visitor.page
    sign_in(page, dev.url)
    card = page.get_by_test_id("orders-card")
    expect(card.get_by_text("20421")).to_be_visible()
    with stopped(dev.pid("orders")):
        expect(card).to_have_attribute("data-state", "stale", timeout=SOON)
        expect(card.get_by_text("20421")).to_be_visible()
    expect(card).to_have_attribute("data-state", "fresh", timeout=SOON)


def test_retry_asks_at_once(dev: Dev, visitor: Watched) -> None:
    page = visitor.page
    sign_in(page, dev.url)
    card = page.get_by_test_id("orders-card")
    with stopped(dev.pid("orders")):
        page.reload()
        expect(card).to_have_attribute("data-state", "failed", timeout=SOON)
    card.get_by_test_id("orders-retry").click()
    expect(card).to_have_attribute("data-state", "fresh", timeout=SOON)
