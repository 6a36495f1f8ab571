"""Numbers of persons and organisations as an auditor types them: read, masked, and recognised where they do not belong.

Rule of this file: a number goes in and a masked text or a yes comes out; none is in an exception.
"""

import re

_BLANKS = re.compile(r"[\s.\-]+")
_PERSON = (9, 12)
_ORGANISATION = (10, 13)
_SHOWN_FIRST, _SHOWN_LAST = 3, 4


def read(text: str) -> str | None:
    """The digits of a person's (9 or 12) or an organisation's number (10, or 13 for a dependent unit); None for others.

    Blanks, dots and hyphens do not count, as in the log's keyed tags.
    """
    plain = _BLANKS.sub("", text)
    return plain if plain.isascii() and plain.isdigit() and len(plain) in (*_PERSON, *_ORGANISATION) else None


def is_person(number: str) -> bool:
    """Whether a number `read` gave is a person's."""
    return len(number) in _PERSON


def masked(number: str) -> str:
    """Enough to recognise a number one has at hand, and too little to learn it: `004*****0123`."""
    hidden = len(number) - _SHOWN_FIRST - _SHOWN_LAST
    return number[:_SHOWN_FIRST] + "*" * hidden + number[-_SHOWN_LAST:]


def is_like_one(text: str) -> bool:
    """Whether a text that should be a code of a dossier or official is the number of a person: it must go nowhere."""
    plain = _BLANKS.sub("", text)
    return plain.isascii() and plain.isdigit() and len(plain) in _PERSON
