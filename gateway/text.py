"""Vietnamese text: tidying what registries write, and comparing regardless of accents, case and spacing.

All functions are pure and idempotent.
"""

import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


def tidy(text: str) -> str:
    """NFC, runs of white space as one space, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(text: str) -> str:
    """Only letters and digits, lower case, without accents; đ is d. Two texts that fold alike do not conflict."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    return "".join(c for c in decomposed if c.isalnum() and not unicodedata.combining(c))


def title(text: str) -> str:
    """A personal name written all in capitals, with capitals only where words begin. Other names are left alone.

    `H'HEN NIÊ` becomes `H'Hen Niê`: a word begins after an apostrophe or a hyphen too.
    """
    tidied = tidy(text)
    if tidied != tidied.upper():
        return tidied
    return _WORD.sub(lambda m: m.group(0)[0] + m.group(0)[1:].lower(), tidied)
