"""Whether a call to the population service carries the right credentials.

Rule of this file: the scheme of C06. `hash` is the lower-case hexadecimal SHA-256 of authentication URL, user name,
timestamp and secret written one after the other; the call carries `Authorization: Basic base64(username:hash)` and
the same `Timestamp`. The hash does not cover the body, and a call within the five minutes can be replayed.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest

from mocks.population.credentials import Credentials
from mocks.population.variants import Stamp, Variant

_WINDOW = timedelta(minutes=5)
_MAX_DIGITS = 16


def admitted(headers: Mapping[str, str], credentials: Credentials, *, variant: Variant, at: datetime) -> bool:
    """True when hash, timestamp (within five minutes of `at`) and, where demanded, both client headers are right."""
    timestamp = headers.get("timestamp", "")
    moment = _moment(timestamp, variant.stamp)
    if moment is None or abs(at - moment) > _WINDOW:
        return False
    if not _headers_right(headers, credentials, variant):
        return False
    wanted = f"{credentials.username}:{_hash(credentials, timestamp)}"
    given = _basic(headers.get("authorization", ""))
    return given is not None and compare_digest(given, wanted.encode())


def _hash(credentials: Credentials, timestamp: str) -> str:
    text = credentials.auth_url + credentials.username + timestamp + credentials.secret
    return sha256(text.encode()).hexdigest()


def _moment(timestamp: str, stamp: Stamp) -> datetime | None:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _MAX_DIGITS):
        return None
    unit = 1 if stamp is Stamp.SECONDS else 1000
    try:
        return datetime.fromtimestamp(int(timestamp) / unit, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _headers_right(headers: Mapping[str, str], credentials: Credentials, variant: Variant) -> bool:
    pairs = (("x-road-client", credentials.xroad_client), ("apikey", credentials.api_key))
    for name, wanted in pairs:
        given = headers.get(name)
        if given is None and not variant.xroad:
            continue
        if given is None or not compare_digest(given.encode(), wanted.encode()):
            return False
    return True


def _basic(authorization: str) -> bytes | None:
    scheme, _, value = authorization.partition(" ")
    if scheme != "Basic":
        return None
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        return None
