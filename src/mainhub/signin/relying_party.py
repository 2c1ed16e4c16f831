"""The relying party: OpenID Connect's authorization code flow with PKCE, from both ends."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from mainhub.clock import Clock
from mainhub.identity import Person
from mainhub.sessions import Tokens
from mainhub.signin.capabilities import with_capabilities
from mainhub.signin.failures import AnswerRefused, FlowGone, UnknownProvider
from mainhub.signin.flows import Flow, FlowStore, Opened
from mainhub.signin.kept_tokens import bounded
from mainhub.signin.metadata import Metadata, logout_url
from mainhub.signin.people import Identified, People
from mainhub.signin.proof_asked import require_asked
from mainhub.signin.provider import ProviderClient, declined
from mainhub.signin.token_answer import (
    access_tokens,
    granted_identity,
    identity_scopes,
    scopes_key,
    text,
)
from mainhub.signin.trusted import Provider

__all__ = ["RelyingParty", "SignedIn", "Start", "require_same_issuer"]


@dataclass(frozen=True, slots=True)
class Start:
    """Where the browser goes to sign in, and the cookie that binds the flow to it."""

    location: str
    cookie_id: str
    cookie_value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person who proved who they are, what the provider entrusted to us, and where they go.

    *step_up_of* names the session that was to prove more; whether this is the same person is for
    whoever knows that session to see. *came_at* is when they came back from the provider.
    """

    person: Person
    tokens: Tokens = field(repr=False)
    return_to: str
    came_at: datetime
    popup: bool = False
    step_up_of: str | None = None


class RelyingParty:
    """Signs people in with *clients* (by provider name); *people* says who they are."""

    def __init__(
        self,
        clients: Mapping[str, ProviderClient],
        *,
        flows: FlowStore,
        clock: Clock,
        people: People | None = None,
    ) -> None:
        self._clients = dict(clients)
        self._flows = flows
        self._clock = clock
        self._people = people or People(clock=clock)

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
        self,
        name: str,
        *,
        return_to: str,
        prompt: str | None = None,
        locale: str | None = None,
        claims: str | None = None,
        scopes: tuple[str, ...] | None = None,
        hint: str | None = None,
        popup: bool = False,
        session_ref: str | None = None,
    ) -> Start:
        """Begin a sign-in with provider *name* that ends at the local path *return_to*.

        Args:
            name: the provider's name in the settings.
            return_to: where the person goes afterwards.
            prompt: what the provider is told to ask, whatever it knows.
            locale: the person's language.
            claims: what the provider is asked to prove (JSON; OpenID Connect Core, section 5.5).
            scopes: those of one API, in place of the settings'.
            hint: who the person probably is, as the provider calls them.
            popup: it happens in a popup.
            session_ref: the session that is to prove more; the same person must come back.

        Raises:
            UnknownProvider: there is none of that name.
            ProviderDeclined: it refuses the request, which was pushed.
            ProviderUnavailable: its discovery document cannot be had.
        """
        metadata = await (client := self.client(name)).metadata()
        opened = await self._flows.begin(
            provider=name,
            return_to=return_to,
            popup=popup,
            claims=claims,
            scopes=scopes,
            session_ref=session_ref,
            anew=(prompt or client.provider.prompt) == "login",
        )
        told = {
            "prompt": prompt or client.provider.prompt,
            "ui_locales": locale,
            "claims": with_capabilities(client.provider, claims),
            "login_hint": hint,
        }
        query = await client.authorization_query(_query(client.provider, opened, told))
        address = _address(metadata.authorization_endpoint, query)
        return Start(address, opened.cookie_id, opened.cookie_value)

    async def finish(
        self,
        name: str,
        answer: Mapping[str, str],
        *,
        bindings: list[str],
        repeats: bool = False,
    ) -> SignedIn:
        """Process the provider's *answer* (the callback's query), once.

        *repeats*: some of it stood there more than once, and is not in *answer* (RFC 6749, section
        3.1, and RFC 9207, section 2.4, forbid that): which one counts would be a guess.

        Raises:
            FlowGone: no sign-in of this browser with this provider is under way for its state.
            ProviderDeclined: the provider answered with an error.
            AnswerRefused: a check failed.
            GuestRefused: they are a guest, and guests may not.
            ProviderUnavailable: the code could not be exchanged.
        """
        client, came_at = self.client(name), self._clock.now()
        flow = await self._flow(name, answer, bindings)
        if repeats:
            raise AnswerRefused("the answer says something twice")
        code = _code(answer, client.provider, await client.metadata())
        granted = await client.token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": client.provider.redirect_uri,
                "code_verifier": flow.verifier,
                **_stated("claims", with_capabilities(client.provider, flow.claims)),
            }
        )
        asked = _asked(client.provider, flow.scopes)
        found = await self._people.signed_in(
            client, granted, nonce=flow.nonce, code=code, asked=asked
        )
        require_same_issuer(answer, found.claims)
        require_asked(found.claims, flow)
        tokens = _entrusted(
            found, granted, asked, flow=flow, provider=client.provider, now=self._clock.now()
        )
        return SignedIn(found.person, tokens, flow.return_to, came_at, flow.popup, flow.session_ref)

    async def _flow(self, name: str, answer: Mapping[str, str], bindings: list[str]) -> Flow:
        state = answer.get("state")
        if not state:
            raise FlowGone("the answer names no state")
        flow = await self._flows.take(state=state, bindings=bindings)
        if flow.provider != name:
            raise AnswerRefused("the answer came back to another provider's address")
        return flow

    async def logout_location(self, provider: str, hint: str | None, *, state: str) -> str | None:
        """Return where the browser ends its session at *provider*; ``None`` if it cannot there."""
        client = self.client(provider)
        return logout_url(client.provider, await client.metadata(), hint, state)


def _address(endpoint: str, query: Mapping[str, str]) -> str:
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def _query(provider: Provider, opened: Opened, told: Mapping[str, str | None]) -> dict[str, str]:
    """Return the parameters of an authorization request, and what of *told* there is."""
    digest = hashlib.sha256(opened.flow.verifier.encode()).digest()
    return {
        "client_id": provider.client_id,
        "response_type": "code",
        "response_mode": "query",
        "redirect_uri": provider.redirect_uri,
        "scope": " ".join(_asked(provider, opened.flow.scopes)),
        "state": opened.state,
        "nonce": opened.flow.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        **{name: value for name, value in told.items() if value},
    }


def _asked(provider: Provider, scopes: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return what is asked for: as the settings say, or an identity and the *scopes* of one API."""
    if not scopes:
        return provider.scopes
    return tuple(dict.fromkeys((*identity_scopes(provider.scopes), *scopes)))


def _stated(name: str, value: str | None) -> dict[str, str]:
    return {name: value} if value else {}


def _code(answer: Mapping[str, str], provider: Provider, metadata: Metadata) -> str:
    """Return the code in *answer*, which *provider* gave."""
    _check_issuer(answer, provider, metadata)
    if "error" in answer:
        raise declined(provider, answer)
    code = answer.get("code")
    if not code:
        raise AnswerRefused("the answer holds neither a code nor an error")
    return code


def _entrusted(
    found: Identified,
    granted: Mapping[str, object],
    asked: tuple[str, ...],
    *,
    flow: Flow,
    provider: Provider,
    now: datetime,
) -> Tokens:
    """Return what of *granted*, for the scopes *asked*, a session of whoever was *found* keeps."""
    claims = found.claims
    return Tokens(
        refresh=found.refresh,
        access=bounded(access_tokens(granted, asked=asked, now=now), scopes_key(asked), now),
        sid=text(claims, "sid"),
        login_hint=text(claims, "login_hint") or text(claims, "preferred_username"),
        subject=text(claims, "sub"),
        issuer=text(claims, "iss"),
        identity=granted_identity(granted, provider, asked),
        nonce=flow.nonce,
    )


def require_same_issuer(answer: Mapping[str, str], claims: Mapping[str, object]) -> None:
    """Raise ``AnswerRefused`` where *answer* names another issuer than its id_token's *claims*."""
    # RFC 9207, section 2.4: both must name one tenant. Version 1.0 names them in another way.
    stated = answer.get("iss")
    if stated is not None and claims.get("ver") != "1.0" and claims["iss"] != stated:
        raise AnswerRefused("the answer and its id_token come from different issuers")


def _check_issuer(answer: Mapping[str, str], provider: Provider, metadata: Metadata) -> None:
    # RFC 9207: where the provider says that it names itself, an answer without it is forged.
    stated = answer.get("iss")
    if stated is None and not metadata.states_issuer:
        return
    if stated not in provider.issuers:
        raise AnswerRefused("the answer comes from another issuer")
