"""The tenant's pages: server-rendered, no script at all."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from mainhub.simulator.accounts import Account
from mainhub.simulator.errors import EntraError
from mainhub.simulator.refusals import correlation_id_of
from mainhub.simulator.tenant import Tenant
from mainhub.simulator.texts import TEXTS, locale_of
from mainhub.simulator.tickets import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChoice:
    """A form in which one account is chosen by its button."""

    accounts: Sequence[Account]
    signed_in: frozenset[str]
    ticket: Ticket
    leads_to: Sequence[str]
    """The URIs that the answer may redirect to, for `form-action`."""


class Pages:
    """Renders the pages of *tenant*."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._templates = Environment(
            loader=PackageLoader("mainhub.simulator"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def pick(
        self, request: Request, parameters: Mapping[str, str], choice: AccountChoice
    ) -> HTMLResponse:
        """Return the account picker of a sign-in."""
        facts = {"application": urlsplit(parameters["redirect_uri"]).netloc}
        return self._form(request, parameters, choice, "pick.html", facts)

    def confirm(
        self,
        request: Request,
        parameters: Mapping[str, str],
        choice: AccountChoice,
        *,
        consent: bool,
    ) -> HTMLResponse:
        """Return the page that asks the one account of *choice* for its second factor.

        Or for its *consent*.
        """
        facts = {"application": urlsplit(parameters["redirect_uri"]).netloc, "consent": consent}
        return self._form(request, parameters, choice, "confirm.html", facts)

    def sign_out(
        self, request: Request, parameters: Mapping[str, str], choice: AccountChoice
    ) -> HTMLResponse:
        """Return the page that asks which account to sign out."""
        return self._form(request, parameters, choice, "sign_out.html", {})

    def signed_out(
        self,
        request: Request,
        parameters: Mapping[str, str],
        *,
        frames: Sequence[str],
        onward: str | None = None,
    ) -> HTMLResponse:
        """Return the page after a sign-out, which loads *frames* and then leads *onward*, if so."""
        facts = {"frames": frames, "onward": onward}
        origins = " ".join(dict.fromkeys(_origin(uri) for uri in frames))
        return self._render(request, parameters, "signed_out.html", facts, frame_src=origins)

    def nothing_here(self, request: Request) -> HTMLResponse:
        """Return the page of an address that does not exist."""
        return self._render(request, request.query_params, "nothing_here.html", {}, status=404)

    def refused(
        self,
        request: Request,
        parameters: Mapping[str, str],
        error: EntraError,
        *,
        again: str | None = None,
    ) -> HTMLResponse:
        """Return the page of *error*: for what must never be redirected."""
        facts: dict[str, object] = {
            "sentence": str(error),
            "trace_id": str(uuid4()),
            "correlation_id": correlation_id_of(request),
            "at": f"{self._tenant.clock():%Y-%m-%d %H:%M:%S}Z",
            "again": again,
        }
        return self._render(request, parameters, "refused.html", facts, status=error.status)

    def _form(
        self,
        request: Request,
        parameters: Mapping[str, str],
        choice: AccountChoice,
        template: str,
        facts: Mapping[str, object],
    ) -> HTMLResponse:
        # The checks of a browser cover the redirects after a form, so their origins are named.
        origins = dict.fromkeys(_origin(uri) for uri in choice.leads_to)
        page = self._render(
            request,
            parameters,
            template,
            {
                **facts,
                "choice": choice,
                "action": f"{choice.ticket.path}?{urlencode(dict(parameters))}",
            },
            form_action=" ".join(["'self'", *origins]),
        )
        choice.ticket.bind(page)
        return page

    def _render(
        self,
        request: Request,
        parameters: Mapping[str, str],
        template: str,
        facts: Mapping[str, object],
        *,
        status: int = 200,
        form_action: str = "'none'",
        frame_src: str = "",
    ) -> HTMLResponse:
        locale = locale_of(request, parameters.get("ui_locales"))
        other = "en" if locale == "fr" else "fr"
        nonce = secrets.token_urlsafe(16)
        html = self._templates.get_template(template).render(
            locale=locale,
            other=other,
            other_url=_same_page(request, parameters, ui_locales=other),
            nonce=nonce,
            t=TEXTS[locale],
            **facts,
        )
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; base-uri 'none'; "
            f"form-action {form_action}; frame-ancestors 'none'"
            + (f"; frame-src {frame_src}" if frame_src else "")
        )
        headers = {"Content-Security-Policy": policy, "Content-Language": locale}
        return HTMLResponse(html, status_code=status, headers=headers)


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def _same_page(request: Request, parameters: Mapping[str, str], *, ui_locales: str) -> str | None:
    """Return the address of this page in another language, or ``None`` if it has none.

    The answer to a form has no address of its own, nor has a query that cannot be read.
    """
    if request.method != "GET" or (request.url.query and not parameters):
        return None
    return f"{request.url.path}?{urlencode({**parameters, 'ui_locales': ui_locales})}"
