"""Events, clocks and opened logs for the tests of the access log."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.audit.epoch import Epoch, draw
from gateway.audit.events import (
    Change,
    Changed,
    Context,
    Decided,
    Disclosed,
    EntryKind,
    ErasedEpoch,
    Inspected,
    Redacted,
    Refused,
    SubjectRef,
)
from gateway.audit.keys import Places, open_signer
from gateway.audit.log import AccessLog, Once
from gateway.audit.ring import KeyRing, period_of
from gateway.storage.contract import Store
from gateway.storage.sqlite import SqliteStore
from signing.notes import NoteSigner

ORIGIN = "log.test.example/access"
START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PERSON = "004192000123"
TAX_CODE = "0101243150"
PATIENCE = 60.0
"""Seconds a writer waits for another's lock, however slow the disk. Never waited for when it is free."""


class Clock:
    """A clock the test moves."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        """The time."""
        return self.at

    def forward(self, seconds: float) -> None:
        """Move the clock."""
        self.at += timedelta(seconds=seconds)


@dataclass(slots=True)
class Seen:
    """An observer that keeps what it is told."""

    batches: list[int] = field(default_factory=list)
    failures: int = 0
    queued: list[int] = field(default_factory=list)

    def committed(self, seconds: float, batch_size: int, /) -> None:
        """A batch became durable."""
        assert seconds >= 0
        self.batches.append(batch_size)

    def failed(self) -> None:
        """A batch failed."""
        self.failures += 1

    def queue(self, waiting: int, /) -> None:
        """The queue changed."""
        self.queued.append(waiting)


def a_context(**changes: Any) -> Context:
    """Who asks and why."""
    given: dict[str, Any] = {
        "req": "wFb1rO5zMM4d8b0Zb9hYyZyq8cW3S3n5l2v8oEw0Q1k",
        "agency": "H14",
        "officer": "cb-0042",
        "kid": "h14-key-1",
        "operation": "persons.lookup",
        "procedure": "1.004222",
        "dossier": "H14.12-261122-0001",
        "basis": "law",
        "consent": None,
    }
    return Context(**{**given, **changes})


def a_subject(**changes: Any) -> SubjectRef:
    """Whom an event is about."""
    return SubjectRef(**{"role": "applicant", "kind": "person", "id": PERSON, **changes})


def a_decision(**changes: Any) -> Decided:
    """A `decided` event about one person."""
    given: dict[str, Any] = {
        "at": START,
        "context": a_context(),
        "subjects": (a_subject(),),
        "fields": ("person.full_name", "person.permanent_address"),
        "sources": ("population",),
        "token": "header.payload.signature",
        "configuration": "c0ffee",
    }
    return Decided(**{**given, **changes})


def a_disclosure(**changes: Any) -> Disclosed:
    """A `disclosed` event about one person."""
    given: dict[str, Any] = {
        "at": START,
        "context": a_context(),
        "subjects": (a_subject(),),
        "fields": ("person.full_name",),
        "sources": {"population": "answered"},
        "status": 200,
        "digest": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
        "decided": 1,
        "found": True,
        "token": None,
    }
    return Disclosed(**{**given, **changes})


def a_refusal(**changes: Any) -> Refused:
    """A `refused` event about nobody known."""
    given: dict[str, Any] = {
        "at": START,
        "context": a_context(),
        "subjects": (),
        "code": "procedure_not_granted",
        "status": 403,
        "digest": None,
        "decided": None,
        "token": "header.payload.signature",
    }
    return Refused(**{**given, **changes})


def an_inspection(**changes: Any) -> Inspected:
    """An `inspected` event: an auditor looked for one person."""
    given: dict[str, Any] = {
        "at": START,
        "auditor": "kiem-tra-01",
        "role": "provincial_auditor",
        "scope": ("H14",),
        "action": "searched",
        "about": {"kind": "disclosed"},
        "entries": (4, 7),
        "found": 2,
        "digest": None,
        "subjects": (a_subject(role="searched"),),
    }
    return Inspected(**{**given, **changes})


def a_change(**changes: Any) -> Changed:
    """A `changed` event: an operator added a portal's key."""
    given: dict[str, Any] = {
        "at": START,
        "by": "configuration",
        "changes": (Change("key", "H14/h14-key-2", "added"),),
        "before": "c0ffee",
        "after": "decade",
    }
    return Changed(**{**given, **changes})


def a_redaction(*epochs: Epoch, at: datetime = START) -> Redacted:
    """A `redaction` event that names these epochs."""
    named = tuple(ErasedEpoch(epoch.kid.hex(), epoch.seals, epoch.period) for epoch in epochs)
    return Redacted(at, named, "retention")


def a_new_epoch(kind: EntryKind = EntryKind.DECIDED, at: datetime = START) -> Epoch:
    """Keys of a kind and month that are in no folder."""
    return draw(os.urandom, at, seals=kind.label, period=period_of(at))


def once(jti: str, *, iss: str = "H14", lifetime: float = 60) -> Once:
    """A one-time id that expires `lifetime` seconds after START."""
    return Once(iss, jti, START + timedelta(seconds=lifetime))


def keys(folder: Path) -> tuple[Places, NoteSigner, KeyRing]:
    """The files of a log under `folder`, made at the first call."""
    places = Places.under(folder)
    places.store.parent.mkdir(parents=True, exist_ok=True)
    return places, open_signer(places, ORIGIN), KeyRing(places.ring)


def an_epoch(folder: Path, kind: EntryKind = EntryKind.DECIDED) -> Epoch:
    """The key epoch of a kind in the month of START, of the log under `folder`."""
    return KeyRing(Places.under(folder).ring).current(kind, START, os.urandom)


@asynccontextmanager
async def a_log(
    folder: Path, *, store: Store | None = None, now: Clock | None = None, **options: Any
) -> AsyncIterator[AccessLog]:
    """An open log under `folder`, closed at the end."""
    places, signer, ring = keys(folder)
    log = await AccessLog.open(
        store or SqliteStore(places.store, lock_wait=PATIENCE),
        signer,
        ring,
        **{
            "origin": ORIGIN,
            "now": now or Clock(),
            "urandom": os.urandom,
            "observe": Seen(),
            **options,
        },
    )
    try:
        yield log
    finally:
        await log.close()
