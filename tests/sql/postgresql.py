"""A private PostgreSQL: in a temporary folder, on a free loopback port, ended by its process id."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from house.isolation import free_ports

__all__ = ["PrivatePostgresql", "programs"]

ROLE = "mainhub"
PASSWORD = "s3cret-of-a-test"
INSTALL = "PostgreSQL is missing; install it: apt-get install postgresql"
_PATIENCE = 60.0


def programs() -> Path | None:
    """Return the folder of the newest server's programs, Debian's or one on PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(on_path).resolve().parent if on_path else None


class PrivatePostgresql:
    """A server of this test run's own; :meth:`start` and :meth:`stop` may be called again."""

    def __init__(self) -> None:
        found = programs()
        assert found, INSTALL
        self._programs = found
        # PostgreSQL refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="mainhub-postgresql-"))
        self.port = free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None
        if self._user:
            owner = pwd.getpwnam(self._user)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self._initialise()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        server = (
            *("setpriv", "--pdeathsig", "INT"),
            *(str(self._programs / "postgres"), "-D", str(self._data), "-p", str(self.port)),
            *("-k", str(self.folder), "-c", "listen_addresses=127.0.0.1"),
            # Its data is thrown away; that the hub waits for commits is seen on SQLite.
            *("-c", "fsync=off", "-c", "max_connections=60"),
        )
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                server, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **self._as_user()
            )
        ready = (str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port))
        end = time.monotonic() + _PATIENCE
        while subprocess.run(ready, check=False).returncode != 0:
            told = (self.folder / "log").read_text(errors="replace")
            assert self._process.poll() is None, f"PostgreSQL ended:\n{told}"
            assert time.monotonic() < end, f"PostgreSQL does not answer:\n{told}"

    def stop(self, number: int = signal.SIGINT) -> None:
        """End the server at once, its connections too."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(_PATIENCE)
            self._process = None

    def remove(self) -> None:
        """Stop, and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.folder)

    def url(self, database: str, *, role: str = ROLE, password: str = PASSWORD) -> str:
        """Return where *database* is, as the hub takes it."""
        return f"postgresql+asyncpg://{role}:{password}@127.0.0.1:{self.port}/{database}"

    def fresh(self) -> str:
        """Make an empty database, owned by the hub's role, and return its name."""
        name = f"test_{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name} OWNER {ROLE}")
        return name

    def run(self, *statements: str, database: str = "postgres") -> str:
        """Run *statements* as the server's owner; return what they answer."""
        place = ("-h", str(self.folder), "-p", str(self.port), "-U", "postgres", "-d", database)
        asked = [part for statement in statements for part in ("-c", statement)]
        done = subprocess.run(
            ("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *place, *asked),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _initialise(self) -> None:
        make = (str(self._programs / "initdb"), "-D", str(self._data), "-U", "postgres")
        options = ("-E", "UTF8", "--locale=C.UTF-8", "--auth-local=trust", "--no-sync")
        done = subprocess.run(
            (*make, *options, "--auth-host=scram-sha-256"),
            capture_output=True,
            text=True,
            check=False,
            **self._as_user(),
        )
        assert done.returncode == 0, done.stderr
        self.start()
        self.run(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")

    def _as_user(self) -> dict[str, Any]:
        if not self._user:
            return {}
        return {"user": self._user, "group": self._user, "extra_groups": [], "cwd": self.folder}
