"""The logout endpoint (OpenID Connect RP-Initiated Logout 1.0, as Entra keeps it)."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from mainhub.simulator.accounts import TENANT_ID
from mainhub.simulator.browser import browser_of, redirect
from mainhub.simulator.errors import EntraError
from mainhub.simulator.pages import AccountChoice, Pages
from mainhub.simulator.parameters import form_parameters, query_parameters
from mainhub.simulator.tenant import Tenant
from mainhub.simulator.tickets import check_ticket, issue_ticket

SIGN_OUT = f"/{TENANT_ID}/logout"


@dataclass(frozen=True, slots=True)
class LogoutEndpoint:
    """``/{tenant}/oauth2/v2.0/logout`` and ``/{tenant}/logout/{page}``, where its form posts to.

    Ends the sign-in at the tenant, not the application's refresh tokens: neither does Entra.
    """

    tenant: Tenant
    pages: Pages

    async def begin(self, request: Request) -> Response:
        """End the session that ``logout_hint`` names, or ask which one is meant."""
        parameters: Mapping[str, str] = {}
        try:
            self.tenant.require(request.path_params["tenant"])
            parameters = query_parameters(request)
        except EntraError as error:
            return self.pages.refused(request, parameters, error)
        tenant, browser = self.tenant, browser_of(request)
        hinted = tenant.account_for(parameters.get("logout_hint"))
        if hinted is not None:
            return self._end(request, parameters, browser=browser, oid=hinted.oid)
        oids = {one.oid for one in tenant.sso.of(browser, now=tenant.now())}
        accounts = [account for account in tenant.accounts if account.oid in oids]
        if not accounts:
            return self._leave(request, parameters)
        choice = AccountChoice(
            accounts=accounts,
            signed_in=frozenset(),
            ticket=issue_ticket(tenant, SIGN_OUT),
            leads_to=tenant.registration.post_logout_redirect_uris,
        )
        return self.pages.sign_out(request, parameters, choice)

    async def choose(self, request: Request) -> Response:
        """Take the answer to the question which account is meant."""
        parameters: Mapping[str, str] = {}
        again: str | None = None
        try:
            self.tenant.require(request.path_params["tenant"])
            parameters = query_parameters(request)
            again = f"/{TENANT_ID}/oauth2/v2.0/logout?{request.url.query}"
            form = await form_parameters(request)
            check_ticket(self.tenant, request, form)
        except EntraError as error:
            return self.pages.refused(request, parameters, error, again=again)
        return self._end(
            request, parameters, browser=browser_of(request), oid=form.get("account", "")
        )

    def _end(
        self, request: Request, parameters: Mapping[str, str], *, browser: str | None, oid: str
    ) -> Response:
        if browser is not None:
            self.tenant.sso.sign_out(oid, browser=browser)
        return self._leave(request, parameters)

    def _leave(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """Go where the application wants, if that is registered for it; else say so on a page."""
        registration = self.tenant.registration
        uri = parameters.get("post_logout_redirect_uri")
        meant = parameters.get("client_id") in {None, registration.client_id}
        if meant and uri is not None and uri in registration.post_logout_redirect_uris:
            return redirect(request, uri, {"state": parameters.get("state")})
        return self.pages.signed_out(request, parameters)
