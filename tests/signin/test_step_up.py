"""What a step up may ask for, and who may come back from it."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.errors import Invalid
from mainhub.sessions import Session, Tokens
from mainhub.signin import AnswerRefused, FlowGone, Provider, SharedSecret
from mainhub.signin.step_up import StepUp, handed_on, require_same_person
from sessions.sample import ADA, DEVICE, LINUS, some_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

CHALLENGE = {"access_token": {"acrs": {"essential": True, "value": "c1"}}}
KNOWN = ("api://{client_id}/access_as_user", "api://orders/Orders.Read")
PROVIDER = Provider(
    name="entra",
    title="Microsoft Entra ID",
    kind="entra",
    issuer="https://login.example/t/v2.0",
    client_id="the-hub",
    authentication=SharedSecret("made up"),
    redirect_uri="https://hub.example/auth/callback/entra",
    post_logout_uri="https://hub.example/auth/signed-out",
    scopes=("openid", "User.Read"),
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SESSION = Session(
    id="s" * 43,
    ref="r" * 32,
    person=LINUS,
    device=DEVICE,
    tokens=some_tokens(),
    generation=1,
    created_at=NOW,
    seen_at=NOW,
    idle_expires_at=NOW,
    expires_at=NOW,
)


def encoded(claims: Mapping[str, object] | bytes) -> str:
    plain = claims if isinstance(claims, bytes) else orjson.dumps(claims)
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def read(claims: str | None = None, scopes: str | None = None) -> StepUp:
    return StepUp.read(claims=claims, scopes=scopes, provider=PROVIDER, known=KNOWN)


def test_hands_a_challenge_on() -> None:
    wanted = read(encoded(CHALLENGE))
    assert wanted.claims is not None
    assert orjson.loads(wanted.claims) == CHALLENGE
    assert (wanted.scopes, wanted.prompt) == ((), None)


def test_takes_padding_too() -> None:
    padded = base64.urlsafe_b64encode(orjson.dumps(CHALLENGE)).decode()
    assert read(padded) == read(padded.rstrip("="))


def test_asks_for_scopes_of_services_only() -> None:
    wanted = read(scopes="api://the-hub/access_as_user api://orders/Orders.Read User.Read")
    assert wanted.scopes == (
        "api://the-hub/access_as_user",
        "api://orders/Orders.Read",
        "User.Read",
    )
    assert read(scopes="api://{client_id}/access_as_user").scopes == wanted.scopes[:1]
    for other in ("Mail.ReadWrite", "api://orders/Orders.Read Mail.Read", "openid offline_access"):
        with pytest.raises(Invalid, match="scopes"):
            read(scopes=other)


def test_asks_who_it_is_where_nothing_says_what_is_missing() -> None:
    assert read().prompt == "login"
    assert read(scopes="User.Read").prompt is None


@pytest.mark.parametrize(
    "claims",
    [
        "not base64url !",
        "%",
        "A",
        encoded(b"[]"),
        encoded(b"{}"),
        encoded(b'"text"'),
        encoded(b"{"),
        encoded(b'{"a":NaN}'),
        encoded(b"\xff\xfe"),
        encoded({"a": "b" * 4096}),
        encoded(b'{"a":' * 2000 + b"1" + b"}" * 2000),
    ],
)
def test_refuses_claims_that_are_none(claims: str) -> None:
    with pytest.raises(Invalid):
        read(claims)


@given(claims=st.text(max_size=200), scopes=st.text(max_size=200))
def test_whatever_is_asked_for_is_understood_or_invalid(claims: str, scopes: str) -> None:
    try:
        wanted = read(claims, scopes)
    except Invalid:
        return
    assert wanted.claims is None or isinstance(orjson.loads(wanted.claims), dict)
    assert {"api://the-hub/access_as_user", *KNOWN[1:], *PROVIDER.scopes}.issuperset(wanted.scopes)


def test_the_same_person_may_come_back() -> None:
    assert require_same_person(SESSION, LINUS) is SESSION
    renamed = replace(LINUS, name="Linus Carl Pauling", roles=("Admin",))
    assert require_same_person(SESSION, renamed) is SESSION


def test_nobody_else_may() -> None:
    for other in (ADA, replace(LINUS, id="other"), replace(LINUS, provider="other")):
        with pytest.raises(AnswerRefused, match="another person"):
            require_same_person(SESSION, other)


def test_a_session_that_ended_meanwhile_is_not_brought_back() -> None:
    with pytest.raises(FlowGone):
        require_same_person(None, LINUS)


@pytest.mark.parametrize("rotated", [None, "newer"])
def test_the_refresh_token_that_goes_on_keeps_its_own_scopes(rotated: str | None) -> None:
    before = replace(SESSION, tokens=Tokens(refresh="older", identity=("openid", "profile")))
    after = handed_on(before, Tokens(refresh=rotated, identity=("openid",)))
    assert after.refresh == (rotated or "older")
    assert after.identity == (("openid",) if rotated else ("openid", "profile"))
