"""A job on the disk."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.console.exports import job as jobfile
from gateway.console.exports.job import Job, Stage
from gateway.console.model import EVERYTHING, Role, Scope, Wanted

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
JOB = Job(
    key="k",
    owner="kiem-tra-01",
    role=Role.PROVINCIAL_AUDITOR,
    scope=Scope(frozenset({"H14"})),
    form="csv",
    file="lienthong.csv",
    wanted=Wanted(since=AT, portal="H14", officer="Nguyễn Thị Ánh", tags=(b"\x00" * 16, b"\xff" * 16)),
    about={"portal": "H14"},
    masked="004*****0123",
    search=12,
    made=AT,
)


@pytest.mark.parametrize(
    "job",
    [
        JOB,
        replace(JOB, scope=EVERYTHING, role=Role.NATIONAL_AUDITOR, wanted=Wanted(), search=0, masked=""),
        replace(JOB, stage=Stage.READY, entries=3, bytes=9, sha256="ab", recorded=14, wanted=Wanted(until=AT, tags=())),
    ],
)
def test_kept_and_read(tmp_path: Path, job: Job) -> None:
    """A job is read as it was written."""
    jobfile.write(tmp_path, job)
    assert jobfile.read(tmp_path) == job


def test_none_and_spoilt(tmp_path: Path) -> None:
    """A folder without a job has none; a file of another shape is refused."""
    assert jobfile.read(tmp_path) is None
    for content in ("", "{}", "[1]", '{"key": "k"}'):
        (tmp_path / "job.json").write_text(content)
        with pytest.raises(ValueError, match=r"."):
            jobfile.read(tmp_path)


def test_selection() -> None:
    """The selection is what was asked for, within the scope; it says of the subject only that there was one."""
    selection = JOB.selection()
    assert (selection.since, selection.portal, selection.scope) == (AT, "H14", frozenset({"H14"}))
    assert selection.tags == frozenset({b"\x00" * 16, b"\xff" * 16})
    assert selection.words()["subject"] is True
    assert "tags" not in selection.words()
    assert "Ánh" not in repr(JOB)
