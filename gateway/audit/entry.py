"""An event becomes bytes: canonical payload, sealed in an envelope whose hash is a leaf of the tree.

    envelope = header || AES-256-GCM(sealing key, nonce, payload, header)
    header   = version 1 | kind 1 | time 8 | epoch 16 | subject tag 16 | actor tag 16 | nonce 12        70
    bytes

`time` is microseconds since 1970 UTC, big-endian. A tag of zeros means nobody. The payload is JSON with
sorted keys, no white space, ASCII only (other characters as \\uXXXX) and no fractions: one event has one
encoding. The payload of a key-epoch entry stands in clear behind a nonce of zeros, so that its commitments
can be read without the key.

Rule of this file: one envelope per (event, subject). What is stored and what is hashed are the same bytes.
"""

import base64
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.audit.epoch import NO_TAG, Epoch
from gateway.audit.errors import LogUnavailable
from gateway.audit.events import KINDS, Context, Decided, Disclosed, Event, KeyEpoch, Refused, SubjectRef
from signing.merkle import leaf_hash

HEADER = struct.Struct(">BBQ16s16s16s12s")
VERSION = 1
PAYLOAD_VERSION = 1
NONCE_BYTES = 12
LIMIT = 65_535
"""C2SP tlog-tiles gives an entry a length of two bytes."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Sealed:
    """One entry, ready to be stored: the header's parts that are searched by, the envelope, its leaf hash."""

    at_us: int
    subject_tag: bytes
    actor_tag: bytes
    envelope: bytes
    leaf: bytes


def seal(event: Event, epoch: Epoch, urandom: Callable[[int], bytes]) -> tuple[Sealed, ...]:
    """The entries of an event: one per subject in their order, one when it has none.

    Raises LogUnavailable("oversized") when an envelope would be longer than 65,535 bytes.
    """
    if isinstance(event, KeyEpoch):
        return (_sealed(event, epoch, NO_TAG, NO_TAG, canonical(_key_epoch(event)), None),)
    actor = epoch.actor_tag(event.context.agency, event.context.officer)
    shared = _shared(event)
    if not event.subjects:
        return (_sealed(event, epoch, NO_TAG, actor, canonical(shared), urandom(NONCE_BYTES)),)
    count = len(event.subjects)
    return tuple(
        _sealed(
            event,
            epoch,
            epoch.subject_tag(subject.id),
            actor,
            canonical({**shared, "subject": _subject(subject, number, count)}),
            urandom(NONCE_BYTES),
        )
        for number, subject in enumerate(event.subjects, start=1)
    )


def canonical(payload: Mapping[str, Any]) -> bytes:
    """The one encoding of a payload."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970 of an aware time, without going through a float."""
    return (at - _EPOCH) // _MICROSECOND


def _sealed(event: Event, epoch: Epoch, subject: bytes, actor: bytes, payload: bytes, nonce: bytes | None) -> Sealed:
    at_us = microseconds(event.at)
    kind, clear = KINDS[type(event)], bytes(NONCE_BYTES)
    header = HEADER.pack(VERSION, kind, at_us, epoch.kid, subject, actor, nonce or clear)
    body = payload if nonce is None else epoch.cipher.encrypt(nonce, payload, header)
    envelope = header + body
    if len(envelope) > LIMIT:
        raise LogUnavailable("oversized")
    return Sealed(at_us, subject, actor, envelope, leaf_hash(envelope))


def _subject(subject: SubjectRef, number: int, count: int) -> dict[str, Any]:
    return {"role": subject.role, "kind": subject.kind, "n": number, "of": count}


def _shared(event: Decided | Disclosed | Refused) -> dict[str, Any]:
    members = {**_context(event.context), **_own(event)}
    members = {name: value for name, value in members.items() if value is not None}
    return {"v": PAYLOAD_VERSION, "kind": KINDS[type(event)].label, **members}


def _context(context: Context) -> dict[str, Any]:
    return {
        "req": context.req,
        "portal": context.agency,
        "officer": context.officer,
        "key": context.kid,
        "operation": context.operation,
        "procedure": context.procedure,
        "dossier": context.dossier,
        "basis": context.basis,
        "consent": context.consent,
    }


def _own(event: Decided | Disclosed | Refused) -> dict[str, Any]:
    match event:
        case Decided():
            return {
                "fields": list(event.fields),
                "sources": list(event.sources),
                "token": event.token,
                "configuration": event.configuration,
            }
        case Disclosed():
            return {
                "fields": list(event.fields),
                "outcomes": dict(event.sources),
                "status": event.status,
                "digest": event.digest,
                "decided": event.decided,
                "found": event.found,
                "token": event.token,
            }
        case Refused():
            return {
                "code": event.code,
                "fields": list(event.fields),
                "outcomes": dict(event.sources),
                "status": event.status,
                "digest": event.digest,
                "decided": event.decided,
                "token": event.token,
            }


def _key_epoch(event: KeyEpoch) -> dict[str, Any]:
    return {
        "v": PAYLOAD_VERSION,
        "kind": KINDS[KeyEpoch].label,
        "epoch": event.epoch,
        "sealing": event.sealing,
        "search": event.search,
        "origin": event.origin,
        "log_key": event.vkey,
    }


def announcement(epoch: Epoch, *, origin: str, vkey: str, at: datetime) -> KeyEpoch:
    """The event that opens an epoch."""
    return KeyEpoch(
        at=at,
        epoch=epoch.kid.hex(),
        sealing=base64.b64encode(epoch.sealing_commitment).decode(),
        search=base64.b64encode(epoch.search_commitment).decode(),
        origin=origin,
        vkey=vkey,
    )
