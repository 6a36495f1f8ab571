"""What one turn of following does, and what it says when something stands in the way. Real logs, real files."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from gateway.audit.events import EntryKind
from gateway.audit.keys import Places
from gateway.audit.ring import KeyRing
from gateway.console.index.builder import STEP
from gateway.console.index.schema import take
from gateway.console.index.turns import LOOK, PAUSES, TAKE_OVER, Progress, Turns, pause
from gateway.storage.contract import Reader
from gateway.storage.sqlite_reader import SqliteReader
from tests.gateway.audit.builders import START, a_decision, a_disclosure, an_epoch
from tests.gateway.console.index.indexed import KEY, RULES, append


def reader_of(folder: Path) -> Reader:
    """Of the log under a folder."""
    return SqliteReader(Places.under(folder).store)


@contextmanager
def turns(folder: Path) -> Iterator[Turns]:
    """Of the log under `folder`, closed at the end."""
    one = Turns(
        open_log=lambda: reader_of(folder),
        ring=KeyRing(Places.under(folder).ring),
        path=folder / "console" / "index.sqlite",
        key=KEY,
        rules=lambda: RULES,
        now=lambda: START,
    )
    try:
        yield one
    finally:
        one.close()


def until_idle(one: Turns) -> int:
    """Turn until there is nothing to do; how many turns did something."""
    worked = 0
    while one.turn() == 0.0:
        worked += 1
    return worked


def test_it_works_until_nothing_is_left_and_then_looks_twice_a_second(tmp_path: Path) -> None:
    """Entries and due days are work; then a pause short enough that a new entry appears within a second."""
    append(tmp_path, [a_decision(), a_disclosure()])
    with turns(tmp_path) as one:
        assert one.progress == Progress()
        assert until_idle(one) == 2  # the entries, the day they lie in
        assert one.turn() == LOOK < 1
        assert one.progress == Progress(building=True, behind=0, at=START)
        append(tmp_path, [a_disclosure()])
        assert until_idle(one) >= 1
        assert one.progress.behind == 0


def test_it_says_how_far_behind_it_is(tmp_path: Path) -> None:
    """More entries than a step takes leave the rest behind."""
    append(tmp_path, [a_decision() for _ in range(1200)])
    with turns(tmp_path) as one:
        one.turn()
        assert one.progress.behind == 201  # with the announcement of the keys
        until_idle(one)
        assert one.progress.behind == 0


def test_a_long_way_is_gone_in_long_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Far behind, a transaction takes more entries; close to the end they are shown after each short step."""
    monkeypatch.setattr("gateway.console.index.turns.FAR_STEP", 2 * STEP)
    append(tmp_path, [a_decision() for _ in range(2 * STEP + 500)])
    with turns(tmp_path) as one:
        one.turn()
        assert one.progress.behind == 501
    (tmp_path / "console" / "index.sqlite").unlink()
    monkeypatch.undo()
    with turns(tmp_path) as one:
        one.turn()
        assert one.progress.behind == 501 + STEP


def test_another_builder_is_waited_for_and_then_taken_over_from(tmp_path: Path) -> None:
    """One lock, one builder: the second only reads until the first has gone."""
    append(tmp_path, [a_decision()])
    with turns(tmp_path) as first, turns(tmp_path) as second:
        until_idle(first)
        assert second.turn() == TAKE_OVER
        assert second.progress == Progress(building=False, at=START)
        first.close()
        until_idle(second)
        assert second.progress.building
        assert first.turn() == TAKE_OVER


def test_a_store_that_is_away_is_named_and_comes_back(tmp_path: Path) -> None:
    """Pauses grow, the word stays, and with the store everything goes on by itself."""
    append(tmp_path, [a_decision()])
    store = Places.under(tmp_path).store
    with turns(tmp_path) as one:
        away = store.with_name("away.sqlite")
        store.rename(away)
        assert [one.turn() for _ in range(6)] == [*PAUSES, PAUSES[-1], PAUSES[-1]]
        assert one.progress.trouble == "log_away"
        away.rename(store)
        assert one.turn() == 0.0
        assert (one.progress.trouble, one.progress.behind) == (None, 0)


def test_the_store_may_go_while_it_follows(tmp_path: Path) -> None:
    """What is known stays known, and nothing is indexed twice."""
    append(tmp_path, [a_decision()])
    places = Places.under(tmp_path)
    with turns(tmp_path) as one:
        until_idle(one)
        content = places.store.read_bytes()
        places.store.write_bytes(b"no database " * 1000)
        for name in ("-wal", "-shm"):
            places.store.with_name(places.store.name + name).unlink(missing_ok=True)
        one.close()  # a new connection sees the file as it is now
        one.turn()
        assert one.progress.trouble == "log_away"
        places.store.write_bytes(content)
        until_idle(one)
        append(tmp_path, [a_disclosure()])
        until_idle(one)
        assert (one.progress.trouble, one.progress.behind) == (None, 0)


def test_a_spoilt_key_file_is_named_and_can_be_mended(tmp_path: Path) -> None:
    """A key file that others may read stops the following until it is private again."""
    append(tmp_path, [a_decision()])
    an_epoch(tmp_path, EntryKind.DECIDED)
    file = next(Places.under(tmp_path).ring.glob("*.decided.json"))
    with turns(tmp_path) as one:
        file.chmod(0o644)
        assert one.turn() == PAUSES[0]
        assert one.progress.trouble == "keys_refused"
        file.chmod(0o600)
        os.utime(file.parent)  # mended by writing it anew, as people do
        assert one.turn() == 0.0
        assert one.progress.trouble is None


def test_an_index_that_was_spoilt_is_built_again(tmp_path: Path) -> None:
    """Rubbish in the middle of the file is met, thrown away, and the log read from the beginning."""
    append(tmp_path, [a_decision() for _ in range(300)])
    path = tmp_path / "console" / "index.sqlite"
    with turns(tmp_path) as one:
        until_idle(one)
        one.close()
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(Random(7).randbytes(size - 4096))
        one.turn()
        assert one.progress.trouble == "index_unwritable"
        until_idle(one)
        assert (one.progress.trouble, one.progress.behind) == (None, 0)


def test_an_index_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder that is a file: the word, and no more than that."""
    append(tmp_path, [a_decision()])
    (tmp_path / "console").write_bytes(b"")
    with turns(tmp_path) as one:
        assert one.turn() == PAUSES[0]
        assert one.progress.trouble == "index_unwritable"
        (tmp_path / "console").unlink()
        assert one.turn() == 0.0


def test_a_lock_that_is_held_by_nobody_who_builds_is_respected(tmp_path: Path) -> None:
    """Whoever holds the lock is not disturbed, also by the throwing away of a spoilt index."""
    append(tmp_path, [a_decision()])
    path = tmp_path / "console" / "index.sqlite"
    handle = take(path)
    try:
        path.write_bytes(b"rubbish")
        with turns(tmp_path) as one:
            assert one.turn() == TAKE_OVER
            assert path.read_bytes() == b"rubbish"
    finally:
        os.close(handle)


@pytest.mark.parametrize(("failures", "seconds"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 5.0), (5, 5.0), (1000, 5.0)])
def test_pauses(failures: int, seconds: float) -> None:
    """Soon at first, every five seconds in the end."""
    assert pause(failures) == seconds
