"""Entries by the million: an event of every shape is sealed once by the log's own code, and its payload becomes a form.

Sealing an event costs a tenth of a millisecond, of which most goes into making and encoding it. Two entries of a shape
differ in a few texts, so these are filled into the encoded payload, and the tags, the encryption and the leaf are made
for each.

Rule of this file: what a payload looks like is decided by `gateway.audit.entry` alone. Texts that are filled in are
plain ASCII without quotes, so a filled form is canonical too: a test opens them and holds it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from gateway.audit.entry import FAMILY_BYTES, HEADER, NONCE_BYTES, VERSION, seal
from gateway.audit.epoch import Epoch
from gateway.audit.events import KINDS, Decided, Disclosed, EntryKind, Inspected, Refused, SubjectRef
from gateway.text import fold
from signing.merkle import leaf_hash

Shaped = Decided | Disclosed | Refused | Inspected

MARK: Final = "@{}@"
"""How a text that is filled in stands in the event a form is made of."""

_BLANKS: Final = ("req", "portal", "officer", "key", "procedure", "dossier", "token", "digest", "auditor")
_FAMILY: Final = "@family@"
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Flat:
    """A sealed entry on its way between processes. `kid`: its key epoch."""

    at_us: int
    subject_tag: bytes
    actor_tag: bytes
    envelope: bytes
    leaf: bytes
    kid: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """The payload of one subject of an event: bytes with a place for each text that is filled in."""

    kind: EntryKind
    payload: bytes

    def filled(self, texts: Mapping[bytes, bytes], epoch: Epoch, *, at_us: int, subject: bytes, actor: bytes) -> Flat:
        """One entry."""
        nonce = os.urandom(NONCE_BYTES)
        header = HEADER.pack(VERSION, self.kind, at_us, epoch.kid, subject, actor, nonce)
        envelope = header + epoch.cipher.encrypt(nonce, self.payload % texts, header)
        return Flat(at_us, subject, actor, envelope, leaf_hash(envelope), epoch.kid)


def forms(event: Shaped, epoch: Epoch) -> tuple[Form, ...]:
    """The forms of an event in which MARKs stand for what changes, one per subject. Commitments are numbered marks."""
    marked = replace(event, at=_NEVER, subjects=tuple(_marked(one) for one in event.subjects))
    family = epoch.tag("family", fold(_FAMILY))[:FAMILY_BYTES].hex()
    made = []
    for sealed in seal(marked, epoch, os.urandom):
        header, body = sealed.envelope[: HEADER.size], sealed.envelope[HEADER.size :]
        text = epoch.cipher.decrypt(header[-NONCE_BYTES:], body, header).replace(b"%", b"%%")
        for name in (*_BLANKS, *(f"commitment{n}" for n in range(8))):
            text = text.replace(MARK.format(name).encode(), f"%({name})b".encode())
        made.append(Form(KINDS[type(event)], text.replace(family.encode(), b"%(family)b")))
    return tuple(made)


def _marked(subject: SubjectRef) -> SubjectRef:
    return replace(subject, family=_FAMILY if subject.family else "")
