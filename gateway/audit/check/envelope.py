"""What the bytes of an entry say by themselves, and what they say to someone who holds the key epoch.

    version 1 | kind 1 | time 8 | epoch 16 | subject tag 16 | actor tag 16 | nonce 12 | payload

Rule of this file: ValueError says what is wrong with an envelope. No error text holds any part of a payload.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.audit.check.keys import EpochKeys

HEADER_BYTES = 70
LONGEST = 65_535
INSPECTED, CHANGED, KEY_EPOCH, REDACTION, HEARTBEAT = 4, 5, 6, 7, 8
KINDS = {
    1: "decided",
    2: "disclosed",
    3: "refused",
    INSPECTED: "inspected",
    CHANGED: "changed",
    KEY_EPOCH: "key-epoch",
    REDACTION: "redaction",
    HEARTBEAT: "heartbeat",
}
CLEAR = frozenset({KEY_EPOCH, REDACTION, HEARTBEAT})
"""Kinds whose payload stands in clear."""

SEALED = {KINDS[kind]: kind for kind in KINDS.keys() - CLEAR}
"""Names of the others, as announcements and redactions write them."""

_TAG_BYTES = 16
_NOBODY = bytes(_TAG_BYTES)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The parts of an entry."""

    kind: int
    at_us: int
    epoch: bytes
    subject_tag: bytes
    actor_tag: bytes
    nonce: bytes
    header: bytes
    body: bytes


def parse(data: bytes) -> Envelope:
    """The parts of an envelope. ValueError for a version, kind or length nobody writes."""
    if not HEADER_BYTES < len(data) <= LONGEST:
        raise ValueError("the envelope has an impossible length")
    if data[0] != 1:
        raise ValueError(f"the envelope has the unknown version {data[0]}")
    if data[1] not in KINDS:
        raise ValueError(f"the envelope has the unknown kind {data[1]}")
    at_us = int.from_bytes(data[2:10], "big")
    return Envelope(
        data[1], at_us, data[10:26], data[26:42], data[42:58], data[58:70], data[:HEADER_BYTES], data[HEADER_BYTES:]
    )


def in_clear(envelope: Envelope) -> dict[str, Any]:
    """The payload of an entry in clear. ValueError when its header is not that of one, or the form is another."""
    if any(envelope.nonce):
        raise ValueError("an entry in clear has a nonce of zeros, this one has another")
    if any(envelope.subject_tag) or any(envelope.actor_tag):
        raise ValueError("an entry in clear is about nobody and by nobody, this one carries a tag")
    if envelope.kind != KEY_EPOCH and any(envelope.epoch):
        raise ValueError("an entry in clear belongs to no key epoch, this one names one")
    return _payload(envelope.body, envelope.kind)


def check_keys(keys: EpochKeys, announcement: dict[str, Any]) -> None:
    """Whether these are the keys the announcement commits to. ValueError when they are not."""
    for name, key in (("sealing", keys.sealing), ("search", keys.search)):
        commitment = hmac.new(key, b"commit", hashlib.sha256).digest()
        if announcement.get(name) != base64.b64encode(commitment).decode():
            raise ValueError(f"the {name} key given is not the one the epoch was announced with")


def unseal(envelope: Envelope, cipher: AESGCM) -> dict[str, Any]:
    """The payload of a sealed entry. ValueError when the key does not open it or it is not in its canonical form."""
    try:
        clear = cipher.decrypt(envelope.nonce, envelope.body, envelope.header)
    except InvalidTag:
        raise ValueError("the content does not open under the key of its epoch") from None
    return _payload(clear, envelope.kind)


def check_tags(envelope: Envelope, payload: dict[str, Any], search: bytes) -> None:
    """Whether an opened entry can be found by whom it names. ValueError when it was hidden from a search."""
    if ("subject" in payload) != (envelope.subject_tag != _NOBODY):
        raise ValueError("its subject tag and its content disagree about whether it is about somebody")
    house = {INSPECTED: "auditor", CHANGED: "by"}.get(envelope.kind)
    agency, actor = ("console", payload.get(house)) if house else (payload.get("portal"), payload.get("officer"))
    message = f"actor\0{agency}\0{actor}".encode(errors="surrogatepass")
    if hmac.digest(search, message, "sha256")[:_TAG_BYTES] != envelope.actor_tag:
        raise ValueError("its actor tag is not that of whom its content names")


def _payload(clear: bytes, kind: int) -> dict[str, Any]:
    try:
        payload = json.loads(clear)
        canonical = json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        raise ValueError("the content is not JSON") from None
    if not isinstance(payload, dict) or payload.get("v") != 1 or payload.get("kind") != KINDS[kind]:
        raise ValueError("the content is not that of its kind")
    if canonical != clear:
        raise ValueError("the content is not in its canonical form")
    return payload
