"""An entry as a row of a spreadsheet: CSV that opens in Excel with its Vietnamese letters, and holds no formula.

    UTF-8 with a byte order mark; comma; every cell in quotes; CRLF (RFC 4180)

Comma: it is the list separator of Windows for Vietnam and for English, and the one of RFC 4180. There is no `sep=`
line: with one, Excel no longer sees the byte order mark and spoils every Vietnamese letter. Lists in a cell are
separated by spaces, so that no cell brings a comma or semicolon of ours.

Portals and officers choose some of these texts. An apostrophe goes in front of

    = + - @ and their full-width forms, at the start of a cell or behind a comma, semicolon or quote in it (OWASP, CSV
    Injection: a program that splits at another separator sees a cell start there)
    a whole cell of digits with . , : / - or an exponent: 1.010010 is the code of a procedure, not the number 1.01001

blanks and apostrophes between not counting. So the original is had back by taking away one apostrophe in each of these
places. Control and other invisible characters are shown as U+FFFD; the exact text is in JSON Lines.

Rule of this file: a column, once there, keeps its place and its name; new ones go to the right.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC
from types import MappingProxyType
from typing import Any

from gateway.audit.extract.selection import outcome_of, sources_of
from gateway.audit.reading import Opened
from gateway.zone import VIETNAM

MARK = "\ufeff"
"""The byte order mark."""

_STARTS = re.compile(r"""(^|[,;"])(?=[ ']*[=+\-@\uff1d\uff0b\uff0d\uff20])""")
_NUMBER = re.compile(r"[ ']*(?=[^ ']*\d)[\d.,:/\-]+([eE][+\-]?\d+)? *")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "index": "Số thứ tự / Index",
        "time": "Thời gian (+07:00) / Time (+07:00)",
        "utc": "Thời gian UTC / Time UTC",
        "kind": "Loại bản ghi / Kind",
        "portal": "Cổng dịch vụ / Portal",
        "officer": "Cán bộ / Officer",
        "operation": "Thao tác / Operation",
        "procedure": "Thủ tục / Procedure",
        "dossier": "Hồ sơ / Dossier",
        "basis": "Căn cứ / Basis",
        "consent": "Sự đồng ý / Consent",
        "fields": "Trường dữ liệu / Fields",
        "sources": "Nguồn và kết quả / Sources and outcomes",
        "outcome": "Kết quả / Outcome",
        "status": "Mã HTTP / HTTP status",
        "found": "Tìm thấy / Found",
        "subject_role": "Vai trò của đối tượng / Role of the subject",
        "subject_kind": "Loại đối tượng / Kind of subject",
        "subject_number": "Đối tượng thứ / Subject number",
        "request": "Yêu cầu / Request",
        "decided": "Bản ghi quyết định / Decided in",
        "digest": "Mã băm / Digest",
        "auditor": "Kiểm tra viên / Auditor",
        "auditor_role": "Vai trò kiểm tra viên / Role of the auditor",
        "action": "Hành động / Action",
        "about": "Nội dung / About",
        "matches": "Số bản ghi khớp / Matches",
        "by": "Người thay đổi / Changed by",
        "changes": "Thay đổi / Changes",
        "key": "Khóa của cổng / Key of the portal",
        "readable": "Đọc được / Readable",
        "epoch": "Kỳ khóa / Key epoch",
        "leaf": "Mã băm lá / Leaf hash",
    }
)
"""Name -> heading, Vietnamese and English, in the order of the sheet."""

_SAME = ("portal", "officer", "operation", "procedure", "dossier", "basis", "consent", "digest", "auditor", "action")
_OURS = frozenset({"index", "time", "utc", "status", "matches", "decided"})
"""Columns of numbers and times that are meant as such."""


def head() -> bytes:
    """The beginning of a sheet: byte order mark and headings."""
    return (MARK + _line(COLUMNS.values())).encode()


def line(entry: Opened) -> bytes:
    """The row of an entry."""
    said = _cells(entry)
    cells = (said[name] if name in _OURS else neutral(visible(said[name])) for name in COLUMNS)
    return _line(cells).encode()


def neutral(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet might see a formula or a number start."""
    if _NUMBER.fullmatch(text) is not None and _STARTS.match(text) is None:
        text = "'" + text
    return _STARTS.sub(r"\1'", text)


def visible(text: str) -> str:
    """The text with every control, format and lone surrogate character shown as U+FFFD."""
    if text.isprintable():  # almost always, and then no character is to be looked at
        return text
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in _INVISIBLE else c for c in text)


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return written.getvalue()


def _cells(entry: Opened) -> dict[str, str]:
    payload = entry.payload or {}
    said: dict[str, Any] = {name: _text(payload.get(name)) for name in _SAME}
    subject = payload.get("subject", {})
    return {
        **said,
        "index": str(entry.index),
        "time": entry.at.astimezone(VIETNAM).isoformat(timespec="milliseconds"),
        "utc": entry.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "kind": entry.kind,
        "fields": " ".join(payload.get("fields", ())),
        "sources": " ".join(f"{name}={word}" if word else name for name, word in sorted(sources_of(payload).items())),
        "outcome": outcome_of(payload),
        "status": _text(payload.get("status")),
        "found": {True: "yes", False: "no"}.get(payload.get("found", ""), ""),
        "subject_role": _text(subject.get("role")),
        "subject_kind": _text(subject.get("kind")),
        "subject_number": f"{subject['n']} of {subject['of']}" if subject else "",
        "request": _text(payload.get("req")),
        "decided": _text(payload.get("decided")),
        "auditor_role": _text(payload.get("role")),
        "about": _about(entry.kind, payload),
        "matches": _text(payload.get("matches")),
        "by": _text(payload.get("by")),
        "changes": _changes(payload),
        "key": _text(payload.get("key")),
        "readable": "no" if entry.payload is None else "yes",
        "epoch": entry.epoch,
        "leaf": entry.leaf.hex(),
    }


def _about(kind: str, payload: dict[str, Any]) -> str:
    """What an auditor asked for; of a redaction, which epochs; of a key epoch, what it seals."""
    epochs = {"redaction": payload.get("epochs", ()), "key-epoch": (payload,)}.get(kind)
    if epochs is not None:
        return " ".join(f"{epoch.get('seals')}={epoch.get('period')}" for epoch in epochs)
    return " ".join(f"{name}={value}" for name, value in sorted(payload.get("about", {}).items()))


def _changes(payload: dict[str, Any]) -> str:
    return " | ".join(
        " ".join(str(change[name]) for name in ("what", "name", "change", "detail") if change.get(name))
        for change in payload.get("changes", ())
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)
