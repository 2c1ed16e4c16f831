"""The families of everything that can go wrong in MainHub.

::

    MainHubError
    ├── Unavailable   something behind us does not answer: try again
    ├── Refused       it may not be done by this caller: do not try again
    ├── Invalid       the input is wrong: fix it
    ├── NotFound      there is nothing under that name
    └── Conflict      it changed meanwhile: read again, then decide

Leaves sit beside the port that raises them and are named for what happened. A leaf may carry a
*remedy*: one sentence that tells a person what to do. Neither message nor remedy ever holds a
secret. Where callers must tell a leaf from its family, it names its *kind* and *headline*, which
become the type and the title of its problem over HTTP.
"""

from typing import ClassVar

__all__ = ["Conflict", "Invalid", "MainHubError", "NotFound", "Refused", "Unavailable"]


class MainHubError(Exception):
    """Any failure that MainHub names itself; *remedy* says what to do about it."""

    kind: ClassVar[str | None] = None
    headline: ClassVar[str | None] = None

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.remedy = remedy


class Unavailable(MainHubError):
    """Something behind us does not answer; the same call may succeed later."""


class Refused(MainHubError):
    """This caller may not do it; trying again does not help."""


class Invalid(MainHubError):
    """The input is wrong and must be changed."""


class NotFound(MainHubError):
    """There is nothing under that name."""


class Conflict(MainHubError):
    """It changed meanwhile; read again, then decide."""
