"""A tenant, an application registered in it, and a browser."""

from __future__ import annotations

from shutil import copy
from typing import TYPE_CHECKING

import pytest

from mainhub.simulator import TENANT_ID, Conduct, Deeds, orders_app
from mainhub.simulator.entra import entra_app
from mainhub.simulator.keys import SigningKeys
from simulator.served import address, listener, serving
from simulator.visitor import REGISTRATION, MovingClock, Visitor, new_browser

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from starlette.applications import Starlette


@pytest.fixture(scope="session")
def signing_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one key for all tenants, since making one takes longer than most tests."""
    folder = tmp_path_factory.mktemp("signing-key")
    SigningKeys.kept_in(folder)
    return folder / "signing-key.pem"


@pytest.fixture(scope="module")
def tenant_state(tmp_path_factory: pytest.TempPathFactory, signing_key: Path) -> Path:
    folder = tmp_path_factory.mktemp("entra")
    copy(signing_key, folder)
    return folder


@pytest.fixture(scope="module")
def tenant_clock() -> MovingClock:
    return MovingClock()


@pytest.fixture(scope="module")
def tenant_conduct(tenant_state: Path, tenant_clock: MovingClock) -> Conduct:
    return Conduct(tenant_state / "conduct.json", clock=tenant_clock)


@pytest.fixture
def conduct(tenant_conduct: Conduct) -> Iterator[Conduct]:
    """Return how the tenant behaves: normally, at the beginning of every test."""
    yield tenant_conduct
    tenant_conduct.forget()


@pytest.fixture(scope="module")
def entra(tenant_state: Path, tenant_clock: MovingClock) -> tuple[Starlette, socket.socket]:
    """Return one tenant for all tests of a file, and what it will be served on."""
    opened = listener()
    app = entra_app(
        base_url=address(opened),
        state=tenant_state,
        registration=REGISTRATION,
        clock=tenant_clock,
    )
    return app, opened


@pytest.fixture
def deeds(entra: tuple[Starlette, socket.socket]) -> Deeds:
    """Return what can be done to the tenant."""
    found: Deeds = entra[0].state.deeds
    return found


@pytest.fixture(scope="module")
async def entra_url(entra: tuple[Starlette, socket.socket]) -> AsyncIterator[str]:
    """Serve one tenant to all tests of a file; what tells them apart is their browsers."""
    app, opened = entra
    async with serving(app, opened):
        yield address(opened)


@pytest.fixture
def moving_clock(tenant_clock: MovingClock) -> MovingClock:
    """Return the tenant's clock, right at the beginning of every test."""
    tenant_clock.set_right()
    return tenant_clock


@pytest.fixture
async def visitor(entra_url: str, moving_clock: MovingClock) -> AsyncIterator[Visitor]:
    moving_clock.set_right()
    async with new_browser() as browser:
        yield Visitor(entra_url, browser)


@pytest.fixture
async def orders_url(entra_url: str, conduct: Conduct) -> AsyncIterator[str]:
    opened = listener()
    app = orders_app(
        issuer=f"{entra_url}/{TENANT_ID}/v2.0",
        audience=REGISTRATION.client_id,
        conduct=conduct,
    )
    async with serving(app, opened):
        yield address(opened)
