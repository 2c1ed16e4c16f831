"""What every HTTP door of the hub shares: problems, cookies, CSRF, headers, who is calling.

For: ``routes.py`` of every room, the gateway and the composition root. Not for: anything that a
room would still need without HTTP.

Invariants: error statuses stand in ``problems.py`` alone; whoever calls is told by the one
:class:`Authenticator`; every answer passes the :class:`Edge`, the gateway's too.
"""

from mainhub.web import csrf, problems, sse
from mainhub.web.authenticator import Authenticator, Caller
from mainhub.web.bearer import (
    BearerMalformed,
    BearerRefused,
    ScopeMissing,
    SessionNeeded,
    bearer_of,
    brings_bearer,
)
from mainhub.web.client import Network, client_address
from mainhub.web.cookies import CookieJar, read_cookies
from mainhub.web.demanded import read_claims, read_encoded_claims
from mainhub.web.edge import Edge
from mainhub.web.guard import Guard, Judge, OnRefusal
from mainhub.web.hosts import Hosts
from mainhub.web.pages import Pages, Preferences
from mainhub.web.return_to import HOME, local_path
from mainhub.web.security import BARE_POLICY, add_security_headers, page_policy
from mainhub.web.small_bodies import SmallBodies
from mainhub.web.vouched import (
    ProofDue,
    SessionsUnavailable,
    not_just_now,
    require_vouched,
    without_admin,
)

__all__ = [
    "BARE_POLICY",
    "HOME",
    "Authenticator",
    "BearerMalformed",
    "BearerRefused",
    "Caller",
    "CookieJar",
    "Edge",
    "Guard",
    "Hosts",
    "Judge",
    "Network",
    "OnRefusal",
    "Pages",
    "Preferences",
    "ProofDue",
    "ScopeMissing",
    "SessionNeeded",
    "SessionsUnavailable",
    "SmallBodies",
    "add_security_headers",
    "bearer_of",
    "brings_bearer",
    "client_address",
    "csrf",
    "local_path",
    "not_just_now",
    "page_policy",
    "problems",
    "read_claims",
    "read_cookies",
    "read_encoded_claims",
    "require_vouched",
    "sse",
    "without_admin",
]
