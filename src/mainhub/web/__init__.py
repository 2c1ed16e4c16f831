"""What every HTTP door of the hub shares: problems, cookies, CSRF, headers, who is calling.

For: ``routes.py`` of every room, the gateway and the composition root. Not for: anything that a
room would still need without HTTP.

Invariants: error statuses stand in ``problems.py`` alone; whoever calls is told by the one
:class:`Authenticator`; every answer passes the :class:`Edge`, the gateway's too.
"""

from mainhub.web import csrf, problems, sse
from mainhub.web.authenticator import Authenticator, Caller
from mainhub.web.client import Network, client_address
from mainhub.web.cookies import CookieJar, read_cookies
from mainhub.web.edge import Edge
from mainhub.web.guard import Guard, Judge, OnRefusal
from mainhub.web.hosts import Hosts
from mainhub.web.pages import Pages, Preferences
from mainhub.web.return_to import HOME, local_path
from mainhub.web.security import BARE_POLICY, add_security_headers, page_policy
from mainhub.web.small_bodies import SmallBodies
from mainhub.web.vouched import SessionsUnavailable, require_vouched, without_admin

__all__ = [
    "BARE_POLICY",
    "HOME",
    "Authenticator",
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
    "SessionsUnavailable",
    "SmallBodies",
    "add_security_headers",
    "client_address",
    "csrf",
    "local_path",
    "page_policy",
    "problems",
    "read_cookies",
    "require_vouched",
    "sse",
    "without_admin",
]
