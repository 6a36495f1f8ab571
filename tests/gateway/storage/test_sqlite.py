"""What only a SQLite store promises; the rest is in `test_contract`."""

import sqlite3
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from gateway.storage.contract import OutcomeUnknown, StoreUnavailable
from gateway.storage.jobs import JobRow, JobState
from gateway.storage.lock import locked
from gateway.storage.sqlite import SqliteStore
from tests.gateway.storage.builders import a_batch, filled

HOLDER = """
import sys, pathlib, time
from gateway.storage.lock import locked
with locked(pathlib.Path(sys.argv[1]), wait=1):
    print('held', flush=True)
    time.sleep(60)
"""


class CheckingStore(SqliteStore):
    """A store whose engine checks a reference when it commits."""

    def _connect(self) -> sqlite3.Connection:
        connection = super()._connect()
        connection.execute("PRAGMA foreign_keys = ON").close()
        return connection


def test_commit_that_fails_is_an_unknown_outcome(tmp_path: Path) -> None:
    """Where the engine fails in COMMIT itself the store says so; here nothing was kept, and the store goes on."""
    store = CheckingStore(tmp_path / "log.sqlite")
    filled(store, 1)
    with sqlite3.connect(tmp_path / "log.sqlite") as other:
        other.execute("CREATE TABLE refers (size INTEGER REFERENCES checkpoint DEFERRABLE INITIALLY DEFERRED)")
    other.close()
    with pytest.raises(OutcomeUnknown):  # noqa: PT012, SIM117  # leaving the inner block raises
        with store.write() as transaction:
            transaction.add(a_batch(1))
            transaction._connection.exec_driver_sql("INSERT INTO refers VALUES (77)")
    with store.write() as transaction:
        assert len(transaction.tail(0)) == 1
    store.close()


UNPRIVILEGED = """
import os, sys, pathlib
from gateway.storage.contract import StoreUnavailable
from gateway.storage.sqlite import SqliteStore
if os.geteuid() == 0:
    os.setuid(65534)
try:
    with SqliteStore(pathlib.Path(sys.argv[1]) / 'log.sqlite').write() as transaction:
        transaction.forget(1, 1)
except StoreUnavailable as error:
    print(error.reason)
"""

CROWDED = """
import pathlib, resource, sys
from gateway.storage.contract import StoreUnavailable
from gateway.storage.sqlite import SqliteStore
from tests.gateway.storage.builders import a_batch, filled
store = SqliteStore(pathlib.Path(sys.argv[1]))
filled(store, 1)
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
try:
    with store.write() as transaction:
        transaction.add(a_batch(1, 1, size=4_000_000))
except StoreUnavailable as error:
    print(error.reason)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
with store.write() as transaction:
    assert len(transaction.tail(0)) == 1
    transaction.add(a_batch(1))
    print(len(transaction.tail(0)))
store.close()
"""


def test_only_the_owner_can_read_the_files(tmp_path: Path) -> None:
    """The store, its write-ahead log, its index and its lock are private."""
    store = SqliteStore(tmp_path / "log.sqlite")
    filled(store)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    store.close()

    names = {"log.sqlite", "log.sqlite-wal", "log.sqlite-shm", "log.sqlite.lock"}
    assert modes == dict.fromkeys(names, 0o600)


def test_store_is_durable_in_the_promised_way(tmp_path: Path) -> None:
    """The file has the page size, the journal and the synchronisation the durability claim rests on."""
    store = SqliteStore(tmp_path / "log.sqlite")
    with store.write() as transaction:
        settings = {
            name: transaction._connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("page_size", "journal_mode", "synchronous", "wal_autocheckpoint")
        }
    store.close()

    assert settings == {"page_size": 8192, "journal_mode": "wal", "synchronous": 2, "wal_autocheckpoint": 0}


def test_wal_is_copied_back_when_it_has_grown(tmp_path: Path) -> None:
    """The write-ahead log does not grow without bound, and closing empties it."""
    store = SqliteStore(tmp_path / "log.sqlite", wal_pages=50)
    wal = tmp_path / "log.sqlite-wal"
    sizes = []
    for index in range(100):
        with store.write() as transaction:
            transaction.add(a_batch(index, size=5000))
        sizes.append(wal.stat().st_size)
    store.close()

    assert max(sizes) < 80 * 8192
    assert sizes.count(0) >= 5
    assert not wal.exists() or wal.stat().st_size == 0


def test_long_reader_does_not_hold_up_the_log(tmp_path: Path) -> None:
    """While somebody reads one old snapshot writing goes on, and the WAL is copied back when the reader leaves."""
    store = SqliteStore(tmp_path / "log.sqlite", wal_pages=20)
    filled(store, 1)
    snapshot = sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None)
    snapshot.execute("BEGIN")
    assert snapshot.execute("SELECT count(*) FROM entry").fetchone() == (1,)
    for index in range(1, 60):
        with store.write() as transaction:
            transaction.add(a_batch(index, size=5000))
    assert snapshot.execute("SELECT count(*) FROM entry").fetchone() == (1,)
    grown = (tmp_path / "log.sqlite-wal").stat().st_size
    snapshot.close()
    for index in range(60, 100):
        with store.write() as transaction:
            transaction.add(a_batch(index, size=5000))

    assert grown > 60 * 8192
    assert (tmp_path / "log.sqlite-wal").stat().st_size < grown
    store.close()


def test_lock_of_another_process_is_waited_for_and_then_reported(tmp_path: Path) -> None:
    """A process that holds the lock keeps others out; when it dies the lock is free at once."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "log.sqlite.lock")],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    store = SqliteStore(tmp_path / "log.sqlite", lock_wait=0.05)
    with pytest.raises(StoreUnavailable) as caught, store.write():
        pass
    holder.kill()
    holder.wait()
    holder.stdout.close()
    filled(store, 1)
    store.close()

    assert caught.value.reason == "locked"


def test_lock_is_not_shared_within_a_process(tmp_path: Path) -> None:
    """Two stores of one process exclude each other as two processes do."""
    with locked(tmp_path / "x.lock", wait=1), pytest.raises(StoreUnavailable), locked(tmp_path / "x.lock", wait=0.01):
        pass
    with locked(tmp_path / "x.lock", wait=0.01):
        pass


def test_store_of_another_schema_is_refused(tmp_path: Path) -> None:
    """A store written by a later version is not touched, however often it is tried."""
    store = SqliteStore(tmp_path / "log.sqlite")
    filled(store, 1)
    store.close()
    database = sqlite3.connect(tmp_path / "log.sqlite")
    database.execute("PRAGMA user_version = 99")
    database.close()

    for _ in range(2):
        with pytest.raises(StoreUnavailable) as caught, store.write():
            pass
        assert caught.value.reason == "schema"
    store.close()


def test_unusable_places_are_reported(tmp_path: Path) -> None:
    """A missing folder and a file that is no database give a reason, not an engine's exception."""
    with pytest.raises(StoreUnavailable), SqliteStore(tmp_path / "no" / "log.sqlite").write():
        pass
    (tmp_path / "log.sqlite").write_bytes(b"rubbish" * 1000)
    with pytest.raises(StoreUnavailable) as caught, SqliteStore(tmp_path / "log.sqlite").write():
        pass
    assert caught.value.reason == "corrupt"
    with pytest.raises(StoreUnavailable):
        SqliteStore(tmp_path / "nothing.sqlite").reader().newest_note()


def test_reader_cannot_write(tmp_path: Path) -> None:
    """A reader's connection is read-only in the engine itself."""
    store = SqliteStore(tmp_path / "log.sqlite")
    filled(store, 1)
    reader = store.reader()
    reader.newest_note()
    assert reader._connection is not None
    with pytest.raises(Exception, match="readonly"):
        reader._connection.exec_driver_sql("DELETE FROM claim")
    reader.close()
    store.close()


def test_writer_that_vanished_leaves_a_usable_store(tmp_path: Path) -> None:
    """A store that was never closed is taken up by the next, write-ahead log and all."""
    abandoned = SqliteStore(tmp_path / "log.sqlite")
    filled(abandoned, 3)
    store = SqliteStore(tmp_path / "log.sqlite")
    with store.write() as transaction:
        assert len(transaction.tail(0)) == 3
        transaction.add(a_batch(3))
    store.close()
    with abandoned.write() as transaction:
        assert len(transaction.tail(0)) == 4
    abandoned.close()


def test_read_only_place_is_reported() -> None:
    """A file this process may only read gives a reason to a writer; readers go on."""
    with tempfile.TemporaryDirectory() as folder:  # pytest's own cannot be reached by another user
        place = Path(folder)
        store = SqliteStore(place / "log.sqlite")
        filled(store, 1)
        store.close()
        for path in place.iterdir():
            path.chmod(0o444)
        (place / "log.sqlite.lock").chmod(0o666)
        place.chmod(0o555)
        told = subprocess.run(
            [sys.executable, "-c", UNPRIVILEGED, folder],
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            check=True,
        )
        place.chmod(0o700)
    assert told.stdout == "read_only\n"


def test_full_disk_is_reported_and_leaves_what_was_there(tmp_path: Path) -> None:
    """A file that may not grow gives a reason; when there is room again the same store goes on."""
    told = subprocess.run(
        [sys.executable, "-c", CROWDED, str(tmp_path / "log.sqlite")],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["io", "2"]


def test_what_was_removed_is_overwritten(tmp_path: Path) -> None:
    """After a sweep the sealed bytes stand nowhere in the closed store's files."""
    store = SqliteStore(tmp_path / "log.sqlite")
    sealed = b"sealed-answer-" * 3000
    with store.write() as transaction:
        transaction.jobs.put(JobRow("a", "H14", JobState.PENDING, "", 0, 100, 1000, 7, 0, sealed))
    with store.write() as transaction:
        transaction.jobs.sweep(2000, 9)
    store.close()
    assert [path.name for path in tmp_path.iterdir() if b"sealed-answer-" in path.read_bytes()] == []
