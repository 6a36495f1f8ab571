"""What was unusual on a day, by the rules of console.toml, out of the index alone.

A day is looked at when it has entries that were not looked at yet: at once when there are twice as many, else a few
minutes after the last look. It is looked at again when entries come late, when the rules change, and once more when the
days that `dossier_gone` waits for are over. Its patterns are then written anew; nothing else is kept from look to look.

A call is a `disclosed` or `refused` entry that leads. Tags of subjects and family names are others in every month and
kind of entry, so nothing is summed up over them.

Rule of this file: the work follows the entries of the day. What a rule says is numbers, codes and indices of entries.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from typing import Final

from config.console_rules import ConsoleRules
from gateway.audit.events import EntryKind
from gateway.console.index import study_beyond, study_officers
from gateway.console.index.calendar import DAY_US, day_of, day_start
from gateway.console.index.kept import size
from gateway.console.index.raised import Day, Raised
from gateway.console.index.segments import Time, segments

PAUSE_US: Final = 5 * 60 * 1_000_000
"""A day that grows slowly is looked at this often."""

_EDITION: Final = 1
"""One more when a rule's reckoning changes, so that indexes in use look again."""

_TODAY: Final = (
    (
        "CREATE TEMP TABLE today (idx INTEGER PRIMARY KEY, at INTEGER NOT NULL, epoch INTEGER, kind TEXT NOT NULL,"
        " portal TEXT NOT NULL, operation TEXT NOT NULL, outcome TEXT NOT NULL, status INTEGER NOT NULL,"
        " leads INTEGER NOT NULL, officer INTEGER NOT NULL, dossier INTEGER, subject BLOB, family INTEGER)"
    ),
    "CREATE INDEX temp.today_officer ON today (officer)",
)


def one_day(connection: sqlite3.Connection, rules: ConsoleRules, now_us: int) -> bool:
    """Look at the newest day that is due; False when none is. The caller holds the transaction."""
    _begin_anew_with(connection, rules)
    newest = connection.execute("SELECT at FROM entry ORDER BY idx DESC LIMIT 1").fetchone()
    if newest is None:
        return False
    # neither a fast clock nor an index that is behind may judge what has not come yet
    over = day_of(min(now_us, newest[0]))
    wait = 1 + rules.dossier_gone.days
    due = connection.execute(
        "SELECT day, entries FROM day WHERE"
        " (entries <> studied AND (studied = 0 OR entries >= 2 * studied OR abs(? - studied_at) >= ?))"
        " OR (entries <> followed AND day + ? <= ?) ORDER BY day DESC LIMIT 1",
        (now_us, PAUSE_US, wait, over),
    ).fetchone()
    if due is None:
        return False
    number, entries = due
    gone = number + wait <= over
    connection.execute("DELETE FROM pattern WHERE day = ?", (number,))
    _gather(connection, number)
    try:
        for found in _found(connection, rules, Day(number), gone=gone):
            connection.execute(
                "INSERT INTO pattern (day, rule, at, portal, said, entries, score) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    found.rule,
                    found.at,
                    found.portal,
                    json.dumps(found.values),
                    json.dumps(found.entries),
                    found.score,
                ),
            )
    finally:
        connection.execute("DROP TABLE today")
    connection.execute(
        "UPDATE day SET studied = ?, studied_at = ?, followed = ? WHERE day = ?",
        (entries, now_us, entries if gone else 0, number),
    )
    return True


def _found(connection: sqlite3.Connection, rules: ConsoleRules, day: Day, *, gone: bool) -> Iterator[Raised]:
    yield from study_officers.volume(connection, rules.officer_volume)
    yield from study_officers.outside_hours(connection, rules, day)
    yield from study_officers.same_surname(connection, rules.same_surname)
    yield from study_officers.repeated_refusals(connection, rules.repeated_refusals)
    yield from study_beyond.many_subjects(connection, rules.many_subjects, day)
    yield from study_beyond.many_provinces(connection, rules.many_provinces, day)
    if gone:
        yield from study_beyond.dossier_gone(connection, rules.dossier_gone, day)


def _gather(connection: sqlite3.Connection, day: int) -> None:
    """The `disclosed` and `refused` entries of the day, for every rule to read."""
    for statement in _TODAY:
        connection.execute(statement)
    time = Time(day_start(day), day_start(day) + DAY_US)
    for part in segments(connection, time, size(connection)):
        connection.execute(
            "INSERT INTO today SELECT idx, at, epoch, kind, portal, operation, outcome, status, leads, officer,"
            " dossier, subject, family FROM entry JOIN facet ON facet.id = facet"
            " WHERE idx >= ? AND idx < ? AND at >= ? AND at < ? AND officer IS NOT NULL AND kind IN (?, ?)",
            (part.start, part.end, time.since, time.until, EntryKind.DISCLOSED.label, EntryKind.REFUSED.label),
        )


def _begin_anew_with(connection: sqlite3.Connection, rules: ConsoleRules) -> None:
    """Every day is due again when the rules are not those of the last look."""
    mark = hashlib.sha256(f"{_EDITION} {rules!r}".encode()).hexdigest()
    said = connection.execute("SELECT value FROM state WHERE name = 'rules'").fetchone()
    if said is None or said[0] != mark:
        connection.execute("UPDATE day SET studied = 0, studied_at = 0, followed = 0")
        connection.execute("INSERT OR REPLACE INTO state VALUES ('rules', ?)", (mark,))
