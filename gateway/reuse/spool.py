"""A temporary file in which the calls of a dossier meet, however far apart in the log they are.

The file has no name from the moment it is made: it is gone with the process, whichever way that ends. It holds no
dossier's code: 16 bytes of a keyed hash, whose key is drawn for one reckoning and kept nowhere.

Rule of this file: what is in memory does not grow with the log.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from gateway.reuse.counting import Said

SECRET_BYTES: Final = 32
HELD: Final = 20_000
"""Rows that are gathered in memory before they are written."""

_DOSSIER_BYTES: Final = 16
_CACHE_KIB: Final = 32 * 1024
_MOST_FIELDS: Final = 1 << 20
_ADD: Final = (
    "INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
    " answered = max(answered, excluded.answered), reused = max(reused, excluded.reused),"
    " population = max(population, excluded.population),"
    " best = max(best, excluded.best), offered = max(offered, excluded.offered),"
    " handed = handed + excluded.handed"
)


class Seen(NamedTuple):
    """What the calls of a dossier say together, within one procedure and month.

    `best`: see `ranked`; `offered`: papers, of the call that offered most; `handed`: papers, of all calls together.
    """

    procedure: int
    month: int
    answered: int
    reused: int
    population: int
    best: int
    offered: int = 0
    handed: int = 0


NO_FORM: Final = -1


def ranked(form: tuple[int, int] | None) -> int:
    """A form as one number, the greater the better: more fields filled, and of as many the shorter form."""
    if form is None:
        return NO_FORM
    total, filled = form
    return filled * _MOST_FIELDS + _MOST_FIELDS - 1 - min(total, _MOST_FIELDS - 1)


def form_of(best: int) -> tuple[int, int]:
    """The form of a rank that is not NO_FORM: fields in all and filled."""
    return _MOST_FIELDS - 1 - best % _MOST_FIELDS, best // _MOST_FIELDS


class Spool:
    """Belongs to one thread; close it. `folder`: where there is room; `secret`: random, for this one alone.

    Raises OSError and sqlite3.Error.
    """

    def __init__(self, folder: Path, secret: bytes, *, held: int = HELD) -> None:
        self._secret, self._most = secret, held
        self._held: dict[tuple[int, bytes, int, int], tuple[int, ...]] = {}
        self.portals: list[str] = []
        self.procedures: list[str] = []
        self._numbers: dict[tuple[str, str], int] = {}
        handle, name = tempfile.mkstemp(prefix="reuse-", dir=folder)
        os.close(handle)
        try:
            self._file = sqlite3.connect(name, isolation_level=None)
            for pragma in (
                "journal_mode = OFF",
                "synchronous = OFF",
                "locking_mode = EXCLUSIVE",
                "temp_store = MEMORY",
            ):
                self._file.execute(f"PRAGMA {pragma}")
            self._file.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            self._file.execute(
                "CREATE TABLE seen (portal INTEGER, dossier BLOB, procedure INTEGER, month INTEGER, answered INTEGER,"
                " reused INTEGER, population INTEGER, best INTEGER, offered INTEGER, handed INTEGER,"
                " PRIMARY KEY (portal, dossier, procedure, month)) WITHOUT ROWID"
            )
        finally:
            Path(name).unlink()

    def add(self, one: Said) -> None:
        """Take in what an entry says. A dossier called more often keeps the best of its calls."""
        digest = blake2b(one.dossier.encode(errors="surrogatepass"), digest_size=_DOSSIER_BYTES, key=self._secret)
        portal = self._number("portal", one.portal, self.portals)
        key = (portal, digest.digest(), self._number("procedure", one.procedure, self.procedures), one.month)
        most: tuple[int, ...] = (one.answered, one.reused, one.population, ranked(one.form), one.offered)
        *before, handed = self._held.get(key, (*most, 0))
        self._held[key] = (*map(max, before, most), handed + one.handed)
        if len(self._held) >= self._most:
            self._write()

    def dossiers(self) -> Iterator[tuple[int, list[Seen]]]:
        """(number of the portal, what was seen) of every dossier of a portal, once."""
        self._write()
        rows = self._file.execute(
            "SELECT portal, dossier, procedure, month, answered, reused, population, best, offered, handed"
            " FROM seen ORDER BY portal, dossier"
        )
        for (portal, _), group in groupby(rows, key=lambda row: (row[0], row[1])):
            yield portal, [Seen(*row[2:]) for row in group]

    def close(self) -> None:
        """Let go of the file: nothing of it is left."""
        self._file.close()

    def _number(self, what: str, name: str, names: list[str]) -> int:
        number = self._numbers.get((what, name))
        if number is None:
            number = self._numbers[what, name] = len(names)
            names.append(name)
        return number

    def _write(self) -> None:
        # in the order of the file: neighbours share a page
        self._file.execute("BEGIN")
        self._file.executemany(_ADD, [(*key, *self._held[key]) for key in sorted(self._held)])
        self._file.execute("COMMIT")
        self._held.clear()
