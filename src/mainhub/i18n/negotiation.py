"""Which of our languages a person reads: their choice, else what the browser asks for."""

from mainhub.i18n.catalogue import LOCALES, Locale

__all__ = ["negotiate"]

_DEFAULT: Locale = "en"


def negotiate(chosen: str | None, accept_language: str | None) -> Locale:
    """Return the locale for a request.

    Args:
        chosen: the preference cookie's value; anything but a locale of ours is ignored.
        accept_language: the header (RFC 9110, section 12.5.4); malformed parts are passed over.
    """
    for locale in LOCALES:
        if chosen == locale:
            return locale
    ranked = sorted(_ranges(accept_language or ""), key=lambda found: -found[1])
    for language, quality in ranked:
        for locale in LOCALES:
            if quality > 0 and language == locale:
                return locale
    return _DEFAULT


def _ranges(header: str) -> list[tuple[str, float]]:
    found = []
    for part in header[:500].split(","):
        tag, _, parameter = part.strip().partition(";")
        quality = 1.0
        if parameter.strip().startswith("q="):
            try:
                quality = float(parameter.strip()[2:])
            except ValueError:
                continue
        found.append((tag.strip().lower().partition("-")[0], quality))
    return found
