"""What the settings say, before anything is asked."""

import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from mainhub.health import Diagnosis, Verdict
from mainhub.settings import Settings, SettingsInvalid

__all__ = ["look_at_settings"]

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


async def look_at_settings(settings: Settings, config: Path | None) -> AsyncIterator[Diagnosis]:
    """Yield what is missing or unwise in *settings*, read from the file *config*, if from one."""
    try:
        serving = settings.require_serving()
    except SettingsInvalid as error:
        for line in str(error).splitlines():
            yield Diagnosis(
                "Something that serving needs is missing.",
                Verdict.FAILED,
                line,
                "mainhub config show tells what is set, and where it comes from.",
                "docs/settings.md",
            )
    else:
        yield Diagnosis("Everything that serving needs is set.")
        for diagnosis in _judged(settings, serving.public_url):
            yield diagnosis
    if config is not None:
        yield _readable_by_others(config)


def _judged(settings: Settings, public_url: str) -> list[Diagnosis]:
    found = []
    here = urlsplit(public_url).hostname in _LOOPBACK
    if public_url.startswith("http://") and not here:
        found.append(
            Diagnosis(
                "People reach the hub without encryption.",
                Verdict.FAILED,
                f"hub.public_url is {public_url}",
                "Put TLS in front of the hub, and set an https address.",
                "docs/operations.md",
            )
        )
    if settings.hub.mode == "development" and not here:
        found.append(
            Diagnosis(
                "The hub would run in development mode.",
                Verdict.WARNING,
                "hub.mode is development, and others can reach the hub",
                "Set hub.mode to production.",
                "docs/settings.md",
            )
        )
    return found


def _readable_by_others(config: Path) -> Diagnosis:
    mode = config.stat().st_mode
    if not mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP):
        return Diagnosis("The settings file is for the hub alone.")
    return Diagnosis(
        "Others on this machine can read or change the settings file.",
        Verdict.WARNING,
        f"{config} has the rights {stat.filemode(mode)}",
        f"Run: chmod 640 {config}; better still, keep secrets in files of their own (_FILE).",
        "docs/settings.md",
    )
