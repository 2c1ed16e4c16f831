from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from mainhub.simulator import TENANT_ID
from mainhub.simulator.grants import Grants
from mainhub.simulator.sso import SsoSessions
from mainhub.simulator.state import State, digest
from simulator.served import address, listener
from simulator.visitor import LINUS, REGISTRATION, Visitor, new_browser

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

TENANT = """
import sys
from pathlib import Path
import uvicorn
from mainhub.simulator import Registration, entra_app
descriptor, base_url, state, client_id, secret, callback = sys.argv[1:]
registration = Registration(
    client_id=client_id, client_secret=secret, redirect_uris=(callback,)
)
app = entra_app(base_url=base_url, state=Path(state), registration=registration)
uvicorn.run(app, fd=int(descriptor), log_config=None)
"""


@contextmanager
def tenant(state: Path, opened: socket.socket) -> Iterator[None]:
    """Run the tenant in a process of its own, ended by SIGKILL."""
    arguments = [
        str(opened.fileno()),
        address(opened),
        str(state),
        REGISTRATION.client_id,
        REGISTRATION.client_secret,
        REGISTRATION.redirect_uris[0],
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", TENANT, *arguments], pass_fds=[opened.fileno()]
    )
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(timeout=10) == -signal.SIGKILL


@pytest.mark.anyio
async def test_sigkill_loses_no_sign_in_no_token_and_no_key(tenant_state: Path) -> None:
    with listener() as opened:
        async with new_browser() as browser:
            visitor = Visitor(address(opened), browser)
            with tenant(tenant_state, opened):
                page = await visitor.authorize(prompt="login")
                tokens = await visitor.tokens(LINUS)
                _, newer = await visitor.refresh(tokens["refresh_token"])
                code = (await visitor.authorize(prompt="none")).redirect["code"]
            with tenant(tenant_state, opened):
                before = await visitor.claims(tokens["id_token"])
                silent = await visitor.authorize(prompt="none")
                assert silent.redirect["session_state"] == before["sid"]
                assert (await visitor.redeem(code))[0] == 200
                status, refreshed = await visitor.refresh(newer["refresh_token"])
                assert status == 200
                assert (await visitor.claims(refreshed["id_token"]))["sub"] == before["sub"]
                assert (await visitor.refresh(newer["refresh_token"]))[0] == 400
                assert (await visitor.pick(page, LINUS)).status == 303, "open pages go on"


@pytest.mark.anyio
async def test_what_is_kept_opens_nothing(visitor: Visitor, tenant_state: Path) -> None:
    tokens = await visitor.tokens(LINUS)
    code = (await visitor.authorize(prompt="none")).redirect["code"]
    cookies = [cookie.value for cookie in visitor.browser.cookie_jar]
    kept = what_is_kept(tenant_state)
    for bearer in (tokens["refresh_token"], tokens["access_token"], code, *cookies):
        assert bearer.encode() not in kept


def what_is_kept(folder: Path) -> bytes:
    """Return all bytes of *folder*, and check that they are for their owner only."""
    for path in (folder, *folder.iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path.name
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_a_failed_change_is_undone(tmp_path: Path) -> None:
    state = State(tmp_path)

    def fail() -> None:
        with state.transaction() as connection:
            connection.execute("insert into secret values ('name', x'00')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert len(state.secret("name")) == 32
    kept = state.secret("name")
    state.close()
    assert state.secret("name") == kept
    state.close()


def test_what_an_older_version_kept_is_still_good(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "tenant.sqlite3") as old:
        old.executescript(
            "create table sso_session (browser text not null, oid text not null,"
            " sid text not null unique, signed_in_at integer not null,"
            " expires_at integer not null, primary key (browser, oid));"
            "create table code (hash text primary key, family text not null,"
            " client_id text not null, redirect_uri text not null, challenge text not null,"
            " oid text not null, sid text not null, scope text not null, nonce text,"
            " expires_at integer not null, used_at integer);"
            "create table refresh_token (hash text primary key, family text not null,"
            " client_id text not null, oid text not null, sid text not null,"
            " scope text not null, expires_at integer not null, used_at integer);"
        )
        old.execute(
            "insert into refresh_token values (?, 'f', 'c', 'o', 's', 'openid', 9, null)",
            (digest("a token"),),
        )
        old.execute("insert into sso_session values (?, 'o', 's', 5, 9)", (digest("a browser"),))
    old.close()
    state = State(tmp_path)
    found = Grants(state).refresh_token("a token")
    assert found is not None
    assert (found[0].realm, found[0].contexts) == (TENANT_ID, ())
    (session,) = SsoSessions(state).of("a browser", now=6)
    assert (session.contexts, session.authenticated_at) == (frozenset(), 5)
    state.close()
