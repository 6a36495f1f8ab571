"""What a job is about survives sealing, and nothing else opens it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.audit.errors import KeyFileRefused
from gateway.jobs.content import Content, Question, about, dump, load
from gateway.jobs.sealing import JobUnreadable, Sealer, open_key
from gateway.model import Call, Kind
from gateway.storage.jobs import JobRow, JobState
from tests.gateway.jobs.builders import ABOUT, FAILURE, FINDING, ID, KEY, QUESTION, sealer
from tests.helpers import builders

CONTENTS = pytest.mark.parametrize("content", [QUESTION, FINDING, FAILURE], ids=["question", "finding", "failure"])


def row(content: Content, made: Sealer) -> JobRow:
    """A stored row of a content."""
    state, sealed = made.seal(content, job=ID, agency="H14", decided=7)
    return JobRow(ID, "H14", state, "", 0, 1, 2, 7, 1, sealed)


@CONTENTS
def test_a_content_comes_back_as_it_was(content: Content) -> None:
    """Sealed and opened, every member is equal: names with accents, times, refusals with their flaws."""
    made = sealer()
    stored = row(content, made)
    assert made.open(stored) == content
    assert load(stored.state, dump(content)) == content


def test_a_question_keeps_what_a_caller_declared() -> None:
    """Declared values of any JSON type are the same afterwards."""
    declared = {"a": [1, 2.5, None, {"b": True}], "address": "Thôn 7, Xã Phục Hòa"}
    at = builders.AT + timedelta(microseconds=123456)
    asked = Question(builders.caller(issued_at=at), builders.ask(declared=declared), "t", "c")
    made = sealer()
    opened = made.open(row(asked, made))
    assert opened == asked
    assert isinstance(opened, Question)
    assert opened.ask.call is Call.DOSSIERS_PREFILL
    assert opened.caller.issued_at == at


@pytest.mark.parametrize(
    "change",
    [
        {"id": ID[:-1] + "1"},
        {"agency": "H41"},
        {"state": JobState.DONE},
        {"decided": 8},
        {"sealed": b""},
        {"sealed": bytes(60)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_row_does_not_open(change: dict[str, object]) -> None:
    """Name, portal, state, decision and bytes are bound together; nothing of the content is in the error."""
    made = sealer()
    with pytest.raises(JobUnreadable) as refused:
        made.open(replace(row(QUESTION, made), **change))  # type: ignore[arg-type]
    assert str(refused.value) == "a stored job cannot be opened"
    assert refused.value.__cause__ is None


def test_another_key_does_not_open_it() -> None:
    """Only processes with the same key file can read a job."""
    with pytest.raises(JobUnreadable):
        Sealer(bytes(32), bytes).open(row(FINDING, sealer()))


@CONTENTS
def test_nothing_personal_shows(content: Content) -> None:
    """Neither the sealed bytes nor `repr` hold an identifier, a name or a value."""
    shown = repr(content).encode() + row(content, sealer()).sealed
    for secret in (*builders.IDENTIFIERS[Kind.PERSON].values(), "Nguyễn", "a.b.c"):
        assert secret.encode() not in shown


def test_the_call_a_job_belongs_to_is_told_in_every_state() -> None:
    """A pending job names it by its question, a result by what was kept."""
    asked = about(QUESTION)
    assert (asked.call, asked.procedure) == (Call.PERSONS_LOOKUP, builders.PROCEDURE)
    assert [subject.id for subject in asked.subjects] == ["004192000123"]
    assert about(FINDING) == about(FAILURE) == ABOUT


def test_the_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    """A second process reads what the first has drawn."""
    path = tmp_path / "keys" / "jobs-key"
    assert open_key(path, lambda size: KEY[:size]) == KEY
    assert open_key(path, bytes) == KEY
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("content", "mode"), [(b"short", 0o600), (KEY + b"\n", 0o600), (KEY, 0o644)])
def test_a_bad_key_file_is_refused(tmp_path: Path, content: bytes, mode: int) -> None:
    """Another length, or a file that others can read, stops the start."""
    path = tmp_path / "jobs-key"
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(KeyFileRefused):
        open_key(path, bytes)
