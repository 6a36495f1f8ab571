"""The walk over a SQLite store. What is checked, by number:

    for each entry, in the order of its index
      1   indices are 0, 1, 2 ... without a gap
      2   the leaf is SHA-256(0x00 || envelope)
      3   the searchable columns are those of the envelope's header
      4   the entry's key epoch was announced by an earlier key-epoch entry, for its kind; with its keys: the
          commitments hold, the content opens, and the tags are those of whom it names
      5   the stored tile names the same leaf at this place
    for each stored checkpoint and tile, when its size is reached
      6   the checkpoint is signed by the log's key, for this size, over this root, and begins where the last one ended;
          cosignatures by the witnesses brought hold over it, and stored time-stamps are over it
      7   a full tile is stored and right
    at the end
      8   the newest checkpoint covers exactly the entries there are
      9   every checkpoint the auditor brought from earlier is the beginning of this log
      10  the table of key epochs and the number of tiles are what the entries say

Rule of this file: the first violation ends the walk. Everything is read in one snapshot, row by row.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gateway.audit.check.attestations import Attestations
from gateway.audit.check.entries import Entries, Progress
from gateway.audit.check.errors import CannotCheck, Violation
from gateway.audit.check.keys import EpochKeys
from gateway.audit.check.note import Checkpoint, Key, Note, open_note
from gateway.audit.check.report import Report
from gateway.audit.check.tree import WIDTH, Growing, leaf

_NOTES = "SELECT size, note, first_idx FROM checkpoint ORDER BY size"
_EARLIER_NOTES = "SELECT size, note, NULL FROM checkpoint ORDER BY size"
_EPOCHS = "SELECT kid, first_idx, kind, period FROM key_epoch"
_EARLIER_EPOCHS = "SELECT kid, first_idx FROM key_epoch"
_COSIGNATURES = "SELECT size, line FROM cosignature WHERE typeof(size) = 'integer' ORDER BY size"
_STAMPS = "SELECT size, authority, der FROM timestamp_token WHERE typeof(size) = 'integer' ORDER BY size"


def check(
    store: Path,
    *,
    key: Key,
    earlier: Sequence[Checkpoint] = (),
    keys: Mapping[bytes, EpochKeys] | None = None,
    witnesses: Sequence[Key] = (),
    progress: Progress | None = None,
) -> Report:
    """Check a whole store against the log's public key.

    `earlier`: checkpoints of this log from another time or place, already verified. Without one, a log that was cut
    back to an older state of itself passes: nothing inside it can tell. `keys`: key epochs by id, to open entries
    (`read_keys`); `witnesses`: whose cosignatures are checked (`parse_witness`); `progress` is told now and then how
    many entries were read, and of how many. Raises Violation and CannotCheck, and what `progress` raises to end it.
    """
    try:
        with closing(_open(store)) as database:
            database.execute("BEGIN")
            entries = Entries(keys, whole=True, origin=key.name, progress=progress)
            return _Walk(database, key, earlier, entries, Attestations(witnesses)).run()
    except sqlite3.Error as error:
        raise CannotCheck(f"{store}: not readable as a log store ({type(error).__name__})") from None


def _open(store: Path) -> sqlite3.Connection:
    if not store.is_file():
        raise CannotCheck(f"{store}: there is no such file")
    # without a write-ahead log the file is complete by itself; immutable also reads from a read-only medium
    rest = store.with_name(store.name + "-wal")
    quiet = not rest.exists() or rest.stat().st_size == 0
    address = f"file:{quote(str(store.resolve()))}?mode=ro"
    database = sqlite3.connect(address, uri=True, isolation_level=None)
    try:
        database.execute("SELECT 1 FROM entry LIMIT 1").fetchall()
    except sqlite3.OperationalError:
        database.close()
        if not quiet:
            raise
        database = sqlite3.connect(address + "&immutable=1", uri=True, isolation_level=None)
    return database


@dataclass(slots=True)
class _BySize:
    """Rows in the order of the checkpoint they belong to, one looked at ahead. `called`: what they are."""

    called: str
    rows: Iterator[tuple[Any, ...]]
    ahead: tuple[Any, ...] | None = None

    def __post_init__(self) -> None:
        self.ahead = next(self.rows, None)

    def take(self, size: int) -> Iterator[tuple[Any, ...]]:
        """Those of the checkpoint of `size`. Violation for one before it, which then belongs to none."""
        while self.ahead is not None and self.ahead[0] <= size:
            if self.ahead[0] != size:
                raise Violation(None, f"a {self.called} of size {self.ahead[0]} is stored, and no such checkpoint")
            row, self.ahead = self.ahead, next(self.rows, None)
            yield row


@dataclass(slots=True)
class _Walk:
    database: sqlite3.Connection
    key: Key
    earlier: Sequence[Checkpoint]
    entries: Entries
    attestations: Attestations
    tree: Growing = field(default_factory=Growing)
    heads: dict[int, bytes] = field(default_factory=dict)
    tiles: int = 0
    current_tile: bytes | None = None
    cosignatures: _BySize = field(init=False)
    stamps: _BySize = field(init=False)

    def run(self) -> Report:
        sizes = {checkpoint.size for checkpoint in self.earlier}
        self.cosignatures = _BySize("cosignature", self._rows(_COSIGNATURES, "cosignature"))
        self.stamps = _BySize("time-stamp", self._rows(_STAMPS, "timestamp_token"))
        notes = self._rows(_NOTES if self._has("checkpoint", "first_idx") else _EARLIER_NOTES, "checkpoint")
        upcoming = next(notes, None)
        newest: Checkpoint | None = None
        covered = checkpoints = 0
        (last,) = self.database.execute("SELECT max(idx) FROM entry").fetchone()
        expected = last + 1 if isinstance(last, int) else 0
        for row in self.database.execute("SELECT idx, ts, subj_tag, actor_tag, env, leaf FROM entry ORDER BY idx"):
            self._entry(row, expected)
            if self.tree.size in sizes:
                self.heads[self.tree.size] = self.tree.head()
            while upcoming is not None and upcoming[0] <= self.tree.size:
                newest = self._checkpoint(upcoming, covered)
                covered, checkpoints = newest.size, checkpoints + 1
                upcoming = next(notes, None)
        newest = self._end(newest, upcoming)
        self._earlier()
        self._tables()
        found, (opened, sealed, erased) = self.entries, self.entries.close()
        witnesses, stamps = self.attestations.found(found.remarks)
        return Report(
            self.tree.size,
            checkpoints,
            self.tiles,
            opened,
            newest,
            found.remarks.all(),
            clear=found.clear,
            sealed=sealed,
            erased=erased,
            witnesses=witnesses,
            stamps=stamps,
        )

    def _has(self, table: str, column: str) -> bool:
        """Whether the store is of a version that has this column."""
        return (column,) in self.database.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()

    def _rows(self, query: str, table: str) -> Iterator[tuple[Any, ...]]:
        """What a query over a table finds; nothing in a store of a version without the table."""
        return self.database.execute(query) if self._has(table, "size") else iter(())

    # -- for each entry

    def _entry(self, row: tuple[Any, ...], of: int) -> None:
        index, at_us, subject_tag, actor_tag, data, stored_leaf = row
        expected = self.tree.size
        if index != expected:  # (1)
            raise Violation(expected, f"missing; the store goes on with entry {index}")
        if data is None:
            raise Violation(index, "its content was removed")
        if not isinstance(data, bytes) or leaf(data) != stored_leaf:  # (2)
            raise Violation(index, "its content does not hash to its leaf: altered")
        envelope = self.entries.take(index, data)
        if (at_us, subject_tag, actor_tag) != (envelope.at_us, envelope.subject_tag, envelope.actor_tag):  # (3)
            raise Violation(index, "its searchable columns are not those of its content: altered")
        self.entries.content(index, envelope)  # (4)
        self._in_tile(index, stored_leaf)  # (5)
        self.entries.time(index, envelope.at_us, of)
        for level, n, tile in self.tree.add(stored_leaf):  # (7)
            if self._stored_tile(level, n) != tile:
                raise Violation(None, f"tile {level}/{n} is missing or wrong, the entries under it are right")
            self.tiles += 1

    def _in_tile(self, index: int, leaf_hash: bytes) -> None:
        place = index % WIDTH
        if place == 0:
            self.current_tile = self._stored_tile(0, index // WIDTH)
        tile = self.current_tile
        if tile is not None and tile[32 * place : 32 * place + 32] != leaf_hash:
            raise Violation(index, "it is not the entry the stored tile names at this place: exchanged")

    # -- checkpoints

    def _checkpoint(self, row: tuple[Any, ...], covered: int) -> Checkpoint:
        size, text, first = row
        try:
            note = open_note(str(text), self.key)
        except ValueError as error:
            raise Violation(None, f"the checkpoint stored for size {size}: {error}") from None
        checkpoint = note.checkpoint
        if checkpoint.size != size or size != self.tree.size:
            raise Violation(None, f"the checkpoint stored for size {size} is one of size {checkpoint.size}")
        if checkpoint.root != self.tree.head():  # (6)
            last = size - 1
            span = "it is" if covered == last else f"it or another up to entry {last} is"
            raise Violation(covered, f"{span} not what the checkpoint of size {size} was signed over")
        if first not in (None, covered):
            raise Violation(
                None, f"the checkpoint before that of size {size} is missing: it follows one of size {first}"
            )
        self._attested(note, str(text))
        return checkpoint

    def _attested(self, note: Note, text: str) -> None:
        size = note.checkpoint.size
        try:
            for _, line in self.cosignatures.take(size):
                self.attestations.line(note, str(line))
        except ValueError as error:
            raise Violation(None, f"a cosignature stored for size {size}: {error}") from None
        try:
            for _, authority, der in self.stamps.take(size):
                self.attestations.token(note, str(authority), bytes(der), shown=text)
        except (ValueError, TypeError) as error:
            raise Violation(None, f"the time-stamp stored for size {size}: {error}") from None

    # -- at the end

    def _end(self, newest: Checkpoint | None, upcoming: tuple[Any, Any] | None) -> Checkpoint:
        size = self.tree.size
        if upcoming is not None:  # (8)
            raise Violation(size, f"missing; a stored checkpoint covers {upcoming[0]} entries, there are {size}")
        if size == 0:
            raise Violation(0, "missing; every log begins with a key-epoch entry")
        if newest is None or newest.size != size:
            covered = 0 if newest is None else newest.size
            raise Violation(covered, "no checkpoint covers it: added without a signature")
        for rows in (self.cosignatures, self.stamps):
            if rows.ahead is not None:
                raise Violation(
                    size, f"missing; a stored {rows.called} covers {rows.ahead[0]} entries, there are {size}"
                )
        return newest

    def _earlier(self) -> None:
        for old in sorted(self.earlier, key=lambda one: one.size):  # (9)
            if old.origin != self.key.name:
                raise CannotCheck("the earlier checkpoint is one of another log")
            if old.size > self.tree.size:
                raise Violation(
                    self.tree.size, f"missing; an earlier checkpoint covers {old.size} entries: the log was cut back"
                )
            if old.size and self.heads[old.size] != old.root:
                raise Violation(None, f"the first {old.size} entries are not those of the earlier checkpoint")

    def _tables(self) -> None:
        scoped = self._has("key_epoch", "kind")
        listed = {row[0]: row[1:] for row in self.database.execute(_EPOCHS if scoped else _EARLIER_EPOCHS)}  # (10)
        announced = self.entries.epochs.announced().items()
        said = {name: (one.index, one.kind, one.period) if scoped else (one.index,) for name, one in announced}
        if listed != said:
            raise Violation(None, "the table of key epochs is not what the entries announce")
        (count,) = self.database.execute("SELECT count(*) FROM tile").fetchone()
        if count != self.tiles:
            raise Violation(None, f"{count} tiles are stored where the entries make {self.tiles}")

    def _stored_tile(self, level: int, n: int) -> bytes | None:
        found = self.database.execute("SELECT data FROM tile WHERE level = ? AND n = ?", (level, n)).fetchone()
        return found[0] if found is not None and isinstance(found[0], bytes) else None
