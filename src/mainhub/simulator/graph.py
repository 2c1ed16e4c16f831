"""The little of Microsoft Graph that sign-in needs: who one is, the people, and one's groups.

Errors have the documented shape (concepts/errors.md). The addresses ``getMemberObjects`` and
``getMemberGroups``, and that the answer to them is ``{"value": [...]}``, are unverified.
"""

import json
from dataclasses import dataclass
from datetime import UTC
from typing import Final
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mainhub.simulator.accounts import Account
from mainhub.simulator.conduct import Switch
from mainhub.simulator.scopes import GRAPH
from mainhub.simulator.tenant import Tenant
from mainhub.simulator.userinfo import PersonBehind

_ROOT: Final = "/graph/v1.0"
_RETRY_AFTER: Final = "5"
_AUDIENCES: Final = frozenset({GRAPH, "https://graph.microsoft.com"})
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Graph:
    """``/graph/v1.0``."""

    tenant: Tenant

    async def me(self, request: Request) -> Response:
        """``GET /me``."""
        found = self._caller(request)
        if isinstance(found, Response):
            return found
        context = f"{self.tenant.base_url}{_ROOT}/$metadata#users/$entity"
        return JSONResponse({"@odata.context": context, **_told(found)})

    async def users(self, request: Request) -> Response:
        """``GET /users``: the people of the caller's tenant, ``$top`` at a time."""
        found = self._caller(request)
        if isinstance(found, Response):
            return found
        people = [one for one in self.tenant.accounts if one.tenant == found.tenant]
        query = request.query_params
        top, skip = _number(query.get("$top"), _PAGE), _number(query.get("$skiptoken"), 0)
        answer: dict[str, object] = {
            "@odata.context": f"{self.tenant.base_url}{_ROOT}/$metadata#users",
            "value": [_told(one) for one in people[skip : skip + top]],
        }
        if skip + top < len(people):
            link = f"{self.tenant.base_url}{_ROOT}/users?$top={top}&$skiptoken={skip + top}"
            answer["@odata.nextLink"] = link
        return JSONResponse(answer)

    async def user(self, request: Request) -> Response:
        """``GET /users/{id}``: one of them, by oid or address."""
        found = self._caller(request)
        if isinstance(found, Response):
            return found
        named = request.path_params["user"]
        for one in self.tenant.accounts:
            if one.tenant == found.tenant and named in {one.oid, one.address}:
                return JSONResponse(_told(one))
        return self._refusal(
            request,
            404,
            "Request_ResourceNotFound",
            f"Resource '{named}' does not exist or one of its queried reference-property objects "
            "are not present.",
        )

    async def member_objects(self, request: Request) -> Response:
        """``POST /me/getMemberObjects`` and ``/me/getMemberGroups``: the ids of all groups."""
        found = self._caller(request)
        if isinstance(found, Response):
            return found
        try:
            asked = json.loads(await request.body())
            only = asked["securityEnabledOnly"]
        except (ValueError, LookupError, TypeError):
            only = None
        if not isinstance(only, bool):
            return self._refusal(
                request, 400, "Request_BadRequest", "securityEnabledOnly is true or false."
            )
        context = f"{self.tenant.base_url}{_ROOT}/$metadata#Collection(Edm.String)"
        return JSONResponse({"@odata.context": context, "value": list(found.groups)})

    def _caller(self, request: Request) -> Account | Response:
        """Return who asks, or the refusal: by what is switched on, or of their token."""
        found = PersonBehind(self.tenant).of(request)
        if found is None or found[1].get("aud") not in _AUDIENCES:
            return self._refusal(
                request, 401, "InvalidAuthenticationToken", "Access token validation failure."
            )
        account, conduct = found[0], self.tenant.conduct
        match conduct.value(Switch.GRAPH, oid=account.oid):
            case "throttled":
                conduct.use(Switch.GRAPH, oid=account.oid)
                return self._refusal(
                    request, 429, "TooManyRequests", "Too many requests.", retry=_RETRY_AFTER
                )
            case "forbidden":
                conduct.use(Switch.GRAPH, oid=account.oid)
                return self._refusal(
                    request,
                    403,
                    "Authorization_RequestDenied",
                    "Insufficient privileges to complete the operation.",
                )
            case "unavailable":
                conduct.use(Switch.GRAPH, oid=account.oid)
                return self._refusal(
                    request, 503, "serviceNotAvailable", "The service is not available."
                )
            case _:
                return account

    def _refusal(
        self, request: Request, status: int, code: str, message: str, *, retry: str | None = None
    ) -> Response:
        own, theirs = str(uuid4()), request.headers.get("client-request-id")
        inner = {
            "date": f"{self.tenant.clock().astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
            "request-id": own,
            "client-request-id": theirs or own,
        }
        headers = {"request-id": own} | ({"Retry-After": retry} if retry else {})
        error = {"code": code, "message": message, "innerError": inner}
        return JSONResponse({"error": error}, status, headers=headers)


def _told(account: Account) -> dict[str, object]:
    return {
        "id": account.oid,
        "displayName": account.name,
        "givenName": account.given_name,
        "surname": account.family_name,
        "mail": account.address,
        "userPrincipalName": account.address,
    }


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else otherwise
