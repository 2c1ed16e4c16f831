from __future__ import annotations

import json

import pytest
from fastapi import FastAPI

from mainhub.health import Phase, Readiness
from mainhub.health.routes import router
from web.asgi_call import Answered, ask


async def probe(readiness: Readiness, path: str) -> Answered:
    app = FastAPI(openapi_url=None)
    app.include_router(router(readiness))
    return await ask(app, path)


def test_moves_on_and_never_back() -> None:
    readiness = Readiness()
    phases = [readiness.phase]
    for step in (readiness.ready, readiness.ready, readiness.drain, readiness.ready):
        step()
        phases.append(readiness.phase)
    assert phases == [
        Phase.STARTING,
        Phase.READY,
        Phase.READY,
        Phase.DRAINING,
        Phase.DRAINING,
    ]


def test_a_start_that_is_broken_off_never_becomes_ready() -> None:
    readiness = Readiness()
    readiness.drain()
    readiness.ready()
    assert readiness.phase is Phase.DRAINING


@pytest.mark.anyio
async def test_takes_requests_only_between_start_and_stop() -> None:
    readiness = Readiness()
    before = await probe(readiness, "/readyz")
    assert (before.status, before.problem_name) == (503, "starting")
    readiness.ready()
    ready = await probe(readiness, "/readyz")
    assert (ready.status, json.loads(ready.body)) == (200, {"status": "ready"})
    assert ready.header("content-type") == "application/json"
    readiness.drain()
    after = await probe(readiness, "/readyz")
    assert (after.status, after.problem_name) == (503, "draining")


@pytest.mark.anyio
async def test_a_process_is_alive_in_every_phase() -> None:
    readiness = Readiness()
    for step in (None, readiness.ready, readiness.drain):
        if step is not None:
            step()
        answer = await probe(readiness, "/livez")
        assert (answer.status, json.loads(answer.body)) == (200, {"status": "alive"})
