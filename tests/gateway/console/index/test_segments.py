"""A time becomes ranges of entries, exactly, whatever clocks did."""

import sqlite3
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.console.index.schema import BLOCK
from gateway.console.index.segments import ALWAYS, Segment, Time, segments, upto


@pytest.fixture(scope="module")
def memory() -> Iterator[sqlite3.Connection]:
    """A table of spans alone."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE span (block INTEGER PRIMARY KEY, least INTEGER NOT NULL, most INTEGER NOT NULL)")
    yield connection
    connection.close()


bound = st.none() | st.integers(-5, 60)
# blocks of three times each: some in order, some with clocks that were set back or ran ahead
blocks = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)), max_size=12)


@given(times=blocks, since=bound, until=bound, short=st.integers(0, BLOCK - 1))
def test_exact(
    memory: sqlite3.Connection,
    times: list[tuple[int, int, int]],
    since: int | None,
    until: int | None,
    short: int,
) -> None:
    """Whole segments lie within the time, every entry of the time is in a segment, and none is in two."""
    memory.execute("DELETE FROM span")
    spans = [(number, min(some), max(some)) for number, some in enumerate(times)]
    memory.executemany("INSERT INTO span VALUES (?, ?, ?)", spans)
    size = max(len(times) * BLOCK - short, 0)
    time = Time(since, until)
    found = segments(memory, time, size)
    assert all(part.start < part.end <= size for part in found)
    assert all(later.start >= earlier.end for later, earlier in pairwise(found))
    for number, some in enumerate(times):
        inside = [time.holds(at) for at in some]
        holding = [part for part in found if part.start <= number * BLOCK < part.end]
        if any(inside):
            assert len(holding) == 1
        if holding and holding[0].whole:
            assert all(inside)


def test_open_time(memory: sqlite3.Connection) -> None:
    """A time without limits is one segment, of an empty index none."""
    assert segments(memory, ALWAYS, 5000) == [Segment(0, 5000, True)]
    assert segments(memory, ALWAYS, 0) == []


def test_whole_neighbours_are_one(memory: sqlite3.Connection) -> None:
    """Blocks that lie within the time are read as one range."""
    memory.execute("DELETE FROM span")
    memory.executemany("INSERT INTO span VALUES (?, ?, ?)", [(n, 10 * n, 10 * n + 9) for n in range(5)])
    found = segments(memory, Time(15, None), 5 * BLOCK - 7)
    assert found == [Segment(2 * BLOCK, 5 * BLOCK - 7, True), Segment(BLOCK, 2 * BLOCK, False)]


@pytest.mark.parametrize(
    ("limit", "left"),
    [
        (None, [(20, 30), (0, 10)]),
        (30, [(20, 30), (0, 10)]),
        (25, [(20, 25), (0, 10)]),
        (20, [(0, 10)]),
        (5, [(0, 5)]),
        (0, []),
    ],
)
def test_upto(limit: int | None, left: list[tuple[int, int]]) -> None:
    """What is left below an entry keeps whether it is whole."""
    parts = [Segment(20, 30, True), Segment(0, 10, False)]
    found = list(upto(parts, limit))
    assert [(part.start, part.end) for part in found] == left
    assert all(part.whole is (part.start == 20) for part in found)
