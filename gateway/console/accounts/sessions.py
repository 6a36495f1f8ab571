"""Sessions: who is behind a cookie now, and which sessions somebody has.

Rule of this file: 15 minutes without a request or 10 hours in all end a session, and the account is read anew for
every request: what was taken away is gone at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.console.accounts.rows import Held, Origin, Rows, Session, Stage
from gateway.console.accounts.sealing import new_session_id, session_key
from gateway.console.accounts.store import AccountStore

HOURS = 10
IDLE_SECONDS = 15 * 60
_NOTED = 60
"""Seconds between two notes of when a session was used: not every request writes."""


@dataclass(frozen=True, slots=True)
class Found:
    """A session that is alive, and its account as it is now (None: the name that was given is unknown)."""

    session: Session
    held: Held | None


@dataclass(frozen=True, slots=True)
class Step:
    """A session that has just begun. Its id is known here and to the cookie, and is kept nowhere."""

    session_id: str = field(repr=False)
    session: Session


def begin(
    rows: Rows,
    account: str | None,
    stage: Stage,
    *,
    at: int,
    lasts: int,
    urandom: Callable[[int], bytes],
    proven: bool = True,
    single_sign_on: bool = False,
) -> Step:
    """Keep a new session that lasts so many seconds at most."""
    session_id = new_session_id(urandom)
    session = Session(
        key=session_key(session_id),
        account=account,
        stage=stage,
        proven=proven,
        single_sign_on=single_sign_on,
        created=at,
        seen=at,
        ends=at + lasts,
    )
    rows.begin_session(session)
    return Step(session_id, session)


class Sessions:
    """Finds and ends sessions."""

    def __init__(self, store: AccountStore) -> None:
        self._store = store

    async def find(self, session_id: str, *, now: datetime) -> Found | None:
        """The living session with this id, or None. Raises AccountsUnavailable."""
        at, key = int(now.timestamp()), session_key(session_id)

        def ask(rows: Rows) -> Found | None:
            session = rows.session(key)
            if session is None:
                return None
            return Found(session, rows.account(session.account) if session.account else None)

        found = self._store.read(ask)
        if found is None or not _alive(found, at):
            return None
        if at - found.session.seen >= _NOTED and not self._store.busy:
            async with self._store.change() as rows:
                rows.saw_session(key, at)
            return replace(found, session=replace(found.session, seen=at))
        return found

    def of(self, username: str, *, now: datetime) -> tuple[Session, ...]:
        """The open sessions of an account, the newest first. Raises AccountsUnavailable."""
        at = int(now.timestamp())
        return tuple(s for s in self._store.read(lambda rows: rows.sessions_of(username)) if _fresh(s, at))

    async def end_others(self, session: Session) -> None:
        """End every session of the account but this one. Raises AccountsUnavailable."""
        if session.account is None:
            return
        async with self._store.change() as rows:
            rows.end_sessions_of(session.account, but=session.key)


def _alive(found: Found, at: int) -> bool:
    if not _fresh(found.session, at):
        return False
    if found.session.stage is not Stage.OPEN:
        return True
    return found.held is not None and not found.held.account.disabled and _complete(found.held)


def _complete(held: Held) -> bool:
    return held.origin is not Origin.LOCAL or (held.enrolled and not held.must_change)


def _fresh(session: Session, at: int) -> bool:
    return session.created <= at + IDLE_SECONDS and at < session.ends and at - session.seen < IDLE_SECONDS
