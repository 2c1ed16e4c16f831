"""The validator against whatever a provider, or somebody posing as one, may send."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.signin import AnswerRefused, Provider, SharedSecret
from mainhub.signin.claimed import person_of
from mainhub.signin.id_token import validate
from signin.hostile_provider import CLIENT_ID, Keys, b64, compact, public, signature, signed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainhub.identity import Person

ISSUER = "https://idp.example"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MOMENT = int(NOW.timestamp())
PROVIDER = Provider(
    name="it",
    title="It",
    kind="oidc",
    issuer=ISSUER,
    client_id=CLIENT_ID,
    authentication=SharedSecret("between us"),
    redirect_uri="https://hub.example/auth/callback/it",
    post_logout_uri="https://hub.example/auth/signed-out",
    scopes=("openid",),
    algorithms=("ES256",),
)
HEADER = {"alg": "ES256", "kid": "ec"}
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": CLIENT_ID,
    "sub": "linus",
    "iat": MOMENT,
    "exp": MOMENT + 3600,
    "nonce": "expected",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
# Names that mean something, so that the examples go deep.
NAMES = st.sampled_from([*CLAIMS, "azp", "nbf", "at_hash", "roles", "name", "email", "tid", "oid"])
HEADER_NAMES = st.sampled_from(
    ["alg", "kid", "typ", "jwk", "jku", "x5u", "x5c", "crit", "b64", "x"]
)


@cache
def published() -> list[dict[str, object]]:
    return [public(Keys.made().ec)]


def judged(granted: Mapping[str, object], keys: list[dict[str, object]] | None = None) -> Person:
    """Return the person whom the token names, as the relying party does."""

    async def published_keys(_newer: bool) -> list[dict[str, object]]:  # noqa: FBT001 - Keys
        return published() if keys is None else keys

    claims = asyncio.run(
        validate(granted, provider=PROVIDER, keys=published_keys, nonce="expected", now=NOW)
    )
    return person_of(claims, PROVIDER)


def accepted(granted: Mapping[str, object], keys: list[dict[str, object]] | None = None) -> bool:
    """Say whether anybody is named; anything raised but a refusal fails the test."""
    try:
        judged(granted, keys)
    except AnswerRefused:
        return False
    return True


def lenient(value: object) -> bytes:
    """Write JSON as Python does, NaN, half characters and all."""
    return json.dumps(value).encode("ascii")


def token(header: object, claims: object) -> str:
    return compact(lenient(header), lenient(claims), signature("ES256", Keys.made().ec))


def test_accepts_what_is_right() -> None:
    assert judged({"id_token": signed(HEADER, CLAIMS, Keys.made().ec)}).id == f"{ISSUER}|linus"


@given(JSON)
def test_never_fails_on_anything_that_is_no_token(granted: object) -> None:
    assert not accepted({"id_token": granted})


@given(st.text() | st.lists(st.text(alphabet="eyJhbGciOiJ9_-", max_size=30)).map(".".join))
def test_never_fails_on_text(text: str) -> None:
    assert not accepted({"id_token": text})


@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=80))
def test_never_fails_on_odd_parts(header: bytes, payload: bytes, mark: bytes) -> None:
    assert not accepted({"id_token": f"{b64(header)}.{b64(payload)}.{b64(mark)}"})


@given(JSON)
def test_never_fails_on_any_signed_payload(payload: object) -> None:
    assert not accepted({"id_token": token(HEADER, payload)})


@given(st.dictionaries(HEADER_NAMES, JSON, max_size=4))
def test_never_fails_on_any_header(header: dict[str, object]) -> None:
    accepted({"id_token": token(HEADER | header, CLAIMS)})


@given(st.dictionaries(NAMES, JSON, max_size=4), JSON)
def test_never_fails_on_any_claims(claims: dict[str, object], access: object) -> None:
    accepted({"id_token": token(HEADER, CLAIMS | claims), "access_token": access})


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(
                ["kty", "kid", "use", "alg", "key_ops", "crv", "x", "y", "n", "e", "k"]
            ),
            st.sampled_from(["EC", "RSA", "oct", "OKP", "ec", "sig", "ES256", "P-256", "AA"])
            | JSON,
        ),
        max_size=3,
    )
)
def test_never_fails_on_any_keys(keys: list[dict[str, object]]) -> None:
    assert not accepted({"id_token": token(HEADER, CLAIMS)}, keys)


@pytest.mark.parametrize("name", CLAIMS)
@given(JSON)
def test_never_accepts_an_altered_claim(name: str, value: object) -> None:
    if accepted({"id_token": token(HEADER, CLAIMS | {name: value})}):
        assert allowed(name, value), (name, value)


def allowed(name: str, value: object) -> bool:
    """Say whether *value* may stand for *name* after all: other people, other right times."""
    if name == "sub":
        return isinstance(value, str) and 0 < len(value) <= 255 and value.isprintable()
    if name in {"iat", "exp"}:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return value <= MOMENT + 60 if name == "iat" else value > MOMENT - 60
    return bool(value == CLAIMS[name])


@pytest.mark.parametrize("name", CLAIMS)
def test_never_accepts_a_missing_claim(name: str) -> None:
    claims = {key: value for key, value in CLAIMS.items() if key != name}
    assert not accepted({"id_token": signed(HEADER, claims, Keys.made().ec)})


@given(st.data())
def test_never_accepts_a_changed_letter(data: st.DataObject) -> None:
    right = signed(HEADER, CLAIMS, Keys.made().ec)
    # The last letter of a part holds bits that mean nothing; every other one counts.
    place = data.draw(
        st.integers(0, len(right) - 2).filter(lambda at: "." not in right[at : at + 2])
    )
    letter = data.draw(
        st.sampled_from("ABCXYZabcxyz019-_.=\n é").filter(lambda it: it != right[place])
    )
    assert not accepted({"id_token": right[:place] + letter + right[place + 1 :]})


ROLES = {
    "none": (None, ("USER",)),
    "a text": ("Admin", ("USER",)),
    "an object": ({"Admin": True}, ("USER",)),
    "empty": ([], ("USER",)),
    "several": (["Editor", "Admin"], ("Editor", "Admin")),
    "twice": (["Editor", "Editor"], ("Editor",)),
    "everybody": (["*"], ("USER",)),
    "everybody among others": (["*", "Editor"], ("Editor",)),
    "control characters": (["Admin\x00", "Ad\nmin", "\u202eAdmin", "Editor"], ("Editor",)),
    "white space": ([" Admin", "Admin ", "\u00a0Admin"], ("USER",)),
    "not texts": ([1, None, True, ["Admin"], {"Admin": 1}], ("USER",)),
    "empty text": ([""], ("USER",)),
    "other case": (["admin"], ("admin",)),
}


@pytest.mark.parametrize(("stated", "roles"), ROLES.values(), ids=ROLES)
def test_reads_all_roles_and_nothing_else(stated: object, roles: tuple[str, ...]) -> None:
    granted = {"id_token": signed(HEADER, CLAIMS | {"roles": stated}, Keys.made().ec)}
    assert judged(granted).roles == roles


@given(JSON, JSON, JSON)
def test_a_person_can_always_be_written_down(name: object, email: object, tenant: object) -> None:
    changes = {"name": name, "email": email, "tid": tenant, "preferred_username": name}
    try:
        person = judged({"id_token": token(HEADER, CLAIMS | changes)})
    except AnswerRefused:
        return
    assert orjson.loads(orjson.dumps(person))["id"] == f"{ISSUER}|linus"
    for text in (person.name, person.email or "", person.tenant_id or ""):
        assert text.isprintable()
        assert len(text) <= 200
