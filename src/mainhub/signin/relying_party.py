"""The relying party: OpenID Connect's authorization code flow with PKCE, from both ends."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from mainhub.clock import Clock
from mainhub.identity import Person
from mainhub.sessions import Tokens
from mainhub.signin import id_token
from mainhub.signin.failures import AnswerRefused, FlowGone, UnknownProvider
from mainhub.signin.flows import FlowStore
from mainhub.signin.provider import Metadata, Provider, ProviderClient, declined, logout_url
from mainhub.signin.token_answer import access_tokens, text

__all__ = ["RelyingParty", "SignedIn", "Start"]


@dataclass(frozen=True, slots=True)
class Start:
    """Where the browser goes to sign in, and the cookie that binds the flow to it."""

    location: str
    cookie_id: str
    cookie_value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person who proved who they are, what the provider entrusted to us, and where they go."""

    person: Person
    tokens: Tokens = field(repr=False)
    return_to: str


class RelyingParty:
    """Signs people in with *clients* (by provider name)."""

    def __init__(
        self, clients: Mapping[str, ProviderClient], *, flows: FlowStore, clock: Clock
    ) -> None:
        self._clients = dict(clients)
        self._flows = flows
        self._clock = clock

    @property
    def providers(self) -> list[Provider]:
        """The providers to choose from, in the configuration's order."""
        return [client.provider for client in self._clients.values()]

    def client(self, name: str) -> ProviderClient:
        """Return the client of provider *name*; raises :class:`UnknownProvider`."""
        try:
            return self._clients[name]
        except KeyError:
            raise UnknownProvider("no identity provider has that name") from None

    async def start(
        self, name: str, *, return_to: str, prompt: str | None = None, locale: str | None = None
    ) -> Start:
        """Begin a sign-in with provider *name* that ends at the local path *return_to*.

        Raises:
            UnknownProvider: there is none of that name.
            ProviderUnavailable: its discovery document cannot be had.
        """
        client = self.client(name)
        metadata = await client.metadata()
        opened = await self._flows.begin(provider=name, return_to=return_to)
        digest = hashlib.sha256(opened.flow.verifier.encode()).digest()
        query = {
            "client_id": client.provider.client_id,
            "response_type": "code",
            "response_mode": "query",
            "redirect_uri": client.provider.redirect_uri,
            "scope": " ".join(client.provider.scopes),
            "state": opened.state,
            "nonce": opened.flow.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        query |= {"prompt": prompt} if prompt else {}
        query |= {"ui_locales": locale} if locale else {}
        separator = "&" if "?" in metadata.authorization_endpoint else "?"
        location = f"{metadata.authorization_endpoint}{separator}{urlencode(query)}"
        return Start(location, opened.cookie_id, opened.cookie_value)

    async def finish(
        self, name: str, answer: Mapping[str, str], *, bindings: list[str]
    ) -> SignedIn:
        """Process the provider's *answer* (the callback's query), once.

        Raises:
            FlowGone: no sign-in of this browser with this provider is under way for its state.
            ProviderDeclined: the provider answered with an error.
            AnswerRefused: a check failed.
            ProviderUnavailable: the code could not be exchanged.
        """
        client = self.client(name)
        state = answer.get("state")
        if not state:
            raise FlowGone("the answer names no state")
        flow = await self._flows.take(state=state, bindings=bindings)
        if flow.provider != name:
            raise AnswerRefused("the answer came back to another provider's address")
        _check_issuer(answer, client.provider, await client.metadata())
        if "error" in answer:
            raise declined(client.provider, answer)
        code = answer.get("code")
        if not code:
            raise AnswerRefused("the answer holds neither a code nor an error")
        granted = await client.token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": client.provider.redirect_uri,
                "code_verifier": flow.verifier,
            }
        )
        now = self._clock.now()
        claims = await id_token.validate(
            granted,
            provider=client.provider,
            keys=lambda newer: client.keys(reload=newer),
            nonce=flow.nonce,
            now=now,
        )
        tokens = Tokens(
            refresh=text(granted, "refresh_token"),
            access=access_tokens(granted, asked=client.provider.scopes, now=now),
            sid=text(claims, "sid"),
            login_hint=text(claims, "login_hint") or text(claims, "preferred_username"),
        )
        return SignedIn(id_token.person_of(claims, client.provider), tokens, flow.return_to)

    async def logout_location(self, provider: str, hint: str | None, *, state: str) -> str | None:
        """Return where the browser ends its session at *provider*; ``None`` if it cannot there."""
        client = self.client(provider)
        return logout_url(client.provider, await client.metadata(), hint, state)


def _check_issuer(answer: Mapping[str, str], provider: Provider, metadata: Metadata) -> None:
    # RFC 9207: where the provider says that it names itself, an answer without it is forged.
    stated = answer.get("iss")
    if stated is None and not metadata.states_issuer:
        return
    if stated != provider.issuer:
        raise AnswerRefused("the answer comes from another issuer")
