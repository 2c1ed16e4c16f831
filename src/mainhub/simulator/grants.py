"""Authorization codes and refresh tokens: each is good once, a second use ends its family."""

import json
from dataclasses import dataclass
from enum import Enum, auto
from sqlite3 import Connection, Row

from mainhub.simulator.accounts import TENANT_ID
from mainhub.simulator.state import State, digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a person allowed an application; *family* names all tokens that come from one code.

    *contexts* are the authentication contexts that the person has satisfied, *capabilities* what
    the application says it can do, *realm* and *version* whose endpoints were asked.
    """

    family: str
    client_id: str
    oid: str
    sid: str
    scope: str
    contexts: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    realm: str = TENANT_ID
    version: str = "2.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCode:
    """An authorization code and all that it is bound to."""

    grant: Grant
    redirect_uri: str
    challenge: str
    nonce: str | None
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRefreshToken:
    """A refresh token about to be handed out."""

    token: str
    expires_at: int


class Spent(Enum):
    """How spending a code or refresh token ended."""

    NOW = auto()
    BEFORE = auto()


class Grants:
    """Keeps codes and refresh tokens, by their hashes only."""

    def __init__(self, state: State) -> None:
        self._state = state

    def issue_code(self, code: str, issued: IssuedCode, *, now: int) -> None:
        """Remember *code*; what expired a day ago is forgotten on the way."""
        grant = issued.grant
        with self._state.transaction() as connection:
            for table in ("code", "refresh_token"):
                connection.execute(
                    f"delete from {table} where expires_at < ?",  # noqa: S608 (the names above)
                    (now - 86_400,),
                )
            connection.execute(
                "insert into code values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, ?)",
                (
                    digest(code),
                    grant.family,
                    grant.client_id,
                    issued.redirect_uri,
                    issued.challenge,
                    grant.oid,
                    grant.sid,
                    grant.scope,
                    issued.nonce,
                    issued.expires_at,
                    _more(grant),
                ),
            )

    def code(self, code: str) -> IssuedCode | None:
        """Return what *code* was issued for, used or not, or ``None`` if it never was."""
        with self._state.transaction() as connection:
            row = connection.execute(
                "select * from code where hash = ?", (digest(code),)
            ).fetchone()
        if row is None:
            return None
        return IssuedCode(
            grant=_grant(row),
            redirect_uri=row["redirect_uri"],
            challenge=row["challenge"],
            nonce=row["nonce"],
            expires_at=row["expires_at"],
        )

    def refresh_token(self, token: str) -> tuple[Grant, int] | None:
        """Return the grant behind *token* and its expiry; ``None`` if unknown or revoked."""
        with self._state.transaction() as connection:
            row = connection.execute(
                "select * from refresh_token where hash = ?", (digest(token),)
            ).fetchone()
        return None if row is None else (_grant(row), row["expires_at"])

    def issue_refresh_token(self, grant: Grant, fresh: NewRefreshToken) -> None:
        """Remember the refresh token *fresh*, the first of its family."""
        with self._state.transaction() as connection:
            _insert(connection, grant, fresh)

    def used_at(self, oid: str) -> frozenset[tuple[str, str]]:
        """Return the sessions, by sid and realm, in which *oid* signed in to the application."""
        with self._state.transaction() as connection:
            rows = connection.execute(
                "select sid, more from code where oid = ? and used_at is not null", (oid,)
            ).fetchall()
        return frozenset((row["sid"], json.loads(row["more"])["realm"]) for row in rows)

    def revoke(self, oid: str) -> None:
        """End everything that *oid* allowed."""
        with self._state.transaction() as connection:
            connection.execute("delete from refresh_token where oid = ?", (oid,))
            connection.execute("delete from code where oid = ?", (oid,))

    def revoke_family(self, family: str) -> None:
        """End all refresh tokens of *family*."""
        with self._state.transaction() as connection:
            connection.execute("delete from refresh_token where family = ?", (family,))

    def spend_code(
        self, code: str, grant: Grant, *, successor: NewRefreshToken | None, now: int
    ) -> Spent:
        """Use *code* and remember the refresh token it buys, in one step.

        A code used before ends its family: somebody else has it (RFC 6749, 4.1.2).
        """
        return self._spend("code", code, grant, successor=successor, now=now)

    def spend_refresh_token(
        self, token: str, grant: Grant, *, successor: NewRefreshToken, now: int
    ) -> Spent:
        """Use *token* and remember its successor, in one step.

        A token used before ends its family, the newest included (RFC 9700, 4.14.2).
        """
        return self._spend("refresh_token", token, grant, successor=successor, now=now)

    def _spend(
        self, table: str, bearer: str, grant: Grant, *, successor: NewRefreshToken | None, now: int
    ) -> Spent:
        with self._state.transaction() as connection:
            used = connection.execute(
                f"update {table} set used_at = ? where hash = ? and used_at is null",  # noqa: S608 (our own two names)
                (now, digest(bearer)),
            )
            if used.rowcount == 0:
                connection.execute("delete from refresh_token where family = ?", (grant.family,))
                return Spent.BEFORE
            if successor is not None:
                _insert(connection, grant, successor)
            return Spent.NOW


def _insert(connection: Connection, grant: Grant, fresh: NewRefreshToken) -> None:
    connection.execute(
        "insert into refresh_token values (?, ?, ?, ?, ?, ?, ?, null, ?)",
        (
            digest(fresh.token),
            grant.family,
            grant.client_id,
            grant.oid,
            grant.sid,
            grant.scope,
            fresh.expires_at,
            _more(grant),
        ),
    )


def _more(grant: Grant) -> str:
    return json.dumps(
        {
            "contexts": grant.contexts,
            "capabilities": grant.capabilities,
            "realm": grant.realm,
            "version": grant.version,
        }
    )


def _grant(row: Row) -> Grant:
    more = json.loads(row["more"])
    return Grant(
        family=row["family"],
        client_id=row["client_id"],
        oid=row["oid"],
        sid=row["sid"],
        scope=row["scope"],
        contexts=tuple(more.get("contexts", ())),
        capabilities=tuple(more.get("capabilities", ())),
        realm=more.get("realm", TENANT_ID),
        version=more.get("version", "2.0"),
    )
