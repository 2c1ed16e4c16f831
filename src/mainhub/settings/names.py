"""How settings are called: dotted paths, environment variables, names that operators choose."""

import json
import re
from typing import Annotated, Final

from pydantic import StringConstraints

__all__ = ["NAME", "PREFIX", "Name", "SettingPath", "dotted", "variable"]

SettingPath = tuple[str, ...]
"""Where a setting stands in the tree: ``("hub", "listen")``."""

PREFIX: Final = "MAINHUB_"
NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}\z")]
"""What operators call a provider or a service."""


def dotted(path: SettingPath) -> str:
    """Write *path* as TOML does: ``hub.listen``, ``identity."odd name".kind``."""
    return ".".join(key if _BARE.fullmatch(key) else json.dumps(key) for key in path)


def variable(path: SettingPath) -> str:
    """Return the environment variable that sets *path*."""
    return PREFIX + "__".join(path).replace("-", "_").upper()
