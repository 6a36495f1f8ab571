"""What is kept of an account and of a session, and the SQL that keeps it. One connection, one transaction.

Rule of this file: no decision is taken here and nothing is committed here. Times are whole seconds since 1970. A
session is found by the hash of its id; hashes, secrets and sealed bytes are left out of `repr`.
"""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gateway.console.accounts.lockout import FORGET, NONE, Strikes
from gateway.console.model import EVERYTHING, Account, Role, Scope


class Origin(StrEnum):
    """Where an account comes from and how its owner proves who he is."""

    LOCAL = "local"  # added here, password and second factor
    BOUND = "bound"  # added here, single sign-on
    CLAIMS = "claims"  # made at the first single sign-on, role and portals from the provider's claims


class Stage(StrEnum):
    """How far a session is. Only OPEN shows anything."""

    CODE = "code"
    NEW_PASSWORD = "new_password"  # noqa: S105 - a stage, not a password
    SECOND_FACTOR = "second_factor"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Held:
    """An account as it is kept.

    `password`: the encoded argon2id hash; `secret`: the sealed secret of the second factor; `enrolled`: whether it was
    confirmed with a code; `last_step`: the time step of the newest code; `issuer`, `subject`: for single sign-on.
    """

    account: Account
    origin: Origin
    password: str | None = field(repr=False)
    must_change: bool
    secret: bytes | None = field(repr=False)
    enrolled: bool
    last_step: int
    issuer: str | None
    subject: str | None = field(repr=False)
    created: int
    updated: int


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it is kept. `account` None: somebody gave a name or password that is wrong, and is not told yet."""

    key: bytes = field(repr=False)
    account: str | None
    stage: Stage
    proven: bool
    single_sign_on: bool
    created: int
    seen: int
    ends: int


class Rows:
    """The tables over one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def account(self, username: str) -> Held | None:
        """The account of this name."""
        return next(self._accounts("WHERE username = ?", username), None)

    def account_of(self, issuer: str, subject: str) -> Held | None:
        """The account bound to a subject of an identity provider."""
        return next(self._accounts("WHERE issuer = ? AND subject = ?", issuer, subject), None)

    def accounts(self) -> tuple[Held, ...]:
        """All accounts, by name."""
        return tuple(self._accounts("ORDER BY username"))

    def put(self, held: Held) -> None:
        """Add the account or replace it."""
        scope = held.account.scope.portals
        self._do(
            "INSERT INTO account (username, name, role, portals, language, disabled, origin, password, must_change,"
            " secret, enrolled, last_step, issuer, subject, created, updated)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (username) DO UPDATE SET name = excluded.name, role = excluded.role,"
            " portals = excluded.portals, language = excluded.language, disabled = excluded.disabled,"
            " origin = excluded.origin, password = excluded.password, must_change = excluded.must_change,"
            " secret = excluded.secret, enrolled = excluded.enrolled, last_step = excluded.last_step,"
            " issuer = excluded.issuer, subject = excluded.subject, updated = excluded.updated",
            held.account.username,
            held.account.name,
            held.account.role.value,
            None if scope is None else json.dumps(sorted(scope)),
            held.account.language,
            int(held.account.disabled),
            held.origin.value,
            held.password,
            int(held.must_change),
            held.secret,
            int(held.enrolled),
            held.last_step,
            held.issuer,
            held.subject,
            held.created,
            held.updated,
        )

    def session(self, key: bytes) -> Session | None:
        """The session kept under this key."""
        return next(self._sessions("WHERE key = ?", key), None)

    def sessions_of(self, username: str) -> tuple[Session, ...]:
        """The open sessions of an account, the newest first."""
        return tuple(self._sessions("WHERE account = ? AND stage = 'open' ORDER BY created DESC", username))

    def begin_session(self, session: Session) -> None:
        """Keep a session, and forget those that ended."""
        self._do("DELETE FROM session WHERE ends <= ?", session.created)
        self._do(
            "INSERT INTO session (key, account, stage, proven, single_sign_on, created, seen, ends)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            session.key,
            session.account,
            session.stage.value,
            int(session.proven),
            int(session.single_sign_on),
            session.created,
            session.seen,
            session.ends,
        )

    def saw_session(self, key: bytes, at: int) -> None:
        """The session was used."""
        self._do("UPDATE session SET seen = ? WHERE key = ?", at, key)

    def end_session(self, key: bytes) -> None:
        """The session is over."""
        self._do("DELETE FROM session WHERE key = ?", key)

    def end_sessions_of(self, username: str, *, but: bytes = b"") -> None:
        """Every session of an account is over, but one."""
        self._do("DELETE FROM session WHERE account = ? AND key <> ?", username, but)

    def strikes(self, key: bytes) -> Strikes:
        """What is remembered under a keyed name or address."""
        row = self._do("SELECT failures, waits, until, told FROM strike WHERE key = ?", key).fetchone()
        if row is None:
            return NONE
        return Strikes(tuple(json.loads(row["failures"])), row["waits"], row["until"], bool(row["told"]))

    def remember(self, key: bytes, strikes: Strikes, at: int) -> None:
        """Keep the strikes, and forget those of yesterday."""
        self._do("DELETE FROM strike WHERE seen < ? AND until < ?", at - FORGET, at - FORGET)
        if strikes == NONE:
            self._do("DELETE FROM strike WHERE key = ?", key)
            return
        self._do(
            "INSERT OR REPLACE INTO strike (key, failures, waits, until, told, seen) VALUES (?, ?, ?, ?, ?, ?)",
            key,
            json.dumps(strikes.failures),
            strikes.waits,
            strikes.until,
            int(strikes.told),
            at,
        )

    def _do(self, statement: str, *values: object) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    def _accounts(self, which: str, *values: object) -> Iterator[Held]:
        return (_held(row) for row in self._do(f"SELECT * FROM account {which}", *values).fetchall())  # noqa: S608

    def _sessions(self, which: str, *values: object) -> Iterator[Session]:
        return (_session(row) for row in self._do(f"SELECT * FROM session {which}", *values).fetchall())  # noqa: S608


def _held(row: Any) -> Held:
    scope = EVERYTHING if row["portals"] is None else Scope(frozenset(json.loads(row["portals"])))
    role, disabled = Role(row["role"]), bool(row["disabled"])
    return Held(
        account=Account(row["username"], row["name"], role, scope, row["language"], disabled),
        origin=Origin(row["origin"]),
        password=row["password"],
        must_change=bool(row["must_change"]),
        secret=row["secret"],
        enrolled=bool(row["enrolled"]),
        last_step=row["last_step"],
        issuer=row["issuer"],
        subject=row["subject"],
        created=row["created"],
        updated=row["updated"],
    )


def _session(row: Any) -> Session:
    return Session(
        key=row["key"],
        account=row["account"],
        stage=Stage(row["stage"]),
        proven=bool(row["proven"]),
        single_sign_on=bool(row["single_sign_on"]),
        created=row["created"],
        seen=row["seen"],
        ends=row["ends"],
    )
