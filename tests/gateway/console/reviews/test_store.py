"""The file with samples and marks: everything is kept, by whoever, and seen within a scope."""

import sqlite3
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.console.model import EVERYTHING, Scope
from gateway.console.reviews.store import VERSION, Reviews
from gateway.console.reviews.values import Draw, Mark, Marked, ReviewsUnavailable

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def a_draw(**changes: Any) -> Draw:
    """A sample to be."""
    given: dict[str, Any] = {
        "by": "kiem-tra-01",
        "at": AT,
        "since": AT - timedelta(days=30),
        "until": AT,
        "how": "risk",
        "asked": 3,
        "seed": 1 << 47,
        "portals": None,
        "indices": (7, 11, 4),
        "recorded": 140,
    }
    return Draw(**{**given, **changes})


def a_mark(reviewer: str = "kiem-tra-01", mark: Mark = Mark.FINE, note: str = "", recorded: int = 141) -> Marked:
    """A mark."""
    return Marked(reviewer, AT + timedelta(minutes=recorded - 140), mark, note, recorded)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file will be."""
    return tmp_path / "console" / "reviews.sqlite"


def test_kept_over_a_restart(path: Path) -> None:
    """A sample, its order and its marks are there when the file is opened again, and the file is its owner's alone."""
    reviews = Reviews(path)
    number = reviews.add(a_draw())
    reviews.mark(number, 2, a_mark(note="hỏi lại\ncơ quan", mark=Mark.QUESTION))
    reviews.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = Reviews(path)
    sample = again.sample(number, EVERYTHING)
    assert sample is not None
    assert (sample.by, sample.seed, sample.how, sample.asked, sample.recorded) == (
        "kiem-tra-01",
        1 << 47,
        "risk",
        3,
        140,
    )
    assert (sample.since, sample.until) == (AT - timedelta(days=30), AT)
    assert (sample.size, sample.marked, sample.marks, sample.reviewers) == (3, 1, {"question": 1}, ("kiem-tra-01",))
    assert [(item.place, item.index) for item in again.items(number)] == [(1, 7), (2, 11), (3, 4)]
    assert again.items(number)[1].marks[0] == a_mark(note="hỏi lại\ncơ quan", mark=Mark.QUESTION)
    again.close()


def test_changed_mind_keeps_history(path: Path) -> None:
    """A later mark stands beside the earlier one; the newest of each reviewer counts for him, the newest of all for
    the sample."""
    reviews = Reviews(path)
    number = reviews.add(a_draw())
    reviews.mark(number, 1, a_mark("a", Mark.FINE, recorded=141))
    reviews.mark(number, 1, a_mark("b", Mark.QUESTION, recorded=142))
    reviews.mark(number, 1, a_mark("a", Mark.BREACH, recorded=143))
    item = reviews.items(number)[0]
    assert [one.mark for one in item.marks] == [Mark.FINE, Mark.QUESTION, Mark.BREACH]
    assert [(one.reviewer, one.mark) for one in item.standing()] == [("a", Mark.BREACH), ("b", Mark.QUESTION)]
    newest = item.newest_of("a")
    assert newest is not None
    assert newest.recorded == 143
    assert item.newest_of("c") is None
    sample = reviews.sample(number, EVERYTHING)
    assert sample is not None
    assert (sample.marked, sample.marks, sample.reviewers) == (1, {"breach": 1}, ("a", "b"))
    reviews.close()


@pytest.mark.parametrize("table", ["sample", "item", "mark"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET rowid_ = 1"])
def test_file_refuses_changes(path: Path, table: str, statement: str) -> None:
    """Whoever opens the file with another program cannot change or remove a row by accident."""
    reviews = Reviews(path)
    reviews.mark(reviews.add(a_draw()), 1, a_mark())
    reviews.close()
    column = {"sample": "seed", "item": "idx", "mark": "note"}[table]
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="kept for ever"):
        connection.execute(statement.format(table).replace("rowid_", column))
    connection.close()


def test_scope(path: Path) -> None:
    """A sample is seen by those who may see every portal it was drawn from."""
    reviews = Reviews(path)
    everything = reviews.add(a_draw())
    mine = reviews.add(a_draw(portals=frozenset({"H14.5"})))
    other = reviews.add(a_draw(portals=frozenset({"H14", "H15"})))
    province = Scope(frozenset({"H14"}))
    assert [sample.number for sample in reviews.samples(province)] == [mine]
    assert [sample.number for sample in reviews.samples(EVERYTHING)] == [other, mine, everything]
    assert reviews.sample(everything, province) is None
    assert reviews.sample(other, province) is None
    assert reviews.sample(mine, province) is not None
    reviews.close()


def test_pages(path: Path) -> None:
    """Samples come the newest first, a page at a time."""
    reviews = Reviews(path)
    numbers = [reviews.add(a_draw(recorded=place)) for place in range(5)]
    first = reviews.samples(EVERYTHING, limit=2)
    assert [one.number for one in first] == numbers[:2:-1]
    assert [one.number for one in reviews.samples(EVERYTHING, below=first[-1].number, limit=9)] == numbers[2::-1]
    reviews.close()


def test_nothing_half_done(path: Path) -> None:
    """A sample with an entry twice, and a mark of an item there is not, leave nothing behind."""
    reviews = Reviews(path)
    with pytest.raises(ReviewsUnavailable):
        reviews.add(a_draw(indices=(7, 7)))
    assert reviews.samples(EVERYTHING) == ()
    number = reviews.add(a_draw())
    with pytest.raises(ReviewsUnavailable):
        reviews.mark(number, 4, a_mark())
    assert all(not item.marks for item in reviews.items(number))
    reviews.close()


def test_from_several_threads(path: Path) -> None:
    """Reviewers who mark at the same moment all have their marks."""
    reviews = Reviews(path)
    number = reviews.add(a_draw())
    threads = [
        threading.Thread(target=reviews.mark, args=(number, 1, a_mark(f"reviewer-{n}", recorded=141 + n)))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reviews.items(number)[0].marks) == 8
    reviews.close()


@pytest.mark.parametrize("content", [b"not a database at all, nor anything like it", None])
def test_unusable_file(path: Path, content: bytes | None) -> None:
    """A spoilt file, and one of another version, are refused with a word and left as they are."""
    path.parent.mkdir(parents=True)
    if content is not None:
        path.write_bytes(content)
    else:
        connection = sqlite3.connect(path)
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
        connection.close()
    before = path.read_bytes()
    reviews = Reviews(path)
    with pytest.raises(ReviewsUnavailable) as refused:
        reviews.samples(EVERYTHING)
    assert refused.value.reason == ("failed" if content else "schema")
    assert path.read_bytes() == before


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Without a folder there are no reviews, and that is said."""
    (tmp_path / "console").write_text("a file")
    with pytest.raises(ReviewsUnavailable, match="failed"):
        Reviews(tmp_path / "console" / "reviews.sqlite").samples(EVERYTHING)
