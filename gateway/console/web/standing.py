"""What is known of the log's integrity: its checkpoints, who vouches for them, which contents can still be read.

    checkpoints   as the gateway signed them, the newest first
    vouchers      for each witness and authority the newest tree it signed, and how far the log has grown since
    months        month by month and kind by kind: can entries be read, were their keys destroyed, or are they not here

Rule of this file: pure but for the reader it is given. Signatures of others are shown as the store has them; that they
hold is what the verification says.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from gateway.audit.events import SEALED, EntryKind
from gateway.audit.published import Published
from gateway.audit.ring import KeyRing
from gateway.console.outside import Endpoint
from gateway.storage.contract import EpochRow, Note, Reader
from signing.encoding import base64_standard
from signing.errors import SigningError
from signing.notes import Checkpoint, NoteKey, open_checkpoint

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SIGNATURES = 2000
"""Of each kind that are looked through for the newest of every signer."""

KINDS = tuple(kind.label for kind in EntryKind if kind in SEALED)
"""Kinds of entry that are sealed."""


@dataclass(frozen=True, slots=True)
class Point:
    """A checkpoint. `signed`: the log's key signed it; `root`: base64, "" where it cannot be read."""

    size: int
    at: datetime
    root: str
    signed: bool
    text: str


@dataclass(frozen=True, slots=True)
class Voucher:
    """A witness or an authority. `at`: the time it stated, None when it never signed; `behind`: entries since;
    `problem`: a word, "" for none, None where the gateway does not say; `signatures`: how many it made."""

    kind: str
    name: str
    size: int
    at: datetime | None
    behind: int
    problem: str | None
    went_back: int = 0
    signatures: int = 0

    @property
    def alarm(self) -> bool:
        """Whether somebody outside saw another log."""
        return self.problem == "inconsistent"


class Readable(StrEnum):
    """What became of the keys of a month and kind. PART: of several key epochs some are here."""

    YES = "yes"
    PART = "part"
    DESTROYED = "destroyed"
    AWAY = "away"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Month:
    """`period`: `2026-11`; `kinds`: in the order of KINDS; `held`: nothing of it is destroyed, whatever its age."""

    period: str
    kinds: tuple[Readable, ...]
    held: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything about one state of the log."""

    newest: Point
    points: Sequence[Point]
    vouchers: Sequence[Voucher]
    months: Sequence[Month]


def standing(
    reader: Reader,
    ring: KeyRing,
    key: NoteKey,
    *,
    endpoints: Sequence[Endpoint] | None,
    destroyed: Collection[str],
    held: Collection[str],
    limit: int,
) -> Standing:
    """Look at the log. `destroyed`: ids of key epochs, in hex, that redactions name. Raises LogUnavailable, LogBroken,
    StoreUnavailable, KeyFileRefused."""
    text, checkpoint = Published(reader, key).newest()
    points = page(reader, key, below=None, limit=limit)
    newest = next((one for one in points if one.size == checkpoint.size), None) or Point(
        checkpoint.size, _EPOCH, base64_standard(checkpoint.root), True, text
    )
    return Standing(
        newest,
        points,
        vouchers(reader, endpoints, checkpoint.size),
        months(reader.epochs(), ring, destroyed, held),
    )


def page(reader: Reader, key: NoteKey, *, below: int | None, limit: int) -> Sequence[Point]:
    """Checkpoints of a size less than `below`, the newest first. Raises StoreUnavailable."""
    return [_point(note, key) for note in reader.notes(below=below, limit=limit)]


def vouchers(reader: Reader, endpoints: Sequence[Endpoint] | None, size: int) -> Sequence[Voucher]:
    """Who vouches for the log, those that were configured first. Raises StoreUnavailable."""
    signed: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for cosignature in reader.cosignatures(size=None, limit=_SIGNATURES):
        signed.setdefault(("witness", cosignature.witness), []).append((cosignature.size, cosignature.at_us))
    for stamp in reader.stamps(size=None, limit=_SIGNATURES):
        signed.setdefault(("authority", stamp.authority), []).append((stamp.size, stamp.at_us))
    known = {(one.kind, one.signer): one for one in endpoints or ()}
    return [
        _voucher(kind, name, signed.get((kind, name), ()), known.get((kind, name)), size)
        for kind, name in [*known, *sorted(signed.keys() - known.keys(), reverse=True)]
    ]


def months(
    epochs: Sequence[EpochRow], ring: KeyRing, destroyed: Collection[str], held: Collection[str]
) -> Sequence[Month]:
    """The newest month first."""
    states: dict[str, dict[str, list[Readable]]] = {}
    for epoch in epochs:
        if epoch.kind == 0 or not epoch.period:
            continue
        kind = EntryKind(epoch.kind).label
        states.setdefault(epoch.period, {}).setdefault(kind, []).append(_readable(epoch, ring, destroyed))
    return [
        Month(period, tuple(_together(states[period].get(kind, ())) for kind in KINDS), period in held)
        for period in sorted(states, reverse=True)
    ]


def due(period: str, kept: int) -> str:
    """The first month in which keys of a month that are kept for so many months are destroyed: `2028-12`."""
    year, month = int(period[:4]), int(period[5:])
    years, left = divmod(month + kept, 12)
    return f"{year + years:04d}-{left + 1:02d}"


def moment(at_us: int) -> datetime:
    """A time in microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=at_us)


def _point(note: Note, key: NoteKey) -> Point:
    checkpoint: Checkpoint | None
    try:
        checkpoint = open_checkpoint(note.text, key, origin=key.name)
    except SigningError:
        checkpoint = None
    fits = checkpoint is not None and checkpoint.size == note.size
    root = base64_standard(checkpoint.root) if checkpoint is not None else ""
    return Point(note.size, moment(note.at_us), root, fits, note.text)


def _voucher(kind: str, name: str, signed: Sequence[tuple[int, int]], endpoint: Endpoint | None, size: int) -> Voucher:
    covered, at_us = max(signed, default=(0, 0))
    return Voucher(
        kind=kind,
        name=name,
        size=covered,
        at=moment(at_us) if signed else None,
        behind=max(0, size - covered),
        problem=None if endpoint is None else endpoint.problem,
        went_back=0 if endpoint is None else endpoint.went_back,
        signatures=len(signed),
    )


def _readable(epoch: EpochRow, ring: KeyRing, destroyed: Collection[str]) -> Readable:
    if ring.find(epoch.kid) is not None:
        return Readable.YES
    return Readable.DESTROYED if epoch.kid.hex() in destroyed else Readable.AWAY


def _together(states: Sequence[Readable]) -> Readable:
    if not states:
        return Readable.NONE
    if len(set(states)) == 1:
        return states[0]
    return Readable.PART if Readable.YES in states else Readable.AWAY


def retained(periods: Sequence[str], months_kept: Mapping[str, int]) -> Mapping[str, Mapping[str, str]]:
    """Period -> kind -> first month in which its keys are due."""
    return {period: {kind: due(period, kept) for kind, kept in months_kept.items()} for period in periods}
