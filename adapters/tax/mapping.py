"""From a taxpayer's record on the wire to raw values of the gateway's fields.

Rule of this file: pure functions; nothing is guessed. A field the service left out is absent; an empty list of
obligations is a value, because it says that nothing is owed.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from adapters.contract import AdapterError, Answer, Fault, Question
from adapters.tax.wire import Debt, Found, Place, Record
from adapters.values import RawAddress, RawCode, RawDate, RawMoney, RawObligation, RawText, RawValue

# wire code -> code of the list `tax_kind`
KINDS: Mapping[str, str] = {
    "TO_CHUC": "organisation",
    "DON_VI_PHU_THUOC": "dependent_unit",
    "CA_NHAN": "individual",
    "HO_KINH_DOANH": "household_business",
    "NGUOI_NUOC_NGOAI": "foreigner",
}


def answer(found: Found, question: Question, *, retrieved_at: datetime) -> Answer:
    """What the service said, reduced to the fields that were asked for.

    Raises `AdapterError(GARBLED, wrong_subject)` when the answer, or the record in it, is about another tax code.
    """
    asked = question.identifiers["tax_code"]
    if found.tax_code != asked or (found.record is not None and found.record.tax_code != asked):
        raise AdapterError(Fault.GARBLED, "wrong_subject")
    if found.record is None:
        return Answer(question.source, found=False, retrieved_at=retrieved_at, as_of=found.as_of)
    values = {
        name: value
        for name, make in FIELDS.items()
        if name in question.fields and (value := make(found.record)) is not None
    }
    return Answer(question.source, True, retrieved_at, MappingProxyType(values), found.as_of)


def _reason(record: Record) -> RawCode | None:
    return None if record.reason is None else RawCode(f"{record.status}.{record.reason}")


def _office(record: Record) -> RawCode | None:
    return None if record.office is None else RawCode(*record.office)


def _address(record: Record) -> RawAddress | None:
    place = record.place
    return (
        None
        if place is None or place == _NOWHERE
        else RawAddress(
            text=place.text,
            detail=place.detail,
            province=place.province,
            district=place.district,
            commune=place.commune,
            province_name=place.province_name,
            district_name=place.district_name,
            commune_name=place.commune_name,
            country=place.country,
        )
    )


def _obligations(record: Record) -> tuple[RawObligation, ...] | None:
    return None if record.debts is None else tuple(_obligation(debt) for debt in record.debts)


def _obligation(debt: Debt) -> RawObligation:
    on = debt.due_on
    return RawObligation(
        tax=RawCode(debt.tax, debt.tax_name),
        period=debt.period,
        due=RawMoney(debt.due, debt.currency),
        due_on=None if on is None else RawDate(on.year, on.month, on.day),
    )


_NOWHERE = Place(None, None, None, None, None, None, None, None, None)

FIELDS: Mapping[str, Callable[[Record], RawValue | None]] = {
    "taxpayer.tax_code": lambda record: RawText(record.tax_code),
    "taxpayer.name": lambda record: RawText(record.name),
    "taxpayer.kind": lambda record: RawCode(KINDS[record.kind]),
    "taxpayer.status": lambda record: RawCode(record.status),
    "taxpayer.status_reason": _reason,
    "taxpayer.tax_office": _office,
    "taxpayer.address": _address,
    "taxpayer.obligations": _obligations,
}
