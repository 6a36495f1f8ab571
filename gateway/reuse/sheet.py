"""The figures as CSV (opens in Excel with its Vietnamese letters, holds no formula) and as JSON.

The form of the CSV is that of extracts (gateway.audit.extract.sheet). The last line is the total, each dossier once.

Rule of this file: what is not known is an empty cell or null, never 0. A column, once there, keeps its place and name.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from gateway.audit.extract.sheet import MARK, neutral, visible
from gateway.reuse.indicators import Indicator, field_rate, hundredths, indicators
from gateway.reuse.periods import Period
from gateway.reuse.reckoning import Grouping, Line, Report

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "province": "Tỉnh hoặc bộ / Province or ministry",
        "portal": "Cổng dịch vụ / Portal",
        "procedure": "Thủ tục / Procedure",
        "month": "Tháng / Month",
        "quarter": "Quý / Quarter",
        "year": "Năm / Year",
    }
)
FIGURES: Mapping[str, str] = MappingProxyType(
    {
        "dossiers": "Hồ sơ / Dossiers",
        "reused": "Hồ sơ có dữ liệu tái sử dụng / Dossiers with reused data",
        "population": "Hồ sơ dùng dữ liệu dân cư / Dossiers with population data",
        "forms": "Hồ sơ có biểu mẫu điền sẵn / Dossiers with a pre-filled form",
        "fields_total": "Trường của biểu mẫu / Form fields",
        "fields_filled": "Trường được điền sẵn, người dân không phải khai / Fields filled, questions avoided",
        "procedures": "Số thủ tục / Procedures",
        "connected": "Thủ tục dùng dữ liệu dân cư / Procedures with population data",
    }
)
LATER: Mapping[str, str] = MappingProxyType(
    {
        "documents_offered": "Giấy tờ số hóa được giới thiệu / Documents offered",
        "documents_reused": "Giấy tờ số hóa được dùng lại / Documents reused",
    }
)
"""Figures that came later: right of all others, because a column keeps its place."""
_FIELD_RATE = "Tỷ lệ trường được điền (%) / Fields filled (%)"
_UNREADABLE = "Bản ghi không đọc được / Entries that cannot be read"
_ALL = "Tổng / Total"


def as_csv(report: Report, by: Grouping) -> bytes:
    """The sheet of a grouping."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    shares = indicators(report.total)
    writer.writerow(
        [
            *(NAMES[name] for name in by),
            *FIGURES.values(),
            _FIELD_RATE,
            *(f"{one.code} (%)" for one in shares),
            *(f"{one.code} (0-{one.most})" for one in shares if one.most is not None),
            _UNREADABLE,
            *LATER.values(),
        ]
    )
    for line in report.tables[by]:
        writer.writerow([*(neutral(visible(name)) for name in line.key), *_cells(line)])
    writer.writerow([*(_ALL if place == 0 else "" for place in range(len(by))), *_cells(report.total)])
    return (MARK + written.getvalue()).encode()


def as_document(report: Report, by: Grouping, period: Period, *, entries: int) -> dict[str, Any]:
    """The same for programs. `entries`: how many the log had."""
    return {
        "since": None if period.since is None else period.since.isoformat(),
        "until": None if period.until is None else period.until.isoformat(),
        "log_entries": entries,
        "by": list(by),
        "lines": [{**dict(zip(by, line.key, strict=True)), **_said(line)} for line in report.tables[by]],
        "total": _said(report.total),
        "unreadable": dict(report.unreadable),
    }


def _cells(line: Line) -> list[str]:
    shares = indicators(line)
    rates = [field_rate(line), *(one.rate for one in shares)]
    return [
        *_counts(line, FIGURES),
        *("" if rate is None else hundredths(rate, times=100) for rate in rates),
        *("" if one.points is None else hundredths(one.points) for one in shares if one.most is not None),
        str(line.unreadable),
        *_counts(line, LATER),
    ]


def _counts(line: Line, names: Iterable[str]) -> list[str]:
    return ["" if line.dark else str(getattr(line, name)) for name in names]


def _said(line: Line) -> dict[str, Any]:
    return {
        **{name: None if line.dark else getattr(line, name) for name in (*FIGURES, *LATER)},
        "field_rate": _number(field_rate(line)),
        "indicators": {one.code: _indicator(one) for one in indicators(line)},
        "unreadable": line.unreadable,
    }


def _indicator(one: Indicator) -> dict[str, Any]:
    points = {} if one.most is None else {"points": _number(one.points), "of": one.most}
    return {"part": one.part, "whole": one.whole, "rate": _number(one.rate), **points}


def _number(rate: Fraction | None) -> float | None:
    return None if rate is None else round(float(rate), 6)
