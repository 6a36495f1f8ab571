"""Values with defaults, so that a test names only what it is about."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck
from hypothesis import settings as effort

from adapters.contract import Operation, Purpose, Question
from adapters.settings import AdapterSettings

# properties are about results: a busy machine must not make them fail
UNHURRIED = effort(deadline=None, suppress_health_check=[HealthCheck.too_slow])
AT = datetime(2026, 11, 22, 2, 0, 1, tzinfo=UTC)


def settings(**changes: Any) -> AdapterSettings:
    """Settings of a population source that never gives up early."""
    values: dict[str, Any] = {
        "source": "population",
        "profile": "c06",
        "url": "http://127.0.0.1:9/dan-cu",
        "attempts": 1,
        "concurrency": 8,
        "queue": 64,
        "breaker_failures": 1000,
        "breaker_pause": timedelta(seconds=30),
        "max_bytes": 100_000,
        "options": {"service_code": "VPCP"},
        "credentials": {"username": "congtt", "secret": "bi-mat"},
    }
    return AdapterSettings(**(values | changes))


def question(
    operation: Operation = Operation.LOOKUP, *, fields: frozenset[str] = frozenset(), **identifiers: str
) -> Question:
    """A question about the sample person."""
    about = {"personal_id": "004192000123", "full_name": "Nguyễn Thị Mẫu", "birth_date": "1992-11-22"}
    purpose = Purpose("H14", "canbo01", "1.004222", "H14-261122-0001", "req-1")
    return Question("population", operation, about | identifiers, fields, purpose)


@dataclass(slots=True)
class Recorder:
    """An observer that keeps what it is told."""

    calls: list[tuple[str, str, str]] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    retries: int = 0
    seats: list[int] = field(default_factory=list)

    def called(self, source: str, operation: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        self.calls.append((source, operation, outcome))

    def breaker(self, source: str, state: str) -> None:
        assert source
        self.states.append(state)

    def retried(self, source: str) -> None:
        assert source
        self.retries += 1

    def waiting(self, source: str, n: int) -> None:
        assert source
        self.seats.append(n)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds
