"""The numbers and dates by which a registry knows a subject: their form, and what contradicts itself.

Source of the rules: Law on Identity 2023 art. 12 and Decree 137/2015 art. 13 (personal number), the published
check-digit rule of enterprise codes, Circular 90/2026/TT-BTC (tax identifiers).
"""

import calendar
import re
import unicodedata

_PERSONAL = re.compile(r"\d{12}|\d{9}")
_BIRTH = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_ENTERPRISE = re.compile(r"(\d{10})(?:-\d{3})?")
_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
NAME_LIMIT = 200


def personal_id(text: str) -> str:
    """12 digits, or the 9 of the older card. ValueError with a sentence otherwise. There is no check digit."""
    if not (text.isascii() and _PERSONAL.fullmatch(text)):
        raise ValueError("Must be 12 digits, or the 9 digits of the older identity card.")
    return text


def check_digit_fits(digits: str) -> bool:
    """Whether the tenth digit of an enterprise or tax code follows from the first nine.

    10 - (sum of weighted digits mod 11); where the remainder is 0 the result would be "10": no such prefix is issued.
    """
    remainder = sum(w * int(d) for w, d in zip(_WEIGHTS, digits[:9], strict=True)) % 11
    return remainder != 0 and 10 - remainder == int(digits[9])


def enterprise_code(text: str) -> str:
    """10 digits with a right check digit, or 10-3 for a dependent unit. ValueError with a sentence otherwise."""
    matched = _ENTERPRISE.fullmatch(text) if text.isascii() else None
    if matched is None:
        raise ValueError("Must be 10 digits, or 10 digits, a hyphen and 3 digits for a dependent unit.")
    if not check_digit_fits(matched.group(1)):
        raise ValueError("The check digit (the tenth digit) does not fit: probably a mistyped number.")
    return text


def tax_code(text: str) -> str:
    """10 digits, 10-3, or a 12-digit personal number. ValueError with a sentence otherwise."""
    if text.isascii() and text.isdigit() and len(text) == 12:
        return text
    try:
        return enterprise_code(text)
    except ValueError as error:
        if "check digit" in str(error):
            raise
        raise ValueError("Must be 10 digits, 10-3 digits with a hyphen, or a 12-digit personal number.") from None


def birth_date(text: str) -> str:
    """`1992`, `1992-11` or `1992-11-22`, a day that exists. ValueError with a sentence otherwise."""
    matched = _BIRTH.fullmatch(text) if text.isascii() else None
    if matched is None:
        raise ValueError("Must be YYYY, YYYY-MM or YYYY-MM-DD.")
    year, month, day = matched.groups()
    if not 1850 <= int(year) <= 2199:
        raise ValueError("The year is not one a living person was born in.")
    if month is not None and not 1 <= int(month) <= 12:
        raise ValueError("There is no such month.")
    if day is not None and not 1 <= int(day) <= calendar.monthrange(int(year), int(month))[1]:
        raise ValueError("There is no such day.")
    return text


def full_name(text: str) -> str:
    """A person's name as typed: NFC, spaces tidied, kept otherwise. ValueError with a sentence otherwise."""
    tidy = " ".join(unicodedata.normalize("NFC", text).split())
    if not tidy:
        raise ValueError("Must not be empty.")
    if len(tidy) > NAME_LIMIT:
        raise ValueError(f"Longer than {NAME_LIMIT} characters.")
    if not all(c.isalpha() or c in " '’-." or unicodedata.category(c).startswith("M") for c in tidy):
        raise ValueError("A name holds letters, spaces, hyphens, dots and apostrophes only.")
    if not any(c.isalpha() for c in tidy):
        raise ValueError("A name holds at least one letter.")
    return tidy


def contradictions(number: str, born: str) -> tuple[str, ...]:
    """Doubts about a 12-digit number and a birth date: `birth_year_contradicts_id` when they name different years.

    A warning, never a refusal: numbers were corrected by hand and registries hold such records. 9-digit numbers say
    nothing.
    """
    if len(number) != 12:
        return ()
    year = 1900 + 100 * (int(number[3]) // 2) + int(number[4:6])
    return () if year == int(born[:4]) else ("birth_year_contradicts_id",)
