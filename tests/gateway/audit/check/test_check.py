"""The checker against every way to alter a store."""

import asyncio
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from gateway.audit import check, entry
from gateway.audit.check import entries
from gateway.audit.keys import Places
from signing import merkle
from signing.notes import Checkpoint
from tests.gateway.audit.builders import START, a_decision, a_log, an_epoch, keys


async def filled(folder: Path, batches: tuple[int, ...] = (1, 4, 295, 5)) -> list[str]:
    """A log of key epoch + these batches; the checkpoint of each."""
    notes = []
    async with a_log(folder) as log:
        for count in batches:
            receipts = await asyncio.gather(*(log.append(a_decision()) for _ in range(count)))
            notes.append(receipts[-1].checkpoint)
    return notes


def verify(folder: Path, **more: object) -> check.Report:
    """What the checker says with the public key alone."""
    places = Places.under(folder)
    return check.check(places.store, key=check.parse_key(places.vkey.read_text()), **more)  # type: ignore[arg-type]


def found(folder: Path, **more: object) -> tuple[int | None, str]:
    """The violation the checker names."""
    with pytest.raises(check.Violation) as caught:
        verify(folder, **more)
    return caught.value.index, caught.value.what


def sql(folder: Path, *statements: str | tuple[str, tuple[object, ...]]) -> None:
    """Alter the store as someone with the file in hand would."""
    database = sqlite3.connect(Places.under(folder).store)
    database.execute("PRAGMA ignore_check_constraints = ON")
    for statement in statements:
        database.execute(*((statement,) if isinstance(statement, str) else statement))
    database.commit()
    database.close()


def forged(folder: Path) -> entry.Sealed:
    """A well-formed entry that was never appended."""
    return entry.seal(a_decision(), an_epoch(folder), os.urandom)[0]


async def test_untouched_log_passes(tmp_path: Path) -> None:
    """A whole log is reported with its size, checkpoints, tiles and root."""
    notes = await filled(tmp_path)
    report = verify(tmp_path)

    assert (report.entries, report.checkpoints, report.tiles, report.opened) == (306, 5, 1, 0)
    assert report.newest.size == 306
    assert report.remarks == ()
    key = check.parse_key(Places.under(tmp_path).vkey.read_text())
    assert verify(tmp_path, earlier=[check.open_checkpoint(note, key) for note in notes]).entries == 306


async def test_running_log_can_be_checked(tmp_path: Path) -> None:
    """The checker reads a store that is being written, in one snapshot."""
    async with a_log(tmp_path) as log:
        await asyncio.gather(*(log.append(a_decision()) for _ in range(300)))
        assert verify(tmp_path).entries == 301
        assert (await log.append(a_decision())).index == 301


async def test_copy_on_a_read_only_medium_can_be_checked(tmp_path: Path) -> None:
    """A copy of the file alone, in a folder nothing can be written to, is enough."""
    await filled(tmp_path / "original")
    places = Places.under(tmp_path / "original")
    key = check.parse_key(places.vkey.read_text())
    copy = tmp_path / "medium" / "log.sqlite"
    copy.parent.mkdir()
    shutil.copy(places.store, copy)
    copy.chmod(0o400)
    copy.parent.chmod(0o500)
    try:
        assert check.check(copy, key=key).entries == 306
    finally:
        copy.parent.chmod(0o700)


TAMPERINGS = [
    # (what was done, statements, the entry named, words of the sentence)
    (
        "content changed",
        ["UPDATE entry SET env = CAST(env || x'00' AS BLOB) WHERE idx = 7"],
        7,
        "does not hash to its leaf",
    ),
    ("content removed", ["UPDATE entry SET env = NULL WHERE idx = 7"], 7, "content was removed"),
    ("leaf changed", ["UPDATE entry SET leaf = zeroblob(32) WHERE idx = 7"], 7, "does not hash to its leaf"),
    ("time column changed", ["UPDATE entry SET ts = ts + 1 WHERE idx = 7"], 7, "searchable columns"),
    ("hidden from search", ["UPDATE entry SET subj_tag = zeroblob(16) WHERE idx = 7"], 7, "searchable columns"),
    ("actor exchanged", ["UPDATE entry SET actor_tag = zeroblob(16) WHERE idx = 300"], 300, "searchable columns"),
    ("entry deleted", ["DELETE FROM entry WHERE idx = 7"], 7, "missing"),
    ("first entry deleted", ["DELETE FROM entry WHERE idx = 0"], 0, "missing"),
    ("last entry deleted", ["DELETE FROM entry WHERE idx = 305"], 305, "missing"),
    ("everything deleted", ["DELETE FROM entry"], 0, "missing"),
    (
        "everything and the checkpoints deleted",
        ["DELETE FROM key_epoch", "DELETE FROM entry", "DELETE FROM checkpoint", "DELETE FROM tile"],
        0,
        "every log begins",
    ),
    (
        "entry deleted and the rest moved up",
        [
            "DELETE FROM entry WHERE idx = 7",
            "UPDATE entry SET idx = -idx WHERE idx > 7",
            "UPDATE entry SET idx = -idx - 1 WHERE idx < 0",
        ],
        7,
        "exchanged",
    ),
    (
        "two entries exchanged",
        [
            "UPDATE entry SET idx = 900 WHERE idx = 7",
            "UPDATE entry SET idx = 7 WHERE idx = 9",
            "UPDATE entry SET idx = 9 WHERE idx = 900",
        ],
        7,
        "exchanged",
    ),
    (
        "two entries exchanged where no tile is full yet",
        [
            "UPDATE entry SET idx = 900 WHERE idx = 302",
            "UPDATE entry SET idx = 302 WHERE idx = 304",
            "UPDATE entry SET idx = 304 WHERE idx = 900",
        ],
        301,
        "it or another up to entry 305 is not what the checkpoint of size 306 was signed over",
    ),
    ("checkpoint removed", ["DELETE FROM checkpoint WHERE size = 306"], 301, "no checkpoint covers it"),
    (
        "note spoilt",
        ["UPDATE checkpoint SET note = replace(note, char(10) || '306' || char(10), char(10) || '305' || char(10))"],
        None,
        "signature is wrong",
    ),
    ("checkpoint moved", ["UPDATE checkpoint SET size = 100 WHERE size = 6"], None, "is one of size 6"),
    (
        "older checkpoint removed",
        ["DELETE FROM checkpoint WHERE size = 6"],
        None,
        "the checkpoint before that of size 301 is missing",
    ),
    ("tile removed", ["DELETE FROM tile"], None, "tile 0/0 is missing or wrong"),
    ("tile invented", ["INSERT INTO tile VALUES (0, 5, zeroblob(8192))"], None, "2 tiles are stored"),
    ("key epochs emptied", ["DELETE FROM key_epoch"], None, "table of key epochs"),
    ("key epoch of another kind", ["UPDATE key_epoch SET kind = 2"], None, "table of key epochs"),
    ("key epoch of another month", ["UPDATE key_epoch SET period = '2026-12'"], None, "table of key epochs"),
    ("key epoch invented", ["INSERT INTO key_epoch VALUES (zeroblob(16), 0, 0, 1, '')"], None, "table of key epochs"),
    (
        "version changed",
        ["UPDATE entry SET env = CAST(x'02' || substr(env, 2) AS BLOB) WHERE idx = 9"],
        9,
        "does not hash",
    ),
]


@pytest.mark.parametrize(
    ("statements", "index", "words"), [case[1:] for case in TAMPERINGS], ids=[case[0] for case in TAMPERINGS]
)
async def test_tampering_is_named(tmp_path: Path, statements: list[str], index: int | None, words: str) -> None:
    """Each way to alter the store is a violation that names the first bad entry and what is wrong."""
    await filled(tmp_path)
    sql(tmp_path, *statements)

    named, sentence = found(tmp_path)

    assert named == index
    assert words in sentence


async def test_exchanged_content_with_its_leaf_is_named(tmp_path: Path) -> None:
    """A forged entry whose leaf and columns fit is found by the tile, and without a tile by the next checkpoint."""
    await filled(tmp_path)
    fake = forged(tmp_path)
    values = (fake.at_us, fake.subject_tag, fake.actor_tag, fake.envelope, fake.leaf)
    statement = "UPDATE entry SET ts = ?, subj_tag = ?, actor_tag = ?, env = ?, leaf = ? WHERE idx = "
    sql(tmp_path, (statement + "3", values))
    assert found(tmp_path)[0] == 3

    sql(tmp_path, "DELETE FROM tile")
    assert found(tmp_path) == (
        2,
        "it or another up to entry 5 is not what the checkpoint of size 6 was signed over",
    )


async def test_inserted_entry_is_named(tmp_path: Path) -> None:
    """A forged entry added at the end, or squeezed in, is found."""
    await filled(tmp_path)
    fake = forged(tmp_path)
    insert = "INSERT INTO entry (idx, ts, subj_tag, actor_tag, env, leaf) VALUES (?, ?, ?, ?, ?, ?)"
    values = (fake.at_us, fake.subject_tag, fake.actor_tag, fake.envelope, fake.leaf)
    sql(tmp_path, (insert, (306, *values)))
    assert found(tmp_path) == (306, "no checkpoint covers it: added without a signature")

    sql(
        tmp_path,
        "DELETE FROM entry WHERE idx = 306",
        "UPDATE entry SET idx = -idx WHERE idx >= 10",
        "UPDATE entry SET idx = 1 - idx WHERE idx < 0",
        (insert, (10, *values)),
    )
    assert found(tmp_path)[0] == 10


async def test_log_cut_back_to_an_older_state_is_found_with_an_earlier_checkpoint(tmp_path: Path) -> None:
    """A rollback is invisible from inside; a checkpoint a portal or auditor kept shows it."""
    notes = await filled(tmp_path)
    places = Places.under(tmp_path)
    key = check.parse_key(places.vkey.read_text())
    sql(tmp_path, "DELETE FROM entry WHERE idx > 5", "DELETE FROM checkpoint WHERE size > 6", "DELETE FROM tile")

    assert verify(tmp_path).entries == 6
    index, sentence = found(tmp_path, earlier=[check.open_checkpoint(notes[-1], key)])
    assert index == 6
    assert "cut back" in sentence


async def test_rewritten_log_is_found_with_an_earlier_checkpoint(tmp_path: Path) -> None:
    """Even the holder of the log key cannot replace the past that someone kept a checkpoint of."""
    notes = await filled(tmp_path)
    places, signer, _ = keys(tmp_path)
    fake = forged(tmp_path)
    values = (fake.at_us, fake.subject_tag, fake.actor_tag, fake.envelope, fake.leaf)
    sql(
        tmp_path,
        ("UPDATE entry SET ts = ?, subj_tag = ?, actor_tag = ?, env = ?, leaf = ? WHERE idx = 3", values),
        "DELETE FROM checkpoint",
        "DELETE FROM tile",
    )
    database = sqlite3.connect(places.store)
    leaves = [row[0] for row in database.execute("SELECT leaf FROM entry ORDER BY idx")]
    database.close()
    note = signer.sign(Checkpoint(signer.name, len(leaves), merkle.root(leaves)).body())
    sql(
        tmp_path,
        ("INSERT INTO checkpoint VALUES (?, 0, ?, 0)", (len(leaves), note)),
        ("INSERT INTO tile VALUES (0, 0, ?)", (b"".join(leaves[:256]),)),
    )
    old = check.open_checkpoint(notes[1], check.parse_key(signer.vkey))

    assert verify(tmp_path).entries == 306
    assert found(tmp_path, earlier=[old]) == (None, "the first 6 entries are not those of the earlier checkpoint")


async def test_clock_that_went_back_is_a_remark(tmp_path: Path) -> None:
    """Order is the index, not the time: a jump is reported and is not a violation."""
    async with a_log(tmp_path) as log:
        await log.append(a_decision())
        await log.append(a_decision(at=START.replace(hour=1)))

    assert verify(tmp_path).remarks == ("entry 2 is timed 3600 s before an earlier one (clocks, not a violation)",)


async def test_what_cannot_be_checked_is_no_violation(tmp_path: Path) -> None:
    """No file, a file that is no database and a database that is no log say so."""
    await filled(tmp_path, (1,))
    key = check.parse_key(Places.under(tmp_path).vkey.read_text())
    with pytest.raises(check.CannotCheck, match="no such file"):
        check.check(tmp_path / "nothing", key=key)
    (tmp_path / "rubbish").write_bytes(b"rubbish" * 1000)
    with pytest.raises(check.CannotCheck, match="not readable"):
        check.check(tmp_path / "rubbish", key=key)
    sqlite3.connect(tmp_path / "empty.sqlite").execute("CREATE TABLE x (y)").connection.close()
    with pytest.raises(check.CannotCheck, match="not readable"):
        check.check(tmp_path / "empty.sqlite", key=key)


async def test_another_logs_key_is_refused(tmp_path: Path) -> None:
    """Under the key of another log no checkpoint holds."""
    await filled(tmp_path, (1,))
    _, other, _ = keys(tmp_path / "other")
    with pytest.raises(check.Violation, match="not signed by the given key"):
        check.check(Places.under(tmp_path).store, key=check.parse_key(other.vkey))


async def test_store_of_the_version_before_can_be_checked(tmp_path: Path) -> None:
    """Without the tables and columns that came later the walk is the same."""
    await filled(tmp_path)
    sql(
        tmp_path,
        "DROP TABLE cosignature",
        "DROP TABLE timestamp_token",
        "CREATE TABLE notes AS SELECT size, ts, note FROM checkpoint",
        "DROP TABLE checkpoint",
        "ALTER TABLE notes RENAME TO checkpoint",
        "ALTER TABLE key_epoch DROP COLUMN kind",
        "ALTER TABLE key_epoch DROP COLUMN period",
    )
    assert verify(tmp_path).entries == 306
    sql(tmp_path, "UPDATE key_epoch SET first_idx = 1")
    assert "table of key epochs" in found(tmp_path)[1]


async def test_progress_is_told_and_can_end_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told how far the walk is, at the end that it is done; what it raises ends the walk and comes out."""
    monkeypatch.setattr(entries, "EVERY", 100)
    await filled(tmp_path)
    told = list[tuple[int, int]]()
    verify(tmp_path, progress=lambda done, of: told.append((done, of)))
    assert told == [(100, 306), (200, 306), (300, 306), (306, 306)]

    class EnoughError(Exception):
        """The auditor went home."""

    def end(done: int, of: int) -> None:
        assert (done, of) == (100, 306)
        raise EnoughError

    with pytest.raises(EnoughError):
        verify(tmp_path, progress=end)


def test_checker_imports_nothing_of_ours() -> None:
    """The package holds no import of the writer, of storage or of signing."""
    folder = Path(check.__file__).parent
    imports = [
        line
        for file in folder.glob("*.py")
        for line in file.read_text().splitlines()
        if line.startswith(("import ", "from "))
    ]
    ours = [line for line in imports if line.split()[1].split(".")[0] in ("gateway", "signing", "adapters", "config")]

    assert ours
    assert all(line.split()[1].startswith("gateway.audit.check") for line in ours)
