"""Jobs and shelves with defaults."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.audit.events import SubjectRef
from gateway.errors import Code, Flaw, Refusal
from gateway.jobs.content import About, Failure, Finding, Question
from gateway.jobs.sealing import Sealer
from gateway.jobs.shelf import Bounds, Job, Shelf
from gateway.model import Call, Kind, SourceOutcome
from gateway.storage.sqlite import SqliteStore
from tests.helpers import builders

KEY = bytes(range(32))
ID = "3f0c6a52-9a0e-4c58-8f2d-6f0a4d1b7e90"
KEEP, LEASE = timedelta(minutes=15), timedelta(seconds=10)
BOUNDS = Bounds(100, 100)
ABOUT = About(Call.PERSONS_LOOKUP, builders.PROCEDURE, "H14-1", (SubjectRef("subject", "person", "004192000123"),))
HEARD = (SourceOutcome("population", "answered", builders.AT),)
QUESTION = Question(
    builders.caller(),
    builders.ask(Call.PERSONS_LOOKUP, builders.subject("subject", Kind.PERSON), fields=("person.sex",)),
    "a.b.c",
    "digest",
)
FINDING = Finding(ABOUT, '{"found":true,"name":"Nguyễn"}'.encode(), ("person.sex",), HEARD, True, (12, 9), (2, 0))
REFUSAL = Refusal(Code.SOURCE_TIMED_OUT, "The registry asked was: tax.", (Flaw("/a", Code.VALUE_INVALID, "x"),), 30)
FAILURE = Failure(ABOUT, REFUSAL, ("person.sex",), HEARD)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = builders.AT

    def __call__(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


def job(number: int = 0, **changes: Any) -> Job:
    """A pending job, begun once."""
    given: dict[str, Any] = {
        "id": f"{ID[:-4]}{number:04d}",
        "agency": "H14",
        "decided": 7,
        "attempts": 1,
        "content": QUESTION,
    }
    return Job(**(given | changes))


def sealer() -> Sealer:
    """A sealer with nonces that count."""
    numbers = iter(range(1_000_000))
    return Sealer(KEY, lambda size: next(numbers).to_bytes(size))


def shelf(folder: Path, owner: str, clock: Clock, kept: Sealer | None = None) -> Shelf:
    """One process's shelf over the store in `folder`."""
    return Shelf(SqliteStore(folder / "log.sqlite"), kept or sealer(), owner=owner, now=clock)
