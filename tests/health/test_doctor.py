"""Examinations: each by itself, bounded, and none the end of the others."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.errors import Unavailable
from mainhub.health import Diagnosis, Examination, Examined, Verdict, examine, worst

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio


async def fine() -> AsyncIterator[Diagnosis]:
    yield Diagnosis("all is well")


async def named() -> AsyncIterator[Diagnosis]:
    yield Diagnosis("it was there")
    raise Unavailable("it went away", remedy="look for it")


async def faulty() -> AsyncIterator[Diagnosis]:
    yield Diagnosis("it began")
    raise ZeroDivisionError("a secret")


async def hanging() -> AsyncIterator[Diagnosis]:
    yield Diagnosis("it began")
    await asyncio.Event().wait()


async def test_one_that_fails_disturbs_no_other_and_what_it_had_found_counts() -> None:
    told: list[Examined] = []
    looks = {"fine": fine, "named": named, "faulty": faulty, "hanging": hanging}
    soon = timedelta(milliseconds=50)
    results = await examine(
        [Examination(name, name, look, timeout=soon) for name, look in looks.items()],
        done=told.append,
    )
    assert [one.examination.name for one in results] == list(looks)
    assert sorted(one.examination.name for one in told) == sorted(looks)
    found = {one.examination.name: one for one in results}
    assert found["fine"].verdict is Verdict.FINE
    assert [one.verdict for one in found["named"].diagnoses] == [Verdict.FINE, Verdict.FAILED]
    assert found["named"].diagnoses[1].cause == "it went away"
    assert found["named"].diagnoses[1].remedy == "look for it"
    assert found["faulty"].diagnoses[1].cause == "ZeroDivisionError"
    assert "secret" not in repr(found["faulty"])
    assert found["hanging"].diagnoses[1].what == "It was not finished."


def test_the_worst_counts() -> None:
    assert worst([]) is Verdict.FINE
    assert worst([Verdict.FINE, Verdict.UNKNOWN]) is Verdict.UNKNOWN
    assert worst([Verdict.FAILED, Verdict.WARNING, Verdict.FINE]) is Verdict.FAILED
