"""The authorize endpoint and the account picker behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from mainhub.simulator.accounts import TENANT_ID
from mainhub.simulator.authorization_request import (
    AuthorizationRequest,
    read_request,
    redirect_uri_of,
)
from mainhub.simulator.browser import browser_of, redirect, remember_browser
from mainhub.simulator.errors import EntraError
from mainhub.simulator.grants import Grant, IssuedCode
from mainhub.simulator.pages import AccountChoice, Pages
from mainhub.simulator.parameters import form_parameters, query_parameters
from mainhub.simulator.refusals import correlation_id_of
from mainhub.simulator.sso import SsoSession
from mainhub.simulator.tenant import Tenant
from mainhub.simulator.tickets import check_ticket, issue_ticket

PICKER = f"/{TENANT_ID}/login"


@dataclass(frozen=True, slots=True)
class AuthorizeEndpoint:
    """``/{tenant}/oauth2/v2.0/authorize`` and ``/{tenant}/login/{page}``, where its form posts to.

    The form's address carries the request again and is checked again: nothing is remembered of a
    sign-in that has not happened.
    """

    tenant: Tenant
    pages: Pages

    async def begin(self, request: Request) -> Response:
        """Answer with a code when it is clear who is there, else with the picker."""
        parameters: Mapping[str, str] = {}
        try:
            self.tenant.require(request.path_params["tenant"])
            if request.method == "POST":
                parameters = await form_parameters(request)
            else:
                parameters = query_parameters(request)
            redirect_uri = redirect_uri_of(self.tenant.registration, parameters)
        except EntraError as error:
            return self.pages.refused(request, parameters, error)
        try:
            asked = read_request(self.tenant.registration, parameters, redirect_uri=redirect_uri)
            return self._choose(request, parameters, asked)
        except EntraError as error:
            return self._send_refusal(request, redirect_uri, parameters, error)

    async def pick(self, request: Request) -> Response:
        """Take the choice of the picker: sign the person in and go back to the application."""
        parameters: Mapping[str, str] = {}
        again: str | None = None
        try:
            self.tenant.require(request.path_params["tenant"])
            parameters = query_parameters(request)
            redirect_uri = redirect_uri_of(self.tenant.registration, parameters)
            again = f"/{TENANT_ID}/oauth2/v2.0/authorize?{request.url.query}"
            form = await form_parameters(request)
            check_ticket(self.tenant, request, form)
        except EntraError as error:
            return self.pages.refused(request, parameters, error, again=again)
        try:
            asked = read_request(self.tenant.registration, parameters, redirect_uri=redirect_uri)
            return self._sign_in(request, parameters, asked, form)
        except EntraError as error:
            return self._send_refusal(request, redirect_uri, parameters, error)

    def _choose(
        self, request: Request, parameters: Mapping[str, str], asked: AuthorizationRequest
    ) -> Response:
        tenant = self.tenant
        signed_in = tenant.sso.of(browser_of(request), now=tenant.now())
        known = tuple(one for one in signed_in if tenant.account(one.oid) is not None)
        hinted = tenant.account_for(parameters.get("login_hint"))
        session = asked.choose(known, hinted=None if hinted is None else hinted.oid)
        if session is not None:
            return self._send_code(request, parameters, asked, session)
        choice = AccountChoice(
            # A hint is a wish, not a lock: the one who is meant stands first.
            accounts=sorted(tenant.accounts, key=lambda account: account is not hinted),
            signed_in=frozenset(one.oid for one in known),
            ticket=issue_ticket(tenant, PICKER),
            leads_to=(asked.redirect_uri,),
        )
        return self.pages.pick(request, parameters, choice)

    def _sign_in(
        self,
        request: Request,
        parameters: Mapping[str, str],
        asked: AuthorizationRequest,
        form: Mapping[str, str],
    ) -> Response:
        if "cancel" in form:
            raise EntraError("access_denied", 65004, "User declined to consent to access the app.")
        tenant, now = self.tenant, self.tenant.now()
        account = tenant.account(form.get("account", ""))
        if account is None:
            raise EntraError.invalid_grant(50034, "The user account does not exist in the tenant.")
        browser = tenant.random(32)
        session = tenant.sso.sign_in(
            account.oid,
            old_browser=browser_of(request),
            browser=browser,
            now=now,
            expires_at=now + int(tenant.lifetimes.sso_session.total_seconds()),
        )
        answer = self._send_code(request, parameters, asked, session)
        remember_browser(answer, browser, tenant)
        return answer

    def _send_code(
        self,
        request: Request,
        parameters: Mapping[str, str],
        asked: AuthorizationRequest,
        session: SsoSession,
    ) -> Response:
        tenant, now = self.tenant, self.tenant.now()
        code = f"1.{tenant.random(48)}"
        issued = IssuedCode(
            grant=Grant(
                family=str(uuid4()),
                client_id=asked.client_id,
                oid=session.oid,
                sid=session.sid,
                scope=asked.scope,
            ),
            redirect_uri=asked.redirect_uri,
            challenge=asked.challenge,
            nonce=asked.nonce,
            expires_at=now + int(tenant.lifetimes.code.total_seconds()),
        )
        tenant.grants.issue_code(code, issued, now=now)
        answer = {
            "code": code,
            "state": parameters.get("state"),
            "session_state": session.sid,
            "iss": tenant.issuer,
        }
        return redirect(request, asked.redirect_uri, answer)

    def _send_refusal(
        self,
        request: Request,
        redirect_uri: str,
        parameters: Mapping[str, str],
        error: EntraError,
    ) -> Response:
        description = error.description(
            trace_id=str(uuid4()),
            correlation_id=correlation_id_of(request),
            at=self.tenant.clock(),
        )
        answer = {
            "error": error.error,
            "error_description": description,
            "state": parameters.get("state"),
            "iss": self.tenant.issuer,
        }
        return redirect(request, redirect_uri, answer)
