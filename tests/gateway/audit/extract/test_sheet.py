"""The CSV: what a spreadsheet and Python's csv make of it."""

import csv
import io
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.audit.extract import sheet
from gateway.audit.extract.selection import Selection
from gateway.audit.reading import Opened
from tests.gateway.audit.extract.mixed_log import DOSSIERS, OFFICERS, MixedLog

FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20"
TEXTS = st.text(
    st.sampled_from([*FORMULA, *" ',;\"|.:/-0129eEaạ"]) | st.characters(categories=("L", "N", "P")), max_size=12
)


def restored(cell: str) -> str:
    """The rule of docs/exports.md, backwards."""
    inner = re.sub(rf"""(^|[,;"])'(?=[ ']*[{re.escape(FORMULA)}])""", r"\1", cell)
    rest = inner[1:]
    number = re.fullmatch(r"[ ']*(?=[^ ']*\d)[\d.,:/\-]+([eE][+\-]?\d+)? *", rest)
    taken = re.match(rf"[ ']*[{re.escape(FORMULA)}]", rest)
    return rest if inner.startswith("'") and number and not taken else inner


def rows(data: bytes) -> list[dict[str, str]]:
    """The rows as Python's csv reads them, by the names of the columns."""
    read = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    assert read[0] == list(sheet.COLUMNS.values())
    return [dict(zip(sheet.COLUMNS, row, strict=True)) for row in read[1:]]


def an_entry(**payload: Any) -> Opened:
    """An entry that says this."""
    at = datetime(2026, 11, 22, 2, 0, 0, 123456, tzinfo=UTC)
    return Opened(7, at, "disclosed", "ab" * 16, b"\x01" * 32, {"v": 1, "kind": "disclosed", **payload})


def cell(name: str, value: str) -> str:
    """What stands in a column of ours for a text of a portal."""
    (row,) = rows(sheet.head() + sheet.line(an_entry(**{name: value})))
    return row[name]


def test_the_file_is_what_excel_opens(mixed: MixedLog, tmp_path: Path) -> None:
    """UTF-8 with a byte order mark, every cell in quotes, CRLF at every line and nowhere else, no `sep=` line."""
    out = tmp_path / "all.csv"
    mixed.extract(out, "csv", Selection())
    data = out.read_bytes()
    assert data.startswith(b'\xef\xbb\xbf"S\xe1\xbb\x91 th\xe1\xbb\xa9 t\xe1\xbb\xb1 / Index","')
    assert data.count(b"\xef\xbb\xbf") == 1
    lines = data.decode().split("\r\n")
    assert len(lines) == mixed.size + 2
    assert lines[-1] == ""
    assert not [line for line in lines if "\n" in line or "\r" in line]
    assert all(line.startswith(('"', "\ufeff")) and line.endswith('"') for line in lines[:-1])


def test_every_entry_is_a_row_that_says_what_the_entry_says(mixed: MixedLog, tmp_path: Path) -> None:
    """Python's csv reads back the members of every entry, Vietnamese letters and all."""
    out = tmp_path / "all.csv"
    mixed.extract(out, "csv", Selection())
    read = rows(out.read_bytes())
    seen = set()
    for row, entry in zip(read, mixed.entries(), strict=True):
        said = entry.payload or {}
        assert (row["index"], row["kind"], row["leaf"]) == (str(entry.index), entry.kind, entry.leaf.hex())
        assert datetime.fromisoformat(row["time"]) == datetime.fromisoformat(row["utc"]) == entry.at
        assert (row["time"][-6:], row["utc"][-6:]) == ("+07:00", "+00:00")
        assert row["readable"] == ("no" if entry.payload is None else "yes")
        assert restored(row["procedure"]) == said.get("procedure", "")
        assert restored(row["officer"]) == said.get("officer", "")
        assert row["fields"].split() == said.get("fields", [])
        if said.get("dossier") in DOSSIERS[:3]:
            assert restored(row["dossier"]) == said["dossier"]
        seen |= {name for name, value in row.items() if value}
    assert seen == set(sheet.COLUMNS) - {"consent"}
    assert OFFICERS[2] in {row["officer"] for row in read}


def test_the_members_of_each_kind() -> None:
    """Lists, outcomes, changes and marks are written as words with spaces between."""
    row = rows(
        sheet.head()
        + sheet.line(
            an_entry(
                outcomes={"tax": "timeout", "population": "answered"},
                status=200,
                found=False,
                subject={"role": "applicant", "kind": "person", "n": 1, "of": 2},
                consent="c-1",
                changes=[{"what": "portal", "name": "H14.5", "change": "added", "detail": "new"}],
                about={"portal": "H14", "kind": "refused"},
            )
        )
    )[0]
    assert row["sources"] == "population=answered tax=timeout"
    assert (row["outcome"], row["status"], row["found"], row["subject_number"]) == ("ok", "200", "no", "1 of 2")
    assert (row["changes"], row["about"], row["consent"]) == (
        "portal H14.5 added new",
        "kind=refused portal=H14",
        "c-1",
    )
    sealed = replace(an_entry(), payload=None)
    assert rows(sheet.head() + sheet.line(sealed))[0]["readable"] == "no"


@pytest.mark.parametrize("start", [*FORMULA, *(f" {c}" for c in FORMULA), "'=", '"='])
def test_nothing_is_a_formula(start: str) -> None:
    """A cell never begins with what a spreadsheet takes for a formula, in ASCII or full width."""
    shown = cell("dossier", f"{start}HYPERLINK(1)")
    assert shown.lstrip(" ")[0] in ("'", '"')
    assert restored(shown) == f"{start}HYPERLINK(1)"


@pytest.mark.parametrize("text", ["\t=1+1", "\r=1+1", "\n=1+1", "\x00=1", "a\x07b", "a\u202eb", "a\u2028b", "\ud800"])
def test_control_characters_are_shown(text: str) -> None:
    """Tab, line ends, marks of direction and lone surrogates become U+FFFD: nothing hides, nothing starts a cell."""
    shown = cell("officer", text)
    assert "\ufffd" in shown
    assert not set(shown) & set("\t\r\n\x00\x07\u202e\u2028")
    assert shown[0] not in FORMULA


@pytest.mark.parametrize("text", ["1.010010", "0042", "1,5", "12E5", "22/11/2026", "1-2", "-5", "+84"])
def test_codes_are_not_numbers(text: str) -> None:
    """A code of digits keeps its zeros and points: an apostrophe makes it a text."""
    assert cell("procedure", text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["H14", "cb-0042", "H14.12-261122-0001", "Nguyễn Thị Ánh", "O'Hara", "a,b", "", "-"[1:]]
)
def test_harmless_texts_stay_as_they_are(text: str) -> None:
    """An apostrophe appears only where it is needed."""
    assert cell("officer", text) == text


@settings(max_examples=500, deadline=None, derandomize=True)
@given(TEXTS)
@example("'=1")
@example("a;=1")
@example("a, +1")
@example("1,-5")
@example("'-5")
@example("''5")
@example(";\" '=x")
def test_the_original_can_be_had_back(text: str) -> None:
    """Neutralising loses nothing, whatever the text; and no program's separator uncovers a formula."""
    shown = sheet.neutral(text)
    assert restored(shown) == text
    for part in re.split(r'[,;"]', shown):
        assert part.lstrip(" ")[:1] not in tuple(FORMULA)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_reads_the_same(mixed: MixedLog, tmp_path: Path) -> None:
    """A spreadsheet opens the file without a question and shows the same cells."""
    out = tmp_path / "all.csv"
    mixed.extract(out, "csv", Selection(kind="disclosed"))
    subprocess.run(
        ["soffice", "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76", "--outdir", "o", out],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    again = list(csv.reader(io.StringIO((tmp_path / "o" / "all.csv").read_text(encoding="utf-8-sig"), newline="")))
    assert [row[5] for row in again[1:]] == [row["officer"] for row in rows(out.read_bytes())]
