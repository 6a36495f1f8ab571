"""Tests of the figures, against logs small enough to count by hand."""

import gc
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.audit.reading import Opened
from gateway.reuse.reckoning import DIMENSIONS, Grouping, Line, Report, grouping_of, reckon
from tests.gateway.reuse.ends import AT, end, fetch, prefill, refusal, sealed

OCTOBER_LAST = datetime(2026, 10, 31, 16, 59, 59, tzinfo=UTC)
NOVEMBER_FIRST = datetime(2026, 10, 31, 17, 0, tzinfo=UTC)


def made(folder: Path, entries: Sequence[Opened], *groupings: str, portals: frozenset[str] | None = None) -> Report:
    """The figures."""
    by: list[Grouping] = [grouping_of(text) for text in groupings]
    return reckon(entries, by, folder=folder, secret=bytes(32), portals=portals)


def test_a_small_log_counted_by_hand(tmp_path: Path) -> None:
    """Four dossiers: one filled 9 of 12, one looked up, one that got nothing, one refused."""
    entries = [
        prefill("a", filled=9),
        end("b", operation="taxpayers.lookup", outcomes={"tax": "answered"}, procedure="2.2"),
        prefill("c", filled=0, total=10, outcomes={"population": "unavailable"}),
        refusal("d"),
    ]
    report = made(tmp_path, entries, "procedure")
    assert report.total == Line(
        (), dossiers=4, reused=2, population=1, forms=2, fields_total=22, fields_filled=9, procedures=2, connected=1
    )
    assert report.tables["procedure",] == (
        Line(("1.1",), 3, 1, 1, 2, 22, 9, procedures=1, connected=1),
        Line(("2.2",), 1, 1, 0, 0, 0, 0, procedures=1, connected=0),
    )
    assert report.unreadable == {}


def test_a_dossier_called_often_counts_once_with_its_best_call(tmp_path: Path) -> None:
    """What one call got, a later failure does not take away, and sums are of the best call alone."""
    entries = [
        prefill("a", filled=3),
        prefill("a", filled=9),
        prefill("a", filled=5),
        refusal("a"),
        end("a", fields=[]),
    ]
    report = made(tmp_path, entries)
    assert report.total == Line((), 1, 1, 1, 1, 12, 9, procedures=1, connected=1)
    assert made(tmp_path, entries[::-1]).total == report.total


def test_papers_counted_by_hand(tmp_path: Path) -> None:
    """Offered as often as the call that offered most, handed out each time; one handed out makes a reused dossier."""
    entries = [
        prefill("a", filled=0, outcomes={}, documents=[2, 0]),
        prefill("a", filled=0, outcomes={}, documents=[1, 0]),
        fetch("a"),
        fetch("a", at=OCTOBER_LAST),
        prefill("b", filled=0, outcomes={}, documents=[4, 0]),
        fetch("c", portal="G01"),
        fetch("d", portal="G01", status=410),
    ]
    for ordered in (entries, entries[::-1]):
        report = made(tmp_path, ordered, "portal", "month")
        total = report.total
        assert (total.dossiers, total.reused, total.documents_offered, total.documents_reused) == (4, 2, 6, 3)
        assert [(n.key, n.dossiers, n.reused, n.documents_offered, n.documents_reused) for n in _both(report)] == [
            (("G01",), 2, 1, 0, 1),
            (("H14",), 2, 1, 6, 2),
            (("2026-10",), 1, 1, 0, 1),
            (("2026-11",), 4, 2, 6, 2),
        ]


def _both(report: Report) -> tuple[Line, ...]:
    return (*report.tables["portal",], *report.tables["month",])


def test_the_same_code_at_two_portals_is_two_dossiers(tmp_path: Path) -> None:
    """A code is a portal's own; a unit that signs for itself is a line, and its province holds both."""
    entries = [end("a"), end("a", portal="H14.5"), end("a", portal="H141"), end("a", portal="H14.5")]
    report = made(tmp_path, entries, "portal", "province")
    assert report.total.dossiers == 3
    assert [(line.key, line.dossiers) for line in report.tables["portal",]] == [
        (("H14",), 1),
        (("H14.5",), 1),
        (("H141",), 1),
    ]
    assert [(line.key, line.dossiers) for line in report.tables["province",]] == [(("H14",), 2), (("H141",), 1)]


def test_a_month_ends_at_midnight_in_hanoi(tmp_path: Path) -> None:
    """A second before is October; a dossier of both months is one in each, in the quarter, the year and the total."""
    entries = [end("a", at=OCTOBER_LAST), end("a", at=NOVEMBER_FIRST), end("b", at=NOVEMBER_FIRST)]
    report = made(tmp_path, entries, "month", "quarter", "year", "month,portal")
    found = {by: [(line.key, line.dossiers) for line in lines] for by, lines in report.tables.items()}
    assert found == {
        (): [((), 2)],
        ("month",): [(("2026-10",), 1), (("2026-11",), 2)],
        ("quarter",): [(("2026-Q4",), 2)],
        ("year",): [(("2026",), 2)],
        ("month", "portal"): [(("2026-10", "H14"), 1), (("2026-11", "H14"), 2)],
    }


def test_a_dossier_of_two_procedures(tmp_path: Path) -> None:
    """Is one in each, judged by that procedure's calls alone, and one in the total with the best of all."""
    entries = [prefill("a", filled=9), prefill("a", filled=0, procedure="2.2", outcomes={})]
    report = made(tmp_path, entries, "procedure")
    assert [(line.dossiers, line.reused, line.fields_filled) for line in report.tables["procedure",]] == [
        (1, 1, 9),
        (1, 0, 0),
    ]
    assert (report.total.dossiers, report.total.reused, report.total.fields_filled) == (1, 1, 9)
    assert (report.total.procedures, report.total.connected) == (2, 1)


def test_a_procedure_that_does_not_exist(tmp_path: Path) -> None:
    """Is a dossier without reuse, and no procedure: whoever calls may name any."""
    report = made(tmp_path, [end("a"), refusal("b", procedure="9.9", code="procedure_unknown")], "procedure")
    assert (report.total.dossiers, report.total.procedures, report.total.connected) == (2, 1, 1)
    assert [(line.key, line.dossiers, line.procedures) for line in report.tables["procedure",]] == [
        (("1.1",), 1, 1),
        (("9.9",), 1, 0),
    ]


def test_a_scope_holds_a_portal_and_its_units(tmp_path: Path) -> None:
    """H14 holds H14.5 and not H141."""
    entries = [end("a"), end("b", portal="H14.5"), end("c", portal="H141"), end("d", portal="G01")]
    assert made(tmp_path, entries, portals=frozenset({"H14"})).total.dossiers == 2
    assert made(tmp_path, entries, portals=frozenset({"H14.5", "G01"})).total.dossiers == 2
    assert made(tmp_path, entries, portals=frozenset()).total.dossiers == 0


def test_what_cannot_be_read_is_said_and_not_zero(tmp_path: Path) -> None:
    """By month, for every scope; a month of which nothing can be read has a line without figures."""
    september = datetime(2026, 9, 10, tzinfo=UTC)
    entries = [sealed(september), sealed(september, "refused"), sealed(september, "decided"), sealed(AT), end("a")]
    report = made(tmp_path, entries, "month", "quarter", "portal", "month,portal", portals=frozenset({"H14"}))
    assert report.unreadable == {"2026-09": 2, "2026-11": 1}
    dark, lit = report.tables["month",]
    assert (dark.key, dark.dark, dark.unreadable) == (("2026-09",), True, 2)
    assert (lit.key, lit.dark, lit.unreadable, lit.dossiers) == (("2026-11",), False, 1, 1)
    assert [(line.key, line.unreadable) for line in report.tables["quarter",]] == [(("2026-Q3",), 2), (("2026-Q4",), 1)]
    assert [(line.key, line.unreadable) for line in report.tables["portal",]] == [(("H14",), 3)]
    assert [(line.key, line.unreadable) for line in report.tables["month", "portal"]] == [
        (("2026-09", ""), 2),
        (("2026-11", "H14"), 1),
    ]
    assert report.total.unreadable == 3
    assert made(tmp_path, [sealed(AT)]).total.dark


def test_an_empty_log(tmp_path: Path) -> None:
    """Has one line: nothing of nothing, and that is known."""
    report = made(tmp_path, [], "portal", "month")
    assert (report.total, report.total.dark) == (Line(()), False)
    assert report.tables["portal",] == report.tables["month",] == ()


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    """Three times the dossiers in the same memory, once every buffer has been full."""

    def entries(count: int) -> Iterator[Opened]:
        for number in range(count):
            yield prefill(f"d{number}", filled=number % 13, at=AT + timedelta(seconds=number))

    def peak(count: int) -> int:
        gc.collect()  # or what happens to be free already would count for one and not for the other
        tracemalloc.start()
        try:
            report = reckon(entries(count), [("portal",)], folder=tmp_path, secret=bytes(32), held=200)
            assert report.total.dossiers == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(500)  # what is made once
    first = peak(2_000)
    assert peak(6_000) < first * 1.3


@pytest.mark.parametrize("text", ["", ",", "officer", "portal,portal", "portal;procedure", "dossier"])
def test_what_is_no_grouping(text: str) -> None:
    """No figures by officer or dossier, none twice."""
    with pytest.raises(ValueError, match="province, portal"):
        grouping_of(text)


def test_groupings() -> None:
    """Any dimensions in any order; blanks do not matter."""
    assert grouping_of("procedure, portal") == ("procedure", "portal")
    assert grouping_of(",".join(DIMENSIONS)) == DIMENSIONS
