"""The benchmark itself, with little logs: what it writes is a real log, what it prints has every question."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.audit.check import parse_key, read_keys
from gateway.audit.check.store import check
from gateway.audit.entry import canonical
from gateway.audit.keys import Places
from gateway.audit.reading import opened
from gateway.audit.ring import KeyRing
from gateway.storage.sqlite import SqliteStore
from gateway.storage.sqlite_reader import SqliteReader
from tests.bench_log import __main__ as command
from tests.bench_log import table
from tests.bench_log.country import Country, personal_id
from tests.bench_log.timing import LEAST, Times, repeated
from tests.bench_log.writing import BigLog, write


@pytest.fixture(scope="module")
def big_log(tmp_path_factory: pytest.TempPathFactory) -> BigLog:
    """A log of three thousand entries, which is big enough to be looked at."""
    return write(tmp_path_factory.mktemp("log") / "3000", 3000, workers=1, told=lambda _: None)


def test_what_is_written_is_a_log(big_log: BigLog) -> None:
    """Every entry opens under its own key, is canonical, found by its subject, and in the order of its time."""
    places = Places.under(big_log.places.store.parents[1])
    reader, ring = SqliteReader(places.store), KeyRing(places.ring)
    rows = reader.rows(0, big_log.size)
    reader.close()
    assert len(rows) == big_log.size == pytest.approx(3000, rel=0.1)
    tags = {tag for number in range(big_log.country.people) for tag in ring.subject_tags(personal_id(number))}
    kinds: dict[str, int] = {}
    for row in rows:
        entry = opened(row, ring)
        assert entry.payload is not None
        assert row.envelope is not None
        assert b"@" not in canonical(entry.payload)
        assert len(row.envelope) < 4096
        kinds[entry.kind] = kinds.get(entry.kind, 0) + 1
        if entry.payload.get("subject", {}).get("kind") == "person":
            assert row.subject_tag in tags
            assert len(entry.payload["subject"]["family"]) == 16
    assert set(kinds) == {"decided", "disclosed", "refused", "inspected", "key-epoch"}
    assert kinds["disclosed"] > kinds["refused"] > kinds["inspected"]


def test_the_checker_finds_it_whole(big_log: BigLog) -> None:
    """The checker, which shares no code with the writer, opens every entry and holds tree, tiles, tags and keys."""
    places = big_log.places
    report = check(places.store, key=parse_key(big_log.signer.vkey), keys=read_keys(places.ring))
    assert report.entries == big_log.size
    assert report.opened + report.clear == big_log.size
    assert report.tiles >= big_log.size // 256
    assert report.remarks == ()


def test_the_store_has_the_schema_of_any_other(big_log: BigLog, tmp_path: Path) -> None:
    """The indexes that are left out while it is written are there afterwards."""
    store = SqliteStore(tmp_path / "log.sqlite")
    with store.write():
        pass
    store.close()
    asked = "SELECT type, name, sql FROM sqlite_schema ORDER BY name"
    with (
        closing(sqlite3.connect(tmp_path / "log.sqlite")) as fresh,
        closing(sqlite3.connect(big_log.places.store)) as big,
    ):
        assert big.execute(asked).fetchall() == fresh.execute(asked).fetchall()


def test_the_country_is_the_same_each_time() -> None:
    """Times go up, offices close at night, and a dossier keeps its portal."""
    country = Country(10_000)
    times = [country.at_us(n / 1000) for n in range(1001)]
    assert times == sorted(times)
    assert len({country.dossier(n) for n in range(500)}) == 500
    assert country.dossier(7) == Country(10_000).dossier(7)


def test_a_run_prints_and_writes_every_question(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two sizes: growth of the larger, milliseconds of both, nothing left on the disk."""
    folder, target = tmp_path / "logs", tmp_path / "out" / "figures.json"
    stages = command.run([200, 600], folder, keep=False, target=target)
    printed = capsys.readouterr().out.splitlines()
    assert not folder.exists()
    assert max(len(line) for line in printed) <= 110
    for name in stages[-1].times:
        assert sum(line.startswith(name) for line in printed) >= 3, name
    written = json.loads(target.read_text("utf-8"))
    assert [one["entries"] for one in written["stages"]] == [one.size for one in stages]
    assert list(table.lines(stages[:1], machine="m"))[-1] == "m"


def test_a_question_is_asked_with_another_number_each_time() -> None:
    """The first answer does not count."""
    asked: list[int] = []
    times = repeated(asked.append)
    assert asked == list(range(len(times.clock) + 1))
    assert len(times.processor) == len(times.clock) >= LEAST
    assert Times((1.0, 2.0, 9.0), (0.0, 5.0, 6.0)).p50 == 2.0
    assert Times((1.0, 2.0, 9.0), (0.0, 5.0, 6.0)).p95 == 9.0
    assert Times((1.0, 2.0, 9.0), (0.0, 5.0, 6.0)).work == 5.0
