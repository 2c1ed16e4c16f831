"""``/auth/sessions`` for everybody's own, ``/hub/v1/sessions`` for administrators."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from mainhub.audit import Action, AuditLog, AuditUnavailable, Entry, Outcome, Target
from mainhub.errors import MainHubError
from mainhub.identity import ADMIN
from mainhub.sessions.device import device_name
from mainhub.sessions.port import (
    EndReason,
    SessionGone,
    SessionsPartlyEnded,
    SessionStore,
    SessionSummary,
)
from mainhub.telemetry import get_logger
from mainhub.web import Caller, CookieJar, Guard, Network, client_address

__all__ = ["SessionRoutes"]

log = get_logger("sessions")

_WHAT: Final = "The list of sessions"
_MOST_OWN: Final = 100
_MOST: Final = 500
# As long as the record can hold.
_LONGEST_ID: Final = 512
# The right with which people act on what is theirs, in the record.
_OWN: Final = "own"
_UNKNOWN: Final = "it is not known whether it ended: the sessions could not be reached"


class ListedPerson(BaseModel):
    """Whose session it is."""

    id: str
    name: str
    email: str | None
    roles: list[str]


class ListedDevice(BaseModel):
    """Where it was opened; *label* is *browser* and *system* in English, both of which may lack."""

    user_agent: str
    label: str
    browser: str | None
    system: str | None
    address: str


class ListedSession(BaseModel):
    """A session; *current* is the one that asks."""

    ref: str
    person: ListedPerson
    device: ListedDevice
    created_at: datetime
    seen_at: datetime
    idle_expires_at: datetime
    expires_at: datetime
    current: bool


class ListedSessions(BaseModel):
    """Sessions, last seen first; *truncated* if there are more."""

    items: list[ListedSession]
    truncated: bool


class EndedSessions(BaseModel):
    """How many sessions have *ended*."""

    ended: int


class SessionRoutes:
    """Makes the router of lists of sessions."""

    def __init__(
        self,
        *,
        sessions: SessionStore,
        audit: AuditLog,
        guard: Guard,
        cookies: CookieJar,
        trusted_proxies: Sequence[Network] = (),
    ) -> None:
        self._sessions = sessions
        self._audit = audit
        self._guard = guard
        self._cookies = cookies
        self._trusted = tuple(trusted_proxies)

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(tags=["sessions"])
        add = router.add_api_route
        add("/auth/sessions", self.own, summary="My sessions, on all devices")
        add(
            "/auth/sessions",
            self.revoke_others,
            methods=["DELETE"],
            summary="End all my sessions but this one",
        )
        add(
            "/auth/sessions/{ref}",
            self.revoke_own,
            methods=["DELETE"],
            status_code=204,
            summary="End one of my sessions",
        )
        add("/hub/v1/sessions", self.all, summary="Everybody's sessions")
        add(
            "/hub/v1/sessions",
            self.revoke_person,
            methods=["DELETE"],
            summary="End all sessions of a person",
        )
        add(
            "/hub/v1/sessions/{ref}",
            self.revoke,
            methods=["DELETE"],
            status_code=204,
            summary="End anybody's session",
        )
        return router

    async def own(self, request: Request) -> ListedSessions:
        """Return the caller's sessions, this one among them."""
        caller = await self._in_session(request)
        return await self._list(caller, person_id=caller.person.id, most=_MOST_OWN)

    async def all(self, request: Request) -> ListedSessions:
        """Return everybody's sessions."""
        caller = await self._guard.require_role(request, (ADMIN,), _WHAT)
        return await self._list(caller, person_id=None, most=_MOST)

    async def revoke_others(self, request: Request) -> EndedSessions:
        """End all sessions of the caller but the present one."""
        caller = await self._in_session(request)
        ended = await self._revoke_all(request, caller, caller.person.id, right=_OWN)
        return EndedSessions(ended=ended)

    async def revoke_person(
        self,
        request: Request,
        response: Response,
        person: Annotated[str, Query(min_length=1, max_length=_LONGEST_ID)],
    ) -> EndedSessions:
        """End all sessions of the person with that id; if it is the caller's, this one too."""
        caller = await self._guard.require_role(request, (ADMIN,), _WHAT)
        ended = await self._revoke_all(request, caller, person, right=ADMIN)
        if person == caller.person.id:
            response.headers.append("set-cookie", self._cookies.deleted(self._cookies.session))
        return EndedSessions(ended=ended)

    async def revoke_own(self, request: Request, ref: str) -> Response:
        """End one of the caller's sessions; ending the present one signs this browser out."""
        caller = await self._in_session(request)
        return await self._revoke(request, caller, ref, right=_OWN)

    async def revoke(self, request: Request, ref: str) -> Response:
        """End anybody's session; their pages close within a second."""
        caller = await self._guard.require_role(request, (ADMIN,), _WHAT)
        return await self._revoke(request, caller, ref, right=ADMIN)

    async def _in_session(self, request: Request) -> Caller:
        """Return the caller, who is in a browser: a token for the API is none for its sessions."""
        caller = await self._guard.require(request)
        caller.session_for("The list of your sessions")
        return caller

    async def _list(self, caller: Caller, *, person_id: str | None, most: int) -> ListedSessions:
        found = await self._sessions.list(person_id=person_id, limit=most + 1)
        items = [_listed(summary, current=caller.session_ref) for summary in found[:most]]
        return ListedSessions(items=items, truncated=len(found) > most)

    async def _revoke(self, request: Request, caller: Caller, ref: str, *, right: str) -> Response:
        """Record that the session ends, then end it."""
        person_id = caller.person.id if right == _OWN else None
        summary = await self._sessions.find(ref, person_id=person_id)
        if summary is None:
            raise _gone()
        present = ref == caller.session_ref
        entry = Entry(
            action=Action.SESSION_REVOKED,
            person=caller.person,
            address=client_address(request.scope, self._trusted),
            right=right,
            target=Target("session", ref),
            before=_remembered(summary),
            detail="the session in which this was asked" if present else None,
        )
        # First: the store need not be in the record's database, and what cannot be recorded is
        # not done.
        await self._audit.append(entry)
        reason = EndReason.SIGNED_OUT if present else EndReason.REVOKED
        try:
            ended = await self._sessions.revoke_listed(
                ref, person_id=person_id, reason=reason, by=caller.person
            )
        except MainHubError:
            await self._not_done(entry, _UNKNOWN)
            raise
        if ended is None:
            await self._not_done(entry, "it had ended meanwhile")
            raise _gone()
        log.info("session.revoked", session=ref, person=summary.person.id, by=caller.person.id)
        answer = Response(status_code=204)
        if present:
            answer.headers.append("set-cookie", self._cookies.deleted(self._cookies.session))
        return answer

    async def _revoke_all(
        self, request: Request, caller: Caller, person_id: str, *, right: str
    ) -> int:
        """Record that sessions of a person end, then end them and return how many."""
        spared = caller.session_ref if right == _OWN else None
        found = await self._sessions.list(person_id=person_id, limit=_MOST + 1)
        ending = [summary for summary in found if summary.ref != spared]
        if not ending:
            return 0
        entry = Entry(
            action=Action.SESSION_REVOKED,
            person=caller.person,
            address=client_address(request.scope, self._trusted),
            right=right,
            target=Target("person", person_id),
            before=_remembered_all(ending),
            detail="all of the person" if spared is None else "all but the one that asked",
        )
        # As with one: first the record.
        await self._audit.append(entry)
        try:
            ended = await self._sessions.revoke_person(
                person_id, reason=EndReason.REVOKED, by=caller.person, but=spared
            )
        except SessionsPartlyEnded as error:
            why = f"the sessions could no longer be reached when {len(error.ended)} had ended"
            await self._not_done(entry, why)
            raise
        except MainHubError:
            await self._not_done(entry, _UNKNOWN)
            raise
        log.info("session.revoked_all", person=person_id, by=caller.person.id, sessions=len(ended))
        return len(ended)

    async def _not_done(self, entry: Entry, why: str) -> None:
        try:
            await self._audit.append(
                Entry(
                    action=entry.action,
                    outcome=Outcome.FAILED,
                    person=entry.person,
                    address=entry.address,
                    right=entry.right,
                    target=entry.target,
                    detail=why,
                )
            )
        except AuditUnavailable as error:
            log.warning("audit.not_recorded", action=str(entry.action), caused_by=repr(error))


def _gone() -> SessionGone:
    return SessionGone(
        "There is no such session, or it has ended already.", remedy="Load the list again."
    )


def _listed(summary: SessionSummary, *, current: str | None) -> ListedSession:
    person, name = summary.person, device_name(summary.device.user_agent)
    return ListedSession(
        ref=summary.ref,
        person=ListedPerson(
            id=person.id, name=person.name, email=person.email, roles=list(person.roles)
        ),
        device=ListedDevice(
            user_agent=summary.device.user_agent,
            label=name.label,
            browser=name.browser,
            system=name.system,
            address=summary.device.address,
        ),
        created_at=summary.created_at,
        seen_at=summary.seen_at,
        idle_expires_at=summary.idle_expires_at,
        expires_at=summary.expires_at,
        current=summary.ref == current,
    )


def _remembered(summary: SessionSummary) -> dict[str, object]:
    return {
        "person": {"id": summary.person.id, "name": summary.person.name},
        "device": {
            "label": device_name(summary.device.user_agent).label,
            "address": summary.device.address,
        },
        "created_at": summary.created_at,
        "seen_at": summary.seen_at,
    }


def _remembered_all(ending: Sequence[SessionSummary]) -> dict[str, object]:
    person = ending[0].person
    return {
        "person": {"id": person.id, "name": person.name},
        "sessions": len(ending) if len(ending) <= _MOST else f"more than {_MOST}",
    }
