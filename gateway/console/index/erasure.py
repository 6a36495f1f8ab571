"""What is erased in the log is erased here: words, tags and patterns of a key epoch whose keys are destroyed.

An epoch is `condemned` when a redaction names it or its keys are gone, and `erased` when the last of its entries is
bare: number, time and kind. Done in parts, each one transaction, so that a stop half-way only means to go on.

Rule of this file: overwritten, not only forgotten. The file is opened with `secure_delete`, and the write-ahead log,
which still holds the old pages, is emptied afterwards.
"""

import binascii
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from config.console_rules import LONGEST_WINDOW
from gateway.console.index.batch import Words
from gateway.console.index.calendar import day_of
from gateway.console.index.facts import Facet

GONE: Final = frozenset({"condemned", "erased"})
_SPREAD: Final = 4
"""Entries of other kinds lie between those of an epoch."""


def condemn(connection: sqlite3.Connection, words: Words, payload: Mapping[str, Any]) -> None:
    """Mark the epochs a redaction names, also those that were not met yet."""
    for named in payload.get("epochs") or ():
        try:
            kid = bytes.fromhex(named["epoch"])
        except (ValueError, TypeError, KeyError, binascii.Error):
            continue  # in clear, so anyone with the store could have written it
        words.epoch(connection, kid, "condemned")
        if words.epochs[kid][1] != "erased":
            mark(connection, words, kid, "condemned")


def mark(connection: sqlite3.Connection, words: Words, kid: bytes, state: str) -> None:
    """Note the state of an epoch. The caller holds the transaction."""
    number, _ = words.epochs[kid]
    connection.execute("UPDATE epoch SET state = ? WHERE id = ?", (state, number))
    words.epochs[kid] = (number, state)


def step(connection: sqlite3.Connection, words: Words, limit: int) -> int:
    """Erase a part of one condemned epoch; how many entries were looked at, 0 when nothing is condemned."""
    found = connection.execute(
        "SELECT id, kid, first, last FROM epoch WHERE state = 'condemned' ORDER BY id LIMIT 1"
    ).fetchone()
    if found is None:
        return 0
    epoch, kid, first, last = found
    connection.execute("BEGIN IMMEDIATE")
    try:
        end = 0
        if first is not None:
            end = min(last + 1, first + limit * _SPREAD)
            _bare(connection, words, epoch, first, end)
            connection.execute("UPDATE epoch SET first = ? WHERE id = ?", (end, epoch))
        done = first is None or end > last
        if done:
            connection.execute("DELETE FROM family WHERE epoch = ?", (epoch,))
            mark(connection, words, kid, "erased")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    if done:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return max(1, end - (first or 0))


def _bare(connection: sqlite3.Connection, words: Words, epoch: int, start: int, end: int) -> None:
    """Entries `start` to `end - 1` of the epoch lose all but number, time, kind."""
    here = (start, end, epoch)
    least, most = connection.execute(
        "SELECT min(at), max(at) FROM entry WHERE idx >= ? AND idx < ? AND epoch = ?", here
    ).fetchone()
    if least is None:
        return
    connection.execute(
        "DELETE FROM pattern WHERE day BETWEEN ? AND ? AND EXISTS (SELECT 1 FROM json_each(pattern.entries) AS named"
        " JOIN entry ON entry.idx = named.value WHERE entry.idx >= ? AND entry.idx < ? AND entry.epoch = ?)",
        # a pattern may name entries of the days before its own
        (day_of(least), day_of(most) + LONGEST_WINDOW, *here),
    )
    counts = connection.execute(
        "SELECT facet, kind, count(*) FROM entry JOIN facet ON facet.id = facet"
        " WHERE idx >= ? AND idx < ? AND epoch = ? GROUP BY facet",
        here,
    ).fetchall()
    for facet, kind, n in counts:
        bare = words.facet(connection, Facet(kind))
        connection.execute(
            "UPDATE entry SET facet = ?, leads = 0, officer = NULL, dossier = NULL, subject = NULL, family = NULL"
            " WHERE idx >= ? AND idx < ? AND epoch = ? AND facet = ?",
            (bare, *here, facet),
        )
        connection.executemany("UPDATE facet SET entries = entries + ? WHERE id = ?", [(-n, facet), (n, bare)])
