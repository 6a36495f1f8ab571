"""Who is married to whom and who descends from whom, by arithmetic on personal numbers.

Rule of this file: relations are functions of numbers, never of records, so that no record has to be built to build
another. `partner` is its own inverse; a father hands his lineage and province down.
"""

from functools import lru_cache

from mocks.country import draw
from mocks.country.exceptions import EXCEPTIONS
from mocks.country.numbers import Number
from mocks.country.units import OLD_PROVINCES

_ADULT = 20
_SETTLED = 30
_CHILD_OF_HOUSE = 25
_FATHER_YOUNGEST, _FATHER_SPREAD = 24, 15
_FIRST_BORN_WITH_NUMBERED_PARENTS = 1945
_TRIES = 64


def partner(number: Number) -> Number:
    """The one person this one could be married to, wed or not: the other sex, at most four years apart."""
    year = number.year - number.year % 5 + 4 - number.year % 5
    own = 999 - number.own
    low = min(own, number.own)
    lineage = (draw.number(1000, "lineages", low) - number.lineage) % 1000
    far = draw.chance(20, "far", low, min(lineage, number.lineage), number.year // 5)
    province = OLD_PROVINCES[-1 - OLD_PROVINCES.index(number.province)] if far else number.province
    return Number(province, not number.male, year, lineage, own)


def _couple(number: Number) -> str:
    return "+".join(sorted((number.text, partner(number).text)))


def wed(number: Number) -> bool:
    """Whether this person and its partner ever married. The same for both."""
    other = partner(number)
    said = [EXCEPTIONS[text].wed for text in (number.text, other.text) if text in EXCEPTIONS]
    if False in said or not other.issued or min(number.age, other.age) < _ADULT:
        return False
    if True in said:
        return True
    older = max(number.age, other.age)
    return draw.chance(80 if older >= _SETTLED else 35, "wed", _couple(number))


def divorced(number: Number) -> bool:
    """Whether the couple parted. False for the unmarried."""
    plain = number.text not in EXCEPTIONS and partner(number).text not in EXCEPTIONS
    return plain and wed(number) and draw.chance(6, "divorced", _couple(number))


def spouse(number: Number) -> Number | None:
    """The husband or wife, living or dead; None for the never married and the divorced."""
    return partner(number) if wed(number) and not divorced(number) else None


@lru_cache(maxsize=8192)
def parents(number: Number) -> tuple[Number, Number] | None:
    """Father and mother, married to each other, 20 to 42 years older; None where they never had numbers."""
    if number.year < _FIRST_BORN_WITH_NUMBERED_PARENTS:
        return None
    for attempt in range(_TRIES):
        year = number.year - _FATHER_YOUNGEST - draw.number(_FATHER_SPREAD, "father", number.text, attempt)
        own = draw.number(1000, "father's own", number.text, attempt)
        father = Number(number.province, True, year, number.lineage, own)
        mother = spouse(father)
        # A documented exception is nobody's parent: what is odd about it must not spread.
        if father.issued and mother is not None and not {father.text, mother.text} & EXCEPTIONS.keys():
            return father, mother
    return None


def deceased(number: Number) -> bool:
    """Whether the register carries the person as dead."""
    exception = EXCEPTIONS.get(number.text)
    if exception is not None:
        return exception.deceased
    percent = 100 if number.age > 105 else 60 if number.age > 90 else 10 if number.age > 70 else 1
    return draw.chance(percent, "deceased", number.text)


def head(number: Number) -> tuple[Number, str]:
    """The head of the person's household and the person's relation to it: CH01 self, CH02 spouse, CH03 child."""
    husband_or_wife = spouse(number)
    if husband_or_wife is not None:
        chief = _chief(number)
        return chief, "CH01" if chief == number else "CH02"
    older = parents(number)
    if older is not None and number.age < _CHILD_OF_HOUSE:
        return _chief(older[0]), "CH03"
    return number, "CH01"


def _chief(one: Number) -> Number:
    other = partner(one)
    for person in (one, other):
        if person.text in EXCEPTIONS and not deceased(person):
            return person
    man, woman = (one, other) if one.male else (other, one)
    if deceased(man) != deceased(woman):
        return woman if deceased(man) else man
    return woman if draw.chance(25, "chief", _couple(one)) else man
