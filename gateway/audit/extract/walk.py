"""The entries of a log that fit a selection, oldest first.

Rule of this file: one page of rows is in memory at a time; what is remembered of a search for a subject are indices
alone. An entry whose bytes are not those of its leaf hash ends the walk.
"""

from array import array
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from gateway.audit.entry import HEADER
from gateway.audit.errors import LogBroken
from gateway.audit.events import EntryKind
from gateway.audit.extract.selection import Selection, Verdict
from gateway.audit.reading import Opened, opened
from gateway.audit.ring import KeyRing, period_of
from gateway.storage.contract import Reader, Row
from signing.merkle import leaf_hash

PAGE = 250
_TAGGED_PAGE = 500
_START = datetime(1970, 1, 1, tzinfo=UTC)
_LABELS = {kind.value: kind.label for kind in EntryKind}


def select(
    reader: Reader,
    ring: KeyRing,
    selection: Selection,
    first: int,
    end: int,
    *,
    indices: Iterable[int] | None = None,
) -> Iterator[Opened]:
    """The entries `first` to `end - 1` that fit, in the order of the log. `indices`: look at these alone.

    Raises StoreUnavailable; LogBroken where the store is not the log it was; KeyFileRefused for a spoilt key file.
    """
    for entry, verdict in judged(reader, ring, selection, first, end, indices=indices):
        if verdict is Verdict.FITS:
            yield entry


def judged(
    reader: Reader,
    ring: KeyRing,
    selection: Selection,
    first: int,
    end: int,
    *,
    indices: Iterable[int] | None = None,
) -> Iterator[tuple[Opened, Verdict]]:
    """As `select`, but every entry whose header fits, with what the selection says about it."""
    tags = tags_of(selection, ring)
    wanted = indices
    if wanted is None and tags is not None:
        wanted = _about(reader, tags, first, end)
    for row in _whole(reader, first, end) if wanted is None else _picked(reader, wanted, first, end):
        header = _header(row)
        if not selection.header_fits(*header[:2]) or (tags is not None and header[2] not in tags):
            continue
        entry = opened(row, ring)
        yield entry, selection.judge(entry)


def of_kinds(
    reader: Reader,
    ring: KeyRing,
    kinds: frozenset[str],
    first: int,
    end: int,
    *,
    since: datetime | None,
    until: datetime | None,
) -> Iterator[Opened]:
    """The entries `first` to `end - 1` of these kinds and this time, readable or not; no other is opened.

    `until`: exclusive; None: no limit. Raises as `select`.
    """
    for row in _whole(reader, first, end):
        at, kind, _ = _header(row)
        if kind in kinds and (since is None or at >= since) and (until is None or at < until):
            yield opened(row, ring)


def tags_of(selection: Selection, ring: KeyRing) -> frozenset[bytes] | None:
    """The keyed tags of the subject in every key epoch of the time asked for; None where no subject is."""
    if selection.subject is None:
        return selection.tags
    bounds: dict[str, str] = {}
    if selection.since is not None:
        bounds["first"] = period_of(selection.since)
    if selection.until is not None:
        bounds["last"] = period_of(selection.until)
    return frozenset(ring.subject_tags(selection.subject, **bounds))


def _header(row: Row) -> tuple[datetime, str, bytes]:
    """Time, kind and subject tag. Of the envelope, which the leaf hash covers: the columns beside it prove nothing."""
    if row.envelope is None or len(row.envelope) <= HEADER.size or leaf_hash(row.envelope) != row.leaf:
        raise LogBroken(f"entry {row.index} is not the one its leaf hash names: run gateway log verify")
    _, kind, at_us, _, subject_tag, _, _ = HEADER.unpack_from(row.envelope)
    return _START + timedelta(microseconds=at_us), _LABELS.get(kind, ""), subject_tag


def _whole(reader: Reader, first: int, end: int) -> Iterator[Row]:
    for start in range(first, end, PAGE):
        yield from _page(reader, start, min(start + PAGE, end))


def _page(reader: Reader, start: int, end: int) -> Iterator[Row]:
    rows = reader.rows(start, end)
    if [row.index for row in rows] != list(range(start, end)):
        raise LogBroken(f"entries from {start} on are missing")
    yield from rows


def _picked(reader: Reader, indices: Iterable[int], first: int, end: int) -> Iterator[Row]:
    chosen = array("Q", sorted({index for index in indices if first <= index < end}))
    at = 0
    while at < len(chosen):  # neighbours are read together: the entries of one call lie side by side
        upto = at + 1
        while upto < len(chosen) and upto - at < PAGE and chosen[upto] == chosen[at] + upto - at:
            upto += 1
        yield from _page(reader, chosen[at], chosen[upto - 1] + 1)
        at = upto


def _about(reader: Reader, tags: frozenset[bytes], first: int, end: int) -> Iterator[int]:
    below = end
    while rows := reader.newest(below=below, subject_tags=sorted(tags), limit=_TAGGED_PAGE):
        for row in rows:
            if row.index < first:
                return
            yield row.index
        below = rows[-1].index
