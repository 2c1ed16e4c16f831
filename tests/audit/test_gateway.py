"""Refusals of the gateway reach the record."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from audit.people import all_of
from gateway.served import Grants
from mainhub.access import Need
from mainhub.audit import AuditLog, Refusals, Target
from mainhub.gateway import Declaration, FrontendCalls, Gateway, RouteTable, Service
from mainhub.gateway.upstream import AiohttpUpstream
from web.asgi_call import ask
from web.scripted_people import Scripted, signed_in

if TYPE_CHECKING:
    from sessions.moved_clock import MovedClock

pytestmark = pytest.mark.anyio


async def nobody() -> list[Declaration]:
    return []


async def test_who_may_not_call_a_service_is_on_the_record(
    audit: AuditLog, clock: MovedClock
) -> None:
    service = Service(
        name="orders",
        upstream="http://127.0.0.1:1",
        need=Need.any_of({"Editor", "Admin"}),
        scopes=(),
        connect_timeout=timedelta(seconds=1),
        response_timeout=timedelta(seconds=1),
        idle_timeout=timedelta(seconds=1),
        max_body=1,
    )
    gateway = Gateway(
        routes=RouteTable([service]),
        authenticator=Scripted(signed_in("Employee", name="Linus")),
        grants=Grants(),
        upstream=AiohttpUpstream(),
        frontends=FrontendCalls(nobody, allow_unnamed=True),
        own_origin="https://hub.example",
        on_refusal=Refusals(audit, clock).of_service,
    )
    answer = await ask(gateway, "/api/orders/v1/orders?token=s3cret")
    assert (answer.status, answer.problem_name) == (403, "missing-role")
    (found,) = await all_of(audit)
    assert (found.action, found.outcome) == ("access.refused", "refused")
    assert (found.person_name, found.address) == ("Linus", "192.0.2.1")
    assert found.target == Target("service", "orders")
    assert found.detail == "needs Admin or Editor"
