"""A Redis of the bench's own: in a temporary folder, on a free loopback port, gone afterwards."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from bench.harness.proof import ProofFailed

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["RedisServer"]

_PATIENCE: Final = 10.0
_LOOK_AGAIN: Final = 0.01


class RedisServer:
    """Runs while its block does; nothing is written to disk.

    Attributes:
        url: where it is.
    """

    def __init__(self) -> None:
        self.url = ""
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = Path()

    def __enter__(self) -> Self:
        # Debian's redis-tools has the server under its other name; called so, it is the server.
        program = shutil.which("redis-server") or shutil.which("redis-check-rdb")
        if program is None:
            raise ProofFailed("redis-server is missing; on Debian: apt-get install redis-tools")
        self._folder = Path(tempfile.mkdtemp(prefix="mainhub-bench-redis-"))
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self._port}/0"
        place = ["--port", str(self._port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        self._process = subprocess.Popen(
            ["redis-server", *place, "--save", "", "--appendonly", "no"],
            executable=program,
            stdout=subprocess.DEVNULL,
        )
        try:
            self._wait()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self) -> None:
        """Wait until it answers."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self._port), timeout=1.0) as opened,
            ):
                opened.sendall(b"PING\r\n")
                if opened.recv(64).startswith(b"+PONG"):
                    return
            time.sleep(_LOOK_AGAIN)
        raise ProofFailed(f"redis-server does not answer on port {self._port}")
