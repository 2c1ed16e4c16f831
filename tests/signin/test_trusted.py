"""Which issuers, tenants and keys speak for a provider; whose id_token renews a session."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.signin import AnswerRefused, GuestRefused, Provider, SharedSecret
from mainhub.signin.claimed import admitted, person_of
from mainhub.signin.id_token import validate, validate_logout_token, validate_renewed
from mainhub.signin.relying_party import require_same_issuer
from signin.hostile_provider import CLIENT_ID, Keys, public, signed

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.anyio

OURS = "5f1c2a9e-7d34-4b86-9c05-2e8a61d7b340"
PARTNER = "7a2d3bbf-8e45-4c97-8d16-3f9b72e8c451"
STRANGER = "99999999-8e45-4c97-8d16-3f9b72e8c451"
LOGIN = "https://login.example"
PLACE = "{tenantid}"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MOMENT = int(NOW.timestamp())
HEADER = {"alg": "ES256", "kid": "ec"}
ONE = Provider(
    name="entra",
    title="Contoso",
    kind="entra",
    issuer=f"{LOGIN}/{OURS}/v2.0",
    client_id=CLIENT_ID,
    authentication=SharedSecret("between us"),
    redirect_uri="https://hub.example/auth/callback/entra",
    post_logout_uri="https://hub.example/auth/signed-out",
    scopes=("openid",),
    algorithms=("ES256",),
    tenants=(OURS,),
)
SEVERAL = replace(ONE, issuer=f"{LOGIN}/{PLACE}/v2.0", tenants=(OURS, PARTNER))
OLD = replace(SEVERAL, accepts_v1=True)


def claims(tenant: object = OURS, **changes: object) -> dict[str, object]:
    """Return what a right token of *tenant* claims, but for *changes*; ``None`` leaves one out."""
    right = {
        "iss": f"{LOGIN}/{tenant}/v2.0",
        "aud": CLIENT_ID,
        "sub": "pairwise",
        "oid": "linus",
        "tid": tenant,
        "ver": "2.0",
        "iat": MOMENT,
        "exp": MOMENT + 3600,
        "nonce": "expected",
        "name": "Linus",
    }
    return {name: value for name, value in (right | changes).items() if value is not None}


def v1(tenant: str = OURS, **changes: object) -> dict[str, object]:
    return claims(tenant, iss=f"https://sts.windows.net/{tenant}/", ver="1.0") | changes


async def believed(
    provider: Provider, told: Mapping[str, object], *, key_issuer: object = None
) -> str:
    """Return the id of the person whom the token names."""
    published = public(Keys.made().ec) | ({} if key_issuer is None else {"issuer": key_issuer})

    async def keys(_newer: bool) -> list[dict[str, object]]:  # noqa: FBT001 - Keys
        return [published]

    found = await validate(
        {"id_token": signed(HEADER, dict(told), Keys.made().ec)},
        provider=provider,
        keys=keys,
        nonce="expected",
        now=NOW,
    )
    return person_of(found, provider).id


@pytest.mark.parametrize(
    ("provider", "told", "key_issuer"),
    [
        (ONE, claims(), None),
        (ONE, claims(), f"{LOGIN}/{PLACE}/v2.0"),
        (ONE, claims(), f"{LOGIN}/{OURS}/v2.0"),
        (SEVERAL, claims(), f"{LOGIN}/{PLACE}/v2.0"),
        (SEVERAL, claims(PARTNER), None),
        (SEVERAL, claims(PARTNER), f"{LOGIN}/{PARTNER}/v2.0"),
        (SEVERAL, claims(tid=OURS.upper()), None),
        (OLD, v1(), None),
        (OLD, v1(PARTNER), f"{LOGIN}/{PLACE}/v2.0"),
        (OLD, v1(), f"https://sts.windows.net/{PLACE}/"),
        (OLD, claims(), None),
    ],
)
async def test_believes_who_is_trusted(
    provider: Provider, told: dict[str, object], key_issuer: object
) -> None:
    tenant = str(told["tid"]).lower()
    assert await believed(provider, told, key_issuer=key_issuer) == f"{tenant}.linus"


@pytest.mark.parametrize(
    ("provider", "told", "key_issuer"),
    [
        (ONE, claims(PARTNER), None),
        (ONE, claims(tid=PARTNER), None),
        (ONE, claims(iss=f"{LOGIN}/{OURS}/v2.0/"), None),
        (ONE, claims(tid=None), None),
        (ONE, claims(oid=None), None),
        (ONE, claims(), f"{LOGIN}/{PARTNER}/v2.0"),
        (ONE, claims(), "https://evil.example/{tenantid}/v2.0"),
        (ONE, claims(), 7),
        (ONE, v1(), None),
        # Of several tenants, nobody speaks for another, nor a stranger for anybody.
        (SEVERAL, claims(STRANGER), None),
        (SEVERAL, claims(tid=PARTNER), None),
        (SEVERAL, claims(PARTNER, iss=f"{LOGIN}/{OURS}/v2.0"), None),
        (SEVERAL, claims(iss=f"{LOGIN}/{PLACE}/v2.0"), None),
        (SEVERAL, claims(PLACE), None),
        (SEVERAL, claims(tid=[OURS]), None),
        (SEVERAL, claims(iss=[f"{LOGIN}/{OURS}/v2.0"]), None),
        (SEVERAL, claims(iss=None), None),
        (SEVERAL, claims(OURS + "/v2.0/" + PARTNER), None),
        (SEVERAL, claims(""), None),
        (SEVERAL, claims("organizations"), None),
        (SEVERAL, claims(PARTNER), f"{LOGIN}/{OURS}/v2.0"),
        (SEVERAL, v1(), None),
        # Version 1.0 says so by itself, and is another issuer's in everything else.
        (OLD, v1(ver="2.0"), None),
        (OLD, v1(ver=None), None),
        (OLD, v1(ver=1.0), None),
        (OLD, v1(tid=PARTNER), None),
        (OLD, v1(STRANGER), None),
        (OLD, v1(iss=f"https://sts.windows.net/{OURS}"), None),
        (OLD, v1(), f"https://sts.windows.net/{PARTNER}/"),
        (OLD, claims(), f"https://sts.windows.net/{PLACE}/"),
        (replace(SEVERAL, tenants=()), claims(), None),
    ],
)
async def test_believes_nobody_else(
    provider: Provider, told: dict[str, object], key_issuer: object
) -> None:
    with pytest.raises(AnswerRefused):
        await believed(provider, told, key_issuer=key_issuer)


@given(
    st.dictionaries(
        st.sampled_from(
            ["iss", "tid", "ver", "acct", "idp", "groups", "_claim_names", "hasgroups"]
        ),
        st.text() | st.none() | st.integers() | st.lists(st.text(), max_size=2),
    )
)
def test_whatever_is_claimed_is_refused_and_never_fails(odd: dict[str, object]) -> None:
    right = claims()
    told = right | odd
    for provider in (ONE, SEVERAL, OLD):
        try:
            person = person_of(told, provider)
        except AnswerRefused:
            continue
        assert person.tenant_id == OURS
        assert told["iss"] == right["iss"]


@pytest.mark.parametrize(
    ("told", "is_guest"),
    [
        ({}, False),
        ({"acct": 0}, False),
        ({"acct": 1}, True),
        ({"acct": "1"}, True),
        ({"acct": True}, True),
        ({"acct": False}, True),
        ({"acct": "0"}, False),
        ({"acct": "member"}, True),
        ({"acct": [0]}, True),
        ({"idp": f"https://sts.windows.net/{PARTNER}/"}, True),
        ({"idp": "live.com"}, True),
        ({"idp": f"https://sts.windows.net/{OURS}/"}, False),
        ({"acct": 0, "idp": "live.com"}, False),
    ],
)
def test_knows_a_guest(told: dict[str, object], *, is_guest: bool) -> None:
    person = person_of(claims(**told), ONE)
    assert person.guest is is_guest
    assert admitted(person, ONE) is person
    strict = replace(ONE, guests="refuse")
    if is_guest:
        with pytest.raises(GuestRefused):
            admitted(person, strict)
    else:
        assert admitted(person, strict) is person


@pytest.mark.parametrize(
    ("told", "groups", "known"),
    [
        ({}, (), True),
        ({"groups": ["a", "b", "a", "*", "", " x", 7, "c\n"]}, ("a", "b"), True),
        ({"groups": "a"}, (), True),
        ({"_claim_names": {"groups": "src1"}}, (), False),
        ({"_claim_names": {"other": "src1"}}, (), True),
        ({"_claim_names": ["groups"]}, (), True),
        ({"hasgroups": True}, (), False),
        ({"hasgroups": "true"}, (), False),
    ],
)
def test_knows_groups_or_that_there_are_more(
    told: dict[str, object], groups: tuple[str, ...], *, known: bool
) -> None:
    person = person_of(claims(**told), ONE)
    assert person.groups == groups
    assert person.groups_known is known


@pytest.mark.parametrize(
    ("changes", "subject", "refused"),
    [
        ({}, "pairwise", None),
        ({}, None, None),
        ({"iat": MOMENT - 500}, "pairwise", None),
        ({"nonce": "another"}, "pairwise", "another sign-in"),
        ({"nonce": 7}, "pairwise", "another sign-in"),
        ({"nonce": None}, "pairwise", None),
        ({}, "somebody", "somebody else"),
        ({"iat": MOMENT - 700}, "pairwise", "not made for this answer"),
        ({"iss": f"{LOGIN}/{PARTNER}/v2.0"}, "pairwise", "another issuer"),
        ({"exp": MOMENT - 61}, "pairwise", "expired"),
    ],
)
async def test_a_renewed_id_token_is_about_the_same_person_and_of_now(
    changes: dict[str, object], subject: str | None, refused: str | None
) -> None:
    async def keys(_newer: bool) -> list[dict[str, object]]:  # noqa: FBT001 - Keys
        return [public(Keys.made().ec)]

    granted = {"id_token": signed(HEADER, claims(**changes), Keys.made().ec)}
    renewing = validate_renewed(
        granted,
        provider=ONE,
        keys=keys,
        subject=subject,
        issuer=ONE.issuer,
        nonce="expected",
        now=NOW,
    )
    if refused is None:
        assert (await renewing)["sub"] == "pairwise"
    else:
        with pytest.raises(AnswerRefused, match=refused):
            await renewing


@pytest.mark.parametrize(
    ("tenant", "key_issuer", "believed"),
    [
        (OURS, f"{LOGIN}/{PLACE}/v2.0", True),
        (PARTNER, f"{LOGIN}/{PARTNER}/v2.0", True),
        (PARTNER, None, True),
        (PARTNER, f"{LOGIN}/{OURS}/v2.0", False),
        (OURS, "https://evil.example/{tenantid}/v2.0", False),
        (STRANGER, f"{LOGIN}/{PLACE}/v2.0", False),
        (PLACE, f"{LOGIN}/{PLACE}/v2.0", False),
    ],
)
async def test_a_tenant_ends_sessions_of_its_own_by_its_own_keys(
    tenant: str, key_issuer: str | None, *, believed: bool
) -> None:
    async def keys(_newer: bool) -> list[dict[str, object]]:  # noqa: FBT001 - Keys
        return [public(Keys.made().ec) | ({"issuer": key_issuer} if key_issuer else {})]

    told = {
        "iss": f"{LOGIN}/{tenant}/v2.0",
        "aud": CLIENT_ID,
        "iat": MOMENT,
        "exp": MOMENT + 120,
        "jti": "once",
        "sid": "theirs",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }
    token = signed(HEADER | {"typ": "logout+jwt"}, told, Keys.made().ec)
    ending = validate_logout_token(token, provider=SEVERAL, keys=keys, now=NOW)
    if believed:
        assert (await ending).sid == "theirs"
    else:
        with pytest.raises(AnswerRefused):
            await ending


async def test_a_renewed_id_token_comes_from_the_issuer_of_the_first() -> None:
    async def keys(_newer: bool) -> list[dict[str, object]]:  # noqa: FBT001 - Keys
        return [public(Keys.made().ec)]

    granted = {"id_token": signed(HEADER, claims(), Keys.made().ec)}
    with pytest.raises(AnswerRefused, match="another issuer than before"):
        await validate_renewed(
            granted,
            provider=ONE,
            keys=keys,
            subject="pairwise",
            issuer=f"https://sts.windows.net/{OURS}/",
            nonce="expected",
            now=NOW,
        )


@pytest.mark.parametrize(
    ("stated", "told", "same"),
    [
        (None, {"iss": "https://a.example"}, True),
        ("https://a.example", {"iss": "https://a.example"}, True),
        ("https://a.example", {"iss": "https://b.example"}, False),
        ("https://a.example/v2.0", {"iss": "https://sts.example/a/", "ver": "1.0"}, True),
    ],
)
def test_an_answer_and_its_id_token_name_one_issuer(
    stated: str | None, told: dict[str, object], *, same: bool
) -> None:
    answer = {} if stated is None else {"iss": stated}
    with nullcontext() if same else pytest.raises(AnswerRefused, match="different issuers"):
        require_same_issuer(answer, told)
