from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gateway.served import ServedGateway

pytestmark = pytest.mark.anyio


async def test_relays_a_call_with_the_persons_own_token(hub: ServedGateway) -> None:
    reply = await hub.call("/api/orders/v1/orders?status=late&status=")
    assert (reply.status, reply.complete) == (200, True)
    sent = hub.upstream.only
    assert sent.request_line == "GET /v1/orders?status=late&status= HTTP/1.1"
    assert sent.header("authorization") == "Bearer token-session-linus"
    assert sent.header("host") == hub.upstream.origin.removeprefix("http://")
