"""`gateway report`: figures from the access log. `reuse`: how far citizens were spared from stating what is known.

Exit codes: 0 reported; 1 the log is not the one it was; 2 nothing could be reported.
"""

import secrets
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from gateway.cli.shown import WIDTH, pretty, printable
from gateway.cli.times import time_of

if TYPE_CHECKING:
    from gateway.reuse.periods import Period
    from gateway.reuse.reckoning import Grouping, Line, Report

app = typer.Typer(help="Figures from the access log.", no_args_is_help=True)

_HEADS = ("dossiers", "reused", "%", "population", "%", "filled", "%", "docs")


class Form(StrEnum):
    """How it is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@app.callback()
def report() -> None:
    """Figures from the access log."""


@app.command()
def reuse(
    *,
    data_dir: Annotated[
        Path, typer.Option("--data-dir", help="The gateway's data directory; the log is in DIR/log.")
    ] = Path("data"),
    store: Annotated[
        str, typer.Option(help="Address of a PostgreSQL store, instead of the one under --data-dir.")
    ] = "",
    period: Annotated[
        str | None, typer.Option(help="A month 2026-11, a quarter 2026-Q4 or a year 2026. Default: the whole log.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="From this time on: 2026-11-01, or 2026-11-01T08:00 (+07:00 unless it says)."
        ),
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Before this time.")] = None,
    by: Annotated[
        str, typer.Option(metavar="NAMES", help="Some of province, portal, procedure, month, quarter, year.")
    ] = "portal,procedure",
    form: Annotated[Form, typer.Option("--format", help="A table to read, a sheet for Excel, or JSON.")] = Form.TABLE,
) -> None:
    """The data-reuse indicators, from the log alone; docs/reuse.md explains each. Reads, does not verify.

    Months and days are Vietnam's. A dossier of a portal counts once.
    """
    from gateway.reuse.reckoning import grouping_of
    from gateway.reuse.sheet import as_csv, as_document

    asked = _period(period, since, until)
    try:
        grouping = grouping_of(by)
    except ValueError as error:
        _stop(f"--by: {error}")
    entries, made = _made(data_dir, store, asked, grouping)
    if form is Form.CSV:
        sys.stdout.buffer.write(as_csv(made, grouping))
    elif form is Form.JSON:
        print(pretty(as_document(made, grouping, asked, entries=entries)))
    else:
        _tell(made, grouping, asked, entries)


def _made(data_dir: Path, store: str, period: "Period", by: "Grouping") -> tuple[int, "Report"]:
    """How many entries the log has, and the figures."""
    from gateway.audit.errors import KeyFileRefused, LogBroken
    from gateway.audit.extract.walk import of_kinds
    from gateway.audit.keys import Places
    from gateway.audit.ring import KeyRing
    from gateway.reuse.counting import ENDS
    from gateway.reuse.reckoning import reckon
    from gateway.reuse.spool import SECRET_BYTES
    from gateway.storage.contract import StoreUnavailable
    from gateway.storage.opening import open_reader, parse_location

    places = Places.under(data_dir)
    try:
        reader = open_reader(parse_location(store, places.store))
        try:
            note = reader.newest_note()
            size = note.size if note else 0
            entries = of_kinds(reader, KeyRing(places.ring), ENDS, 0, size, since=period.since, until=period.until)
            with tempfile.TemporaryDirectory(prefix="lienthong-") as folder:
                return size, reckon(entries, [by], folder=Path(folder), secret=secrets.token_bytes(SECRET_BYTES))
        finally:
            reader.close()
    except LogBroken as error:
        print(f"NOT OK  {error.detail}", file=sys.stderr)
        raise typer.Exit(1) from None
    except StoreUnavailable as error:
        _stop(f"{'the store' if store else places.store}: {error}")
    except (KeyFileRefused, ValueError) as error:
        _stop(str(error))
    except sqlite3.Error as error:
        _stop(f"a temporary file: {error}")
    except OSError as error:
        _stop(f"{error.filename or 'a temporary file'}: {error.strerror}")


def _period(name: str | None, since: str | None, until: str | None) -> "Period":
    from gateway.reuse.periods import Period, parse

    if name is not None:
        if since is not None or until is not None:
            _stop("--period or --since and --until, not both")
        try:
            return parse(name)
        except ValueError as error:
            _stop(f"--period: {error}")
    first, end = _time("since", since), _time("until", until)
    if first is not None and end is not None and end <= first:
        _stop("--until: a time after --since")
    return Period("", first, end)


def _time(name: str, text: str | None) -> datetime | None:
    try:
        return time_of(name, text)
    except ValueError as error:
        _stop(str(error))


def _tell(made: "Report", by: "Grouping", period: "Period", entries: int) -> None:
    print(f"reuse of data, {_when(period)}")
    print(f"    from the {entries:,} entries of the log; a dossier of a portal counts once")
    print()
    lines = made.tables[by]
    total = ("total", *("" for _ in by[1:]))
    rows = [
        (*by, *_HEADS),
        *((*(printable(name) or "-" for name in line.key), *_cells(line)) for line in lines),
        (*total, *_cells(made.total)),
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    room = min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)
    table = [_row(row, widths, names=len(by)) for row in rows]
    if max(map(len, table)) <= room:
        print("\n".join(table))
    else:
        for line in lines:
            _stacked(by, line.key, line)
        _stacked(("total",), ("",), made.total)
    print()
    _indicators(made.total, room)
    for month, n in made.unreadable.items():
        print(f"note: {month}: {n:,} entries cannot be read; they are in no figure")
    if made.unreadable:
        print("note: the figures of these months are incomplete")


def _row(row: Sequence[str], widths: Sequence[int], *, names: int) -> str:
    cells = [
        text.ljust(width) if place < names else text.rjust(width)
        for place, (text, width) in enumerate(zip(row, widths, strict=True))
    ]
    # a rate stands close to what it is of: a line has 80 columns
    rates = {names + place for place, head in enumerate(_HEADS) if head == "%"}
    return "".join(f"{'' if not place else ' ' if place in rates else '  '}{cell}" for place, cell in enumerate(cells))


def _stacked(by: Sequence[str], key: Sequence[str], line: "Line") -> None:
    """A line as a block: the terminal, or 80 columns, are too narrow for a table."""
    for name, value in zip(by, key, strict=True):
        print(f"{name} {printable(value) or ('' if name == 'total' else '-')}".rstrip())
    cells = _cells(line)
    print(f"  dossiers    {cells[0]}")
    for place, name in ((1, "reused"), (3, "population"), (5, "filled")):
        rate = cells[place + 1]
        print(f"  {name.ljust(10)}  {cells[place]}{f'  {rate}%' if rate[0].isdigit() else ''}")
    print(f"  documents   {cells[7]}")


def _cells(line: "Line") -> tuple[str, ...]:
    from gateway.reuse.indicators import field_rate, indicators, tenths

    if line.dark:
        return ("?",) * len(_HEADS)
    reused, population, _ = (one.rate for one in indicators(line))
    rates = ["-" if rate is None else tenths(rate) for rate in (reused, population, field_rate(line))]
    return (
        f"{line.dossiers:,}",
        *(f"{line.reused:,}", rates[0]),
        *(f"{line.population:,}", rates[1]),
        *(f"{line.fields_filled:,}" if line.forms else "-", rates[2]),
        f"{line.documents_reused:,}",
    )


def _indicators(total: "Line", room: int) -> None:
    from gateway.reuse.indicators import hundredths, indicators

    units = {"dossier": "dossiers", "procedure": "procedures"}
    told: list[tuple[str, str]] = []
    for one in indicators(total):
        said = [f"{one.part:,} of {one.whole:,} {units[one.unit]}"]
        if one.rate is not None:
            said.append(f"{hundredths(one.rate, times=100)}%")
        if one.points is not None:
            said.append(f"{hundredths(one.points)} of {one.most} points")
        told.append((one.code, ", ".join(said)))
    papers = f"{total.documents_reused:,} handed out, {total.documents_offered:,} offered"
    told.append(("questions to citizens avoided", f"{total.fields_filled:,} of {total.fields_total:,} form fields"))
    told.append(("digitised documents reused", papers))
    if total.dark:
        told = [(name, "nothing of this time can be read") for name, _ in told]
    wide = max(len(name) for name, _ in told)
    if all(wide + 2 + len(text) <= room for _, text in told):
        print("\n".join(f"{name.ljust(wide)}  {text}" for name, text in told))
    else:
        print("\n".join(f"{name}\n    {text}" for name, text in told))


def _when(period: "Period") -> str:
    from gateway.zone import VIETNAM

    if period.since is None and period.until is None:
        return "whole log"
    ends = (
        f"{word} {at.astimezone(VIETNAM):%Y-%m-%d %H:%M}"
        for word, at in (("from", period.since), ("before", period.until))
        if at is not None
    )
    return " ".join(ends)


def _stop(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(2)
