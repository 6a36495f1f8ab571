"""The fault table: every library error and every status has a row, whatever the order of the rows."""

import aiohttp
import httpx
import pytest
from aiohttp.http_exceptions import BadStatusLine

from adapters import faults
from adapters.contract import Fault
from adapters.faults import Retry


def test_every_httpx_error_has_a_row() -> None:
    """Each exception class httpx exports is found along its MRO."""
    classes = [value for value in vars(httpx).values() if isinstance(value, type)]
    errors = [cls for cls in classes if issubclass(cls, httpx.HTTPError | httpx.InvalidURL | httpx.StreamError)]
    assert len(errors) > 15
    assert [cls for cls in errors if not any(base in faults.EXCEPTIONS for base in cls.__mro__)] == []


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.ConnectError("x"), (Fault.UNAVAILABLE, "connect_failed", Retry.UNSENT)),
        (httpx.ReadTimeout("x"), (Fault.TIMED_OUT, "timed_out", Retry.NEVER)),
        (httpx.RemoteProtocolError("x"), (Fault.UNAVAILABLE, "connection_lost", Retry.IDEMPOTENT)),
        (ConnectionResetError(), (Fault.UNAVAILABLE, "connection_lost", Retry.IDEMPOTENT)),
        (BadStatusLine("x"), (Fault.GARBLED, "malformed_http", Retry.NEVER)),
        (RuntimeError("x"), (Fault.UNAVAILABLE, "connection_lost", Retry.IDEMPOTENT)),
    ],
)
def test_rows(error: Exception, expected: tuple[Fault, str, Retry]) -> None:
    """Each exception has the documented fault, reason and retry rule."""
    row = faults.of_exception(error)
    assert (row.fault, row.reason, row.retry) == expected


def test_the_cause_is_preferred() -> None:
    """A lost connection the bridge calls ConnectTimeout is still a lost connection."""
    error = httpx.ConnectTimeout("x")
    error.__cause__ = aiohttp.ServerDisconnectedError()
    assert faults.of_exception(error).reason == "connection_lost"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (100, (Fault.GARBLED, "unexpected_status")),
        (204, (Fault.GARBLED, "unexpected_status")),
        (304, (Fault.GARBLED, "unexpected_redirect")),
        (400, (Fault.REFUSED, "http_400")),
        (401, (Fault.REFUSED, "http_401")),
        (404, (Fault.REFUSED, "http_404")),
        (429, (Fault.UNAVAILABLE, "http_429")),
        (500, (Fault.UNAVAILABLE, "http_500")),
        (501, (Fault.REFUSED, "http_501")),
        (599, (Fault.UNAVAILABLE, "http_599")),
        (799, (Fault.GARBLED, "unexpected_status")),
    ],
)
def test_statuses(status: int, expected: tuple[Fault, str]) -> None:
    """Each status has the documented fault and reason."""
    row = faults.of_status(status)
    assert (row.fault, row.reason) == expected


@pytest.mark.parametrize(
    ("retry", "idempotent", "retryable"),
    [
        (Retry.NEVER, True, False),
        (Retry.UNSENT, False, True),
        (Retry.IDEMPOTENT, True, True),
        (Retry.IDEMPOTENT, False, False),
    ],
)
def test_retryable(retry: Retry, idempotent: bool, retryable: bool) -> None:
    """Only what never arrived, or may be repeated, is tried again."""
    row = faults.Row(Fault.UNAVAILABLE, "x", retry)
    assert faults.error(row, idempotent=idempotent).retryable is retryable
