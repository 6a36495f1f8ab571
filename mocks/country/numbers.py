"""The 12-digit personal number and the 9-digit number before it, taken apart and put together.

Rule of this file: arithmetic on numbers only. Decree 137/2015/NĐ-CP art. 13: three digits of the province of birth
registration, one of century and sex, two of the year, six without meaning. Here the first three of those six are the
lineage, handed down by the father, and the number 000000 is never issued.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mocks.country.units import OLD_PROVINCES

CENSUS_DAY: Final = date(2026, 11, 1)  # the country stands still on this day
_LAST_CENTURY_DIGIT = 3

# A 9-digit number holds (province, sex, year of birth, serial below 113000), scattered by a modular factor.
_OLD_FIRST_YEAR, _OLD_YEARS, _OLD_SERIALS = 1930, 70, 113_000
_OLD_SPACE = 10**9
_OLD_USED = len(OLD_PROVINCES) * 2 * _OLD_YEARS * _OLD_SERIALS
_SCATTER, _SHIFT = 377_558_471, 40_960_007
_GATHER = pow(_SCATTER, -1, _OLD_SPACE)


@dataclass(frozen=True, slots=True)
class Number:
    """A personal number's parts. `province` is an old 2-digit code, `lineage` and `own` are 0 to 999."""

    province: str
    male: bool
    year: int
    lineage: int
    own: int

    @property
    def text(self) -> str:
        """The twelve digits."""
        century = (self.year - 1900) // 100 * 2 + (not self.male)
        return f"0{self.province}{century}{self.year % 100:02}{self.lineage:03}{self.own:03}"

    @property
    def age(self) -> int:
        """Years between the year of birth in the number and the census."""
        return CENSUS_DAY.year - self.year

    @property
    def issued(self) -> bool:
        """False for numbers nobody can have: serial 000000, or born after the census year."""
        return (self.lineage, self.own) != (0, 0) and self.age >= 0


def number(personal_id: str) -> Number | None:
    """The parts of a 12-digit personal number; None when no citizen can have it."""
    if len(personal_id) != 12 or not (personal_id.isascii() and personal_id.isdigit()):
        return None
    province, century = personal_id[1:3], int(personal_id[3])
    if personal_id[0] != "0" or province not in OLD_PROVINCES or century > _LAST_CENTURY_DIGIT:
        return None
    year = 1900 + century // 2 * 100 + int(personal_id[4:6])
    found = Number(province, century % 2 == 0, year, int(personal_id[6:9]), int(personal_id[9:]))
    return found if found.issued else None


def old_id(number: Number) -> str | None:
    """The 9-digit number this citizen had, or None: only births of 1930 to 1999 and low serials have one."""
    serial = number.lineage * 1000 + number.own
    year = number.year - _OLD_FIRST_YEAR
    if serial >= _OLD_SERIALS or not 0 <= year < _OLD_YEARS:
        return None
    place = OLD_PROVINCES.index(number.province) * 2 + number.male
    plain = (place * _OLD_YEARS + year) * _OLD_SERIALS + serial
    return f"{(plain * _SCATTER + _SHIFT) % _OLD_SPACE:09}"


def by_old_id(old_id: str) -> Number | None:
    """The citizen who had a 9-digit number; None when it was never issued."""
    if len(old_id) != 9 or not (old_id.isascii() and old_id.isdigit()):
        return None
    plain = (int(old_id) - _SHIFT) * _GATHER % _OLD_SPACE
    if plain >= _OLD_USED:
        return None
    rest, serial = divmod(plain, _OLD_SERIALS)
    place, year = divmod(rest, _OLD_YEARS)
    province, male = divmod(place, 2)
    found = Number(OLD_PROVINCES[province], male == 1, _OLD_FIRST_YEAR + year, *divmod(serial, 1000))
    return found if found.issued else None
