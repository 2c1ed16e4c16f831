"""What an application asks at the authorize endpoint."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from mainhub.simulator import pkce
from mainhub.simulator.claims_request import ClaimsRequest, read_claims
from mainhub.simulator.errors import EntraError
from mainhub.simulator.realms import Realm
from mainhub.simulator.registration import Registration
from mainhub.simulator.sso import SsoSession
from mainhub.simulator.version1 import scoped

_PROMPTS: Final = frozenset({"none", "login", "select_account", "consent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """A request for a code, checked; *redirect_uri* is a registered one."""

    client_id: str
    redirect_uri: str
    scope: str
    challenge: str
    nonce: str | None
    prompt: str | None
    realm: Realm
    version: str
    claims: ClaimsRequest = field(default_factory=ClaimsRequest)

    def choose(self, signed_in: tuple[SsoSession, ...], *, hinted: str | None) -> SsoSession | None:
        """Return the session to answer with, or ``None`` when the person has to choose.

        Like Entra, one signed-in account is taken without a word; *hinted* is the oid of the
        account that the application hints at.

        Raises:
            EntraError: the application allows no page, and a page is needed.
        """
        since = self.claims.not_before or 0
        candidates = [
            one for one in signed_in if hinted in {None, one.oid} and one.authenticated_at >= since
        ]
        if self.prompt == "none":
            if not candidates:
                raise EntraError.login_required()
            if len(candidates) > 1:
                raise EntraError.choice_required()
        if self.prompt in {None, "none"} and len(candidates) == 1:
            return candidates[0]
        return None


def redirect_uri_of(registration: Registration, parameters: Mapping[str, str]) -> str:
    """Return where the answer to a request goes, success or not.

    Raises:
        EntraError: unknown client, or a URI that is not registered. Nothing may be sent there:
            the person sees a page.
    """
    client_id = parameters.get("client_id")
    if client_id is None:
        raise EntraError.missing("client_id")
    registered = registration.redirects(client_id)
    if not registered and client_id != registration.client_id:
        raise EntraError.unknown_client(client_id)
    redirect_uri = parameters.get("redirect_uri")
    if redirect_uri is None:
        raise EntraError.missing("redirect_uri")
    if redirect_uri not in registered:
        raise EntraError.unknown_redirect(redirect_uri, client_id)
    return redirect_uri


def read_request(
    registration: Registration,
    parameters: Mapping[str, str],
    *,
    redirect_uri: str,
    realm: Realm,
    version: str,
) -> AuthorizationRequest:
    """Check the rest of a request at *realm* whose *redirect_uri* is known to be good.

    Raises:
        EntraError: to be told to the application, at the redirect URI.
    """
    if parameters.get("response_type") is None:
        raise EntraError.missing("response_type")
    if parameters["response_type"] != "code":
        raise EntraError(
            "unsupported_response_type", 700054, "Only response_type 'code' is enabled."
        )
    if parameters.get("response_mode", "query") != "query":
        raise EntraError.malformed("Only response_mode 'query' is simulated.")
    if "request" in parameters or "request_uri" in parameters:
        raise EntraError("request_not_supported", 9002313, "Request objects are not supported.")
    scope = scoped(parameters, registration, version=version).get("scope", "")
    registration.scopes(scope)
    prompt = parameters.get("prompt")
    if prompt is not None and prompt not in _PROMPTS:
        raise EntraError("invalid_request", 90023, f"Unsupported 'prompt' value '{prompt}'.")
    return AuthorizationRequest(
        client_id=parameters["client_id"],
        redirect_uri=redirect_uri,
        scope=scope,
        challenge=_challenge(parameters),
        nonce=parameters.get("nonce"),
        prompt=prompt,
        realm=realm,
        version=version,
        claims=read_claims(parameters.get("claims")),
    )


def _challenge(parameters: Mapping[str, str]) -> str:
    challenge = parameters.get("code_challenge")
    if challenge is None:
        raise EntraError(
            "invalid_request", 9002325, "Proof Key for Code Exchange is required: 'code_challenge'."
        )
    # RFC 7636, 4.3: absent means "plain", which RFC 9700, 2.1.1 rules out.
    if parameters.get("code_challenge_method") != "S256":
        raise EntraError(
            "invalid_request", 501491, "The code_challenge_method must be 'S256'; plain is refused."
        )
    if not pkce.is_challenge(challenge):
        raise EntraError("invalid_request", 501491, "Invalid size of Code_Challenge parameter.")
    return challenge
