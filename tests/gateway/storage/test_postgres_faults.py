"""What goes wrong between a gateway and its PostgreSQL server, and in which words the store says so."""

import os
import threading
from contextlib import closing
from dataclasses import replace
from time import monotonic

import pytest

from gateway.storage.contract import Note, OutcomeUnknown, StoreUnavailable
from gateway.storage.postgres import PostgresStore
from gateway.storage.postgres_reader import PostgresReader
from gateway.storage.postgres_session import WRITING
from tests.gateway.storage.builders import a_batch, a_row, filled
from tests.gateway.storage.conftest import Place
from tests.gateway.storage.cutting import Cut, cutting
from tests.helpers.postgres import (
    GATEWAY,
    Server,
    as_role,
    empty_database,
    execute,
    fresh_database,
    query,
    small_disk,
)

IMPATIENT = {**WRITING, "lock_timeout": "200ms"}
PATIENT_SERVER = {**WRITING, "idle_in_transaction_session_timeout": "0"}  # so that only this side's clock can end it


def size(store: PostgresStore) -> int:
    """How many entries there are."""
    with store.write() as transaction:
        return len(transaction.tail(0))


def hearing(url: str, cut: Cut) -> PostgresStore:
    """A store that waits some seconds for an answer where none will come, and long where one may be late."""
    return PostgresStore(url, settings=PATIENT_SERVER, answer_seconds=3 if cut is Cut.SILENCE else 30)


def refused(store: PostgresStore) -> StoreUnavailable:
    """What a batch is refused with."""
    with pytest.raises(StoreUnavailable) as caught, store.write() as transaction:
        transaction.add(a_batch(len(transaction.tail(0))))
    return caught.value


@pytest.mark.parametrize(("cut", "kept"), [(Cut.BEFORE, 1), (Cut.AFTER, 2), (Cut.SILENCE, 1)])
def test_a_commit_without_an_answer_is_an_unknown_outcome(database: str, cut: Cut, kept: int) -> None:
    """The connection breaks around COMMIT: the store says that it does not know, and the next look tells."""
    with cutting(database) as way, closing(hearing(way.through(database), cut)) as store:
        filled(store, 1)
        way.cut = cut
        began = monotonic()
        with pytest.raises(OutcomeUnknown):  # noqa: SIM117  # leaving the inner block raises
            with store.write() as transaction:
                transaction.add(a_batch(1))
        assert monotonic() - began < 10
        assert size(store) == kept


@pytest.mark.parametrize("word", [b"BEGIN", b"INSERT INTO entry"])
@pytest.mark.parametrize("cut", [Cut.AFTER, Cut.SILENCE])
def test_a_connection_that_breaks_earlier_kept_nothing(database: str, word: bytes, cut: Cut) -> None:
    """Before COMMIT nothing can have been kept, and the store says so by saying no more than `unavailable`."""
    with cutting(database) as way, closing(hearing(way.through(database), cut)) as store:
        way.word, way.cut = word, cut
        began = monotonic()
        error = refused(store)
        assert monotonic() - began < 10
        assert not isinstance(error, OutcomeUnknown)
        assert error.reason in {"cannot_open", "io"}
        assert size(store) == 0


def test_a_connection_that_died_while_idle_is_replaced(server: Server, database: str) -> None:
    """Neither a writer nor a reader notices that the server ended their sessions between two uses."""
    with closing(PostgresStore(database)) as store, closing(PostgresReader(database)) as reader:
        filled(store, 1)
        assert reader.newest_note() is not None
        end_sessions(server, database)
        assert size(store) == 1
        assert reader.newest_note() is not None


def test_a_session_ended_inside_a_transaction_kept_nothing(server: Server, database: str) -> None:
    """An administrator ends the session of a transaction that goes on: the next statement says so."""
    with closing(PostgresStore(database)) as store:
        filled(store, 1)
        with pytest.raises(StoreUnavailable) as caught, store.write() as transaction:  # noqa: PT012  # the case
            transaction.add(a_batch(1))
            end_sessions(server, database)
            transaction.tail(0)
        assert not isinstance(caught.value, OutcomeUnknown)
        assert caught.value.reason == "cannot_open"
        assert size(store) == 1


def test_a_lock_held_by_another_is_waited_for_and_then_reported(database: str) -> None:
    """A gateway that holds the lock keeps others out for a bounded time."""
    patient = PostgresStore(database, settings=PATIENT_SERVER)
    with closing(patient) as holder, closing(PostgresStore(database, settings=IMPATIENT)) as store:
        filled(holder, 1)
        began = monotonic()
        with holder.write():
            assert refused(store).reason == "locked"
        assert monotonic() - began < 10
        assert size(store) == 1


def test_a_gateway_that_hangs_inside_its_transaction_loses_the_lock(database: str) -> None:
    """The server ends a transaction nobody goes on with, sooner than others give up waiting; nothing of it is kept."""
    hanging = {**WRITING, "idle_in_transaction_session_timeout": "1s"}
    with closing(PostgresStore(database, settings=hanging)) as holder, closing(PostgresStore(database)) as store:
        filled(store, 1)
        with pytest.raises(StoreUnavailable), holder.write() as transaction:  # noqa: PT012  # both belong to the block
            transaction.add(a_batch(1))
            assert size(store) == 1
        filled_again = a_batch(1)
        with store.write() as transaction:
            transaction.add(filled_again)
        assert size(holder) == 2


def test_two_batches_that_take_the_same_place_are_told_apart_without_the_lock(database: str) -> None:
    """Even if the lock failed altogether one of two batches is refused: by its first index, its size and its rows."""
    patient = PostgresStore(database, settings=PATIENT_SERVER)
    with closing(patient) as first, closing(PostgresStore(database)) as second:
        filled(first, 1)
        size(second)
        second._log_key += 1  # another lock than everybody's
        errors: list[str] = []

        def intrude() -> None:
            rows = [replace(a_row(1), at_us=77)]  # another time: the key of `entry` alone would let it in
            other = replace(a_batch(1), rows=rows, tiles=[], note=Note(3, 1, "of another size"))
            try:
                with second.write() as transaction:
                    transaction.add(other)
            except StoreUnavailable as error:
                errors.append(error.reason)

        with first.write() as transaction:
            transaction.add(a_batch(1))
            thread = threading.Thread(target=intrude)
            thread.start()
            # it waits until the first is decided
            while not query(database, "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'transactionid'"):
                assert thread.is_alive()
        thread.join()
        assert errors == ["constraint"]
        assert size(first) == 2


def test_a_database_that_is_read_only_says_so(server: Server, database: str) -> None:
    """An administrator's switch is not overridden; readers go on."""
    execute(server.url, f"ALTER DATABASE {named(database)} SET default_transaction_read_only = on")
    with closing(PostgresStore(database)) as store, closing(PostgresReader(database)) as reader:
        assert refused(store).reason == "read_only"
        assert reader.newest_note() is None


def test_a_server_that_does_not_flush_is_not_written_to(server: Server, database: str) -> None:
    """With `fsync = off` nothing the store promises would hold."""
    execute(server.url, "ALTER SYSTEM SET fsync = off")
    try:
        reloaded(server, "off")
        with closing(PostgresStore(database)) as store:
            assert refused(store).reason == "fsync_off"
    finally:
        execute(server.url, "ALTER SYSTEM RESET fsync")
        reloaded(server, "on")


def test_a_store_of_another_shape_is_not_touched(server: Server, database: str) -> None:
    """No tables, or those of a later program: refused, however often it is tried, and nothing is made."""
    empty = empty_database(server)
    with closing(PostgresStore(empty)) as store:
        assert [refused(store).reason for _ in range(2)] == ["schema", "schema"]
    assert query(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    execute(database, "UPDATE alembic_version SET version_num = '9999'")
    with closing(PostgresStore(database)) as store, closing(PostgresReader(empty)) as reader:
        assert [refused(store).reason for _ in range(2)] == ["schema", "schema"]
        with pytest.raises(StoreUnavailable) as caught:
            reader.newest_note()
        assert caught.value.reason == "schema"


def test_a_server_that_cannot_be_used_is_reported_without_its_words(server: Server, database: str) -> None:
    """Nobody there, a wrong password, no such database: a short word, and never the address."""
    with closing(PostgresStore(database.replace(f":{server.port}", ":1"))) as store:
        assert refused(store).reason == "cannot_open"
    with closing(PostgresStore(database.replace(":synthetic@", ":wrong@"))) as store:
        error = refused(store)
        assert error.reason == "refused"
        assert "wrong" not in str(error)
    with closing(PostgresReader(database + "_not")) as reader, pytest.raises(StoreUnavailable) as caught:
        reader.newest_note()
    assert caught.value.reason == "cannot_open"


def test_a_server_that_crashes_loses_nothing_that_was_acknowledged(server: Server) -> None:
    """Three gateways write while the server is killed three times: what `write` returned for is there, once."""
    url = as_role(fresh_database(server), GATEWAY)
    stop, acknowledged = threading.Event(), []

    def gateway(name: int) -> None:
        count = 0
        with closing(PostgresStore(url, answer_seconds=5)) as store:
            while not stop.is_set():
                count += 1
                leaf = f"{name}-{count}".encode().ljust(32, b".")
                try:
                    with store.write() as transaction:
                        note = transaction.newest_note()
                        first = note.size if note is not None else 0
                        row = replace(a_row(first), leaf=leaf)
                        transaction.add(replace(a_batch(first), rows=[row], tiles=[], epochs=[]))
                except StoreUnavailable:
                    stop.wait(0.01)
                else:
                    acknowledged.append(leaf)

    execute(server.url, "CHECKPOINT")  # or each start would read again what other tests have written
    threads = [threading.Thread(target=gateway, args=(name,)) for name in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            enough = len(acknowledged) + 100
            while len(acknowledged) < enough:
                assert any(thread.is_alive() for thread in threads)
                stop.wait(0.01)
            server.kill()
            server.start()
    finally:
        stop.set()
        for thread in threads:
            thread.join()

    with closing(PostgresReader(url)) as reader:
        leaves = list(reader.leaves(0, 10**9))
        sizes = [note.size for note in reader.notes(below=None, limit=10**6)]
    assert set(acknowledged) <= set(leaves)
    assert len(set(leaves)) == len(leaves)
    assert sizes == list(range(len(leaves), 0, -1))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_reported_and_then_forgotten(server: Server) -> None:
    """A batch for which there is no room is refused with nothing kept; with room again the same store goes on."""
    url = fresh_database(server)
    with small_disk(server, url) as disk, closing(PostgresStore(url)) as store:
        filled(store, 1)
        disk.fill()
        reasons = []
        for _ in range(40):
            try:
                with store.write() as transaction:
                    transaction.add(a_batch(len(transaction.tail(0)), size=1_000_000))
            except StoreUnavailable as error:
                reasons.append((error.reason, type(error)))
                break
        assert reasons == [("disk_full", StoreUnavailable)]
        kept = size(store)
        disk.clear()
        with store.write() as transaction:
            transaction.add(a_batch(kept, size=1_000_000))
        assert size(store) == kept + 1


def reloaded(server: Server, fsync: str) -> None:
    """Have the server read its settings, and wait until new sessions have them."""
    execute(server.url, "SELECT pg_reload_conf()")
    until = monotonic() + 60
    while query(server.url, "SHOW fsync") != [(fsync,)]:
        assert monotonic() < until


def end_sessions(server: Server, url: str) -> None:
    """End every session in the database."""
    query(server.url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", named(url))


def named(url: str) -> str:
    """The name of the database."""
    return url.rpartition("/")[2]


def test_the_rights_of_a_gateway_are_enough(gateways: Place) -> None:
    """The rights of a gateway are enough for everything a store does."""
    store = gateways.store()
    filled(store, 2)
    with store.write() as transaction:
        transaction.forget(2000, 10)
        assert transaction.claimed([("H14", "jti-0")]) == frozenset()
