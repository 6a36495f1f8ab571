"""The SQLite store against its contract."""

import contextlib
import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.storage.contract import Batch, Claim, EpochRow, Note, OutcomeUnknown, Row, StoreUnavailable, TileRow
from gateway.storage.lock import locked
from gateway.storage.sqlite import SqliteStore

HOLDER = """
import sys, pathlib, time
from gateway.storage.lock import locked
with locked(pathlib.Path(sys.argv[1]), wait=1):
    print('held', flush=True)
    time.sleep(60)
"""


def a_batch(first: int, count: int = 1, *, claims: tuple[str, ...] = (), size: int = 100) -> Batch:
    """A batch of rows from index `first` on; `size` bytes of content each."""
    return Batch(
        rows=[
            Row(n, n, bytes([n % 7]) * 16, bytes(16), bytes(size), bytes([n % 256]) * 32)
            for n in range(first, first + count)
        ],
        tiles=[TileRow(0, first, bytes(8192))],
        note=Note(first + count, 1, f"note {first + count}"),
        claims=[Claim("H14", jti, 1000) for jti in claims],
        epoch=EpochRow(bytes([first % 256]) * 16, first, 1) if first == 0 else None,
    )


def filled(store: SqliteStore, count: int = 5) -> None:
    """Some batches of one row."""
    for index in range(count):
        with store.write() as transaction:
            transaction.add(a_batch(index, claims=(f"jti-{index}",)))


def test_what_was_added_is_read_back(tmp_path: Path) -> None:
    """Rows, tiles, notes, epochs and claims come back as they went in, to the writer and to a reader."""
    store = SqliteStore(tmp_path / "log.sqlite")
    filled(store)
    reader = store.reader()
    with store.write() as transaction:
        assert transaction.tail(3) == [(3, b"\x03" * 32), (4, b"\x04" * 32)]
        assert transaction.newest_note() == Note(5, 1, "note 5")
        assert transaction.tile(0, 2) == bytes(8192)
        assert transaction.tile(1, 0) is None
        assert transaction.announced(bytes(16))
        assert not transaction.announced(b"x" * 16)
        pairs = [("H14", "jti-1"), ("H15", "jti-1"), ("H14", "jti-9")]
        assert transaction.claimed(pairs) == {("H14", "jti-1")}

    assert reader.newest_note() == Note(5, 1, "note 5")
    assert reader.leaves(1, 3) == [b"\x01" * 32, b"\x02" * 32]
    assert reader.tile(0, 4) == bytes(8192)
    assert reader.tile(3, 4) is None
    assert reader.claimed("H14", "jti-4")
    assert not reader.claimed("H15", "jti-4")
    assert [row.index for row in reader.newest(below=None, subject_tag=None, limit=2)] == [4, 3]
    assert [row.index for row in reader.newest(below=3, subject_tag=None, limit=9)] == [2, 1, 0]
    assert [row.index for row in reader.newest(below=None, subject_tag=b"\x02" * 16, limit=9)] == [2]
    reader.close()
    store.close()


def test_exception_inside_leaves_nothing(tmp_path: Path) -> None:
    """Leaving the block by an exception keeps nothing of the transaction, and the store goes on."""
    store = SqliteStore(tmp_path / "log.sqlite")
    filled(store, 1)
    with contextlib.suppress(InterruptedError), store.write() as transaction:
        transaction.add(a_batch(1))
        raise InterruptedError
    with store.write() as transaction:
        assert transaction.tail(0) == [(0, bytes(32))]
    store.close()


def test_same_index_cannot_be_used_twice(tmp_path: Path) -> None:
    """The primary key refuses a fork, in the contract's words and with nothing kept."""
    store = SqliteStore(tmp_path / "log.sqlite")
    filled(store, 2)
    with pytest.raises(StoreUnavailable) as caught, store.write() as transaction:
        transaction.add(a_batch(1))
    assert caught.value.reason == "constraint"
    store.close()


class CheckingStore(SqliteStore):
    """A store whose engine checks references when it commits."""

    def _connect(self) -> sqlite3.Connection:
        connection = super()._connect()
        connection.execute("PRAGMA foreign_keys = ON").close()
        return connection


def test_commit_that_fails_is_an_unknown_outcome(tmp_path: Path) -> None:
    """Where the engine fails in COMMIT itself the store says so; here nothing was kept, and the store goes on."""
    store = CheckingStore(tmp_path / "log.sqlite")
    filled(store, 1)
    dangling = replace(a_batch(1), epoch=EpochRow(b"y" * 16, 77, 1))
    with pytest.raises(OutcomeUnknown):  # noqa: PT012, SIM117  # leaving the inner block raises
        with store.write() as transaction:
            transaction._connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            transaction.add(dangling)
    with store.write() as transaction:
        assert len(transaction.tail(0)) == 1
    store.close()


def test_claim_cannot_be_added_twice(tmp_path: Path) -> None:
    """The primary key refuses a second claim of one id, whatever the caller looked up before."""
    store = SqliteStore(tmp_path / "log.sqlite")
    filled(store, 1)
    with pytest.raises(StoreUnavailable), store.write() as transaction:
        transaction.add(a_batch(1, claims=("jti-0",)))
    with store.write() as transaction:
        assert len(transaction.tail(0)) == 1
    store.close()


def test_many_claims_are_looked_up_at_once(tmp_path: Path) -> None:
    """A look-up larger than one statement may hold finds all of them."""
    store = SqliteStore(tmp_path / "log.sqlite")
    with store.write() as transaction:
        transaction.add(a_batch(0, claims=tuple(f"jti-{n}" for n in range(1200))))
    with store.write() as transaction:
        pairs = [("H14", f"jti-{n}") for n in range(3000)]
        assert transaction.claimed(pairs) == {("H14", f"jti-{n}") for n in range(1200)}
    store.close()


def test_forgetting_is_bounded_and_takes_only_the_old(tmp_path: Path) -> None:
    """At most the given number of claims goes, and none that is still needed."""
    store = SqliteStore(tmp_path / "log.sqlite")
    with store.write() as transaction:
        transaction.add(a_batch(0, claims=tuple(f"jti-{n}" for n in range(10))))
        transaction.forget(1000, 100)
        assert len(transaction.claimed([("H14", f"jti-{n}") for n in range(10)])) == 10
        transaction.forget(1001, 4)
        assert len(transaction.claimed([("H14", f"jti-{n}") for n in range(10)])) == 6
    store.close()


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
