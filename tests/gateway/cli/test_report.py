"""`gateway report reuse`, as an auditor uses it."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.main import app
from tests.gateway.console.web.small_log import altered, copied
from tests.gateway.console.web.written_log import Written
from tests.gateway.reuse import small_months


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A log of three months, of which one cannot be read."""
    return small_months.write(tmp_path_factory.mktemp("months"))


def run(written: Written | Path, *arguments: str, columns: int = 80) -> Result:
    """One report."""
    folder = written if isinstance(written, Path) else written.folder
    runner = CliRunner(env={"COLUMNS": str(columns)})
    return runner.invoke(app, ["report", "reuse", "--data-dir", str(folder), *arguments])


def test_a_month_as_a_table(months: Written) -> None:
    """A line per portal and procedure, the total, and each indicator with its points, in 80 columns."""
    done = run(months, "--period", "2026-11")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        "reuse of data, from 2026-11-01 00:00 before 2026-12-01 00:00",
        f"    from the {months.size} entries of the log; a dossier of a portal counts once",
        "",
        "portal  procedure  dossiers  reused     %  population     %  filled    %  docs",
        "G01     1.004222          1       1 100.0           1 100.0       5 50.0     0",
        "H14     1.004222          2       1  50.0           1  50.0       9 75.0     2",
        "H14.5   1.010010          2       2 100.0           1  50.0       -    -     1",
        "total                     5       4  80.0           3  60.0      14 63.6     3",
        "",
        "REUSED_DIGITIZED_DATA             4 of 5 dossiers, 80.00%, 2.00 of 2 points",
        "CITIZEN_DATA_CONNECTED_DOSSIER    3 of 5 dossiers, 60.00%",
        "CITIZEN_DATA_CONNECTED_FORMALITY  2 of 2 procedures, 100.00%",
        "questions to citizens avoided     14 of 22 form fields",
        "digitised documents reused        3 handed out, 2 offered",
    ]


def test_a_month_that_cannot_be_read_is_no_month_without_dossiers(months: Written) -> None:
    """It has its line with question marks, and is named below; a dossier of two months is one in the total."""
    done = run(months, "--by", "month")
    lines = done.output.splitlines()
    assert lines[0] == "reuse of data, whole log"
    assert lines[4].split() == ["2026-09", *["?"] * 8]
    assert [line.split()[:3] for line in lines[5:8]] == [
        ["2026-10", "1", "1"],
        ["2026-11", "5", "4"],
        ["total", "5", "4"],
    ]
    assert lines[-2:] == [
        "note: 2026-09: 1 entries cannot be read; they are in no figure",
        "note: the figures of these months are incomplete",
    ]
    dark = run(months, "--period", "2026-09", "--by", "portal").output
    assert "0 of 0" not in dark
    assert dark.count("nothing of this time can be read") == 5


@pytest.mark.parametrize(("columns", "by"), [(40, "portal,procedure"), (80, "province,portal,procedure,month,year")])
def test_a_narrow_terminal(months: Written, columns: int, by: str) -> None:
    """What does not fit beside each other stands below each other, and nothing is cut off."""
    done = run(months, "--by", by, columns=columns)
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert max(map(len, lines[3:])) <= max(columns, 62)
    assert max(map(len, lines)) <= 80
    place = lines.index("portal H14.5")
    following = lines[place:]
    assert following[following.index("procedure 1.010010") :][:1] == ["procedure 1.010010"]
    assert "  reused      2  100.0%" in following[:8]
    assert lines[lines.index("total") + 1] == "  dossiers    5"


def test_a_sheet_for_excel(months: Written) -> None:
    """As bytes: the mark, the letters of Vietnamese, CRLF, and the figures of the table."""
    arguments = [*("--data-dir", str(months.folder)), "--period", "2026-Q4", "--by", "portal", "--format", "csv"]
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "report", "reuse", *arguments], capture_output=True, check=True
    )
    assert done.stdout.startswith('\ufeff"Cổng dịch vụ / Portal"'.encode())
    rows = list(csv.reader(io.StringIO(done.stdout.decode("utf-8-sig"), newline="")))
    assert [row[:4] for row in rows[1:]] == [
        ["G01", "1", "1", "1"],
        ["H14", "2", "1", "1"],
        ["H14.5", "2", "2", "1"],
        ["Tổng / Total", "5", "4", "3"],
    ]
    assert done.stdout.count(b"\r\n") == len(rows)


def test_json_for_programs(months: Written) -> None:
    """The same figures, with the time they are of."""
    said = json.loads(
        run(
            months, "--since", "2026-10-31T23:59:59", "--until", "2026-11-01", "--format", "json", "--by", "month"
        ).output
    )
    assert (said["since"], said["until"]) == ("2026-10-31T23:59:59+07:00", "2026-11-01T00:00:00+07:00")
    assert [(line["month"], line["dossiers"], line["reused"]) for line in said["lines"]] == [("2026-10", 1, 1)]
    assert said["total"]["indicators"]["CITIZEN_DATA_CONNECTED_DOSSIER"] == {"part": 1, "whole": 1, "rate": 1.0}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--period", "2026-13"), "--period: a month 2026-11, a quarter 2026-Q4 or a year 2026"),
        (("--period", "2026", "--since", "2026-01-01"), "not both"),
        (("--since", "yesterday"), "--since: a time such as 2026-11-01"),
        (("--since", "2026-11-02", "--until", "2026-11-02"), "--until: a time after --since"),
        (("--by", "officer"), "--by: some of province, portal, procedure, month, quarter, year"),
    ],
)
def test_what_cannot_be_asked(months: Written, arguments: tuple[str, ...], said: str) -> None:
    """A sentence that says what could be, and status 2."""
    done = run(months, *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_no_log_is_no_report(tmp_path: Path) -> None:
    """Nothing is made, nothing is printed as zero."""
    done = run(tmp_path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert str(tmp_path / "log" / "log.sqlite") in done.stderr


def test_an_altered_log_is_no_report(months: Written, tmp_path: Path) -> None:
    """An entry that is not the one its hash names ends the report with status 1."""
    mine = copied(months, tmp_path / "mine")
    altered(mine, "UPDATE entry SET env = ? WHERE idx = ?", (bytes(100), mine.size - 1))
    done = run(mine)
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"NOT OK  entry {mine.size - 1}" in done.stderr
