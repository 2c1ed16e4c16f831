"""Who may do what: one row for each address and method that the hub answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
RELAYED = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class May(Enum):
    """Who may."""

    ANYBODY = "nobody has to be signed in"
    PERSON = "every signed-in person and program, roles or not"
    SESSION = "every person who is signed in in a browser, roles or not"
    ROLE = "who has one of the roles that the settings name"
    ADMIN = "administrators"


@dataclass(frozen=True)
class Row:
    """One address and method; *target* is an instance of it, *body* what it expects.

    *unsigned*: it changes something and asks for no sign that a page of this hub sent it, since
    something else in the request proves where it is from. *own_token*: the only token that it takes
    is one of its own.
    """

    method: str
    route: str
    may: May
    target: str
    body: str | None = None
    form: bool = False
    unsigned: bool = False
    own_token: bool = False

    @property
    def name(self) -> str:
        return f"{self.method} {self.route}"

    @property
    def guarded(self) -> bool:
        """Whether only a page of this hub may send it with a cookie."""
        return self.method not in SAFE and not self.unsigned


def row(name: str, may: May, target: str | None = None, **more: object) -> Row:
    method, route = name.split(" ")
    return Row(method, route, may, target or route, **more)  # type: ignore[arg-type]


NOBODY = "0" * 16
PUBLICATION = '{"type": "theme:changed", "data": {"theme": "dark"}}'

TABLE = (
    # Signing in and out.
    row("GET /auth/login", May.ANYBODY, "/auth/login?return_to=/orders"),
    row("GET /auth/callback/{idp}", May.ANYBODY, "/auth/callback/entra?state=none&code=none"),
    row("GET /auth/stepup", May.ANYBODY),
    row("GET /auth/signed-out", May.ANYBODY),
    row(
        "POST /auth/backchannel/{idp}",
        May.ANYBODY,
        "/auth/backchannel/entra",
        body="logout_token=none",
        form=True,
        # The provider's signature is on the token.
        unsigned=True,
    ),
    row("GET /auth/frontchannel/{idp}", May.ANYBODY, "/auth/frontchannel/entra?iss=x&sid=y"),
    # One's own.
    row("GET /auth/session", May.SESSION),
    row("GET /auth/sessions", May.SESSION),
    row("DELETE /auth/sessions", May.SESSION),
    row("DELETE /auth/sessions/{ref}", May.SESSION, f"/auth/sessions/{NOBODY}"),
    # What every person's pages are made of.
    row("GET /", May.SESSION),
    row("GET /static/{file}", May.ANYBODY, "/static/none.js"),
    row("GET /hub/v1/openapi.json", May.ANYBODY),
    row("HEAD /hub/v1/openapi.json", May.ANYBODY),
    row("GET /hub/v1/frontends", May.PERSON),
    row("GET /hub/v1/dashboard", May.PERSON),
    row("PUT /hub/v1/dashboard", May.PERSON, body='{"generation": 0, "cards": []}'),
    row("DELETE /hub/v1/dashboard", May.PERSON),
    row("GET /hub/v1/events", May.PERSON),
    row("POST /hub/v1/events", May.PERSON, body=PUBLICATION),
    row("GET /hub/v1/events/types", May.PERSON),
    row("GET /events/stream", May.SESSION),
    row("GET /healthz", May.PERSON),
    # Machines' probes.
    row("GET /livez", May.ANYBODY),
    row("GET /readyz", May.ANYBODY),
    # Services.
    *(
        row(f"{method} /api/{{service}}/{{path}}", May.ROLE, "/api/orders/v1/orders")
        for method in RELAYED
    ),
    # Administration.
    row("GET /metrics", May.ADMIN, own_token=True),
    row("DELETE /hub/v1/events", May.ADMIN),
    row("GET /hub/v1/sessions", May.ADMIN),
    row("DELETE /hub/v1/sessions", May.ADMIN, "/hub/v1/sessions?person=nobody"),
    row("DELETE /hub/v1/sessions/{ref}", May.ADMIN, f"/hub/v1/sessions/{NOBODY}"),
    row("GET /hub/v1/audit", May.ADMIN),
    row("GET /hub/v1/audit/export", May.ADMIN),
    row("GET /hub/v1/configuration", May.ADMIN),
    row("GET /hub/v1/configuration/{key}", May.ADMIN, "/hub/v1/configuration/hub.mode"),
    row(
        "PATCH /hub/v1/configuration/{key}",
        May.ADMIN,
        "/hub/v1/configuration/hub.mode",
        body='{"value": "production"}',
    ),
    row("GET /hub/v1/resilience", May.ADMIN),
    row("GET /hub/v1/resilience/{name}", May.ADMIN, "/hub/v1/resilience/none"),
    row("POST /hub/v1/resilience/{name}/{deed}", May.ADMIN, "/hub/v1/resilience/none/close"),
    row("GET /hub/v1/access", May.ADMIN),
    row("GET /hub/v1/access/explain", May.ADMIN, "/hub/v1/access/explain?roles=Employee"),
    row(
        "POST /hub/v1/access/grants",
        May.ADMIN,
        body='{"to": {"kind": "group", "name": "-"}, "permissions": ["orders:write"]}',
    ),
    row("DELETE /hub/v1/access/grants/{id}", May.ADMIN, "/hub/v1/access/grants/none"),
    row("GET /hub/v1/cache", May.ADMIN),
    row("GET /hub/v1/cache/entry", May.ADMIN, "/hub/v1/cache/entry?key=frontends:all"),
    row("GET /hub/v1/cache/concerned", May.ADMIN, "/hub/v1/cache/concerned?key=frontends:all"),
    row("POST /hub/v1/cache/invalidate", May.ADMIN, body='{"key": "frontends:all"}'),
    row("GET /hub/v1/frontends/all", May.ADMIN),
    row(
        "PATCH /hub/v1/frontends/{name}",
        May.ADMIN,
        "/hub/v1/frontends/none",
        body='{"generation": 1, "apis": ["orders"]}',
    ),
    # Last: it ends the session with which all others were asked.
    row("POST /auth/logout", May.ANYBODY),
)
