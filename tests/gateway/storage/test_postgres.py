"""What only a PostgreSQL store promises; the rest is in `test_contract`."""

import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import asyncpg
import pytest

from gateway.storage.contract import Store, StoreUnavailable
from gateway.storage.jobs import JobRow, JobState
from gateway.storage.opening import Location
from gateway.storage.partitions import create_partitions
from gateway.storage.postgres import PostgresJobStore, PostgresStore
from gateway.storage.postgres_reader import PostgresReader
from gateway.storage.postgres_session import CONNECT_SECONDS, MIGRATING, WRITING, Session
from tests.gateway.storage.builders import a_batch, a_row, filled
from tests.gateway.storage.conftest import Place
from tests.helpers.postgres import Server, execute, query

JOB = JobRow("a", "H14", JobState.PENDING, "", 0, 100, 1000, 7, 0, b"sealed")
MARK = "SELECT pg_logical_emit_message(false, 'test', '')"
"""Puts a record behind everything in the server's log, flushes nothing, and gives where the record ends. What comes
behind it may be the server's own, written in the background at any moment: of that nothing is said."""
FLUSHED = "SELECT pg_current_wal_flush_lsn()"


def looking(url: str) -> Session:
    """A session for looking on."""
    return Session.open(url, MIGRATING, answer_seconds=CONNECT_SECONDS)


@pytest.mark.parametrize("adds", [True, False])
def test_a_commit_is_flushed_before_write_returns(database: str, adds: bool) -> None:
    """Nothing of the server's log is left in memory, whether the transaction added anything or only looked."""
    watching = looking(database)
    with closing(PostgresStore(database)) as store:
        filled(store, 1)
        watching.run("SET synchronous_commit = off; INSERT INTO claim VALUES ('H14', 'another', 1)")
        with store.write() as transaction:
            if adds:
                transaction.add(a_batch(1))
            mark = watching.fetch(MARK)[0][0]
        # the commit itself comes behind the mark
        assert watching.fetch(FLUSHED)[0][0] >= mark + adds
    watching.close(politely=True)


def test_a_checkpoint_is_on_the_disk_before_a_reader_hands_it_out(database: str) -> None:
    """What another gateway has committed and not yet flushed is flushed by whoever reads it first."""
    watching = looking(database)
    with closing(PostgresReader(database)) as reader:
        assert reader.newest_note() is None
        watching.run("SET synchronous_commit = off; INSERT INTO checkpoint VALUES (1, 1, 'note', 0)")
        mark = watching.fetch(MARK)[0][0]
        assert reader.newest_note() is not None
        assert watching.fetch(FLUSHED)[0][0] >= mark
        watching.run("INSERT INTO checkpoint VALUES (2, 1, 'note', 1)")
        mark = watching.fetch(MARK)[0][0]
        assert reader.note(2) is not None
        assert watching.fetch(FLUSHED)[0][0] >= mark
    watching.close(politely=True)


def test_the_lock_is_free_before_the_flush(server: Server, gateways: Place, database: str) -> None:
    """While one gateway waits for the disk another may already extend the log."""
    # a standby that does not exist holds up every flush, and so shows who has the lock meanwhile
    first, second = gateways.store(), gateways.store()
    filled(first, 1)
    released, written = threading.Event(), [0]

    def extend() -> None:  # until one is held up: not the server's every process has heard of the standby at once
        while not released.is_set():
            filled_at(first, len(written))
            written.append(len(written))

    waiting = threading.Thread(target=extend)
    execute(server.url, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    try:
        execute(server.url, "SELECT pg_reload_conf()")
        until(server, "SELECT current_setting('synchronous_standby_names') = 'nobody'")
        waiting.start()
        until(server, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep')")
        seen: list[int] = []
        with pytest.raises(InterruptedError), second.write() as transaction:  # noqa: PT012
            seen += [index for index, _ in transaction.tail(0)]
            raise InterruptedError
        assert waiting.is_alive()
    finally:
        released.set()
        execute(server.url, "ALTER SYSTEM RESET synchronous_standby_names")
        execute(server.url, "SELECT pg_reload_conf()")
        waiting.join(timeout=30)
    assert seen == written
    assert not waiting.is_alive()


def filled_at(store: Store, index: int) -> None:
    """One more batch."""
    with store.write() as transaction:
        transaction.add(a_batch(index))


def until(server: Server, condition: str) -> None:
    """Ask until it holds."""
    for _ in range(500):
        if query(server.url, condition)[0][0]:
            return
        threading.Event().wait(0.01)
    raise AssertionError(condition)


def test_a_failed_statement_cannot_be_committed(gateways: Place) -> None:
    """The server answers such a COMMIT with a rollback and no error; a caller that overlooked the failure is told."""
    store = gateways.store()
    filled(store, 2)
    with pytest.raises(StoreUnavailable) as caught, store.write() as transaction:  # noqa: PT012  # the block is the case
        transaction.add(a_batch(2))
        with pytest.raises(StoreUnavailable):
            transaction.add(a_batch(2))
        with pytest.raises(StoreUnavailable):
            transaction.newest_note()
    assert caught.value.reason == "constraint"
    with store.write() as transaction:
        assert len(transaction.tail(0)) == 2


def test_jobs_do_not_wait_for_the_log(gateways: Place) -> None:
    """A store of jobs works while the log is being extended; inside the log's transaction jobs are locked as well."""
    log, jobs = gateways.store(), gateways.jobs()
    filled(log, 1)
    with log.write() as transaction:
        transaction.add(a_batch(1))
        with jobs.write() as other:
            other.jobs.put(JOB)
    assert gateways.location.url is not None
    impatient = PostgresJobStore(gateways.location.url, settings={**WRITING, "lock_timeout": "100ms"})
    with closing(impatient), log.write() as transaction:
        assert transaction.jobs.held() == 1  # type: ignore[attr-defined]
        with pytest.raises(StoreUnavailable) as caught, impatient.write():
            pass
    assert caught.value.reason == "locked"


def test_the_default_isolation_of_a_database_does_not_matter(database: str) -> None:
    """Under any default a writer reads what was committed while it waited for the lock."""
    name = database.rpartition("/")[2]
    execute(database, f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")
    with closing(PostgresStore(database)) as store, closing(PostgresStore(database)) as other:
        filled(other, 1)
        began, done = threading.Event(), []

        def later() -> None:
            began.set()
            with other.write() as transaction:
                done.append(len(transaction.tail(0)))

        with store.write() as transaction:
            thread = threading.Thread(target=later)
            thread.start()
            began.wait()
            execute(database, "SELECT pg_sleep(0.2)")
            transaction.add(a_batch(1))
        thread.join()
    assert done == [2]


def test_what_is_encrypted_is_not_compressed(database: str) -> None:
    """Every partition keeps the envelope outside the row and as it is."""
    stored = query(
        database,
        """SELECT DISTINCT attstorage::text FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
            WHERE attname = 'env' AND relname LIKE 'entry%' AND relkind IN ('r', 'p')""",
    )
    assert stored == [("e",)]


def test_entries_go_to_the_month_they_say(database: str) -> None:
    """A row stands in its month's partition, one of a month without partition in the default, and both are found."""
    create_partitions(Location(url=database), months_ahead=0, now=datetime(2020, 2, 20, tzinfo=UTC))
    rows = [replace(a_row(0), at_us=1_580_515_200_000_000), replace(a_row(1), at_us=1_583_020_799_999_999), a_row(2)]
    with closing(PostgresStore(database)) as store, store.write() as transaction:
        transaction.add(replace(a_batch(0, 3), rows=rows))
    assert query(database, "SELECT tableoid::regclass::text, idx FROM entry ORDER BY idx") == [
        ("entry_2020_02", 0),
        ("entry_2020_02", 1),
        ("entry_default", 2),
    ]
    with closing(PostgresReader(database)) as reader:
        assert list(reader.rows(0, 3)) == rows


def test_a_reader_cannot_write(database: str) -> None:
    """A reader's transactions are read-only for the server, whatever its role may do."""
    with closing(PostgresReader(database)) as reader:
        reader.newest_note()
        assert reader._session is not None
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            reader._session.run("DELETE FROM claim")


def test_the_server_knows_who_is_connected(database: str) -> None:
    """Sessions carry a name an administrator can find, and settings that bound every wait."""
    with closing(PostgresStore(database)) as store, store.write():
        assert store._session is not None
        [(name,)] = query(database, "SELECT application_name FROM pg_stat_activity WHERE state = 'idle in transaction'")
        wanted = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "synchronous_commit")
        shown = [store._session.fetch(f"SHOW {name}")[0][0] for name in wanted]
    assert name == "lienthong-gateway"
    assert shown == ["5s", "8s", "3s", "off"]
