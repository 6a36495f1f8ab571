"""Citizens' records, built from the personal number alone.

Rule of this file: it only puts together what the other files decide; the same number gives an equal record always.
"""

from datetime import date
from functools import lru_cache

from mocks.country import draw, kinship
from mocks.country.exceptions import EXCEPTIONS, Exceptional
from mocks.country.folk import descent, own_names, religion
from mocks.country.model import SCHEME_CURRENT, Address, Birth, Person, Relative, Sex
from mocks.country.numbers import CENSUS_DAY, Number, by_old_id, number, old_id
from mocks.country.units import OLD_PROVINCES, current_address, legacy_address, successor

_MERGER_DAY = date(2025, 7, 1)
_MINOR = 18
_PLAIN = Exceptional()
_BLOOD = ("00",) * 4 + ("01", "02", "03", "04", "04")


@lru_cache(maxsize=4096)
def person(personal_id: str) -> Person | None:
    """The citizen with this 12-digit number; None for a number nobody has.

    Nobody has: another length, a first digit other than 0, a province not among the 63 old ones, a century digit
    over 3, a birth after the census, the serial 000000.
    """
    found = number(personal_id)
    return None if found is None else _record(found)


def person_by_old_id(old_id: str) -> Person | None:
    """The citizen who had this 9-digit number; None for a number never issued."""
    found = by_old_id(old_id)
    return None if found is None else _record(found)


def _record(one: Number) -> Person:
    odd = EXCEPTIONS.get(one.text, _PLAIN)
    family, middle, given = _names(one)
    born = _birth(one)
    place = legacy_address if _day(born) < _MERGER_DAY else _merged_address
    chief, relation = kinship.head(one)
    home = _home(chief) if one.text not in EXCEPTIONS or odd.home is None else _home(one)
    away = draw.chance(20, "away", one.text)
    older = _parents(one)
    sex: Sex = odd.sex or ("1" if one.male else "2")
    return Person(
        personal_id=one.text,
        old_id=old_id(one),
        family=family,
        middle=middle,
        given=given,
        sex=sex,
        birth=born,
        ethnicity=descent(one.province, one.lineage).ethnicity,
        religion=religion(one.province, one.lineage),
        marital_status=_marital_status(one),
        blood_type=draw.one(_BLOOD, "blood", one.text),
        nationality="VN",
        birth_place=place(one.province, "birth", one.text),
        native_place=legacy_address(one.province, "native", one.province, one.lineage),
        permanent=home,
        current=_elsewhere(one) if away else home,
        father=older[0],
        mother=older[1],
        spouse=_spouse(one),
        representative=older[0] if one.age < _MINOR else None,
        head_relation=relation,
        head=_relative(chief),
        household_book=_book(chief),
        deceased=kinship.deceased(one),
        flat_name=odd.flat_name or draw.chance(4, "flat", one.text),
        doubts=_doubts(one, sex, born),
    )


def _names(one: Number) -> tuple[str, str, str]:
    odd = EXCEPTIONS.get(one.text, _PLAIN)
    middle, given = own_names(one.province, one.lineage, male=one.male, key=one.text)
    family = descent(one.province, one.lineage).family if odd.family is None else odd.family
    return (
        family,
        middle if odd.middle is None else odd.middle,
        given if odd.given is None else odd.given,
    )


def _birth(one: Number) -> Birth:
    odd = EXCEPTIONS.get(one.text)
    if odd is not None and odd.birth is not None:
        return odd.birth
    months = CENSUS_DAY.month - 1 if one.year == CENSUS_DAY.year else 12
    month, day = 1 + draw.number(months, "month", one.text), 1 + draw.number(28, "day", one.text)
    known = draw.number(100, "precision", one.text) if odd is None else 100
    if known < (12 if one.age > 50 else 1):
        return Birth(one.year)
    if known < (18 if one.age > 50 else 2):
        return Birth(one.year, month)
    return Birth(one.year, month, day)


def _day(born: Birth) -> date:
    return date(born.year, born.month or 1, born.day or 1)


def _marital_status(one: Number) -> str:
    if one.text in EXCEPTIONS and EXCEPTIONS[one.text].foreign_spouse:
        return "2"
    if not kinship.wed(one):
        return "1"
    widowed = kinship.deceased(kinship.partner(one)) and not kinship.deceased(one)
    return "3" if widowed or kinship.divorced(one) else "2"


def _merged_address(old_province: str, *key: object) -> Address:
    return current_address(successor(old_province), *key)


def _home(chief: Number) -> Address:
    odd = EXCEPTIONS.get(chief.text, _PLAIN)
    if odd.home is not None:
        scheme, province = odd.home
        write = current_address if scheme == SCHEME_CURRENT else legacy_address
        return write(province, "home", chief.text)
    stays = draw.chance(75, "stays", chief.text)
    province = chief.province if stays else draw.one(OLD_PROVINCES, "moved to", chief.text)
    write = legacy_address if draw.chance(25, "legacy", chief.text) else _merged_address
    return write(province, "home", chief.text)


def _elsewhere(one: Number) -> Address:
    return current_address(successor(draw.one(OLD_PROVINCES, "lives in", one.text)), "elsewhere", one.text)


def _book(chief: Number) -> str | None:
    if not draw.chance(30, "book", chief.text):
        return None
    return f"{draw.number(10**9, 'book number', chief.text):09}"


def _relative(one: Number) -> Relative:
    return Relative(one.text, old_id(one), *_names(one))


def _spouse(one: Number) -> Relative | None:
    odd = EXCEPTIONS.get(one.text)
    if odd is not None and odd.foreign_spouse is not None:
        name, nationality = odd.foreign_spouse
        return Relative(None, None, "", "", name, nationality)
    found = kinship.spouse(one)
    return None if found is None else _relative(found)


def _parents(one: Number) -> tuple[Relative | None, Relative | None]:
    found = kinship.parents(one)
    if found is not None:
        return _relative(found[0]), _relative(found[1])
    # They died before the numbering began: the register has their names only.
    _, his = own_names(one.province, one.lineage, male=True, key=f"father of {one.text}")
    middle, hers = own_names(one.province, one.lineage, male=False, key=f"mother of {one.text}")
    side = draw.number(1000, "mother's lineage", one.text)
    return (
        Relative(None, None, descent(one.province, one.lineage).family, "", his),
        Relative(None, None, descent(one.province, side).family, middle, hers),
    )


def _doubts(one: Number, sex: Sex, born: Birth) -> tuple[str, ...]:
    found = []
    if sex not in {"0", "1" if one.male else "2"}:
        found.append("sex_contradicts_id")
    if born.year != one.year:
        found.append("birth_year_contradicts_id")
    return tuple(found)
