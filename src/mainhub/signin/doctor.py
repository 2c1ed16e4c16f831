"""What ``mainhub doctor`` looks at in an identity provider, without anybody signing in."""

import base64
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from mainhub.clock import Clock
from mainhub.errors import Invalid, MainHubError
from mainhub.health import Diagnosis, Examination, Verdict
from mainhub.outbound import Answer, CallFailed, HttpClient
from mainhub.signin.announced import announced, listed, taken
from mainhub.signin.client_authentication import ProofMissing
from mainhub.signin.failures import ProviderDeclined, ProviderUnavailable
from mainhub.signin.provider import ProviderClient
from mainhub.signin.trusted import Provider

_LONGEST_WORDS: Final = 300
__all__ = ["IdentityExamination"]

_DOCS: Final = "docs/signin.md"
_OK: Final = 200
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_SKEW_WARNING, _SKEW_FAILED = 30, 60
_LEAST_RSA: Final = 2048
_MICROSOFT: Final = "https://learn.microsoft.com/entra/identity-platform/"
_GRAPH_SCOPE: Final = "https://graph.microsoft.com/.default"
_KEY_TYPES: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
# RFC 6749, section 5.2: whoever is told these was not believed to be the client.
_NOT_BELIEVED: Final = frozenset({"invalid_client", "unauthorized_client"})


class IdentityExamination:
    """Looks into one provider: what it publishes, and whether it knows this hub.

    Args:
        client: speaks to it as the hub does.
        http: for what is not part of a sign-in; opened by the caller.
        clock: the time of this machine.
        public_url: the hub's own origin.
        explain: the cause and remedy of a provider's error for people, if any is known.
    """

    def __init__(
        self,
        client: ProviderClient,
        *,
        http: HttpClient,
        clock: Clock,
        public_url: str,
        explain: Callable[[str], tuple[str, str] | None] | None = None,
    ) -> None:
        self._client = client
        self._http = http
        self._clock = clock
        self._public_url = public_url
        self._explain = explain

    @property
    def examination(self) -> Examination:
        """Return it under the name ``identity-NAME``."""
        provider = self._client.provider
        return Examination(
            f"identity-{provider.name}", f"Identity provider {provider.title}", self.look
        )

    async def look(self) -> AsyncIterator[Diagnosis]:
        """Yield what is found; without a discovery document there is little to find."""
        provider = self._client.provider
        yield _redirect_fits(provider, self._public_url)
        for diagnosis in await provider.authentication.diagnoses(self._clock.now()):
            yield diagnosis
        document = None
        try:
            answer = await self._http.get(_discovery_url(provider))
            document = _document(answer)
        except (CallFailed, Invalid) as error:
            yield Diagnosis(
                "The discovery document cannot be had.",
                Verdict.FAILED,
                str(error),
                f"Open {_discovery_url(provider)} from this machine; see to DNS, proxy and "
                "firewall, and to the issuer or tenant in the settings.",
                _DOCS,
            )
            return
        yield _clock_agrees(answer, self._clock.now())
        try:
            metadata = await self._client.metadata()
        except MainHubError as error:
            yield Diagnosis(
                "The discovery document is not accepted.",
                Verdict.FAILED,
                str(error),
                error.remedy or f"Correct identity.{provider.name}.issuer or its tenant.",
                _DOCS,
            )
            return
        yield Diagnosis("The discovery document is that of the configured issuer.")
        for diagnosis in announced(provider, document):
            yield diagnosis
        for diagnosis in taken(provider, metadata):
            yield diagnosis
        yield await self._keys()
        async for diagnosis in self._asked(document):
            yield diagnosis
        for diagnosis in _beyond(provider, self._public_url, document):
            yield diagnosis

    async def _keys(self) -> Diagnosis:
        provider = self._client.provider
        try:
            keys = await self._client.keys()
        except MainHubError as error:
            return Diagnosis(
                "The published keys cannot be had.",
                Verdict.FAILED,
                str(error),
                error.remedy or "Without them nobody can sign in: ask the provider's operator.",
                _DOCS,
            )
        kinds = {_KEY_TYPES[algorithm[:2]] for algorithm in provider.algorithms}
        fit = [
            key for key in keys if str(key.get("kty")) in kinds and key.get("use", "sig") == "sig"
        ]
        if not fit:
            return Diagnosis(
                "None of the published keys fits the algorithms in the settings.",
                Verdict.FAILED,
                f"published: {listed([key.get('kty') for key in keys])}; "
                f"accepted: {listed(provider.algorithms)}",
                f"Set identity.{provider.name}.algorithms to what the provider signs with.",
                "docs/settings.md",
            )
        weak = [key for key in fit if 0 < _rsa_bits(key) < _LEAST_RSA]
        if weak:
            return Diagnosis(
                f"{len(weak)} of the published keys are weak.",
                Verdict.WARNING,
                f"RSA keys of less than {_LEAST_RSA} bits can be broken",
                "Ask the provider's operator for longer keys.",
            )
        unnamed = [key for key in fit if not key.get("kid")]
        if unnamed and len(fit) > 1:
            return Diagnosis(
                "Several keys are published, and not all have a name (kid).",
                Verdict.WARNING,
                "a token that does not say which key signed it is refused",
                "Ask the provider's operator to name the keys.",
            )
        return Diagnosis(f"{len(fit)} published keys fit, none is weak.")

    async def _asked(self, document: Mapping[str, object]) -> AsyncIterator[Diagnosis]:
        yield await self._redirect_is_known(document)
        if (cause := self._client.not_pushed) is not None:
            yield Diagnosis(
                "A request could not be pushed; browsers carry them instead.",
                Verdict.WARNING,
                cause,
                f"Ask the provider's operator, or set identity.{self._client.provider.name}.par "
                "to never.",
                _DOCS,
            )
        yield await self._is_believed()

    async def _redirect_is_known(self, document: Mapping[str, object]) -> Diagnosis:
        """Ask for a sign-in that may show nobody anything: it must come back with an error."""
        provider = self._client.provider
        query = {
            "client_id": provider.client_id,
            "response_type": "code",
            "response_mode": "query",
            "redirect_uri": provider.redirect_uri,
            "scope": "openid",
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "prompt": "none",
            "code_challenge": secrets.token_urlsafe(32),
            "code_challenge_method": "S256",
        }
        endpoint = str(document.get("authorization_endpoint"))
        answer = await self._asked_with(query, endpoint)
        if isinstance(answer, Diagnosis):
            return answer
        back = answer.location or ""
        if answer.status in _REDIRECTS and back.startswith(provider.redirect_uri):
            told = parse_qs(urlsplit(back).query)
            code = told.get("error", [""])[0]
            if code in {"invalid_request", "unauthorized_client", "invalid_scope"}:
                words = told.get("error_description", [code])[0][:_LONGEST_WORDS]
                return self._declined("The provider refuses the hub's requests.", words)
            return Diagnosis("The provider knows the redirect URI, and takes PKCE with S256.")
        if provider.kind == "entra" and answer.status == _OK:
            return Diagnosis(
                "Whether the redirect URI is registered cannot be told from here.",
                Verdict.UNKNOWN,
                "Entra ID answered with a page for people",
                f"See that {provider.redirect_uri} stands under Authentication, platform Web.",
                f"{_MICROSOFT}reply-url",
            )
        return Diagnosis(
            "The provider does not send people back to the hub.",
            Verdict.FAILED,
            f"it answered {answer.status} to a request with redirect_uri={provider.redirect_uri}",
            "Register exactly this redirect URI for the client in the settings.",
            f"{_MICROSOFT}reply-url" if provider.kind == "entra" else _DOCS,
        )

    async def _asked_with(self, query: Mapping[str, str], endpoint: str) -> Answer | Diagnosis:
        separator = "&" if "?" in endpoint else "?"
        try:
            carried = await self._client.authorization_query(query)
            return await self._http.get(f"{endpoint}{separator}{urlencode(carried)}")
        except ProviderDeclined as error:
            return self._declined("The provider refuses the hub's pushed requests.", str(error))
        except ProviderUnavailable as error:
            return Diagnosis(
                "The hub's requests cannot be pushed to the provider.",
                Verdict.UNKNOWN if isinstance(error, ProofMissing) else Verdict.FAILED,
                str(error),
                error.remedy or "See to DNS, proxy and firewall.",
                _DOCS,
            )
        except CallFailed as error:
            return Diagnosis(
                "The sign-in page cannot be had.",
                Verdict.FAILED,
                str(error),
                "See to DNS, proxy and firewall.",
            )

    async def _is_believed(self) -> Diagnosis:
        """Tell whether secret or certificate hold, by a request that is good for nothing else."""
        provider = self._client.provider
        form = {"grant_type": "refresh_token", "refresh_token": "mainhub-doctor", "scope": "openid"}
        if provider.kind == "entra":
            form = {"grant_type": "client_credentials", "scope": _GRAPH_SCOPE}
        try:
            await self._client.token(form)
        except ProviderDeclined as error:
            if error.code in _NOT_BELIEVED:
                return self._declined("The provider does not believe the hub.", str(error))
            return Diagnosis("The provider believes the hub's secret or certificate.")
        except ProofMissing as error:
            return Diagnosis(
                "Whether the provider believes the hub cannot be told.",
                Verdict.UNKNOWN,
                str(error),
            )
        except MainHubError as error:
            return Diagnosis(
                "The token endpoint fails.",
                Verdict.FAILED,
                str(error),
                error.remedy or "Try again in a moment; then ask the provider's operator.",
            )
        return Diagnosis("The provider believes the hub's secret or certificate.")

    def _declined(self, what: str, words: str) -> Diagnosis:
        provider = self._client.provider
        known = self._explain(words) if self._explain is not None else None
        cause = words if known is None else f"{known[0]} ({words})"
        compare = (
            f"Compare identity.{provider.name}.client_id and its secret or certificate with what "
            "the provider has; secrets expire."
        )
        remedy = compare if known is None else known[1]
        return Diagnosis(what, Verdict.FAILED, cause, remedy, _DOCS)


def _discovery_url(provider: Provider) -> str:
    return provider.metadata_url


def _document(answer: Answer) -> dict[str, object]:
    if answer.status != _OK:
        raise Invalid(f"it answered {answer.status}")
    return answer.json()


def _redirect_fits(provider: Provider, public_url: str) -> Diagnosis:
    expected = f"{public_url}/auth/callback/{provider.name}"
    if provider.redirect_uri == expected:
        return Diagnosis(f"The redirect URI is {expected}.")
    return Diagnosis(
        "The redirect URI is not this hub's address.",
        Verdict.FAILED,
        f"people would be sent to {provider.redirect_uri}; this hub expects them at {expected}",
        f"Remove identity.{provider.name}.redirect_uri, or set hub.public_url to what people open.",
        "docs/settings.md",
    )


def _clock_agrees(answer: Answer, now: datetime) -> Diagnosis:
    try:
        told = parsedate_to_datetime(answer.date or "")
        apart = round(abs((now - told.astimezone(UTC)).total_seconds()))
    except (ValueError, OverflowError):
        return Diagnosis("The provider does not tell its time.", Verdict.UNKNOWN)
    if apart <= _SKEW_WARNING:
        return Diagnosis("The clocks of provider and hub agree.")
    return Diagnosis(
        f"The clocks of provider and hub are {apart} s apart.",
        Verdict.FAILED if apart > _SKEW_FAILED else Verdict.WARNING,
        "tokens are good between two times, and a minute of difference is allowed",
        "Let this machine's clock follow a time server (chrony, systemd-timesyncd).",
    )


def _beyond(provider: Provider, public_url: str, document: Mapping[str, object]) -> list[Diagnosis]:
    """Return what cannot be found out without a person who signs in."""
    found = [
        Diagnosis(
            f"Roles are read from the claim {provider.roles_claim}; only a sign-in shows them.",
            Verdict.UNKNOWN,
            remedy="Sign in and open /auth/session: a person without any role is USER.",
            link="docs/access.md",
        )
    ]
    channel = None
    if document.get("backchannel_logout_supported") is True:
        channel = "backchannel"
    elif provider.kind == "entra" or document.get("frontchannel_logout_supported") is True:
        channel = "frontchannel"
    if channel is not None:
        found.append(
            Diagnosis(
                "Whether the provider tells the hub of signing out cannot be told from here.",
                Verdict.UNKNOWN,
                remedy=f"Register {public_url}/auth/{channel}/{provider.name} for it.",
                link=_DOCS,
            )
        )
    return found


def _rsa_bits(key: Mapping[str, object]) -> int:
    modulus = key.get("n")
    if key.get("kty") != "RSA" or not isinstance(modulus, str):
        return 0
    try:
        raw = base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4))
    except ValueError:
        return 0
    return int.from_bytes(raw, "big").bit_length()
