"""Several private Redis that belong together: a master that Sentinels watch, and a cluster."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import TYPE_CHECKING

from house.isolation import free_ports
from redis_server.server import PrivateRedis

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MASTER_NAME", "PrivateCluster", "PrivateSentinels"]

MASTER_NAME = "main.hub"
_PATIENCE = 30.0
_LOOK_AGAIN = 0.01
_PORTS_TRIED = 5
_SLOTS = 16384
# The bus of a cluster is 10,000 above each port.
_LAST_PORT = 65535 - 10000


class PrivateSentinels:
    """A master, a replica, and three Sentinels that give a master up after half a second.

    Args:
        kind: which version all of them are.
        password: what master and replica ask for.
        sentinel_password: what the Sentinels ask for.
    """

    def __init__(self, kind: str, *, password: str, sentinel_password: str | None = None) -> None:
        self.password = password
        auth = (f"masterauth {password}",)
        # A replica asks for a copy without waiting for others to ask as well.
        at_once = ("repl-diskless-sync-delay 0",)
        self.master = PrivateRedis(kind, password=password, lines=(*auth, *at_once))
        self.servers = [self.master]
        self.sentinels: list[PrivateRedis] = []
        try:
            self.master.start()
            followed = f"replicaof 127.0.0.1 {self.master.port}"
            self.replica = PrivateRedis(kind, password=password, lines=(*auth, *at_once, followed))
            self.servers.append(self.replica)
            self.replica.start()
            _until(lambda: "master_link_status:up" in self.replica.replication())
            self._watch(kind, sentinel_password)
        except BaseException:
            self.remove()
            raise

    @property
    def url(self) -> str:
        """Where they are, as the hub takes it, without the Sentinels' password."""
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://:{self.password}@{hosts}/{MASTER_NAME}"

    @property
    def environment(self) -> dict[str, str]:
        """The same in the names of other software."""
        nodes = [{"host": "127.0.0.1", "port": sentinel.port} for sentinel in self.sentinels]
        return {
            "REDIS_SENTINELS": json.dumps(nodes),
            "REDIS_MASTER_NAME": MASTER_NAME,
            "REDIS_PASSWORD": self.password,
        }

    def remove(self) -> None:
        """Stop all of them, and leave nothing behind."""
        for server in (*self.sentinels, *self.servers):
            server.remove()

    def _watch(self, kind: str, password: str | None) -> None:
        told = (
            f"sentinel monitor {MASTER_NAME} 127.0.0.1 {self.master.port} 2",
            f"sentinel auth-pass {MASTER_NAME} {self.password}",
            f"sentinel down-after-milliseconds {MASTER_NAME} 500",
            f"sentinel failover-timeout {MASTER_NAME} 1000",
            *((f"sentinel sentinel-pass {password}",) if password else ()),
        )
        for _ in range(3):
            made = PrivateRedis(kind, sentinel=True, lines=told, password=password)
            self.sentinels.append(made)
            made.start()
        # Each must know the others and the replica, or there is nobody to agree with or promote.
        for sentinel in self.sentinels:
            _until(partial(_knows_all, sentinel))


class PrivateCluster:
    """Three masters without replicas, which serve what they hold though one of them is away."""

    def __init__(self, kind: str) -> None:
        self.nodes: list[PrivateRedis] = []
        lines = (
            "cluster-enabled yes",
            "cluster-node-timeout 1000",
            "cluster-require-full-coverage no",
        )
        try:
            for _ in range(3):
                self.nodes.append(_started(kind, lines))
            self._join()
        except BaseException:
            self.remove()
            raise

    @property
    def url(self) -> str:
        """Where it is, as the hub takes it."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"redis+cluster://{hosts}"

    def remove(self) -> None:
        """Stop all of it, and leave nothing behind."""
        for node in self.nodes:
            node.remove()

    def _join(self) -> None:
        share = _SLOTS // len(self.nodes) + 1
        for number, node in enumerate(self.nodes):
            slots = range(number * share, min((number + 1) * share, _SLOTS))
            assert node.run("CLUSTER", "ADDSLOTS", *map(str, slots)) == "+OK"
            assert node.run("CLUSTER", "SET-CONFIG-EPOCH", str(number + 1)) == "+OK"
        first, *others = self.nodes
        for node in others:
            assert first.run("CLUSTER", "MEET", "127.0.0.1", str(node.port)) == "+OK"
        for node in self.nodes:
            _until(partial(_agrees, node, len(self.nodes)))


def _started(kind: str, lines: tuple[str, ...]) -> PrivateRedis:
    """Return a running node; it needs two ports, and anybody may have taken one meanwhile."""
    for left in reversed(range(_PORTS_TRIED)):
        made = PrivateRedis(kind, lines=lines, port=_low_port())
        try:
            return made.start()
        except AssertionError as error:
            made.remove()
            if not left or "already in use" not in str(error):
                raise
    raise AssertionError


def _knows_all(sentinel: PrivateRedis) -> bool:
    return "slaves=1,sentinels=3" in sentinel.run("INFO", "sentinel")


def _agrees(node: PrivateRedis, count: int) -> bool:
    told = node.run("CLUSTER", "INFO")
    return "cluster_state:ok" in told and f"cluster_size:{count}" in told


def _low_port() -> int:
    while True:
        port = free_ports(1)
        if port <= _LAST_PORT:
            return port


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < end, "the servers do not find each other"
        time.sleep(_LOOK_AGAIN)
