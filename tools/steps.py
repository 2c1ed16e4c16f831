"""Steps that are taken once for each content of their inputs, and say how long they took.

Stamps and logs live in ``.make/``. A step is stamped only after it has succeeded, so an
interrupted one is taken again by the next run.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

LINES_SHOWN = 25
TITLE_WIDTH = 52


class StepFailed(Exception):
    """A step cannot be done; the text says why and what to do."""


@dataclass(frozen=True)
class Command:
    """A program to run in *folder*, with *environ* added to this process's environment."""

    arguments: tuple[str, ...]
    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """Return the whole environment: registry settings of pip and npm pass through."""
        return {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **self.environ}


class Steps:
    """Takes steps for the working copy in *root* and tells *out* about the slow ones."""

    def __init__(self, root: Path, out: TextIO = sys.stdout) -> None:
        self.root = root
        self.folder = root / ".make"
        self._out = out

    def once(
        self,
        name: str,
        title: str,
        *,
        key: str,
        proof: Iterable[Path],
        commands: Callable[[], Sequence[Command]],
        remedy: str,
    ) -> None:
        """Run *commands* unless they ran for this *key* before and all of *proof* still exists.

        Raises:
            StepFailed: with the last lines of the output and *remedy*.
        """
        stamp = self.folder / f"{name}.stamp"
        if self._is_stamped(stamp, key) and all(path.exists() for path in proof):
            return
        self.folder.mkdir(exist_ok=True)
        stamp.unlink(missing_ok=True)
        with self.progress(title), (self.folder / f"{name}.log").open("wb") as log:
            for command in commands():
                if run(command, output=log) != 0:
                    raise StepFailed(explain(title, Path(log.name), remedy))
        fresh = stamp.with_suffix(".fresh")
        fresh.write_text(key)
        fresh.replace(stamp)

    @contextlib.contextmanager
    def progress(self, title: str) -> Iterator[None]:
        """Print *title* at once and, when the block has ended, the time it took."""
        print(f"  {title} ".ljust(TITLE_WIDTH, "."), end=" ", flush=True, file=self._out)
        started = time.monotonic()
        try:
            yield
        except BaseException:
            print("failed", flush=True, file=self._out)
            raise
        print(f"{time.monotonic() - started:.1f} s", flush=True, file=self._out)

    @staticmethod
    def _is_stamped(stamp: Path, key: str) -> bool:
        try:
            return stamp.read_text() == key
        except OSError:
            return False


def run(command: Command, *, output: TextIO | object) -> int:
    """Run *command* with both outputs in *output*; return its exit code, 127 if it is absent."""
    try:
        return subprocess.run(
            command.arguments,
            cwd=command.folder,
            env=command.environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,  # type: ignore[arg-type] # any object with a file number
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    except FileNotFoundError:
        return 127


def become(command: Command) -> NoReturn:
    """Let *command* take this process's place: its signals, its exit code, its last line."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.chdir(command.folder)
    os.execve(command.arguments[0], command.arguments, command.environment())


def explain(title: str, log: Path, remedy: str) -> str:
    """Return the message of a failed step: the end of its output, the log, the remedy."""
    lines = log.read_text(errors="replace").splitlines()[-LINES_SHOWN:]
    shown = "".join(f"    {line}\n" for line in lines)
    return f"{shown}{title} failed; the whole output is in {log}\n{remedy}"


def digest(*parts: Path | str) -> str:
    """Return the SHA-256 over *parts*: texts, and the contents of files (absent ones count too)."""
    total = hashlib.sha256()
    for part in parts:
        content = _content(part) if isinstance(part, Path) else part.encode()
        total.update(hashlib.sha256(content).digest())
    return total.hexdigest()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b"\0absent"
