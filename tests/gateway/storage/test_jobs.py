"""The rows of deferred answers against their contract, on each engine."""

from dataclasses import replace

import pytest

from gateway.storage.contract import StoreUnavailable
from gateway.storage.jobs import Due, JobRow, JobState, JobStore
from tests.gateway.storage.builders import a_batch
from tests.gateway.storage.conftest import Place

ROW = JobRow("a", "H14", JobState.PENDING, "", 0, 100, 1000, 7, 0, b"sealed")


def kept(store: JobStore, *rows: JobRow) -> None:
    """Rows in the store."""
    with store.write() as transaction:
        for row in rows:
            transaction.jobs.put(row)


@pytest.fixture
def store(place: Place) -> JobStore:
    """An empty store."""
    return place.jobs()


def test_what_was_put_is_read_back(place: Place, store: JobStore) -> None:
    """Every column comes back as it went in, to a reader and counted."""
    kept(store, ROW, replace(ROW, id="b", agency="H41", state=JobState.DONE))
    reader = place.reader()
    assert reader.job("a") == ROW
    assert reader.job("c") is None
    assert reader.jobs_held() == 2
    with store.write() as transaction:
        assert transaction.jobs.held() == 2
        assert [transaction.jobs.pending_of(agency) for agency in ("H14", "H41", "H99")] == [1, 0, 0]


def test_an_id_is_used_once(place: Place, store: JobStore) -> None:
    """The primary key refuses a second row of one id."""
    kept(store, ROW)
    with pytest.raises(StoreUnavailable):
        kept(store, ROW)


def test_the_oldest_free_jobs_are_taken_and_leased(place: Place, store: JobStore) -> None:
    """Only pending, unexpired jobs whose lease is over are taken, in the order they came, each by one owner."""
    kept(
        store,
        replace(ROW, id="new", created_us=300),
        replace(ROW, id="old", created_us=200, owner="dead", lease_us=500, attempts=1),
        replace(ROW, id="third", created_us=400),
        replace(ROW, id="leased", owner="other", lease_us=501),
        replace(ROW, id="over", expires_us=500),
        replace(ROW, id="done", state=JobState.DONE),
    )
    with store.write() as transaction:
        taken = transaction.jobs.take("me", now_us=500, until_us=900, limit=2)
        again = transaction.jobs.take("you", now_us=500, until_us=900, limit=9)
    assert [(row.id, row.owner, row.lease_us, row.attempts) for row in taken] == [
        ("old", "me", 900, 2),
        ("new", "me", 900, 1),
    ]
    assert [row.id for row in again] == ["third"]
    with store.write() as transaction:
        assert transaction.jobs.take("you", now_us=500, until_us=900, limit=9) == []


def test_only_an_owner_renews_and_only_what_it_names(place: Place, store: JobStore) -> None:
    """A lease is extended by its holder alone; zero gives it up."""
    kept(
        store,
        *(replace(ROW, id=name, owner=owner, lease_us=9) for name, owner in (("a", "me"), ("b", "me"), ("c", "x"))),
    )
    with store.write() as transaction:
        transaction.jobs.renew("me", ["a", "c"], until_us=50)
    reader = place.reader()
    leases = {name: row.lease_us for name in "abc" if (row := reader.job(name))}
    assert leases == {"a": 50, "b": 9, "c": 9}


def test_a_result_is_stored_by_the_owner_once(place: Place, store: JobStore) -> None:
    """Another owner, or a second result, changes nothing."""
    kept(store, replace(ROW, owner="me", lease_us=900))
    outcomes = []
    for owner, sealed in (("you", b"theirs"), ("me", b"mine"), ("me", b"twice")):
        with store.write() as transaction:
            outcomes.append(transaction.jobs.end("a", owner, state=JobState.FAILED, sealed=sealed, expires_us=2000))
    assert outcomes == [False, True, False]
    assert place.reader().job("a") == replace(ROW, state=JobState.FAILED, sealed=b"mine", expires_us=2000)


def test_sweeping_is_bounded_and_takes_what_expired_first(place: Place, store: JobStore) -> None:
    """At most the given number goes, the longest expired first, and nothing that is still to be read."""
    kept(store, *(replace(ROW, id=str(at), expires_us=at) for at in (30, 10, 20, 40)))
    with store.write() as transaction:
        transaction.jobs.sweep(30, 2)
    reader = place.reader()
    assert [at for at in (10, 20, 30, 40) if reader.job(str(at))] == [30, 40]


@pytest.mark.parametrize(
    ("row", "due"),
    [
        (ROW, Due(work=True, expired=False)),
        (replace(ROW, lease_us=501), Due(work=False, expired=False)),
        (replace(ROW, state=JobState.DONE), Due(work=False, expired=False)),
        (replace(ROW, expires_us=500), Due(work=False, expired=True)),
    ],
)
def test_what_is_due_is_what_can_be_taken_or_swept(place: Place, store: JobStore, row: JobRow, due: Due) -> None:
    """A look tells whether a write would find anything."""
    kept(store, row)
    assert place.reader().jobs_due(500) == due
    with store.write() as transaction:
        assert bool(transaction.jobs.take("me", now_us=500, until_us=900, limit=1)) is due.work


def test_jobs_and_log_do_not_disturb_each_other(place: Place) -> None:
    """An aborted job transaction leaves nothing; what one store of jobs keeps the other sees."""
    first, second = place.jobs(), place.jobs()
    kept(first, ROW)
    with pytest.raises(InterruptedError), second.write() as transaction:  # noqa: PT012  # both belong to the block
        transaction.jobs.put(replace(ROW, id="b"))
        raise InterruptedError
    kept(second, replace(ROW, id="c"))
    with place.store().write() as log:
        log.add(a_batch(0))
    with first.write() as transaction:
        assert transaction.jobs.held() == 2


def test_bytes_and_times_keep_their_whole_range(place: Place, store: JobStore) -> None:
    """Any byte, and microseconds of any year, come back unchanged."""
    row = replace(ROW, sealed=bytes(range(256)) * 100, expires_us=2**62, created_us=2**53 + 1)
    kept(store, row)
    assert place.reader().job("a") == row
