"""Publishing in numbers and log lines."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry

from gateway import logs
from gateway.ops.publish_metrics import PublishMetrics
from gateway.publish.state import EndpointState, Kind, Problem


@pytest.fixture
def registry() -> CollectorRegistry:
    """An empty registry."""
    return CollectorRegistry()


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged during a test."""
    stream = io.StringIO()
    before = logging.root.handlers[:], logging.root.level
    logs.configure(stream)
    yield stream
    logs.configure()
    logging.root.handlers[:], logging.root.level = before


def test_states_become_numbers(registry: CollectorRegistry) -> None:
    """What an endpoint covers, when it last did, and the one thing in its way."""
    defects: list[BaseException] = []
    metrics = PublishMetrics(registry, lambda error, _: defects.append(error))
    labels = {"kind": "witness", "name": "w1"}
    metrics.endpoint(EndpointState(Kind.WITNESS, "w1"))
    assert registry.get_sample_value("lienthong_publish_last_success_timestamp_seconds", labels) == 0
    metrics.endpoint(EndpointState(Kind.WITNESS, "w1", 2_000_000, 7, Problem.INCONSISTENT, 1))
    assert registry.get_sample_value("lienthong_publish_last_success_timestamp_seconds", labels) == 2
    assert registry.get_sample_value("lienthong_publish_covered_entries", labels) == 7
    for problem in Problem:
        value = registry.get_sample_value("lienthong_publish_problem", {**labels, "problem": problem.value})
        assert value == (problem is Problem.INCONSISTENT)
    assert registry.get_sample_value("lienthong_publish_failures_total", labels) == 1
    metrics.went_back("w1", 3)
    assert registry.get_sample_value("lienthong_publish_went_back_total", {"name": "w1"}) == 1
    metrics.defect(RuntimeError(), "")
    assert len(defects) == 1


def test_a_line_is_written_when_something_changes(registry: CollectorRegistry, written: io.StringIO) -> None:
    """An outage of hours is one line, and its end another."""
    metrics = PublishMetrics(registry, lambda _, __: None)
    fine = EndpointState(Kind.AUTHORITY, "tsa", 1, 2)
    down = EndpointState(Kind.AUTHORITY, "tsa", 1, 2, Problem.TIMEOUT, 3)
    for state in (fine, down, down, down, fine, fine):
        metrics.endpoint(state)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["event"], line["name"], line["outcome"]) for line in lines] == [
        ("publish", "tsa", "timeout"),
        ("publish", "tsa", "ok"),
    ]
