"""Sign-in: an OpenID Connect relying party that keeps every token on the server.

For: the way from an anonymous browser to a session (authorization code + PKCE + state + nonce), the
way back out, and access tokens for the gateway. It implements ``web.Authenticator`` and
``sessions.TokenGrants``. Not for: what a person may do (``access``).

Invariants:

- Nothing of an id_token is believed before signature, algorithm, issuer, audience, times and nonce
  have been checked.
- A state is used once, within ten minutes, and only by the browser that began.
- A person is issuer and subject (Entra: tenant and object id), never an e-mail address.
- No token, code or verifier is logged, put into a URL or sent to a browser.
"""

from mainhub.signin.authenticator import SessionAuthenticator
from mainhub.signin.failures import (
    AnswerRefused,
    FlowGone,
    ProviderDeclined,
    ProviderUnavailable,
    UnknownProvider,
)
from mainhub.signin.flows import FlowStore
from mainhub.signin.grants import ProviderGrants
from mainhub.signin.provider import Provider, ProviderClient
from mainhub.signin.relying_party import RelyingParty, SignedIn, Start

__all__ = [
    "AnswerRefused",
    "FlowGone",
    "FlowStore",
    "Provider",
    "ProviderClient",
    "ProviderDeclined",
    "ProviderGrants",
    "ProviderUnavailable",
    "RelyingParty",
    "SessionAuthenticator",
    "SignedIn",
    "Start",
    "UnknownProvider",
]
