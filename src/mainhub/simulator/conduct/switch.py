"""What can be switched, and between what; the first choice is how things normally are."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class WrongSetting(Exception):
    """No such switch, choice or number; *remedy* says what there is."""

    def __init__(self, said: str, remedy: str) -> None:
        super().__init__(said)
        self.remedy = remedy


class Switch(StrEnum):
    """What can be switched."""

    ORDERS_CLAIMS = "orders-claims"
    REFUSAL = "token-refusal"
    SIGN_IN = "sign-in"
    VERSION = "token-version"
    CLOCK = "token-clock"
    USERINFO = "userinfo"
    GRAPH = "graph"


CHOICES: Final[Mapping[Switch, tuple[str, ...]]] = {
    Switch.ORDERS_CLAIMS: ("none", "approvals", "all"),
    Switch.REFUSAL: (
        "none",
        "mfa",
        "consent",
        "consent-as-grant",
        "revoked",
        "code-expired",
        "secret-expired",
        "secret-wrong",
        "unavailable",
    ),
    Switch.SIGN_IN: ("normal", "mfa", "consent", "not-assigned", "redirect-mismatch"),
    Switch.VERSION: ("2.0", "1.0"),
    Switch.CLOCK: ("right", "ahead", "behind"),
    Switch.USERINFO: ("right", "wrong-sub"),
    Switch.GRAPH: ("right", "throttled", "forbidden", "unavailable"),
}


UNCOUNTED: Final = frozenset({Switch.ORDERS_CLAIMS, Switch.VERSION, Switch.CLOCK})
"""What is so for every answer, or for none."""
IMPERSONAL: Final = frozenset(
    {
        (Switch.REFUSAL, "secret-expired"),
        (Switch.REFUSAL, "secret-wrong"),
        (Switch.REFUSAL, "unavailable"),
        (Switch.SIGN_IN, "redirect-mismatch"),
    }
)
"""Choices that concern the application, whoever signs in."""


def read_switch(text: str) -> Switch:
    """Return the switch that *text* names.

    Raises:
        WrongSetting: there is no such switch.
    """
    try:
        return Switch(text)
    except ValueError:
        raise WrongSetting(
            f"There is no switch {text[:60]!r}", f"There are: {', '.join(Switch)}."
        ) from None


def read_choice(switch: Switch, value: object) -> str:
    """Return *value* if *switch* has this choice.

    Raises:
        WrongSetting: it has not.
    """
    if not isinstance(value, str) or value not in CHOICES[switch]:
        raise WrongSetting(
            f"{switch} has no choice {str(value)[:60]!r}",
            f"Give value one of: {', '.join(CHOICES[switch])}.",
        )
    return value
