"""A small real log of a week in the mock country, with its index: written once for a session, never altered.

Places by name (`Written.places`, index in the log):
    decided, disclosed    one call of H14 about PERSON, dossier DOSSIER, officer cb-0042
    prefill               a pre-filled dossier of H14 about PERSON, 9 of 12 fields, in the same dossier
    verified              H14.5 asked whether STRANGER is registered as stated: no
    business              H14.5 asked about the enterprise TAX_CODE; the tax source timed out
    elsewhere             G01 asked about PERSON
    refused               H141 was refused
    many                  one dossier of H14 with eleven people
    night                 the first of six calls at night, officer cb-0107 of H14
    province, nation      inspected: by kiem-tra-01 (scope H14), by kiem-tra-02 (all)
    changed, heartbeat    one of each
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from config.console_rules import ConsoleRules
from gateway.audit.events import Change, Event, Heartbeat, SubjectRef
from gateway.audit.keys import Places
from gateway.audit.log import AccessLog
from gateway.audit.reading import Opened, opened
from gateway.audit.ring import KeyRing
from gateway.console.index.builder import Builder
from gateway.console.index.keyed import IndexKey
from gateway.console.index.search import LogIndex
from gateway.storage.sqlite_reader import SqliteReader
from signing.encoding import base64url
from signing.notes import NoteKey
from tests.gateway.audit.builders import (
    PERSON,
    TAX_CODE,
    a_change,
    a_context,
    a_decision,
    a_disclosure,
    a_log,
    a_refusal,
    an_inspection,
    keys,
)

NOW = datetime(2026, 11, 24, 2, 0, 5, tzinfo=UTC)
"""Tuesday, 9:00:05 in Hanoi: where the clock of a house begins."""

FIRST = datetime(2026, 11, 17, 1, 30, tzinfo=UTC)
STRANGER = "004192000999"
DOSSIER = "H14.12-261122-0001"
_APPLICANT = SubjectRef("applicant", "person", PERSON, "Nông")
_SPOUSE = SubjectRef("spouse", "person", STRANGER, "Hoàng")
_FIRM = SubjectRef("enterprise", "enterprise", TAX_CODE)
_FIELDS = ("person.full_name", "person.birth_date", "person.permanent_address")
_KEY = IndexKey(bytes(range(32)))


@dataclass(frozen=True, slots=True)
class Written:
    """`folder`: the data folder; `key`: the log's public key; `places`: index of the entries above."""

    folder: Path
    key: NoteKey
    vkey: str
    size: int
    places: Mapping[str, int] = field(repr=False)

    @property
    def ring(self) -> KeyRing:
        """Its key ring."""
        return KeyRing(Places.under(self.folder).ring)

    @property
    def store(self) -> Path:
        """Its database."""
        return Places.under(self.folder).store

    def reader(self) -> SqliteReader:
        """A new reader, to be closed by whoever asked."""
        return SqliteReader(self.store)

    def index(self) -> LogIndex:
        """A new index over the file that was built."""
        return LogIndex(self.folder / "console" / "index.sqlite", _KEY, self.reader)

    def entries(self) -> list[Opened]:
        """Every entry, opened."""
        ring = self.ring
        with reading(self) as reader:
            return [opened(row, ring) for row in reader.rows(0, self.size)]


@contextmanager
def reading(written: Written) -> Iterator[SqliteReader]:
    """A reader for the block."""
    reader = written.reader()
    try:
        yield reader
    finally:
        reader.close()


def write(folder: Path) -> Written:
    """The log, and its index up to date and studied."""
    places, signer, ring = keys(folder)
    named = asyncio.run(_fill(folder))
    reader = SqliteReader(places.store)
    builder = Builder(reader, ring, folder / "console" / "index.sqlite", _KEY)
    while builder.step():
        pass
    while builder.study(ConsoleRules(), NOW):
        pass
    size = builder.next
    builder.close()
    reader.close()
    return Written(folder, signer.key, places.vkey.read_text("utf-8").strip(), size, named)


async def _fill(folder: Path) -> Mapping[str, int]:
    async with a_log(folder, now=_still) as log:  # type: ignore[arg-type]  # a clock is a callable
        return await _Writer(log).all()


def _still() -> datetime:
    return NOW - timedelta(minutes=3)


class _Writer:
    def __init__(self, log: AccessLog) -> None:
        self._log, self._calls = log, 0

    async def all(self) -> Mapping[str, int]:
        for day in range(7):
            for number in range(5):
                at = FIRST + timedelta(days=day, minutes=47 * number)
                portal, officer = (("H14", "cb-0042"), ("H14", "cb-0051"), ("H14.5", "tc-0003"))[number % 3]
                await self.call(at, (_SPOUSE,), agency=portal, officer=officer, dossier=f"{portal}-{day}{number}")
        at = FIRST + timedelta(days=6)
        decided, disclosed = await self.call(at, (_APPLICANT,))
        named = {"decided": decided, "disclosed": disclosed}
        _, named["prefill"] = await self.call(
            at + timedelta(minutes=4), (_APPLICANT, _SPOUSE), operation="dossiers.prefill", reuse=(12, 9)
        )
        _, named["verified"] = await self.call(
            at + timedelta(minutes=9), (_SPOUSE,), operation="persons.verify", found=False, fields=(), **_SECTION
        )
        _, named["business"] = await self.call(
            at + timedelta(minutes=11),
            (_FIRM,),
            operation="enterprises.lookup",
            fields=("enterprise.name",),
            sources={"business": "answered", "tax": "timed_out"},
            **_SECTION,
        )
        _, named["elsewhere"] = await self.call(
            at + timedelta(hours=1), (_APPLICANT,), agency="G01", officer="ca-0001", dossier="G01-261122-0077"
        )
        for number in range(16):
            context = a_context(req=self._req(), agency="H141", officer="tn-0007", dossier=f"H141-{number}")
            event = a_refusal(at=at + timedelta(hours=2, minutes=number), context=context)
            named.setdefault("refused", await self.add(event))
        people = tuple(SubjectRef("member", "person", f"0041920002{number:02}", "Bế") for number in range(11))
        _, named["many"] = await self.call(at + timedelta(hours=3), people, dossier="H14.12-261122-0099")
        for number in range(6):
            night = datetime(2026, 11, 23, 16, 10 + number, tzinfo=UTC)
            decided, _ = await self.call(night, (_SPOUSE,), officer="cb-0107", dossier=f"H14-night-{number}")
            named.setdefault("night", decided)
        late = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
        named["province"] = await self.add(an_inspection(at=late))
        named["nation"] = await self.add(
            an_inspection(at=late, auditor="kiem-tra-02", role="national_auditor", scope=(), subjects=())
        )
        named["changed"] = await self.add(a_change(at=late, changes=(Change("key", "H14/h14-key-2", "added"),)))
        named["heartbeat"] = await self.add(Heartbeat(late + timedelta(minutes=1)))
        return named

    async def call(self, at: datetime, subjects: tuple[SubjectRef, ...], **given: Any) -> tuple[int, int]:
        """The first entries of a decision and of what was disclosed half a second later."""
        sources = given.pop("sources", {"population": "answered"})
        told = {name: given.pop(name) for name in ("found", "reuse") if name in given}
        fields = given.pop("fields", _FIELDS)
        context = a_context(**{"req": self._req(), "dossier": DOSSIER, **given})
        decided = await self.add(
            a_decision(at=at, context=context, subjects=subjects, fields=fields, sources=tuple(sources))
        )
        answer = a_disclosure(
            at=at + timedelta(milliseconds=500),
            context=context,
            subjects=subjects,
            fields=fields,
            sources=sources,
            decided=decided,
            **{"found": True, **told},
        )
        return decided, await self.add(answer)

    async def add(self, event: Event) -> int:
        return (await self._log.append(event)).index

    def _req(self) -> str:
        self._calls += 1
        return base64url(sha256(str(self._calls).encode()).digest())


_SECTION: Mapping[str, Any] = {"agency": "H14.5", "officer": "tc-0003", "dossier": "H14.5-261122-0005"}
