"""One table of a TOML file, read strictly: each key asked for once, of one type, and no key left over.

Rule of this file: a reader never raises for what stands in a file. It records a problem with its line and returns a
harmless value, so that one run finds every mistake; whoever asked throws the result away when problems were recorded.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from config.errors import Findings, meant
from config.lines import Path
from config.place import Place

_T = TypeVar("_T", str, bool, int, float)
EPOCH = datetime.fromtimestamp(0, UTC)
_NAMES: Mapping[type, str] = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}


class Table:
    """A table, the lines of its keys, and the keys asked for so far. `lines` is called when a line is to be said."""

    def __init__(
        self,
        data: Mapping[str, Any],
        file: str,
        lines: Callable[[], Mapping[Path, int]],
        path: Path,
        findings: Findings,
    ) -> None:
        self.data = data
        self.file = file
        self.findings = findings
        self._lines = lines
        self._path = path
        self._asked: set[str] = set()
        self._known: set[str] = set()

    def place(self, key: str | None = None, position: int | None = None) -> Place:
        """The line of a key (or of an item of the list under it); of the table where the key is absent."""
        path = self._path if key is None else (*self._path, key)
        lines = self._lines()
        line = lines.get(path, lines.get(self._path, 1))
        if position is not None:
            line = lines.get((*path, position), line)
        return Place(self.file, line)

    def problem(self, key: str | None, message: str) -> None:
        """Record a problem at a key, or at the table."""
        self.findings.problem(self.place(key), message)

    def has(self, key: str) -> bool:
        """Whether the key stands in the table. Does not count as asking for it."""
        self._known.add(key)
        return key in self.data

    def raw(self, key: str) -> object:
        """The value as TOML gave it; None, with a problem recorded, when it is missing."""
        self._asked.add(key)
        if not self.has(key):
            self.problem(None, f"{key} is missing.")
        return self.data.get(key)

    def text(self, key: str, *, default: str | None = None, form: str | None = None, say: str = "") -> str:
        """A text that is not empty unless the default is; `form` is a full-match pattern explained by `say`."""
        if default is not None and not self.has(key):
            return default
        value = self._typed(key, str)
        if value is None:
            return default or ""
        if not value.strip() and default != "":
            self.problem(key, f"{key} is empty.")
        elif form is not None and value and not re.fullmatch(form, value):
            self.problem(key, f"{key} must be {say}.")
        return value

    def maybe_text(self, key: str) -> str | None:
        """A text that is not empty, or None where the key is absent."""
        return self.text(key) if self.has(key) else None

    def whole(self, key: str, low: int, high: int, *, default: int | None = None) -> int:
        """A whole number from `low` to `high`, both included."""
        if default is not None and not self.has(key):
            return default
        value = self._typed(key, int)
        return low if value is None or not self._within(key, value, low, high) else value

    def number(self, key: str, low: float, high: float, *, default: float | None = None) -> float:
        """A number from `low` to `high`, both included."""
        if default is not None and not self.has(key):
            return default
        value = self._typed(key, float)
        return low if value is None or not self._within(key, value, low, high) else value

    def boolean(self, key: str, *, default: bool | None = None) -> bool:
        """true or false."""
        if default is not None and not self.has(key):
            return default
        return bool(self._typed(key, bool))

    def moment(self, key: str) -> datetime:
        """A date and time with its offset from UTC, turned into UTC."""
        value = self.raw(key)
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC)
        if key in self.data:
            self.problem(key, f"{key} must be a date and time with its zone, such as 2026-11-01T00:00:00Z, unquoted.")
        return EPOCH

    def dated(self, key: str) -> None:
        """See that a day stands here, for those who read the file."""
        written = self.raw(key)
        if self.has(key) and (not isinstance(written, date) or isinstance(written, datetime)):
            self.problem(key, f"{key} must be a date such as 2026-11-22, unquoted.")

    def texts(self, key: str, *, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts, none empty, none twice."""
        if default is not None and not self.has(key):
            return default
        value = self.raw(key)
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            if key in self.data:
                self.problem(key, f"{key} must be a list of texts.")
            return ()
        for position, item in enumerate(value):
            if item in value[:position]:
                self.findings.problem(self.place(key, position), f'{key} names "{item}" twice.')
        return tuple(value)

    def table(self, key: str, *, required: bool = True) -> "Table":
        """The table under a key; an empty one, with a problem recorded when it is required, where there is none."""
        value = self.raw(key) if required or self.has(key) else {}
        if not isinstance(value, dict):
            if key in self.data:
                self.problem(key, f"{key} must be a table.")
            value = {}
        return Table(value, self.file, self._lines, (*self._path, key), self.findings)

    def tables(self, key: str, *, required: bool = True) -> "list[Table]":
        """The blocks of an array of tables."""
        value = self.raw(key) if required or self.has(key) else []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            if key in self.data:
                self.problem(key, f"{key} must be a list of tables.")
            return []
        return [
            Table(item, self.file, self._lines, (*self._path, key, position), self.findings)
            for position, item in enumerate(value)
        ]

    def children(self) -> "Iterator[tuple[str, Table]]":
        """Every key of this table, each of which must hold a table."""
        for key in self.data:
            yield key, self.table(key)

    def done(self) -> None:
        """Record a problem for each key nobody asked for."""
        for key in self.data:
            if key not in self._asked:
                self.problem(key, f"{key} is not a known key here.{meant(key, self._known - set(self.data))}")

    def _typed(self, key: str, kind: type[_T]) -> _T | None:
        value = self.raw(key)
        # TOML tells 1 from true; Python's bool is an int.
        confused = isinstance(value, bool) != (kind is bool)
        if kind is float and isinstance(value, int) and not confused:
            value = float(value)
        if isinstance(value, kind) and not confused:
            return value
        if key in self.data:
            self.problem(key, f"{key} must be {_NAMES[kind]}.")
        return None

    def _within(self, key: str, value: float, low: float, high: float) -> bool:
        if low <= value <= high:  # also False for a NaN
            return True
        self.problem(key, f"{key} must be from {low} to {high}.")
        return False
