"""What the tests need from the operating system. Add what a new kind of test needs to ``NEEDS``."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tools.steps import Command, StepFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.steps import Steps


class Need(NamedTuple):
    """A Debian package, and how to see that what it brings is there."""

    package: str
    is_there: Callable[[], bool]


def program(name: str) -> Callable[[], bool]:
    """Return a test for a program on PATH."""
    return lambda: shutil.which(name) is not None


def any_font() -> bool:
    """Return whether a scalable font is installed: without one Chromium draws boxes."""
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts"]
    endings = ("*.ttf", "*.otf", "*.ttc")
    return any(next(folder.rglob(end), None) for folder in folders for end in endings)


def postgresql() -> bool:
    """Return whether a PostgreSQL server can be made and started: Debian's, or one on PATH."""
    on_path = shutil.which("initdb") is not None and shutil.which("psql") is not None
    return on_path or (
        any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) and shutil.which("psql") is not None
    )


def redis() -> bool:
    """Return whether there is a Redis server, perhaps under its other name.

    Debian's redis-server would start a server of its own, now and with the machine. Its redis-tools
    has the same program, which is a server if it is called so, and starts none.
    """
    return any(shutil.which(name) is not None for name in ("redis-server", "redis-check-rdb"))


NEEDS = (
    Need("chromium", program("chromium")),
    Need("fonts-dejavu-core", any_font),
    Need("git", program("git")),
    Need("postgresql", postgresql),
    Need("redis-tools", redis),
)
# Debian makes and starts a server of its own unless it was told not to before; the tests start
# theirs, in a temporary folder.
NO_SERVER = (
    "mkdir -p /etc/postgresql-common && cd /etc/postgresql-common &&"
    " { test -e createcluster.conf || echo 'create_main_cluster = false' > createcluster.conf; }"
)


def prepare(steps: Steps, needs: tuple[Need, ...] = NEEDS) -> None:
    """Install what is missing, as root on Debian; elsewhere say what it is.

    Raises:
        StepFailed: when something is missing and this process may not install it.
    """
    missing = tuple(need.package for need in needs if not need.is_there())
    if not missing:
        return
    # The file that NO_SERVER wrote stays, without a question.
    keep = ("-o", "Dpkg::Options::=--force-confold")
    install = ("apt-get", "install", "--yes", "--no-install-recommends", *keep, *missing)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise StepFailed(
            f"The tests need {', '.join(missing)}, missing on this machine. On Debian:\n"
            f"  sudo {' '.join(install)}\nElsewhere install the like, with the program on PATH."
        )
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    update = Command(("apt-get", "update"), steps.root, quiet)
    prepared = [Command(("sh", "-c", NO_SERVER), steps.root)] if "postgresql" in missing else []
    steps.once(
        "system",
        f"Install {', '.join(missing)}",
        key="",
        proof=[steps.folder / "never"],
        commands=lambda: [update, *prepared, Command(install, steps.root, quiet)],
        remedy="Can apt-get reach Debian's packages? Then run make again.",
    )
