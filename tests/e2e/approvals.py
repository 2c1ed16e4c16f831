"""A front-end with a form, whose service wants one more proof, and what popups say meanwhile."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.request import Request, urlopen

from playwright.sync_api import Page

from e2e.bundles import Bundles
from e2e.conftest import Dev
from mainhub.audit import AuditLog
from mainhub.clock import SystemClock
from mainhub.frontends import Frontend
from mainhub.frontends.sql import SqlRegistry
from mainhub.storage import Database

__all__ = ["NAME", "SCRIPT", "demand", "heard", "listen", "register"]

NAME = "approvals"
"""The front-end, its path and its bundle."""

SCRIPT = """
export const bootstrap = async () => {};
export const mount = async ({ domElement, api, setTitle }) => {
  setTitle("Approvals");
  const add = (tag, name, text) => {
    const made = document.createElement(tag);
    Object.assign(made, { textContent: text }).dataset.testid = name;
    domElement.append(made);
  };
  add("h1", "title", "Approvals");
  add("textarea", "note", "");
  add("button", "approve", "Approve");
  add("button", "approve-repeated", "Approve, and again where it must be");
  add("p", "outcome", "");
  domElement.querySelector("textarea").ariaLabel = "Note";
  const find = (name) => domElement.querySelector(`[data-testid=${name}]`);
  const approve = async (init) => {
    find("outcome").textContent = "asking";
    try {
      await api("/api/orders/v1/orders/20421/approve", { method: "POST", ...init });
      find("outcome").textContent = "done";
    } catch (problem) {
      // Another test has approved it: the service was reached, with what it demands.
      const told = problem.status === 409 ? "done before" : `refused: ${problem.type}`;
      find("outcome").textContent = told;
    }
  };
  find("approve").onclick = () => approve({});
  find("approve-repeated").onclick = () => approve({ repeat: true });
};
export const unmount = async ({ domElement }) => domElement.replaceChildren();
"""


def register(dev: Dev, found: Bundles) -> None:
    """Put the front-end into the registry of *dev*, its bundle served by *found*."""

    async def put() -> None:
        database = Database(dev.database_url)
        try:
            audit = AuditLog(database, SystemClock())
            await SqlRegistry(database, clock=SystemClock(), audit=audit).put(
                Frontend(
                    name=NAME,
                    titles={"fr": "Validations", "en": "Approvals"},
                    icon="box",
                    routes=(f"/{NAME}",),
                    roles=("*",),
                    position=100,
                    url=found.url(NAME),
                    integrity=None,
                    apis=("orders",),
                )
            )
        finally:
            await database.aclose()

    found.scripts[NAME] = SCRIPT
    # Not in this thread, where Playwright keeps a loop running.
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(asyncio.run, put()).result()


def demand(dev: Dev, what: str) -> None:
    """Let the orders service demand a second factor for *what*: ``approvals``, or ``none``."""
    asked = Request(  # noqa: S310  # of this machine
        f"{dev.simulator}/_sim/switches/orders-claims",
        data=json.dumps({"value": what}).encode(),
        headers={"X-MainHub-Sim": "1", "Content-Type": "application/json"},
        method="PUT",
    )
    with urlopen(asked):  # noqa: S310  # as above
        pass


def listen(page: Page) -> None:
    """Note in *page* what popups say."""
    page.evaluate(
        "() => { window.heard = []; window.ear = new BroadcastChannel('mainhub-signin');"
        " window.ear.onmessage = ({ data }) => { window.heard.push(data); }; }"
    )


def heard(page: Page) -> list[dict[str, str]]:
    """Return what popups have said since."""
    return list(page.evaluate("window.heard"))
