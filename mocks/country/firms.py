"""Enterprises, built from the enterprise code alone.

Rule of this file: an enterprise's people are citizens of the same country; its code decides everything else.
"""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

from mocks.country import draw
from mocks.country.citizens import person
from mocks.country.exceptions import EXCEPTIONS
from mocks.country.firm_exceptions import ODD_FIRMS, OddFirm
from mocks.country.model import Activity, Address, Enterprise, Member, Person
from mocks.country.numbers import CENSUS_DAY, Number
from mocks.country.trades import BRANCH_TYPE, BRANDS, LINES, STATUSES, TRADES, TYPES
from mocks.country.units import OLD_PROVINCES, TAX_PREFIXES, current_address, legacy_address, successor

_CODE = re.compile(r"([0-9]{10})(?:-([0-9]{3}))?")
_WEIGHTS: Final = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_UNISSUED_SERIAL = "9999999"
_PERSONAL_PREFIX = "8"  # ten-digit codes of natural persons
_BRANCHES = 9
_FIRST_DAY = date(2000, 1, 3)
_WITH_MEMBERS = frozenset({"3", "5"})


def valid_code(code: str) -> bool:
    """Whether ten digits end in their check digit: weights 31 to 3, check digit 10 - (sum mod 11).

    A sum divisible by 11 would need the digit 10: such a number is not issued.
    """
    if len(code) != 10 or not (code.isascii() and code.isdigit()):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, code, strict=False))
    return 10 - total % 11 == int(code[9]) and total % 11 != 0


@lru_cache(maxsize=4096)
def enterprise(code: str) -> Enterprise | None:
    """The enterprise with this code, or the branch `<code>-001` to `-009`; None for a code nobody has.

    Nobody has: a wrong form or check digit, the serial 9999999, a first digit 8 (natural persons' tax codes).
    """
    match = _CODE.fullmatch(code)
    if match is None or not valid_code(match[1]):
        return None
    if match[1][2:9] == _UNISSUED_SERIAL or match[1].startswith(_PERSONAL_PREFIX):
        return None
    firm = _firm(match[1])
    if match[2] is None:
        return firm
    return _branch(firm, int(match[2])) if 1 <= int(match[2]) <= _BRANCHES else None


def _firm(code: str) -> Enterprise:
    odd = ODD_FIRMS.get(code)
    type_id = odd.type_id if odd else draw.one(tuple("12233344"), "type", code)
    status = odd.status if odd else draw.one(tuple("1" * 85 + "2" * 5 + "3334567777"), "status", code)
    words, english, lines = draw.one(TRADES, "trade", code)
    brand, latin = draw.one(BRANDS, "brand", code)
    _, kind, kind_english = TYPES[type_id]
    # The serial keeps two firms of one trade and brand apart, as the law demands.
    serial = int(code[2:9]) % 1000
    founded = _FIRST_DAY + timedelta(days=draw.number(9_000, "founded", code))
    changes = draw.number(9, "changes", code)
    after = draw.number(max(1, (CENSUS_DAY - founded).days), "amended", code)
    capital = Decimal(1 + draw.number(500, "capital", code)) * 100_000_000
    foreign = odd.foreign_name if odd else draw.chance(60, "foreign name", code)
    return Enterprise(
        code=code,
        internal_id=100_000 + draw.number(9_000_000, "internal", code),
        name=f"{kind} {words} {brand} {serial}",
        name_foreign=f"{latin} {serial} {english} {kind_english}" if foreign else None,
        short_name=f"{latin} {serial}" if draw.chance(50, "short name", code) else None,
        type_id=type_id,
        type_name=TYPES[type_id][0],
        status_id=status,
        status_name=STATUSES[status],
        founded=founded,
        amended=founded + timedelta(days=after) if changes else founded,
        changes=changes,
        capital=capital,
        head_office=_head_office(code, odd),
        representatives=_directors(code, _count(code, odd, type_id)),
        activities=tuple(Activity(line, LINES[line], main=line == lines[0]) for line in lines),
        members=_members(code, capital) if type_id in _WITH_MEMBERS else (),
        document_ends=odd.document_ends if odd else None,
    )


def _count(code: str, odd: OddFirm | None, type_id: str) -> int:
    if odd:
        return odd.directors
    return 2 if type_id in "345" and draw.chance(25, "two directors", code) else 1


def old_province(code: str) -> str:
    """The old province a firm was first registered in: told by the first two digits, drawn where they tell nothing."""
    return TAX_PREFIXES.get(code[:2]) or draw.one(OLD_PROVINCES, "province", code[:2])


def _head_office(code: str, odd: OddFirm | None) -> Address:
    if odd.legacy_office if odd else draw.chance(15, "legacy office", code):
        return legacy_address(old_province(code), "office", code)
    return current_address(successor(old_province(code)), "office", code)


def _citizen(code: str, role: str, place: int) -> Person:
    """A living citizen of 24 to 71 years, nobody's documented exception."""
    attempt = 0
    while True:
        key = (role, code, place, attempt)
        one = Number(
            province=old_province(code) if draw.chance(60, "near", *key) else draw.one(OLD_PROVINCES, *key),
            male=draw.chance(65, "male", *key),
            year=1955 + draw.number(48, "year", *key),
            lineage=draw.number(1000, "lineage", *key),
            own=draw.number(1000, "own", *key),
        )
        found = None if one.text in EXCEPTIONS else person(one.text)
        if found is not None and not found.deceased:
            return found
        attempt += 1


def _directors(code: str, count: int) -> tuple[Person, ...]:
    return tuple(_citizen(code, "director", place) for place in range(count))


def _members(code: str, capital: Decimal) -> tuple[Member, ...]:
    share = Decimal(30 + draw.number(60, "share", code))
    ratios = (share, Decimal(100) - share)
    return tuple(
        Member(
            name=_citizen(code, "member", place).full_name,
            amount=capital * ratio / 100,
            ratio=ratio,
            country="VN",
        )
        for place, ratio in enumerate(ratios)
    )


def _branch(firm: Enterprise, serial: int) -> Enterprise:
    code = f"{firm.code}-{serial:03}"
    province = draw.one(OLD_PROVINCES, "province", code)
    days = max(1, (CENSUS_DAY - firm.founded).days)
    founded = firm.founded + timedelta(days=draw.number(days, "founded", code))
    return replace(
        firm,
        code=code,
        internal_id=100_000 + draw.number(9_000_000, "internal", code),
        name=f"CHI NHÁNH {serial} - {firm.name}",
        name_foreign=None,
        short_name=None,
        type_id=BRANCH_TYPE[0],
        type_name=BRANCH_TYPE[1],
        founded=founded,
        amended=founded,
        changes=0,
        capital=Decimal(0),
        head_office=current_address(successor(province), "office", code),
        representatives=_directors(code, 1),
        members=(),
    )
