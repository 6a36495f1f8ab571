"""Publishing of the log in numbers and log lines: a `gateway.publish.state.Observer`.

Labels are names of the configuration and words of a closed list.
"""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge

from gateway import logs
from gateway.publish.state import EndpointState, Kind, Problem

_SECOND = 1_000_000


class PublishMetrics:
    """How witnesses and time-stamping authorities fare. `defect`: where faults of ours are reported."""

    def __init__(self, registry: CollectorRegistry, defect: Callable[[BaseException, str], None]) -> None:
        labels = ("kind", "name")
        self._success = Gauge(
            "lienthong_publish_last_success_timestamp_seconds",
            "When the endpoint last cosigned or stamped, 0 for never",
            labels,
            registry=registry,
        )
        self._entries = Gauge(
            "lienthong_publish_covered_entries", "Entries its newest signature covers", labels, registry=registry
        )
        self._problem = Gauge(
            "lienthong_publish_problem",
            "1 for what is in the way now; `inconsistent` means that the log was cut back, rewritten or split",
            (*labels, "problem"),
            registry=registry,
        )
        self._failures = Counter("lienthong_publish_failures_total", "Tries that failed", labels, registry=registry)
        self._went_back = Counter(
            "lienthong_publish_went_back_total", "Times a witness had lost its memory", ("name",), registry=registry
        )
        self._defect = defect
        self._last: dict[tuple[Kind, str], Problem | None] = {}

    def endpoint(self, state: EndpointState) -> None:
        """An endpoint is known, was asked, or failed."""
        labels = (state.kind.value, state.name)
        self._success.labels(*labels).set((state.last_success_us or 0) / _SECOND)
        self._entries.labels(*labels).set(state.size or 0)
        for problem in Problem:
            self._problem.labels(*labels, problem.value).set(problem is state.problem)
        failures = self._failures.labels(*labels)
        if state.problem is not None:
            failures.inc()
        if self._last.get((state.kind, state.name)) is not state.problem:
            outcome = "ok" if state.problem is None else state.problem.value
            logs.line("publish", kind=state.kind.value, name=state.name, outcome=outcome, size=state.size)
        self._last[state.kind, state.name] = state.problem

    def went_back(self, name: str, size: int) -> None:
        """A witness lost its memory."""
        self._went_back.labels(name).inc()
        logs.line("witness_went_back", name=name, size=size)

    def defect(self, error: BaseException, instance: str) -> None:
        """Something of ours broke."""
        self._defect(error, instance)
