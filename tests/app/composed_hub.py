"""A hub as ``compose`` makes it, over a database of its own; its provider is never asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from frontends.made_up_build import made_up_build
from mainhub.app import compose
from mainhub.settings import load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mainhub.app import Hub
    from mainhub.clock import Clock

PUBLIC = "http://localhost:8080"
HOST = "localhost:8080"


def composed_hub(
    folder: Path,
    *,
    database_url: str | None = None,
    clock: Clock | None = None,
    sections: Mapping[str, object] | None = None,
) -> Hub:
    """Return a hub whose database is in *folder*, or where *database_url* says.

    *sections* are further settings, such as ``{"redis": {"url": ...}}``.
    """
    database_url = database_url or f"sqlite+aiosqlite:///{folder / 'mainhub.db'}"
    preset: dict[str, object] = {
        "hub": {"mode": "development", "secret_keys": ["k" * 43], "public_url": PUBLIC},
        "database": {"url": database_url},
        "identity": {
            "entra": {
                "kind": "entra",
                "tenant": "5f3c9f6e-0000-4000-8000-000000000000",
                "issuer": "http://127.0.0.1:9/5f3c9f6e-0000-4000-8000-000000000000/v2.0",
                "client_id": "hub",
                "client_secret": "made-up",
            }
        },
        "gateway": {
            "services": {"orders": {"upstreams": ["http://127.0.0.1:9"], "roles": ["Employee"]}}
        },
        **(sections or {}),
    }
    configuration = load(config=None, environ={}, preset=preset, vendor_names=False)
    return compose(configuration, build=made_up_build(), clock=clock)
