"""The store in a PostgreSQL database, shared by the gateways of several machines.

Whoever holds the log's advisory lock extends the log; the lock goes with the transaction. The transaction commits
without waiting for the disk, which frees the lock after a moment, and the same round trip then writes a small record
of its own and waits until that is flushed (and acknowledged by the synchronous standby, where there is one). The
server's log is a sequence: when the later record is safe, everything before it is, the batches of others included.
Every transaction ends so, one that added nothing as well, because what it read may be what another has not yet
flushed.

Rule of this file: no SQL of the log's meaning. Nothing is created or migrated here. A connection that failed is
dropped, never reused.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from gateway.storage import schema
from gateway.storage.contract import OutcomeUnknown, StoreUnavailable
from gateway.storage.postgres_reader import PostgresReader
from gateway.storage.postgres_session import ANSWER_SECONDS, FAILURES, LOCK_SPACE, WRITING, Session, lost, reason
from gateway.storage.postgres_transaction import PostgresJobTransaction, PostgresTransaction

FLUSH: Final = "SELECT pg_logical_emit_message(true, 'lienthong', '')"
"""Writes a record of its own and waits for the disk: needs no right, and no reader of the server's log has to exist."""

# the lock is a statement of its own: one statement would read what was there before it waited, under an isolation level
# that says so, whatever the database's default is
_BEGIN: Final = """BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL synchronous_commit = off;
SET LOCAL statement_timeout = '8s';
SELECT pg_advisory_xact_lock({key})"""
_COMMIT: Final = f"COMMIT; {FLUSH}"

# the lock belongs to the table, wherever the search path finds it: two who write the same rows hold the same lock
_STATE: Final = """SELECT version_num, 'entry'::regclass::oid::bigint, 'job'::regclass::oid::bigint,
    current_setting('fsync') = 'on', pg_is_in_recovery() FROM alembic_version"""


class _Writing:
    """One writing connection, made when first needed and after every failure."""

    def __init__(
        self, url: str, *, settings: Mapping[str, str] = WRITING, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self._url, self._settings, self._answer_seconds = url, settings, answer_seconds
        self._session: Session | None = None
        self._log_key = self._job_key = 0

    def close(self) -> None:
        """Let go of the connection. The next write would make another."""
        self._drop(politely=True)

    def _begin(self, *, log: bool) -> Session:
        """A session inside a transaction that holds the lock. One that died while idle is replaced at once."""
        for again in (self._session is not None, False):
            try:
                session = self._connected()
                session.run(_BEGIN.format(key=self._log_key if log else self._job_key))
            except StoreUnavailable:
                self._drop()
                raise
            except FAILURES as error:
                self._drop()
                if not (again and lost(error)):
                    raise StoreUnavailable(reason(error)) from error
            except BaseException:
                self._drop()
                raise
            else:
                return session
        raise AssertionError  # the second turn returns or raises

    def _finish(self, session: Session, transaction: PostgresJobTransaction) -> None:
        if transaction.failed is not None:
            # the server would answer COMMIT with a rollback and call it a success
            self._drop()
            raise StoreUnavailable(transaction.failed)
        try:
            session.run(_COMMIT)
        except BaseException as error:
            self._drop()
            if not isinstance(error, Exception):
                raise
            # whatever the driver makes of it, known or not: only the tail tells what happened
            raise OutcomeUnknown(reason(error)) from error

    def _connected(self) -> Session:
        if self._session is None:
            self._session = Session.open(self._url, self._settings, answer_seconds=self._answer_seconds)
            state = self._session.fetch(_STATE)
            if len(state) != 1 or state[0][0] != schema.REVISION:
                raise StoreUnavailable("schema")
            _, entry, job, honest, standby = state[0]
            if not honest:
                raise StoreUnavailable("fsync_off")
            if standby:
                raise StoreUnavailable("read_only")
            self._log_key, self._job_key = LOCK_SPACE + entry, LOCK_SPACE + job
        return self._session

    def _drop(self, *, politely: bool = False) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close(politely=politely)


class PostgresStore(_Writing):
    """The store contract over one database.

    `url`: see `gateway.storage.opening`; `settings`: the server's, of its sessions; `answer_seconds`: how long
    this side waits for any statement. `write` and `close` belong to one thread, in which no event loop runs.
    """

    @contextmanager
    def write(self) -> Iterator[PostgresTransaction]:
        """One transaction: see `gateway.storage.contract`."""
        session = self._begin(log=True)
        transaction = PostgresTransaction(session, lock_jobs=f"SELECT pg_advisory_xact_lock({self._job_key})")
        try:
            yield transaction
        except BaseException:
            self._drop()
            raise
        self._finish(session, transaction)

    def reader(self) -> PostgresReader:
        """A reader with a connection of its own."""
        return PostgresReader(self._url)


class PostgresJobStore(_Writing):
    """The store of deferred answers and of the vault over one database: its transactions wait for each other, not for
    the log's."""

    @contextmanager
    def write(self) -> Iterator[PostgresJobTransaction]:
        """One transaction: see `gateway.storage.contract`."""
        session = self._begin(log=False)
        transaction = PostgresJobTransaction(session)
        try:
            yield transaction
        except BaseException:
            self._drop()
            raise
        self._finish(session, transaction)

    def reader(self) -> PostgresReader:
        """A reader with a connection of its own."""
        return PostgresReader(self._url)
