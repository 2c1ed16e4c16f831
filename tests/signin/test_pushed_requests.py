"""Pushed authorization requests: what goes where, what is believed, and what happens without."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from typing_extensions import override

from mainhub.clock import SystemClock
from mainhub.health import State
from mainhub.outbound import Answer, CallFailed, HttpClient
from mainhub.signin import (
    AssertionFile,
    ProofMissing,
    Provider,
    ProviderClient,
    ProviderDeclined,
    ProviderUnavailable,
    SharedSecret,
)
from signin.scripted_provider import PROVIDER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.anyio

ISSUER = "https://id.example"
QUERY = {"client_id": "hub", "state": "st4te", "scope": "openid", "redirect_uri": "https://hub/"}
NAME = "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c"
GOOD = {"request_uri": NAME, "expires_in": 60}


@dataclass
class Pushing(HttpClient):
    """A provider without a network that answers pushed requests with *answer*."""

    answer: object = field(default_factory=lambda: GOOD)
    status: int = 201
    offers: bool = True
    requires: object = False
    par: object = f"{ISSUER}/par"
    sent: list[tuple[str, Mapping[str, str], Mapping[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @override
    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        document: dict[str, Any] = {
            "issuer": ISSUER,
            **{name: f"{ISSUER}/{name}" for name in ("authorization_endpoint", "token_endpoint")},
            "jwks_uri": f"{ISSUER}/keys",
            "require_pushed_authorization_requests": self.requires,
        }
        if self.offers:
            document["pushed_authorization_request_endpoint"] = self.par
        return Answer(200, orjson.dumps(document))

    @override
    async def post_form(
        self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        self.sent.append((url, form, headers or {}))
        if isinstance(self.answer, Exception):
            raise self.answer
        body = self.answer if isinstance(self.answer, bytes) else orjson.dumps(self.answer)
        return Answer(self.status, body)


def client(http: Pushing, **changes: object) -> ProviderClient:
    one = {name: getattr(PROVIDER, name) for name in Provider.__dataclass_fields__} | changes
    return ProviderClient(Provider(**one), http=http, clock=SystemClock())


@pytest.mark.parametrize(
    ("par", "offers", "requires", "pushed"),
    [
        ("auto", True, False, True),
        ("auto", False, False, False),
        ("auto", True, True, True),
        ("always", True, False, True),
        ("never", True, False, False),
        # It takes no others: a browser that carried one would be turned away.
        ("never", True, True, True),
        ("never", True, "true", False),
    ],
)
async def test_what_is_offered_wanted_or_required_is_pushed(
    par: str, *, offers: bool, requires: object, pushed: bool
) -> None:
    http = Pushing(offers=offers, requires=requires)
    query = await client(http, par=par).authorization_query(QUERY)
    if not pushed:
        assert (query, http.sent) == (QUERY, [])
        return
    assert query == {"client_id": "hub", "request_uri": NAME}
    ((url, form, _),) = http.sent
    assert url == f"{ISSUER}/par"
    assert form == {**QUERY, "client_secret": "made-up"}


@pytest.mark.parametrize(("par", "requires"), [("always", False), ("auto", True)])
async def test_nowhere_to_push_to_is_said(par: str, *, requires: bool) -> None:
    http = Pushing(offers=False, requires=requires)
    with pytest.raises(ProviderUnavailable, match="nowhere") as caught:
        await client(http, par=par).authorization_query(QUERY)
    assert "identity.entra.par" in (caught.value.remedy or "")


@pytest.mark.parametrize("where", ["http://id.example/par", "/par", "", 7, [f"{ISSUER}/par"]])
async def test_nothing_is_pushed_to_an_unsafe_place(where: object) -> None:
    http = Pushing(par=where)
    with pytest.raises(ProviderUnavailable, match="pushed_authorization_request_endpoint"):
        await client(http).authorization_query(QUERY)
    assert http.sent == []


async def test_the_hub_proves_itself_there_as_everywhere() -> None:
    http = Pushing()
    await client(http, authentication=SharedSecret("s", "basic")).authorization_query(QUERY)
    ((_, form, headers),) = http.sent
    assert form == QUERY
    assert headers["authorization"].startswith("Basic ")


UNUSABLE: list[tuple[int, object]] = [
    (200, b""),
    (201, b"<html>"),
    (201, []),
    (201, {}),
    (201, {"request_uri": NAME}),
    (201, {"expires_in": 60}),
    (201, GOOD | {"expires_in": 0}),
    (201, GOOD | {"expires_in": -1}),
    (201, GOOD | {"expires_in": True}),
    (201, GOOD | {"expires_in": "60"}),
    (201, GOOD | {"expires_in": 6.5}),
    (201, GOOD | {"request_uri": ""}),
    (201, GOOD | {"request_uri": 7}),
    (201, GOOD | {"request_uri": [NAME]}),
    (201, GOOD | {"request_uri": "/relative"}),
    (201, GOOD | {"request_uri": f"{NAME} with blanks"}),
    (201, GOOD | {"request_uri": f"{NAME}\r\nLocation: https://evil.example"}),
    (201, GOOD | {"request_uri": f"{NAME}é"}),
    (201, GOOD | {"request_uri": f"urn:{'x' * 5000}"}),
    (202, GOOD),
    (302, GOOD),
    (404, b"not here"),
    (500, b"fault"),
    (503, GOOD),
    (400, {"error": "invalid_request", "error_description": "no"}),
    (201, GOOD | {"error": "invalid_request"}),
]


@pytest.mark.parametrize(("status", "answer"), UNUSABLE)
async def test_what_is_not_usable_is_not_used_and_never_silently(
    status: int, answer: object
) -> None:
    http = Pushing(answer, status=status)
    auto = client(http)
    assert (await auto.probe()).state is State.FINE
    with capture_logs() as told:
        assert await auto.authorization_query(QUERY) == QUERY
    assert [one["event"] for one in told] == ["signin.not_pushed"]
    finding = await auto.probe()
    assert finding.state is State.DEGRADED
    assert finding.remedy
    http.answer, http.status = GOOD, 201
    assert "request_uri" in await auto.authorization_query(QUERY)
    assert (await auto.probe()).state is State.FINE
    strict = client(Pushing(answer, status), par="always")
    with pytest.raises((ProviderDeclined, ProviderUnavailable)):
        await strict.authorization_query(QUERY)
    required = client(Pushing(answer, status, requires=True))
    with pytest.raises((ProviderDeclined, ProviderUnavailable)):
        await required.authorization_query(QUERY)


async def test_a_provider_that_does_not_answer_is_gone_around() -> None:
    assert await client(Pushing(CallFailed("down"))).authorization_query(QUERY) == QUERY
    with pytest.raises(ProviderUnavailable):
        await client(Pushing(CallFailed("down")), par="always").authorization_query(QUERY)


async def test_who_is_not_known_there_is_told_so_at_once() -> None:
    http = Pushing({"error": "invalid_client", "error_description": "wrong made-up"}, status=401)
    with pytest.raises(ProviderDeclined) as caught:
        await client(http).authorization_query(QUERY)
    assert caught.value.code == "invalid_client"
    assert "made-up" not in str(caught.value)


async def test_nothing_is_sent_that_could_not_be_proved(tmp_path: Path) -> None:
    http = Pushing()
    with pytest.raises(ProofMissing):
        await client(http, authentication=AssertionFile(tmp_path / "no")).authorization_query(QUERY)
    assert http.sent == []


PLAIN = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text()
ANYTHING = PLAIN | st.lists(PLAIN, max_size=3) | st.dictionaries(st.text(), PLAIN, max_size=3)


@given(
    body=st.binary(max_size=40)
    | st.fixed_dictionaries({}, optional={"request_uri": ANYTHING, "expires_in": ANYTHING}),
    status=st.sampled_from([200, 201, 204, 400]),
)
async def test_whatever_is_answered_a_browser_carries_one_or_the_other(
    body: object, status: int
) -> None:
    query = await client(Pushing(body, status=status)).authorization_query(QUERY)
    assert query == QUERY or (
        set(query) == {"client_id", "request_uri"} and query["request_uri"].isascii()
    )
