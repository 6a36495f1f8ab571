"""What a reviewer writes beside a mark.

Rule of this file: a text goes in and a note or a refusal comes out; none is in an exception.
"""

import re
import unicodedata
from hashlib import sha256
from typing import Final

from gateway.console import numbers
from signing.encoding import base64_standard

LONGEST: Final = 500
"""Characters."""

_RUN = re.compile(r"\d(?:[\s.\-]*\d)*")
_SHORTEST_NUMBER = 9


class NoteRefused(Exception):  # noqa: N818 - it says what happened
    """A note that is not taken. `key`: of the text that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def read_note(text: str) -> str:
    """A note as it is kept. Raises NoteRefused: it is too long, or may hold a person's number."""
    lines = (" ".join(line.split()) for line in text.replace("\r\n", "\n").split("\n"))
    note = "\n".join(lines).strip()
    if len(note) > LONGEST:
        raise NoteRefused("review_note_long")
    if not all(c.isprintable() or c == "\n" for c in note):
        raise NoteRefused("review_note_letters")
    if holds_a_number(note):
        raise NoteRefused("review_note_number")
    return note


def holds_a_number(text: str) -> bool:
    """Whether digits somewhere in a text may be a person's number, also with blanks, dots and hyphens between them."""
    for run in _RUN.findall(unicodedata.normalize("NFKC", text)):
        groups = re.findall(r"\d+", run)
        for start in range(len(groups)):
            for end in range(start + 1, len(groups) + 1):
                if numbers.is_like_one("".join(groups[start:end])):
                    return True
        if any(len(group) >= _SHORTEST_NUMBER for group in groups):
            return True
    return False


def without_digits(text: str) -> str:
    """A text to be shown to its writer again, who has to take a number out of it."""
    return "".join("\N{BULLET}" if c.isnumeric() else c for c in text)


def digest_of(note: str) -> str:
    """What the log is told about a note."""
    return f"sha-256=:{base64_standard(sha256(note.encode()).digest())}:"
