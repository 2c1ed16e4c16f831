"""What the doctor finds of a provider: all well, and each planted fault by its name."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import StringIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from typing_extensions import override

from mainhub.cli.doctor import _print_diagnosis
from mainhub.clock import SystemClock
from mainhub.health import Diagnosis, Verdict, examine
from mainhub.outbound import Answer, CallFailed, HttpClient
from mainhub.signin import AssertionFile, PrivateKeyJwt, SharedSecret
from mainhub.signin.doctor import IdentityExamination
from mainhub.signin.provider import ProviderClient
from mainhub.signin.trusted import Provider
from signin.client_certificates import made
from signin.entra_world import entra_world
from signin.moving_clock import MovingClock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.anyio

ISSUER = "https://id.example.com"
HUB = "https://hub.example.com"
SECRET = "the-secret-of-the-client"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def jwk(bits: int = 2048, **more: object) -> dict[str, object]:
    modulus = base64.urlsafe_b64encode(b"\x80" * (bits // 8)).rstrip(b"=").decode()
    return {"kty": "RSA", "use": "sig", "kid": f"k{bits}", "n": modulus, "e": "AQAB", **more}


@dataclass
class Planted(HttpClient):
    """A provider without a network; each test plants one fault."""

    discovery: dict[str, object] = field(default_factory=dict)
    keys: list[dict[str, object]] = field(default_factory=lambda: [jwk()])
    date: str | None = format_datetime(NOW, usegmt=True)
    status: int = 200
    token: dict[str, object] = field(default_factory=lambda: {"error": "invalid_grant"})
    pushed: dict[str, object] = field(default_factory=dict)
    sends_back: bool = True
    back: str = "error=login_required"
    gone: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self.document = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "end_session_endpoint": f"{ISSUER}/logout",
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "offline_access"],
            "authorization_response_iss_parameter_supported": True,
        } | self.discovery

    @override
    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        import orjson

        if self.gone:
            raise CallFailed(f"{url} cannot be reached: ConnectionRefusedError")
        if "/authorize" in url:
            back = f"{HUB}/auth/callback/main?{self.back}"
            return Answer(303, b"", location=back) if self.sends_back else Answer(400, b"no")
        body: Mapping[str, object] = self.document
        if url.endswith("/keys"):
            body = {"keys": self.keys}
        return Answer(self.status, orjson.dumps(body), date=self.date)

    @override
    async def post_form(
        self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        import orjson

        if url.endswith("/par"):
            return Answer(201, orjson.dumps(self.pushed))
        return Answer(400, orjson.dumps(self.token))


class Standing(SystemClock):
    @override
    def now(self) -> datetime:
        return NOW


def provider(**more: Any) -> Provider:
    facts: dict[str, Any] = {
        "name": "main",
        "title": "Main",
        "kind": "oidc",
        "issuer": ISSUER,
        "client_id": "client",
        "authentication": SharedSecret(SECRET),
        "redirect_uri": f"{HUB}/auth/callback/main",
        "post_logout_uri": f"{HUB}/auth/signed-out",
        "scopes": ("openid", "profile", "offline_access"),
    }
    return Provider(**facts | more)


async def found(planted: Planted, one: Provider | None = None) -> list[Diagnosis]:
    clock = Standing()
    client = ProviderClient(one or provider(), http=planted, clock=clock)
    made = IdentityExamination(client, http=planted, clock=clock, public_url=HUB)
    (examined,) = await examine([made.examination])
    return list(examined.diagnoses)


async def test_a_provider_that_is_well_fails_nothing() -> None:
    diagnoses = await found(Planted())
    assert {one.verdict for one in diagnoses} <= {Verdict.FINE, Verdict.UNKNOWN}
    assert len(diagnoses) >= 6


FAULTS: dict[str, tuple[Planted, str, Verdict]] = {
    "unreachable": (Planted(gone=True), "discovery document cannot be had", Verdict.FAILED),
    "no document": (Planted(status=404), "discovery document cannot be had", Verdict.FAILED),
    "another issuer": (
        Planted(discovery={"issuer": "https://other.example.com"}),
        "discovery document is not accepted",
        Verdict.FAILED,
    ),
    "clock a little off": (
        Planted(date=format_datetime(NOW + timedelta(seconds=45), usegmt=True)),
        "45 s apart",
        Verdict.WARNING,
    ),
    "clock far off": (
        Planted(date=format_datetime(NOW - timedelta(minutes=5), usegmt=True)),
        "300 s apart",
        Verdict.FAILED,
    ),
    "no time told": (Planted(date=None), "does not tell its time", Verdict.UNKNOWN),
    "a time that no clock shows": (
        Planted(date="Mon, 01 Jan 99999999999999999999 00:00:00 +1400"),
        "does not tell its time",
        Verdict.UNKNOWN,
    ),
    "a key of no kind": (
        Planted(keys=[{"kty": ["RSA"]}]),
        "None of the published keys fits",
        Verdict.FAILED,
    ),
    "no S256": (
        Planted(discovery={"code_challenge_methods_supported": ["plain"]}),
        "does not take PKCE with S256",
        Verdict.FAILED,
    ),
    "other algorithms": (
        Planted(discovery={"id_token_signing_alg_values_supported": ["HS256"]}),
        "signs with none of the algorithms",
        Verdict.FAILED,
    ),
    "no offline access": (
        Planted(discovery={"scopes_supported": ["openid"]}),
        "offline_access is missing",
        Verdict.WARNING,
    ),
    "no sign-out": (
        Planted(discovery={"end_session_endpoint": None}),
        "ends the session here, not at the provider",
        Verdict.WARNING,
    ),
    "no keys": (Planted(keys=[]), "published keys cannot be had", Verdict.FAILED),
    "keys of another kind": (
        Planted(keys=[{"kty": "EC", "crv": "P-256"}]),
        "None of the published keys fits",
        Verdict.FAILED,
    ),
    "weak key": (Planted(keys=[jwk(1024)]), "are weak", Verdict.WARNING),
    "keys without names": (
        Planted(keys=[jwk(kid=None), jwk(3072)]),
        "not all have a name",
        Verdict.WARNING,
    ),
    "unknown redirect": (
        Planted(sends_back=False),
        "does not send people back",
        Verdict.FAILED,
    ),
    "refused request": (
        Planted(back="error=unauthorized_client&error_description=" + quote("not this client")),
        "refuses the hub's requests",
        Verdict.FAILED,
    ),
    "nowhere to push to": (
        Planted(discovery={"require_pushed_authorization_requests": True}),
        "cannot be pushed",
        Verdict.FAILED,
    ),
    "pushed in vain": (
        Planted(discovery={"pushed_authorization_request_endpoint": f"{ISSUER}/par"}),
        "could not be pushed; browsers carry them",
        Verdict.WARNING,
    ),
    "refused push": (
        Planted(
            discovery={"pushed_authorization_request_endpoint": f"{ISSUER}/par"},
            pushed={"error": "invalid_client"},
        ),
        "refuses the hub's pushed requests",
        Verdict.FAILED,
    ),
    "no way of ours": (
        Planted(discovery={"token_endpoint_auth_methods_supported": ["tls_client_auth"]}),
        "by client_secret_post, which the provider does not say that it takes",
        Verdict.WARNING,
    ),
    "wrong secret": (
        Planted(token={"error": "invalid_client", "error_description": "AADSTS7000215: Invalid"}),
        "does not believe the hub",
        Verdict.FAILED,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_is_found_with_its_cause_and_remedy(fault: str) -> None:
    planted, words, verdict = FAULTS[fault]
    named = [one for one in await found(planted) if words in one.what]
    assert [one.verdict for one in named] == [verdict]
    assert verdict is Verdict.UNKNOWN or (named[0].cause and named[0].remedy)


async def test_a_providers_words_do_nothing_to_a_terminal() -> None:
    hostile = "\x1b]0;owned\x07\x1b[2Jfine\r"
    told = list[str]()
    for planted in (
        Planted(back=f"error=invalid_request&error_description={quote(hostile)}"),
        Planted(discovery={"id_token_signing_alg_values_supported": [hostile]}),
        Planted(token={"error": "invalid_client", "error_description": hostile}),
    ):
        console = Console(file=StringIO(), width=200)
        for diagnosis in await found(planted):
            _print_diagnosis(console, diagnosis)
        told.append(console.file.getvalue())  # type: ignore[attr-defined]
    for text in told:
        assert "fine" in text
        assert "owned" in text
        assert all(letter.isprintable() or letter == "\n" for letter in text)


async def test_a_redirect_uri_that_is_not_the_hubs_is_found() -> None:
    elsewhere = provider(redirect_uri="https://old.example.com/auth/callback/main")
    first, *_ = await found(Planted(), elsewhere)
    assert first.verdict is Verdict.FAILED
    assert f"{HUB}/auth/callback/main" in (first.cause or "")


PROOFS: dict[str, tuple[dict[str, Any], str, Verdict]] = {
    "well": ({}, "certificate is good until 2027-11-21", Verdict.FINE),
    "ends soon": ({"lasts": timedelta(days=21)}, "ends on 2026-12-12", Verdict.WARNING),
    "ended": ({"lasts": timedelta(hours=1)}, "has ended", Verdict.FAILED),
    "not begun": ({"begins": timedelta(days=1)}, "not good yet", Verdict.FAILED),
}


@pytest.mark.parametrize("case", PROOFS)
async def test_a_certificate_that_ends_is_found_before_people_find_it(case: str) -> None:
    facts, words, verdict = PROOFS[case]
    one = made(now=NOW, **facts)
    diagnoses = await found(
        Planted(), provider(authentication=PrivateKeyJwt(one.private, one.x509))
    )
    assert [each.verdict for each in diagnoses if words in each.what] == [verdict]
    assert "The hub proves itself by private_key_jwt." in [each.what for each in diagnoses]


async def test_a_signature_that_the_provider_does_not_take_is_found() -> None:
    one = made(ec.generate_private_key(ec.SECP384R1()), now=NOW)
    takes: dict[str, object] = {
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"]
    }
    told = provider(authentication=PrivateKeyJwt(one.private, one.x509))
    (warned,) = [
        each
        for each in await found(Planted(discovery=takes), told)
        if each.verdict is Verdict.WARNING
    ]
    assert "private_key_jwt with ES384, which the provider does not say" in warned.what
    assert "RS256, ES256" in (warned.cause or "")


async def test_an_assertion_that_cannot_be_read_is_found_once(tmp_path: Path) -> None:
    away = provider(authentication=AssertionFile(tmp_path / "token"))
    failed = [each for each in await found(Planted(), away) if each.verdict is Verdict.FAILED]
    assert [each.what for each in failed] == ["The hub's assertion cannot be read."]
    assert str(tmp_path / "token") in (failed[0].cause or "")
    assert failed[0].remedy


async def test_a_pushed_request_finds_out_as_much() -> None:
    planted = Planted(
        discovery={
            "pushed_authorization_request_endpoint": f"{ISSUER}/par",
            "require_pushed_authorization_requests": True,
        },
        pushed={"request_uri": "urn:example:one", "expires_in": 60},
    )
    told = [each.what for each in await found(planted)]
    assert "Requests are pushed to the provider (RFC 9126)." in told
    assert "The provider knows the redirect URI, and takes PKCE with S256." in told
    never = [each.what for each in await found(planted, provider(par="never"))]
    assert "Requests are pushed, although the settings say never." in never


async def test_no_secret_is_told_even_if_the_provider_repeats_it() -> None:
    planted = Planted(
        token={"error": "invalid_client", "error_description": f"wrong secret {SECRET}"}
    )
    assert SECRET not in repr(await found(planted))


WORDS = st.text(st.characters(exclude_categories=["Cs"]))
PUBLISHED = st.recursive(st.none() | st.booleans() | st.integers(0, 99) | WORDS, st.lists)


@given(body=PUBLISHED, name=WORDS)
async def test_whatever_is_published_is_a_finding(body: object, name: str) -> None:
    names = [*Planted().document, name]
    for one in names:
        diagnoses = await found(Planted(discovery={one: body}))
        assert all("fault" not in each.what for each in diagnoses), (one, diagnoses)


async def test_the_simulated_tenant_is_well(tmp_path: Path) -> None:
    clock = MovingClock()
    async with entra_world(tmp_path, clock=clock) as world, HttpClient() as http:
        told = world.identity["entra"]
        assert isinstance(told, dict)
        one = provider(
            name="entra",
            kind="entra",
            issuer=told["issuer"],
            client_id=told["client_id"],
            authentication=SharedSecret(told["client_secret"]),
            redirect_uri=f"{world.hub.url}/auth/callback/entra",
        )
        client = ProviderClient(one, http=http, clock=clock)
        made = IdentityExamination(client, http=http, clock=clock, public_url=world.hub.url)
        (examined,) = await examine([made.examination])
        await client.aclose()
    failed = [each for each in examined.diagnoses if each.verdict is Verdict.FAILED]
    assert failed == [], failed
