"""The page of faults: server-rendered; its one script only asks again what the state is."""

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from mainhub.simulator.deeds import Deeds
from mainhub.simulator.faults.behaviour import Done, behaviour
from mainhub.simulator.faults.fault import FOR, SECONDS, SHARE, STATUS, Fault, Mode, Target
from mainhub.simulator.faults.problems import DeskProblem
from mainhub.simulator.faults.standing import Faults, Standing
from mainhub.simulator.faults.texts import BUTTONS, EXPECTED, NAMES, STATES, WORDS
from mainhub.simulator.texts import TEXTS, Locale, locale_of

_PATHS: Final[Mapping[Target, tuple[str, ...]]] = {
    Target.ENTRA: (
        "/.../authorize",
        "/.../token",
        "/.../keys",
        "/.../openid-configuration",
        "/graph/",
    ),
    Target.ORDERS: ("/v1/orders", "/v1/orders/stream", "/healthz"),
}
_LATE: Final = {Mode.SLOW, Mode.DRIP}


@dataclass(frozen=True, slots=True)
class _Card:
    target: Target
    name: str
    ring: str
    state: str
    since: str
    part: str | None
    left: str | None
    expected: str
    standing: Standing
    paths: tuple[str, ...]


class FaultsPage:
    """Shows *faults*, with a form for each target, and what else may be done to the tenant."""

    def __init__(self, faults: Faults, *, deeds: Deeds | None = None) -> None:
        self._faults = faults
        self._deeds = deeds
        self.done: Done | None = None
        """The last deed, which the page tells of."""
        self._template = Environment(
            loader=PackageLoader("mainhub.simulator"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        ).get_template("faults.html")

    def render(self, request: Request, *, problem: DeskProblem | None = None) -> HTMLResponse:
        """Return the page, with *problem* if a form was wrong."""
        wished = request.query_params.get("ui_locales")
        locale = locale_of(request, wished)
        other = "en" if locale == "fr" else "fr"
        nonce = secrets.token_urlsafe(16)
        html = self._template.render(
            locale=locale,
            other=other,
            other_url=f"/_sim?{urlencode({'ui_locales': other})}",
            query=f"?{urlencode({'ui_locales': locale})}" if wished else "",
            nonce=nonce,
            t={**TEXTS[locale], **WORDS[locale]},
            buttons=BUTTONS[locale],
            bounds={"seconds": SECONDS, "status": STATUS, "share": SHARE, "for": FOR},
            cards=[self._card(target, locale) for target in Target],
            problem=problem,
            behaviour=(
                None if self._deeds is None else behaviour(self._deeds, locale, done=self.done)
            ),
        )
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
            "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'"
        )
        headers = {
            "Content-Security-Policy": policy,
            "Content-Language": locale,
            # Else a browser sends the forms with "Origin: null", as from anywhere.
            "Referrer-Policy": "same-origin",
        }
        return HTMLResponse(html, problem.status if problem else 200, headers=headers)

    def _card(self, target: Target, locale: Locale) -> _Card:
        standing, words = self._faults.of(target), WORDS[locale]
        fault = standing.fault
        since = f"{standing.since:%H:%M:%S} UTC" if standing.since else None
        part = words["part"] if fault.only is None else words["part_path"]
        left = None
        if standing.until is not None:
            seconds = (standing.until - self._faults.clock()).total_seconds()
            left = words["left"].format(left=max(0, math.ceil(seconds)))
        state = STATES[locale][fault.mode]
        return _Card(
            target=target,
            name=NAMES[locale][target],
            ring=_ring(fault),
            state=state.format(seconds=f"{fault.seconds:g}", status=fault.status),
            since=words["since"].format(time=since) if since else words["never"],
            part=None if fault.is_total else part.format(share=f"{fault.share:g}", only=fault.only),
            left=left,
            expected=EXPECTED[locale][target][fault.mode],
            standing=standing,
            paths=_PATHS[target],
        )


def _ring(fault: Fault) -> str:
    if fault.mode is Mode.FINE:
        return "fine"
    if not fault.is_total:
        return "partly"
    return "late" if fault.mode in _LATE else "failed"
