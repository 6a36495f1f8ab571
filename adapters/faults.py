"""The one table from what can go wrong on the wire to what the gateway calls it.

Rule of this file: a class is looked up along its MRO, so the order of the rows carries no meaning. aiohttp's
own class, when it is the cause, is preferred: the httpx bridge calls a lost connection `ConnectTimeout`.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import aiohttp
import httpx
from aiohttp.http_exceptions import HttpProcessingError

from adapters.contract import AdapterError, Fault


class Retry(StrEnum):
    """Whether another try may help, and when it is safe."""

    NEVER = "never"
    UNSENT = "unsent"  # nothing reached the source: safe for every call
    IDEMPOTENT = "idempotent"  # the source may have acted: safe only for a call that may be repeated


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    fault: Fault
    reason: str
    retry: Retry


_LOST = Row(Fault.UNAVAILABLE, "connection_lost", Retry.IDEMPOTENT)
_UNREACHED = Row(Fault.UNAVAILABLE, "connect_failed", Retry.UNSENT)
_TLS = Row(Fault.UNAVAILABLE, "tls_failed", Retry.NEVER)
_LATE = Row(Fault.TIMED_OUT, "timed_out", Retry.NEVER)
_BROKEN = Row(Fault.GARBLED, "malformed_http", Retry.NEVER)
_ADDRESS = Row(Fault.REFUSED, "url_invalid", Retry.NEVER)

EXCEPTIONS: Mapping[type[BaseException], Row] = {
    OSError: _LOST,
    ssl.SSLError: _TLS,
    TimeoutError: _LATE,
    httpx.HTTPError: _LOST,
    httpx.TimeoutException: _LATE,
    httpx.ConnectTimeout: _UNREACHED,
    httpx.PoolTimeout: _UNREACHED,
    httpx.ConnectError: _UNREACHED,
    httpx.ProxyError: _UNREACHED,
    httpx.UnsupportedProtocol: _ADDRESS,
    httpx.InvalidURL: _ADDRESS,
    httpx.LocalProtocolError: _ADDRESS,
    httpx.DecodingError: _BROKEN,
    httpx.StreamError: _LOST,
    aiohttp.ClientError: _LOST,
    aiohttp.ClientConnectorError: _UNREACHED,
    aiohttp.ClientConnectorDNSError: Row(Fault.UNAVAILABLE, "name_unresolved", Retry.UNSENT),
    aiohttp.ClientSSLError: _TLS,
    aiohttp.ServerFingerprintMismatch: _TLS,
    aiohttp.ServerTimeoutError: _LATE,
    aiohttp.ConnectionTimeoutError: _UNREACHED,
    aiohttp.ClientResponseError: _BROKEN,
    aiohttp.InvalidURL: _ADDRESS,
    aiohttp.NonHttpUrlClientError: _ADDRESS,
    HttpProcessingError: _BROKEN,
}

_STATUSES: Mapping[int, Row] = {
    400: Row(Fault.REFUSED, "http_400", Retry.NEVER),
    408: Row(Fault.UNAVAILABLE, "http_408", Retry.IDEMPOTENT),
    425: Row(Fault.UNAVAILABLE, "http_425", Retry.IDEMPOTENT),
    429: Row(Fault.UNAVAILABLE, "http_429", Retry.NEVER),  # another try at once is what it complains about
    500: Row(Fault.UNAVAILABLE, "http_500", Retry.IDEMPOTENT),
    501: Row(Fault.REFUSED, "http_501", Retry.NEVER),
    502: Row(Fault.UNAVAILABLE, "http_502", Retry.IDEMPOTENT),
    503: Row(Fault.UNAVAILABLE, "http_503", Retry.IDEMPOTENT),
    504: Row(Fault.UNAVAILABLE, "http_504", Retry.IDEMPOTENT),
}


def of_exception(error: BaseException) -> Row:
    """The row of an exception of the HTTP stack; a class outside the table counts as a lost connection."""
    for candidate in (error.__cause__, error):
        if candidate is not None and (row := _along_mro(candidate)) is not None:
            return row
    return _LOST


def of_status(status: int) -> Row:
    """The row of an HTTP status the adapter does not expect (RFC 9110 section 15)."""
    if status in _STATUSES:
        return _STATUSES[status]
    if 300 <= status < 400:
        return Row(Fault.GARBLED, "unexpected_redirect", Retry.NEVER)
    if 400 <= status < 500:
        return Row(Fault.REFUSED, f"http_{status}", Retry.NEVER)
    if 500 <= status < 600:
        return Row(Fault.UNAVAILABLE, f"http_{status}", Retry.IDEMPOTENT)
    return Row(Fault.GARBLED, "unexpected_status", Retry.NEVER)


def error(row: Row, *, idempotent: bool) -> AdapterError:
    """The row as an exception; `retryable` says whether this very call may be tried again."""
    retryable = row.retry is Retry.UNSENT or (row.retry is Retry.IDEMPOTENT and idempotent)
    return AdapterError(row.fault, row.reason, retryable=retryable)


def _along_mro(candidate: BaseException) -> Row | None:
    return next((EXCEPTIONS[cls] for cls in type(candidate).__mro__ if cls in EXCEPTIONS), None)
