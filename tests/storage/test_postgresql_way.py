"""The ways to a PostgreSQL: with TLS and without, by address and by socket."""

from __future__ import annotations

import os
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mainhub.storage import Database
from sql.postgresql import PrivatePostgresql
from storage.refusal import failing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("only_postgresql")]
ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


def certificate(*names: x509.GeneralName) -> tuple[bytes, bytes]:
    """Return a certificate that vouches for itself under *names*, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "made up")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    encoding = serialization.Encoding.PEM
    return made.public_bytes(encoding), key.private_bytes(encoding, *form)


def encrypt(server: PrivatePostgresql, *names: x509.GeneralName) -> Path:
    """Let *server* offer TLS under *names*; return the certificate to trust."""
    trusted, key = certificate(*names)
    for file, content in (("server.crt", trusted), ("server.key", key)):
        path = server.folder / file
        path.write_bytes(content)
        path.chmod(0o600)
        owner = server.folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
    server.run(f"ALTER SYSTEM SET ssl_cert_file = '{server.folder / 'server.crt'}'")
    server.run(f"ALTER SYSTEM SET ssl_key_file = '{server.folder / 'server.key'}'")
    server.run("ALTER SYSTEM SET ssl = on")
    server.stop()
    server.start()
    return server.folder / "server.crt"


@pytest.fixture(scope="module")
def encrypted() -> Iterator[tuple[PrivatePostgresql, Path]]:
    server = PrivatePostgresql()
    try:
        yield server, encrypt(server, x509.DNSName("db.example.com"))
    finally:
        server.remove()


async def uses_tls(url: str) -> bool:
    database = Database(url)
    try:
        async with database.read() as connection:
            return bool((await connection.exec_driver_sql(ENCRYPTED)).scalar_one())
    finally:
        await database.aclose()


@pytest.mark.parametrize(
    ("mode", "rooted", "encrypts"),
    [
        ("disable", False, False),
        ("disable", True, False),
        ("prefer", False, True),
        ("prefer", True, True),
        ("require", False, True),
        ("require", True, True),
        ("verify-ca", True, True),
        ("", True, True),
    ],
)
async def test_each_mode_means_what_it_means_to_libpq(
    encrypted: tuple[PrivatePostgresql, Path],
    mode: str,
    rooted: bool,  # noqa: FBT001 - a table
    encrypts: bool,  # noqa: FBT001 - a table
) -> None:
    server, root = encrypted
    query = "&".join(
        [*([f"sslmode={mode}"] if mode else []), *([f"sslrootcert={root}"] if rooted else [])]
    )
    assert await uses_tls(f"{server.url('postgres')}?{query}") is encrypts


@pytest.mark.parametrize(
    "query",
    [
        "sslmode=verify-full&sslrootcert=ROOT",  # trusted, but under another name
        "sslmode=verify-ca",  # not of an authority that this system knows
        "sslmode=verify-full",
        "sslrootcert=system",
    ],
)
async def test_a_server_that_is_not_who_it_should_be_is_not_given_the_password(
    encrypted: tuple[PrivatePostgresql, Path], query: str
) -> None:
    server, root = encrypted
    told = await failing(f"{server.url('postgres')}?{query.replace('ROOT', str(root))}")
    assert "TLS failed" in str(told)
    assert isinstance(told.__cause__, ssl.SSLError)


async def test_a_server_is_known_by_its_name_and_its_certificate(
    fragile: PrivatePostgresql,
) -> None:
    root = encrypt(fragile, x509.IPAddress(IPv4Address("127.0.0.1")))
    url = f"{fragile.url('postgres')}?sslmode=verify-full&sslrootcert={root}"
    assert await uses_tls(url)


async def test_a_server_that_insists_on_tls_is_told(fragile: PrivatePostgresql) -> None:
    encrypt(fragile, x509.DNSName("db.example.com"))
    rules = fragile.folder / "data" / "pg_hba.conf"
    rules.write_text("local all all trust\nhostssl all all all scram-sha-256\n")
    fragile.run("SELECT pg_reload_conf()")
    told = await failing(f"{fragile.url('postgres')}?sslmode=disable")
    assert "does not let mainhub in" in str(told)
    assert "sslmode" in str(told.remedy)
    assert await uses_tls(fragile.url("postgres"))


async def test_a_socket_is_found_in_both_forms(postgresql: PrivatePostgresql) -> None:
    folder, port = postgresql.folder, postgresql.port
    for url in (
        f"postgresql+asyncpg://mainhub@/postgres?host={folder}&port={port}",
        f"postgresql+asyncpg://mainhub@{quote(str(folder), safe='')}:{port}/postgres",
    ):
        database = Database(url)
        await database.probe()
        await database.aclose()
