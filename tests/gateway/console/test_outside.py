"""What the gateway's metrics say of witnesses and authorities, read as its own code writes them."""

from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from gateway.console.outside import Endpoint, Outside, read
from gateway.ops.publish_metrics import PublishMetrics
from gateway.publish.state import EndpointState, Kind, Problem
from tests.gateway.console.listening import answering
from tests.helpers.ports import held_port

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
AT_US = int(AT.timestamp()) * 1_000_000


def exposed() -> str:
    """Metrics of a gateway with two witnesses and an authority."""
    registry = CollectorRegistry()
    metrics = PublishMetrics(registry, lambda *_: None)
    metrics.endpoint(EndpointState(Kind.WITNESS, "province-01", AT_US, 140))
    metrics.endpoint(EndpointState(Kind.WITNESS, "ministry", AT_US, 99, Problem.INCONSISTENT, AT_US))
    metrics.endpoint(EndpointState(Kind.AUTHORITY, "national-tsa", problem=Problem.TIMEOUT, since_us=AT_US))
    metrics.went_back("ministry", 12)
    return generate_latest(registry).decode()


WANTED = [
    Endpoint("authority", "national-tsa", "national-tsa", None, 0, "timeout"),
    Endpoint("witness", "ministry", "ministry", AT, 99, "inconsistent", 1),
    Endpoint("witness", "province-01", "witness.example/w1", AT, 140, ""),
]


def test_read() -> None:
    """Each endpoint with what it covers, since when, and what is in the way."""
    assert read(exposed(), {"province-01": "witness.example/w1"}) == WANTED


async def test_asked() -> None:
    """The gateway is asked over its operations port."""
    with answering(200, exposed().encode()) as url:
        assert await Outside(url, {"province-01": "witness.example/w1"}).endpoints() == WANTED


@pytest.mark.parametrize(("status", "body"), [(500, b""), (200, b"lienthong_publish_problem{ 1"), (404, b"no")])
async def test_no_answer(status: int, body: bytes) -> None:
    """What cannot be read is not known, which is neither good nor bad."""
    with answering(status, body) as url:
        assert await Outside(url, {}).endpoints() is None


async def test_unreachable() -> None:
    """A gateway that is down is not known either."""
    with held_port() as port:  # where nobody listens
        assert await Outside(f"http://127.0.0.1:{port}", {}).endpoints() is None
