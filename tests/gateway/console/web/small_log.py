"""Logs of a few events for one test, and copies of a log that somebody has altered.

written = small(folder, a_decision(), a_disclosure())         with its index
written = copied(written, folder); altered(written, "UPDATE entry SET env = ? WHERE idx = ?", (b"", 3))
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway.audit.events import Event
from gateway.console.index.builder import Builder
from gateway.console.index.keyed import IndexKey
from gateway.console.index.schema import remove
from gateway.storage.sqlite_reader import SqliteReader
from tests.gateway.audit.builders import a_log, keys
from tests.gateway.console.web.written_log import Written

_KEY = IndexKey(bytes(range(32)))


def small(folder: Path, *events: Event, index: bool = True) -> Written:
    """The log of these events. `index`: whether it is indexed; an index is what `indexed` makes, too."""
    places, signer, _ = keys(folder)
    asyncio.run(_append(folder, events))
    written = Written(folder, signer.key, places.vkey.read_text("utf-8").strip(), _size(places.store), {})
    if index:
        indexed(written)
    return written


def indexed(written: Written) -> None:
    """Make the index anew."""
    path = written.folder / "console" / "index.sqlite"
    remove(path)
    reader = SqliteReader(written.store)
    builder = Builder(reader, written.ring, path, _KEY)
    while builder.step():
        pass
    builder.close()
    reader.close()


def copied(written: Written, folder: Path) -> Written:
    """The same log elsewhere, to be altered."""
    shutil.copytree(written.folder, folder)
    return Written(folder, written.key, written.vkey, written.size, written.places)


def altered(written: Written, statement: str, values: Sequence[Any]) -> None:
    """What somebody who has the store may do: change rows past every trigger."""
    connection = sqlite3.connect(written.store)
    triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    assert connection.execute(statement, tuple(values)).rowcount == 1
    connection.commit()
    connection.close()


async def _append(folder: Path, events: Sequence[Event]) -> None:
    async with a_log(folder) as log:
        for event in events:
            await log.append(event)


def _size(store: Path) -> int:
    reader = SqliteReader(store)
    try:
        note = reader.newest_note()
        return note.size if note else 0
    finally:
        reader.close()
