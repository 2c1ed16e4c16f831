"""Front-ends to register."""

from __future__ import annotations

from typing import Any

from mainhub.frontends import Frontend


def frontend(name: str = "orders", **fields: Any) -> Frontend:
    """Return a front-end that is right in everything but *fields*."""
    right: dict[str, Any] = {
        "titles": {"fr": "Commandes", "en": "Orders"},
        "icon": "box",
        "routes": ("/orders",),
        "roles": ("Employee",),
    }
    return Frontend(name, **(right | fields))


DASHBOARD = frontend(
    "dashboard",
    titles={"fr": "Accueil", "en": "Home"},
    icon="home",
    routes=("/",),
    roles=("*",),
    position=10,
)
