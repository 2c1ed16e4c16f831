"""Redis behind Sentinels, in a cluster, and over TLS."""

from __future__ import annotations

import asyncio
import ipaddress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import redis.exceptions as driver
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from house.isolation import free_ports
from mainhub.settings import load
from mainhub.storage.redis import RedisConnections, RedisState
from redis_server.groups import PrivateCluster, PrivateSentinels
from redis_server.patient import patient
from redis_server.server import PrivateRedis

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.anyio

PASSWORD = "s3cret-of-a-test"
SENTINELS_PASSWORD = "s3cret-of-sentinels"
SOON = 30.0
LOOK_AGAIN = 0.005


async def soon(awaited: Awaitable[object]) -> None:
    async with asyncio.timeout(SOON):
        await awaited


@pytest.fixture
def sentinels(redis_kind: str) -> Iterator[PrivateSentinels]:
    made = PrivateSentinels(redis_kind, password=PASSWORD, sentinel_password=SENTINELS_PASSWORD)
    yield made
    made.remove()


@pytest.fixture
def open_sentinels(redis_kind: str) -> Iterator[PrivateSentinels]:
    made = PrivateSentinels(redis_kind, password=PASSWORD)
    yield made
    made.remove()


@pytest.fixture
def cluster(redis_kind: str) -> Iterator[PrivateCluster]:
    made = PrivateCluster(redis_kind)
    yield made
    made.remove()


@pytest.mark.parametrize("lose", ["freeze", "kill"])
async def test_the_master_that_sentinels_promote_is_used(
    sentinels: PrivateSentinels, lose: str
) -> None:
    url = f"{sentinels.url}?sentinel_password={SENTINELS_PASSWORD}"
    async with RedisConnections(url) as connections:
        await soon(connections.until(RedisState.READY))
        assert connections.server is not None
        assert connections.server.port == sentinels.master.port
        listener = connections.subscriber.pubsub(ignore_subscribe_messages=True)
        await listener.subscribe("news")
        await connections.commands.set("a", "b")
        assert await connections.commands.wait(1, 1000) == 1
        # One Sentinel that does not answer holds nothing up for long.
        sentinels.sentinels[0].freeze()
        getattr(sentinels.master, lose)()
        await soon(connections.until(RedisState.DOWN))
        await soon(connections.until(RedisState.READY))
        assert connections.server.port == sentinels.replica.port
        assert await connections.commands.get("a") == b"b"
        await connections.commands.set("a", "c")
        assert await _heard(connections, listener) == b"again"
        await listener.aclose()  # type: ignore[no-untyped-call]  # the driver is half typed


async def test_a_master_that_was_replaced_while_it_answers_is_left(
    open_sentinels: PrivateSentinels,
) -> None:
    sentinels = open_sentinels
    address = load(config=None, environ=sentinels.environment).settings.redis.address
    assert address is not None
    async with RedisConnections(address) as connections:
        await soon(connections.until(RedisState.READY))
        told = sentinels.sentinels[0].run("SENTINEL", "FAILOVER", "main.hub")
        assert told == "+OK"
        async with asyncio.timeout(SOON):
            while True:
                server = connections.server
                if connections.state == "ready" and server and server.port != sentinels.master.port:
                    break
                await asyncio.sleep(LOOK_AGAIN)
        await connections.commands.set("a", "b")
        assert sentinels.replica.run("GET", "a") == "b"


async def test_sentinels_that_do_not_know_or_do_not_answer_are_told(
    sentinels: PrivateSentinels,
) -> None:
    query = f"?sentinel_password={SENTINELS_PASSWORD}"
    for url, told in (
        (sentinels.url, "asks for a password"),
        (sentinels.url.replace("main.hub", "other") + query, "know no master other"),
    ):
        async with RedisConnections(url) as connections:
            await soon(connections.until(RedisState.DOWN))
            assert told in (connections.cause or "")
    for sentinel in sentinels.sentinels:
        sentinel.kill()
    async with RedisConnections(sentinels.url + query) as connections:
        await soon(connections.until(RedisState.DOWN))
        assert "refuses the connection" in (connections.cause or "")


async def test_a_cluster_takes_commands_for_all_of_its_nodes_and_tells_news(
    cluster: PrivateCluster,
) -> None:
    async with patient(cluster.url) as connections:
        await soon(connections.until(RedisState.READY))
        keys = [f"key-{number}" for number in range(300)]
        await asyncio.gather(*(connections.commands.set(key, key) for key in keys))
        assert [int(node.run("DBSIZE")[1:]) > 50 for node in cluster.nodes] == [True] * 3
        read = await asyncio.gather(*(connections.commands.get(key) for key in keys))
        assert read == [key.encode() for key in keys]

        listener = connections.subscriber.pubsub(ignore_subscribe_messages=True)
        await listener.subscribe("news")
        # Published at one node, heard at every other.
        assert await _heard(connections, listener) == b"again"
        await listener.aclose()  # type: ignore[no-untyped-call]  # the driver is half typed


async def test_a_cluster_serves_the_rest_when_the_node_that_is_listened_to_is_lost(
    cluster: PrivateCluster,
) -> None:
    seconds = timedelta(seconds=2)
    async with RedisConnections(
        cluster.url, connect_timeout=seconds, command_timeout=seconds
    ) as connections:
        await soon(connections.until(RedisState.READY))
        listener = connections.subscriber.pubsub(ignore_subscribe_messages=True)
        await listener.subscribe("news")
        server = connections.server
        lost = next(node for node in cluster.nodes if server and node.port == server.port)
        keys = [f"key-{number}" for number in range(60)]
        await asyncio.gather(*(connections.commands.set(key, key) for key in keys))
        lost.kill()
        await soon(connections.until(RedisState.DOWN))
        await soon(connections.until(RedisState.READY))
        assert connections.server != server
        assert await _heard(connections, listener) == b"again"
        async with asyncio.timeout(SOON):
            while True:
                read = await asyncio.gather(
                    *(connections.commands.get(key) for key in keys), return_exceptions=True
                )
                if sum(isinstance(value, bytes) for value in read) > len(keys) // 3:
                    break
                await asyncio.sleep(LOOK_AGAIN)
        await listener.aclose()  # type: ignore[no-untyped-call]  # the driver is half typed


async def test_tls_is_verified(tmp_path: Path) -> None:
    authority = _certify(tmp_path)
    port = free_ports(1)
    lines = (
        f"tls-port {port}",
        f"tls-cert-file {tmp_path / 'cert.pem'}",
        f"tls-key-file {tmp_path / 'key.pem'}",
        "tls-auth-clients no",
    )
    server = PrivateRedis(password=PASSWORD, lines=lines)
    try:
        server.start()
        trusted = f"rediss://:{PASSWORD}@127.0.0.1:{port}?ssl_ca_certs={authority}"
        # A handshake takes its time on a busy machine.
        seconds = timedelta(seconds=2)
        async with RedisConnections(
            trusted, connect_timeout=seconds, command_timeout=seconds
        ) as connections:
            await soon(connections.until(RedisState.READY))
            assert await connections.commands.set("a", "b")
            server.freeze()
            with pytest.raises(driver.RedisError):
                await connections.commands.get("a")
            await soon(connections.until(RedisState.DOWN))
            server.thaw()
            await soon(connections.until(RedisState.READY))
        for url, told in (
            (f"rediss://:{PASSWORD}@127.0.0.1:{port}", "is not trusted"),
            (trusted.replace("127.0.0.1", "localhost"), "is not trusted"),
            (f"rediss://:{PASSWORD}@127.0.0.1:{server.port}", "does not answer"),
            (f"redis://:{PASSWORD}@127.0.0.1:{port}", "broke the connection off"),
            (trusted.replace("authority", "absent"), "is not there"),
        ):
            async with RedisConnections(url, connect_timeout=seconds) as connections:
                await soon(connections.until(RedisState.DOWN))
                assert told in (connections.cause or "")
    finally:
        server.remove()


async def _heard(connections: RedisConnections, listener: object) -> object:
    """Publish until *listener* has heard, and return what."""
    heard = asyncio.create_task(_next(listener))
    async with asyncio.timeout(SOON):
        while not heard.done():
            # It may not have subscribed again yet, nor the bus of a cluster know that it has.
            await connections.publisher.publish("news", "again")
            await asyncio.sleep(LOOK_AGAIN)
    return await heard


async def _next(listener: object) -> object:
    while True:
        try:
            message = await listener.get_message(timeout=None)  # type: ignore[attr-defined]
        except driver.RedisError:
            await asyncio.sleep(LOOK_AGAIN)
        else:
            if message is not None:
                return message["data"]


def _certify(folder: Path) -> Path:
    """Write a certificate for 127.0.0.1, its key, and the authority that signed it."""
    now = datetime.now(UTC)
    signing, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of a test")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Redis of a test")])
    common = (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    root = (
        common.subject_name(issuer)
        .public_key(signing.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(signing, hashes.SHA256())
    )
    host = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    leaf = (
        common.subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .sign(signing, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(root.public_bytes(pem))
    (folder / "cert.pem").write_bytes(leaf.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "authority.pem"
