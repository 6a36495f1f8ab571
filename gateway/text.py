"""Vietnamese text: tidying what registries write, and comparing regardless of accents, case and spacing.

All functions are pure and idempotent.
"""

import re
import unicodedata

# ð and ɖ: converted data has Ð and Ɖ where Đ was meant
_D = str.maketrans("đðɖ", "ddd")
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


def tidy(text: str) -> str:
    """NFC, runs of white space as one space, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def unaccented(text: str) -> str:
    """Lower case without accents; đ is d. Everything else stays."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_D))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def fold(text: str) -> str:
    """Only letters and digits, lower case, without accents. For looking names up in a table."""
    return "".join(c for c in unaccented(text) if c.isalnum())


def title(text: str) -> str:
    """A personal name written all in capitals, with capitals only where words begin. Other names are left alone.

    `H'HEN NIÊ` becomes `H'Hen Niê`: a word begins after an apostrophe or a hyphen too.
    """
    tidied = tidy(text)
    if tidied != tidied.upper():
        return tidied
    return _WORD.sub(lambda m: m.group(0)[0] + m.group(0)[1:].lower(), tidied)
