"""Keep tests on this machine: a guard around what Python's sockets may reach."""

from __future__ import annotations

import ipaddress
import itertools
import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

ANYWHERE = {"", "localhost", "0.0.0.0", "::"}  # noqa: S104 (compared with, not bound)

# A Redis cluster's nodes talk at a port that is 10,000 higher, and that must be free as well.
_FIRST_PORT, _LAST_PORT, _WORKERS = 11_000, 21_000, 8
_PORTS_EACH = (_LAST_PORT - _FIRST_PORT) // _WORKERS


class NetworkRefused(Exception):
    """A test tried to leave this machine."""


class Isolation:
    """Refuses to connect or look up beyond this machine, and remembers what was asked for."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand before the sockets until *patch* is undone."""

        def connects(original: Callable[..., object]) -> Callable[..., object]:
            def call(opened: socket.socket, *arguments: object) -> object:
                self.check(_host(arguments[-1]))
                return original(opened, *arguments)

            return call

        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, connects(getattr(socket.socket, name)))
        original = socket.getaddrinfo

        def look_up(host: object, *arguments: object, **options: object) -> object:
            self.check(host)
            return original(host, *arguments, **options)  # type: ignore[arg-type] # handed on

        patch.setattr(socket, "getaddrinfo", look_up)

    def check(self, host: object) -> None:
        """Raise :class:`NetworkRefused` unless *host* is this machine."""
        if not is_loopback(host):
            self.refused.append(str(host))
            raise NetworkRefused(f"a test may not reach {host!r}: fake it, or use loopback")


def is_loopback(host: object) -> bool:
    """Return whether *host*, a name or an address, is this machine; ``None`` is."""
    if host is None:
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in ANYWHERE or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.split("%", 1)[0]).is_loopback
    except ValueError:
        return False


def free_ports(count: int) -> int:
    """Return the first of *count* loopback ports in a row that are free now.

    Each is handed out once, until all were. They lie below those that the system hands out by
    itself, so that no connection takes one meanwhile; each worker of a parallel run has its own.
    """
    while True:
        taken = [next(_PORTS) for _ in range(count)]
        if taken[-1] - taken[0] == count - 1 and all(map(_is_free, taken)):
            return taken[0]


def _ports() -> Iterator[int]:
    """Yield ports for ever, in order, from somewhere in this worker's range."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    start = _FIRST_PORT + worker % _WORKERS * _PORTS_EACH
    # Another run on this machine shall not begin with the same one.
    skipped = os.getpid() * 97 % _PORTS_EACH
    for number in itertools.count(skipped):
        yield start + number % _PORTS_EACH


def _host(address: object) -> object:
    # Everything but a tuple is the address of a family that has no network: AF_UNIX.
    return address[0] if isinstance(address, tuple) else None


def _bind(port: int) -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        return int(listener.getsockname()[1])


def _is_free(port: int) -> bool:
    try:
        return _bind(port) == port
    except (OSError, OverflowError):
        return False


_PORTS = _ports()
