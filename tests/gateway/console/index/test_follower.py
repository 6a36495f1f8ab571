"""The index keeps up by itself in a running console: appended entries appear, whoever died before, on both stores."""

import asyncio
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.keys import Places
from gateway.audit.ring import KeyRing
from gateway.console.index.follower import STOPPED, Follower
from gateway.console.index.schema import remove
from gateway.console.index.search import LogIndex
from gateway.console.index.turns import Turns
from gateway.console.model import EVERYTHING, Wanted
from gateway.storage.contract import Reader
from gateway.storage.opening import Location, open_reader, open_store
from gateway.storage.sqlite_reader import SqliteReader
from tests.gateway.audit.builders import START, a_decision, a_disclosure, a_log
from tests.gateway.console.index.indexed import KEY, RULES, append, indexed
from tests.helpers.postgres import CONSOLE, GATEWAY, as_role, fresh_database, postgres_server

PATIENCE_SECONDS = 60.0


@contextmanager
def following(
    folder: Path, *, reader: Callable[[], Reader] | None = None, now: Callable[[], datetime] = lambda: START
) -> Iterator[Follower]:
    """A follower of the log under `folder` at work, closed at the end."""
    places = Places.under(folder)
    turns = Turns(
        open_log=reader or (lambda: SqliteReader(places.store)),
        ring=KeyRing(places.ring),
        path=folder / "console" / "index.sqlite",
        key=KEY,
        rules=lambda: RULES,
        now=now,
    )
    follower = Follower(turns)
    follower.start()
    try:
        yield follower
    finally:
        follower.close()


def until(true: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < ends, "never"
        time.sleep(0.01)


def caught_up(follower: Follower, size: int, index: LogIndex) -> Callable[[], bool]:
    """Whether this many entries are in the index."""
    return lambda: (
        follower.progress.behind == 0 and index.search(Wanted(), EVERYTHING, below=None, limit=1).total == size
    )


@contextmanager
def reading(folder: Path, reader: Callable[[], Reader] | None = None) -> Iterator[LogIndex]:
    """The index as pages read it."""
    places = Places.under(folder)
    index = LogIndex(folder / "console" / "index.sqlite", KEY, reader or (lambda: SqliteReader(places.store)))
    try:
        yield index
    finally:
        index.close()


def rows(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that an index holds, but for the state of the rules."""
    with indexed(folder) as made:
        made.follow()
        tables = ("entry", "facet", "span", "series", "figure", "family", "epoch")
        return {table: sorted(made.ask(f"SELECT * FROM {table}")) for table in tables}  # noqa: S608


def test_entries_of_a_real_log_appear(tmp_path: Path) -> None:
    """What a running log appends is found by the pages without anyone asking for it."""
    append(tmp_path, [a_decision()])

    async def live(follower: Follower, index: LogIndex) -> None:
        async with a_log(tmp_path) as log:
            for number in range(3):
                receipt = await log.append(a_disclosure())
                found = caught_up(follower, receipt.index + 1, index)
                await asyncio.to_thread(until, found)
                (newest,) = index.search(Wanted(), EVERYTHING, below=None, limit=1).hits
                assert (newest.index, newest.kind) == (receipt.index, "disclosed"), number

    with following(tmp_path) as follower, reading(tmp_path) as index:
        until(lambda: follower.progress.behind == 0)
        asyncio.run(live(follower, index))
        assert index.behind() == 0


def test_the_store_goes_and_comes_back(tmp_path: Path) -> None:
    """Trouble is told while it lasts; afterwards the index goes on where it was."""
    append(tmp_path, [a_decision()])
    store = Places.under(tmp_path).store
    away = store.with_name("away.sqlite")
    store.rename(away)
    with following(tmp_path) as follower, reading(tmp_path) as index:
        until(lambda: follower.progress.trouble == "log_away")
        away.rename(store)
        until(caught_up(follower, 2, index))
        assert follower.progress.trouble is None


def test_kill_minus_nine_in_the_middle(tmp_path: Path) -> None:
    """Killed at random instants, again and again: the index goes on and is in the end what it would have been."""
    append(tmp_path, [a_decision(), *(a_disclosure() for _ in range(700))])
    chance, at = random.Random(9), 0
    for _ in range(4):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.gateway.console.index.following", str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        with child.stdout:
            first = child.stdout.readline()
            time.sleep(chance.random() * 0.05)
            child.kill()
            reached = [int(line) for line in (first, *child.stdout) if line.endswith("\n")]
        child.wait()
        assert reached[0] > at  # it went on, it did not begin anew
        at = reached[-1]
        if at == 703:  # nothing is left to be killed in
            break
    killed = rows(tmp_path)
    (tmp_path / "console").rename(tmp_path / "killed")
    assert rows(tmp_path) == killed
    assert [row[0] for row in killed["entry"]] == list(range(703))


def test_two_consoles_at_once(tmp_path: Path) -> None:
    """One builds, both read; when it goes, the other takes over."""
    append(tmp_path, [a_decision()])
    with following(tmp_path) as first:
        until(lambda: first.progress.building)
        with following(tmp_path) as second, reading(tmp_path) as index:
            until(lambda: second.progress.at is not None)
            assert not second.progress.building
            assert second.progress.trouble is None
            first.close()
            append(tmp_path, [a_disclosure()])
            until(lambda: second.progress.building)
            until(caught_up(second, 4, index))


def test_a_log_in_postgresql(tmp_path: Path) -> None:
    """With the console's own rights, which are to read; the server goes and comes back."""
    (tmp_path / "server").mkdir()
    with postgres_server(tmp_path / "server") as server:
        database = fresh_database(server)
        here = Location(url=as_role(database, CONSOLE))

        async def fill(count: int) -> None:
            store = open_store(Location(url=as_role(database, GATEWAY)))
            async with a_log(tmp_path, store=store) as log:
                for _ in range(count):
                    await log.append(a_disclosure())

        def reader() -> Reader:
            return open_reader(here)

        asyncio.run(fill(3))
        with following(tmp_path, reader=reader) as follower, reading(tmp_path, reader) as index:
            until(lambda: follower.progress.behind == 0)
            before = index.search(Wanted(kind="disclosed"), EVERYTHING, below=None, limit=10)
            assert before.total == 3
            server.stop()
            until(lambda: follower.progress.trouble == "log_away")
            server.start()
            asyncio.run(fill(2))
            until(lambda: index.search(Wanted(kind="disclosed"), EVERYTHING, below=None, limit=10).total == 5)
            until(lambda: follower.progress.trouble is None)


def test_pages_see_an_index_that_was_made_anew(tmp_path: Path) -> None:
    """An index is thrown away and built again; who had it open reads the new one, not the one that is gone."""
    append(tmp_path, [a_decision()])
    with reading(tmp_path) as index:
        with following(tmp_path) as follower:
            until(caught_up(follower, 2, index))
        remove(tmp_path / "console" / "index.sqlite")
        with pytest.raises(sqlite3.OperationalError):
            index.behind()
        append(tmp_path, [a_disclosure()])
        with following(tmp_path) as follower:
            until(lambda: follower.progress.behind == 0)
            until(caught_up(follower, 4, index))


def test_it_stops_at_once_also_while_it_waits(tmp_path: Path) -> None:
    """Closing waits for the step under way, not for a pause; the lock is free afterwards. Closing twice is harmless."""
    append(tmp_path, [a_decision()])
    with following(tmp_path) as follower:
        until(lambda: follower.progress.building)
        follower.close()
        follower.close()
        with indexed(tmp_path) as made:
            made.follow()


def test_one_that_was_never_started_can_be_closed(tmp_path: Path) -> None:
    """As when a console is composed and something else is missing."""
    turns = Turns(
        open_log=lambda: SqliteReader(Places.under(tmp_path).store),
        ring=KeyRing(tmp_path),
        path=tmp_path / "index.sqlite",
        key=KEY,
        rules=lambda: RULES,
        now=lambda: START,
    )
    Follower(turns).close()
    assert not list(tmp_path.iterdir())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_the_program_is_told(tmp_path: Path) -> None:
    """A thread that ends by itself does not pass for one that has nothing to do."""
    append(tmp_path, [a_decision()])

    def broken() -> datetime:
        raise LookupError

    with following(tmp_path, now=broken) as follower:
        until(lambda: follower.progress.trouble == STOPPED)
