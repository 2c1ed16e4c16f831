"""What is wrong with the settings, in lines that a person can act on."""

from collections.abc import Sequence

from mainhub.errors import Invalid

__all__ = ["SettingsInvalid"]


class SettingsInvalid(Invalid):
    """Settings are wrong or missing; each of *problems* is one line that holds its remedy.

    No line ever repeats the value of a secret.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(dict.fromkeys(_printable(problem) for problem in problems))
        super().__init__("\n".join(self.problems))


def _printable(line: str) -> str:
    """Escape what would break the line, or could not be written to a terminal at all."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in line
    )
