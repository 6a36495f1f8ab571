"""Tests of walking the log by kind and time."""

import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.audit.errors import LogBroken
from gateway.audit.extract.walk import of_kinds
from gateway.audit.ring import KeyRing
from tests.gateway.audit.extract.mixed_log import MixedLog

ENDS = frozenset({"disclosed", "refused"})
SINCE, UNTIL = datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 12, tzinfo=UTC)


def test_kinds_and_times(mixed: MixedLog) -> None:
    """Exactly the entries of these kinds from `since` on and before `until`, oldest first, as they open."""
    expected = [entry for entry in mixed.entries() if entry.kind in ENDS and SINCE <= entry.at < UNTIL]
    with mixed.reader() as reader:
        assert list(of_kinds(reader, mixed.ring, ENDS, 0, mixed.size, since=SINCE, until=UNTIL)) == expected
        every = list(of_kinds(reader, mixed.ring, ENDS, 0, mixed.size, since=None, until=None))
        cut = list(of_kinds(reader, mixed.ring, ENDS, 40, 90, since=None, until=None))
    assert 0 < len(expected) < len(every)
    assert cut == [entry for entry in every if 40 <= entry.index < 90]
    edge = expected[0].at
    with mixed.reader() as reader:
        assert list(of_kinds(reader, mixed.ring, ENDS, 0, mixed.size, since=edge, until=UNTIL)) == expected
        assert expected[0] not in of_kinds(reader, mixed.ring, ENDS, 0, mixed.size, since=None, until=edge)


def test_what_is_sealed_is_there(mixed: MixedLog, tmp_path: Path) -> None:
    """Without keys the same entries, none of them readable: they can be counted."""
    with mixed.reader() as reader:
        opened = list(of_kinds(reader, mixed.ring, ENDS, 0, mixed.size, since=None, until=None))
        sealed = list(of_kinds(reader, KeyRing(tmp_path), ENDS, 0, mixed.size, since=None, until=None))
    assert [entry.index for entry in sealed] == [entry.index for entry in opened]
    assert {entry.payload for entry in sealed} == {None}


def test_an_altered_entry_ends_the_walk(mixed: MixedLog, tmp_path: Path) -> None:
    """Of whatever kind it says it is: nothing is counted beside it."""
    mine = replace(mixed, folder=shutil.copytree(mixed.folder, tmp_path / "mine"))
    connection = sqlite3.connect(mine.places.store)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("UPDATE entry SET env = ? WHERE idx = 5", (bytes(100),))
    connection.commit()
    connection.close()
    with mine.reader() as reader, pytest.raises(LogBroken) as broken:
        list(of_kinds(reader, mine.ring, ENDS, 0, mine.size, since=None, until=None))
    assert broken.value.detail.startswith("entry 5 is not the one")
