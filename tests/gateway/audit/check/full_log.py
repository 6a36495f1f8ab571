"""A real log over three months with every kind of entry, one month of one kind erased; and its export.

Written through the gateway's own log, read by the checker alone.
"""

import asyncio
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.audit import check
from gateway.audit.events import EntryKind, Event, Heartbeat
from gateway.audit.export import Exporter
from gateway.audit.keys import Places
from gateway.storage.sqlite_reader import SqliteReader
from tests.gateway.audit.builders import (
    Clock,
    a_change,
    a_context,
    a_decision,
    a_disclosure,
    a_log,
    a_redaction,
    a_refusal,
    a_subject,
    an_inspection,
    keys,
)

OCTOBER = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 5, 1, 0, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 5, 1, 0, tzinfo=UTC)
ERASED = 12
"""Refusals of October, whose keys are destroyed."""


@dataclass(frozen=True, slots=True)
class FullLog:
    """A log under `folder`, its export in `folder`/export. `notes`: a checkpoint after each part, the oldest first."""

    folder: Path
    notes: Sequence[str]
    size: int

    @property
    def places(self) -> Places:
        """Where the parts of the log lie."""
        return Places.under(self.folder)

    @property
    def export(self) -> Path:
        """The folder of the export."""
        return self.folder / "export"

    @property
    def key(self) -> check.Key:
        """The log's public key."""
        return check.parse_key(self.places.vkey.read_text())

    def earlier(self, number: int) -> check.Checkpoint:
        """What one of `notes` states."""
        return check.open_checkpoint(self.notes[number], self.key)

    def in_store(self, **more: object) -> check.Report:
        """What the checker says of the store."""
        return check.check(self.places.store, key=self.key, **more)  # type: ignore[arg-type]

    def in_export(self, **more: object) -> check.Report:
        """What the checker says of the export."""
        return check.check_export(self.export, key=self.key, **more)  # type: ignore[arg-type]

    def copy(self, folder: Path) -> "FullLog":
        """The same elsewhere, to be altered."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return FullLog(folder, self.notes, self.size)


def make(folder: Path, calls: int = 60) -> FullLog:
    """`calls` calls in each of November and December, and what else happens in a log."""
    notes = asyncio.run(_fill(folder, calls))
    written = export(folder, folder / "export")
    return FullLog(folder, notes, written)


def export(folder: Path, out: Path, *, contents: bool = True) -> int:
    """Export a log; how many entries it has."""
    places, signer, ring = keys(folder)
    reader = SqliteReader(places.store)
    try:
        return Exporter(reader, signer.key, out, ring=ring if contents else None).write().size
    finally:
        reader.close()


async def _fill(folder: Path, calls: int) -> list[str]:
    clock, notes = Clock(), list[str]()
    clock.at = OCTOBER
    async with a_log(folder, now=clock) as log:
        await asyncio.gather(*(log.append(a_refusal(at=OCTOBER)) for _ in range(ERASED)))
        notes.append(log.checkpoint())
        for month in (NOVEMBER, DECEMBER):
            for number in range(calls):
                clock.at = month + timedelta(minutes=number)
                await asyncio.gather(*(log.append(event) for event in _call(clock.at, number)))
            notes.append(log.checkpoint())
        ring = keys(folder)[2]
        erased = ring.current(EntryKind.REFUSED, OCTOBER, os.urandom)
        clock.forward(1)
        await log.append(a_redaction(erased, at=clock.at))
        assert len(ring.destroy([erased.kid])) == 1
        await log.append(Heartbeat(clock.at))
        await log.append(a_change(at=clock.at))
        notes.append(log.checkpoint())
    return notes


def _call(at: datetime, number: int) -> list[Event]:
    dossier = a_context(dossier=f"H14-{number}")
    spouse = a_subject(role="spouse", id=f"0041920{number:05d}")
    events: list[Event] = [
        a_decision(at=at, context=dossier, subjects=(a_subject(), spouse)),
        a_disclosure(at=at, context=dossier, subjects=(a_subject(), spouse)),
    ]
    if number % 5 == 0:
        events.append(a_refusal(at=at))
    if number % 20 == 0:
        events += [an_inspection(at=at), a_change(at=at), Heartbeat(at)]
    return events
