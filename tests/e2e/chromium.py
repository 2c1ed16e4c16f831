"""Debian's Chromium under Playwright, and what a page may never do while a test looks at it."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    sync_playwright,
)

__all__ = ["HUB_GONE", "Watched", "chromium", "opened"]

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# "... responded with a status of 404 (Not Found)", or "... net::ERR_CONNECTION_REFUSED".
_OUTCOME = re.compile(r"(?:status of |net::)(\w+)")


HUB_GONE = (
    "ERR_CONNECTION_REFUSED",
    "ERR_CONNECTION_RESET",
    "ERR_EMPTY_RESPONSE",
    "ERR_INCOMPLETE_CHUNKED_ENCODING",
)
"""What requests and streams end in while the hub is away."""


@dataclass
class Watched:
    """A browser of one person, with everything that its pages reported."""

    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)
    network_lines: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)

    def expects(self, *outcomes: int | str) -> None:
        """Announce what requests of this test may end in: statuses, or names as ``ERR_ABORTED``."""
        self.expected.update(map(str, outcomes))

    def assert_clean(self) -> None:
        """No policy violation, no uncaught exception, no console error but announced statuses."""
        assert self.faults == []
        unannounced = [line for line in self.network_lines if not self._announced(line)]
        assert unannounced == []

    def _announced(self, line: str) -> bool:
        found = _OUTCOME.search(line)
        return found is not None and found[1] in self.expected


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser, or say how to get it."""
    path = shutil.which("chromium")
    assert path, "Chromium is missing; install it: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, **options: object) -> Iterator[Watched]:
    """Open an empty profile; *options* as of Playwright's ``new_context``."""
    settings: dict[str, object] = {
        "locale": "en-GB",
        "timezone_id": "Europe/Paris",
        "viewport": {"width": 1280, "height": 900},
        "color_scheme": "light",
        "reduced_motion": "reduce",
        **options,
    }
    context = browser.new_context(**settings)  # type: ignore[arg-type]  # a plain dict of options
    context.add_init_script(
        "addEventListener('securitypolicyviolation',"
        " e => console.error('CSP: ' + e.violatedDirective + ' ' + e.blockedURI))"
    )
    watched = Watched(context, context.new_page())
    _watch(watched)
    try:
        yield watched
    finally:
        context.close()


def _watch(watched: Watched) -> None:
    def console(message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        if message.text.startswith("Failed to load resource:"):
            address = message.location.get("url", "")
            watched.network_lines.append(f"{message.text} [{address}]")
        else:
            watched.faults.append(message.text)

    def answered(response: Response) -> None:
        watched.urls.append(response.url)
        watched.urls.extend(response.headers.values())

    def asked(request: Request) -> None:
        # What is under way when the person signs out is answered 401.
        if urlsplit(request.url).path == "/auth/logout":
            watched.expects(401)

    watched.context.on("request", asked)
    watched.context.on("console", console)
    watched.context.on("weberror", lambda error: watched.faults.append(str(error.error)))
    watched.context.on("response", answered)
