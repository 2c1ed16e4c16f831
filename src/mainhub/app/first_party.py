"""The front-ends that come with the hub; operators may change who may open them."""

from typing import Final

from mainhub.frontends import Frontend, Widget
from mainhub.frontends.dashboards import Card
from mainhub.identity import ADMIN, EVERYONE

__all__ = ["DEFAULT_DASHBOARD", "FIRST_PARTY"]

_DASHBOARD: Final = Frontend(
    name="dashboard",
    titles={"fr": "Accueil", "en": "Home"},
    icon="home",
    routes=("/",),
    roles=(EVERYONE,),
    position=10,
    apis=("orders",),
    widgets=(
        Widget(
            "orders",
            titles={"fr": "Commandes", "en": "Orders"},
            summaries={
                "fr": "Ce que dit le service Commandes\u202f: ouvertes, à valider, en retard",
                "en": "What the orders service tells: open, to approve, late",
            },
            icon="box",
            size="large",
        ),
        Widget(
            "applications",
            titles={"fr": "Mes applications", "en": "My applications"},
            summaries={
                "fr": "Les applications que vos rôles vous ouvrent",
                "en": "The applications that your roles open to you",
            },
            icon="apps",
            size="small",
        ),
        Widget(
            "person",
            titles={"fr": "Qui je suis", "en": "Who I am"},
            summaries={
                "fr": "Pour qui le hub vous tient, et jusqu’à quand",
                "en": "Who the hub takes you for, and until when",
            },
            icon="person",
            size="small",
        ),
    ),
)
_WIDGETS: Final = Frontend(
    name="widgets",
    titles={"fr": "Widgets", "en": "Widgets"},
    icon="layers",
    routes=("/widgets",),
    roles=(EVERYONE,),
    position=80,
    widgets=(
        Widget(
            "my-sessions",
            titles={"fr": "Mes sessions", "en": "My sessions"},
            summaries={
                "fr": "Où vous êtes connecté, et de quoi mettre fin à une session",
                "en": "Where you are signed in, and a way to end it",
            },
            icon="monitor",
            size="medium",
        ),
        Widget(
            "service-health",
            titles={"fr": "Santé des services", "en": "Service health"},
            summaries={
                "fr": "Ce qui répond derrière le hub, et depuis quand",
                "en": "What answers behind the hub, and since when",
            },
            icon="pulse",
            size="medium",
        ),
        Widget(
            "recent-events",
            titles={"fr": "Événements récents", "en": "Recent events"},
            summaries={
                "fr": "Ce qui vient de se passer, en direct",
                "en": "What has just happened, live",
            },
            icon="clock",
            size="medium",
        ),
    ),
)
_ADMIN: Final = Frontend(
    name="admin",
    titles={"fr": "Administration", "en": "Administration"},
    icon="sliders",
    routes=("/admin",),
    roles=(ADMIN,),
    position=90,
)

FIRST_PARTY: Final = (_DASHBOARD, _WIDGETS, _ADMIN)
DEFAULT_DASHBOARD: Final = (
    Card("dashboard/orders", "large"),
    Card("dashboard/applications", "small"),
    Card("dashboard/person", "small"),
    Card("widgets/service-health", "medium"),
)
"""What stands on the home page of who has arranged nothing yet."""
