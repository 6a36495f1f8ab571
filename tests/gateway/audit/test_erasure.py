"""A month of one kind is erased: what it said is gone for good, everywhere; the rest reads, and all of it verifies."""

import asyncio
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.audit.events import EntryKind, ErasedEpoch, Redacted
from gateway.audit.export import Exporter
from gateway.audit.keys import Places
from gateway.audit.published import Published
from gateway.audit.reading import Opened, newest
from gateway.audit.ring import KeyRing
from gateway.storage.sqlite_reader import SqliteReader
from signing import merkle, proofs
from signing.notes import open_checkpoint
from tests.gateway.audit.builders import (
    ORIGIN,
    PERSON,
    START,
    Clock,
    a_decision,
    a_disclosure,
    a_log,
    a_redaction,
    a_refusal,
    a_subject,
    an_inspection,
    keys,
)
from tests.gateway.audit.checking import verified

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
LATER = datetime(2028, 2, 3, tzinfo=UTC)
ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Before:
    """A log of two months and what it was before the erasure."""

    folder: Path
    note: str
    leaves: list[bytes]
    entries: list[Opened]

    @property
    def store(self) -> Path:
        """Its store."""
        return Places.under(self.folder).store


def read(store: Path, ring: KeyRing, subject: str | None = None) -> list[Opened]:
    """The entries as they can be read, oldest first."""
    reader = SqliteReader(store)
    try:
        return list(newest(reader, ring, subject=subject))[::-1]
    finally:
        reader.close()


@pytest.fixture
def before(tmp_path: Path) -> Before:
    """A log with decided, disclosed, refused and inspected entries in November and December."""

    async def fill() -> str:
        clock = Clock()
        async with a_log(tmp_path / "log-of-two-months", now=clock) as log:
            for at in (START, DECEMBER):
                clock.at = at
                for _ in range(ROUNDS):
                    decided = await log.append(a_decision(at=at))
                    await log.append(a_disclosure(at=at, decided=decided.index))
                    await log.append(a_refusal(at=at, subjects=(a_subject(),)))
                    await log.append(an_inspection(at=at))
            return log.checkpoint()

    folder = tmp_path / "log-of-two-months"
    note = asyncio.run(fill())
    entries = read(Places.under(folder).store, keys(folder)[2])
    return Before(folder, note, [one.leaf for one in entries], entries)


async def erase(before: Before, kind: EntryKind = EntryKind.DISCLOSED, period: str = "2026-11") -> Redacted:
    """Say it in the log, then destroy the keys: the way retention does it."""
    ring = keys(before.folder)[2]
    epochs = [epoch for epoch in ring.all() if (epoch.seals, epoch.period) == (kind.label, period)]
    clock = Clock()
    clock.at = LATER
    event = a_redaction(*epochs, at=LATER)
    async with a_log(before.folder, now=clock) as log:
        await log.append(event)
    assert len(ring.destroy([epoch.kid for epoch in epochs])) == 1
    return event


def erased(one: Opened) -> bool:
    """Whether an entry is one of those the tests erase."""
    return one.kind == "disclosed" and one.at < DECEMBER


async def test_exactly_that_month_and_kind_is_gone(before: Before) -> None:
    """The content of November's disclosed entries no longer opens; each other entry says what it said before."""
    await erase(before)
    after = read(before.store, keys(before.folder)[2])[: len(before.entries)]

    assert all(one.payload is not None for one in before.entries)
    assert sum(map(erased, before.entries)) == ROUNDS
    for old, new in zip(before.entries, after, strict=True):
        assert (new.index, new.at, new.kind, new.epoch, new.leaf) == (old.index, old.at, old.kind, old.epoch, old.leaf)
        assert new.payload == (None if erased(old) else old.payload)


async def test_what_is_erased_is_named_in_clear_for_ever(before: Before) -> None:
    """Without a single key it can be read which keys were destroyed, when and why, and what they were for."""
    event = await erase(before)
    told = read(before.store, KeyRing(before.folder / "nowhere"))
    (redaction,) = (one for one in told if one.kind == "redaction")
    (epoch,) = event.epochs

    assert epoch == ErasedEpoch(epoch.epoch, "disclosed", "2026-11")
    assert redaction.at == LATER
    assert redaction.payload is not None
    assert redaction.payload["epochs"] == [{"epoch": epoch.epoch, "seals": "disclosed", "period": "2026-11"}]
    assert {one.epoch for one in before.entries if erased(one)} == {epoch.epoch}
    announced = [one.payload for one in told if one.kind == "key-epoch" and one.payload is not None]
    assert epoch.epoch in {said["epoch"] for said in announced}


async def test_the_log_still_verifies(before: Before) -> None:
    """The checker finds nothing wrong with a log in which a month was erased, and opens everything else."""
    whole = verified(before.folder)
    await erase(before)
    after = verified(before.folder)

    assert after.entries > whole.entries
    assert whole.opened - after.opened == ROUNDS


async def test_every_proof_still_holds(before: Before) -> None:
    """Inclusion of every entry, erased ones too, and the consistency with the checkpoint from before."""
    await erase(before)
    places, signer, _ = keys(before.folder)
    old = open_checkpoint(before.note, signer.key, origin=ORIGIN)
    published = Published(SqliteReader(places.store), signer.key)
    try:
        newest_note, checkpoint = published.newest()
        assert checkpoint.size > old.size == len(before.leaves)
        for index, leaf in enumerate(before.leaves):
            for size, note in ((None, newest_note), (old.size, before.note)):
                proof = published.proof(index, size)
                assert proof is not None
                assert proof.checkpoint == note
                proofs.verify(proof, leaf, signer.key, origin=ORIGIN)
        extension = published.extension(old.size, checkpoint.size)
        assert extension is not None
        merkle.verify_consistency(
            old_size=old.size,
            old_root=old.root,
            size=checkpoint.size,
            root=checkpoint.root,
            proof=extension.hashes,
        )
    finally:
        published.close()


async def test_no_search_finds_what_is_erased(before: Before) -> None:
    """By a person's number only entries are found whose keys are there: the tags of the others cannot be computed."""
    ring = keys(before.folder)[2]
    there = {one.index for one in read(before.store, ring, PERSON)}
    await erase(before)
    left = {one.index for one in read(before.store, keys(before.folder)[2], PERSON)}

    assert there - left == {one.index for one in before.entries if erased(one)}
    assert len(there - left) == ROUNDS


async def test_copies_made_before_are_erased_with_it(before: Before, tmp_path: Path) -> None:
    """The same entries of a backup do not open either: it is the keys that are gone, not bytes in one file."""
    backup = tmp_path / "backup.sqlite"
    shutil.copy2(before.store, backup)
    await erase(before)
    entries = read(backup, keys(before.folder)[2])

    assert [one.index for one in entries if one.payload is None] == [one.index for one in before.entries if erased(one)]


async def test_an_export_with_contents_says_null_for_it(before: Before, tmp_path: Path) -> None:
    """What is exported in clear afterwards has the entry, its leaf and no content."""
    await erase(before)
    _, signer, ring = keys(before.folder)
    reader = SqliteReader(before.store)
    Exporter(reader, signer.key, tmp_path / "clear", ring=ring).write()
    reader.close()
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((tmp_path / "clear/contents").rglob("*.jsonl")))

    assert text.count('"content": null') == ROUNDS


async def test_a_kept_copy_of_the_keys_undoes_an_erasure(before: Before, tmp_path: Path) -> None:
    """Whoever kept the key file reads the month still: copies of the ring have to be destroyed too."""
    kept = tmp_path / "kept"
    shutil.copytree(keys(before.folder)[2].folder, kept)
    await erase(before)

    assert [one.payload for one in read(before.store, KeyRing(kept))[: len(before.entries)]] == [
        one.payload for one in before.entries
    ]


async def test_the_log_goes_on_in_the_months_that_follow(before: Before) -> None:
    """New entries of the kind are sealed under new keys and read, and a clock set back does not bring the old ones."""
    event = await erase(before)
    async with a_log(before.folder) as log:
        await log.append(a_disclosure(at=START))
    ring = keys(before.folder)[2]
    last = read(before.store, ring)[-1]

    assert last.payload is not None
    assert last.epoch not in {epoch.epoch for epoch in event.epochs}
    assert ring.find(bytes.fromhex(event.epochs[0].epoch)) is None
    assert ring.current(EntryKind.DISCLOSED, START, os.urandom).kid.hex() == last.epoch
