"""A reader that rests between pages."""

import pytest

from gateway.console.exports.pace import Paced
from gateway.storage.sqlite_reader import SqliteReader
from tests.gateway.audit.extract.mixed_log import MixedLog


def test_rests_as_long_as_it_worked(mixed: MixedLog) -> None:
    """Between two pages it rests for as long as the work took, at most a fifth of a second, and changes nothing."""
    rested: list[float] = []
    times = iter([0.0, 0.03, 0.04, 9.0, 9.2])
    reader = SqliteReader(mixed.places.store)
    paced = Paced(reader, lambda: None, rest=rested.append, clock=lambda: next(times))
    assert paced.rows(0, 3) == reader.rows(0, 3)
    assert paced.newest(below=5, subject_tags=None, limit=2) == reader.newest(below=5, subject_tags=None, limit=2)
    assert paced.epochs() == reader.epochs()
    assert rested == pytest.approx([0.03, 0.2])
    reader.close()


def test_ends_when_told(mixed: MixedLog) -> None:
    """What the check raises ends the work before another page is read."""

    class Enough(Exception):  # noqa: N818
        pass

    def check() -> None:
        raise Enough

    paced = Paced(SqliteReader(mixed.places.store), check, rest=lambda _: None)
    with pytest.raises(Enough):
        paced.rows(0, 1)
    with pytest.raises(Enough):
        paced.newest(below=None, subject_tags=None, limit=1)
    paced.close()
