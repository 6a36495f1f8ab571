"""Entries in, figures out: every dossier of a portal once, in each line it belongs to.

A line is one combination of dimensions, `("H14", "1.004222")` of `("portal", "procedure")`. Each line is judged alone:
a dossier that was called in two months counts in both, and once in the quarter, the year and the total; so lines of
months or procedures may add up to more than their total. Lines of portals and provinces add up.

Rule of this file: sums of what the spool holds; no formula of an indicator is here.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from gateway.audit.extract.selection import in_scope
from gateway.audit.reading import Opened
from gateway.reuse.counting import ENDS, said
from gateway.reuse.periods import month_name, month_of, quarter_name
from gateway.reuse.spool import HELD, NO_FORM, Seen, Spool, form_of

Grouping = tuple[str, ...]
Key = tuple[int, ...]

TIMES: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}
"""Dimensions of time -> months."""

DIMENSIONS: Grouping = ("province", "portal", "procedure", *TIMES)
"""`province`: the first part of the agency code, a province or a ministry; `portal`: the whole code, and so each unit
below the province that signs for itself."""

TOTAL: Grouping = ()


@dataclass(frozen=True, slots=True)
class Line:
    """Figures of one combination. `key`: its names, in the order of the grouping.

    `dossiers`: all; `reused`: with at least one value from a registry or a digitised paper; `population`: with
    population data; `forms`: with a pre-filled form, `fields_total` and `fields_filled` over these, the best call of
    each; `procedures`: how many were answered for (a portal may name one that does not exist), `connected` with
    population data; `unreadable`: entries of this line's time that cannot be read; `documents_offered`: papers, of the
    call that offered a dossier most; `documents_reused`: papers handed out, each time.
    """

    key: tuple[str, ...]
    dossiers: int = 0
    reused: int = 0
    population: int = 0
    forms: int = 0
    fields_total: int = 0
    fields_filled: int = 0
    procedures: int = 0
    connected: int = 0
    unreadable: int = 0
    documents_offered: int = 0
    documents_reused: int = 0

    @property
    def dark(self) -> bool:
        """Nothing can be said: what there was cannot be read."""
        return not self.dossiers and self.unreadable > 0


@dataclass(frozen=True, slots=True)
class Report:
    """`tables`: grouping -> lines, in the order of their names; `unreadable`: month -> entries that cannot be read."""

    tables: Mapping[Grouping, tuple[Line, ...]]
    unreadable: Mapping[str, int]

    @property
    def total(self) -> Line:
        """Everything, each dossier once."""
        return self.tables[TOTAL][0]


@dataclass(slots=True)
class _Sum:
    figures: list[int] = field(default_factory=lambda: [0] * 8)
    procedures: set[int] = field(default_factory=set)
    connected: set[int] = field(default_factory=set)


def reckon(
    entries: Iterable[Opened],
    groupings: Sequence[Grouping],
    *,
    folder: Path,
    secret: bytes,
    portals: frozenset[str] | None = None,
    held: int = HELD,
) -> Report:
    """The figures of these entries. `portals`: whose (each with everything below it), None: all; `held`: see Spool.

    `folder`: where there is room for a temporary file; `secret`: 32 random bytes. What `entries` raises is raised here;
    OSError and sqlite3.Error when there is no room.
    """
    dark: Counter[int] = Counter()
    with closing(Spool(folder, secret, held=held)) as spool:
        for entry in entries:
            if entry.kind in ENDS and entry.payload is None:
                # whose it is nobody knows: every scope is told
                dark[month_of(entry.at)] += 1
                continue
            one = said(entry)
            if one is not None and (portals is None or in_scope(portals, one.portal)):
                spool.add(one)
        wanted = [TOTAL, *(grouping for grouping in groupings if grouping != TOTAL)]
        sums = _sums(spool, wanted)
        tables = {by: tuple(_lines(by, sums[by], spool, dark)) for by in wanted}
    return Report(tables, {month_name(month): n for month, n in sorted(dark.items())})


def grouping_of(text: str) -> Grouping:
    """The grouping of `portal,procedure`. Raises ValueError for what is no dimension, or twice there."""
    by = tuple(part.strip() for part in text.split(",") if part.strip())
    if not by or not set(by) <= set(DIMENSIONS) or len(set(by)) < len(by):
        raise ValueError(f"some of {', '.join(DIMENSIONS)}, each once, with commas between")
    return by


def _sums(spool: Spool, groupings: Sequence[Grouping]) -> Mapping[Grouping, Mapping[Key, _Sum]]:
    sums: dict[Grouping, defaultdict[Key, _Sum]] = {by: defaultdict(_Sum) for by in groupings}
    provinces = _numbers(portal.split(".", 1)[0] for portal in spool.portals)
    ways: dict[str, Callable[[int, Seen], int]] = {
        "province": lambda portal, _: provinces[portal],
        "portal": lambda portal, _: portal,
        "procedure": lambda _, seen: seen.procedure,
        "month": lambda _, seen: seen.month,
        "quarter": lambda _, seen: seen.month // TIMES["quarter"],
        "year": lambda _, seen: seen.month // TIMES["year"],
    }
    plans = [(sums[by], [ways[name] for name in by]) for by in groupings]
    for portal, rows in spool.dossiers():
        for lines, way in plans:
            met: dict[Key, list[Seen]] = {}
            for seen in rows:
                met.setdefault(tuple(one(portal, seen) for one in way), []).append(seen)
            for key, mine in met.items():
                _take(lines[key], mine)
    return sums


def _take(line: _Sum, rows: list[Seen]) -> None:
    """One dossier, with the best of its calls."""
    best = max(seen.best for seen in rows)
    total, filled = (0, 0) if best == NO_FORM else form_of(best)
    reused, population = max(seen.reused for seen in rows), max(seen.population for seen in rows)
    offered, handed = max(seen.offered for seen in rows), sum(seen.handed for seen in rows)
    for place, n in enumerate((1, reused, population, int(best != NO_FORM), total, filled, offered, handed)):
        line.figures[place] += n
    line.procedures.update(seen.procedure for seen in rows if seen.answered)
    line.connected.update(seen.procedure for seen in rows if seen.population)


def _lines(by: Grouping, sums: Mapping[Key, _Sum], spool: Spool, dark: Mapping[int, int]) -> Iterator[Line]:
    provinces = list(dict.fromkeys(portal.split(".", 1)[0] for portal in spool.portals))
    names: dict[str, Callable[[int], str]] = {
        "province": provinces.__getitem__,
        "portal": spool.portals.__getitem__,
        "procedure": spool.procedures.__getitem__,
        "month": month_name,
        "quarter": quarter_name,
        "year": str,
    }
    made = []
    for key, one in sums.items():
        named = tuple(names[name](number) for name, number in zip(by, key, strict=True))
        *figures, offered, handed = one.figures
        procedures, connected = len(one.procedures), len(one.connected)
        counts = (*figures, procedures, connected, _dark(by, key, dark), offered, handed)
        made.append(Line(named, *counts))
    yield from sorted([*made, *_unknown(by, sums, dark, names)], key=lambda line: line.key)


def _dark(by: Grouping, key: Key, dark: Mapping[int, int]) -> int:
    """Entries that cannot be read, in the time of a line."""
    times = [(TIMES[name], number) for name, number in zip(by, key, strict=True) if name in TIMES]
    return sum(n for month, n in dark.items() if all(month // length == number for length, number in times))


def _unknown(
    by: Grouping, sums: Mapping[Key, _Sum], dark: Mapping[int, int], names: Mapping[str, Callable[[int], str]]
) -> Iterator[Line]:
    """Lines for times of which nothing can be read: a time that is missing would be taken for one without dossiers."""
    times = [(place, name) for place, name in enumerate(by) if name in TIMES]
    if not times:
        if by == TOTAL and not sums:
            yield Line((), unreadable=sum(dark.values()))
        return
    there = {tuple(key[place] for place, _ in times) for key in sums}
    for when in {tuple(month // TIMES[name] for _, name in times) for month in dark} - there:
        known = {name: number for (_, name), number in zip(times, when, strict=True)}
        key = tuple(names[name](known[name]) if name in known else "" for name in by)
        months = (month for month in dark if all(month // TIMES[name] == number for name, number in known.items()))
        yield Line(key, unreadable=sum(dark[month] for month in months))


def _numbers(names: Iterable[str]) -> list[int]:
    numbers: dict[str, int] = {}
    return [numbers.setdefault(name, len(numbers)) for name in names]
