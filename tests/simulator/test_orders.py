from __future__ import annotations

import hmac
import json
import logging
from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from yarl import URL

from mainhub.simulator.keys import SigningKeys
from simulator.visitor import ADA, ALAN, GRACE, LINUS, REGISTRATION, Visitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio


class Service:
    """The orders service, asked with a token of one's choice."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.http = http

    async def ask(
        self, token: str | None, path: str = "/v1/orders", method: str = "GET", body: bytes = b""
    ) -> tuple[int, str, Any]:
        """Return status, challenge and body."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        url = URL(self.url + path, encoded=True)
        async with self.http.request(method, url, headers=headers, data=body) as answer:
            text = await answer.text()
            challenge = answer.headers.get("WWW-Authenticate", "")
            return answer.status, challenge, json.loads(text) if text[:1] in "{[" else text


@pytest.fixture
async def service(orders_url: str) -> AsyncIterator[Service]:
    async with aiohttp.ClientSession() as http:
        yield Service(orders_url, http)


@pytest.fixture
def good_claims(visitor: Visitor) -> dict[str, Any]:
    now = int(datetime.now(UTC).timestamp())
    return {
        "iss": f"{visitor.root}/v2.0",
        "aud": REGISTRATION.client_id,
        "exp": now + 600,
        "nbf": now,
        "oid": LINUS.oid,
        "name": LINUS.name,
        "scp": "access_as_user",
        "roles": ["Employee"],
    }


@pytest.fixture
def signer(tenant_state: Path) -> SigningKeys:
    return SigningKeys.kept_in(tenant_state)


async def test_lists_the_newest_open_orders(visitor: Visitor, service: Service) -> None:
    status, _, told = await service.ask(await visitor.access_token(LINUS))
    assert status == 200
    assert told["counts"] == {"open": 12, "to_approve": 3, "late": 1}
    assert datetime.fromisoformat(told["as_of"]).utcoffset() == timedelta(0)
    assert len(told["items"]) == 6
    first = told["items"][0]
    assert first["id"] == "20421"
    assert first["article"] == {"fr": "Vannes DN80, lot de 40", "en": "DN80 valves, lot of 40"}
    assert first["status"] == "to_approve"
    today = datetime.now(UTC).date()
    for item in told["items"]:
        assert (date.fromisoformat(item["delivery"]) < today) == (item["status"] == "late")


async def test_more_of_them_on_request(visitor: Visitor, service: Service) -> None:
    token = await visitor.access_token(LINUS)
    assert len((await service.ask(token, "/v1/orders?limit=50"))[2]["items"]) == 12
    assert (await service.ask(token, "/v1/orders?limit=0"))[0] == 422
    assert (await service.ask(token, "/v1/orders/20376"))[2]["status"] == "delivered"
    assert (await service.ask(token, "/v1/orders/1"))[0] == 404


async def test_only_a_role_opens_it_and_only_some_approve(
    visitor: Visitor, service: Service
) -> None:
    status, challenge, _ = await service.ask(await visitor.access_token(ALAN))
    assert (status, challenge) == (403, "")
    employee = await visitor.access_token(LINUS)
    assert (await service.ask(employee, "/v1/orders/20421/approve", "POST"))[0] == 403
    for account, order in ((GRACE, "20421"), (ADA, "20412")):
        token = await visitor.access_token(account)
        status, _, told = await service.ask(token, f"/v1/orders/{order}/approve", "POST")
        assert (status, told["status"]) == (200, "in_progress")
        assert (await service.ask(token, f"/v1/orders/{order}/approve", "POST"))[0] == 409
        assert (await service.ask(token, "/v1/orders/1/approve", "POST"))[0] == 404
    assert (await service.ask(employee))[2]["counts"]["to_approve"] == 1


async def test_health_needs_no_token_and_everything_else_does(service: Service) -> None:
    assert (await service.ask(None, "/healthz"))[::2] == (200, {"status": "ok"})
    for path, method in (
        ("/v1/orders", "GET"),
        ("/v1/orders/20421", "GET"),
        ("/v1/orders/stream", "GET"),
        ("/v1/orders/20421/approve", "POST"),
        ("/v1/echo", "POST"),
    ):
        status, challenge, _ = await service.ask(None, path, method)
        assert (status, challenge) == (401, 'Bearer realm="orders"')


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"aud": [REGISTRATION.client_id, "another"]},
        {"aud": None},
        {"iss": "http://127.0.0.1:1/another/v2.0"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "never"},
        {"exp": True},
        {"nbf": 4_000_000_000},
        {"nbf": None},
        {"oid": None},
        {"oid": 7},
    ],
)
async def test_one_wrong_claim_proves_nothing(
    service: Service, signer: SigningKeys, good_claims: dict[str, Any], changes: dict[str, Any]
) -> None:
    assert (await service.ask(signer.sign(good_claims)))[0] == 200
    claims = {name: value for name, value in (good_claims | changes).items() if value is not None}
    status, challenge, _ = await service.ask(signer.sign(claims))
    assert status == 401
    assert 'error="invalid_token"' in challenge


@pytest.mark.parametrize("scope", [None, "", "User.Read", "access_as_users", ["access_as_user"]])
async def test_a_token_without_the_scope_is_not_enough(
    service: Service, signer: SigningKeys, good_claims: dict[str, Any], scope: object
) -> None:
    claims = good_claims | {"scp": scope}
    if scope is None:
        del claims["scp"]
    status, challenge, _ = await service.ask(signer.sign(claims))
    assert status == 403
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="access_as_user"' in challenge


@pytest.mark.parametrize("roles", [[], ["employee"], "Employee", [["Employee"]], ["Guest"]])
async def test_what_is_no_known_role_is_refused(
    service: Service, signer: SigningKeys, good_claims: dict[str, Any], roles: object
) -> None:
    assert (await service.ask(signer.sign(good_claims | {"roles": roles})))[0] == 403


def encoded(part: object) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def public_key(file: Path) -> bytes:
    return RSAKey.import_key(file.read_bytes()).as_pem(private=False)


def hs256(header: dict[str, str], claims: dict[str, Any], secret: bytes) -> str:
    """Sign by hand, since joserfc rightly refuses a public key as a secret."""
    signed = f"{encoded(header | {'alg': 'HS256'})}.{encoded(claims)}"
    signature = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


async def test_only_the_tenants_own_signature_counts(
    service: Service,
    signing_key: Path,
    signer: SigningKeys,
    good_claims: dict[str, Any],
) -> None:
    good = signer.sign(good_claims)
    header, claims, signature = good.split(".")
    published = signer.published(issuer="x")["keys"]
    assert isinstance(published, list)
    kid = published[0]["kid"]
    stranger = RSAKey.generate_key(2048)
    forged = {
        "alg none": f"{encoded({'alg': 'none', 'kid': kid})}.{claims}.",
        "HS256 with the public key": hs256({"kid": kid}, good_claims, public_key(signing_key)),
        "another key under the same name": jwt.encode(
            {"alg": "RS256", "kid": kid}, good_claims, stranger
        ),
        "another key under its own name": jwt.encode(
            {"alg": "RS256", "kid": "x", "jwk": stranger.as_dict(private=False)},
            good_claims,
            stranger,
        ),
        "no name of a key": f"{encoded({'alg': 'RS256'})}.{claims}.{signature}",
        "changed claims": f"{header}.{encoded(good_claims | {'roles': ['Admin']})}.{signature}",
        "no signature": f"{header}.{claims}.",
        "nonsense": "nonsense",
        "too long": good + "A" * 40_000,
    }
    answers = {how: await service.ask(token) for how, token in forged.items()}
    assert {how for how, answer in answers.items() if answer[0] != 401} == set()


async def test_streams_orders_as_server_sent_events(visitor: Visitor, service: Service) -> None:
    token = await visitor.access_token(LINUS)
    _, _, text = await service.ask(token, "/v1/orders/stream?events=2")
    frames = text.strip().split("\n\n")
    assert [frame.split("\n")[1] for frame in frames[:2]] == ["event: order"] * 2
    assert json.loads(frames[0].split("data: ")[1])["id"] == "20421"
    assert frames[2].startswith("event: end")


async def test_the_echo_tells_what_arrived_but_never_the_token(
    visitor: Visitor, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token, body = await visitor.access_token(LINUS), b"x" * 300_000
    status, _, told = await service.ask(token, "/v1/echo?a=%2F", "POST", body)
    assert status == 200
    assert told["method"] == "POST"
    assert (told["path"], told["query"]) == ("/v1/echo", "a=%2F")
    assert told["body_length"] == len(body)
    assert told["body_sha256"] == sha256(body).hexdigest()
    assert all(name == name.lower() for name in told["headers"])
    assert token not in json.dumps(told)
    assert token not in caplog.text
