"""Where providers tell that a session has ended: with a token, or in a frame of theirs."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from mainhub.errors import MainHubError
from mainhub.resilience import RateLimiter
from mainhub.sessions import SessionsPartlyEnded, SessionSummary
from mainhub.signin.failures import AnswerRefused
from mainhub.signin.provider_logout import ProviderLogout
from mainhub.signin.recording import Recording
from mainhub.signin.relying_party import RelyingParty
from mainhub.signin.routes.replies import Replies
from mainhub.telemetry import get_logger
from mainhub.web import problems

__all__ = ["ProviderEnds"]

log = get_logger("signin")

_FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 20
_LONGEST_TOKEN: Final = 32 * 1024
_BACK: Final = "the provider ended it on the back channel"
_FRONT: Final = "the provider ended it on the front channel"
# Seen by nobody: the provider's page shows it in a frame without size.
_FRAME: Final = "<!doctype html><title>MainHub</title>"


class ProviderEnds:
    """Hears of sign-outs at the provider. No cookie is read, so no other site gains anything."""

    def __init__(
        self,
        *,
        party: RelyingParty,
        logout: ProviderLogout,
        recording: Recording,
        replies: Replies,
        limiter: RateLimiter | None,
    ) -> None:
        self._party = party
        self._logout = logout
        self._recording = recording
        self._replies = replies
        self._limiter = limiter

    async def backchannel(self, request: Request, idp: str) -> Response:
        """End what the logout token says (Back-Channel Logout 1.0, section 2.5)."""
        try:
            ended = await self._logout.by_token(idp, await _logout_token(request))
        except MainHubError as error:
            await self._record(request, _ended_before(error), _BACK)
            return await self._refuse(request, await self._counted(request, error), idp)
        await self._record(request, ended, _BACK)
        return Response(headers={"cache-control": "no-store"})

    async def frontchannel(self, request: Request, idp: str) -> Response:
        """End the session that the provider names (Front-Channel Logout 1.0, section 2)."""
        query = request.query_params
        once = {name: query[name] for name in query if len(query.getlist(name)) == 1}
        try:
            await self._admit(request)
            ended = await self._logout.by_name(
                idp, issuer=once.get("iss", ""), sid=once.get("sid", "")
            )
        except MainHubError as error:
            await self._record(request, _ended_before(error), _FRONT)
            return await self._refuse(request, error, idp)
        await self._record(request, ended, _FRONT)
        framed_by = _origin(self._party.client(idp).provider.issuer)
        policy = f"default-src 'none'; frame-ancestors {framed_by}; base-uri 'none'"
        headers = {"cache-control": "no-store", "content-security-policy": policy}
        return HTMLResponse(_FRAME, headers=headers)

    async def _admit(self, request: Request) -> None:
        if self._limiter is not None:
            await self._limiter.require(f"sign-out:{self._replies.address(request)}")

    async def _counted(self, request: Request, error: MainHubError) -> MainHubError:
        """Count a token that was refused, and return what is told of it.

        Not what is accepted: a provider that ends thousands of sessions at once is heard each time.
        """
        if isinstance(error, AnswerRefused):
            try:
                await self._admit(request)
            except MainHubError as limited:
                return limited
        return error

    async def _refuse(self, request: Request, error: MainHubError, idp: str) -> Response:
        log.warning("signin.provider_logout_refused", provider=idp, caused_by=str(error))
        await self._recording.end_refused(
            error, provider=idp, address=self._replies.address(request)
        )
        if isinstance(error, AnswerRefused):
            # Section 2.8 wants a 400; which check failed stands in the log.
            return problems.response(problems.invalid("The sign-out was not accepted."))
        return problems.response(problems.problem_of(error))

    async def _record(self, request: Request, ended: Sequence[SessionSummary], detail: str) -> None:
        for summary in ended:
            await self._recording.ended_there(
                summary, address=self._replies.address(request), detail=detail
            )
        if ended:
            log.info("signin.ended_by_provider", sessions=[summary.ref for summary in ended][:20])


def _ended_before(error: MainHubError) -> Sequence[SessionSummary]:
    return error.ended if isinstance(error, SessionsPartlyEnded) else ()


async def _logout_token(request: Request) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise AnswerRefused("the logout token came in no form")
    try:
        body = (await request.body()).decode("ascii")
        fields = parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise AnswerRefused("the form with the logout token cannot be read") from error
    found = [value for name, value in fields if name == "logout_token"]
    if len(found) != 1 or not 0 < len(found[0]) <= _LONGEST_TOKEN:
        raise AnswerRefused("the form holds no logout token, or several")
    return found[0]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
