"""One size: the log is written, indexed by what the running console uses, and asked.

Rule of this file: everything is real; what is measured is named in seconds, bytes or entries.
"""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from config.console_rules import ConsoleRules
from gateway.audit.log import AccessLog
from gateway.audit.published import Published
from gateway.console.index.keyed import IndexKey, open_key
from gateway.console.index.search import LogIndex
from gateway.console.index.turns import Turns
from gateway.console.model import EVERYTHING, Wanted
from gateway.storage.sqlite import SqliteStore
from gateway.storage.sqlite_reader import SqliteReader
from tests.bench_log.country import END
from tests.bench_log.questions import PAGE, Desk, questions
from tests.bench_log.timing import Times, repeated
from tests.bench_log.writing import ORIGIN, BigLog, write

Told = Callable[[str], None]

_EVERY_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class Stage:
    """What one size showed.

    `times`: question -> its times; `writing`: seconds on the clock; `building`, `studying`: processor seconds in all;
    `log_bytes`, `index_bytes`: sizes of the files.
    """

    size: int
    times: dict[str, Times]
    writing: float
    building: float
    studying: float
    log_bytes: int
    index_bytes: int


class Silent:
    """An observer of the log that has nobody to tell."""

    def committed(self, seconds: float, batch_size: int, /) -> None:
        """Nothing."""

    def failed(self) -> None:
        """Nothing."""

    def queue(self, waiting: int, /) -> None:
        """Nothing."""


def run(folder: Path, entries: int, *, told: Told) -> Stage:
    """Write, index and ask a log of about `entries` entries under `folder`, which must be empty."""
    writing = _Watch(told, f"{entries:,} entries: written")
    log = write(folder, entries, workers=os.cpu_count() or 1, told=writing)
    written = writing.seconds
    path = folder / "console" / "index.sqlite"
    path.parent.mkdir()
    key = open_key(folder / "console" / "index-key", os.urandom)
    building, studying = _index(log, path, key, told)
    return Stage(
        size=log.size,
        times=_asked(log, path, key, told),
        writing=written,
        building=building,
        studying=studying,
        log_bytes=log.places.store.stat().st_size,
        index_bytes=path.stat().st_size,
    )


def _index(log: BigLog, path: Path, key: IndexKey, told: Told) -> tuple[float, float]:
    """Processor seconds until every entry is indexed, and from then until every day is studied."""
    rules = ConsoleRules()
    turns = Turns(
        open_log=lambda: SqliteReader(log.places.store),
        ring=log.ring,
        path=path,
        key=key,
        rules=lambda: rules,
        now=lambda: END,
    )
    watch, began, built = _Watch(told, f"{log.size:,} entries: indexed"), time.process_time(), 0.0
    try:
        while turns.turn() == 0.0:
            said = turns.progress
            if not built:
                watch(log.size - (said.behind or 0))
            if said.behind == 0 and not built:
                built = time.process_time() - began
        if turns.progress.trouble is not None or turns.progress.behind:
            raise SystemExit(f"the index did not follow: {turns.progress}")
    finally:
        turns.close()
    return built, time.process_time() - began - built


def _asked(log: BigLog, path: Path, key: IndexKey, told: Told) -> dict[str, Times]:
    def open_log() -> SqliteReader:
        return SqliteReader(log.places.store)

    reader, index = open_log(), LogIndex(path, key, open_log)
    desk = Desk(index, reader, Published(open_log(), log.signer.key), log.ring, log.country, log.size)
    times: dict[str, Times] = {}
    try:
        for name, ask in questions(desk):
            told(f"{log.size:,} entries: {name}")
            times[name] = repeated(ask)
    finally:
        desk.published.close()
        index.close()
        reader.close()

    def started(_: int) -> None:
        fresh = LogIndex(path, key, open_log)
        fresh.behind()
        fresh.search(Wanted(), EVERYTHING, below=None, limit=PAGE)
        fresh.close()

    times["start of the console's index"] = repeated(started)
    times["start of the access log"] = repeated(lambda _: asyncio.run(_open_and_close(log)))
    return times


async def _open_and_close(log: BigLog) -> None:
    opened = await AccessLog.open(
        SqliteStore(log.places.store),
        log.signer,
        log.ring,
        origin=ORIGIN,
        now=_at_the_end,
        urandom=os.urandom,
        observe=Silent(),
    )
    await opened.close()


def _at_the_end() -> datetime:
    return END


class _Watch:
    """Says now and then how far it is."""

    def __init__(self, told: Told, what: str) -> None:
        self._told, self._what = told, what
        self._began = self._last = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.perf_counter() - self._began

    def __call__(self, done: int) -> None:
        """So many are done."""
        now = time.perf_counter()
        if now - self._last >= _EVERY_SECONDS:
            self._last = now
            self._told(f"{self._what}: {done:,}, {done / (now - self._began):,.0f} a second")
