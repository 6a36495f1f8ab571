"""Exports: written, grown, broken off; what an export never continues; and the checker against every alteration."""

import base64
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.audit import check
from gateway.audit.errors import ExportRefused, LogBroken
from gateway.audit.export import Exported, Exporter
from gateway.storage.sqlite_reader import SqliteReader
from signing import merkle
from signing.notes import Checkpoint
from tests.gateway.audit import long_log
from tests.gateway.audit.builders import a_decision, a_log, keys
from tests.gateway.audit.long_log import SIZE, LongLog

Spoil = Callable[[Path], object]


def export(log: LongLog, folder: Path, *, contents: bool = False, first: int = 0, end: int | None = None) -> Exported:
    """One export."""
    reader = SqliteReader(log.places.store)
    ring = keys(log.folder)[2] if contents else None
    try:
        return Exporter(reader, log.signer.key, folder, ring=ring).write(first=first, end=end)
    finally:
        reader.close()


def verify(log: LongLog, folder: Path, *earlier: int, opened: bool = False) -> check.Report:
    """What the checker says with the public key, checkpoints of earlier sizes, and the key ring."""
    key = check.parse_key(log.vkey)
    old = [check.open_checkpoint(str(log.notes[size]), key) for size in earlier]
    ring = check.read_keys(log.places.ring) if opened else None
    return check.check_export(folder, key=key, earlier=old, keys=ring)


def found(log: LongLog, folder: Path, *earlier: int, opened: bool = False) -> tuple[int | None, str]:
    """The violation the checker names."""
    with pytest.raises(check.Violation) as caught:
        verify(log, folder, *earlier, opened=opened)
    return caught.value.index, caught.value.what


def names(folder: Path) -> set[str]:
    """Every file in an export."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def cut(log: LongLog, folder: Path, size: int) -> LongLog:
    """A copy of the log as it was at an earlier size."""
    copy = log.copy(folder)
    database = sqlite3.connect(copy.places.store)
    for statement in (
        "DELETE FROM entry WHERE idx >= ?",
        "DELETE FROM checkpoint WHERE size > ?",
        "DELETE FROM tile WHERE (n + 1) * 256 > ?",
    ):
        database.execute(statement, (size,))
    database.commit()
    database.close()
    return copy


def test_the_layout(whole: LongLog, tmp_path: Path) -> None:
    """Checkpoint, tiles and bundles lie where C2SP tlog-tiles puts them, and hold what it says."""
    done = export(whole, tmp_path)
    assert done == Exported(0, SIZE, SIZE, 10, 0)
    assert names(tmp_path) == {
        "checkpoint",
        "log.vkey",
        "manifest.json",
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/88",
        "tile/1/000.p/2",
        "tile/entries/000",
        "tile/entries/001",
        "tile/entries/002.p/88",
    }
    assert (tmp_path / "checkpoint").read_text(encoding="utf-8") == whole.notes[SIZE]
    assert (tmp_path / "tile/0/002.p/88").read_bytes() == b"".join(whole.leaves[512:])
    at, leaves, data = 0, [], (tmp_path / "tile/entries/001").read_bytes()
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        leaves.append(merkle.leaf_hash(data[at + 2 : at + 2 + length]))
        at += 2 + length
    assert leaves == whole.leaves[256:512]
    assert json.loads((tmp_path / "manifest.json").read_bytes()) == {
        "v": 1,
        "log": whole.signer.name,
        "size": SIZE,
        "root": base64.b64encode(merkle.root(whole.leaves)).decode(),
        "first": 0,
        "end": SIZE,
        "contents": False,
    }


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513])
def test_exports_of_every_edge_verify(whole: LongLog, tmp_path: Path, size: int) -> None:
    """Logs that end before, at and behind the end of a tile are exported and verified, with every earlier edge."""
    log = cut(whole, tmp_path / "log", size)
    export(log, tmp_path / "export")
    earlier = [old for old in (1, 2, 128, 255, 256, 257, 512, 513) if old <= size]
    report = verify(log, tmp_path / "export", *earlier, opened=True)
    assert (report.entries, report.newest.size) == (size, size)
    assert report.opened == size - 1
    assert report.remarks == ()


def test_an_export_grows(whole: LongLog, tmp_path: Path) -> None:
    """Exported again and again while the log grows, a folder is the same as one exported at once, and verifies."""
    grown = tmp_path / "grown"
    for size in (1, 30, 255, 256, 300, 511, 512, 513):
        log = cut(whole, tmp_path / f"log-{size}", size)
        export(log, grown)
        assert verify(log, grown).entries == size
    done = export(whole, grown)
    export(whole, tmp_path / "once")
    assert names(grown) == names(tmp_path / "once")
    assert all((grown / name).read_bytes() == (tmp_path / "once" / name).read_bytes() for name in names(grown))
    assert (done.written, done.kept) == (4, 6)
    assert export(whole, grown) == Exported(0, SIZE, SIZE, 0, 10)


@pytest.mark.parametrize("after", range(10))
def test_an_export_broken_off_goes_on(
    whole: LongLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Broken off after any number of files, nothing half-written is left, and the next run completes it."""
    written = 0
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        nonlocal written
        if written == after:
            raise OSError(28, "No space left on device")
        written += 1
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        export(whole, tmp_path)
    monkeypatch.undo()
    assert not list(tmp_path.rglob(".new-*"))
    with pytest.raises(check.CannotCheck, match="not finished"):
        verify(whole, tmp_path)
    assert export(whole, tmp_path) == Exported(0, SIZE, SIZE, 10 - after, after)
    assert verify(whole, tmp_path).entries == SIZE


def test_what_a_killed_run_left_is_cleared(whole: LongLog, tmp_path: Path) -> None:
    """A file that was being written when the process died does not stand in the way, and does not stay."""
    (tmp_path / ".new-abc").write_bytes(b"half")
    export(whole, tmp_path)
    (tmp_path / ".new-def").write_bytes(b"half")
    assert export(whole, tmp_path).written == 0
    assert not [name for name in names(tmp_path) if name.startswith(".new-")]


def test_an_older_export_stays_good_until_the_new_one_is_complete(
    whole: LongLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a folder grows, what it was before still verifies: new tiles and bundles stand beside the old ones."""
    old = cut(whole, tmp_path / "log", 300)
    export(old, tmp_path / "export")
    put = Exporter._put

    def breaks(self: Exporter, path: Path, data: bytes) -> None:
        if path == Path("checkpoint"):
            raise OSError(28, "No space left on device")
        put(self, path, data)

    monkeypatch.setattr(Exporter, "_put", breaks)
    with pytest.raises(OSError, match="No space"):
        export(whole, tmp_path / "export")
    assert verify(old, tmp_path / "export").entries == 300


def test_spoilt_files_are_written_anew(whole: LongLog, tmp_path: Path) -> None:
    """What is there and wrong is not kept: a second run mends it."""
    export(whole, tmp_path)
    for name in ("tile/0/001", "tile/entries/000"):
        (tmp_path / name).write_bytes(b"\x00" * (tmp_path / name).stat().st_size)
    (tmp_path / "tile/entries/001").write_bytes((tmp_path / "tile/entries/001").read_bytes()[:-1])
    assert export(whole, tmp_path).written == 3
    assert verify(whole, tmp_path).entries == SIZE


@pytest.mark.parametrize(
    ("asked", "got", "missing"),
    [
        ({"first": 0, "end": 1}, (0, 256), {"tile/0/001", "tile/entries/001", "tile/entries/002.p/88"}),
        ({"first": 300, "end": 301}, (256, 512), {"tile/0/000", "tile/entries/000", "tile/entries/002.p/88"}),
        ({"first": 512}, (512, 600), {"tile/0/000", "tile/0/001", "tile/entries/000", "tile/entries/001"}),
        ({"end": 9999}, (0, 600), set()),
    ],
)
def test_a_range(
    whole: LongLog, tmp_path: Path, asked: dict[str, Any], got: tuple[int, int], missing: set[str]
) -> None:
    """Some entries are exported as whole bundles, and verified under the one checkpoint without the others."""
    export(whole, tmp_path / "all")
    done = export(whole, tmp_path / "part", **asked)
    assert (done.first, done.end, done.size) == (*got, SIZE)
    assert names(tmp_path / "all") - names(tmp_path / "part") == missing
    report = verify(whole, tmp_path / "part", opened=True)
    assert (report.first, report.entries, report.newest.size) == (got[0], got[1] - got[0], SIZE)
    assert report.opened == report.entries - (got[0] == 0)
    assert [remark for remark in report.remarks if "announced before" in remark] == (
        ["key epochs announced before the first entry exported were not checked"] if got[0] else []
    )


def test_a_range_and_an_earlier_checkpoint(whole: LongLog, tmp_path: Path) -> None:
    """A range shows the past where it has the leaves for it, and says so where it does not."""
    export(whole, tmp_path, first=300, end=301)
    assert verify(whole, tmp_path, 256, 300, 512, 600).entries == 256
    with pytest.raises(check.CannotCheck, match="size 100 cannot be held against"):
        verify(whole, tmp_path, 100)


def test_ranges_that_are_empty(whole: LongLog, tmp_path: Path) -> None:
    """A range without an entry is refused before anything is written."""
    for first, end in ((600, None), (5, 5), (7, 3)):
        with pytest.raises(ExportRefused, match="there is none"):
            export(whole, tmp_path / "none", first=first, end=end)
    assert not (tmp_path / "none").exists()


def test_contents_in_clear(whole: LongLog, tmp_path: Path) -> None:
    """Asked for, what the entries say stands beside them, a line each, and is held against them with the keys."""
    export(whole, tmp_path, contents=True)
    lines = [json.loads(line) for line in (tmp_path / "contents/001.jsonl").read_text().splitlines()]
    assert [line["index"] for line in lines] == list(range(256, 512))
    assert [line["leaf"] for line in lines] == [leaf.hex() for leaf in whole.leaves[256:512]]
    assert {line["content"]["officer"] for line in lines} == {"cb-0042"}
    assert verify(whole, tmp_path, opened=True).remarks == ()
    assert verify(whole, tmp_path).remarks == ("contents/ was not held against the entries: that needs their keys",)
    assert export(whole, tmp_path, contents=True).written == 0


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (lambda f, _: (f / "holiday.jpg").write_bytes(b"x"), "something else"),
        (lambda f, _: (f / "manifest.json").write_text("{}"), "another log, or a spoilt one"),
        (lambda f, _: (f / "checkpoint").unlink(), "another log, or a spoilt one"),
        (lambda f, _: (f / "checkpoint").write_text("x"), "another log, or a spoilt one"),
    ],
)
def test_what_an_export_is_not_written_over(
    whole: LongLog, tmp_path: Path, there: Callable[[Path, LongLog], object], words: str
) -> None:
    """A folder with other things in it is left as it is."""
    export(whole, tmp_path)
    there(tmp_path, whole)
    before = {name: (tmp_path / name).read_bytes() for name in names(tmp_path)}
    with pytest.raises(ExportRefused, match=words):
        export(whole, tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in names(tmp_path)} == before


def test_an_export_of_another_extent_is_not_continued(whole: LongLog, tmp_path: Path) -> None:
    """Another beginning, an earlier end, or contents that were not there before want a folder of their own."""
    export(whole, tmp_path, end=512)
    for first, end, contents in ((256, None, False), (0, 100, False), (0, None, True)):
        with pytest.raises(ExportRefused, match="another extent"):
            export(whole, tmp_path, first=first, end=end, contents=contents)
    assert export(whole, tmp_path).end == SIZE


def test_a_log_that_was_cut_back_is_noticed(whole: LongLog, tmp_path: Path) -> None:
    """An export of the longer log is not overwritten by the shorter one."""
    export(whole, tmp_path / "export")
    with pytest.raises(ExportRefused, match="cut back"):
        export(cut(whole, tmp_path / "log", 300), tmp_path / "export")


def test_a_log_that_was_rewritten_is_noticed(whole: LongLog, tmp_path: Path) -> None:
    """An export whose checkpoint is not the beginning of the store's log is not continued, even under the same key."""
    other = long_log.make(rekeyed(whole, tmp_path / "other"), size=300)
    export(other, tmp_path / "export")
    with pytest.raises(ExportRefused, match="rewritten"):
        export(whole, tmp_path / "export")


def rekeyed(log: LongLog, folder: Path) -> Path:
    """A folder for another log under the same key."""
    (folder / "log").mkdir(parents=True)
    for path in (log.places.key, log.places.vkey):
        shutil.copy2(path, folder / "log" / path.name)
    return folder


def test_a_spoilt_store_is_not_exported(whole: LongLog, tmp_path: Path) -> None:
    """An entry that is not the one its tile names, or is gone, ends the export and is named."""
    for number, (statement, words) in enumerate(
        (
            ("UPDATE entry SET env = CAST(env || x'00' AS BLOB) WHERE idx = 7", "entry 7 is not the one"),
            ("UPDATE entry SET env = NULL WHERE idx = 300", "entry 300 is not the one"),
            ("DELETE FROM entry WHERE idx = 9", "entries from 0 on are missing"),
        )
    ):
        copy = whole.copy(tmp_path / str(number))
        database = sqlite3.connect(copy.places.store)
        database.execute(statement)
        database.commit()
        database.close()
        with pytest.raises(LogBroken) as caught:
            export(copy, tmp_path / f"export-{number}")
        assert caught.value.detail.startswith(words)
        assert not (tmp_path / f"export-{number}" / "manifest.json").exists()


# -- the checker against alterations


def flip(name: str, at: int) -> Spoil:
    """Change one bit of a file."""

    def change(folder: Path) -> None:
        data = bytearray((folder / name).read_bytes())
        data[at] ^= 1
        (folder / name).write_bytes(data)

    return change


def flip_high(name: str, at: int) -> Spoil:
    """Change a character of a text into a byte that UTF-8 never has."""

    def change(folder: Path) -> None:
        data = bytearray((folder / name).read_bytes())
        data[at] = 0xFF
        (folder / name).write_bytes(data)

    return change


def drop(name: str) -> Spoil:
    """Remove a file."""
    return lambda folder: (folder / name).unlink()


def shorten(name: str) -> Spoil:
    """Cut a file's end off."""
    return lambda folder: os.truncate(folder / name, (folder / name).stat().st_size - 1)


def lengthen(name: str) -> Spoil:
    """Add to a file."""
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes() + b"\x00\x01x")


def exchange(one: str, other: str) -> Spoil:
    """Two files change places."""

    def change(folder: Path) -> None:
        first, second = (folder / one).read_bytes(), (folder / other).read_bytes()
        (folder / one).write_bytes(second)
        (folder / other).write_bytes(first)

    return change


def says(**members: Any) -> Spoil:
    """The manifest says something else."""

    def change(folder: Path) -> None:
        said = json.loads((folder / "manifest.json").read_bytes())
        (folder / "manifest.json").write_text(json.dumps({**said, **members}))

    return change


def line(number: int, **members: Any) -> Spoil:
    """A line in clear says something else."""

    def change(folder: Path) -> None:
        path = folder / "contents/000.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines()
        lines[number] = json.dumps({**json.loads(lines[number]), **members})
        path.write_text("".join(f"{one}\n" for one in lines), encoding="utf-8")

    return change


ALTERED: list[tuple[str, Spoil, int | None, str]] = [
    ("first entry", flip("tile/entries/000", 2 + 80), 0, "does not hash to the leaf"),
    ("last entry", flip("tile/entries/002.p/88", -1), 599, "does not hash to the leaf"),
    ("length of an entry", flip("tile/entries/001", 0), 256, "does not hash to the leaf"),
    ("bundle removed", drop("tile/entries/001"), 256, "missing, like the other entries"),
    ("bundle cut", shorten("tile/entries/001"), 511, "missing; tile/entries/001 ends before it"),
    ("bundle longer", lengthen("tile/entries/001"), None, "holds more than the entries 256 to 511"),
    ("bundles exchanged", exchange("tile/entries/000", "tile/entries/001"), 0, "altered or exchanged"),
    ("leaf in a full tile", flip("tile/0/001", 40), None, "tile 0/001 is wrong: the tile above it names another"),
    ("leaf in the last tile", flip("tile/0/002.p/88", 40), None, "tiles of the right edge"),
    ("upper tile", flip("tile/1/000.p/2", 3), None, "tiles of the right edge"),
    ("tiles exchanged", exchange("tile/0/000", "tile/0/001"), None, "tile 0/000 is wrong"),
    ("tile removed", drop("tile/0/000"), None, "tile 0/000 is missing"),
    ("edge removed", drop("tile/1/000.p/2"), None, "tile 1/000.p/2 is missing"),
    ("tile cut", shorten("tile/0/001"), None, "tile 0/001 is of another length"),
    ("tile longer", lengthen("tile/0/001"), None, "tile 0/001 is of another length"),
    ("checkpoint", flip("checkpoint", 30), None, "the checkpoint: "),
    ("checkpoint not in UTF-8", flip_high("checkpoint", 30), None, "the checkpoint: not text in UTF-8"),
    ("line in clear", line(5, content={"v": 1}), 5, "what is written in clear beside it"),
    ("line of another entry", line(5, index=6), 5, "what is written in clear beside it"),
    ("line with another leaf", line(5, leaf="00"), 5, "what is written in clear beside it"),
    ("file of lines removed", drop("contents/000.jsonl"), 0, "does not hold a line for each"),
]


@pytest.mark.parametrize(
    ("spoil", "index", "words"), [case[1:] for case in ALTERED if case[3]], ids=[case[0] for case in ALTERED if case[3]]
)
def test_an_altered_export_is_named(
    whole: LongLog, tmp_path: Path, spoil: Spoil, index: int | None, words: str
) -> None:
    """Each way to alter an export is a violation that names the first bad entry or tile and what is wrong."""
    export(whole, tmp_path, contents=True)
    spoil(tmp_path)
    named, sentence = found(whole, tmp_path, opened=True)
    assert (named, words in sentence) == (index, True), sentence


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (drop("manifest.json"), "no manifest.json"),
        (drop("checkpoint"), "there is no checkpoint"),
        (says(size=599, end=599), "the manifest speaks of 599 entries, the checkpoint of 600"),
        (says(v=2), "not that of an export"),
        (says(first=1), "not that of an export"),
        (says(end=300), "not that of an export"),
        (says(end=700), "not that of an export"),
        (says(size="600"), "not that of an export"),
        (says(contents=1), "not that of an export"),
        (says(more=1), "not that of an export"),
        (lambda f: (f / "manifest.json").write_bytes(b"{"), "not that of an export"),
        (lambda f: (f / "manifest.json").write_bytes(b"[" * 100_000), "not that of an export"),
    ],
)
def test_what_cannot_be_checked_is_no_violation(whole: LongLog, tmp_path: Path, spoil: Spoil, words: str) -> None:
    """A folder without a finished export, or with a manifest that fits nothing, gets no verdict."""
    export(whole, tmp_path)
    spoil(tmp_path)
    with pytest.raises(check.CannotCheck, match=words):
        verify(whole, tmp_path)


def test_a_manifest_that_hides_entries_hides_them_openly(whole: LongLog, tmp_path: Path) -> None:
    """A manifest made to name fewer entries verifies only as what it then is: a part."""
    export(whole, tmp_path)
    says(end=256)(tmp_path)
    report = verify(whole, tmp_path)
    assert (report.entries, report.newest.size) == (256, SIZE)


def test_an_export_cut_back_is_found_with_an_earlier_checkpoint(whole: LongLog, tmp_path: Path) -> None:
    """An export of an older state passes by itself; a later checkpoint kept by someone shows it."""
    old = cut(whole, tmp_path / "log", 300)
    export(old, tmp_path / "export")
    assert verify(whole, tmp_path / "export", 1, 256, 299, 300).entries == 300
    index, sentence = found(whole, tmp_path / "export", 301)
    assert (index, "cut back" in sentence) == (300, True)


def test_a_rewritten_log_is_found_with_an_earlier_checkpoint(whole: LongLog, tmp_path: Path) -> None:
    """The holder of the log key can sign another history, and not one that has the old checkpoints in it."""
    other = long_log.make(rekeyed(whole, tmp_path / "other"), size=300)
    export(other, tmp_path / "export")
    assert verify(other, tmp_path / "export", 7, 300).entries == 300
    for size in (7, 256, 300):
        assert found(whole, tmp_path / "export", size) == (
            None,
            f"the first {size} entries are not those of the earlier checkpoint",
        )


def test_a_checkpoint_of_another_tree_is_found(whole: LongLog, tmp_path: Path) -> None:
    """A checkpoint the log signed over another root does not fit the manifest, nor the tiles."""
    export(whole, tmp_path)
    note = whole.signer.sign(Checkpoint(whole.signer.name, SIZE, bytes(32)).body())
    (tmp_path / "checkpoint").write_text(note, encoding="utf-8")
    assert found(whole, tmp_path)[1] == "manifest.json names another log or another root than the checkpoint"
    says(root=base64.b64encode(bytes(32)).decode())(tmp_path)
    assert found(whole, tmp_path)[1] == "the tiles of the right edge are not those of the checkpoint of size 600"


async def test_another_logs_key_is_refused(whole: LongLog, tmp_path: Path) -> None:
    """Under another key no export holds, and another log's checkpoint says nothing about this one."""
    export(whole, tmp_path / "export")
    stranger = check.parse_key(keys(tmp_path / "other")[1].vkey)
    with pytest.raises(check.Violation, match="not signed by the given key"):
        check.check_export(tmp_path / "export", key=stranger)
    foreign = check.Checkpoint("other.example/log", 1, bytes(32))
    with pytest.raises(check.CannotCheck, match="another log"):
        check.check_export(tmp_path / "export", key=check.parse_key(whole.vkey), earlier=[foreign])


def test_another_key_epoch_is_recognised(whole: LongLog, tmp_path: Path) -> None:
    """Other keys under the epoch's name break the commitment; in a part without it they are no verdict."""
    (right,) = check.read_keys(whole.places.ring).values()
    wrong = {right.epoch: check.EpochKeys(right.epoch, os.urandom(32), right.search)}
    key = check.parse_key(whole.vkey)
    export(whole, tmp_path / "all")
    with pytest.raises(check.Violation, match="entry 0: the sealing key given is not the one"):
        check.check_export(tmp_path / "all", key=key, keys=wrong)
    export(whole, tmp_path / "part", first=256)
    with pytest.raises(check.CannotCheck, match="entry 256 does not open"):
        check.check_export(tmp_path / "part", key=key, keys=wrong)
    name = os.urandom(16)
    other = {name: check.EpochKeys(name, right.sealing, right.search)}
    assert "no entry belongs to the keys given" in check.check_export(tmp_path / "all", key=key, keys=other).remarks


async def test_the_log_of_a_running_gateway_is_exported(tmp_path: Path) -> None:
    """An export beside a process that writes is one of the newest checkpoint, and verifies."""
    places, signer, _ = keys(tmp_path)
    async with a_log(tmp_path) as log:
        for size in (2, 3):
            receipt = await log.append(a_decision())
            reader = SqliteReader(places.store)
            assert Exporter(reader, signer.key, tmp_path / "export", ring=None).write().size == size
            reader.close()
            assert (tmp_path / "export/checkpoint").read_text(encoding="utf-8") == receipt.checkpoint
            assert check.check_export(tmp_path / "export", key=check.parse_key(signer.vkey)).entries == size
