"""The operations port and the metrics behind it."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry

from gateway.audit.errors import LogUnavailable
from gateway.audit.events import Changed, Event, Inspected
from gateway.audit.receipt import Receipt
from gateway.model import Call
from gateway.ops import app as ops
from gateway.ops.door import Door
from gateway.ops.metrics import CallMetrics, LogMetrics, SourceMetrics, exposition

SECRET = "c2VjcmV0LW9mLXRoZS1jb25zb2xlLWZvci10ZXN0cw=="
AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
PERSON = "004192000123"
NOTICE: dict[str, Any] = {
    "event": "inspected",
    "auditor": "kiem-toan-01",
    "role": "national_auditor",
    "action": "searched",
    "about": {"portal": "H14"},
    "entries": [4, 7],
    "found": 2,
    "subject": PERSON,
}


class _Log:
    """A log that keeps what it is given, or is down."""

    def __init__(self, *, down: bool = False) -> None:
        self.events: list[Event] = []
        self.down = down

    async def append(self, event: Event) -> Receipt:
        """Take an event."""
        if self.down:
            raise LogUnavailable("store")
        self.events.append(event)
        return Receipt(len(self.events), bytes(32), "log.test.example", "note", len(self.events) + 1, 1)


def a_door(log: _Log | None = None) -> Door:
    """A door over a log."""
    return Door(log or _Log(), SECRET, lambda manifest: f"signed:{manifest.decode()}", lambda: AT)


async def _get(health: ops.Health, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(ops.build(CollectorRegistry(), health, a_door()))
    async with httpx.AsyncClient(transport=transport, base_url="http://ops") as client:
        return await client.get(path)


def _probe(problem: str | None) -> ops.Probe:
    async def probe() -> str | None:
        return problem

    return probe


@pytest.mark.parametrize(
    ("needed", "shown", "status"), [(None, None, 200), (None, "breaker_open", 200), ("failing", None, 503)]
)
async def test_readiness_depends_on_what_is_needed_and_shows_the_rest(
    needed: str | None, shown: str | None, status: int
) -> None:
    """A log that fails makes the gateway unready; a registry that is down is only shown."""
    answered = await _get(ops.Health({"log": _probe(needed)}, {"tax": _probe(shown)}), "/health/ready")
    assert answered.status_code == status
    assert answered.json()["checks"] == {"log": needed or "ok", "tax": shown or "ok"}


async def test_liveness_asks_nothing() -> None:
    """A gateway that cannot do its work is still alive: restarting it would not help."""
    assert (await _get(ops.Health({"log": _probe("failing")}, {}), "/health/live")).status_code == 200


def test_the_log_s_state_follows_failures_and_successes() -> None:
    """`failing_for` counts from the last failure and forgets it with the next batch."""
    clock = [100.0]
    metrics = LogMetrics(CollectorRegistry(), lambda: clock[0])
    assert metrics.failing_for() is None
    metrics.failed()
    clock[0] = 103.0
    assert metrics.failing_for() == 3.0
    metrics.committed(0.01, 5)
    assert metrics.failing_for() is None


def test_every_measure_is_exposed() -> None:
    """One observation of each kind shows up under its documented name."""
    registry = CollectorRegistry()
    calls, sources = CallMetrics(registry), SourceMetrics(registry)
    log = LogMetrics(registry, lambda: 0.0)
    calls.called(Call.PERSONS_LOOKUP, "", "key_unknown", 0.1)
    calls.rejected("not_found")
    calls.prefilled("1.004222", 10, 7)
    calls.defect("ValueError")
    sources.known("tax")
    sources.called("tax", "lookup", "ok", 0.2)
    sources.breaker("tax", "open")
    sources.retried("tax")
    sources.waiting("tax", 3)
    log.committed(0.001, 4)
    log.queue(2)
    text = exposition(registry).decode()
    for line in (
        'lienthong_calls_total{operation="persons.lookup",outcome="key_unknown",portal="unknown"} 1.0',
        'lienthong_rejected_total{code="not_found"} 1.0',
        'lienthong_prefill_fields_filled_total{procedure="1.004222"} 7.0',
        'lienthong_defects_total{kind="ValueError"} 1.0',
        'lienthong_source_breaker{source="tax",state="open"} 1.0',
        'lienthong_source_breaker{source="tax",state="closed"} 0.0',
        'lienthong_source_retries_total{source="tax"} 1.0',
        'lienthong_source_waiting{source="tax"} 3.0',
        "lienthong_log_batch_entries_sum 4.0",
        "lienthong_log_waiting 2.0",
    ):
        assert line in text
    assert sources.state_of("tax") == "open"


async def _told(log: _Log, body: bytes, *, authorization: str | None = f"Bearer {SECRET}") -> httpx.Response:
    headers = {} if authorization is None else {"authorization": authorization}
    transport = httpx.ASGITransport(ops.build(CollectorRegistry(), ops.Health({}, {}), a_door(log)))
    async with httpx.AsyncClient(transport=transport, base_url="http://ops") as client:
        return await client.post("/log/events", content=body, headers=headers)


async def test_a_view_of_the_console_is_an_entry_before_it_is_shown() -> None:
    """A notice becomes an `inspected` event with the searched person as its subject, and the answer names its entry."""
    log = _Log()
    answered = await _told(log, json.dumps({**NOTICE, "manifest": "m"}).encode())
    assert (answered.status_code, answered.json()) == (201, {"index": 1, "signature": "signed:m"})
    (event,) = log.events
    assert isinstance(event, Inspected)
    assert (event.at, event.auditor, event.action, event.entries, event.found) == (
        AT,
        "kiem-toan-01",
        "searched",
        (4, 7),
        2,
    )
    assert [(s.kind, s.id) for s in event.subjects] == [("person", PERSON)]


async def test_a_change_of_accounts_is_an_entry() -> None:
    """An administrator's change becomes a `changed` event."""
    log = _Log()
    told = {"event": "changed", "by": "quan-tri", "what": "auditor", "name": "kiem-toan-01", "change": "added"}
    assert (await _told(log, json.dumps(told).encode())).status_code == 201
    (event,) = log.events
    assert isinstance(event, Changed)
    assert [(c.what, c.name, c.change) for c in event.changes] == [("auditor", "kiem-toan-01", "added")]


@pytest.mark.parametrize("authorization", [None, "Bearer ", "Bearer wrong", f"Basic {SECRET}", f"Bearer {SECRET}x"])
async def test_whoever_has_not_the_secret_adds_nothing(authorization: str | None) -> None:
    """Without the console's secret the door is shut."""
    log = _Log()
    answered = await _told(log, json.dumps(NOTICE).encode(), authorization=authorization)
    assert (answered.status_code, log.events) == (401, [])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        json.dumps({**NOTICE, "event": "disclosed"}).encode(),
        json.dumps({**NOTICE, "more": 1}).encode(),
        json.dumps({**NOTICE, "entries": [-1]}).encode(),
        json.dumps({**NOTICE, "entries": list(range(1001))}).encode(),
        json.dumps({**NOTICE, "auditor": 5}).encode(),
    ],
)
async def test_a_notice_of_another_form_is_refused_and_never_echoed(body: bytes) -> None:
    """Nothing but the two notices passes, and a refusal repeats nothing of what was sent."""
    log = _Log()
    answered = await _told(log, body)
    assert (answered.status_code, log.events) == (400, [])
    assert PERSON not in answered.text


async def test_what_cannot_be_recorded_is_answered_so() -> None:
    """A log that is down shuts the door: the console then shows nothing."""
    answered = await _told(_Log(down=True), json.dumps(NOTICE).encode())
    assert (answered.status_code, answered.json()["code"]) == (503, "log_unavailable")


async def test_too_much_is_refused() -> None:
    """A body larger than any notice is not read to its end."""
    answered = await _told(_Log(), b'{"about": "' + b"x" * 200_000 + b'"}')
    assert answered.status_code == 413
