"""How somebody comes in: in the page or in a popup, for the first time or as a step up."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

__all__ = ["Way"]

_TAB: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True, slots=True)
class Way:
    """In a *popup* that the tab named *tab* opened, or in the page; *step_up* of a session.

    A tab's name is random, of its own choice, and opens nothing; any but 8 to 64 letters, digits,
    ``_`` and ``-`` counts as none.
    """

    popup: bool = False
    tab: str = ""
    step_up: bool = False

    @classmethod
    def of(cls, *, popup: str | None, tab: str | None, step_up: bool = False) -> "Way":
        """Read it from an address's parameters."""
        named = tab if tab and _TAB.fullmatch(tab) else ""
        return cls(popup == "1", named if popup == "1" else "", step_up)

    @property
    def query(self) -> str:
        """What an address carries on of it: nothing, or what follows an ampersand."""
        if not self.popup:
            return ""
        return "&popup=1" + (f"&tab={quote(self.tab, safe='')}" if self.tab else "")

    def written_beside(self, secret: str) -> str:
        """Return the value of a flow's cookie: its *secret*, and this way unless it is plain.

        The cookie knows it also where the flow is gone, so that a popup can tell of a failure.
        """
        if self == Way():
            return secret
        return f"{secret}.{'p' * self.popup}{'s' * self.step_up}.{self.tab}"

    @classmethod
    def read_beside(cls, value: str) -> tuple[str, "Way"]:
        """Return the secret and the way of a flow's cookie; of a strange one, the plain way."""
        secret, _, rest = value.partition(".")
        marks, _, tab = rest.partition(".")
        popup = "1" if "p" in marks else None
        return secret, cls.of(popup=popup, tab=tab, step_up="s" in marks)
