"""The index follows its log, survives whatever happens to either, and says what is wrong."""

import random
import shutil
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.events import EntryKind
from gateway.audit.keys import Places
from gateway.console.index.builder import UNREADABLE, Builder
from gateway.console.index.keyed import IndexKey
from gateway.console.index.schema import IndexTaken
from gateway.console.model import EVERYTHING, Wanted
from gateway.storage.contract import Row
from gateway.storage.sqlite_reader import SqliteReader
from tests.gateway.audit.builders import START, a_change, an_inspection
from tests.gateway.audit.extract import mixed_log
from tests.gateway.audit.extract.mixed_log import MixedLog
from tests.gateway.console.index.indexed import (
    AGES,
    KEY,
    Indexed,
    append,
    asked,
    indexed,
    still_alive,
    turned_away,
)

TABLES = ("entry", "facet", "span", "series", "figure", "family", "epoch", "day")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> MixedLog:
    """A log of every kind, one of its key epochs destroyed; not to be altered."""
    return mixed_log.make(tmp_path_factory.mktemp("mixed"))


@pytest.fixture
def copied(mixed: MixedLog, tmp_path: Path) -> Path:
    """A copy of it to alter."""
    shutil.copytree(mixed.folder, tmp_path / "log")
    return tmp_path / "log"


def contents(made: Indexed) -> dict[str, list[tuple[Any, ...]]]:
    """Everything the index says of the log."""
    return {table: sorted(made.ask(f"SELECT * FROM {table}"), key=repr) for table in TABLES}  # noqa: S608


def found(made: Indexed, **wanted: Any) -> int:
    """How many entries a search finds."""
    return made.index.search(Wanted(**wanted), EVERYTHING, below=None, limit=1).total


def test_follows(tmp_path: Path) -> None:
    """What is appended is found after the next step, and how far behind the index is, is known."""
    append(tmp_path, [asked(START), asked(START + timedelta(seconds=1))])
    with indexed(tmp_path) as made:
        waiting = made.index.behind()
        assert waiting >= 2  # key epochs are announced between them
        assert made.builder.step() == waiting
        assert (made.builder.step(), made.index.behind(), made.builder.next) == (0, 0, waiting)
        append(tmp_path, [turned_away(START + timedelta(seconds=2))])
        assert made.index.behind() >= 1
        made.follow()
        assert (found(made, kind="disclosed"), found(made, kind="refused")) == (2, 1)
        assert made.index.trouble() is None


def test_step_by_step(mixed: MixedLog, tmp_path: Path) -> None:
    """Steps of any length, and stops between them, lead to the same index."""
    with indexed(mixed.folder, tmp_path / "whole") as whole:
        whole.follow()
        expected = contents(whole)
    chance = random.Random(3)
    for _ in range(60):
        with indexed(mixed.folder, tmp_path / "parts") as made:
            made.builder.step(chance.randrange(1, 20))
    with indexed(mixed.folder, tmp_path / "parts") as made:
        made.follow()
        assert contents(made) == expected
        assert made.builder.next == mixed.size


def test_killed_at_any_moment(mixed: MixedLog, copied: Path, tmp_path: Path) -> None:
    """A builder that is killed leaves the index before or after a step, and the next one goes on."""
    with indexed(mixed.folder, tmp_path / "whole") as whole:
        whole.follow()
        expected = contents(whole)
    chance, left = random.Random(11), []
    while not left or left[-1] < mixed.size:
        turns = chance.randint(1, 3)
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.gateway.console.index.following", str(copied), str(turns + 1)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[4],
        )
        assert child.stdout is not None
        for _ in range(turns):
            if child.stdout.readline() == f"{mixed.size}\n".encode():
                break
        child.kill()
        child.wait()
        child.stdout.close()
        with indexed(copied) as made:
            assert made.builder.next > (left[-1] if left else 0)
            left.append(made.builder.next)
            assert made.ask("SELECT count(*) FROM entry") == [(left[-1],)]
            assert made.ask("SELECT sum(entries) FROM facet") == [(left[-1],)]
    assert len(left) > 3
    with indexed(copied) as made:
        made.follow()
        assert contents(made) == expected


class Gap(SqliteReader):
    """A store that has lost the entry in the middle of what is asked for."""

    def rows(self, start: int, end: int) -> list[Row]:
        """All but one."""
        found = list(super().rows(start, end))
        return [*found[: len(found) // 2], *found[len(found) // 2 + 1 :]]


def test_step_that_fails(mixed: MixedLog, tmp_path: Path) -> None:
    """A step that fails changes nothing, neither in the file nor in memory."""
    store = Places.under(mixed.folder).store
    with indexed(mixed.folder, tmp_path / "index") as made:
        made.builder.step(100)
        before = contents(made)
    gap = Gap(store)
    builder = Builder(gap, mixed.ring, tmp_path / "index", KEY)
    try:
        with pytest.raises(ValueError, match="is missing"):
            builder.step(50)
        assert builder.next == 100
    finally:
        builder.close()
        gap.close()
    with indexed(mixed.folder, tmp_path / "index") as made:
        assert contents(made) == before
        made.follow()
        assert made.builder.next == mixed.size


def test_rewritten_log(tmp_path: Path) -> None:
    """Another log in the place of the one that was indexed is indexed from nothing, which is said from then on."""
    append(tmp_path / "old", [asked(START, officer="old") for _ in range(5)])
    append(tmp_path / "new", [asked(START, officer="new") for _ in range(9)])
    path = tmp_path / "index"
    with indexed(tmp_path / "old", path) as made:
        made.follow()
    for _ in range(2):
        with indexed(tmp_path / "new", path) as made:
            made.follow()
            assert (found(made, officer="old"), found(made, officer="new")) == (0, 9)
            assert made.index.trouble() == "rewritten"
            assert made.ask("SELECT count(*) FROM entry") == [(made.builder.next,)]


def test_shortened_log(tmp_path: Path) -> None:
    """A log that ends before the newest indexed entry is said to be shortened while it is; nothing is forgotten."""
    folder, path = tmp_path / "log", tmp_path / "index"
    append(folder, [asked(START)])
    shutil.copytree(folder, tmp_path / "before")
    append(folder, [asked(START + timedelta(seconds=n)) for n in range(4)])
    with indexed(folder, path) as made:
        made.follow()
    with indexed(tmp_path / "before", path) as made:
        assert made.follow() == 0
        assert made.index.trouble() == "shortened"
        assert found(made, kind="disclosed") == 5
    with indexed(folder, path) as made:
        made.follow()
        assert made.index.trouble() is None


def test_keys_away(copied: Path) -> None:
    """While the folder of keys is not there nothing is read and nothing forgotten."""
    with indexed(copied) as made:
        made.builder.step(100)
        before = contents(made)
        made.ring.folder.rename(copied / "elsewhere")
        assert made.builder.step() == 0
        assert made.index.trouble() == "keys_away"
        assert contents(made) == before
        (copied / "elsewhere").rename(made.ring.folder)
        made.follow()
        assert made.index.trouble() is None


def test_keys_that_come_later(copied: Path, mixed: MixedLog, tmp_path: Path) -> None:
    """Entries whose keys are elsewhere are kept bare and said to be sealed; with the keys all are read again."""
    with indexed(mixed.folder, tmp_path / "whole") as whole:
        whole.follow()
        expected = contents(whole)
    month = next(Places.under(copied).ring.glob("2026-11.disclosed.json"))
    month.rename(tmp_path / "key")
    with indexed(copied) as made:
        made.follow()
        assert made.index.trouble() == "sealed"
        bare = "SELECT count(*) FROM entry JOIN facet ON id = facet WHERE kind = 'disclosed' AND portal = ''"
        assert made.ask(bare) != [(0,)]
        shutil.copy2(tmp_path / "key", month)
        made.follow()
        assert made.index.trouble() is None
        assert contents(made) == expected


def test_keys_that_go_without_a_redaction(copied: Path) -> None:
    """Keys that are destroyed take the words of their entries out of the index as well."""
    with indexed(copied) as made:
        made.follow()
        month = next(epoch for epoch in made.ring.all() if (epoch.period, epoch.seals) == ("2026-11", "disclosed"))
        ((before,),) = made.ask("SELECT count(*) FROM entry JOIN epoch ON id = epoch WHERE kid = ?", month.kid)
        made.ring.destroy([month.kid])
        made.follow()
        bare = (
            "SELECT count(*) FROM entry JOIN epoch ON epoch.id = epoch JOIN facet ON facet.id = facet WHERE kid = ?"
            " AND portal = '' AND officer IS NULL AND dossier IS NULL AND subject IS NULL AND family IS NULL"
        )
        assert made.ask(bare, month.kid) == [(before,)]
        assert before > 0


@pytest.mark.parametrize(("place", "kind"), [(-1, "disclosed"), (0, UNREADABLE)])
def test_altered_entry(tmp_path: Path, place: int, kind: str) -> None:
    """An entry that does not open under its key is kept by its number alone and reported."""
    append(tmp_path, [asked(START + timedelta(seconds=n), officer="cb-1") for n in range(5)])
    store = sqlite3.connect(Places.under(tmp_path).store)
    (envelope,) = store.execute("SELECT env FROM entry WHERE idx = 3").fetchone()
    altered = bytearray(envelope)
    altered[place] ^= 0x40
    store.execute("UPDATE entry SET env = ? WHERE idx = 3", (bytes(altered),))
    store.commit()
    store.close()
    with indexed(tmp_path) as made:
        made.follow()
        assert made.index.trouble() == "altered"
        assert found(made, officer="cb-1") == 4
        kinds = made.ask("SELECT kind FROM entry JOIN facet ON id = facet WHERE idx = 3")
        assert kinds == [(kind,)]


def test_nothing_in_clear(tmp_path: Path) -> None:
    """No officer, dossier, auditor, citizen or family name stands in the bytes of the index."""
    events = [
        asked(START, officer="cb-quite-alone", dossier="H14.12-261122-7777", person="004192007777", family="Quách"),
        turned_away(START, officer="cb-quite-alone"),
        an_inspection(auditor="kiem-tra-77"),
        a_change(by="quan-tri-77"),
        still_alive(START),
    ]
    append(tmp_path, events)
    with indexed(tmp_path) as made:
        made.follow()
        made.study(START + timedelta(days=1))
        content = made.content()
        assert found(made, officer="cb-quite-alone") == 2
        assert found(made, dossier="H14.12-261122-7777") == 1
        assert found(made, auditor="kiem-tra-77") == 1
    assert b"persons.lookup" in content
    for name in ("cb-quite-alone", "261122-7777", "004192007777", "Quách", "kiem-tra-77", "quan-tri-77"):
        for encoding in ("utf-8", "utf-16-le", "unicode-escape"):
            assert name.encode(encoding) not in content


def test_only_one_builds(tmp_path: Path) -> None:
    """A second builder is turned away while the first has the file."""
    append(tmp_path, [asked(START)])
    with indexed(tmp_path) as made:
        with pytest.raises(IndexTaken):
            Builder(made.reader, made.ring, made.path, KEY)
        made.follow()
        end = made.builder.next
    with indexed(tmp_path) as again:
        assert again.builder.next == end > 0


@pytest.mark.parametrize("spoil", ["key", "version", "bytes"])
def test_file_that_does_not_fit(tmp_path: Path, spoil: str) -> None:
    """An index of another key or version, or a spoilt one, is thrown away and built again."""
    append(tmp_path, [asked(START, officer="cb-1")])
    with indexed(tmp_path) as made:
        made.follow()
        path = made.path
    if spoil == "version":
        file = sqlite3.connect(path)
        file.execute("PRAGMA user_version = 99")
        file.close()
    elif spoil == "bytes":
        path.write_bytes(b"no index at all " * 512)
    with indexed(tmp_path, key=IndexKey(b"x" * 32) if spoil == "key" else KEY) as made:
        assert made.builder.next == 0
        made.follow()
        assert found(made, officer="cb-1") == 1
        assert made.path.stat().st_mode & 0o777 == 0o600


def test_inspections_do_not_make_a_day_due(tmp_path: Path) -> None:
    """What auditors do is nothing the rules look at."""
    append(tmp_path, [an_inspection(), a_change()])
    with indexed(tmp_path) as made:
        made.follow()
        assert made.study(AGES[1]) == 0
        assert found(made, kind=EntryKind.INSPECTED.label) == 1
