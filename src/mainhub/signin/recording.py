"""What of signing in and out goes on the record, and who is told."""

from collections.abc import Callable

from mainhub.audit import Action, AuditLog, AuditUnavailable, Entry, Outcome, Refusals, Target
from mainhub.errors import MainHubError, Unavailable
from mainhub.identity import Person
from mainhub.sessions import Session, SessionSummary, device_name
from mainhub.telemetry import get_logger

__all__ = ["Recording"]

log = get_logger("signin")


class Recording:
    """Writes to *audit* and *refusals*, and calls *on_sign_in* when somebody has signed in."""

    def __init__(
        self, audit: AuditLog, refusals: Refusals, *, on_sign_in: Callable[[Session], None]
    ) -> None:
        self._audit = audit
        self._refusals = refusals
        self._on_sign_in = on_sign_in

    async def opened(
        self, session: Session, *, replaced: str | None, step_up: bool = False
    ) -> None:
        """Record that *session* was opened, in place of the one that *replaced* names.

        *step_up*: the person was asked for more than they had proved when that one was opened.

        Raises:
            AuditUnavailable: it could not be recorded; the session must not be used.
        """
        after: dict[str, object] = {
            "session": session.ref,
            "device": device_name(session.device.user_agent).label,
            "roles": list(session.person.roles),
        }
        after |= {"replaces": replaced} if replaced else {}
        after |= {"step_up": True} if step_up else {}
        await self._audit.append(
            Entry(
                action=Action.SIGNIN_DONE,
                person=session.person,
                address=session.device.address,
                target=Target("provider", session.person.provider),
                after=after,
            )
        )

    def announce(self, session: Session) -> None:
        """Tell whoever listens that *session* is open."""
        try:
            self._on_sign_in(session)
        except Exception:  # edge: the person is signed in, whatever a listener makes of it
            log.exception("signin.not_announced", session=session.ref)

    async def undone(self, session: Session) -> None:
        """Record that *session* was given up after all, if that can be recorded."""
        await self._if_possible(
            Entry(
                action=Action.SIGNIN_DONE,
                outcome=Outcome.FAILED,
                person=session.person,
                address=session.device.address,
                target=Target("provider", session.person.provider),
                detail="the session in its place could not be ended",
            )
        )

    async def refused(
        self, error: MainHubError, *, provider: str, address: str, person: Person | None = None
    ) -> None:
        """Record that nobody was signed in because of *error*; never raises for the database.

        *person*: who asked for a step up, and stays signed in.
        """
        await self._refusals.note(
            Entry(
                action=Action.SIGNIN_REFUSED,
                outcome=_outcome(error),
                person=person,
                address=address,
                target=Target("provider", provider),
                detail=f"step-up: {error}" if person else str(error),
            )
        )

    async def ended(self, summary: SessionSummary, *, address: str) -> None:
        """Record that the person signed out, if that can be recorded: nobody is kept in for it."""
        await self._if_possible(_end(summary, address, right="own", detail=None))

    async def ended_there(self, summary: SessionSummary, *, address: str, detail: str) -> None:
        """Record that the provider ended a session; *detail* tells how it said so."""
        await self._if_possible(_end(summary, address, right="provider", detail=detail))

    async def end_refused(self, error: MainHubError, *, provider: str, address: str) -> None:
        """Record that somebody asked in vain to end sessions of *provider*, because of *error*."""
        await self._refusals.note(
            Entry(
                action=Action.SIGNIN_ENDED,
                outcome=_outcome(error),
                address=address,
                target=Target("provider", provider),
                detail=str(error),
            )
        )

    async def _if_possible(self, entry: Entry) -> None:
        try:
            await self._audit.append(entry)
        except AuditUnavailable as error:
            person = entry.person.id if entry.person else None
            log.warning(
                "audit.not_recorded",
                action=str(entry.action),
                person=person,
                caused_by=repr(error),
            )


def _outcome(error: MainHubError) -> Outcome:
    return Outcome.FAILED if isinstance(error, Unavailable) else Outcome.REFUSED


def _end(summary: SessionSummary, address: str, *, right: str, detail: str | None) -> Entry:
    return Entry(
        action=Action.SIGNIN_ENDED,
        person=summary.person,
        address=address,
        right=right,
        target=Target("session", summary.ref),
        detail=detail,
    )
