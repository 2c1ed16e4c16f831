"""The logout endpoint (OpenID Connect RP-Initiated and Front-Channel Logout 1.0).

As Entra keeps them: the sign-in at the tenant ends, the application's refresh tokens go on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from mainhub.simulator.accounts import Account
from mainhub.simulator.backchannel import BackChannel
from mainhub.simulator.browser import browser_of, redirect, redirected_to
from mainhub.simulator.errors import EntraError
from mainhub.simulator.pages import AccountChoice, Pages
from mainhub.simulator.parameters import form_parameters, query_parameters
from mainhub.simulator.realms import Realm
from mainhub.simulator.sso import SsoSession
from mainhub.simulator.tenant import Tenant
from mainhub.simulator.tickets import check_ticket, issue_ticket


@dataclass(frozen=True, slots=True)
class LogoutEndpoint:
    """``/{tenant}/oauth2/v2.0/logout`` and ``/{tenant}/logout/{page}``, where its form posts to."""

    tenant: Tenant
    pages: Pages

    async def begin(self, request: Request) -> Response:
        """End the session that ``logout_hint`` names, or ask which one is meant."""
        parameters: Mapping[str, str] = {}
        try:
            realm = self.tenant.realm(request.path_params["tenant"])
            parameters = query_parameters(request)
        except EntraError as error:
            return self.pages.refused(request, parameters, error)
        tenant, browser = self.tenant, browser_of(request)
        hinted = self._hinted(parameters)
        if hinted is not None:
            return await self._end(request, parameters, realm, hinted)
        oids = {one.oid for one in tenant.sso.of(browser, now=tenant.now())}
        accounts = [account for account in tenant.accounts_in(realm) if account.oid in oids]
        if not accounts:
            return self._leave(request, parameters)
        choice = AccountChoice(
            accounts=accounts,
            signed_in=frozenset(),
            ticket=issue_ticket(tenant, f"/{realm.path}/logout"),
            leads_to=tenant.registration.post_logout_redirect_uris,
        )
        return self.pages.sign_out(request, parameters, choice)

    async def choose(self, request: Request) -> Response:
        """Take the answer to the question which account is meant."""
        parameters: Mapping[str, str] = {}
        again: str | None = None
        try:
            realm = self.tenant.realm(request.path_params["tenant"])
            parameters = query_parameters(request)
            again = f"/{realm.path}/oauth2/v2.0/logout?{request.url.query}"
            form = await form_parameters(request)
            check_ticket(self.tenant, request, form)
        except EntraError as error:
            return self.pages.refused(request, parameters, error, again=again)
        account = self.tenant.account(form.get("account", ""))
        if account is None:
            return self._leave(request, parameters)
        return await self._end(request, parameters, realm, account)

    def _hinted(self, parameters: Mapping[str, str]) -> Account | None:
        """Return whom a hint names; an id_token of ours is one, however old."""
        hinted = self.tenant.account_for(parameters.get("logout_hint"))
        token = parameters.get("id_token_hint")
        if hinted is not None or token is None:
            return hinted
        try:
            claims = self.tenant.keys.verified(token)
        except (JoseError, ValueError):
            return None
        return self.tenant.account_for(str(claims.get("login_hint")))

    async def _end(
        self, request: Request, parameters: Mapping[str, str], realm: Realm, account: Account
    ) -> Response:
        browser, frames = browser_of(request), list[str]()
        if browser is not None:
            now = self.tenant.now()
            for session in self.tenant.sso.of(browser, now=now):
                if session.oid == account.oid:
                    frames = self._frames(account, session)
                    if realm.is_generic:
                        await BackChannel(self.tenant).tell_all(account, sid=session.sid)
            self.tenant.sso.sign_out(account.oid, browser=browser)
        return self._leave(request, parameters, frames=frames, always=realm.is_generic)

    def _frames(self, account: Account, session: SsoSession) -> list[str]:
        """Return what the browser has to load so that the application hears of the end."""
        uri = self.tenant.registration.frontchannel_logout_uri
        if uri is None:
            return []
        issuers = {
            self.tenant.realm(realm).issuer_for(account)
            for sid, realm in self.tenant.grants.used_at(account.oid)
            if sid == session.sid
        }
        joint = "&" if "?" in uri else "?"
        return [
            f"{uri}{joint}{urlencode({'iss': issuer, 'sid': session.sid})}"
            for issuer in sorted(issuers)
        ]

    def _leave(
        self,
        request: Request,
        parameters: Mapping[str, str],
        *,
        frames: list[str] | None = None,
        always: bool = False,
    ) -> Response:
        """Go where the application wants, if that is registered for it; else say so on a page.

        The application that asked knows; others hear of it in frames, as it does if *always*.
        """
        registration = self.tenant.registration
        uri = parameters.get("post_logout_redirect_uri")
        meant = parameters.get("client_id") in {None, registration.client_id}
        answer = {"state": parameters.get("state")}
        if not meant or uri is None or uri not in registration.post_logout_redirect_uris:
            return self.pages.signed_out(request, parameters, frames=frames or [])
        if frames and always:
            onward = redirected_to(uri, answer)
            return self.pages.signed_out(request, parameters, frames=frames, onward=onward)
        return redirect(request, uri, answer)
