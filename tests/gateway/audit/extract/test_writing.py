"""The file of an extract: broken off anywhere it continues to the same bytes, and it never spoils another."""

import asyncio
import hashlib
import json
import random
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.errors import ExportRefused
from gateway.audit.extract import writing
from gateway.audit.extract.selection import Selection
from gateway.audit.extract.state import State, read_state, state_file
from gateway.audit.reading import as_json
from gateway.storage.contract import Row
from gateway.storage.sqlite_reader import SqliteReader
from tests.gateway.audit.builders import PERSON, a_disclosure, a_log, keys
from tests.gateway.audit.extract.mixed_log import STRANGER, MixedLog, lines


class PowerCut(Exception):  # noqa: N818
    """The machine stopped."""


class Dying:
    """A reader that dies at the n-th page."""

    def __init__(self, reader: SqliteReader, pages: int) -> None:
        self._reader, self._left = reader, pages

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def rows(self, start: int, end: int) -> Sequence[Row]:
        """A page, or the end."""
        self._left -= 1
        if self._left < 0:
            raise PowerCut
        return self._reader.rows(start, end)


def test_json_lines_are_the_entries_and_nothing_else(mixed: MixedLog, tmp_path: Path) -> None:
    """One object a line, as `gateway log show --json` prints it; the state says how many and what the digest is."""
    out = tmp_path / "all.jsonl"
    done = mixed.extract(out, "jsonl", Selection())
    assert lines(out) == [as_json(entry) for entry in mixed.entries()]
    data = out.read_bytes()
    assert (done.entries, done.bytes, done.sha256) == (mixed.size, len(data), hashlib.sha256(data).hexdigest())
    assert done.sealed == sum(entry.payload is None for entry in mixed.entries())
    assert "kiểm.toán".encode() in data


def test_files_are_for_their_owner_alone(mixed: MixedLog, tmp_path: Path) -> None:
    """What entries say, and how far a search has come, is readable by nobody else."""
    out = tmp_path / "all.csv"
    mixed.extract(out, "csv", Selection())
    for path in tmp_path.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("asked", [{}, {"portal": "H14"}, {"subject": PERSON}])
def test_a_run_that_is_broken_off_continues_to_the_same_bytes(
    mixed: MixedLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, asked: dict[str, Any]
) -> None:
    """Stopped at any page, with the file cut off or grown behind its state at any byte: the same file and digest."""
    monkeypatch.setattr("gateway.audit.extract.walk.PAGE", 10)
    selection, chance = Selection(**asked), random.Random(11)
    whole = mixed.extract(tmp_path / "whole", form, selection)
    stops = 0
    for number in range(8):
        out = tmp_path / f"part-{number}"
        while True:
            with mixed.reader() as reader:
                dying = Dying(reader, chance.randint(0, 12))
                try:
                    done = mixed.writer(out, form, selection, dying, every=chance.randint(1, 30)).write()
                    break
                except PowerCut:
                    stops += 1
            state = read_state(out)
            assert state is not None
            with out.open("r+b") as file:  # what a crash leaves behind the last durable state is anybody's guess
                file.truncate(state.bytes + chance.randint(0, 3000) if chance.random() < 0.5 else state.bytes)
                file.seek(0, 2)
                file.write(chance.randbytes(chance.randint(0, 200)))
        assert out.read_bytes() == (tmp_path / "whole").read_bytes()
        assert (done.sha256, done.entries, done.sealed) == (whole.sha256, whole.entries, whole.sealed)
    assert stops > 8


async def test_a_continued_extract_ends_where_it_was_begun(tmp_path: Path) -> None:
    """Entries written after the beginning are not in it, and its checkpoint is the one of the beginning."""
    _, signer, _ = keys(tmp_path)
    async with a_log(tmp_path) as log:
        await asyncio.gather(*(log.append(a_disclosure()) for _ in range(20)))
        note = log.checkpoint()
    grown, out = MixedLog(tmp_path, signer.key, ()), tmp_path / "a.jsonl"
    with grown.reader() as reader, pytest.raises(PowerCut):
        grown.writer(out, "jsonl", Selection(), Dying(reader, 0)).write()
    async with a_log(tmp_path) as log:
        await asyncio.gather(*(log.append(a_disclosure()) for _ in range(20)))
        assert log.checkpoint() != note
    done = grown.extract(out, "jsonl", Selection())
    assert note is not None
    assert (done.note, done.end, done.entries) == (note, *[int(note.splitlines()[1])] * 2)


def test_a_finished_file_stays_as_it_is(mixed: MixedLog, tmp_path: Path) -> None:
    """A second run writes nothing: same state, same time of change."""
    out = tmp_path / "a.csv"
    done = mixed.extract(out, "csv", Selection(portal="H14"))
    before = out.stat().st_mtime_ns
    assert mixed.extract(out, "csv", Selection(portal="H14")) == done
    assert out.stat().st_mtime_ns == before


@pytest.mark.parametrize("finished", [True, False])
def test_another_selection_does_not_continue_a_file(mixed: MixedLog, tmp_path: Path, finished: bool) -> None:
    """Other filters, another subject, form, extent or log: refused, whether the file is finished or not."""
    out, asked = tmp_path / "a.csv", Selection(portal="H14", subject=PERSON)
    if finished:
        mixed.extract(out, "csv", asked)
    else:
        with mixed.reader() as reader, pytest.raises(PowerCut):
            mixed.writer(out, "csv", asked, Dying(reader, 1), every=1).write()
    content = out.read_bytes()
    for form, selection, options in (
        ("csv", Selection(portal="H14.5", subject=PERSON), {}),
        ("csv", Selection(portal="H14", subject=STRANGER), {}),
        ("csv", Selection(portal="H14"), {}),
        ("csv", Selection(portal="H14", subject=PERSON, scope=frozenset({"H14"})), {}),
        ("jsonl", asked, {}),
        ("csv", asked, {"end": 100}),
        ("csv", asked, {"first": 1}),
    ):
        with pytest.raises(ExportRefused, match="another selection"):
            mixed.extract(out, form, selection, **options)
    assert out.read_bytes() == content
    assert mixed.extract(out, "csv", asked).done


def test_what_is_there_is_never_written_over(mixed: MixedLog, tmp_path: Path) -> None:
    """A file without a state, one that was altered, a spoilt state, a link: refused, and left as they are."""
    out = tmp_path / "mine.csv"
    out.write_text("mine")
    with pytest.raises(ExportRefused, match="is there already"):
        mixed.extract(out, "csv", Selection())
    assert out.read_text() == "mine"
    out = tmp_path / "a.csv"
    mixed.extract(out, "csv", Selection())
    whole, state = out.read_bytes(), state_file(out).read_bytes()
    for spoilt in (whole[:-1], whole + b"x", b"x" + whole[1:], b""):
        out.write_bytes(spoilt)
        with pytest.raises(ExportRefused, match="is not what was written"):
            mixed.extract(out, "csv", Selection())
        assert out.read_bytes() == spoilt
    out.write_bytes(whole)
    said = json.loads(state)
    for broken in (
        b"",
        b"[]",
        b"{}",
        b"[" * 9999,
        json.dumps({**said, "v": 2}).encode(),
        json.dumps({**said, "salt": "x"}).encode(),
        json.dumps({**said, "next": "1"}).encode(),
        json.dumps({**said, "more": 1}).encode(),
    ):
        state_file(out).write_bytes(broken)
        with pytest.raises(ExportRefused, match="not the state of an extract"):
            mixed.extract(out, "csv", Selection())
    state_file(out).write_bytes(state)
    assert mixed.extract(out, "csv", Selection()).done
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        mixed.extract(link, "csv", Selection())


def test_two_runs_do_not_write_one_file(mixed: MixedLog, tmp_path: Path) -> None:
    """The second is refused while the first is at it."""
    out = tmp_path / "a.csv"
    with mixed.reader() as reader, pytest.raises(PowerCut):
        mixed.writer(out, "csv", Selection(), Dying(reader, 0)).write()
    with writing._held(out), pytest.raises(ExportRefused, match="another run"):
        mixed.extract(out, "csv", Selection())


def test_no_file_names_whom_a_search_is_about(mixed: MixedLog, tmp_path: Path) -> None:
    """Neither the number nor a digest of it that could be tried out stands in the state."""
    out = tmp_path / "a.csv"
    state = mixed.extract(out, "csv", Selection(subject=PERSON))
    text = state_file(out).read_text()
    salt = bytes.fromhex(state.salt)
    assert PERSON not in text
    assert PERSON not in repr(state)
    for made in (salt + PERSON.encode(), PERSON.encode() + salt, PERSON.encode()):
        assert hashlib.sha256(made).hexdigest() not in text
    assert state.entries == sum(about == PERSON for about in mixed.about) - sum(
        entry.payload is None and about == PERSON for entry, about in zip(mixed.entries(), mixed.about, strict=True)
    )


def test_a_search_for_a_subject_needs_keys(mixed: MixedLog, tmp_path: Path) -> None:
    """Without a key ring nobody can be found: that is said, instead of an empty file."""
    ring = type(mixed.ring)(tmp_path / "none")
    with mixed.reader() as reader, pytest.raises(ExportRefused, match="not the keys"):
        mixed.writer(tmp_path / "a.csv", "csv", Selection(subject=PERSON), reader, ring=ring).write()
    assert list(tmp_path.iterdir()) == []


def test_a_part_of_the_log(mixed: MixedLog, tmp_path: Path) -> None:
    """`first` and `end` bound what is looked at; a part with no entries is refused."""
    done = mixed.extract(tmp_path / "a", "jsonl", Selection(), first=10, end=20)
    assert [line["index"] for line in lines(tmp_path / "a")] == list(range(10, 20))
    assert (done.first, done.end, done.next) == (10, 20, 20)
    assert mixed.extract(tmp_path / "b", "jsonl", Selection(), first=10, end=10_000).end == mixed.size
    with pytest.raises(ExportRefused, match="there is none"):
        mixed.extract(tmp_path / "c", "jsonl", Selection(), first=mixed.size)
    with pytest.raises(ValueError, match="form: one of csv, jsonl"):
        mixed.extract(tmp_path / "d", "xml", Selection())


def test_entries_can_be_handed_in(mixed: MixedLog, tmp_path: Path) -> None:
    """Indices from an index of somebody else give the same file as the scan."""
    selection = Selection(portal="H14", kind="disclosed")
    whole = mixed.extract(tmp_path / "scan", "csv", selection)
    with mixed.reader() as reader:
        writer = mixed.writer(tmp_path / "handed", "csv", selection, reader)
        wanted = [e.index for e in mixed.entries() if e.kind == "disclosed"]
        assert writer.write(indices=iter(reversed(wanted))).sha256 == whole.sha256


async def test_memory_does_not_grow_with_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times the entries take about the same memory, and far less than the file."""
    monkeypatch.setattr("gateway.audit.extract.walk.PAGE", 20)
    few, many = 300, 3_000
    _, signer, _ = keys(tmp_path)
    async with a_log(tmp_path) as log:
        await asyncio.gather(*(log.append(a_disclosure()) for _ in range(many)))
    peaks = []
    for count in (few, many):
        big = MixedLog(tmp_path, signer.key, [""] * count)
        tracemalloc.start()
        state: State = big.extract(tmp_path / f"{count}.csv", "csv", Selection(), end=count)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert state.entries == count
    assert peaks[1] < peaks[0] * 1.25
    assert peaks[1] < (tmp_path / f"{many}.csv").stat().st_size / 4
