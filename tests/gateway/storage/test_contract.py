"""What every store promises, on each engine."""

import time
from dataclasses import replace

import pytest

from gateway.storage.contract import Batch, Claim, Cosignature, EpochRow, Note, OutcomeUnknown, Stamp, StoreUnavailable
from tests.gateway.storage.builders import a_batch, a_row, filled
from tests.gateway.storage.conftest import Place


def test_what_was_added_is_read_back(place: Place) -> None:
    """Rows, tiles, notes, epochs and claims come back as they went in, to the writer and to a reader."""
    store, reader = place.store(), place.reader()
    filled(store)
    with store.write() as transaction:
        assert list(transaction.tail(3)) == [(3, a_row(3).leaf), (4, a_row(4).leaf)]
        assert transaction.newest_note() == Note(5, 1, "note 5")
        assert transaction.tile(0, 2) == bytes(8192)
        assert transaction.tile(1, 0) is None
        assert transaction.announced([bytes(16), b"x" * 16]) == {bytes(16)}
        assert transaction.announced([]) == frozenset()
        pairs = [("H14", "jti-1"), ("H15", "jti-1"), ("H14", "jti-9")]
        assert transaction.claimed(pairs) == {("H14", "jti-1")}
        assert transaction.claimed([]) == frozenset()

    assert reader.newest_note() == Note(5, 1, "note 5")
    assert reader.note(3) == Note(3, 1, "note 3")
    assert reader.note(6) is None
    assert [note.size for note in reader.notes(below=None, limit=3)] == [5, 4, 3]
    assert [note.size for note in reader.notes(below=3, limit=9)] == [2, 1]
    assert list(reader.leaves(1, 3)) == [a_row(1).leaf, a_row(2).leaf]
    assert list(reader.leaves(4, 9)) == [a_row(4).leaf]
    assert list(reader.rows(1, 3)) == [a_row(1), a_row(2)]
    assert reader.tile(0, 4) == bytes(8192)
    assert reader.tile(3, 4) is None
    assert list(reader.epochs()) == [EpochRow(bytes(16), 0, 1, 2, "2026-11")]
    assert reader.claimed("H14", "jti-4")
    assert not reader.claimed("H15", "jti-4")
    assert list(reader.newest(below=None, subject_tags=None, limit=2)) == [a_row(4), a_row(3)]
    assert [row.index for row in reader.newest(below=3, subject_tags=None, limit=9)] == [2, 1, 0]
    assert [row.index for row in reader.newest(below=None, subject_tags=[b"\x02" * 16], limit=9)] == [2]
    assert list(reader.newest(below=None, subject_tags=[], limit=9)) == []


def test_an_empty_store_says_so(place: Place) -> None:
    """Before the first batch there is nothing, to a writer and to a reader."""
    with place.store().write() as transaction:
        assert transaction.newest_note() is None
        assert list(transaction.tail(0)) == []
    reader = place.reader()
    assert reader.newest_note() is None
    assert list(reader.notes(below=None, limit=9)) == []
    assert list(reader.epochs()) == []
    assert list(reader.cosignatures(size=None, limit=9)) == []
    assert list(reader.stamps(size=None, limit=9)) == []


def test_a_redacted_row_has_no_envelope(place: Place) -> None:
    """A row without content is read back as it is."""
    batch = a_batch(0)
    with place.store().write() as transaction:
        transaction.add(replace(batch, rows=[replace(a_row(0), envelope=None)]))
    assert place.reader().rows(0, 1)[0].envelope is None


def test_several_epochs_come_in_the_order_of_the_log(place: Place) -> None:
    """A batch may announce several key epochs; they are told apart and listed by their entries."""
    epochs = [EpochRow(bytes([n]) * 16, 9 - n, 5, n, f"2026-{n:02}") for n in range(1, 8)]
    with place.store().write() as transaction:
        transaction.add(replace(a_batch(0, 9), epochs=epochs))
        wanted = [bytes([n]) * 16 for n in range(200)]
        assert transaction.announced(wanted) == {epoch.kid for epoch in epochs}
    assert list(place.reader().epochs()) == epochs[::-1]


def test_exception_inside_leaves_nothing(place: Place) -> None:
    """Leaving the block by an exception keeps nothing of the transaction, and the store goes on."""
    store = place.store()
    filled(store, 1)
    with pytest.raises(InterruptedError), store.write() as transaction:  # noqa: PT012  # both belong to the block
        transaction.add(a_batch(1))
        raise InterruptedError
    with store.write() as transaction:
        assert list(transaction.tail(0)) == [(0, a_row(0).leaf)]


def test_a_reader_sees_what_is_committed(place: Place) -> None:
    """Inside a transaction its rows are visible to it and to nobody else; afterwards to everybody."""
    store, reader = place.store(), place.reader()
    filled(store, 1)
    with store.write() as transaction:
        transaction.add(a_batch(1))
        assert len(transaction.tail(0)) == 2
        assert reader.newest_note() == Note(1, 1, "note 1")
        assert len(reader.leaves(0, 9)) == 1
    assert reader.newest_note() == Note(2, 1, "note 2")
    assert len(reader.leaves(0, 9)) == 2


@pytest.mark.parametrize(
    "batch",
    [
        a_batch(1),
        replace(a_batch(1), note=Note(77, 1, "another size"), tiles=[]),
        a_batch(5, claims=("jti-0",)),
        replace(a_batch(5), epochs=[EpochRow(bytes(16), 5, 1, 0, "")]),
        replace(a_batch(5), rows=[replace(a_row(5), leaf=b"short")]),
        replace(a_batch(5), tiles=[replace(a_batch(5).tiles[0], data=b"short")]),
    ],
    ids=["index and size", "first index", "claim", "key epoch", "leaf", "tile"],
)
def test_what_contradicts_the_log_is_refused(place: Place, batch: Batch) -> None:
    """No two batches take one place, no id is claimed twice, no hash is short: `constraint`, and nothing is kept."""
    store = place.store()
    filled(store, 2)
    with pytest.raises(StoreUnavailable) as caught, store.write() as transaction:
        transaction.add(batch)
    assert caught.value.reason == "constraint"
    assert not isinstance(caught.value, OutcomeUnknown)
    with store.write() as transaction:
        assert len(transaction.tail(0)) == 2


def test_many_claims_are_looked_up_at_once(place: Place) -> None:
    """A look-up larger than one statement may hold finds all of them."""
    store = place.store()
    with store.write() as transaction:
        transaction.add(a_batch(0, claims=tuple(f"jti-{n}" for n in range(1200))))
    with store.write() as transaction:
        pairs = [("H14", f"jti-{n}") for n in range(3000)]
        assert transaction.claimed(pairs) == {("H14", f"jti-{n}") for n in range(1200)}


def test_forgetting_is_bounded_and_takes_only_the_old(place: Place) -> None:
    """At most the given number of claims goes, and none that is still needed."""
    claims = [("H14", f"jti-{n}") for n in range(10)]
    with place.store().write() as transaction:
        transaction.add(a_batch(0, claims=tuple(jti for _, jti in claims)))
        transaction.forget(1000, 100)
        assert len(transaction.claimed(claims)) == 10
        transaction.forget(1001, 4)
        assert len(transaction.claimed(claims)) == 6


def test_the_oldest_claims_are_forgotten_first(place: Place) -> None:
    """What expired longest ago goes before what expired just now."""
    claims = [Claim("H14", f"jti-{until}", until) for until in (40, 10, 30, 20)]
    with place.store().write() as transaction:
        transaction.add(replace(a_batch(0), claims=claims))
        transaction.forget(100, 2)
        assert transaction.claimed([(c.issuer, c.jti) for c in claims]) == {("H14", "jti-30"), ("H14", "jti-40")}


def test_three_thousand_tags_are_searched_at_once(place: Place) -> None:
    """The newest of all entries under any of many tags come back, newest first, and quickly."""
    store, reader = place.store(), place.reader()
    tags = [number.to_bytes(16, "big") for number in range(1, 3001)]
    rows = [a_row(n, tag=tags[n * 7 % 3000] if n % 3 else b"z" * 16) for n in range(20_000)]
    with store.write() as transaction:
        transaction.add(replace(a_batch(0, 20_000), rows=rows))
    wanted = [row for row in reversed(rows) if row.index < 19_990 and row.subject_tag != b"z" * 16][:700]
    reader.newest(below=1, subject_tags=tags[:2], limit=1)

    began = time.perf_counter()
    found = reader.newest(below=19_990, subject_tags=[*tags, *tags[:50]], limit=700)
    took = time.perf_counter() - began

    assert list(found) == wanted
    assert took < 10  # a tenth of a second; the rest is for a busy machine
    assert list(reader.newest(below=None, subject_tags=[b"y" * 16], limit=9)) == []


def test_what_witnesses_and_authorities_said_is_kept_once(place: Place) -> None:
    """A second word of one witness on one size, or of one authority, changes nothing and is no error."""
    store, reader = place.store(), place.reader()
    filled(store, 2)
    said = [Cosignature(1, "b.example", 10, "b1"), Cosignature(1, "a.example", 11, "a1")]
    later = [Cosignature(2, "a.example", 12, "a2"), Cosignature(1, "a.example", 99, "again")]
    stamps = [Stamp(1, "tsa", 20, b"der 1"), Stamp(2, "tsa", 21, b"der 2"), Stamp(2, "tsa", 22, b"der 3")]
    with store.write() as transaction:
        transaction.cosign(said)
        transaction.stamp(stamps)
        transaction.stamp([])
    with store.write() as transaction:
        transaction.cosign(later)
        transaction.cosign([])
        transaction.stamp([Stamp(1, "tsa", 99, b"again"), Stamp(1, "other", 23, b"der 4")])

    assert list(reader.cosignatures(size=None, limit=9)) == [later[0], said[1], said[0]]
    assert list(reader.cosignatures(size=None, limit=1)) == [later[0]]
    assert list(reader.cosignatures(size=1, limit=9)) == [said[1], said[0]]
    assert list(reader.cosignatures(size=3, limit=9)) == []
    assert list(reader.stamps(size=None, limit=9)) == [stamps[1], Stamp(1, "other", 23, b"der 4"), stamps[0]]
    assert list(reader.stamps(size=2, limit=9)) == [stamps[1]]


def test_a_closed_store_can_be_used_again(place: Place) -> None:
    """Closing lets go of the connection and no more."""
    store, reader = place.store(), place.reader()
    filled(store, 1)
    reader.newest_note()
    store.close()
    reader.close()
    with store.write() as transaction:
        assert len(transaction.tail(0)) == 1
    assert reader.newest_note() is not None
