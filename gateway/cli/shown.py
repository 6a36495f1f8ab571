"""Text for a terminal.

Rule of this file: what came from elsewhere cannot steer the terminal: everything unprintable is shown escaped.
"""

import json
from datetime import UTC, datetime
from typing import Any

WIDTH = 80
"""Columns a line of ours may take."""


def printable(text: str) -> str:
    """The text with control and other unprintable characters escaped, line ends kept."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\u{ord(c):04x}" for c in text)


def pretty(document: Any) -> str:
    """A JSON document, indented, letters as they are."""
    return printable(json.dumps(document, ensure_ascii=False, indent=2))


def instant(at: datetime) -> str:
    """A time in UTC, whole seconds: `2026-11-22T02:00:01Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
