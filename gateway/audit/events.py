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
    """The second byte of an envelope. A number is never used again for anything else.

    INSPECTED, CHANGED, REDACTION and HEARTBEAT are reserved: readers and the checker accept them, nothing
    writes them yet.
    """

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
class SubjectRef:
    """Whom an event is about. `kind`: person, enterprise or taxpayer; `id`: the identifier it was asked by."""

    role: str
    kind: str
    id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Context:
    """Who asked and why, the same in every event of one call.

    `req` is base64url(SHA-256(request token)), the member that ties the entries of a call together.
    `procedure`, `dossier`, `basis` and `consent` repeat the `purpose` claim.
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
    where that means nothing; `token`: evidence when there was no `decided` entry.
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
class KeyEpoch:
    """A key epoch begins: written in clear before the first entry sealed under it.

    `epoch`: id of the epoch, 32 hex digits; `sealing` and `search`: base64 of HMAC-SHA256(key, "commit") for
    the encryption and the tag key, so that a key shown later is proved to be the one used; `origin` and
    `vkey`: the log.
    """

    at: datetime
    epoch: str
    sealing: str
    search: str
    origin: str
    vkey: str


Event = Decided | Disclosed | Refused | KeyEpoch

KINDS: Mapping[type[Event], EntryKind] = MappingProxyType(
    {
        Decided: EntryKind.DECIDED,
        Disclosed: EntryKind.DISCLOSED,
        Refused: EntryKind.REFUSED,
        KeyEpoch: EntryKind.KEY_EPOCH,
    }
)
