"""What the numbers in Entra ID's refusals mean to people: the cause, and what helps.

For reading only. Microsoft may change them any day, so nothing is ever decided by one.
"""

import re
from typing import Final

from mainhub.i18n import Locale
from mainhub.signin.aadsts_accounts import ACCOUNTS
from mainhub.signin.aadsts_registration import REGISTRATION
from mainhub.signin.failure_pages import Explanation

__all__ = ["explain", "explain_to_operators"]

_MEANINGS: Final = ACCOUNTS | REGISTRATION
# Longer than any; what has more digits is another number.
_NUMBER: Final = re.compile(r"AADSTS([0-9]{5,7})(?![0-9])")


def explain(words: str, locale: Locale) -> Explanation | None:
    """Return what the first number in a provider's *words* means, if it is a known one."""
    found = _NUMBER.search(words)
    meaning = _MEANINGS.get(int(found[1])) if found else None
    if meaning is None:
        return None
    return Explanation(meaning.cause[locale], meaning.remedy[locale])


def explain_to_operators(words: str) -> tuple[str, str] | None:
    """Return the same as a pair, in English, which the command line speaks."""
    meaning = explain(words, "en")
    return None if meaning is None else (meaning.cause, meaning.remedy)
