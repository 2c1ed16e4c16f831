"""Two hubs of one company renew one session: one request to the provider, and nobody is out."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.composed_hub import PUBLIC, composed_hub
from app.renewing_world import SCOPES, RotatingIssuer, signed_in
from mainhub.sessions import EndReason, GrantRefused, GrantUnavailable
from signin.hostile_provider import hostile_app
from signin.served import listener
from simulator.served import address, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mainhub.app import Hub
    from mainhub.sessions import Session
    from redis_server.server import PrivateRedis
    from sql.postgresql import PrivatePostgresql

pytestmark = pytest.mark.anyio
SOON = 30.0
TESTS = Path(__file__).parents[1]


class Company:
    """A provider, what all hubs are told, and hubs in this process."""

    def __init__(self, issuer: RotatingIssuer, url: str, sections: dict[str, Any]) -> None:
        self.issuer = issuer
        self.url = url
        self.sections = sections
        self.hubs: list[Hub] = []

    def settings(self) -> dict[str, Any]:
        return {
            "hub": {"mode": "development", "secret_keys": ["k" * 43], "public_url": PUBLIC},
            "database": {"url": self.url},
            **self.sections,
        }

    @property
    def here(self) -> Any:  # noqa: ANN401 - what the tests look at behind the door
        return self.hubs[0]._parts

    @property
    def there(self) -> Any:  # noqa: ANN401 - likewise
        return self.hubs[1]._parts

    async def session(self) -> Session:
        return await signed_in(self.here.sessions, self.issuer)

    @asynccontextmanager
    async def process(
        self, session: Session, *, turn: float = 10
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """Start a hub in a process of its own."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(TESTS / "app" / "renewing_process.py")),
            env=os.environ | {"PYTHONPATH": str(TESTS)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stdin is not None
            told = {"settings": self.settings(), "session": session.id, "turn": turn}
            process.stdin.write(json.dumps(told).encode() + b"\n")
            while (line := await said(process)) != b"ready\n":
                assert line, "the process ended"
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def said(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    async with asyncio.timeout(SOON):
        return await process.stdout.readline()


def ask(process: asyncio.subprocess.Process, count: int) -> None:
    assert process.stdin is not None
    process.stdin.write(b"%d\n" % count)


async def answers(process: asyncio.subprocess.Process) -> dict[str, int]:
    while not (line := await said(process)).startswith(b"{"):
        assert line, "the process ended"
    found: dict[str, int] = json.loads(line)
    return found


@pytest.fixture(params=["postgresql", "redis", "redis-sessions"])
async def company(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    postgresql: PrivatePostgresql,
    redis_server: PrivateRedis,
) -> AsyncIterator[Company]:
    provider = listener()
    issuer = RotatingIssuer(address(provider), "it")
    sections: dict[str, Any] = {"identity": {"it": issuer.settings()}}
    if request.param != "postgresql":
        # On a busy machine two hundred calls at once may wait for longer than a hub would.
        patient = {"connect_timeout": "5s", "command_timeout": "5s"}
        sections["redis"] = {"url": redis_server.url, **patient}
    if request.param == "redis-sessions":
        sections["sessions"] = {"store": "redis"}
    url = postgresql.url(postgresql.fresh())
    made = Company(issuer, url, sections)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(hostile_app({"it": issuer}), provider))
        for _ in range(2):
            hub = composed_hub(tmp_path, database_url=url, sections=sections)
            await stack.enter_async_context(hub.running())
            made.hubs.append(hub)
        yield made
        issuer.gate.set()


async def test_a_hundred_calls_in_each_of_two_hubs_lead_to_one_grant(company: Company) -> None:
    session = await company.session()
    tokens = await asyncio.gather(
        *(
            parts.grants.token_for(session.id, SCOPES)
            for _ in range(100)
            for parts in (company.here, company.there)
        )
    )
    assert len({token.value for token in tokens}) == 1
    assert company.issuer.asked["token"] == 1
    assert company.issuer.refused == []
    for parts in (company.here, company.there):
        found = await parts.sessions.load(session.id)
        assert found is not None
        assert found.generation == session.generation + 1


async def test_a_hundred_calls_in_each_of_two_processes_lead_to_one_grant(
    company: Company,
) -> None:
    session = await company.session()
    async with company.process(session) as one, company.process(session) as other:
        ask(one, 100)
        ask(other, 100)
        first, second = await answers(one), await answers(other)
    assert first == second
    assert list(first.values()) == [100]
    assert company.issuer.asked["token"] == 1
    assert company.issuer.refused == []
    assert await company.here.sessions.load(session.id) is not None


async def test_forced_twice_at_once_is_one_grant(company: Company) -> None:
    session = await company.session()
    first = await company.here.grants.token_for(session.id, SCOPES)
    tokens = await asyncio.gather(
        *(
            parts.grants.token_for(session.id, SCOPES, force_refresh=True)
            for _ in range(20)
            for parts in (company.here, company.there)
        )
    )
    assert len({token.value for token in tokens} - {first.value}) == 1
    assert company.issuer.asked["token"] == 2
    assert company.issuer.refused == []


async def test_services_of_both_hubs_take_turns(company: Company) -> None:
    session = await company.session()
    tokens = await asyncio.gather(
        *(
            parts.grants.token_for(session.id, (f"api://{name}/use",))
            for name in "abc"
            for parts in (company.here, company.there)
        )
    )
    assert len({token.value for token in tokens}) == 3
    assert company.issuer.asked["token"] == 3
    assert company.issuer.refused == []


async def test_a_process_that_dies_while_it_renews_is_not_waited_for_long(
    company: Company,
) -> None:
    session = await company.session()
    company.issuer.gate.clear()
    async with company.process(session, turn=2) as dying:
        ask(dying, 3)
        async with asyncio.timeout(SOON):
            await company.issuer.waiting.wait()
        dying.kill()
        await dying.wait()
        waiting = asyncio.create_task(company.here.grants.token_for(session.id, SCOPES))
        company.issuer.gate.set()
        async with asyncio.timeout(SOON):
            token = await waiting
    assert token.value != "ending"
    assert company.issuer.asked["token"] == 1
    assert company.issuer.refused == []


async def test_a_provider_that_is_down_signs_nobody_out_in_either(company: Company) -> None:
    session = await company.session()
    company.issuer.down = True
    outcomes = await asyncio.gather(
        *(
            parts.grants.token_for(session.id, SCOPES)
            for _ in range(20)
            for parts in (company.here, company.there)
        ),
        return_exceptions=True,
    )
    assert {type(outcome) for outcome in outcomes} == {GrantUnavailable}
    assert await company.there.sessions.load(session.id) == session
    company.issuer.down = False
    # The other one is not made to wait for the first one's turn.
    assert (await company.there.grants.token_for(session.id, SCOPES)).value != "ending"


async def test_who_signs_out_in_one_stays_so_though_the_other_renews(company: Company) -> None:
    session = await company.session()
    company.issuer.gate.clear()
    callers = [
        asyncio.create_task(parts.grants.token_for(session.id, SCOPES))
        for parts in (company.here, company.there)
    ]
    async with asyncio.timeout(SOON):
        await company.issuer.waiting.wait()
    await company.there.sessions.revoke(session.id, reason=EndReason.SIGNED_OUT)
    company.issuer.gate.set()
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {GrantRefused}
    for parts in (company.here, company.there):
        assert await parts.sessions.load(session.id) is None
