"""Each attack on the log, on a real export, against the single file an auditor runs: what it says and its exit code.

The attacker knows the format and recomputes what can be recomputed without the log's key. The last two attacks are
those of somebody who has the key as well.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from gateway.audit.check.command import Brought, run
from tests.gateway.audit.builders import Clock, a_decision, a_log, a_refusal
from tests.gateway.audit.check import full_log
from tests.gateway.audit.check.attacked import envelopes, say, write, write_with_tiles
from tests.gateway.audit.check.full_log import FullLog

SPOT = 300
"""The entry that is attacked: in the second of three bundles."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> FullLog:
    """A log of every kind of entry with its export; not to be altered."""
    return full_log.make(tmp_path_factory.mktemp("original"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checker printed, and its exit code."""

    code: int
    said: str


def checked(log: FullLog, *earlier: Path, export: Path | None = None, keys: bool = False) -> Verdict:
    """What the checker says of the export, with the public key the auditor had before and checkpoints kept."""
    out, err = StringIO(), StringIO()
    brought = Brought(
        str(export or log.export),
        str(log.places.vkey),
        [str(file) for file in earlier],
        str(log.places.ring) if keys else None,
    )
    code = run(brought, out=out, err=err)
    return Verdict(code, out.getvalue() + err.getvalue())


def kept(log: FullLog, folder: Path) -> list[Path]:
    """The checkpoints an auditor kept, as files, the oldest first."""
    files = [folder / f"kept-{number}.txt" for number in range(len(log.notes))]
    for file, note in zip(files, log.notes, strict=True):
        file.write_text(note, encoding="utf-8")
    return files


def sizes(log: FullLog) -> list[int]:
    """How many entries each of those covers."""
    return [log.earlier(number).size for number in range(len(log.notes))]


def changed(entries: list[bytes]) -> list[bytes]:
    """One bit of one content."""
    spoilt = bytearray(entries[SPOT])
    spoilt[-1] ^= 1
    return [*entries[:SPOT], bytes(spoilt), *entries[SPOT + 1 :]]


def deleted(entries: list[bytes]) -> list[bytes]:
    """One entry is gone, those behind it move up."""
    return [*entries[:SPOT], *entries[SPOT + 1 :]]


def reordered(entries: list[bytes]) -> list[bytes]:
    """Two neighbours change places."""
    return [*entries[:SPOT], entries[SPOT + 1], entries[SPOT], *entries[SPOT + 2 :]]


def inserted(entries: list[bytes]) -> list[bytes]:
    """A real entry stands there a second time, those behind it move down."""
    return [*entries[:SPOT], entries[7], *entries[SPOT:]]


def truncated(entries: list[bytes]) -> list[bytes]:
    """The end is gone."""
    return entries[:-20]


ALTERED = "its content does not hash to the leaf its tile names: altered or exchanged"
ATTACKS = [changed, deleted, reordered, inserted]


def test_the_log_that_is_attacked_is_whole(original: FullLog, tmp_path: Path) -> None:
    """Before anything is done to it everything holds: with its keys and every checkpoint that was kept."""
    verdict = checked(original, *kept(original, tmp_path), keys=True)
    assert (verdict.code, verdict.said.splitlines()[0]) == (0, f"OK  {original.size} entries, 1 checkpoints, 4 tiles")
    assert "note:" not in verdict.said
    write_with_tiles(original.copy(tmp_path).export, envelopes(original.export))
    assert files(tmp_path / "export") == files(original.export)


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_altered_entry_is_named(
    original: FullLog, tmp_path: Path, attack: Callable[[list[bytes]], list[bytes]]
) -> None:
    """Changed, deleted, exchanged or inserted in well-formed bundles: the first entry that is not right is named."""
    log = original.copy(tmp_path)
    write(log.export, attack(envelopes(log.export)))
    shutil.rmtree(log.export / "contents")  # what stands in clear may be left out
    say(log.export, contents=False)

    assert checked(log) == Verdict(1, f"NOT OK  entry {SPOT}: {ALTERED}\n")


def test_a_missing_end_is_named(original: FullLog, tmp_path: Path) -> None:
    """Of a bundle that was cut the first entry that is gone is named; where a whole bundle is gone, its first."""
    log = original.copy(tmp_path)
    whole = envelopes(log.export)
    write(log.export, truncated(whole))
    place = f"tile/entries/002.p/{original.size - 512}"
    (log.export / f"tile/entries/002.p/{original.size - 20 - 512}").rename(log.export / place)
    assert checked(log) == Verdict(1, f"NOT OK  entry {original.size - 20}: missing; {place} ends before it\n")

    write(log.export, whole[:512])
    assert checked(log) == Verdict(1, f"NOT OK  entry 512: missing, like the other entries of {place}\n")


@pytest.mark.parametrize("attack", [changed, reordered])
def test_tiles_computed_anew_do_not_help(
    original: FullLog, tmp_path: Path, attack: Callable[[list[bytes]], list[bytes]]
) -> None:
    """With every hash tile made to fit, the tree has another root than the one the log signed."""
    log = original.copy(tmp_path)
    write_with_tiles(log.export, attack(envelopes(log.export)))

    verdict = checked(log)
    assert verdict.code == 1
    assert f"the tiles of the right edge are not those of the checkpoint of size {original.size}" in verdict.said


@pytest.mark.parametrize("attack", [deleted, inserted, truncated])
def test_a_tree_of_another_size_does_not_pass(
    original: FullLog, tmp_path: Path, attack: Callable[[list[bytes]], list[bytes]]
) -> None:
    """Entries fewer or more, tiles and manifest made to fit: no checkpoint of that size was signed."""
    log = original.copy(tmp_path)
    entries = attack(envelopes(log.export))
    write_with_tiles(log.export, entries)
    say(log.export, size=len(entries), end=len(entries))
    verdict = checked(log)
    assert verdict.code == 2
    assert f"speaks of {len(entries)} entries, the checkpoint of {original.size}: not finished, or altered" in (
        verdict.said
    )

    say(log.export, size=original.size, end=original.size)
    assert checked(log).code == 1


def test_entries_left_out_by_the_manifest_are_missed(original: FullLog, tmp_path: Path) -> None:
    """A manifest that names fewer entries gives a part, and the report says what is not in it."""
    log = original.copy(tmp_path)
    say(log.export, end=256)
    verdict = checked(log)
    assert verdict.code == 0
    assert f"only the entries 0 to 255 of {original.size} are in this export" in verdict.said


def as_it_was(log: FullLog, folder: Path, size: int) -> FullLog:
    """The log as it was when it had `size` entries, its keys included."""
    old = log.copy(folder)
    shutil.rmtree(old.export)
    database = sqlite3.connect(old.places.store)
    for statement in (
        "DELETE FROM entry WHERE idx >= ?",
        "DELETE FROM checkpoint WHERE size > ?",
        "DELETE FROM tile WHERE (n + 1) * 256 > ?",
        "DELETE FROM key_epoch WHERE first_idx >= ?",
    ):
        database.execute(statement, (size,))
    database.commit()
    database.close()
    return FullLog(folder, log.notes, size)


def test_a_log_put_back_to_an_older_state_is_found(original: FullLog, tmp_path: Path) -> None:
    """An older export is whole by itself. Held against a later checkpoint the first entry that is gone is named."""
    earlier, size = kept(original, tmp_path), sizes(original)[1]
    old = as_it_was(original, tmp_path / "old", size)
    assert full_log.export(old.folder, old.export) == size

    assert checked(old, *earlier[:2]).code == 0
    for later, covers in zip(earlier[2:], sizes(original)[2:], strict=True):
        assert checked(old, later) == Verdict(
            1,
            f"NOT OK  entry {size}: missing; an earlier checkpoint covers {covers} entries: the log was cut back\n",
        )


def test_two_histories_are_found(original: FullLog, tmp_path: Path) -> None:
    """The operator shows two auditors two logs, each signed. Either finds the other's checkpoint not to fit."""
    size = sizes(original)[1]
    other = as_it_was(original, tmp_path / "other", size)
    shown = asyncio.run(_continued(other.folder, until=original.size))
    full_log.export(other.folder, other.export)
    theirs = tmp_path / "theirs.txt"
    theirs.write_text(shown, encoding="utf-8")
    ours = kept(original, tmp_path)

    assert checked(original, *ours).code == 0
    assert checked(other, *ours[:2], theirs).code == 0
    for log, strange in ((original, theirs), (other, ours[-1])):
        assert checked(log, strange) == Verdict(
            1, f"NOT OK  the first {original.size} entries are not those of the earlier checkpoint\n"
        )


async def _continued(folder: Path, *, until: int) -> str:
    """Go on with a log until it has as many entries; its last checkpoint."""
    clock = Clock()
    clock.at = full_log.DECEMBER
    async with a_log(folder, now=clock) as log:
        receipt = await log.append(a_refusal(at=clock.at))
        while receipt.size < until:
            receipt = await log.append(a_decision(at=clock.at))
        assert receipt.size == until
        return receipt.checkpoint
