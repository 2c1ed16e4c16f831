"""One identity provider: what we know of it, and the requests that we make to it.

Discovery and key set are fetched when first needed and kept; an unknown key id reloads the set, at
most once in 30 s, and a failing provider leaves the last good answers in use for a day.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import quote, quote_plus

from mainhub.clock import Clock
from mainhub.errors import Invalid
from mainhub.health import Finding, State, Verdict
from mainhub.outbound import Answer, CallFailed, HttpClient
from mainhub.resilience import Pipeline, Rejected, Throttled, parse_retry_after
from mainhub.signin.client_authentication import Asked, Proof, ProofMissing
from mainhub.signin.failures import ProviderDeclined, ProviderUnavailable
from mainhub.signin.metadata import Metadata, read_metadata
from mainhub.signin.pushed_request import is_pushed, may_fall_back, read_request_uri
from mainhub.signin.remembered import Remembered
from mainhub.signin.trusted import Provider
from mainhub.telemetry import get_logger
from mainhub.web import read_claims

__all__ = ["ProviderClient", "asked_of", "declined"]

log = get_logger("signin")

_LONGEST_CODE: Final = 64
_LONGEST_WORDS: Final = 300
_SECRETS: Final = frozenset(
    {"access_token", "assertion", "authorization", "client_assertion", "client_secret", "code"}
    | {"code_verifier", "id_token", "nonce", "refresh_token", "state", "token"}
)
_UNKNOWN_CLIENT: Final = "invalid_client"
_OK: Final = 200
_SERVER_FAULT: Final = 500
_TOO_MANY: Final = 429
_MOST_GROUPS: Final = 20_000


class ProviderClient:
    """Speaks to *provider*; one instance per provider, shared by all requests.

    Attributes:
        not_pushed: why the last request that was to be pushed was left to the browser, if it was.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        http: HttpClient,
        clock: Clock,
        way: Pipeline | None = None,
        graph_way: Pipeline | None = None,
        push_way: Pipeline | None = None,
    ) -> None:
        self.provider = provider
        self._http = http
        self._clock = clock
        self._push_way = push_way or Pipeline(f"push-{provider.name}")
        self.not_pushed: str | None = None
        self._way = way or Pipeline(f"identity-{provider.name}")
        self._graph_way = graph_way or Pipeline(f"graph-{provider.name}")
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
        told, remedy = ["It publishes its discovery document."], None
        for found in await self.provider.authentication.diagnoses(self._clock.now()):
            if found.verdict is Verdict.WARNING:
                told.append(found.what)
                remedy = found.remedy
            if found.verdict is Verdict.FAILED:
                # Nobody new is signed in; whoever is goes on until their tokens end.
                return Finding(State.DEGRADED, f"{found.what} ({found.cause})", found.remedy)
        if self.not_pushed is not None:
            return Finding(
                State.DEGRADED,
                f"Browsers carry the requests, which could not be pushed: {self.not_pushed}",
                f"See to the provider, or set identity.{self.provider.name}.par to never.",
            )
        return Finding(State.FINE, " ".join(told), remedy)

    async def token(self, form: Mapping[str, str]) -> dict[str, object]:
        """Make a token request (RFC 6749, section 4.1.3 and 6) as the application that we are.

        Raises:
            ProofMissing: there is nothing to prove that with.
            ProviderDeclined: the provider answered with an OAuth error.
            ProviderUnavailable: it did not answer, or with a fault of its own.
        """
        metadata = await self.metadata()
        answer, sent = await self._proved(self._way, metadata, metadata.token_endpoint, form)
        return self._read_token_answer(answer, sent)

    async def authorization_query(self, query: Mapping[str, str]) -> Mapping[str, str]:
        """Return what a browser has to carry to ask for *query*: less of it, where it is pushed.

        Raises:
            ProofMissing: there is nothing to prove with that it comes from us.
            ProviderDeclined: the provider refuses it.
            ProviderUnavailable: it must be pushed, and cannot be.
        """
        metadata = await self.metadata()
        if not is_pushed(self.provider, metadata):
            return query
        try:
            name = await self._pushed(metadata, query)
        except (ProviderDeclined, ProviderUnavailable) as error:
            ours = isinstance(error, ProofMissing) or (
                isinstance(error, ProviderDeclined) and error.code == _UNKNOWN_CLIENT
            )
            # The code could not be exchanged either: better to say so now.
            if ours or not may_fall_back(self.provider, metadata):
                raise
            log.warning("signin.not_pushed", provider=self.provider.name, caused_by=str(error))
            self.not_pushed = str(error)
            return query
        self.not_pushed = None
        return {"client_id": self.provider.client_id, "request_uri": name}

    async def _pushed(self, metadata: Metadata, query: Mapping[str, str]) -> str:
        endpoint = metadata.pushed_authorization_request_endpoint or ""
        answer, sent = await self._proved(self._push_way, metadata, endpoint, query)
        self._raise_declined(answer, sent)
        return read_request_uri(self.provider, answer)

    def _raise_declined(self, answer: Answer, sent: Mapping[str, str]) -> None:
        try:
            body = answer.json()
        except Invalid:
            return
        if body.get("error") is not None:
            raise declined(self.provider, _without_secrets(body, sent))

    def _read_token_answer(self, answer: Answer, sent: Mapping[str, str]) -> dict[str, object]:
        try:
            body = answer.json()
        except Invalid as error:
            raise ProviderUnavailable(f"{self.provider.title}: {error}") from error
        if body.get("error") is not None:
            raise declined(self.provider, _without_secrets(body, sent))
        if answer.status != _OK:
            raise ProviderUnavailable(f"{self.provider.title} answered {answer.status}")
        return body

    async def userinfo(self, token: str) -> Answer | None:
        """Return what the provider tells about whoever *token* is for, unread (Core, section 5.3).

        ``None`` if it has no place to ask, or refuses.

        Raises:
            ProviderUnavailable: it does not answer.
        """
        endpoint = (await self.metadata()).userinfo_endpoint
        if endpoint is None:
            return None
        headers = {"authorization": f"Bearer {token}"}
        try:
            answer = await self._way.call(
                self._asked, partial(self._http.get, headers=headers), endpoint
            )
        except (CallFailed, Rejected, Throttled) as error:
            raise self._down(error) from error
        return answer if answer.status == _OK else None

    async def revoke(self, token: str, hint: str) -> None:
        """Have the provider forget *token*, if it takes such requests (RFC 7009).

        Raises:
            ProviderDeclined: it refuses.
            ProviderUnavailable: it does not answer.
        """
        metadata = await self.metadata()
        if metadata.revocation_endpoint is None:
            return
        form = {"token": token, "token_type_hint": hint}
        answer, _ = await self._proved(self._way, metadata, metadata.revocation_endpoint, form)
        if answer.status != _OK:
            # What it says of an unknown token is 200; this is about us.
            raise ProviderDeclined(
                f"{self.provider.title} answered {answer.status}", code="revocation_refused"
            )

    async def groups(self, token: str) -> tuple[str, ...]:
        """Return the ids of all groups of whoever *token*, one for Microsoft Graph, is for.

        Raises:
            ProviderUnavailable: Graph refuses, does not answer, or not with ids.
        """
        url = f"{self.provider.graph}/v1.0/me/getMemberObjects"
        ask = partial(
            self._http.post_json,
            document={"securityEnabledOnly": False},
            headers={"authorization": f"Bearer {token}"},
        )
        try:
            answer = await self._graph_way.call(self._asked, ask, url)
            listed = answer.json().get("value")
        except (CallFailed, Rejected, Throttled, Invalid, TimeoutError) as error:
            raise ProviderUnavailable(f"Microsoft Graph does not answer: {error}") from error
        if answer.status != _OK or not isinstance(listed, list):
            raise ProviderUnavailable(f"Microsoft Graph answered {answer.status}")
        return tuple(group for group in listed if isinstance(group, str))[:_MOST_GROUPS]

    async def _proof(self, metadata: Metadata) -> Proof:
        asked = asked_of(self.provider, metadata)
        return await self.provider.authentication.prove(asked, now=self._clock.now())

    async def _proved(
        self, way: Pipeline, metadata: Metadata, endpoint: str, form: Mapping[str, str]
    ) -> tuple[Answer, Mapping[str, str]]:
        """Post *form* as the application that we are, once; return what nobody may read, too.

        Once: a code, a refresh token and an assertion are good for one use. Asked twice, they end
        the session, or prove nothing.
        """
        proof = await self._proof(metadata)
        ask = partial(self._http.post_form, headers=proof.headers)
        try:
            answer = await way.once.call(self._asked, ask, endpoint, {**form, **proof.form})
        except (CallFailed, Rejected, Throttled, TimeoutError) as error:
            raise self._down(error) from error
        return answer, {**form, **proof.secrets}

    async def _discover(self) -> Metadata:
        document = await self._document(self.provider.metadata_url)
        return read_metadata(self.provider, document)

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


def asked_of(provider: Provider, metadata: Metadata) -> Asked:
    """Return who asks whom where the hub proves itself to *provider*."""
    return Asked(
        name=provider.name,
        title=provider.title,
        client_id=provider.client_id,
        issuer=provider.issuer,
        token_endpoint=metadata.token_endpoint,
        methods=metadata.authentication_methods,
        algorithms=metadata.authentication_algorithms,
    )


def declined(provider: Provider, body: Mapping[str, object]) -> ProviderDeclined:
    """Return the error that tells a provider's *body* (``error``, ``error_description``)."""
    words = str(body.get("error_description") or body.get("error") or "")
    first = words.splitlines()[0] if words else ""
    return ProviderDeclined(
        f"{provider.title}: {_printable(first)[:_LONGEST_WORDS]}",
        code=_printable(str(body.get("error")))[:_LONGEST_CODE],
        suberror=_printable(str(body.get("suberror") or ""))[:_LONGEST_CODE],
        claims=read_claims(str(body.get("claims") or "")),
    )


def _printable(words: str) -> str:
    return "".join(letter for letter in words if letter.isprintable())


def _without_secrets(body: Mapping[str, object], sent: Mapping[str, str]) -> Mapping[str, object]:
    # People and logs get these words, and some providers repeat in them what they were sent.
    secrets = [
        str(value) for name, value in (*sent.items(), *body.items()) if name in _SECRETS and value
    ]
    names = ("error", "suberror", "error_description", "claims")
    told = {name: str(body.get(name) or "") for name in names}
    for secret in secrets:
        # As it is, and as forms and addresses carry it.
        for written in (secret, quote_plus(secret), quote(secret, safe="")):
            told = {name: words.replace(written, "…") for name, words in told.items()}
    return told
