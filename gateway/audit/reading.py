"""Stored entries made readable again, for those who hold the key ring.

Rule of this file: what does not open is shown as sealed, never guessed. Nothing here verifies the tree: `check` does.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag

from gateway.audit.entry import HEADER
from gateway.audit.events import CLEAR, EntryKind
from gateway.audit.ring import KeyRing
from gateway.storage.contract import Reader, Row

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Opened:
    """One entry. `payload` is None when the keys of its epoch are not at hand or destroyed, or it was altered."""

    index: int
    at: datetime
    kind: str
    epoch: str
    leaf: bytes
    payload: dict[str, Any] | None = field(repr=False)


def opened(row: Row, ring: KeyRing) -> Opened:
    """The entry in a stored row.

    Raises ValueError when the envelope has no header of version 1, KeyFileRefused for a spoilt file in the ring.
    """
    if row.envelope is None or len(row.envelope) <= HEADER.size or row.envelope[0] != 1:
        raise ValueError(f"entry {row.index} is no envelope of version 1")
    header = row.envelope[: HEADER.size]
    _, kind, at_us, kid, _, _, nonce = HEADER.unpack(header)
    body = row.envelope[HEADER.size :]
    payload: dict[str, Any] | None = None
    epoch = None if kind in CLEAR else ring.find(kid)
    if kind in CLEAR:
        payload = _in_clear(body)
    elif epoch is not None:
        try:
            payload = json.loads(epoch.cipher.decrypt(nonce, body, header))
        except InvalidTag:
            payload = None
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
    return Opened(row.index, at, EntryKind(kind).label, kid.hex(), row.leaf, payload)


def _in_clear(body: bytes) -> dict[str, Any] | None:
    """What anyone could have written there: None when it is no JSON object."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def as_json(entry: Opened) -> dict[str, Any]:
    """An entry for programs: the lines of `gateway log show --json` and of an export's contents."""
    return {
        "index": entry.index,
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "epoch": entry.epoch,
        "leaf": entry.leaf.hex(),
        "content": entry.payload,
    }


def newest(reader: Reader, ring: KeyRing, *, subject: str | None) -> Iterator[Opened]:
    """Every entry, the newest first; with `subject` (an identifier) only those about it.

    Reads as far as is consumed.
    """
    tags = None if subject is None else ring.subject_tags(subject)
    below: int | None = None
    while rows := reader.newest(below=below, subject_tags=tags, limit=_PAGE):
        for row in rows:
            yield opened(row, ring)
        below = rows[-1].index
