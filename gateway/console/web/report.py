"""Everything that was asked about one person or organisation in a time: gathered from the log, each call once.

The log is asked, not the console's index: a report that somebody is given must not miss what the index has not read.

Rule of this file: complete, or it says what is missing: what is cut off, what no key opens any more. Nobody is named
but by tags.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.audit.events import EntryKind
from gateway.audit.reading import Opened
from gateway.audit.ring import KeyRing, period_of
from gateway.console.model import Scope, Wanted
from gateway.console.sentences import CALLS
from gateway.console.web import erasures, reach
from gateway.console.web.bench import Tools
from gateway.console.web.erasures import Gone
from signing.encoding import base64_standard

MOST = 1000
"""Entries of a report: as many as one `inspected` entry can name."""

_MOST_READ = 50_000
_PAGE = 500
_ABOUT_SOMEBODY = (EntryKind.DECIDED, EntryKind.DISCLOSED, EntryKind.REFUSED, EntryKind.INSPECTED)
_FIRST, _LAST = "", "9999-12"
_WEIGHT: Mapping[str, int] = {"decided": 1, "refused": 2, "disclosed": 3}


@dataclass(frozen=True, slots=True)
class Gathered:
    """Entries about somebody, the newest first. `cut`: there are more, written before this time.

    `gone`: what cannot be found any more; `size`, `root` (base64): of the newest checkpoint.
    """

    entries: Sequence[Opened]
    cut: datetime | None
    gone: tuple[Gone, ...]
    size: int
    root: str

    @property
    def indices(self) -> tuple[int, ...]:
        """The entries that are shown."""
        return tuple(entry.index for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `entry`: the one that says most; `asked`: facts it asked for; `entries`: all of its entries here."""

    entry: Opened
    asked: int | None
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """Name -> calls. `fields` are those that were given; `several`: calls about several people are among them."""

    calls: int
    answered: int
    refused: int
    unanswered: int
    officers: int
    portals: Mapping[str, int]
    procedures: Mapping[str, int]
    bases: Mapping[str, int]
    fields: Mapping[str, int] = field(default_factory=dict)
    several: bool = False


def gather(tools: Tools, ring: KeyRing, wanted: Wanted, scope: Scope, *, most: int = MOST) -> Gathered:
    """At most so many entries with the tags, of the time, within the scope. Belongs on the bench."""
    _, checkpoint = tools.published.newest()
    entries, cut = _about(tools, ring, wanted, scope, most)
    return Gathered(entries, cut, _gone(tools, ring, wanted), checkpoint.size, base64_standard(checkpoint.root))


def again(tools: Tools, ring: KeyRing, wanted: Wanted, scope: Scope, indices: Iterable[int], *, cut: bool) -> Gathered:
    """The entries that were gathered before, whatever has been written since."""
    _, checkpoint = tools.published.newest()
    entries = reach.entries_at(tools.reader, ring, indices, scope)
    before = entries[-1].at if cut and entries else None
    return Gathered(entries, before, _gone(tools, ring, wanted), checkpoint.size, base64_standard(checkpoint.root))


def calls(entries: Iterable[Opened]) -> tuple[Call, ...]:
    """The calls of these entries, each once, in the order of the newest entry of each."""
    by_call: dict[object, list[Opened]] = {}
    for entry in entries:
        if entry.kind in CALLS:
            payload = entry.payload or {}
            # without a hash of its request an entry stands for itself
            key = (payload.get("portal"), payload["req"]) if payload.get("req") else entry.index
            by_call.setdefault(key, []).append(entry)
    return tuple(_call(group) for group in by_call.values())


def inspections(entries: Iterable[Opened]) -> tuple[Opened, ...]:
    """The searches of auditors among these entries."""
    return tuple(entry for entry in entries if entry.kind == EntryKind.INSPECTED.label)


def summary(found: Iterable[Call]) -> Summary:
    """The figures above the calls."""
    every = list(found)
    said = [call.entry.payload or {} for call in every]
    kinds = Counter(call.entry.kind for call in every)
    given = [p for call, p in zip(every, said, strict=True) if call.entry.kind == "disclosed"]
    return Summary(
        calls=len(every),
        answered=kinds["disclosed"],
        refused=kinds["refused"],
        unanswered=kinds["decided"],
        officers=len({(p.get("portal"), p["officer"]) for p in said if p.get("officer")}),
        portals=_counted(p.get("portal") for p in said),
        procedures=_counted(p.get("procedure") for p in said),
        bases=_counted(p.get("basis") for p in said),
        fields=_counted(name for p in given for name in p.get("fields", ())),
        several=any(_of(p) > 1 for p in given),
    )


def _call(group: Sequence[Opened]) -> Call:
    telling = max(group, key=lambda entry: (_WEIGHT[entry.kind], entry.index))
    asked = next((len(said) for one in group if one.kind == "decided" and (said := _fields(one))), None)
    return Call(telling, asked, tuple(sorted(one.index for one in group)))


def _fields(entry: Opened) -> Sequence[str]:
    fields: Sequence[str] = (entry.payload or {}).get("fields", ())
    return fields


def _of(payload: Mapping[str, object]) -> int:
    subject = payload.get("subject")
    return int(subject.get("of", 1)) if isinstance(subject, dict) else 1


def _counted(names: Iterable[object]) -> Mapping[str, int]:
    counts = Counter(str(name) for name in names if name)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _about(
    tools: Tools, ring: KeyRing, wanted: Wanted, scope: Scope, most: int
) -> tuple[list[Opened], datetime | None]:
    found: list[Opened] = []
    below: int | None = None
    read = 0
    while wanted.tags and (rows := tools.reader.newest(below=below, subject_tags=wanted.tags, limit=_PAGE)):
        for row in rows:
            entry = reach.judged(row, ring, scope)
            if entry is None or not _within(entry.at, wanted):
                continue
            if len(found) == most:
                return found, found[-1].at
            found.append(entry)
        read, below = read + len(rows), rows[-1].index
        if read >= _MOST_READ:
            # entries of others' portals are looked at too: nobody may keep a thread with them for ever
            return found, reach.moment(rows[-1].at_us)
    return found, None


def _within(at: datetime, wanted: Wanted) -> bool:
    return (wanted.since is None or at >= wanted.since) and (wanted.until is None or at < wanted.until)


def _gone(tools: Tools, ring: KeyRing, wanted: Wanted) -> tuple[Gone, ...]:
    first = period_of(wanted.since) if wanted.since else _FIRST
    # until is exclusive: the first instant of a month belongs to the month before
    last = period_of(wanted.until - timedelta(microseconds=1)) if wanted.until else _LAST
    return erasures.gone(tools, ring, first=first, last=last, kinds=_ABOUT_SOMEBODY)
