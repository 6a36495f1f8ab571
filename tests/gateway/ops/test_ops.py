"""The operations port and the metrics behind it."""

import httpx
import pytest
from prometheus_client import CollectorRegistry

from gateway.model import Call
from gateway.ops import app as ops
from gateway.ops.metrics import CallMetrics, LogMetrics, SourceMetrics, exposition


async def _get(health: ops.Health, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(ops.build(CollectorRegistry(), health))
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
