"""Front-ends to register."""

from __future__ import annotations

from typing import Any

from mainhub.frontends import Frontend, Widget
from mainhub.identity import Person

ADA = Person("ada", "Ada Lovelace", None, ("Admin",), None, "entra")


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


def widget(name: str = "open", **fields: Any) -> Widget:
    """Return a widget that is right in everything but *fields*."""
    right: dict[str, Any] = {
        "titles": {"fr": "Mes commandes", "en": "My orders"},
        "summaries": {"fr": "Celles qui sont ouvertes", "en": "Those that are open"},
        "icon": "box",
    }
    return Widget(name, **(right | fields))
