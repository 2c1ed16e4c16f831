"""Keep tests on this machine: a guard around what Python's sockets may reach."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

ANYWHERE = {"", "localhost", "0.0.0.0", "::"}  # noqa: S104 (compared with, not bound)


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
    """Return the first of *count* loopback ports in a row that are free now."""
    while True:
        first = _bind(0)
        if all(_is_free(port) for port in range(first + 1, first + count)):
            return first


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
