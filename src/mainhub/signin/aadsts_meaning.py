"""What a number of Entra ID means, in both languages."""

from dataclasses import dataclass

from mainhub.i18n import Locale

__all__ = ["Meaning", "means"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """The cause and what helps; *listed* tells whether Microsoft's list of error codes has it."""

    cause: dict[Locale, str]
    remedy: dict[Locale, str]
    listed: bool = True


def means(*, en: tuple[str, str], fr: tuple[str, str], listed: bool = True) -> Meaning:
    """Return a meaning from cause and remedy in each language."""
    return Meaning({"en": en[0], "fr": fr[0]}, {"en": en[1], "fr": fr[1]}, listed)
