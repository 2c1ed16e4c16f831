from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mainhub.simulator.keys import SigningKeys
from mainhub.simulator.published_keys import KeysUnavailable, PublishedKeys
from simulator.served import address, listener, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.requests import Request

pytestmark = pytest.mark.anyio


@dataclass
class Issuer:
    """An issuer that misbehaves on request, and a stopwatch that moves when told to."""

    url: str
    keys: list[object]
    says: str = ""
    broken: Response | None = None
    asked: list[str] = field(default_factory=list)
    seconds: float = 1000.0

    async def answer(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        if self.broken is not None:
            return self.broken
        if request.url.path == "/keys":
            return JSONResponse({"keys": self.keys})
        return JSONResponse({"issuer": self.says or self.url, "jwks_uri": f"{self.url}/keys"})

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
async def issuer(signing_key: Path) -> AsyncIterator[Issuer]:
    opened = listener()
    listed = SigningKeys.kept_in(signing_key.parent).published(issuer="x")["keys"]
    assert isinstance(listed, list)
    issuer = Issuer(address(opened), listed)
    app = Starlette(routes=[Route("/{path:path}", issuer.answer)])
    async with serving(app, opened):
        yield issuer


@pytest.fixture
async def published_keys(issuer: Issuer) -> AsyncIterator[PublishedKeys]:
    async with aiohttp.ClientSession() as client:
        yield PublishedKeys(issuer.url, client, monotonic=issuer.monotonic)


@pytest.fixture
def kid(issuer: Issuer) -> str:
    (key,) = issuer.keys
    assert isinstance(key, dict)
    return str(key["kid"])


async def test_asks_once_and_remembers(
    issuer: Issuer, published_keys: PublishedKeys, kid: str
) -> None:
    for _ in range(5):
        assert await published_keys.find(kid) is not None
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]


async def test_a_flood_of_unknown_names_asks_once_in_thirty_seconds(
    issuer: Issuer, published_keys: PublishedKeys, kid: str
) -> None:
    await published_keys.find(kid)
    for number in range(50):
        assert await published_keys.find(f"unknown-{number}") is None
    assert len(issuer.asked) == 4
    issuer.seconds += 30
    for number in range(50):
        assert await published_keys.find(f"unknown-{number}") is None
    assert len(issuer.asked) == 6


async def test_a_new_key_is_found_without_a_restart(
    issuer: Issuer, published_keys: PublishedKeys, kid: str, tmp_path: Path
) -> None:
    await published_keys.find(kid)
    fresh = SigningKeys.kept_in(tmp_path).published(issuer="x")["keys"]
    assert isinstance(fresh, list)
    issuer.keys = [*issuer.keys, *fresh]
    assert await published_keys.find(fresh[0]["kid"]) is not None
    assert await published_keys.find(kid) is not None


async def test_while_the_issuer_is_down_the_last_answer_serves_for_a_day(
    issuer: Issuer, published_keys: PublishedKeys, kid: str
) -> None:
    await published_keys.find(kid)
    issuer.broken = Response(status_code=500)
    issuer.seconds += 23 * 3600
    assert await published_keys.find(kid) is not None
    issuer.seconds += 2 * 3600
    with pytest.raises(KeysUnavailable):
        await published_keys.find(kid)
    issuer.broken = None
    issuer.seconds += 30
    assert await published_keys.find(kid) is not None


@pytest.mark.parametrize(
    "broken",
    [
        Response(status_code=503),
        Response("no json"),
        Response("[]"),
        Response("{}"),
        Response("x" * 300_000),
        Response(status_code=302, headers={"Location": "/keys"}),
    ],
)
async def test_an_issuer_that_answers_nonsense_is_not_believed(
    issuer: Issuer, published_keys: PublishedKeys, kid: str, broken: Response
) -> None:
    issuer.broken = broken
    with pytest.raises(KeysUnavailable):
        await published_keys.find(kid)
    issuer.broken = None
    assert await published_keys.find(kid) is not None, "the first answer is not waited for"


async def test_a_document_of_another_issuer_is_not_believed(
    issuer: Issuer, published_keys: PublishedKeys, kid: str
) -> None:
    issuer.says = "https://evil.example"
    with pytest.raises(KeysUnavailable):
        await published_keys.find(kid)


@pytest.mark.parametrize("keys", [None, [None], [{"kty": "RSA", "kid": "x"}], [{"kty": "EC"}]])
async def test_keys_that_cannot_sign_are_not_taken(
    issuer: Issuer, published_keys: PublishedKeys, keys: list[object] | None
) -> None:
    issuer.keys = keys  # type: ignore[assignment] # what a broken issuer may send
    try:
        assert await published_keys.find("x") is None
    except KeysUnavailable:
        assert keys != [{"kty": "EC"}]
