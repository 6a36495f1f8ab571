"""From a `Record` to raw values by field name.

Rule of this file: pure, one function per field, the table `_READERS` is the whole mapping. What the registry
does not say stays out; what it says in numbers of its own stays out too:

* `ENTERPRISE_TYPE_ID`, `ENTERPRISE_STATUS` and `ENTERPRISE_STATUS_ID` have no published meaning, so type and
  status go by name.
* `CityID`, `DistrictID` and `WardID` are the registry's own numbers, not the statistics office's codes, so
  the parts of an address go by name.
* `GENDER_ID` of a representative has no published meaning and is not read. Of an identity document only its
  number is read, and only when it is a personal id or an older 9-digit card: a passport number is nobody's
  business here. Its last day is read for one doubt alone.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date as day

from adapters.business.document import Object, garbled
from adapters.business.scalars import date, malformed, money, ratio, text, yes
from adapters.business.wire import Record
from adapters.contract import AdapterError
from adapters.values import (
    RawActivity,
    RawAddress,
    RawCode,
    RawMember,
    RawName,
    RawPerson,
    RawText,
    RawValue,
)

_CODE = re.compile(r"(?a)(\d{10})(?:-?(\d{3}))?")
_SERIAL = re.compile(r"(?a)\d{5}")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
DOUBT_EXPIRED = "representative_document_expired"  # the business registry keeps the last day of identity documents
DOUBT_SERIAL = "code_is_a_serial"  # the record carries a 5-digit serial where its enterprise code should be


def values(record: Record, fields: frozenset[str]) -> Mapping[str, RawValue]:
    """The fields asked for that the registry filled, by name.

    Raises:
        AdapterError: GARBLED `<member>_malformed` for a member that a field asked for needs. What was not asked
            for is not read.
    """
    found = {name: read(record) for name, read in _READERS.items() if name in fields}
    return {name: value for name, value in found.items() if value is not None and value != ()}


def doubts(record: Record, asked: str) -> tuple[str, ...]:
    """Whether this is the enterprise asked for, as far as the record can say.

    `ENTERPRISE_GDT_CODE` may hold a 5-digit serial of a business location; such a record cannot be compared
    and is doubted. `asked`: 10 digits, or 10-3.

    Raises:
        AdapterError: GARBLED `subject_missing`, `enterprise_gdt_code_malformed` or `wrong_subject`.
    """
    code = _code(record)
    if code is None:
        raise garbled("subject_missing")
    if _SERIAL.fullmatch(code):
        return (DOUBT_SERIAL,)
    if code != asked:
        raise garbled("wrong_subject")
    return ()


def expired(record: Record, fields: Collection[str], today: day) -> tuple[str, ...]:
    """Whether a representative's identity document is past its last day, where representatives were asked for.

    A day that is not written whole, or cannot be read, says nothing.
    """
    if "enterprise.representatives" not in fields:
        return ()
    ends = [end for row in record.representatives if (end := _last_day(row)) is not None]
    return (DOUBT_EXPIRED,) if any(end < today for end in ends) else ()


def _last_day(row: Object) -> day | None:
    try:
        written = date(row, "PERS_DOC_EXPIRE_DATE")
        return day(written.year, written.month, written.day) if written and written.month and written.day else None
    except (AdapterError, ValueError):
        return None


def _code(record: Record) -> str | None:
    written = text(record.main, "ENTERPRISE_GDT_CODE")
    if written is None:
        return None
    if isinstance(record.main.get("ENTERPRISE_GDT_CODE"), int):
        # A number lost its leading zero. A serial has five digits, a code ten, a branch's code three more.
        written = written.zfill(5 if len(written) <= 5 else 10 if len(written) <= 10 else 13)
    if match := _CODE.fullmatch(written):
        return f"{match[1]}-{match[2]}" if match[2] else match[1]
    if _SERIAL.fullmatch(written):
        return written
    raise malformed("ENTERPRISE_GDT_CODE")


def _code_text(record: Record) -> RawText | None:
    code = _code(record)
    return RawText(code) if code else None


def _text_of(name: str) -> Callable[[Record], RawText | None]:
    def read(record: Record) -> RawText | None:
        line = text(record.main, name)
        return RawText(line) if line else None

    return read


def _word_of(*names: str) -> Callable[[Record], RawCode | None]:
    def read(record: Record) -> RawCode | None:
        return _word(text(record.main, *names))

    return read


def _word(name: str | None) -> RawCode | None:
    return RawCode(None, name) if name else None


def _status(record: Record) -> RawCode | None:
    name = text(record.main, "ENTERPRISE_STATUS_NAME")
    if name is None:
        # The guide's older member holds a number without a published table, or the words themselves.
        name = text(record.main, "ENTERPRISE_STATUS")
        name = None if name is None or name.isdigit() else name
    return _word(name)


def _head_office(record: Record) -> RawAddress | None:
    block = record.office
    address = RawAddress(
        text=text(block, "AddressFullText", "HO_ADDRESS_FULLTEXT"),
        detail=text(block, "StreetNumber"),
        province_name=text(block, "CityName"),
        district_name=text(block, "DistrictName"),
        commune_name=text(block, "WardName"),
    )
    return None if address == RawAddress() else address


def _representatives(record: Record) -> tuple[RawPerson, ...]:
    people = tuple(person for row in record.representatives if (person := _person(row)) is not None)
    if people:
        return people
    names = (text(record.main, "LEGAL_NAMES") or "").split(";")
    return tuple(RawPerson(name=RawName(full=name.strip())) for name in names if name.strip())


def _person(row: Object) -> RawPerson | None:
    full = text(row, "FULL_NAME")
    number = _document_number(row)
    person = RawPerson(
        name=RawName(full=full) if full else None,
        personal_id=number if len(number) == 12 else None,
        old_id=number if len(number) == 9 else None,
        nationality=_country(text(row, "NATIONALITY_NAME")),
        birth_date=date(row, "DATE_OF_BIRTH"),
    )
    return None if person == RawPerson() else person


def _document_number(row: Object) -> str:
    written = text(row, "PERS_DOC_NO") or ""
    if isinstance(row.get("PERS_DOC_NO"), int):
        # Personal ids begin with 001 to 096 or a country: as numbers they keep at least ten digits.
        written = written.zfill(12 if len(written) > 9 else 9)
    return written if written.isascii() and written.isdigit() else ""


def _country(written: str | None) -> RawCode | None:
    if written is not None and _COUNTRY.fullmatch(written):
        return RawCode(written.upper())
    return _word(written)


def _activities(record: Record) -> tuple[RawActivity, ...]:
    return tuple(
        RawActivity(code=text(row, "CODE"), name=text(row, "NAME"), main=yes(row, "IS_MAIN"))
        for row in record.activities
    )


def _members(record: Record) -> tuple[RawMember, ...]:
    members = []
    for row in record.members:
        name = text(row, "MEMBER_NAME")
        if name is None:
            raise malformed("MEMBER_NAME")
        members.append(
            RawMember(
                name=name,
                amount=money(row, "AMOUNT"),
                ratio=ratio(row, "RATIO_PERCENT"),
                country=_country(text(row, "COUNTRY")),
            )
        )
    return tuple(members)


_READERS: Mapping[str, Callable[[Record], RawValue | None]] = {
    "enterprise.code": _code_text,
    "enterprise.name": _text_of("NAME"),
    "enterprise.name_foreign": _text_of("NAME_F"),
    "enterprise.short_name": _text_of("SHORT_NAME"),
    "enterprise.type": _word_of("ENTERPRISE_TYPE_NAME"),
    "enterprise.status": _status,
    "enterprise.founded_on": lambda record: date(record.main, "FOUNDING_DATE"),
    "enterprise.last_amended_on": lambda record: date(record.main, "LAST_AMEND_DATE"),
    "enterprise.charter_capital": lambda record: money(record.main, "CAPITAL_AMOUNT"),
    "enterprise.head_office": _head_office,
    "enterprise.representatives": _representatives,
    "enterprise.activities": _activities,
    "enterprise.members": _members,
}
FIELDS = frozenset(_READERS)
