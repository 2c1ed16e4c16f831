"""What every HTTP door of the hub shares: problems, cookies, CSRF, headers, who is calling.

For: ``routes.py`` of every room, the gateway and the composition root. Not for: anything that a
room would still need without HTTP.
"""

from mainhub.web import csrf, problems
from mainhub.web.authenticator import Authenticator, Caller

__all__ = ["Authenticator", "Caller", "csrf", "problems"]
