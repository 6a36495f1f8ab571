"""The index follows the log: entries in their order, each step one transaction that also moves the position.

A stop at any instant leaves the index as it was before or after a step. Before each step the last entry it knows is
held against the log: a log that says something else there is not the one that was indexed, so the index is built from
nothing, and the word `rewritten` stays until someone has looked and deleted the file.

Rule of this file: what cannot be opened is kept by number, time and kind alone. What a redaction names, or what the key
ring no longer opens, is taken out of the index too; figures stay, they are about nobody.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from config.console_rules import ConsoleRules
from gateway.audit.events import CLEAR, EntryKind
from gateway.audit.reading import opened
from gateway.audit.ring import KeyRing
from gateway.console.index import erasure, study
from gateway.console.index.batch import Batch, Words
from gateway.console.index.calendar import microseconds
from gateway.console.index.facts import Facet, Facts, facts
from gateway.console.index.keyed import IndexKey
from gateway.console.index.schema import open_for_writing, remove, take
from gateway.storage.contract import Reader, Row

STEP: Final = 1000
"""Entries of a step: a few hundredths of a second."""

UNREADABLE: Final = "unreadable"
"""The kind of an entry whose envelope has no header of version 1."""

_NOBODY: Final = bytes(16)
_LABELS: Final = {kind.value: kind.label for kind in EntryKind}


class Builder:
    """Extends one index file. Belongs to one thread; takes the file's lock, so that nobody else builds it.

    Raises IndexTaken; later StoreUnavailable when the log cannot be read, KeyFileRefused for a spoilt ring.
    """

    def __init__(self, reader: Reader, ring: KeyRing, path: Path, key: IndexKey) -> None:
        self._reader, self._ring, self._path, self._key = reader, ring, path, key
        self._lock = take(path)
        try:
            self._open()
        except BaseException:
            os.close(self._lock)
            raise

    @property
    def next(self) -> int:
        """The index of the first entry that is not in the index yet."""
        return self._next

    def step(self, limit: int = STEP) -> int:
        """Go on by at most `limit` entries; how many things were done, 0 when there is nothing to do now."""
        if not self._ring.folder.is_dir():
            self._note("keys_away")
            return 0
        if self._keys():
            return self._start_over(None)
        erased = erasure.step(self._connection, self._words, limit)
        if erased:
            return erased
        rows = self._reader.rows(max(self._next - 1, 0), self._next + limit)
        if self._next:
            if not rows:
                self._note("shortened")
                return 0
            if (rows[0].index, rows[0].leaf) != (self._next - 1, self._leaf):
                return self._start_over("rewritten")
            rows = rows[1:]
        self._settle()
        if rows:
            self._take(rows)
        return len(rows)

    def study(self, rules: ConsoleRules, now: datetime) -> bool:
        """Look at one day that is due with the rules of console.toml; False when no day is due."""
        with self._transaction():
            return study.one_day(self._connection, rules, microseconds(now))

    def close(self) -> None:
        """Let go of file and lock. The reader belongs to the caller."""
        self._connection.close()
        os.close(self._lock)

    def _open(self) -> None:
        self._connection = open_for_writing(self._path)
        said = self._said("key")
        if said is not None and said != self._key.check:
            self._connection.close()
            remove(self._path)
            self._connection = open_for_writing(self._path)
        with self._transaction():
            self._say("key", self._key.check)
        self._load()

    def _load(self) -> None:
        self._words = Words.load(self._connection)
        self._next = int(self._said("next") or 0)
        self._leaf = bytes(self._said("leaf") or b"")

    def _take(self, rows: Sequence[Row]) -> None:
        try:
            with self._transaction():
                batch = Batch()
                for number, row in enumerate(rows, self._next):
                    self._add(batch, number, row)
                batch.write(self._connection, self._words)
                self._say("next", rows[-1].index + 1)
                self._say("leaf", rows[-1].leaf)
        except BaseException:
            self._load()
            raise
        self._next, self._leaf = rows[-1].index + 1, rows[-1].leaf

    def _add(self, batch: Batch, number: int, row: Row) -> None:
        if row.index != number:
            raise ValueError(f"entry {number} is missing")
        facts_, kid, hidden = self._facts(row)
        epoch = None
        if kid is not None:
            epoch = self._words.epoch(self._connection, kid, "sealed" if hidden else "open")
        subject = None if hidden or row.subject_tag == _NOBODY else row.subject_tag
        facet = self._words.facet(self._connection, facts_.facet)
        batch.add(row.index, row.at_us, facts_, facet=facet, epoch=epoch, subject=subject)

    def _facts(self, row: Row) -> tuple[Facts, bytes | None, bool]:
        """What the entry says, the key epoch that seals it (None: in clear), and whether it cannot be opened."""
        try:
            entry = opened(row, self._ring)
        except ValueError:
            self._trouble("altered", row.index)
            return Facts(Facet(UNREADABLE), 0), None, True
        if EntryKind(row.envelope[1]) in CLEAR:  # type: ignore[index]
            if entry.kind == EntryKind.REDACTION.label and entry.payload is not None:
                erasure.condemn(self._connection, self._words, entry.payload)
            return Facts(Facet(entry.kind), 1), None, False
        kid = bytes.fromhex(entry.epoch)
        known = self._words.epochs.get(kid)
        if known is not None and known[1] in erasure.GONE:
            return Facts(Facet(entry.kind), 0), kid, True
        if entry.payload is None:
            if self._ring.find(kid) is not None:
                self._trouble("altered", row.index)
                return Facts(Facet(entry.kind), 0), None, True
            return Facts(Facet(entry.kind), 0), kid, True
        return facts(entry.kind, entry.payload, self._key), kid, False

    def _keys(self) -> bool:
        """Condemn the epochs whose keys are gone; True when keys came back for entries that were read without them."""
        here = {epoch.kid for epoch in self._ring.all()}
        if any(state == "sealed" and kid in here for kid, (_, state) in self._words.epochs.items()):
            return True
        gone = [kid for kid, (_, state) in self._words.epochs.items() if state == "open" and kid not in here]
        if gone:
            with self._transaction():
                for kid in gone:
                    erasure.mark(self._connection, self._words, kid, "condemned")
        return False

    def _start_over(self, why: str | None) -> int:
        """Build from nothing; what was wrong stays written down."""
        troubles = self._connection.execute("SELECT name, value FROM state WHERE name LIKE 'trouble:%'").fetchall()
        known = self._next
        with self._transaction():
            for table in ("entry", "facet", "span", "series", "figure", "family", "epoch", "day", "pattern", "state"):
                self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the line above
            self._say("key", self._key.check)
            for name, value in troubles:
                self._say(name, value)
            if why is not None:
                self._trouble(why, known - 1)
        self._load()
        return 1

    def _note(self, word: str) -> None:
        """Trouble that may pass."""
        if self._said("passing") != word:
            with self._transaction():
                self._say("passing", word)

    def _settle(self) -> None:
        if self._said("passing") is not None:
            with self._transaction():
                self._connection.execute("DELETE FROM state WHERE name = 'passing'")

    def _trouble(self, word: str, index: int) -> None:
        """Trouble that stays; the first index it was met at is kept."""
        self._connection.execute("INSERT OR IGNORE INTO state VALUES (?, ?)", (f"trouble:{word}", index))

    def _said(self, name: str) -> Any:
        found = self._connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return found[0] if found else None

    def _say(self, name: str, value: Any) -> None:
        self._connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
