"""What a person calls a device: its browser and its system, read off the user agent.

Only for lists that people read; nothing is decided by it, since anybody can send any user agent.
"""

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["DeviceName", "device_name"]

_LONGEST_READ: Final = 300

# In this order: most browsers name the ones that they descend from as well.
_BROWSERS: Final = (
    (re.compile(r"\b(Edg|EdgA|EdgiOS|Edge)/"), "Edge"),
    (re.compile(r"\b(OPR|Opera|OPT)/"), "Opera"),
    (re.compile(r"\bVivaldi/"), "Vivaldi"),
    (re.compile(r"\bSamsungBrowser/"), "Samsung Internet"),
    (re.compile(r"\b(Firefox|FxiOS)/"), "Firefox"),
    (re.compile(r"\b(Chrome|CriOS|HeadlessChrome|Chromium)/"), "Chrome"),
    (re.compile(r"\bVersion/\S+ .*\bSafari/"), "Safari"),
    (re.compile(r"^curl/"), "curl"),
)
_SYSTEMS: Final = (
    (re.compile(r"\biPhone\b"), "iPhone"),
    (re.compile(r"\biPad\b"), "iPad"),
    (re.compile(r"\bAndroid\b"), "Android"),
    (re.compile(r"\bCrOS\b"), "ChromeOS"),
    (re.compile(r"\bWindows\b"), "Windows"),
    (re.compile(r"\b(Macintosh|Mac OS X)\b"), "macOS"),
    (re.compile(r"\b(Linux|X11)\b"), "Linux"),
)


@dataclass(frozen=True, slots=True)
class DeviceName:
    """A *browser* on a *system*; ``None`` for what the user agent does not tell."""

    browser: str | None
    system: str | None

    @property
    def label(self) -> str:
        """The name in English: ``Chrome on Linux``, ``Firefox``, ``Unknown device``."""
        if self.browser and self.system:
            return f"{self.browser} on {self.system}"
        return self.browser or self.system or "Unknown device"


def device_name(user_agent: str) -> DeviceName:
    """Return what *user_agent* says; anything that is not well known counts as untold."""
    text = user_agent[:_LONGEST_READ]
    browser = next((name for form, name in _BROWSERS if form.search(text)), None)
    system = next((name for form, name in _SYSTEMS if form.search(text)), None)
    return DeviceName(browser, system)
