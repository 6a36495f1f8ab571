"""An event becomes bytes: canonical payload, sealed in an envelope whose hash is a leaf of the tree.

    envelope = header || AES-256-GCM(sealing key, nonce, payload, header)
    header   = version 1 | kind 1 | time 8 | epoch 16 | subject tag 16 | actor tag 16 | nonce 12      70 bytes

`time` is microseconds since 1970 UTC, big-endian. A tag of zeros means nobody. The payload is JSON with
sorted keys, no white space, ASCII only (other characters as \\uXXXX) and no fractions: one event has one
encoding. The payload of a key-epoch, redaction or heartbeat entry stands in clear behind a nonce of zeros: it says
nothing about anyone and outlives every key.

Rule of this file: one envelope per (event, subject). What is stored and what is hashed are the same bytes.
"""

import base64
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway import text
from gateway.audit.epoch import KID_BYTES, NO_TAG, Epoch
from gateway.audit.errors import LogUnavailable
from gateway.audit.events import (
    KINDS,
    Changed,
    Context,
    Decided,
    Disclosed,
    Event,
    Heartbeat,
    Inspected,
    KeyEpoch,
    Redacted,
    Refused,
    SubjectRef,
)
from signing.merkle import leaf_hash

HEADER = struct.Struct(">BBQ16s16s16s12s")
VERSION = 1
PAYLOAD_VERSION = 1
NONCE_BYTES = 12
LIMIT = 65_535
"""C2SP tlog-tiles gives an entry a length of two bytes."""

CONSOLE = "console"
"""Stands for the portal in the actor tag of an account of the console."""

FAMILY_BYTES = 8
"""Of a family name's tag: enough to tell names apart within a month."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Sealed:
    """One entry, ready to be stored: the header's parts that are searched by, the envelope, its leaf hash.

    `epoch`: the key epoch it is sealed under, to be announced before it; None for an entry in clear.
    """

    at_us: int
    subject_tag: bytes
    actor_tag: bytes
    envelope: bytes
    leaf: bytes
    epoch: Epoch | None


def seal(event: Event, epoch: Epoch | None, urandom: Callable[[int], bytes]) -> tuple[Sealed, ...]:
    """The entries of an event: one per subject in their order, one when it has none.

    `epoch` is None exactly for the kinds in clear. Raises LogUnavailable("oversized") when an envelope would be longer
    than 65,535 bytes.
    """
    if isinstance(event, KeyEpoch | Redacted | Heartbeat):
        return (_clear(event),)
    if epoch is None:
        raise ValueError(f"a {KINDS[type(event)].label} entry needs a key epoch")
    actor, shared = _actor(event, epoch), _shared(event)
    subjects = event.subjects
    if not subjects:
        return (_sealed(event, epoch, NO_TAG, actor, canonical(shared), urandom(NONCE_BYTES)),)
    count = len(subjects)
    return tuple(
        _sealed(
            event,
            epoch,
            epoch.subject_tag(subject.id),
            actor,
            canonical({**shared, "subject": _subject(subject, number, count, epoch)}),
            urandom(NONCE_BYTES),
        )
        for number, subject in enumerate(subjects, start=1)
    )


def canonical(payload: Mapping[str, Any]) -> bytes:
    """The one encoding of a payload."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970 of an aware time, without going through a float."""
    return (at - _EPOCH) // _MICROSECOND


def _clear(event: KeyEpoch | Redacted | Heartbeat) -> Sealed:
    kid = bytes.fromhex(event.epoch) if isinstance(event, KeyEpoch) else bytes(KID_BYTES)
    header = _header(event, kid, NO_TAG, NO_TAG, bytes(NONCE_BYTES))
    return _stored(header, canonical(_shared(event)), None)


def _sealed(event: Event, epoch: Epoch, subject: bytes, actor: bytes, payload: bytes, nonce: bytes) -> Sealed:
    header = _header(event, epoch.kid, subject, actor, nonce)
    return _stored(header, epoch.cipher.encrypt(nonce, payload, header), epoch)


def _header(event: Event, kid: bytes, subject: bytes, actor: bytes, nonce: bytes) -> bytes:
    return HEADER.pack(VERSION, KINDS[type(event)], microseconds(event.at), kid, subject, actor, nonce)


def _stored(header: bytes, body: bytes, epoch: Epoch | None) -> Sealed:
    envelope = header + body
    if len(envelope) > LIMIT:
        raise LogUnavailable("oversized")
    _, _, at_us, _, subject, actor, _ = HEADER.unpack(header)
    return Sealed(at_us, subject, actor, envelope, leaf_hash(envelope), epoch)


def _actor(event: Decided | Disclosed | Refused | Inspected | Changed, epoch: Epoch) -> bytes:
    match event:
        case Inspected():
            return epoch.actor_tag(CONSOLE, event.auditor)
        case Changed():
            return epoch.actor_tag(CONSOLE, event.by)
    return epoch.actor_tag(event.context.agency, event.context.officer)


def _subject(subject: SubjectRef, number: int, count: int, epoch: Epoch) -> dict[str, Any]:
    said: dict[str, Any] = {"role": subject.role, "kind": subject.kind, "n": number, "of": count}
    if subject.family:
        said["family"] = epoch.tag("family", text.fold(subject.family))[:FAMILY_BYTES].hex()
    if subject.via:
        via = subject.via
        said["via"] = {"from": via.role, "field": via.field, "depth": via.depth, "basis": via.basis}
    return said


def _shared(event: Event) -> dict[str, Any]:
    context = _context(event.context) if isinstance(event, Decided | Disclosed | Refused) else {}
    members = {name: value for name, value in {**context, **_own(event)}.items() if value is not None}
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
        "line": context.line,
    }


def _own(event: Event) -> dict[str, Any]:
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
                "commitments": dict(event.commitments) or None,
                "reuse": list(event.reuse) if event.reuse else None,
                "documents": list(event.documents) if event.documents else None,
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
    return _own_of_the_house(event)


def _own_of_the_house(event: Inspected | Changed | KeyEpoch | Redacted | Heartbeat) -> dict[str, Any]:
    match event:
        case Inspected():
            return {
                "auditor": event.auditor,
                "role": event.role,
                "scope": list(event.scope) or None,
                "action": event.action,
                "about": dict(event.about) or None,
                "entries": list(event.entries) or None,
                "matches": event.found,
                "digest": event.digest,
            }
        case Changed():
            return {
                "by": event.by,
                "changes": [
                    {"what": c.what, "name": c.name, "change": c.change, **({"detail": c.detail} if c.detail else {})}
                    for c in event.changes
                ],
                "before": event.before,
                "after": event.after,
                "omitted": event.omitted or None,
            }
        case Redacted():
            erased = [{"epoch": e.epoch, "seals": e.kind, "period": e.period} for e in event.epochs]
            return {"epochs": erased, "basis": event.basis}
        case Heartbeat():
            return {}
    return {
        "epoch": event.epoch,
        "seals": event.seals,
        "period": event.period,
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
        seals=epoch.seals,
        period=epoch.period,
        sealing=base64.b64encode(epoch.sealing_commitment).decode(),
        search=base64.b64encode(epoch.search_commitment).decode(),
        origin=origin,
        vkey=vkey,
    )
