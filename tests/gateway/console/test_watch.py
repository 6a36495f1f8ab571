"""Tests of the word for what is wrong with log, keys or index."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.console.index.keyed import IndexKey
from gateway.console.index.schema import open_for_writing, remove
from gateway.console.index.search import LogIndex
from gateway.console.watch import Watch
from gateway.storage.sqlite_reader import SqliteReader

KEY = IndexKey(bytes(32))


async def _until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < ends
        await asyncio.sleep(0.01)


def _say(path: Path, name: str) -> None:
    connection = open_for_writing(path)
    connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, 7))
    connection.close()


async def test_what_the_index_keeps_is_said_when_nothing_passes(tmp_path: Path) -> None:
    """No index yet: nothing is wrong. Then its own word is seen within a look, also of an index that was made anew."""
    path = tmp_path / "index.sqlite"
    watch = Watch(lambda: LogIndex(path, KEY, lambda: SqliteReader(tmp_path / "log.sqlite")), lambda: None, every=0.01)
    watch.start()
    try:
        await asyncio.sleep(0.05)
        assert watch.trouble is None
        _say(path, "trouble:altered")
        await _until(lambda: watch.trouble == "altered")
        remove(path)
        _say(path, "trouble:rewritten")
        await _until(lambda: watch.trouble in ("rewritten", "altered"))
    finally:
        await watch.close()


@pytest.mark.parametrize(
    ("kept", "passing", "said"),
    [
        ("trouble:rewritten", "log_away", "rewritten"),
        ("trouble:altered", None, "altered"),
        ("passing", "log_away", "log_away"),
        ("nothing", "stopped", "stopped"),
        ("nothing", None, None),
    ],
)
async def test_the_gravest_word_is_said(tmp_path: Path, kept: str, passing: str | None, said: str | None) -> None:
    """That the log is not what it was is covered by nothing that passes."""
    path = tmp_path / "index.sqlite"
    _say(path, kept)
    watch = Watch(
        lambda: LogIndex(path, KEY, lambda: SqliteReader(tmp_path / "log.sqlite")), lambda: passing, every=0.01
    )
    watch.start()
    try:
        await _until(lambda: watch.trouble == said)
        await asyncio.sleep(0.05)
        assert watch.trouble == said
    finally:
        await watch.close()
