"""Binding a port, with a sentence when it is taken."""

import errno
import socket

from mainhub.errors import Conflict, Invalid
from mainhub.settings import Address

__all__ = ["PortTaken", "bind"]


class PortTaken(Conflict):
    """Another program listens on the port already."""


def bind(address: Address) -> socket.socket:
    """Return a socket bound to *address*, not yet listening.

    Raises:
        PortTaken: somebody else has it.
        Invalid: this machine has no such address, or the port is reserved.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    # With the protocol named, asyncio sends small answers at once (TCP_NODELAY).
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address.host, address.port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"port {address.port} is in use on {address.host}",
                remedy="Stop the program that uses it, or choose another port "
                "(hub.listen; with mainhub dev: --port).",
            ) from error
        raise Invalid(
            f"cannot listen on {address}: {error.strerror}", remedy="Correct hub.listen."
        ) from error
    return listening
