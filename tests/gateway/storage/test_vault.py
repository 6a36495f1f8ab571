"""The vault's rows against their contract, on each engine."""

from dataclasses import replace

import pytest

from gateway.storage.vault import VaultRow, VaultStore, Wanted
from tests.gateway.storage.conftest import Place

ROW = VaultRow("answer", b"a" * 32, "H14", "open", 100, 1000, b"sealed")
ONE, TWO = b"1" * 16, b"2" * 16


@pytest.fixture
def store(place: Place) -> VaultStore:
    """An empty store."""
    return place.vault()


def put(store: VaultStore, *rows: tuple[VaultRow, tuple[bytes, ...]]) -> None:
    """Rows with their tags."""
    with store.write() as transaction:
        for row, tags in rows:
            transaction.vault.put(row, tags)


def test_what_was_put_is_read_back(place: Place, store: VaultStore) -> None:
    """Every column comes back as it went in, by id, by tag and in a list."""
    other = replace(ROW, id=b"b" * 32, created_us=200, agency="H41")
    elsewhere = replace(ROW, space="preview")
    put(store, (ROW, (ONE, TWO, ONE)), (other, (TWO,)), (elsewhere, (ONE,)))
    reader, wanted = place.reader(), Wanted("answer", 500, 9)
    assert sorted(reader.vault_rows("answer", [ROW.id, other.id, b"x"]), key=lambda r: r.id) == [ROW, other]
    assert list(reader.vault_about(TWO, wanted)) == [other, ROW]
    assert list(reader.vault_about(ONE, wanted)) == [ROW]
    assert list(reader.vault_listed(wanted)) == [other, ROW]
    with store.write() as transaction:
        assert transaction.vault.row("preview", ROW.id) == elsewhere
        assert transaction.vault.row("answer", b"x") is None


def test_a_list_is_limited_by_what_is_named(place: Place, store: VaultStore) -> None:
    """Agency, state, end and number each take rows away."""
    rows = [
        replace(ROW, id=bytes([n]) * 32, created_us=n, agency=agency, state=state, expires_us=ends)
        for n, (agency, state, ends) in enumerate(
            [
                ("H14", "open", 900),
                ("H14", "done", 900),
                ("H41", "open", 900),
                ("H14", "open", 500),
                ("H14", "open", 900),
            ]
        )
    ]
    put(store, *((row, ()) for row in rows))
    reader = place.reader()

    def listed(**named: object) -> list[int]:
        return [row.created_us for row in reader.vault_listed(replace(Wanted("answer", 500, 9), **named))]  # type: ignore[arg-type]

    assert listed() == [4, 2, 1, 0]
    assert listed(agency="H14") == [4, 1, 0]
    assert listed(agency="H14", state="open") == [4, 0]
    assert listed(limit=1) == [4]
    assert (reader.vault_held("answer", None, 500), reader.vault_held("answer", "H41", 500)) == (4, 1)


def test_what_ends_by_a_time_comes_in_that_order(place: Place, store: VaultStore) -> None:
    """Of one space, whether ended or not, a bounded number, the earliest first."""
    rows = [replace(ROW, id=bytes([n]) * 32, expires_us=ends) for n, ends in enumerate([300, 100, 200, 400])]
    put(store, *((row, (ONE,)) for row in rows), (replace(ROW, space="preview", expires_us=50), (ONE,)))
    reader = place.reader()
    assert list(reader.vault_ending("answer", 300, 9)) == [rows[1], rows[2], rows[0]]
    assert list(reader.vault_ending("answer", 300, 2)) == [rows[1], rows[2]]
    assert list(reader.vault_ending("answer", 99, 9)) == []


def test_no_agency_crowds_out_another(place: Place, store: VaultStore) -> None:
    """At most so many of each agency, its newest, whatever the others put; state and number still take rows away."""
    loud = [replace(ROW, id=bytes([n]) * 32, created_us=200 + n) for n in range(5)]
    quiet = replace(ROW, id=b"q" * 32, created_us=100, agency="H41")
    done = replace(ROW, id=b"d" * 32, created_us=300, agency="H41", state="done")
    put(store, *((row, (ONE,)) for row in (*loud, quiet, done)))
    reader, wanted = place.reader(), Wanted("answer", 500, 9, state="open", each=2)
    assert list(reader.vault_about(ONE, wanted)) == [loud[4], loud[3], quiet]
    assert list(reader.vault_about(ONE, replace(wanted, each=1, state=None))) == [done, loud[4]]
    assert list(reader.vault_about(ONE, replace(wanted, limit=1))) == [loud[4]]


def test_putting_again_replaces_row_and_tags(place: Place, store: VaultStore) -> None:
    """There is one row of an id, about those it was last said to be about."""
    put(store, (ROW, (ONE,)))
    put(store, (replace(ROW, sealed=b"new"), (TWO,)))
    reader, wanted = place.reader(), Wanted("answer", 0, 9)
    assert [row.sealed for row in reader.vault_about(TWO, wanted)] == [b"new"]
    assert list(reader.vault_about(ONE, wanted)) == []
    assert reader.vault_held("answer", None, 0) == 1


def test_what_is_removed_or_has_ended_leaves_no_tag(place: Place, store: VaultStore) -> None:
    """Sweeping takes a bounded number, the first to end first, with their tags; erasing goes by tag and space."""
    ended = [replace(ROW, id=bytes([n]) * 32, expires_us=10 + n) for n in range(3)]
    put(store, *((row, (ONE,)) for row in ended), (ROW, (ONE,)), (replace(ROW, space="preview"), (ONE,)))
    with store.write() as transaction:
        assert transaction.vault.sweep(12, 2) == 2
        assert transaction.vault.sweep(12, 2) == 1
        assert transaction.vault.sweep(12, 2) == 0
        assert [row.id for row in transaction.vault.about(ONE, ["answer"], 9)] == [ROW.id]
        transaction.vault.remove("answer", ROW.id)
        assert [row.space for row in transaction.vault.about(ONE, ["answer", "preview"], 9)] == ["preview"]
    assert list(place.reader().vault_about(ONE, Wanted("answer", 0, 9))) == []
