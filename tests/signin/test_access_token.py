"""Access tokens of programs: which of them are believed, and for whom they speak."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.errors import MainHubError
from mainhub.signin import AnswerRefused, GuestRefused
from mainhub.signin.access_token import Holder, read_access_token
from mainhub.web import ScopeMissing
from signin.hostile_provider import CLIENT_ID, Keys, b64, public, shared, signed
from signin.test_trusted import HEADER, MOMENT, NOW, ONE, OURS, PARTNER, SEVERAL, STRANGER

if TYPE_CHECKING:
    from mainhub.signin import Provider

pytestmark = pytest.mark.anyio

PROGRAM = "c0ffee00-9999-4333-8444-555555555555"
OPENID = replace(ONE, kind="oidc", issuer="https://id.example", tenants=())
# Tokens of version 1.0 are only taken where the settings say so.
OLD = replace(ONE, accepts_v1=True)


def persons(**changes: object) -> dict[str, Any]:
    """Return what a person's token says, but for *changes*; ``None`` leaves one out."""
    right = {
        "iss": f"https://login.example/{OURS}/v2.0",
        "aud": CLIENT_ID,
        "sub": "pairwise",
        "oid": "linus",
        "tid": OURS,
        "ver": "2.0",
        "iat": MOMENT,
        "nbf": MOMENT,
        "exp": MOMENT + 3600,
        "azp": PROGRAM,
        "azpacr": "1",
        "name": "Linus",
        "scp": "access_as_user",
        "roles": ["Employee"],
    }
    return {key: value for key, value in (right | changes).items() if value is not None}


def programs(**changes: object) -> dict[str, Any]:
    """Return what a program's own token says, likewise."""
    own: dict[str, object] = {"sub": "object", "oid": "object", "scp": None, "name": None}
    return persons(**(own | {"idtyp": "app", "roles": ["Reporter"]} | changes))


def openids(**changes: object) -> dict[str, Any]:
    """Return what a token of another provider says (RFC 9068), likewise."""
    right = {
        "iss": "https://id.example",
        "aud": [f"api://{CLIENT_ID}"],
        "sub": "linus",
        "client_id": PROGRAM,
        "iat": MOMENT,
        "exp": MOMENT + 300,
        "scope": "openid access_as_user",
        "roles": ["Employee"],
    }
    return {key: value for key, value in (right | changes).items() if value is not None}


async def read(
    claims: object, provider: Provider = ONE, header: dict[str, Any] | None = None
) -> Holder:
    async def keys(_newer: bool) -> list[dict[str, object]]:  # noqa: FBT001 - Keys
        return [public(Keys.made().ec)]

    said: Any = claims
    token = signed(header or HEADER, said, Keys.made().ec)
    return await read_access_token(token, provider=provider, keys=keys, now=NOW)


async def test_a_person_and_a_program_are_told_apart() -> None:
    linus = await read(persons())
    assert (linus.person.id, linus.person.roles) == (f"{OURS}.linus", ("Employee",))
    assert linus.application is None
    assert linus.expires_at == NOW + timedelta(hours=1)
    report = await read(programs(app_displayname="Nightly report"))
    assert (report.person.name, report.application) == ("Nightly report", PROGRAM)
    assert report.person.id == f"application:{OURS}|object"
    assert report.person.roles == ("Reporter",)


@pytest.mark.parametrize(
    ("claims", "provider"),
    [
        (persons(aud=f"api://{CLIENT_ID}"), ONE),
        (persons(scp="other access_as_user more"), ONE),
        (persons(tid=PARTNER, iss=f"https://login.example/{PARTNER}/v2.0"), SEVERAL),
        (persons(iss=f"https://sts.windows.net/{OURS}/", ver="1.0", azp=None, appid="x"), OLD),
        (openids(), OPENID),
        (openids(scope=["access_as_user"]), OPENID),
        (openids(nonce="n", typ="Bearer"), OPENID),
        (persons(aud="api://mine"), replace(ONE, api_audiences=("api://mine",))),
        (persons(scp="hub"), replace(ONE, api_scope="hub")),
    ],
)
async def test_a_persons_token_opens(claims: dict[str, Any], provider: Provider) -> None:
    found = await read(claims, provider)
    assert found.application is None
    assert found.person.roles == ("Employee",)


@pytest.mark.parametrize(
    ("claims", "provider"),
    [
        (programs(idtyp=None), ONE),
        (programs(idtyp=None, azpacr="2"), ONE),
        (programs(aud=f"api://{CLIENT_ID}"), ONE),
        (programs(scp="access_as_user"), ONE),
        (openids(sub=PROGRAM, scope=None), OPENID),
        # RFC 9700, section 4.15: it has a person's scopes, and may have chosen its own name.
        (openids(sub=PROGRAM), OPENID),
        (openids(sub=PROGRAM, azp="another"), OPENID),
        (openids(client_id=None, cid=PROGRAM, sub=PROGRAM), OPENID),
        (openids(sub=f"{PROGRAM}@clients"), OPENID),
        (openids(sub="anything", gty="client-credentials"), OPENID),
    ],
)
async def test_a_programs_token_opens_what_its_roles_do(
    claims: dict[str, Any], provider: Provider
) -> None:
    found = await read(claims, provider)
    assert found.application in {PROGRAM, "another"}
    assert found.person.id.startswith("application:")


async def test_a_program_has_a_name_that_can_be_shown() -> None:
    found = await read(programs(app_displayname="Nightly\u202e\r\n" + "x" * 9000))
    assert found.person.name.isprintable()
    assert len(found.person.name) == 200


@pytest.mark.parametrize(
    "more",
    [{"pi.atm": "1"}, {"zip": "NONE"}, {"x5t": "a" * 27}, {"iss": "x" * 1000}, {"cty": "x"}],
)
async def test_what_a_head_says_besides_is_ignored(more: dict[str, Any]) -> None:
    assert (await read(persons(), header=HEADER | more)).person.name == "Linus"


REFUSED = {
    "another-issuer": persons(iss=f"https://login.example/{STRANGER}/v2.0"),
    "another-tenant-than-its-issuer": persons(tid=STRANGER),
    "a-strangers-tenant": persons(tid=STRANGER, iss=f"https://login.example/{STRANGER}/v2.0"),
    "no-tenant": persons(tid=None),
    "given-to-the-hub": persons(azp=CLIENT_ID),
    "given-to-the-hub-in-version-1": persons(azp=None, appid=CLIENT_ID),
    "given-to-the-hub-by-any-name": persons(cid=CLIENT_ID),
    "the-hubs-own": programs(azp=CLIENT_ID),
    "an-id_token-by-its-use": persons(token_use="id"),
    "one-that-needs-a-proof": persons(typ="DPoP"),
    "bound-to-a-key": persons(cnf={"jkt": "x"}),
    "bound-to-a-certificate": persons(cnf={"x5t#S256": "x"}),
    "bound-to-nothing-readable": persons(cnf=""),
    "times-in-milliseconds": persons(exp=(MOMENT + 3600) * 1000),
    "times-beyond-any-number": persons(exp=1e300),
    "times-before-any": persons(iat=-1e300),
    "for-graph": persons(aud="00000003-0000-0000-c000-000000000000"),
    "for-another-api": persons(aud=PROGRAM),
    "for-nobody": persons(aud=None),
    "audience-begins-like-ours": persons(aud=f"{CLIENT_ID}.example"),
    "audience-in-a-list-of-lists": persons(aud=[[CLIENT_ID]]),
    "expired": persons(exp=MOMENT - 61),
    "not-valid-yet": persons(nbf=MOMENT + 61),
    "of-the-future": persons(iat=MOMENT + 61),
    "without-an-end": persons(exp=None),
    "endless": persons(exp="never"),
    "an-id_token": persons(nonce="n"),
    "an-id_token-by-its-hash": persons(at_hash="x"),
    "a-logout-token": persons(events={}),
    "version-1-unasked": persons(iss=f"https://sts.windows.net/{OURS}/", ver="1.0"),
    "no-object": persons(oid=None),
    "a-refresh-token": persons(typ="Refresh"),
    "names-nothing": [],
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_proves_nothing_is_refused(case: str) -> None:
    with pytest.raises(AnswerRefused):
        await read(REFUSED[case])


UNREACHED = {
    "no-scope": persons(scp=None),
    "another-scope": persons(scp="access_as_user2 Access_As_User"),
    # What an id_token of Entra's looks like: for us, with roles, and of no program.
    "an-id_token-without-a-nonce": persons(scp=None, azp=None, azpacr=None),
    "a-program-of-the-tenant-without-a-role": programs(roles=None),
    "a-program-with-empty-roles": programs(roles=["", "*", " x", 7]),
    "a-public-program": programs(idtyp=None, azpacr="0"),
    "a-person-without-scopes-as-a-program": persons(scp=None, azpacr="1"),
    "a-users-token-that-lacks-scopes": programs(idtyp="user"),
    "a-kind-that-is-not-known": programs(idtyp="device"),
}


@pytest.mark.parametrize("case", UNREACHED)
async def test_what_is_genuine_and_not_meant_to_reach_here_is_refused(case: str) -> None:
    with pytest.raises(ScopeMissing):
        await read(UNREACHED[case])


async def test_a_person_of_another_provider_is_no_program() -> None:
    with pytest.raises(ScopeMissing):
        await read(openids(scope=None), OPENID)


@pytest.mark.parametrize("sub", [["linus"], {"id": "linus"}, 7, None, True, ""])
async def test_a_subject_that_is_no_text_is_nobody(sub: object) -> None:
    with pytest.raises((AnswerRefused, ScopeMissing)):
        await read(openids(sub=sub, client_id="a-program"), OPENID)


async def test_a_guests_token_is_refused_where_guests_are() -> None:
    careful = replace(ONE, guests="refuse")
    with pytest.raises(GuestRefused):
        await read(persons(acct=1), careful)
    assert (await read(persons(acct=0), careful)).person.guest is False


@pytest.mark.parametrize(
    "header",
    [
        HEADER | {"typ": "logout+jwt"},
        HEADER | {"typ": "dpop+jwt"},
        HEADER | {"jwk": {}},
        HEADER | {"jku": "https://evil.example"},
        HEADER | {"x5u": "https://evil.example"},
        HEADER | {"crit": []},
        HEADER | {"kid": "../../dev/null"},
        HEADER | {"kid": 7},
    ],
)
async def test_a_head_that_asks_for_other_rules_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(AnswerRefused):
        await read(persons(), header=header)


async def test_only_the_published_key_signs() -> None:
    mine = Keys.made()

    async def keys(_newer: bool) -> list[dict[str, object]]:  # noqa: FBT001 - Keys
        return [public(mine.ec), public(mine.rsa)]

    as_text = b64(b'{"alg":"none"}') + "." + b64(b"{}") + "."
    provider = replace(ONE, algorithms=("ES256", "RS256"))
    forged = [
        as_text,
        signed(HEADER, persons(), mine.ec_thief),
        signed({"alg": "RS256", "kid": "one"}, persons(), mine.rsa_thief),
        # The public key as a secret, which anybody has.
        signed({"alg": "HS256", "kid": "one"}, persons(), shared(str(mine.rsa.as_dict()["n"]))),
        signed(HEADER, persons(), mine.ec)[:-4] + "AAAA",
    ]
    for token in forged:
        with pytest.raises(AnswerRefused):
            await read_access_token(token, provider=provider, keys=keys, now=NOW)


@given(
    st.dictionaries(
        st.sampled_from([*persons(), "idtyp", "appid", "nonce", "typ", "acct", "scope"]),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(-(2**53), 2**53),
            st.text(st.characters(codec="utf-8"), max_size=9),
            st.just([]),
        ),
        min_size=1,
        max_size=4,
    )
)
async def test_no_change_lets_anybody_in_who_is_somebody_else(changes: dict[str, Any]) -> None:
    try:
        found = await read({**persons(), **changes})
    except MainHubError:
        return
    oid = changes.get("oid", "linus")
    assert found.person.id in {f"{OURS}.{oid}", f"application:{OURS}|{oid}"}
    assert set(found.person.roles) <= {"Employee", "USER"}
