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

from mainhub.signin.aadsts import explain, explain_to_operators
from mainhub.signin.authenticator import CallerAuthenticator, SessionAuthenticator
from mainhub.signin.bearers import Bearers
from mainhub.signin.client_authentication import (
    AssertionFile,
    ClientAuthentication,
    ProofMissing,
    SharedSecret,
)
from mainhub.signin.failures import (
    AnswerRefused,
    FlowGone,
    GuestRefused,
    ProviderDeclined,
    ProviderUnavailable,
    UnknownProvider,
)
from mainhub.signin.flows import FlowStore
from mainhub.signin.grants import ProviderGrants
from mainhub.signin.groups import Groups
from mainhub.signin.people import People
from mainhub.signin.private_key import PrivateKeyJwt
from mainhub.signin.provider import ProviderClient
from mainhub.signin.provider_logout import ProviderLogout
from mainhub.signin.relying_party import RelyingParty, SignedIn, Start
from mainhub.signin.trusted import TENANT_PLACE, Provider
from mainhub.signin.used_once import UsedOnce

__all__ = [
    "TENANT_PLACE",
    "AnswerRefused",
    "AssertionFile",
    "Bearers",
    "CallerAuthenticator",
    "ClientAuthentication",
    "FlowGone",
    "FlowStore",
    "Groups",
    "GuestRefused",
    "People",
    "PrivateKeyJwt",
    "ProofMissing",
    "Provider",
    "ProviderClient",
    "ProviderDeclined",
    "ProviderGrants",
    "ProviderLogout",
    "ProviderUnavailable",
    "RelyingParty",
    "SessionAuthenticator",
    "SharedSecret",
    "SignedIn",
    "Start",
    "UnknownProvider",
    "UsedOnce",
    "explain",
    "explain_to_operators",
]
