"""What an adapter must make of an enterprise, written from the country's own record."""

from datetime import date

from adapters.values import (
    RawActivity,
    RawAddress,
    RawCode,
    RawDate,
    RawMember,
    RawMoney,
    RawName,
    RawPerson,
    RawText,
    RawValue,
)
from mocks.country.model import Enterprise, Person

FLAT = frozenset({"enterprise.activities", "enterprise.members"})  # what Ho Chi Minh City's answer does not hold
WORDS = {"VN": "Việt Nam", "KR": "Hàn Quốc", "JP": "Nhật Bản", "SG": "Singapore"}


def expected(firm: Enterprise) -> dict[str, RawValue]:
    """Every field of an enterprise in a nested answer."""
    place = firm.head_office
    found: dict[str, RawValue | None] = {
        **scalars(firm),
        "enterprise.head_office": RawAddress(
            text=place.text,
            detail=place.detail,
            province_name=place.province_name,
            district_name=place.district_name,
            commune_name=place.commune_name,
        ),
        "enterprise.representatives": tuple(_person(one) for one in firm.representatives),
        "enterprise.activities": tuple(RawActivity(one.code, one.name, one.main) for one in firm.activities),
        "enterprise.members": tuple(
            RawMember(one.name, RawMoney(one.amount, "VND"), one.ratio, RawCode(None, WORDS[one.country]))
            for one in firm.members
        ),
    }
    return {name: value for name, value in found.items() if value}


def expected_flat(firm: Enterprise) -> dict[str, RawValue]:
    """The same in a flat answer: the office on one line, people by name, no rows."""
    found: dict[str, RawValue | None] = {
        **scalars(firm),
        "enterprise.head_office": RawAddress(text=firm.head_office.text),
        "enterprise.representatives": tuple(
            RawPerson(name=RawName(full=one.full_name)) for one in firm.representatives
        ),
    }
    return {name: value for name, value in found.items() if value}


def scalars(firm: Enterprise) -> dict[str, RawValue | None]:
    """The members that every shape holds."""
    return {
        "enterprise.code": RawText(firm.code),
        "enterprise.name": RawText(firm.name),
        "enterprise.name_foreign": RawText(firm.name_foreign) if firm.name_foreign else None,
        "enterprise.short_name": RawText(firm.short_name) if firm.short_name else None,
        "enterprise.type": RawCode(None, firm.type_name),
        "enterprise.status": RawCode(None, firm.status_name),
        "enterprise.founded_on": _day(firm.founded),
        "enterprise.last_amended_on": _day(firm.amended),
        "enterprise.charter_capital": RawMoney(firm.capital, "VND"),
    }


def _person(one: Person) -> RawPerson:
    return RawPerson(
        name=RawName(full=one.full_name),
        personal_id=one.personal_id,
        nationality=RawCode(None, WORDS[one.nationality]),
        birth_date=RawDate(one.birth.year, one.birth.month, one.birth.day),
    )


def _day(day: date) -> RawDate:
    return RawDate(day.year, day.month, day.day)
