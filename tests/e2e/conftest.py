"""A running ``mainhub dev`` and a browser, shared by the tests of whole journeys."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from cli.mainhub_process import HUB_DATABASES, Running, answers, mainhub, wait_until
from e2e.chromium import Watched, chromium, opened
from house.isolation import free_ports

BUILT = Path(__file__).parents[2] / "src" / "mainhub" / "static" / "manifest.json"


@dataclass
class Dev:
    """A running trial hub."""

    running: Running
    port: int
    state: Path

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def simulator(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def database_url(self) -> str:
        return HUB_DATABASES.url(self.state.parent)

    def kill_hub(self) -> None:
        """End the hub's process as a crash would, and wait until another one serves."""
        health = f"{self.url}/readyz"
        os.kill(self.hub_pid(), signal.SIGKILL)
        wait_until(lambda: not answers(health), what="the end of the hub")
        wait_until(lambda: answers(health), what="the hub again")

    def hub_pid(self) -> int:
        """Return the process id of the hub that serves now."""
        children = Path(
            f"/proc/{self.running.process.pid}/task/{self.running.process.pid}/children"
        )
        for child in children.read_text().split():
            if b"\0hub\0" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        raise AssertionError("no hub is running")

    def pid(self, role: str) -> int:
        """Return the process id that was printed for *role*."""
        line = self.running.line_with(f"  {role} ")
        return int(line.split()[1])


# Not for the session: Playwright keeps a loop running, beside which no asynchronous test can run.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # These machines are shared and slow; a condition that comes at all comes within this.
    expect.set_options(timeout=20_000)
    with chromium() as found:
        yield found


@contextmanager
def running_dev(folder: Path, **environ: str) -> Iterator[Dev]:
    """Run ``mainhub dev`` in *folder*, with *environ* as it is set for it."""
    assert BUILT.exists(), "the browser part is not built; run: make test"
    port = free_ports(3)
    with mainhub("dev", "--port", str(port), cwd=folder, environ=environ) as running:
        running.line_with("Ctrl+C stops everything")
        yield Dev(running, port, folder / ".mainhub")


@pytest.fixture(scope="module")
def dev(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    """Run one for all tests of a file, whose ``ENVIRON`` says what is set for it.

    Only where something is to take too long is time short: a busy machine starts a healthy
    front-end in more than two seconds, too.
    """
    environ: dict[str, str] = getattr(request.module, "ENVIRON", {})
    with running_dev(tmp_path_factory.mktemp("dev"), **environ) as found:
        yield found


@pytest.fixture
def visitor(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Watched]:
    """A browser that nobody has used; its pages must end clean."""
    with opened(browser) as watched:
        if "faulty" in request.fixturenames:
            # Front-ends that are broken on purpose, and one for other people's roles.
            watched.expects(403, 404, 503)
        yield watched
        watched.assert_clean()
