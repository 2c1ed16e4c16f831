"""Which server to connect to: the one that is named, a master that Sentinels know, or a node."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from typing_extensions import override

from mainhub.settings import Address, RedisAddress
from mainhub.storage.redis.failures import FAILURES, RedisUnavailable, why

__all__ = ["Patience", "Place", "place_of", "tls_options"]

_CHECK_MASTER: Final = "Check the master's name in redis.url against the Sentinels'."


class Patience:
    """How long connecting and a command may take, in seconds as the driver counts them."""

    def __init__(self, connect: float, command: float) -> None:
        self.connect = connect
        self.command = command


class Place(ABC):
    """Where the server is; :attr:`current` is the one that was found ready."""

    def __init__(self) -> None:
        self.current: Address | None = None

    @abstractmethod
    async def find(self) -> Address:
        """Return where the server is now, or a node to try.

        Raises:
            RedisUnavailable: nobody knows.
        """

    def reject(self) -> None:  # noqa: B027  most have nothing to do
        """Take what :meth:`find` returned last for wrong; next time it looks elsewhere first."""

    @property
    def moves(self) -> bool:
        """Whether :meth:`find` may return another server though the one found still answers."""
        return False

    async def aclose(self) -> None:  # noqa: B027  likewise
        """Close what finding has opened."""


class _Server(Place):
    def __init__(self, address: Address) -> None:
        super().__init__()
        self._address = address

    @override
    async def find(self) -> Address:
        return self._address


class _Nodes(Place):
    """Nodes of a cluster, one after the other; any of them tells and publishes for all."""

    def __init__(self, nodes: tuple[Address, ...]) -> None:
        super().__init__()
        self._nodes = deque(nodes)

    @override
    async def find(self) -> Address:
        return self._nodes[0]

    @override
    def reject(self) -> None:
        self._nodes.rotate(-1)


class _Sentinels(Place):
    """The master that Sentinels know; they are asked in order, the last that knew it first."""

    def __init__(self, address: RedisAddress, patience: Patience) -> None:
        super().__init__()
        self._master = address.master_name or ""
        self._bound = patience.connect + patience.command
        self._sentinels = deque(
            (node, _sentinel(node, address, patience)) for node in address.nodes
        )

    @override
    async def find(self) -> Address:
        problem: RedisUnavailable | None = None
        unknown = False
        for _ in range(len(self._sentinels)):
            node, sentinel = self._sentinels[0]
            try:
                async with asyncio.timeout(self._bound):
                    found = await sentinel.execute_command(  # type: ignore[no-untyped-call]  # half typed
                        "SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._master
                    )
            except FAILURES as error:
                problem = why(error, f"the Sentinel {node}")
            else:
                if isinstance(found, list | tuple):
                    host, port = (part.decode() for part in found)
                    return Address(host, int(port))
                unknown = True
            self._sentinels.rotate(-1)
        if problem is None or unknown:
            raise RedisUnavailable(
                f"the Sentinels know no master {self._master}", remedy=_CHECK_MASTER
            )
        raise problem

    @override
    def reject(self) -> None:
        self._sentinels.rotate(-1)

    @property
    @override
    def moves(self) -> bool:
        return True

    @override
    async def aclose(self) -> None:
        for _, sentinel in self._sentinels:
            await sentinel.aclose()


def place_of(address: RedisAddress, patience: Patience) -> Place:
    """Return where the server of *address* is."""
    if address.kind == "sentinel":
        return _Sentinels(address, patience)
    if address.kind == "cluster":
        return _Nodes(address.nodes)
    return _Server(address.nodes[0])


def tls_options(address: RedisAddress) -> dict[str, str | bool]:
    """Return what the driver is told about TLS beyond that there is some: it verifies."""
    options: dict[str, str | bool] = {"ssl_cert_reqs": "required", "ssl_check_hostname": True}
    if address.ca_file is not None:
        options["ssl_ca_certs"] = address.ca_file
    return options if address.tls else {}


def _sentinel(node: Address, address: RedisAddress, patience: Patience) -> Redis:
    return Redis(
        host=node.host,
        port=node.port,
        username=address.sentinel_username,
        password=address.sentinel_password,
        socket_connect_timeout=patience.connect,
        socket_timeout=patience.command,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        driver_info=None,
        ssl=address.tls,
        **tls_options(address),  # type: ignore[arg-type]  # each has a type of its own
    )
