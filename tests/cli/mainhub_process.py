"""Running the command line as a person does: as a process of its own."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from queue import Empty, Queue
from urllib.parse import urlsplit

__all__ = ["HUB_DATABASES", "Outcome", "Running", "answers", "mainhub", "run", "wait_until"]

PATIENCE = 60.0
_LONGEST_USAGE = 6
# What is wrong and the remedy, or one line for each wrong setting.
_MOST_LINES = 3


class HubDatabases:
    """Where hubs that run as processes keep what they know: in their folder, or as told."""

    def __init__(self) -> None:
        self._fresh: Callable[[], str] | None = None
        self._of: dict[Path, str] = {}

    def serve(self, fresh: Callable[[], str]) -> None:
        """Give each folder a database of its own, made by *fresh*."""
        self._fresh = fresh

    def told(self, folder: Path) -> str | None:
        """Return which database a hub in *folder* is told to use; ``None``: its own file."""
        return None if self._fresh is None else self.url(folder)

    def environ(self, folder: Path) -> dict[str, str]:
        """Return the setting for a hub that runs in *folder*."""
        url = self.told(folder)
        return {} if url is None else {"MAINHUB_DATABASE__URL": url}

    def url(self, folder: Path) -> str:
        """Return where a hub in *folder*, `mainhub dev` say, keeps what it knows."""
        if self._fresh is None:
            return f"sqlite+aiosqlite:///{folder / '.mainhub' / 'mainhub.db'}"
        if folder not in self._of:
            self._of[folder] = self._fresh()
        return self._of[folder]


HUB_DATABASES = HubDatabases()


class Outcome:
    """How a command ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    def is_refusal(self) -> bool:
        """Exit code 2, and on standard error lines of MainHub's own and nothing else.

        Words that the command line itself does not know are told by its parser, in a frame below
        the usage; that is short, too.
        """
        lines = self.err.splitlines()
        if lines and lines[0].startswith("Usage: "):
            told = len(lines) <= _LONGEST_USAGE and "--help' for help" in lines[1]
        else:
            told = 1 <= len(lines) <= _MOST_LINES
            told = told and all(line.startswith("mainhub: ") for line in lines)
        return self.code == 2 and told


def run(*arguments: str, cwd: Path, environ: Mapping[str, str] | None = None) -> Outcome:
    """Run ``mainhub ARGUMENTS`` to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "mainhub", *arguments],
        cwd=cwd,
        env=_environ(environ),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


class Running:
    """A command that goes on; its lines can be waited for."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.seen: list[str] = []
        self._lines: Queue[str | None] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def line_with(self, text: str) -> str:
        """Return the first line, seen already or to come, that holds *text*."""
        for line in self.seen:
            if text in line:
                return line
        while True:
            try:
                new = self._lines.get(timeout=PATIENCE)
            except Empty:
                raise AssertionError(f"no line with {text!r} in:\n{self.told}") from None
            assert new is not None, f"ended without a line with {text!r}:\n{self.told}"
            if text in new:
                return new

    @property
    def told(self) -> str:
        """Everything that was printed so far."""
        return "\n".join(self.seen)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.seen.append(line.rstrip("\n"))
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)


@contextmanager
def mainhub(
    *arguments: str, cwd: Path, environ: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Start ``mainhub ARGUMENTS``; at the end it is stopped if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mainhub", *arguments],
        cwd=cwd,
        env=_environ({**HUB_DATABASES.environ(cwd), **(environ or {})}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    running = Running(process)
    try:
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdout is not None:
            process.stdout.close()


def answers(url: str) -> bool:
    """Return whether *url* (http, loopback) answers 200."""
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=5)
    try:
        connection.request("GET", address.path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def wait_until(condition: Callable[[], bool], *, what: str) -> None:
    """Wait for *condition* (a callable) to hold, looking again and again."""
    paused = threading.Event()
    for _ in range(int(PATIENCE / 0.05)):
        if condition():
            return
        paused.wait(0.05)
    raise AssertionError(f"never came: {what}")


def _environ(more: Mapping[str, str] | None) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MAINHUB_", "AZURE_", "DATABASE_URL", "REDIS_"))
    }
    # Wide, so that what is printed is not wrapped where a test reads it.
    return {**kept, "COLUMNS": "200", **(more or {})}
