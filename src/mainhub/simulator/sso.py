"""Who is signed in in which browser."""

from dataclasses import dataclass, replace
from sqlite3 import Row
from uuid import uuid4

from mainhub.simulator.state import State, digest


@dataclass(frozen=True, slots=True)
class SsoSession:
    """One person signed in in one browser; *sid* is what applications see of it.

    *contexts* are what the person has satisfied beyond the first factor, *authenticated_at* when
    they last proved who they are, in seconds since 1970.
    """

    oid: str
    sid: str
    contexts: frozenset[str] = frozenset()
    authenticated_at: int = 0


class SsoSessions:
    """The sign-ins of all browsers; a browser is known by the hash of its cookie."""

    def __init__(self, state: State) -> None:
        self._state = state

    def of(self, browser: str | None, *, now: int) -> tuple[SsoSession, ...]:
        """Return who is signed in in *browser*, the longest signed in first."""
        if browser is None:
            return ()
        with self._state.transaction() as connection:
            rows = connection.execute(
                "select * from sso_session where browser = ? and expires_at > ?"
                " order by signed_in_at, oid",
                (digest(browser), now),
            ).fetchall()
        return tuple(_session(row) for row in rows)

    def sign_in(
        self, oid: str, *, old_browser: str | None, browser: str, now: int, expires_at: int
    ) -> SsoSession:
        """Sign *oid* in under the new cookie *browser*, which takes over all of the old one's.

        A cookie that somebody planted before the sign-in is thus worth nothing after it.
        """
        key = digest(browser)
        with self._state.transaction() as connection:
            connection.execute("delete from sso_session where expires_at <= ?", (now,))
            if old_browser is not None:
                connection.execute(
                    "update sso_session set browser = ? where browser = ?",
                    (key, digest(old_browser)),
                )
            row = connection.execute(
                "insert into sso_session"
                " (browser, oid, sid, signed_in_at, expires_at, authenticated_at)"
                " values (?, ?, ?, ?, ?, ?) on conflict (browser, oid) do update set"
                " expires_at = excluded.expires_at, authenticated_at = excluded.authenticated_at,"
                " contexts = '' returning *",
                (key, oid, str(uuid4()), now, expires_at, now),
            ).fetchone()
        return _session(row)

    def satisfy(self, session: SsoSession, contexts: frozenset[str]) -> SsoSession:
        """Remember that the person of *session* has satisfied *contexts*, too."""
        satisfied = session.contexts | contexts
        with self._state.transaction() as connection:
            connection.execute(
                "update sso_session set contexts = ? where sid = ?",
                (" ".join(sorted(satisfied)), session.sid),
            )
        return replace(session, contexts=satisfied)

    def sign_out(self, oid: str, *, browser: str) -> None:
        """End the session of *oid* in *browser*; none is no error."""
        with self._state.transaction() as connection:
            connection.execute(
                "delete from sso_session where browser = ? and oid = ?", (digest(browser), oid)
            )

    def revoke(self, oid: str) -> None:
        """End the sessions of *oid* in all browsers."""
        with self._state.transaction() as connection:
            connection.execute("delete from sso_session where oid = ?", (oid,))


def _session(row: Row) -> SsoSession:
    return SsoSession(
        oid=row["oid"],
        sid=row["sid"],
        contexts=frozenset(row["contexts"].split()),
        authenticated_at=row["authenticated_at"] or row["signed_in_at"],
    )
