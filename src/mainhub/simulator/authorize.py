"""The authorize endpoint and the account picker behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from mainhub.simulator.authorization_request import (
    AuthorizationRequest,
    read_request,
    redirect_uri_of,
)
from mainhub.simulator.browser import browser_of, redirect, remember_browser
from mainhub.simulator.claims_request import CONSENT, MFA
from mainhub.simulator.conduct import Switch
from mainhub.simulator.errors import EntraError
from mainhub.simulator.grants import Grant, IssuedCode
from mainhub.simulator.pages import AccountChoice, Pages
from mainhub.simulator.parameters import form_parameters, query_parameters
from mainhub.simulator.pushed_requests import PushedRequests
from mainhub.simulator.realms import Realm
from mainhub.simulator.refusals import correlation_id_of
from mainhub.simulator.sso import SsoSession
from mainhub.simulator.tenant import Tenant
from mainhub.simulator.tickets import check_ticket, issue_ticket
from mainhub.simulator.version1 import V1, V1_FORMS, V2, version_of

_Take = Callable[[Request, Mapping[str, str], AuthorizationRequest, Mapping[str, str]], Response]


@dataclass(frozen=True, slots=True)
class AuthorizeEndpoint:
    """``/{tenant}/oauth2/v2.0/authorize``, and where its pages post to.

    The address of such a form carries the request again and is checked again: nothing is remembered
    of a sign-in that has not happened.
    """

    tenant: Tenant
    pages: Pages
    pushed: PushedRequests

    async def begin(self, request: Request) -> Response:
        """Answer with a code when it is clear who is there, else with the picker."""
        parameters: Mapping[str, str] = {}
        try:
            realm = self.tenant.realm(request.path_params["tenant"])
            if request.method == "POST":
                parameters = await form_parameters(request)
            else:
                parameters = query_parameters(request)
            if realm.is_generic:
                parameters = self.pushed.resolved(parameters)
            redirect_uri = self._redirect_uri(parameters)
        except EntraError as error:
            return self.pages.refused(request, parameters, error)
        try:
            asked = self._read(request, parameters, redirect_uri)
            return self._choose(request, parameters, asked)
        except EntraError as error:
            return self._send_refusal(request, redirect_uri, parameters, error)

    async def pick(self, request: Request) -> Response:
        """Take the choice of the picker: sign the person in and go on."""
        return await self._answered(request, self._sign_in)

    async def confirm(self, request: Request) -> Response:
        """Take the second factor or the consent, and go back to the application."""
        return await self._answered(request, self._confirm)

    async def _answered(self, request: Request, take: _Take) -> Response:
        """Check a form of ours and the request that its address carries, then *take* it."""
        parameters: Mapping[str, str] = {}
        again: str | None = None
        try:
            realm = self.tenant.realm(request.path_params["tenant"])
            parameters = query_parameters(request)
            redirect_uri = self._redirect_uri(parameters)
            endpoint = "oauth2/authorize" if version_of(request) == V1 else "oauth2/v2.0/authorize"
            again = f"/{realm.path}/{endpoint}?{request.url.query}"
            form = await form_parameters(request)
            check_ticket(self.tenant, request, form)
        except EntraError as error:
            return self.pages.refused(request, parameters, error, again=again)
        try:
            asked = self._read(request, parameters, redirect_uri)
            return take(request, parameters, asked, form)
        except EntraError as error:
            return self._send_refusal(request, redirect_uri, parameters, error)

    def _redirect_uri(self, parameters: Mapping[str, str]) -> str:
        redirect_uri = redirect_uri_of(self.tenant.registration, parameters)
        if self.tenant.conduct.value(Switch.SIGN_IN) == "redirect-mismatch":
            self.tenant.conduct.use(Switch.SIGN_IN)
            raise EntraError.unknown_redirect(redirect_uri, parameters["client_id"])
        return redirect_uri

    def _read(
        self, request: Request, parameters: Mapping[str, str], redirect_uri: str
    ) -> AuthorizationRequest:
        return read_request(
            self.tenant.registration,
            parameters,
            redirect_uri=redirect_uri,
            realm=self.tenant.realm(request.path_params["tenant"]),
            version=version_of(request),
        )

    def _choose(
        self, request: Request, parameters: Mapping[str, str], asked: AuthorizationRequest
    ) -> Response:
        tenant = self.tenant
        accounts = tenant.accounts_in(asked.realm)
        oids = {account.oid for account in accounts}
        signed_in = tenant.sso.of(browser_of(request), now=tenant.now())
        known = tuple(one for one in signed_in if one.oid in oids)
        hinted = tenant.account_for(parameters.get("login_hint"))
        session = asked.choose(known, hinted=None if hinted is None else hinted.oid)
        if session is not None:
            return self._go_on(request, parameters, asked, session)
        choice = AccountChoice(
            # A hint is a wish, not a lock: the one who is meant stands first.
            accounts=sorted(accounts, key=lambda account: account is not hinted),
            signed_in=frozenset(one.oid for one in known),
            ticket=issue_ticket(tenant, _folder(asked, "login")),
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
        tenant = self.tenant
        account = tenant.account(form.get("account", ""))
        if account is None or not asked.realm.has(account):
            raise EntraError.invalid_grant(50034, "The user account does not exist in the tenant.")
        browser, now = tenant.random(32), tenant.now_for(account.oid)
        session = tenant.sso.sign_in(
            account.oid,
            old_browser=browser_of(request),
            browser=browser,
            now=now,
            expires_at=now + int(tenant.lifetimes.sso_session.total_seconds()),
        )
        answer = self._go_on(request, parameters, asked, session)
        remember_browser(answer, browser, tenant)
        return answer

    def _go_on(
        self,
        request: Request,
        parameters: Mapping[str, str],
        asked: AuthorizationRequest,
        session: SsoSession,
    ) -> Response:
        """Answer with a code once the person of *session* has done all that is demanded."""
        if self.tenant.conduct.value(Switch.SIGN_IN, oid=session.oid) == "not-assigned":
            self.tenant.conduct.use(Switch.SIGN_IN, oid=session.oid)
            raise EntraError(
                "access_denied",
                50105,
                "Your administrator has configured the application to block users unless they are "
                "specifically granted ('assigned') access to the application.",
            )
        missing = self._demanded(asked, session) - session.contexts
        if not missing:
            return self._send_code(request, parameters, asked, session)
        tenant = self.tenant
        if asked.prompt == "none":
            raise (
                EntraError.consent_required(asked.client_id)
                if missing == {CONSENT}
                else EntraError.mfa_required()
            )
        account = tenant.account(session.oid)
        if account is None:
            raise EntraError.invalid_grant(50034, "The user account does not exist in the tenant.")
        choice = AccountChoice(
            accounts=[account],
            signed_in=frozenset({session.oid}),
            ticket=issue_ticket(tenant, _folder(asked, "confirm")),
            leads_to=(asked.redirect_uri,),
        )
        return self.pages.confirm(request, parameters, choice, consent=missing == {CONSENT})

    def _demanded(self, asked: AuthorizationRequest, session: SsoSession) -> frozenset[str]:
        conduct = self.tenant.conduct
        switched = {
            conduct.value(switch, oid=session.oid).partition("-")[0]
            for switch in (Switch.SIGN_IN, Switch.REFUSAL)
        }
        return asked.claims.contexts | (switched & {MFA, CONSENT})

    def _confirm(
        self,
        request: Request,
        parameters: Mapping[str, str],
        asked: AuthorizationRequest,
        form: Mapping[str, str],
    ) -> Response:
        if "cancel" in form:
            raise EntraError(
                "access_denied", 500121, "Authentication failed during strong authentication."
            )
        sso, browser = self.tenant.sso, browser_of(request)
        for session in sso.of(browser, now=self.tenant.now()):
            if session.oid == form.get("account"):
                satisfied = sso.satisfy(session, self._demanded(asked, session))
                self.tenant.conduct.use(Switch.SIGN_IN, oid=session.oid)
                return self._send_code(request, parameters, asked, satisfied)
        raise EntraError.login_required()

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
                contexts=tuple(sorted(session.contexts)),
                capabilities=tuple(sorted(asked.claims.capabilities)),
                realm=asked.realm.path,
                version=asked.version,
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
            "iss": _stated_issuer(asked.realm, asked.version),
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
            "iss": _stated_issuer(
                self.tenant.realm(request.path_params["tenant"]), version_of(request)
            ),
        }
        return redirect(request, redirect_uri, answer)


def _folder(asked: AuthorizationRequest, page: str) -> str:
    """Return the folder below which a page of this request posts to."""
    folder = f"/{asked.realm.path}/{page}"
    return f"{folder}/{V1_FORMS}" if asked.version == V1 else folder


def _stated_issuer(realm: Realm, version: str) -> str | None:
    """Return the ``iss`` of an answer (RFC 9207); a shared realm cannot say it beforehand."""
    return None if realm.is_shared or version != V2 else realm.issuer
