"""A log of every kind of entry, of three months, with a month whose keys are destroyed; made once, never altered."""

import asyncio
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.audit.events import (
    Change,
    Changed,
    Decided,
    Disclosed,
    ErasedEpoch,
    Event,
    Heartbeat,
    Inspected,
    Redacted,
    Refused,
    SubjectRef,
)
from gateway.audit.extract.selection import Selection
from gateway.audit.extract.state import State
from gateway.audit.extract.writing import Extract, Plan
from gateway.audit.keys import Places
from gateway.audit.reading import Opened, opened
from gateway.audit.ring import KeyRing
from gateway.storage.sqlite_reader import SqliteReader
from signing.notes import NoteKey
from tests.gateway.audit.builders import PERSON, TAX_CODE, a_context, a_log, keys

STRANGER = "004192000999"
FIRST = datetime(2026, 9, 28, 20, 0, tzinfo=UTC)
PORTALS = ("H14", "H14.5", "H141", "G01")
OFFICERS = ("cb-0042", "=HYPERLINK(1)", "Nguyễn Thị Ánh", "0042")
DOSSIERS = ("H14.12-261122-0001", "+84-1", 'a";=1+1', "ＨＳ\u202e\x07")
SUBJECTS = (
    SubjectRef("applicant", "person", PERSON),
    SubjectRef("spouse", "person", STRANGER),
    SubjectRef("enterprise", "enterprise", TAX_CODE),
)


@dataclass(frozen=True, slots=True)
class MixedLog:
    """`key`: the log's public key; `about`: index -> identifier of the subject of the entry, "" for none."""

    folder: Path
    key: NoteKey
    about: Sequence[str] = field(repr=False)

    @property
    def places(self) -> Places:
        """Where its parts lie."""
        return Places.under(self.folder)

    @property
    def ring(self) -> KeyRing:
        """Its key ring."""
        return KeyRing(self.places.ring)

    @property
    def size(self) -> int:
        """How many entries."""
        return len(self.about)

    @contextmanager
    def reader(self) -> Iterator[SqliteReader]:
        """A reader for the block."""
        reader = SqliteReader(self.places.store)
        try:
            yield reader
        finally:
            reader.close()

    def entries(self) -> list[Opened]:
        """Every entry, opened."""
        ring = self.ring
        with self.reader() as reader:
            return [opened(row, ring) for row in reader.rows(0, self.size)]

    def extract(self, out: Path, form: str, selection: Selection, **options: Any) -> State:
        """Write an extract to its end."""
        with self.reader() as reader:
            return self.writer(out, form, selection, reader, **options).write()

    def writer(self, out: Path, form: str, selection: Selection, reader: Any, **options: Any) -> Extract:
        """What writes an extract."""
        plan = Plan(form, selection, options.pop("first", 0), options.pop("end", None))
        given = {"reader": reader, "key": self.key, "ring": self.ring, "urandom": bytes, **options}
        return Extract(out, plan, **given)


def make(folder: Path, count: int = 260) -> MixedLog:
    """The log. The keys of the decisions of the second month are destroyed, with a redaction entry before."""
    chance = random.Random(20_261_124)
    events: list[Event] = [_event(chance, FIRST + timedelta(hours=6 * number)) for number in range(count)]
    places, signer, ring = keys(folder)

    async def fill() -> None:
        async with a_log(folder) as log:
            for event in events:
                await log.append(event)
            erased = next(epoch for epoch in ring.all() if (epoch.period, epoch.seals) == ("2026-10", "decided"))
            gone = ErasedEpoch(erased.kid.hex(), erased.seals, erased.period)
            await log.append(Redacted(events[-1].at, (gone,), "retention"))
            await log.append(Heartbeat(events[-1].at + timedelta(minutes=1)))
            ring.destroy([erased.kid])

    asyncio.run(fill())
    reader = SqliteReader(places.store)
    note = reader.newest_note()
    assert note is not None
    rows = reader.rows(0, note.size)
    reader.close()
    waiting = [subject.id for event in events for subject in getattr(event, "subjects", ()) or (None,) if subject]
    following = iter(waiting)
    about = ["" if row.subject_tag == bytes(16) else next(following) for row in rows]
    assert next(following, None) is None
    return MixedLog(folder, signer.key, about)


def _event(chance: random.Random, at: datetime) -> Event:
    context = a_context(
        agency=chance.choice(PORTALS),
        officer=chance.choice(OFFICERS),
        dossier=chance.choice(DOSSIERS),
        operation=chance.choice(("persons.lookup", "dossiers.prefill")),
        procedure=chance.choice(("1.004222", "1.010010")),
    )
    subjects = tuple(chance.sample(SUBJECTS, chance.randint(1, 2)))
    source = chance.choice(("population", "business", "tax"))
    digest = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
    match chance.randint(0, 5):
        case 0 | 1:
            return Decided(at, context, subjects, ("person.full_name",), (source,), "h.p.s", "c0ffee")
        case 2 | 3:
            fields = ("person.full_name", "person.permanent_address")
            return Disclosed(at, context, subjects, fields, {source: "answered"}, 200, digest, 1, found=True)
        case 4:
            code = chance.choice(("procedure_not_granted", "source_unavailable"))
            return Refused(at, context, (), code, 403, None, None, "h.p.s", (), {source: "timeout"})
    if chance.random() < 0.5:
        return Changed(at, "quản trị", (Change("portal", "H14.5", "added"), Change("key", "@k", "removed", "old")))
    asked = (SUBJECTS[0],) if chance.random() < 0.5 else ()
    about = {"portal": "H14", "kind": "=cmd"}
    return Inspected(at, "kiểm.toán", "national_auditor", ("H14",), "searched", about, (1, 2), 2, None, asked)


def lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON Lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
