"""What the access log remembers: one frozen class per kind of event.

Rule of this file: an event holds names, codes, hashes and times. The one personal value, `SubjectRef.id`, is
there to compute the keyed tag; it is left out of `repr` and never serialised. Each class is described in
docs/audit-events.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from types import MappingProxyType


class EntryKind(IntEnum):
    """The second byte of an envelope. A number is never used again for anything else."""

    DECIDED = 1
    DISCLOSED = 2
    REFUSED = 3
    INSPECTED = 4
    CHANGED = 5
    KEY_EPOCH = 6
    REDACTION = 7
    HEARTBEAT = 8

    @property
    def label(self) -> str:
        """The name in payloads and on screens: `decided`, `key-epoch`."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class Reached:
    """How a subject the portal did not name was reached: `field` of the subject in `role` pointed at it.

    `depth`: relations between a subject the portal named and this one; `basis`: the law in the grant's follow line.
    """

    role: str
    field: str
    depth: int
    basis: str


@dataclass(frozen=True, slots=True)
class SubjectRef:
    """Whom an event is about. `kind`: person, enterprise or taxpayer; `id`: the identifier it was asked by.

    `family`: a person's family name as asked, "" where there is none: it too leaves only as a keyed tag; `via`: how it
    was reached, None when the portal named it.
    """

    role: str
    kind: str
    id: str = field(repr=False)
    family: str = field(default="", repr=False)
    via: Reached | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Who asked and why, the same in every event of one call.

    `req` is base64url(SHA-256(request token)), the member that ties the entries of a call together.
    `procedure`, `dossier`, `basis` and `consent` repeat the `purpose` claim.
    `line`: of a batch, whose lines have each a dossier of their own in place of the claim's; None outside of one.
    """

    req: str
    agency: str
    officer: str = field(repr=False)
    kid: str
    operation: str
    procedure: str
    dossier: str
    basis: str
    consent: str | None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """A call was allowed. Durable before any source is asked.

    `fields`: names that will be fetched; `sources`: who will be asked; `token`: the request token, the
    portal's own signature as evidence; `configuration`: which configuration decided.
    """

    at: datetime
    context: Context
    subjects: tuple[SubjectRef, ...]
    fields: tuple[str, ...]
    sources: tuple[str, ...]
    token: str = field(repr=False)
    configuration: str


@dataclass(frozen=True, slots=True)
class Disclosed:
    """An answer is about to leave. Durable before its first byte.

    `fields`: names that leave with a value; `sources`: source -> outcome word; `digest`: Content-Digest of
    the answer; `decided`: index of the first `decided` entry of the call; `found`: what a look-up said, None
    where that means nothing; `token`: evidence when there was no `decided` entry; `commitments`: place in the answer
    -> salted commitment to what stood there (signing.commitments), the salt being in the signed answer alone; `reuse`:
    form fields in all and filled, of a pre-filled dossier; `documents`: digitised papers that a pre-filled dossier
    offers and that this call handed out, None where a call has nothing to do with papers.
    """

    at: datetime
    context: Context
    subjects: tuple[SubjectRef, ...]
    fields: tuple[str, ...]
    sources: Mapping[str, str]
    status: int
    digest: str
    decided: int | None
    found: bool | None
    token: str | None = field(default=None, repr=False)
    commitments: Mapping[str, str] = field(default_factory=dict)
    reuse: tuple[int, int] | None = None
    documents: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A call was denied or failed after its signature identified a registered key.

    `code` and `status` are those of the problem answer, `digest` its Content-Digest. `subjects` and `fields` (names
    asked for) are empty when the body was never understood; `sources`: source -> outcome, of those that were asked.
    `token`: evidence when there was no `decided` entry.
    """

    at: datetime
    context: Context
    subjects: tuple[SubjectRef, ...]
    code: str
    status: int
    digest: str | None
    decided: int | None
    token: str | None = field(default=None, repr=False)
    fields: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inspected:
    """An auditor is about to see or do something in the console. Durable before it is shown.

    `auditor`: the account; `role` and `scope` (agency codes, empty: all): what it was allowed to see; `action`:
    signed_in, searched, opened, subject_report, reviewed, exported ...; `about`: filters and marks, words and codes
    only; `entries`: indices that were shown; `found`: how many there were in all; `digest`: of a file that left;
    `subjects`: who was searched for.
    """

    at: datetime
    auditor: str = field(repr=False)
    role: str
    scope: tuple[str, ...]
    action: str
    about: Mapping[str, str]
    entries: tuple[int, ...]
    found: int | None
    digest: str | None
    subjects: tuple[SubjectRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was changed. `what`: portal, key, grant, dossier, source, setting, auditor, kept ...; `change`:
    added, removed, altered, disabled, enabled, reset, erased; `name`: which one; `detail`: a word more, "" for none."""

    what: str
    name: str
    change: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """Who may call, what they may ask and who may look was changed.

    `by`: configuration (files an operator changed, read at start or reload) or the account of an administrator;
    `before` and `after`: digests of the configuration, None where that means nothing; `omitted`: changes that found no
    room here; `subjects`: about whom something was erased.
    """

    at: datetime
    by: str = field(repr=False)
    changes: tuple[Change, ...]
    before: str | None = None
    after: str | None = None
    omitted: int = 0
    subjects: tuple[SubjectRef, ...] = ()


@dataclass(frozen=True, slots=True)
class ErasedEpoch:
    """A key epoch whose keys are destroyed. `epoch`: its id in hex; `kind` and `period`: what it sealed, and when."""

    epoch: str
    kind: str
    period: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """Contents are erased for good by destroying their keys; envelopes, hashes and proofs stay.

    Written in clear before the keys are destroyed, because it must outlive every key. `basis`: why, such as the
    retention rule.
    """

    at: datetime
    epochs: tuple[ErasedEpoch, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Nothing was written for a while, and the log is alive: silence is a statement too."""

    at: datetime


@dataclass(frozen=True, slots=True)
class KeyEpoch:
    """A key epoch begins: written in clear before the first entry sealed under it.

    `epoch`: id of the epoch, 32 hex digits; `seals`: the kind of entry it is for; `period`: its UTC month, `2026-11`;
    `sealing` and `search`: base64 of HMAC-SHA256(key, "commit") for the encryption and the tag key, so that a key shown
    later is proved to be the one used; `origin` and `vkey`: the log.
    """

    at: datetime
    epoch: str
    seals: str
    period: str
    sealing: str
    search: str
    origin: str
    vkey: str


Event = Decided | Disclosed | Refused | Inspected | Changed | KeyEpoch | Redacted | Heartbeat

KINDS: Mapping[type[Event], EntryKind] = MappingProxyType(
    {
        Decided: EntryKind.DECIDED,
        Disclosed: EntryKind.DISCLOSED,
        Refused: EntryKind.REFUSED,
        Inspected: EntryKind.INSPECTED,
        Changed: EntryKind.CHANGED,
        KeyEpoch: EntryKind.KEY_EPOCH,
        Redacted: EntryKind.REDACTION,
        Heartbeat: EntryKind.HEARTBEAT,
    }
)

CLEAR = frozenset({EntryKind.KEY_EPOCH, EntryKind.REDACTION, EntryKind.HEARTBEAT})
"""Kinds whose payload stands in clear: they hold nothing about anyone and must outlive every key."""

SEALED = frozenset(EntryKind) - CLEAR
"""Kinds whose payload is sealed, each under key epochs of its own, so that each has its own time of retention."""
