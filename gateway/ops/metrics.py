"""Prometheus metrics. Labels are names from closed lists: operations, registered agencies, sources, codes.

Rule of this file: no label ever holds anything a caller typed or a registry answered.
"""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from gateway.model import Call

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)
_JOB_SECONDS = (0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
_COMMIT_SECONDS = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
BREAKER_STATES = ("closed", "half_open", "open")
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class CallMetrics:
    """Calls of portals."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter(
            "lienthong_calls_total",
            "Signed calls by operation, portal and outcome (ok or the error code)",
            ("operation", "portal", "outcome"),
            registry=registry,
        )
        self._seconds = Histogram(
            "lienthong_call_seconds", "Duration of signed calls", ("operation",), buckets=_SECONDS, registry=registry
        )
        self._rejected = Counter(
            "lienthong_rejected_total", "Requests ended before their token was read", ("code",), registry=registry
        )
        self._fields = Counter(
            "lienthong_prefill_fields_total", "Form fields of pre-filled dossiers", ("procedure",), registry=registry
        )
        self._filled = Counter(
            "lienthong_prefill_fields_filled_total",
            "Form fields filled from a registry; divided by fields_total it is the reuse rate",
            ("procedure",),
            registry=registry,
        )
        self._recalled = Counter(
            "lienthong_kept_answers_total",
            "Questions for which kept answers were looked at: hit (all was kept), part, miss, stale (stood in for a "
            "source that is down), failed (the store could not)",
            ("source", "outcome"),
            registry=registry,
        )
        self._defects = Counter("lienthong_defects_total", "Defects of the gateway", ("kind",), registry=registry)

    def called(self, call: Call, agency: str, code: str, seconds: float) -> None:
        """A call ended."""
        self._calls.labels(call.value, agency or "unknown", code).inc()
        self._seconds.labels(call.value).observe(seconds)

    def rejected(self, code: str) -> None:
        """A request ended before it reached the pipeline."""
        self._rejected.labels(code).inc()

    def prefilled(self, procedure: str, total: int, filled: int) -> None:
        """A dossier was pre-filled."""
        self._fields.labels(procedure).inc(total)
        self._filled.labels(procedure).inc(filled)

    def recalled(self, source: str, outcome: str) -> None:
        """What was kept of a source was looked at."""
        self._recalled.labels(source, outcome).inc()

    def defect(self, kind: str) -> None:
        """A defect of ours, by exception type."""
        self._defects.labels(kind).inc()


class JobMetrics:
    """Deferred answers, by the process that works on them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._running = Gauge("lienthong_jobs_running", "Deferred answers being found now", registry=registry)
        self._ended = Counter(
            "lienthong_jobs_total",
            "Deferred answers found, by operation, portal and outcome (ok, the error code, or lost: taken over)",
            ("operation", "portal", "outcome"),
            registry=registry,
        )
        self._seconds = Histogram(
            "lienthong_job_seconds", "Time to find one", ("operation",), buckets=_JOB_SECONDS, registry=registry
        )
        self._unavailable = Counter(
            "lienthong_jobs_unavailable_total", "Times jobs could not be read or written", registry=registry
        )

    def running(self, jobs: int) -> None:
        """So many are worked on now."""
        self._running.set(jobs)

    def ended(self, call: Call, agency: str, code: str, seconds: float) -> None:
        """One has its result."""
        self._ended.labels(call.value, agency, code).inc()
        self._seconds.labels(call.value).observe(seconds)

    def unavailable(self) -> None:
        """The store could not be read or written."""
        self._unavailable.inc()


class SourceMetrics:
    """Calls to the national databases: an `adapters.observe.Observer`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "lienthong_source_seconds",
            "Duration of calls to a source, retries included",
            ("source", "operation", "outcome"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._breaker = Gauge(
            "lienthong_source_breaker", "1 for the state the breaker is in", ("source", "state"), registry=registry
        )
        self._retries = Counter("lienthong_source_retries_total", "Tries repeated", ("source",), registry=registry)
        self._waiting = Gauge(
            "lienthong_source_waiting", "Calls waiting for a place in the bulkhead", ("source",), registry=registry
        )

        self._states: dict[str, str] = {}

    def state_of(self, source: str) -> str:
        """The breaker's state: closed, half_open or open."""
        return self._states.get(source, "closed")

    def known(self, source: str) -> None:
        """Show a source from the start, before its first call."""
        self.breaker(source, "closed")
        self._waiting.labels(source).set(0)
        self._retries.labels(source)

    def called(self, source: str, operation: str, outcome: str, seconds: float) -> None:
        """One call ended."""
        self._seconds.labels(source, operation, outcome).observe(seconds)

    def breaker(self, source: str, state: str) -> None:
        """The breaker changed its state."""
        self._states[source] = state
        for known in BREAKER_STATES:
            self._breaker.labels(source, known).set(1 if known == state else 0)

    def retried(self, source: str) -> None:
        """Another try is about to start."""
        self._retries.labels(source).inc()

    def waiting(self, source: str, n: int) -> None:
        """`n` calls wait for a place."""
        self._waiting.labels(source).set(n)


class LogMetrics:
    """The access log's write path: a `gateway.audit.log.Observer`. `clock`: seconds, monotonic."""

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failed_at: float | None = None
        self._seconds = Histogram(
            "lienthong_log_commit_seconds", "Time to make a batch durable", buckets=_COMMIT_SECONDS, registry=registry
        )
        self._sizes = Histogram(
            "lienthong_log_batch_entries", "Entries in one durable batch", buckets=_SIZES, registry=registry
        )
        self._failed = Counter(
            "lienthong_log_failures_total", "Batches that could not be made durable", registry=registry
        )
        self._queue = Gauge("lienthong_log_waiting", "Events waiting or being written", registry=registry)

    def committed(self, seconds: float, batch_size: int) -> None:
        """A batch became durable."""
        self._failed_at = None
        self._seconds.observe(seconds)
        self._sizes.observe(batch_size)

    def failed(self) -> None:
        """A batch could not be made durable."""
        self._failed_at = self._clock()
        self._failed.inc()

    def failing_for(self) -> float | None:
        """Seconds since the last failure, when no batch was written since; None when the log writes."""
        return None if self._failed_at is None else self._clock() - self._failed_at

    def queue(self, waiting: int) -> None:
        """Events waiting or being written now."""
        self._queue.set(waiting)


def exposition(registry: CollectorRegistry) -> bytes:
    """The registry in the Prometheus text format."""
    return generate_latest(registry)
