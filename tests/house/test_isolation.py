from __future__ import annotations

import asyncio
import socket

import pytest

from house.isolation import Isolation, NetworkRefused, is_loopback

# Of a block that RFC 5737 keeps for documentation: nobody is there.
ELSEWHERE = "192.0.2.1"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", None])
def test_calls_this_machine_loopback(host: str | None) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", [ELSEWHERE, "example.org", "10.0.0.1", "localhost.example.org"])
def test_calls_nothing_else_loopback(host: str) -> None:
    assert not is_loopback(host)


def test_refuses_a_connection_that_leaves_this_machine(isolation: Isolation) -> None:
    with socket.socket() as outside, pytest.raises(NetworkRefused, match=ELSEWHERE):
        outside.connect((ELSEWHERE, 80))
    assert isolation.refused == [ELSEWHERE]
    isolation.refused.clear()


@pytest.mark.anyio
async def test_refuses_a_look_up_by_the_event_loop(isolation: Isolation) -> None:
    with pytest.raises(NetworkRefused, match=r"example\.org"):
        await asyncio.get_running_loop().getaddrinfo("example.org", 443)
    isolation.refused.clear()


def test_lets_loopback_pass(free_port: int) -> None:
    with (
        socket.create_server(("127.0.0.1", free_port)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername()[1] == free_port


def test_gives_three_free_ports_in_a_row(free_port: int) -> None:
    servers = [socket.create_server(("127.0.0.1", free_port + step)) for step in range(3)]
    for server in servers:
        server.close()
