"""What the bytes of an entry say by themselves, and what they say to someone who holds the key epoch.

    version 1 | kind 1 | time 8 | epoch 16 | subject tag 16 | actor tag 16 | nonce 12 | payload

Rule of this file: ValueError says what is wrong with an envelope. No error text holds any part of a payload.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HEADER_BYTES = 70
LONGEST = 65_535
KEY_EPOCH = 6
KINDS = {
    1: "decided",
    2: "disclosed",
    3: "refused",
    4: "inspected",
    5: "changed",
    KEY_EPOCH: "key-epoch",
    7: "redaction",
    8: "heartbeat",
}


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


@dataclass(frozen=True, slots=True)
class EpochKeys:
    """The secrets of one key epoch, as its file holds them."""

    epoch: bytes
    sealing: bytes = field(repr=False)
    search: bytes = field(repr=False)


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


def announced(envelope: Envelope) -> dict[str, Any]:
    """The payload of a key-epoch entry, which stands in clear. ValueError when it does not fit its own header."""
    payload = _payload(envelope.body, envelope.kind)
    if payload.get("epoch") != envelope.epoch.hex() or any(envelope.nonce):
        raise ValueError("the announcement of the key epoch does not fit its header")
    return payload


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


def read_epoch(text: bytes) -> EpochKeys:
    """The keys in the text of a key epoch file. ValueError when it is none."""
    try:
        written = json.loads(text)
        keys = EpochKeys(
            bytes.fromhex(written["epoch"]),
            base64.b64decode(written["sealing_key"], validate=True),
            base64.b64decode(written["search_key"], validate=True),
        )
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ValueError("not a key epoch file") from None
    if (len(keys.epoch), len(keys.sealing), len(keys.search)) != (16, 32, 32):
        raise ValueError("not a key epoch file")
    return keys


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
