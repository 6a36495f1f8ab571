"""An enterprise of the synthetic country as the register writes it: blocks, member names, numbers of its
own.

Rule of this file: pure. It follows the field table of the NGSP connection guide, spelling `HOAdress`
included.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from mocks.business.printing import Json
from mocks.business.variants import Blocks, Dates, Empty, Variant
from mocks.country.model import Address, Birth, Enterprise, Member, Person

_COUNTRIES: Mapping[str, str] = {
    "VN": "Việt Nam",
    "CN": "Trung Quốc",
    "DE": "Đức",
    "FR": "Pháp",
    "JP": "Nhật Bản",
    "KR": "Hàn Quốc",
    "SG": "Singapore",
    "TH": "Thái Lan",
    "TW": "Đài Loan",
    "US": "Hoa Kỳ",
}
# The registry numbers units in a way of its own; these offsets only keep its numbers apart from the official
# codes.
_CITY, _DISTRICT, _WARD = 80, 800, 100_000


def nested(firm: Enterprise, variant: Variant) -> dict[str, Json]:
    """The `Data` block: MainInformation, HOAdress, Representatives, BusinessActivity, Member."""
    data: dict[str, Json] = {
        "MainInformation": _filled(_main(firm, variant), variant),
        "HOAdress": _filled(_office(firm.head_office, variant), variant),
        "Representatives": _rows([_representative(one, firm, variant) for one in firm.representatives], variant),
        "BusinessActivity": _rows(
            [{"CODE": one.code, "NAME": one.name, "IS_MAIN": "Y" if one.main else "N"} for one in firm.activities],
            variant,
        ),
    }
    if firm.members:
        data["Member"] = _rows([_member(one, variant) for one in firm.members], variant)
    return data


def flat(firm: Enterprise, variant: Variant) -> dict[str, Json]:
    """Ho Chi Minh City's single object: the main members and the head office on one line, no rows."""
    return _filled({**_main(firm, variant), "HO_ADDRESS_FULLTEXT": firm.head_office.text}, variant)


def _main(firm: Enterprise, variant: Variant) -> dict[str, Json]:
    return {
        "ENTERPRISE_ID": _number(firm.internal_id, variant),
        "ENTERPRISE_CODE": f"{firm.internal_id:010d}",
        "ENTERPRISE_GDT_CODE": firm.code,
        "IMP_BUSINESS_CODE": None,
        "ENTERPRISE_TYPE_ID": firm.type_id,
        "ENTERPRISE_TYPE_NAME": firm.type_name,
        "NAME": _name(firm.name, variant),
        "SHORT_NAME": firm.short_name,
        "NAME_F": firm.name_foreign,
        "FOUNDING_DATE": _day(firm.founded, variant),
        "LAST_AMEND_DATE": _day(firm.amended, variant),
        "NUMBER_CHANGES": _number(firm.changes, variant),
        "ENTERPRISE_STATUS_ID": firm.status_id,
        "ENTERPRISE_STATUS_NAME": firm.status_name,
        "CAPITAL_AMOUNT": _amount(firm.capital, variant),
        "LEGAL_NAMES": ";".join(_name(one.full_name, variant) for one in firm.representatives),
    }


def _office(place: Address, variant: Variant) -> dict[str, Json]:
    district = place.district_code
    return {
        "CityID": _number(_CITY + int(place.province_code), variant),
        "CityName": place.province_name,
        "DistrictID": None if district is None else _number(_DISTRICT + int(district), variant),
        "DistrictName": place.district_name,
        "WardID": _number(_WARD + int(place.commune_code), variant),
        "WardName": place.commune_name,
        "StreetNumber": place.detail,
        "AddressFullText": place.text,
    }


def _representative(one: Person, firm: Enterprise, variant: Variant) -> dict[str, Json]:
    return {
        "FULL_NAME": _name(one.full_name, variant),
        "GENDER_ID": _number(int(one.sex), variant),
        "DATE_OF_BIRTH": _birth(one.birth, variant),
        "NATIONALITY_NAME": _COUNTRIES.get(one.nationality, one.nationality),
        "PERS_DOC_NO": one.personal_id,
        "PERS_DOC_NAME": "Thẻ căn cước",
        "PERS_DOC_ISSUE_DATE": _day(firm.amended, variant),
        "PERS_DOC_ISSUE_PLACE": "Bộ Công an",
        "PERS_DOC_EXPIRE_DATE": None if firm.document_ends is None else _day(firm.document_ends, variant),
    }


def _member(one: Member, variant: Variant) -> dict[str, Json]:
    return {
        "MEMBER_NAME": _name(one.name, variant),
        "AMOUNT": _amount(one.amount, variant),
        "RATIO_PERCENT": str(one.ratio) if variant.numbers_text else one.ratio,
        "COUNTRY": _COUNTRIES.get(one.country, one.country),
    }


def _rows(rows: Sequence[Mapping[str, Json]], variant: Variant) -> Json:
    filled: list[Json] = [_filled(row, variant) for row in rows]
    if len(filled) == 1 and variant.blocks is Blocks.SINGLE_OBJECTS:
        return filled[0]
    return filled


def _filled(block: Mapping[str, Json], variant: Variant) -> dict[str, Json]:
    if variant.empty is Empty.OMITTED:
        return {name: value for name, value in block.items() if value is not None}
    blank: Json = None if variant.empty is Empty.NULL else ""
    return {name: blank if value is None else value for name, value in block.items()}


def _name(written: str, variant: Variant) -> str:
    return written.upper() if variant.capitals else written


def _number(number: int, variant: Variant) -> Json:
    return str(number) if variant.numbers_text else number


def _amount(amount: Decimal, variant: Variant) -> Json:
    exact = amount.quantize(Decimal("0.001"))
    return str(exact) if variant.numbers_text else exact


def _day(day: date, variant: Variant) -> str:
    return day.strftime("%d%m%Y" if variant.dates is Dates.DIGITS else "%d/%m/%Y")


def _birth(birth: Birth, variant: Variant) -> str:
    if birth.month is None:
        return f"{birth.year}"
    if birth.day is None:
        return f"{birth.month:02d}/{birth.year}"
    return _day(date(birth.year, birth.month, birth.day), variant)
