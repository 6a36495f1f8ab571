"""The index as the console's pages use it: `gateway.console.model.Index` over the file the builder makes.

Each method is one read transaction, so that a page never mixes two states. A thread has a connection of its own.

Rule of this file: every method takes a scope and shows nothing outside it.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from gateway.audit.events import EntryKind
from gateway.console.index import facets, figures, kept, sampling
from gateway.console.index.calendar import moment
from gateway.console.index.keyed import IndexKey
from gateway.console.index.lists import Lists, Query
from gateway.console.index.schema import open_for_reading
from gateway.console.index.segments import Segment, Time, segments, upto
from gateway.console.model import Found, Hit, Overview, Pattern, Scope, Wanted
from gateway.storage.contract import Reader, StoreUnavailable

CHAIN: Final = 500
"""Entries of one dossier that are shown."""

EVERYTHING_BEHIND: Final = 1 << 62
"""The end of a log nobody knows the end of."""

_REVIEWED: Final = (EntryKind.DISCLOSED.label, EntryKind.REFUSED.label)


class LogIndex:
    """`open_log`: makes a reader of the log, for `behind`; one is made per thread.

    Every method raises sqlite3.OperationalError while the builder has not made the file yet.
    """

    def __init__(self, path: Path, key: IndexKey, open_log: Callable[[], Reader]) -> None:
        self._path, self._key, self._open_log = path, key, open_log
        self._mine = threading.local()
        self._guard = threading.Lock()
        self._opened: list[sqlite3.Connection | Reader] = []

    def search(self, wanted: Wanted, scope: Scope, *, below: int | None, limit: int) -> Found:
        """See the contract. `officer`, `dossier`, `auditor` are found by their keyed tags, every other word as it is;
        `operation` is also the action of an `inspected` entry."""
        with self._reading() as connection:
            query = self._query(connection, wanted, scope)
            if query is None:
                return Found((), 0, False)
            size = kept.size(connection)
            lists, parts = Lists(connection, query, size), segments(connection, query.time, size)
            page = list(islice(lists.newest(upto(parts, below)), limit))
            total, more = lists.count(parts)
            return Found(tuple(_hits(connection, page)), total, more)

    def overview(self, scope: Scope, *, since: datetime, until: datetime) -> Overview:
        """See the contract and `figures.overview`."""
        behind = self.behind()
        with self._reading() as connection:
            return figures.overview(connection, scope, since=since, until=until, behind=behind)

    def chain(self, index: int, scope: Scope) -> Sequence[Hit]:
        """See the contract. Of a longer dossier the 500 around the entry; nothing when the scope does not hold it."""
        with self._reading() as connection:
            found = connection.execute(
                "SELECT portal, dossier FROM entry JOIN facet ON facet.id = facet WHERE idx = ?", (index,)
            ).fetchone()
            if found is None:
                return ()
            portal, dossier = found
            mine, every = facets.matching(connection, Wanted(portal=portal), scope)
            if connection.execute("SELECT facet FROM entry WHERE idx = ?", (index,)).fetchone()[0] not in mine:
                return ()
            if dossier is None:
                return tuple(_hits(connection, [index]))
            size = kept.size(connection)
            lists = Lists(connection, Query(mine, every, leading="dossier", tags=(dossier,)), size)
            earlier = list(islice(lists.newest([Segment(0, index, True)]), CHAIN))
            later = list(islice(lists.oldest(index, size), CHAIN))
            kept_earlier = earlier[: max(CHAIN // 2, CHAIN - len(later))]
            return tuple(_hits(connection, [*reversed(kept_earlier), *later][:CHAIN]))

    def patterns(self, scope: Scope, *, since: datetime, until: datetime, limit: int) -> Sequence[Pattern]:
        """See the contract. A pattern over several portals has no portal and is for those who see all."""
        with self._reading() as connection:
            return kept.patterns(connection, scope, Time.of(since, until), limit)

    def sample(
        self, scope: Scope, *, since: datetime, until: datetime, count: int, seed: int, risk: bool
    ) -> Sequence[int]:
        """See the contract: without repetition, ascending; the same for the same seed once the time is past."""
        time = Time.of(since, until)
        with self._reading() as connection:
            query = Query({}, every=False, time=time)
            for kind in _REVIEWED:
                found, _ = facets.matching(connection, Wanted(kind=kind), scope)
                query.facets.update(found)
            size = kept.size(connection)
            lists = Lists(connection, query, size)
            parts = segments(connection, time, size)
            pool = sampling.Pool(connection, query, lists, parts)
            if not risk:
                return sampling.uniform(pool, count, seed)
            risky = kept.patterns(connection, scope, time, sampling.PATTERNS)
            return sampling.by_risk(pool, risky, count, seed)

    def ranges(self, *, since: datetime | None, until: datetime | None) -> Sequence[tuple[int, int]]:
        """See the contract. Not scoped: it says where to look, nothing about anyone."""
        with self._reading() as connection:
            size = kept.size(connection)
            found = [(part.start, part.end) for part in reversed(segments(connection, Time.of(since, until), size))]
            return (*found, (size, EVERYTHING_BEHIND))

    def behind(self) -> int:
        """How many entries of the log the index has not read yet; of an unreachable log what was known last."""
        try:
            note = self._log().newest_note()
            size = note.size if note else 0
        except StoreUnavailable:
            size = 0
        with self._reading() as connection:
            return max(0, size - kept.size(connection))

    def trouble(self) -> str | None:
        """What is wrong with log, keys or index, as a word; None: nothing.

        rewritten: the log is not the one that was indexed before. altered: an entry does not open under its key.
        shortened: the newest indexed entry is not in the log. sealed: entries whose keys are not here and no redaction
        names. keys_away: the key ring's folder is not there.
        """
        with self._reading() as connection:
            return kept.trouble(connection)

    def close(self) -> None:
        """Let go of every connection. No method may run any more."""
        with self._guard:
            for one in self._opened:
                one.close()
            self._opened.clear()
        self._mine = threading.local()

    def _query(self, connection: sqlite3.Connection, wanted: Wanted, scope: Scope) -> Query | None:
        """None: nothing can match."""
        if wanted.officer is not None and wanted.auditor is not None:
            return None
        found, every = facets.matching(connection, wanted, scope)
        asked: list[tuple[str, tuple[Any, ...]]] = []
        if wanted.dossier is not None:
            asked.append(("dossier", (self._key.dossier(wanted.dossier),)))
        if wanted.officer is not None:
            asked.append(("officer", (self._key.officer(wanted.officer),)))
        if wanted.auditor is not None:
            asked.append(("officer", (self._key.auditor(wanted.auditor),)))
        if wanted.tags is not None:
            # a person's entries are few: they lead, whatever else is asked
            asked.insert(0, ("subject", wanted.tags))
        if not found or any(not tags for _, tags in asked):
            return None
        time = Time.of(wanted.since, wanted.until)
        if not asked:
            return Query(found, every, time)
        (leading, tags), *others = asked
        return Query(found, every, time, leading, tags, tuple((name, values[0]) for name, values in others))

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection, a new one when the builder has thrown the file away and made another."""
        known, file = getattr(self._mine, "connection", None), _file(self._path)
        if known is not None and self._mine.file == file:
            return known  # type: ignore[no-any-return]
        if known is not None:
            with self._guard:
                self._opened.remove(known)
            known.close()
            self._mine.connection = None
        self._mine.connection = self._own(open_for_reading(self._path))
        self._mine.file = file
        return self._mine.connection  # type: ignore[no-any-return]

    def _log(self) -> Reader:
        reader: Reader | None = getattr(self._mine, "reader", None)
        if reader is None:
            reader = self._mine.reader = self._open_log()
            self._own(reader)
        return reader

    def _own(self, opened: Any) -> Any:
        with self._guard:
            self._opened.append(opened)
        return opened


def _file(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def _hits(connection: sqlite3.Connection, indices: Sequence[int]) -> Iterator[Hit]:
    """The entries with these numbers, in their order."""
    statement = (
        "SELECT idx, at, kind, portal, procedure, operation, outcome, status"
        " FROM entry JOIN facet ON facet.id = facet WHERE idx = ?"
    )
    for index in indices:
        idx, at, kind, portal, procedure, operation, outcome, status = connection.execute(
            statement, (index,)
        ).fetchone()
        known = None if status < 0 else status
        yield Hit(idx, moment(at), kind, portal, procedure, operation, outcome, known)
