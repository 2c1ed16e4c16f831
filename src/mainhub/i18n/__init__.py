"""French and English for what the server itself says to people.

For: pages that stand without the shell (sign-in, refusals). Not for: the shell and the front-ends,
which carry their own words, nor for problems over HTTP and logs, which are English.
"""

from mainhub.i18n.catalogue import Locale, translate
from mainhub.i18n.negotiation import negotiate

__all__ = ["Locale", "negotiate", "translate"]
