"""The index made of made-up calls: it is one, every question finds what is there, and the table names them all."""

from collections import Counter
from pathlib import Path

from gateway.console.index.search import LogIndex
from gateway.console.model import EVERYTHING, Wanted
from tests.bench_log import rows
from tests.bench_log.country import Country

MANY = 4_000


def test_every_entry_is_found_by_what_it_says(tmp_path: Path) -> None:
    """Counts by kind, portal, officer, dossier and person are those of the calls that went in."""
    country, path = Country(MANY), tmp_path / "index.sqlite"
    size = rows.fill(path, country)
    said = list(rows.entries(country))
    assert size == len(said) == MANY
    index = LogIndex(path, rows._KEY, lambda: rows._Log(size))  # type: ignore[arg-type,return-value]
    try:
        for name in ("portal", "officer", "dossier"):
            for value, count in Counter(payload[name] for _, _, payload, _ in said).most_common(5):
                assert index.search(Wanted(**{name: value}), EVERYTHING, below=None, limit=1).total == count
        for kind, count in Counter(kind for _, kind, _, _ in said).items():
            assert index.search(Wanted(kind=kind), EVERYTHING, below=None, limit=1).total == count
        for person, count in Counter(person for *_, person in said).most_common(5):
            tags = rows._Ring().subject_tags(person)
            assert index.search(Wanted(tags=tags), EVERYTHING, below=None, limit=1).total == count
        assert index.behind() == 0
    finally:
        index.close()


def test_the_table_has_every_question(tmp_path: Path) -> None:
    """A line for each question at each size, and how the work grew."""
    taken = rows.run([200, 1_000, 2_000], tmp_path)
    printed = rows.lines(taken)
    for name in next(iter(taken.values())):
        assert any(line.startswith(name) for line in printed)
    assert {"overview, 12 months", "person, every month"} <= set(taken[2_000])
