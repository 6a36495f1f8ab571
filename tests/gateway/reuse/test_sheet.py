"""Tests of the sheet and the document."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

from gateway.reuse.periods import ALWAYS, parse
from gateway.reuse.sheet import FIGURES, LATER, as_csv, as_document
from tests.gateway.reuse.ends import end, fetch, prefill, sealed
from tests.gateway.reuse.test_reckoning import made

SEPTEMBER = datetime(2026, 9, 10, tzinfo=UTC)


def _rows(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_sheet_is_read_back(tmp_path: Path) -> None:
    """Headings in both languages, a line per combination, the total last; figures are numbers, codes are text."""
    entries = [prefill("a", filled=9), end("b", portal="H14.5"), end("c", portal="H14.5", fields=[], outcomes={})]
    entries += [prefill("a", filled=9, documents=[3, 0]), fetch("a")]
    heads, first, second, total = _rows(as_csv(made(tmp_path, entries, "portal,procedure"), ("portal", "procedure")))
    assert heads[:3] == ["Cổng dịch vụ / Portal", "Thủ tục / Procedure", "Hồ sơ / Dossiers"]
    assert heads[-7:] == [
        *(f"{code} (%)" for code in ("REUSED_DIGITIZED_DATA", "CITIZEN_DATA_CONNECTED_DOSSIER")),
        "CITIZEN_DATA_CONNECTED_FORMALITY (%)",
        "REUSED_DIGITIZED_DATA (0-2)",
        "Bản ghi không đọc được / Entries that cannot be read",
        "Giấy tờ số hóa được giới thiệu / Documents offered",
        "Giấy tờ số hóa được dùng lại / Documents reused",
    ]
    assert first == [
        *("H14", "'1.1", "1", "1", "1", "1", "12", "9", "1", "1"),
        *("75.00", "100.00", "100.00", "100.00", "2.00", "0", "3", "1"),
    ]
    assert second == [
        *("H14.5", "'1.1", "2", "1", "1", "0", "0", "0", "1", "1"),
        *("", "50.00", "50.00", "100.00", "1.25", "0", "0", "0"),
    ]
    assert total[:8] == ["Tổng / Total", "", "3", "2", "2", "1", "12", "9"]


def test_a_sheet_holds_no_formula(tmp_path: Path) -> None:
    """Codes are chosen by portals: none of them is calculated by a spreadsheet."""
    entries = [end("a", portal="=1+1"), end("b", portal="@SUM(A1)"), end("c", portal="a\u202eb")]
    names = [row[0] for row in _rows(as_csv(made(tmp_path, entries, "portal"), ("portal",)))[1:-1]]
    assert names == ["'=1+1", "'@SUM(A1)", "a\ufffdb"]


def test_what_is_not_known_is_empty(tmp_path: Path) -> None:
    """A month that cannot be read has no figures, and says how many entries that are."""
    report = made(tmp_path, [sealed(SEPTEMBER), end("a")], "month")
    _, dark, lit, total = _rows(as_csv(report, ("month",)))
    assert dark == ["'2026-09", *([""] * (len(dark) - 4)), "1", "", ""]
    assert (lit[0], lit[1], lit[-3]) == ("'2026-11", "1", "0")
    assert (total[0], total[-3]) == ("Tổng / Total", "1")
    document = as_document(report, ("month",), ALWAYS, entries=7)
    assert {document["lines"][0][name] for name in (*FIGURES, *LATER)} == {None}
    assert document["unreadable"] == {"2026-09": 1}


def test_the_document_says_the_same(tmp_path: Path) -> None:
    """The figures of each line under their names, rates as numbers, what was asked for beside them."""
    report = made(tmp_path, [prefill("a", filled=9)], "portal")
    document = json.loads(json.dumps(as_document(report, ("portal",), parse("2026-11"), entries=7)))
    (line,) = document["lines"]
    assert (document["since"], document["until"]) == ("2026-10-31T17:00:00+00:00", "2026-11-30T17:00:00+00:00")
    assert (document["by"], document["log_entries"]) == (["portal"], 7)
    assert {name: line[name] for name in ("portal", "dossiers", "fields_total", "fields_filled", "field_rate")} == {
        "portal": "H14",
        "dossiers": 1,
        "fields_total": 12,
        "fields_filled": 9,
        "field_rate": 0.75,
    }
    assert line["indicators"]["REUSED_DIGITIZED_DATA"] == {"part": 1, "whole": 1, "rate": 1.0, "points": 2.0, "of": 2}
    assert line["indicators"]["CITIZEN_DATA_CONNECTED_DOSSIER"] == {"part": 1, "whole": 1, "rate": 1.0}
    assert {**line, "portal": None} == {**document["total"], "portal": None}
