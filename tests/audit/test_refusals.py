from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request

from audit.people import LINUS, all_of
from audit.test_log import away
from mainhub.audit import AuditLog, Entry, Refusals, Target
from mainhub.identity import MissingRole
from web.asgi_call import scope_of
from web.scripted_people import signed_in

if TYPE_CHECKING:
    from mainhub.storage import Database
    from sessions.moved_clock import MovedClock

pytestmark = pytest.mark.anyio
REFUSAL = MissingRole("x", needs=("Admin",))
MINUTE = timedelta(minutes=1)


@pytest.fixture
def refusals(audit: AuditLog, clock: MovedClock) -> Refusals:
    return Refusals(audit, clock)


async def test_records_who_was_refused_what(audit: AuditLog, refusals: Refusals) -> None:
    caller = signed_in("Employee", name="Linus")
    request = Request(scope_of("/hub/v1/audit?person=secret", method="GET"))
    await refusals(request, caller, REFUSAL)
    (found,) = await all_of(audit)
    assert (found.action, found.outcome) == ("access.refused", "refused")
    assert (found.person_name, found.address) == ("Linus", "192.0.2.1")
    assert found.target == Target("address", "GET /hub/v1/audit")
    assert found.detail == "needs Admin"
    assert found.right is None


async def test_the_gateway_and_the_shell_record_theirs(audit: AuditLog, refusals: Refusals) -> None:
    await refusals.of_service(LINUS, "203.0.113.7", "orders", REFUSAL)
    await refusals.of_page(LINUS, "203.0.113.7", "/admin", MissingRole("x", needs=()))
    service, page = await all_of(audit)
    assert service.target == Target("service", "orders")
    assert page.target == Target("page", "/admin")
    assert page.detail == "needs a right that nobody has"


async def test_the_same_is_recorded_once_a_minute_with_a_count(
    audit: AuditLog, refusals: Refusals, clock: MovedClock
) -> None:
    for _ in range(5):
        await refusals.of_service(LINUS, "203.0.113.7", "orders", REFUSAL)
    await refusals.flush()
    assert len(await all_of(audit)) == 1
    clock.move(MINUTE)
    await refusals.of_service(LINUS, "203.0.113.7", "orders", REFUSAL)
    details = [entry.detail for entry in await all_of(audit)]
    assert details == ["needs Admin", "4 more times within a minute; needs Admin", "needs Admin"]


async def test_housekeeping_writes_the_counts_without_another_refusal(
    audit: AuditLog, refusals: Refusals
) -> None:
    for _ in range(2):
        await refusals.of_service(LINUS, "203.0.113.7", "orders", REFUSAL)
    await refusals.flush(now=True)
    await refusals.flush(now=True)
    assert [entry.detail for entry in await all_of(audit)][1:] == [
        "once more within a minute; needs Admin"
    ]


async def test_ten_thousand_refusals_do_not_fill_the_table(
    audit: AuditLog, refusals: Refusals, clock: MovedClock
) -> None:
    for number in range(10_000):
        person = replace(LINUS, id=f"tid.{number % 500}")
        await refusals.of_page(person, "203.0.113.7", f"/{number}", REFUSAL)
    assert len(await all_of(audit)) == 120
    clock.move(MINUTE)
    await refusals.flush()
    last = (await all_of(audit))[-1]
    assert last.action == "audit.limited"
    assert last.detail == "9880 more refusals were not recorded one by one"
    assert len(await all_of(audit)) == 121


async def test_one_persons_noise_hides_nobody_else(audit: AuditLog, refusals: Refusals) -> None:
    for number in range(500):
        await refusals.of_page(LINUS, "203.0.113.7", f"/{number}", REFUSAL)
    stranger = Entry(action="signin.refused", outcome="refused", address="198.51.100.1")
    await refusals.note(stranger)
    found = await all_of(audit)
    assert len(found) == 31
    assert found[-1].address == "198.51.100.1"


async def test_repetitions_stay_within_the_bound_too(
    audit: AuditLog, refusals: Refusals, clock: MovedClock
) -> None:
    for _ in range(5):
        for number in range(240):
            person = replace(LINUS, id=f"tid.{number // 2}")
            await refusals.of_page(person, "203.0.113.7", f"/{number}", REFUSAL)
        clock.move(MINUTE)
    await refusals.flush()
    assert len(await all_of(audit)) <= 5 * 121 + 121


async def test_a_refusal_stands_when_it_cannot_be_recorded(
    refusals: Refusals, migrated: Database, clock: MovedClock
) -> None:
    await away(migrated)
    await asyncio.gather(
        *(refusals.of_page(LINUS, "203.0.113.7", f"/{n % 3}", REFUSAL) for n in range(9))
    )
    clock.move(MINUTE)
    await refusals.flush()
