"""One turn of following the log, and how long to wait before the next: no thread, no clock of its own.

    works       entries are read, a key epoch is erased, a day is studied: go on at once
    waits       nothing to do: look again soon, so that a new entry is found within about a second
    elsewhere   another console builds this index: only read it, and take over when that one is gone
    troubled    log, keys or index cannot be used: try again, at first soon and then at longer intervals

Rule of this file: whatever stands in the way is named by a word and tried again. Nothing is lost by a stop at any
instant, because each step of the builder is one transaction.
"""

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from config.console_rules import ConsoleRules
from gateway.audit.errors import KeyFileRefused
from gateway.audit.ring import KeyRing
from gateway.console.index.builder import STEP, Builder
from gateway.console.index.keyed import IndexKey
from gateway.console.index.schema import IndexTaken, remove, take
from gateway.storage.contract import Reader, StoreUnavailable

LOOK: Final = 0.5
"""Seconds between two looks for new entries."""

FAR_STEP: Final = 10_000
"""Entries of a step while the index is far behind: keyed tags lie anywhere in their lists, and the more of them one
transaction adds, the fewer pages are written twice. At two million entries 7 KB an entry rather than 17."""

TAKE_OVER: Final = 2.0
"""Seconds between two tries for the lock of an index that another process builds."""

PAUSES: Final = (0.5, 1.0, 2.0, 5.0)
"""Seconds to wait after the first, second ... failure in a row; the last one for all others."""

LOG_AWAY, KEYS_REFUSED, UNINDEXABLE, UNWRITABLE = "log_away", "keys_refused", "unindexable", "index_unwritable"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is.

    `building`: whether this process does it; `behind`: entries of the log that are not indexed yet, None while that is
    not known here; `at`: when a turn went well for the last time; `trouble`: what stands in the way, None for nothing.

    log_away: the store cannot be read. keys_refused: a file of the key ring is spoilt or open to others. unindexable:
    an entry is missing in the middle of the log, or says what this program does not know. index_unwritable: the index's
    own file or folder cannot be written.
    """

    building: bool = False
    behind: int | None = None
    at: datetime | None = None
    trouble: str | None = None


def pause(failures: int) -> float:
    """Seconds to wait after this many failures in a row."""
    return PAUSES[min(failures, len(PAUSES)) - 1]


class Turns:
    """Follows one log. Belongs to one thread, which makes and closes it; `progress` may be read from any.

    `open_log`: makes the reader; `rules`: what is unusual, asked anew at each look, so that they may change.
    """

    def __init__(
        self,
        *,
        open_log: Callable[[], Reader],
        ring: KeyRing,
        path: Path,
        key: IndexKey,
        rules: Callable[[], ConsoleRules],
        now: Callable[[], datetime],
    ) -> None:
        self._open_log, self._ring, self._path, self._key = open_log, ring, path, key
        self._rules, self._now = rules, now
        self._reader: Reader | None = None
        self._builder: Builder | None = None
        self._failures = 0
        self.progress = Progress()

    def turn(self) -> float:
        """One piece of work; seconds to wait before the next one."""
        try:
            worked, behind = self._work()
        except IndexTaken:
            self._failures = 0
            self.progress = Progress(at=self._now())
            return TAKE_OVER
        except StoreUnavailable:
            return self._failed(LOG_AWAY)
        except KeyFileRefused:
            return self._failed(KEYS_REFUSED)
        except ValueError:
            return self._failed(UNINDEXABLE)
        except (sqlite3.Error, OSError) as error:
            # the connection may be the very thing that failed
            self._let_go()
            if _spoilt(error):
                self._throw_away()
            return self._failed(UNWRITABLE)
        self._failures = 0
        self.progress = Progress(building=True, behind=behind, at=self._now())
        return 0.0 if worked else LOOK

    def close(self) -> None:
        """Let go of index, lock and store."""
        self._let_go()
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _work(self) -> tuple[bool, int]:
        if self._reader is None:
            self._reader = self._open_log()
        if self._builder is None:
            self._builder = Builder(self._reader, self._ring, self._path, self._key)
        builder = self._builder
        note = self._reader.newest_note()
        size = note.size if note else 0
        step = FAR_STEP if size - builder.next > FAR_STEP else STEP
        worked = bool(builder.step(step)) or builder.study(self._rules(), self._now())
        return worked, max(0, size - builder.next)

    def _failed(self, word: str) -> float:
        self._failures += 1
        said = self.progress
        self.progress = Progress(self._builder is not None, said.behind, said.at, word)
        return pause(self._failures)

    def _let_go(self) -> None:
        builder, self._builder = self._builder, None
        if builder is not None:
            builder.close()

    def _throw_away(self) -> None:
        """Remove a spoilt index, unless another process has it now: it is built again from the log."""
        try:
            lock = take(self._path)
        except (IndexTaken, OSError):
            return
        try:
            remove(self._path)
        finally:
            os.close(lock)


def _spoilt(error: Exception) -> bool:
    """Whether SQLite found something else in the file than it had written."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
