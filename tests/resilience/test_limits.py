"""Limits as they are given, and as they are told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mainhub.resilience import Admission, Limit, RateLimited, RateLimiter, limit_headers

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"limit": 0}, "write 1 or more"),
        ({"limit": 1.5}, "write a whole number"),
        ({"limit": True}, "write a whole number"),
        ({"period": timedelta()}, "write more than zero"),
        ({"period": timedelta(seconds=-1)}, "write more than zero"),
        ({"period": 60}, r"write timedelta\(seconds=60\)"),
        ({"burst": 0}, "write 1 or more"),
        ({"block_for": timedelta()}, "write more than zero"),
        ({"period": timedelta(days=500)}, "400 days at most"),
        ({"limit": 10_000_000, "period": timedelta(seconds=1)}, "a second at most"),
        ({"name": 'x"; r=1'}, "letters, digits"),
    ],
)
def test_says_what_to_write_instead(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises((ValueError, TypeError), match=told):
        Limit(**wrong)


def test_a_limiter_takes_a_limit() -> None:
    with pytest.raises(TypeError, match=r"write Limit\(100\)"):
        RateLimiter(100)  # type: ignore[arg-type]


async def test_a_refusal_says_until_when() -> None:
    limiter = RateLimiter(Limit(1, timedelta(days=1), name="exports"))
    await limiter.require("ada")
    with pytest.raises(RateLimited, match="more than 1 in 86400 s") as caught:
        await limiter.require("ada")
    assert caught.value.reason == "rate_limited"
    assert caught.value.retry_after == pytest.approx(86400, abs=5)
    admission = caught.value.admission
    assert isinstance(admission, Admission)
    assert dict(limit_headers(admission))["RateLimit-Policy"] == '"exports";q=1;w=86400'


def test_headers_round_up() -> None:
    limit = Limit(100, timedelta(seconds=60))
    passed = limit_headers(Admission(True, limit, 42, 10.2, 0.0))  # noqa: FBT003
    assert passed == [
        ("RateLimit-Policy", '"default";q=100;w=60'),
        ("RateLimit", '"default";r=42;t=11'),
    ]
    refused = limit_headers(Admission(False, limit, 0, 60.0, 0.01))  # noqa: FBT003
    assert refused[-1] == ("Retry-After", "1")


@pytest.mark.parametrize(("nodes", "share"), [(0, 100), (1, 100), (3, 33), (1000, 1)])
def test_a_share_is_never_nothing(nodes: int, share: int) -> None:
    found = Limit().share(nodes)
    assert (found.limit, found.at_once) == (share, share)
