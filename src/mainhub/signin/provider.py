"""One identity provider: what we know of it, and the requests that we make to it.

Discovery and key set are fetched when first needed and kept; an unknown key id reloads the set, at
most once in 30 s, and a failing provider leaves the last good answers in use for a day.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import quote

from mainhub.clock import Clock
from mainhub.errors import Invalid
from mainhub.health import Finding, State
from mainhub.outbound import Answer, CallFailed, HttpClient
from mainhub.resilience import Pipeline, Rejected, Throttled, parse_retry_after
from mainhub.signin.failures import ProviderDeclined, ProviderUnavailable
from mainhub.signin.remembered import Remembered

__all__ = ["Metadata", "Provider", "ProviderClient", "declined", "logout_url"]

_LONGEST_WORDS: Final = 300
_SECRETS: Final = frozenset(
    {"access_token", "client_secret", "code", "code_verifier", "id_token", "refresh_token"}
)
_OK: Final = 200
_SERVER_FAULT: Final = 500
_TOO_MANY: Final = 429


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as configured. *issuer* has no trailing path beyond its own."""

    name: str
    title: str
    kind: Literal["entra", "oidc"]
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    post_logout_uri: str
    scopes: tuple[str, ...]
    roles_claim: str = "roles"
    algorithms: tuple[str, ...] = ("RS256",)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What discovery told (OpenID Connect Discovery 1.0, section 3)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None
    states_issuer: bool
    """The provider names itself in authorization answers (RFC 9207)."""


class ProviderClient:
    """Speaks to *provider*; one instance per provider, shared by all requests."""

    def __init__(
        self,
        provider: Provider,
        *,
        http: HttpClient,
        clock: Clock,
        way: Pipeline | None = None,
    ) -> None:
        self.provider = provider
        self._http = http
        self._way = way or Pipeline(f"identity-{provider.name}")
        # A code and a refresh token are good for one use: asked twice, they end the session.
        self._once = self._way.once
        self._metadata = Remembered(f"{provider.name} discovery", self._discover, clock=clock)
        self._keys = Remembered(f"{provider.name} keys", self._published_keys, clock=clock)

    async def aclose(self) -> None:
        """Give up what is still being fetched."""
        await self._metadata.aclose()
        await self._keys.aclose()

    async def metadata(self) -> Metadata:
        """Return the discovery document, at most an hour old unless the provider fails.

        Raises:
            ProviderUnavailable: there is none, or it is for another issuer.
        """
        return await self._metadata.get()

    async def keys(self, *, reload: bool = False) -> list[dict[str, object]]:
        """Return the provider's public keys (JWK, RFC 7517); *reload* asks for newer ones.

        Raises:
            ProviderUnavailable: there are none.
        """
        return await self._keys.get(newer=reload)

    async def probe(self) -> Finding:
        """Fetch the discovery document anew, and tell how the provider is."""
        try:
            await self._discover()
        except ProviderUnavailable as error:
            return Finding(State.FAILED, str(error), error.remedy)
        return Finding(State.FINE, "It publishes its discovery document.")

    async def token(self, form: Mapping[str, str]) -> dict[str, object]:
        """Make a token request (RFC 6749, section 4.1.3 and 6), authenticated by the secret.

        Raises:
            ProviderDeclined: the provider answered with an OAuth error.
            ProviderUnavailable: it did not answer, or with a fault of its own.
        """
        endpoint = (await self.metadata()).token_endpoint
        credentials = {
            "client_id": self.provider.client_id,
            "client_secret": self.provider.client_secret,
        }
        sent = {**form, **credentials}
        try:
            answer = await self._once.call(self._asked, self._http.post_form, endpoint, sent)
        except (CallFailed, Rejected, Throttled) as error:
            raise self._down(error) from error
        return self._read_token_answer(answer, sent)

    def _read_token_answer(self, answer: Answer, sent: Mapping[str, str]) -> dict[str, object]:
        try:
            body = answer.json()
        except Invalid as error:
            raise ProviderUnavailable(f"{self.provider.title}: {error}") from error
        if "error" in body:
            raise declined(self.provider, _without_secrets(body, sent))
        if answer.status != _OK:
            raise ProviderUnavailable(f"{self.provider.title} answered {answer.status}")
        return body

    async def _discover(self) -> Metadata:
        # OpenID Connect Discovery 1.0, section 4: a slash at the issuer's end is not doubled.
        issuer = self.provider.issuer.rstrip("/")
        document = await self._document(f"{issuer}/.well-known/openid-configuration")
        return _read_metadata(self.provider, document)

    async def _published_keys(self) -> list[dict[str, object]]:
        document = await self._document((await self.metadata()).jwks_uri)
        listed = document.get("keys")
        keys = [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []
        if not keys:
            # Not kept: good keys are worth more than a fault's empty list.
            raise ProviderUnavailable(f"{self.provider.title} publishes no keys")
        return keys

    async def _document(self, url: str) -> dict[str, object]:
        try:
            answer = await self._way.call(self._asked, self._http.get, url)
            if answer.status != _OK:
                raise ProviderUnavailable(f"{self.provider.title} answered {answer.status}")
            return answer.json()
        except (CallFailed, Rejected, Throttled, Invalid) as error:
            raise self._down(error) from error

    async def _asked(self, ask: Callable[..., Awaitable[Answer]], *what: Any) -> Answer:
        """Return an answer that is no fault of the provider's own."""
        answer = await ask(*what)
        if answer.status == _TOO_MANY:
            wait = parse_retry_after(answer.retry_after)
            raise Throttled(f"{self.provider.title} asked for a pause", retry_after=wait)
        if answer.status >= _SERVER_FAULT:
            raise ProviderUnavailable(f"{self.provider.title} answered {answer.status}")
        return answer

    def _down(self, error: Exception) -> ProviderUnavailable:
        return ProviderUnavailable(
            f"{self.provider.title} does not answer: {error}", remedy="Try again in a moment."
        )


def declined(provider: Provider, body: Mapping[str, object]) -> ProviderDeclined:
    """Return the error that tells a provider's *body* (``error``, ``error_description``)."""
    words = str(body.get("error_description") or body.get("error") or "")
    first = words.splitlines()[0] if words else ""
    clean = "".join(letter for letter in first if letter.isprintable())[:_LONGEST_WORDS]
    return ProviderDeclined(
        f"{provider.title}: {clean}",
        code=str(body.get("error"))[:64],
        suberror=str(body.get("suberror") or "")[:64],
    )


def _without_secrets(body: Mapping[str, object], sent: Mapping[str, str]) -> Mapping[str, object]:
    # People and logs get these words, and some providers repeat in them what they were sent.
    secrets = [
        str(value) for name, value in (*sent.items(), *body.items()) if name in _SECRETS and value
    ]
    told = {name: str(body.get(name) or "") for name in ("error", "suberror", "error_description")}
    for secret in secrets:
        told = {name: words.replace(secret, "…") for name, words in told.items()}
    return told


def logout_url(provider: Provider, metadata: Metadata, hint: str | None, state: str) -> str | None:
    """Return where a browser ends its session at *provider*, or ``None`` if it offers no such.

    RP-Initiated Logout 1.0 with ``logout_hint``; an ``id_token_hint`` would put a token in a URL.
    """
    if metadata.end_session_endpoint is None:
        return None
    query = {
        "client_id": provider.client_id,
        "post_logout_redirect_uri": provider.post_logout_uri,
        "state": state,
    } | ({"logout_hint": hint} if hint else {})
    separator = "&" if "?" in metadata.end_session_endpoint else "?"
    pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    return f"{metadata.end_session_endpoint}{separator}{pairs}"


def _read_metadata(provider: Provider, document: Mapping[str, object]) -> Metadata:
    # OpenID Connect Discovery 1.0, section 4.3: the issuer must be the one that was asked.
    if document.get("issuer") != provider.issuer:
        raise ProviderUnavailable(
            f"{provider.title} describes another issuer than {provider.issuer}",
            remedy=f"Correct identity.{provider.name}.issuer or its tenant.",
        )
    endpoints = {}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"):
        value = document.get(name)
        if value is None and name == "end_session_endpoint":
            continue
        if not isinstance(value, str) or not _as_safe_as(provider.issuer, value):
            raise ProviderUnavailable(f"{provider.title} states no usable {name}")
        endpoints[name] = value
    return Metadata(
        authorization_endpoint=endpoints["authorization_endpoint"],
        token_endpoint=endpoints["token_endpoint"],
        jwks_uri=endpoints["jwks_uri"],
        end_session_endpoint=endpoints.get("end_session_endpoint"),
        states_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _as_safe_as(issuer: str, url: str) -> bool:
    """An https issuer's endpoints are https too; plain http is for a provider on loopback."""
    return url.startswith("https://") or (
        issuer.startswith("http://") and url.startswith("http://")
    )
