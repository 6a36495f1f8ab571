"""The walk over a SQLite store. What is checked, by number:

    for each entry, in the order of its index
      1   indices are 0, 1, 2 ... without a gap
      2   the leaf is SHA-256(0x00 || envelope)
      3   the searchable columns are those of the envelope's header
      4   the entry's key epoch was announced by an earlier key-epoch entry; with its keys: the commitments hold and
          the content opens
      5   the stored tile names the same leaf at this place
    for each stored checkpoint and tile, when its size is reached
      6   the checkpoint is signed by the log's key, for this size, over this root
      7   a full tile is stored and right
    at the end
      8   the newest checkpoint covers exactly the entries there are
      9   every checkpoint the auditor brought from earlier is the beginning of this log
      10  the table of key epochs and the number of tiles are what the entries say

Rule of this file: the first violation ends the walk. Everything is read in one snapshot, row by row.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gateway.audit.check.entries import Entries
from gateway.audit.check.envelope import EpochKeys
from gateway.audit.check.errors import CannotCheck, Violation
from gateway.audit.check.note import Checkpoint, Key, open_checkpoint
from gateway.audit.check.tree import WIDTH, Growing, leaf


@dataclass(frozen=True, slots=True)
class Report:
    """What was found to be right: `entries` of them, from the index `first` on, under the checkpoint `newest`.

    `opened`: entries whose content was opened with the keys given.
    """

    entries: int
    checkpoints: int
    tiles: int
    opened: int
    newest: Checkpoint
    remarks: tuple[str, ...]
    first: int = 0


def check(store: Path, *, key: Key, earlier: Sequence[Checkpoint] = (), epoch: EpochKeys | None = None) -> Report:
    """Check a whole store against the log's public key.

    `earlier`: checkpoints of this log from another time or place, already verified. Without one, a log that was cut
    back to an older state of itself passes: nothing inside it can tell. Raises Violation and CannotCheck.
    """
    try:
        with closing(_open(store)) as database:
            database.execute("BEGIN")
            return _Walk(database, key, earlier, Entries(epoch, whole=True)).run()
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
class _Walk:
    database: sqlite3.Connection
    key: Key
    earlier: Sequence[Checkpoint]
    entries: Entries
    tree: Growing = field(default_factory=Growing)
    heads: dict[int, bytes] = field(default_factory=dict)
    tiles: int = 0
    current_tile: bytes | None = None

    def run(self) -> Report:
        sizes = {checkpoint.size for checkpoint in self.earlier}
        notes = self.database.execute("SELECT size, note FROM checkpoint ORDER BY size")
        upcoming = next(notes, None)
        newest: Checkpoint | None = None
        covered = checkpoints = 0
        for row in self.database.execute("SELECT idx, ts, subj_tag, actor_tag, env, leaf FROM entry ORDER BY idx"):
            self._entry(row)
            if self.tree.size in sizes:
                self.heads[self.tree.size] = self.tree.head()
            while upcoming is not None and upcoming[0] <= self.tree.size:
                newest = self._checkpoint(upcoming[0], upcoming[1], covered)
                covered, checkpoints = newest.size, checkpoints + 1
                upcoming = next(notes, None)
        newest = self._end(newest, upcoming)
        self._earlier()
        self._tables()
        found = self.entries
        return Report(self.tree.size, checkpoints, self.tiles, found.opened, newest, tuple(found.remarks))

    # -- for each entry

    def _entry(self, row: tuple[Any, ...]) -> None:
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
        self.entries.epoch(index, envelope)  # (4)
        self._in_tile(index, stored_leaf)  # (5)
        self.entries.time(index, envelope.at_us)
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

    def _checkpoint(self, size: Any, text: Any, covered: int) -> Checkpoint:
        try:
            checkpoint = open_checkpoint(str(text), self.key)
        except ValueError as error:
            raise Violation(None, f"the checkpoint stored for size {size}: {error}") from None
        if checkpoint.size != size or size != self.tree.size:
            raise Violation(None, f"the checkpoint stored for size {size} is one of size {checkpoint.size}")
        if checkpoint.root != self.tree.head():  # (6)
            last = size - 1
            span = "it is" if covered == last else f"it or another up to entry {last} is"
            raise Violation(covered, f"{span} not what the checkpoint of size {size} was signed over")
        return checkpoint

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
        listed = dict(self.database.execute("SELECT kid, first_idx FROM key_epoch"))  # (10)
        if listed != self.entries.epochs:
            raise Violation(None, "the table of key epochs is not what the entries announce")
        (count,) = self.database.execute("SELECT count(*) FROM tile").fetchone()
        if count != self.tiles:
            raise Violation(None, f"{count} tiles are stored where the entries make {self.tiles}")
        keys = self.entries.keys
        if keys is not None and keys.epoch not in self.entries.epochs:
            self.entries.remarks.append("no entry belongs to the key epoch given")

    def _stored_tile(self, level: int, n: int) -> bytes | None:
        found = self.database.execute("SELECT data FROM tile WHERE level = ? AND n = ?", (level, n)).fetchone()
        return found[0] if found is not None and isinstance(found[0], bytes) else None
