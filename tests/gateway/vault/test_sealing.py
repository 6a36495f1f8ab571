"""Sealing: what can be read, what cannot, and what is noticed."""

from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.storage.vault import VaultRow
from gateway.vault import Space, VaultUnreadable
from tests.gateway.vault.builders import ITEM, item, sealer


@given(st.binary(max_size=200), st.lists(st.binary(min_size=16, max_size=16), max_size=5))
def test_what_is_sealed_opens_as_it_was(content: bytes, subjects: list[bytes]) -> None:
    """Content and subjects come back, and neither can be found in the row."""
    kept = item(content=content, subjects=tuple(subjects))
    row = sealer().seal(kept)
    assert sealer().open(row) == kept
    assert len(content) < 8 or content not in row.sealed
    assert not any(subject in row.sealed for subject in subjects)


@pytest.mark.parametrize("column", [f.name for f in fields(VaultRow)])
def test_an_altered_row_does_not_open(column: str) -> None:
    """No column can be changed, so no row gets another portal, name, state or time."""
    row = sealer().seal(ITEM)
    value = getattr(row, column)
    other = {"space": "preview"}.get(column)
    end = b"?" if isinstance(value, bytes) else "?"
    changed = other or (value + 1 if isinstance(value, int) else value[:-1] + end)
    with pytest.raises(VaultUnreadable):
        sealer().open(replace(row, **{column: changed}))


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_no_byte_of_a_sealed_row_can_change(at: int, by: int) -> None:
    """Version, salt, ciphertext and tag are all held."""
    row = sealer().seal(ITEM)
    broken = bytearray(row.sealed)
    broken[at % len(broken)] ^= by
    with pytest.raises(VaultUnreadable):
        sealer().open(replace(row, sealed=bytes(broken)))
    with pytest.raises(VaultUnreadable):
        sealer().open(replace(row, sealed=row.sealed[: at % len(row.sealed)]))


def test_another_key_opens_nothing_and_names_nothing_the_same() -> None:
    """Rows, tags and names of two vaults have nothing in common."""
    one, two = sealer(), sealer(bytes(32))
    with pytest.raises(VaultUnreadable):
        two.open(one.seal(ITEM))
    assert one.tag("person", "1") != two.tag("person", "1")
    assert one.name(Space.ANSWER, "1") != two.name(Space.ANSWER, "1")


def test_names_do_not_run_into_each_other() -> None:
    """Where one part ends is a part of the name; a tag says what kind of subject it stands for."""
    named = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ()]
    assert len({sealer().name(Space.ANSWER, *parts) for parts in named}) == len(named)
    assert sealer().name(Space.ANSWER, "a") != sealer().name(Space.PREVIEW, "a")
    assert sealer().tag("person", "1") != sealer().tag("taxpayer", "1")
    assert (len(sealer().tag("person", "1")), len(sealer().name(Space.ANSWER))) == (16, 32)


def test_nothing_is_kept_without_an_end() -> None:
    """An item ends after it was made, at times with a zone; its content is in no `repr`."""
    with pytest.raises(ValueError, match="ends after"):
        sealer().seal(item(expires=ITEM.created))
    with pytest.raises(ValueError, match="zone"):
        sealer().seal(item(created=datetime(2026, 1, 1), expires=datetime(2026, 1, 1) + timedelta(1)))  # noqa: DTZ001
    assert "Nguy" not in repr(ITEM)
    assert repr(ITEM.content) not in repr(ITEM)
