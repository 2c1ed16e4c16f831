"""Telling on standard error why a command did not do what was asked."""

import sys
from typing import Final

from mainhub.errors import MainHubError

__all__ = ["UNAVAILABLE", "WRONG_INPUT", "tell"]

WRONG_INPUT: Final = 2
"""The exit code for whatever the caller can mend by other words or settings."""

UNAVAILABLE: Final = 75
"""How a child of ``mainhub dev`` says that the same may work later (EX_TEMPFAIL of sysexits.h)."""


def tell(error: MainHubError) -> int:
    """Write *error* with its remedy in one line, or one for each wrong setting."""
    told = f"{error}. {error.remedy}" if error.remedy else str(error)
    for line in told.splitlines():
        sys.stderr.write(f"mainhub: {line}\n")
    return WRONG_INPUT
