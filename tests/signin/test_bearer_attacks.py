"""Access tokens that prove nothing: each is refused, and what is honest beside them is not."""

from __future__ import annotations

import functools
import hmac
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from typing_extensions import override

from mainhub.clock import SystemClock
from mainhub.outbound import HttpClient
from mainhub.signin import Bearers, Provider, ProviderClient, SharedSecret
from mainhub.web import BearerMalformed, BearerRefused, ScopeMissing, bearer_of
from signin.forged_with import but, raw, shifted, unsigned, without
from signin.hostile_provider import (
    CLIENT_ID,
    OBJECT_ID,
    OTHER_TENANT,
    TENANT,
    Keys,
    b64,
    compact,
    half_hash,
    public,
    signature,
    signed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mainhub.web import Caller

pytestmark = pytest.mark.anyio

Claims = dict[str, Any]
ISSUER = f"https://login.example/{TENANT}/v2.0"
OTHER_API = "0b5e0f6c-0000-4000-8000-000000000001"
SCRIPT = "0b5e0f6c-0000-4000-8000-000000000002"
ENTRA = Provider(
    name="entra",
    title="Contoso",
    kind="entra",
    issuer=ISSUER,
    client_id=CLIENT_ID,
    authentication=SharedSecret("made-up"),
    redirect_uri="https://hub.example/auth/callback/entra",
    post_logout_uri="https://hub.example/auth/signed-out",
    scopes=("openid",),
    tenants=(TENANT,),
)
PLAIN = replace(
    ENTRA, name="plain", kind="oidc", issuer="https://id.example", tenants=(), algorithms=("ES256",)
)


class Publishing(ProviderClient):
    """Publishes *keys*, and counts how often newer ones are asked for."""

    def __init__(self, provider: Provider, keys: list[dict[str, object]]) -> None:
        super().__init__(provider, http=HttpClient(), clock=SystemClock())
        self.published = keys
        self.reloads = 0

    @override
    async def keys(self, *, reload: bool = False) -> list[dict[str, object]]:
        self.reloads += reload
        return self.published


@dataclass
class Hub:
    """What judges tokens, with two providers."""

    entra: Publishing = field(default_factory=lambda: Publishing(ENTRA, [public(Keys.made().rsa)]))
    plain: Publishing = field(default_factory=lambda: Publishing(PLAIN, [public(Keys.made().ec)]))

    def __post_init__(self) -> None:
        clients = {"entra": self.entra, "plain": self.plain}
        self.bearers = Bearers(clients, clock=SystemClock())

    async def caller(self, token: str) -> Caller:
        """Return who sends *token* as programs do."""
        read = bearer_of([(b"authorization", b"Bearer " + token.encode())])
        assert read == token
        return await self.bearers.caller(read)


@pytest.fixture
def hub() -> Hub:
    return Hub()


def of_person(**changes: object) -> Claims:
    """Return the claims of a person's token, version 2.0, with *changes*."""
    now = int(time.time())
    honest: Claims = {
        "aud": CLIENT_ID,
        "iss": ISSUER,
        "tid": TENANT,
        "oid": OBJECT_ID,
        "sub": "pairwise-of-linus",
        "name": "Linus",
        "preferred_username": "linus@contoso.example",
        "azp": SCRIPT,
        "azpacr": "0",
        "scp": "access_as_user",
        "roles": ["Employee", "Editor"],
        "ver": "2.0",
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
    }
    return honest | changes


def of_program(**changes: object) -> Claims:
    """Return the claims of a program's own token, with *changes*."""
    ours = of_person(sub=OBJECT_ID, azpacr="1", idtyp="app", roles=["Employee"])
    for name in ("scp", "name", "preferred_username"):
        del ours[name]
    return ours | changes


def of_plain(**changes: object) -> Claims:
    """Return the claims of a token of the provider that is not Entra (RFC 9068)."""
    person = of_person(iss=PLAIN.issuer, scope="openid access_as_user", client_id=SCRIPT)
    kept = ("aud", "iss", "sub", "name", "scope", "client_id", "roles", "iat", "exp")
    return {name: person[name] for name in kept} | changes


def sealed(claims: Claims, **header: object) -> str:
    """Return *claims*, signed as Entra ID signs them, but for what *header* says."""
    return signed({"alg": "RS256", "typ": "JWT", "kid": "one"} | header, claims, Keys.made().rsa)


def sealed_plainly(claims: Claims, **header: object) -> str:
    """Return *claims*, signed as the other provider signs them, but for what *header* says."""
    return signed({"alg": "ES256", "typ": "at+jwt", "kid": "ec"} | header, claims, Keys.made().ec)


def _confused(secret: bytes) -> Callable[[], str]:
    head = orjson.dumps({"alg": "HS256", "kid": "one"})
    # joserfc refuses such secrets by itself.
    sign = functools.partial(hmac.digest, secret, digest="sha256")
    return lambda: compact(head, orjson.dumps(of_person()), sign)


def _flipped() -> str:
    head, body, proof = sealed(of_person()).split(".")
    return f"{head}.{body}.{proof[:-8]}{'A' * 8}"


def _grafted() -> str:
    """Put the claims of one token under the signature of another."""
    head, _, proof = sealed(of_person()).split(".")
    return f"{head}.{b64(orjson.dumps(of_person(roles=['Admin'])))}.{proof}"


def _written(payload: bytes) -> str:
    head = orjson.dumps({"alg": "RS256", "kid": "one"})
    return compact(head, payload, signature("RS256", Keys.made().rsa))


def _headed(header: bytes) -> str:
    return compact(header, orjson.dumps(of_person()), signature("RS256", Keys.made().rsa))


def _raw(name: str, value: bytes) -> str:
    return str(raw(name, value)({"alg": "RS256", "kid": "one"}, of_person()))


def _by_thief(**header: object) -> str:
    head = {"alg": "RS256", "kid": "one"} | header
    return signed(head, of_person(), Keys.made().rsa_thief)


def _id_token() -> Claims:
    """Return what a sign-in brings: no scope, and the marks of that sign-in."""
    return without("scp")(of_person(nonce="n-0S6", at_hash=half_hash("access")))


SIGNATURES: dict[str, Callable[[], str]] = {
    "alg none": lambda: unsigned({"alg": "none", "typ": "JWT"}, of_person()),
    "alg None": lambda: unsigned({"alg": "None"}, of_person()),
    "alg none, kid of a key": lambda: unsigned({"alg": "none", "kid": "one"}, of_person()),
    "alg is left out": lambda: _headed(b'{"kid":"one"}'),
    "alg is a list": lambda: _headed(b'{"alg":["RS256"],"kid":"one"}'),
    "alg is stated twice": lambda: _headed(b'{"alg":"none","alg":"RS256","kid":"one"}'),
    "no signature": lambda: sealed(of_person()).rpartition(".")[0] + ".",
    "signature of another token": _grafted,
    "signature is touched": _flipped,
    "CVE-2024-37568: HS256 with the public key": _confused(Keys.made().rsa.as_pem(private=False)),
    "CVE-2024-37568: HS256 with the public JWK": _confused(
        orjson.dumps(Keys.made().rsa.as_dict(private=False))
    ),
    "HS256 with the client's id": _confused(CLIENT_ID.encode()),
    "another algorithm of the same key": lambda: signed(
        {"alg": "PS256", "kid": "one"}, of_person(), Keys.made().rsa
    ),
    "a thief's key": _by_thief,
    "CVE-2026-27962: jwk": lambda: _by_thief(jwk=public(Keys.made().rsa_thief)),
    "jwk beside an honest signature": lambda: sealed(of_person(), jwk=public(Keys.made().rsa)),
    "jku": lambda: _by_thief(jku="https://evil.example/keys"),
    "x5u": lambda: _by_thief(x5u="https://evil.example/chain.pem"),
    "x5c": lambda: _by_thief(x5c=["MIIB"]),
    "crit": lambda: sealed(of_person(), crit=["exp"]),
    "b64": lambda: sealed(of_person(), b64=False),
    "kid: a path": lambda: _by_thief(kid="../../../../dev/null"),
    "kid: an address": lambda: _by_thief(kid="https://evil.example/key.pem"),
    "kid: SQL": lambda: _by_thief(kid="one' UNION SELECT 'thief"),
    "kid: a number": lambda: _by_thief(kid=1),
    "kid: empty": lambda: _by_thief(kid=""),
    "kid of the other provider": lambda: sealed(of_person(), kid="ec"),
    "key of the other provider": lambda: sealed_plainly(of_person()),
    "claims of the other provider": lambda: sealed(of_plain()),
}
CLAIMS: dict[str, Callable[[], str]] = {
    "other issuer": lambda: sealed(of_person(iss="https://evil.example")),
    "no issuer": lambda: sealed(without("iss")(of_person())),
    "issuer with a slash at its end": lambda: sealed(of_person(iss=ISSUER + "/")),
    "CVE-2025-55241: other tenant": lambda: sealed(
        of_person(tid=OTHER_TENANT, iss=ISSUER.replace(TENANT, OTHER_TENANT))
    ),
    "CVE-2025-55241: issuer of another tenant": lambda: sealed(
        of_person(iss=ISSUER.replace(TENANT, OTHER_TENANT))
    ),
    "tid of another tenant": lambda: sealed(of_person(tid=OTHER_TENANT)),
    "no tid": lambda: sealed(without("tid")(of_person())),
    "version 1.0 that nobody allows": lambda: sealed(
        of_person(ver="1.0", iss=f"https://sts.windows.net/{TENANT}/")
    ),
    "other audience": lambda: sealed(of_person(aud=OTHER_API)),
    "audience of Microsoft Graph": lambda: sealed(
        of_person(aud="00000003-0000-0000-c000-000000000000")
    ),
    "audience begins as ours": lambda: sealed(of_person(aud=f"api://{CLIENT_ID}.evil.example")),
    "audience in capitals": lambda: sealed(of_person(aud=CLIENT_ID.upper())),
    "audience is an object": lambda: sealed(of_person(aud={CLIENT_ID: True})),
    "no audience": lambda: sealed(without("aud")(of_person())),
    "empty audience": lambda: sealed(of_person(aud=[])),
    "expired": lambda: sealed(shifted("exp", -120)(of_person())),
    "expires never": lambda: sealed(without("exp")(of_person())),
    "exp is a text": lambda: sealed(of_person(exp="9999999999")),
    "exp is true": lambda: sealed(of_person(exp=True)),
    "exp is NaN": lambda: _raw("exp", b"NaN"),
    "exp is endless": lambda: _raw("exp", b"1e999"),
    "not valid yet": lambda: sealed(shifted("nbf", 600)(of_person())),
    "nbf is a text": lambda: sealed(of_person(nbf="0")),
    "issued in the future": lambda: sealed(shifted("iat", 600)(of_person())),
    "aud is stated twice": lambda: _raw("iss", f'"{ISSUER}","aud":"{CLIENT_ID}"'.encode()),
    "roles are stated twice": lambda: _raw("x", b'1,"roles":["Admin"]'),
    "scp is stated twice": lambda: _raw("x", b'1,"scp":"access_as_user"'),
    "claims are a list": lambda: _written(b"[]"),
    "claims are no JSON": lambda: _written(b"{"),
    "claims are nested for ever": lambda: _written(b'{"a":' * 2000 + b"1" + b"}" * 2000),
    "no person": lambda: sealed(without("oid")(of_person())),
}
KINDS: dict[str, Callable[[], str]] = {
    "id_token": lambda: sealed(_id_token()),
    "id_token with a scope": lambda: sealed(_id_token() | {"scp": "access_as_user"}),
    "id_token of the other provider": lambda: sealed_plainly(of_plain(nonce="n-0S6")),
    "logout token": lambda: sealed(
        of_person(events={"http://schemas.openid.net/event/backchannel-logout": {}})
    ),
    "typ: logout+jwt": lambda: sealed(of_person(), typ="logout+jwt"),
    "typ: dpop+jwt": lambda: sealed(of_person(), typ="dpop+jwt"),
    "typ: secevent+jwt": lambda: sealed(of_person(), typ="secevent+jwt"),
    "refresh token that is a JWT": lambda: sealed_plainly(of_plain(typ="Refresh")),
    "offline token that is a JWT": lambda: sealed_plainly(of_plain(typ="Offline")),
    "refresh token of Entra": lambda: "0.AXoAnix8XzR9hkucBS6KYdezQA." + "a" * 200,
    "opaque": lambda: "2YotnFZFEjr1zCsicMWpAA",
    "encrypted": lambda: ".".join([b64(b'{"alg":"dir","enc":"A256GCM"}'), *"abcd"]),
    "nothing but dots": lambda: "..",
    "huge claims": lambda: sealed(of_person(padding="a" * 40_000)),
    "huge header": lambda: sealed(of_person(), kid="one", padding="a" * 40_000),
}
ALL = {**SIGNATURES, **CLAIMS, **KINDS}


@pytest.mark.parametrize("forge", ALL.values(), ids=ALL)
async def test_proves_nothing(hub: Hub, forge: Callable[[], str]) -> None:
    token = forge()
    with pytest.raises((BearerMalformed, BearerRefused)) as caught:
        await hub.caller(token)
    assert token not in f"{caught.value} {caught.value.remedy}"


async def test_positive_control_a_person_with_all_roles(hub: Hub) -> None:
    caller = await hub.caller(sealed(of_person()))
    assert caller.person.roles == ("Employee", "Editor")
    assert (caller.application, caller.session_id, caller.session_ref) == (None, None, None)


async def test_positive_control_by_the_address_of_the_api(hub: Hub) -> None:
    caller = await hub.caller(sealed(of_person(aud=f"api://{CLIENT_ID}"), typ="at+jwt"))
    assert caller.person.name == "Linus"


async def test_positive_control_of_another_provider(hub: Hub) -> None:
    assert (await hub.caller(sealed_plainly(of_plain()))).person.provider == "plain"


async def test_positive_control_a_program(hub: Hub) -> None:
    caller = await hub.caller(sealed(of_program()))
    assert (caller.application, caller.person.roles) == (SCRIPT, ("Employee",))


@pytest.mark.parametrize(
    "claims",
    [
        but(scp="User.Read"),
        but(scp=""),
        but(scp="access_as_user_not"),
        but(scp="Access_As_User"),
        but(scp=7),
        without("scp"),
    ],
)
async def test_a_person_s_token_without_the_scope_reaches_nothing(
    hub: Hub, claims: Callable[[Claims], Claims]
) -> None:
    with pytest.raises(ScopeMissing) as caught:
        await hub.caller(sealed(claims(of_person())))
    assert caught.value.scope == f"api://{CLIENT_ID}/access_as_user"


@pytest.mark.parametrize(
    "claims",
    [
        without("roles"),
        but(roles=[]),
        # Roles stand nowhere else.
        but(roles=[], wids=["62e90394-69f5-4237-9190-012177145e10"], groups=["Admin"]),
        but(roles=[], app_roles=["Admin"]),
        # Not proved by a secret or a certificate: anybody may be this program.
        lambda claims: without("idtyp")(claims) | {"azpacr": "0"},
        but(idtyp="user"),
    ],
)
async def test_a_program_without_a_role_or_a_proof_is_none(
    hub: Hub, claims: Callable[[Claims], Claims]
) -> None:
    with pytest.raises(ScopeMissing):
        await hub.caller(sealed(claims(of_program())))


async def test_a_program_is_never_taken_for_the_person_of_its_id(hub: Hub) -> None:
    person = await hub.caller(sealed(of_person()))
    program = await hub.caller(sealed(of_program()))
    assert person.person.id != program.person.id


async def test_neither_the_token_nor_anything_like_it_is_shown(hub: Hub) -> None:
    token = sealed(of_person())
    caller = await hub.caller(token)
    assert token not in repr(caller)
    assert token.rpartition(".")[2] not in repr(vars(hub.bearers))


async def test_what_was_found_is_kept_for_the_very_same_token_only(hub: Hub) -> None:
    token = sealed(of_person())
    first = await hub.caller(token)
    hub.entra.published = []
    assert await hub.caller(token) is first
    for other in (token + "=", token[:-1], token.swapcase(), _grafted()):
        with pytest.raises(BearerRefused):
            await hub.caller(other)


async def test_a_token_is_not_believed_when_its_signature_alone_was_seen(hub: Hub) -> None:
    await hub.caller(sealed(of_person()))
    with pytest.raises(BearerRefused):
        await hub.caller(_grafted())


async def test_strangers_make_nobody_fetch_keys(hub: Hub) -> None:
    strangers: Sequence[str] = [
        sealed(of_person(iss="https://evil.example"), kid="unknown"),
        sealed(of_person(aud=OTHER_API), kid="unknown"),
        sealed(of_person(tid=OTHER_TENANT), kid="unknown"),
        sealed(of_person(), alg="none", kid="unknown"),
    ]
    for token in strangers:
        with pytest.raises(BearerRefused):
            await hub.caller(token)
    assert hub.entra.reloads == hub.plain.reloads == 0
