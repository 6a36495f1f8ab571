"""Events, clocks and opened logs for the tests of the access log."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.audit.epoch import Epoch, open_epoch
from gateway.audit.events import Context, Decided, Disclosed, Refused, SubjectRef
from gateway.audit.keys import Places, open_signer
from gateway.audit.log import AccessLog, Once
from gateway.storage.contract import Store
from gateway.storage.sqlite import SqliteStore
from signing.notes import NoteSigner

ORIGIN = "log.test.example/access"
START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PERSON = "004192000123"
TAX_CODE = "0101243150"


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


def once(jti: str, *, iss: str = "H14", lifetime: float = 60) -> Once:
    """A one-time id that expires `lifetime` seconds after START."""
    return Once(iss, jti, START + timedelta(seconds=lifetime))


def keys(folder: Path) -> tuple[Places, NoteSigner, Epoch]:
    """The files of a log under `folder`, made at the first call."""
    places = Places.under(folder)
    places.store.parent.mkdir(parents=True, exist_ok=True)
    return places, open_signer(places, ORIGIN), open_epoch(places.epoch, urandom=os.urandom, at=START)


@asynccontextmanager
async def a_log(
    folder: Path, *, store: Store | None = None, now: Clock | None = None, **options: Any
) -> AsyncIterator[AccessLog]:
    """An open log under `folder`, closed at the end."""
    places, signer, epoch = keys(folder)
    log = await AccessLog.open(
        store or SqliteStore(places.store, lock_wait=2.0),
        signer,
        epoch,
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
