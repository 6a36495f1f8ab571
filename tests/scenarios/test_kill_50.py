"""kill -9 fifty times under load, on each store: nothing acknowledged is missing and nothing is mended by hand."""

import multiprocessing
import os
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from gateway.audit.check import check_export, parse_key
from gateway.audit.export import Exporter
from gateway.audit.keys import Places
from gateway.storage.opening import open_reader, parse_location
from tests.gateway.audit.builders import keys
from tests.helpers.postgres import GATEWAY, as_role, fresh_database, postgres_server
from tests.scenarios.writer import write

KILLS = 50
WRITERS = 2
PATIENCE_SECONDS = 180.0

# Each writer is a fresh process of its own, forked off one that has imported everything: what is tested is fifty times
# the log's start, not fifty times Python's.
_PROCESSES = multiprocessing.get_context("forkserver")


@dataclass(slots=True)
class Writer:
    """A writer process and what it was told is durable."""

    process: ForkServerProcess
    pipe: int
    reader: threading.Thread = field(init=False)
    opened: threading.Event = field(default_factory=threading.Event)
    accepted: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        with os.fdopen(self.pipe, encoding="ascii") as told:
            for line in told:
                parts = line.split()
                if parts == ["open"]:
                    self.opened.set()
                elif len(parts) == 3 and line.endswith("\n") and len(parts[2]) == 64:  # a line cut off does not count
                    self.accepted[int(parts[1])] = parts[2]

    def wait(self, entries: int) -> None:
        """Until the log is open and so many entries were acknowledged: instants that no load of the machine shifts."""
        assert self.opened.wait(PATIENCE_SECONDS), "a writer could not open the log"
        ends = time.monotonic() + PATIENCE_SECONDS
        while len(self.accepted) < entries:
            assert time.monotonic() < ends, "a writer came to a stop"
            time.sleep(0.001)

    def kill(self) -> dict[int, str]:
        """kill -9, and everything it had been told."""
        self.process.kill()
        self.process.join()
        self.reader.join()
        return self.accepted


def started(folder: Path, store: str, prefix: str) -> Writer:
    """One more writer."""
    told, tells = _PROCESSES.Pipe(duplex=False)
    process = _PROCESSES.Process(target=write, args=(folder, store, prefix, tells))
    process.start()
    tells.close()  # the writer has its own, so that its end is the end of what is told
    pipe = os.dup(told.fileno())
    told.close()
    return Writer(process, pipe)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What a writer is told about where the log lives."""
    _PROCESSES.set_forkserver_preload(["pytest", "tests.scenarios.writer"])
    if request.param == "sqlite":
        yield ""
        return
    with postgres_server(tmp_path_factory.mktemp("server")) as server:
        yield as_role(fresh_database(server), GATEWAY)


def test_fifty_kills_lose_nothing_that_was_acknowledged(store: str, tmp_path: Path) -> None:
    """Two writers share a log; one is killed at a random instant, fifty times; every start goes on by itself."""
    randomness = random.Random(2026)
    places, signer, _ = keys(tmp_path)
    writers = [started(tmp_path, store, f"w{number:03d}") for number in range(WRITERS)]
    kept: dict[int, str] = {}
    rounds_with_entries = 0
    try:
        for kill in range(KILLS):
            victim = kill % WRITERS
            if kill % 5:  # every fifth dies while it starts
                writers[victim].wait(randomness.randrange(80))
            time.sleep(randomness.uniform(0.0, 0.02))
            told = writers[victim].kill()
            assert not kept.keys() & told.keys(), "one place in the log was given out twice"
            kept |= told
            rounds_with_entries += bool(told)
            writers[victim] = started(tmp_path, store, f"w{WRITERS + kill:03d}")
    finally:
        for writer in writers:
            told = writer.kill()
            assert not kept.keys() & told.keys()
            kept |= told
    assert rounds_with_entries > KILLS / 2

    reader = open_reader(parse_location(store, Places.under(tmp_path).store))
    try:
        size = max(kept) + 1
        leaves = reader.leaves(0, size)
        assert [number for number, leaf in kept.items() if leaves[number].hex() != leaf] == []
        exported = Exporter(reader, signer.key, tmp_path / "export", ring=None).write()
    finally:
        reader.close()
    report = check_export(tmp_path / "export", key=parse_key(places.vkey.read_text()))
    assert report.entries == exported.size >= size
