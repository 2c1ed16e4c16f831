"""The simulated Entra ID and a hub that has no secret: a certificate, or what a cluster signs."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from mainhub.health import State
from mainhub.simulator import TENANT_ID, FederatedCredential
from signin.browser import OWN_PAGE, opened
from signin.client_certificates import made, rsa_key
from signin.entra_world import LINUS, entra_world
from signin.hostile_provider import CLIENT_ID

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from io import StringIO
    from pathlib import Path

    from mainhub.health import Finding
    from signin.browser import Browser
    from signin.entra_world import EntraWorld
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

CLUSTER = "https://cluster.example"
SUBJECT = "system:serviceaccount:mainhub:hub"
API = f"api://{CLIENT_ID}/access_as_user"


def world_with(
    state: Path, clock: MovingClock, registered: Mapping[str, Any], **settings: Any
) -> Any:  # noqa: ANN401 - a context
    return entra_world(
        state,
        clock=clock,
        registered=registered,
        client_secret=None,
        **settings,
    )


async def finding(world: EntraWorld) -> Finding:
    report = await world.hub.parts.checks.fresh()
    (found,) = [one for one in report.results if one.check.name == "identity-entra"]
    result: Finding = found.finding
    return result


async def token(world: EntraWorld, browser: Browser) -> str:
    cookie = browser.cookies(world.hub.url)["mainhub"]
    granted = await world.hub.parts.grants.token_for(cookie, (API,), force_refresh=True)
    return str(granted.value)


async def test_a_certificate_signs_people_in_renews_and_signs_out(
    tmp_path: Path, clock: MovingClock, browser: Browser, log_lines: StringIO
) -> None:
    one = made()
    settings = {"client_certificate": one.certificate, "client_key": one.key}
    async with world_with(
        tmp_path, clock, {"certificates": (one.certificate,)}, **settings
    ) as world:
        assert (await world.sign_in(browser)).status == 303
        assert (await world.session(browser)).status == 200
        assert await token(world, browser) != await token(world, browser)
        grants = world.hub.parts.grants
        assert (await grants.for_application("entra", (f"api://{CLIENT_ID}/.default",))).value
        assert (await finding(world)).state is State.FINE
        told = await browser.post(f"{world.hub.url}/auth/logout", headers=OWN_PAGE)
        assert told.status == 200
        everything = "\n".join(answer.everything for answer in browser.journal)
        assert "client_assertion" not in everything + log_lines.getvalue()


async def test_people_of_several_tenants_sign_in_by_it(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    one = made()
    settings = {"client_certificate": one.certificate + one.key, "tenants": [TENANT_ID]}
    registered = {"certificates": (one.certificate,)}
    async with world_with(tmp_path, clock, registered, realm="organizations", **settings) as world:
        assert (await world.sign_in(browser)).status == 303


async def test_a_certificate_that_is_not_registered_proves_nothing(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    one, other = made(), made(rsa_key(2048, 1))
    registered = {"certificates": (other.certificate,)}
    settings = {"client_certificate": one.certificate + one.key}
    async with world_with(tmp_path, clock, registered, **settings) as world:
        done = await world.sign_in(browser)
        assert done.status == 403
        assert "AADSTS700027" in done.text
        assert (await world.session(browser)).status == 401


async def test_a_certificate_that_has_ended_degrades_health(
    tmp_path: Path, clock: MovingClock
) -> None:
    one = made(lasts=timedelta(days=33))
    registered = {"certificates": (one.certificate,)}
    settings = {"client_certificate": one.certificate + one.key}
    async with world_with(tmp_path, clock, registered, **settings) as world:
        assert (await finding(world)).remedy is None
        clock.move(timedelta(days=30))
        soon = await finding(world)
        assert soon.state is State.FINE
        assert "The hub's client certificate ends on 2" in (soon.detail or "")
        assert soon.remedy
        clock.move(timedelta(days=3))
        found = await finding(world)
        assert found.state is State.DEGRADED
        assert "has ended" in (found.detail or "")
        assert found.remedy


class Cluster:
    """Writes assertions for the hub into a file, as a cluster does for a workload."""

    def __init__(self, path: Path, clock: MovingClock) -> None:
        self.path = path
        self.clock = clock
        self.keys = [RSAKey.generate_key(2048, {"kid": f"cluster-{one}"}) for one in range(2)]

    @property
    def registered(self) -> dict[str, object]:
        public = {"keys": [key.as_dict(private=False) for key in self.keys]}
        return {"federated": (FederatedCredential(issuer=CLUSTER, subject=SUBJECT, keys=public),)}

    def write(self, turn: int = 0, **changes: object) -> None:
        now = int(self.clock.now().timestamp())
        claims: dict[str, Any] = {"iss": CLUSTER, "sub": SUBJECT}
        claims |= {"aud": "api://AzureADTokenExchange"}
        claims |= {"iat": now, "exp": now + 3600, "turn": turn} | changes
        key = self.keys[turn % 2]
        text = jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)
        # As the kubelet does: whoever reads sees one or the other.
        fresh = self.path.with_suffix(".new")
        fresh.write_text(text, encoding="ascii")
        fresh.replace(self.path)


@asynccontextmanager
async def cluster_world(
    state: Path, clock: MovingClock
) -> AsyncIterator[tuple[EntraWorld, Cluster]]:
    cluster = Cluster(state / "token", clock)
    cluster.write()
    settings = {"client_assertion_path": str(cluster.path)}
    async with world_with(state, clock, cluster.registered, **settings) as world:
        yield world, cluster


async def test_a_file_that_is_replaced_goes_on_to_prove_it(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    async with cluster_world(tmp_path, clock) as (world, cluster):
        assert (await world.sign_in(browser)).status == 303
        for turn in range(1, 4):
            clock.move(timedelta(minutes=8))
            cluster.write(turn)
            assert await token(world, browser)
        assert (await finding(world)).state is State.FINE


async def test_while_the_file_is_away_sessions_go_on_and_health_says_so(
    tmp_path: Path, clock: MovingClock, browser: Browser, log_lines: StringIO
) -> None:
    async with cluster_world(tmp_path, clock) as (world, cluster):
        assert (await world.sign_in(browser)).status == 303
        cluster.path.unlink()
        async with opened() as other:
            done = await world.sign_in(other)
            assert done.status == 503
            assert str(tmp_path) not in done.everything
            assert "Traceback" not in done.everything + log_lines.getvalue()
            assert "signin.no_proof" in log_lines.getvalue()
        assert (await world.session(browser)).status == 200
        found = await finding(world)
        assert found.state is State.DEGRADED
        assert "cannot be read (No such file or directory)" in (found.detail or "")
        cluster.write(1)
        assert await token(world, browser)
        assert (await finding(world)).state is State.FINE


@pytest.mark.parametrize(
    ("changes", "number"),
    [({"exp": 1}, "700024"), ({"sub": "another"}, "70021"), ({"aud": "another"}, "70021")],
)
async def test_an_assertion_that_is_not_for_the_hub_proves_nothing(
    tmp_path: Path, clock: MovingClock, browser: Browser, changes: dict[str, Any], number: str
) -> None:
    async with cluster_world(tmp_path, clock) as (world, cluster):
        cluster.write(**changes)
        done = await world.sign_in(browser)
        assert done.status == 403
        assert f"AADSTS{number}" in done.text
        assert cluster.path.read_text() not in done.everything


async def test_an_assertion_of_a_stranger_proves_nothing(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    async with cluster_world(tmp_path, clock) as (world, cluster):
        cluster.keys = [RSAKey.generate_key(2048, {"kid": "cluster-0"})]
        cluster.write()
        assert (await world.sign_in(browser)).status == 403
        assert (await world.session(browser)).status == 401


async def test_a_pushed_request_is_proved_as_well(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    one = made()
    settings = {"client_certificate": one.certificate + one.key}
    registered = {"certificates": (one.certificate,)}
    async with world_with(tmp_path, clock, registered, realm="op", **settings) as world:
        start = await world.begin(browser)
        assert set(start.query) == {"client_id", "request_uri"}
        done = await browser.get(await world.arrive(browser, LINUS, start))
        assert done.status == 303
        # The name is good for one browser's way.
        again = await browser.get(start.location)
        assert again.status == 400
