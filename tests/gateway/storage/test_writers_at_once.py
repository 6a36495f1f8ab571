"""Several processes with several threads extend one log at the same time, on each engine."""

import subprocess
import sys
from pathlib import Path

from tests.gateway.storage.builders import a_batch
from tests.gateway.storage.conftest import Place

BATCHES = 40
PROGRAM = f"""
import sys, threading
from dataclasses import replace
from pathlib import Path
from gateway.storage.contract import Cosignature
from gateway.storage.opening import parse_location
from gateway.storage.jobs import JobRow, JobState
from gateway.storage.postgres import PostgresJobStore, PostgresStore
from gateway.storage.postgres_session import WRITING
from gateway.storage.sqlite import SqliteStore
from tests.gateway.storage.builders import a_batch, a_row

name, text = sys.argv[1:]
location = parse_location(text if '://' in text else '', Path(text))

def opened(kind):  # six who take turns wait long for each other where the disk is slow
    if location.path is not None:
        return SqliteStore(location.path, lock_wait=100)
    return kind(location.url, settings={{**WRITING, 'lock_timeout': '100s'}}, answer_seconds=110)

def extend(thread):
    store = opened(PostgresStore)
    for count in range({BATCHES}):
        with store.write() as transaction:
            note = transaction.newest_note()
            size = note.size if note else 0
            assert [index for index, _ in transaction.tail(max(size - 1, 0))] == ([size - 1] if size else [])
            leaf = f'{{name}}-{{thread}}-{{count}}'.encode().ljust(32, b'.')
            rows = [replace(a_row(size), leaf=leaf), a_row(size + 1)]
            transaction.add(replace(a_batch(size, 2), rows=rows, tiles=[], epochs=[]))
            transaction.cosign([Cosignature(1, 'witness', 1, 'line')])
    store.close()

def work():
    jobs = opened(PostgresJobStore)
    for count in range({BATCHES}):
        with jobs.write() as transaction:
            held = transaction.jobs.held()
            row = JobRow(f'{{held}}', 'H14', JobState.PENDING, '', 0, 1, 10, 1, 0, b'')
            transaction.jobs.put(row)
    jobs.close()

threads = [threading.Thread(target=extend, args=(n,)) for n in range(2)] + [threading.Thread(target=work)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_nothing_forks_and_nothing_is_lost(place: Place) -> None:
    """Every batch extends exactly the one before it, and each of them is there once."""
    with place.store().write() as transaction:
        transaction.add(a_batch(0))
    text = place.location.url or str(place.location.path)
    processes = [
        subprocess.Popen([sys.executable, "-c", PROGRAM, name, text], cwd=Path(__file__).parents[3])
        for name in ("first", "second")
    ]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]

    reader = place.reader()
    expected = 4 * BATCHES
    sizes = [note.size for note in reader.notes(below=None, limit=10 * expected)]
    leaves = list(reader.leaves(0, 10 * expected))
    assert sizes == list(range(1 + 2 * expected, 0, -2))
    assert len(leaves) == 1 + 2 * expected
    named = [leaf for leaf in leaves if b"-" in leaf]
    assert len(set(named)) == len(named) == expected
    assert reader.jobs_held() == 2 * BATCHES
    assert len(reader.cosignatures(size=None, limit=9)) == 1
