"""One raw value into the JSON value of the contract, by the field's kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.values import (
    RawActivity,
    RawAddress,
    RawCode,
    RawDate,
    RawMember,
    RawMoney,
    RawName,
    RawObligation,
    RawPerson,
    RawText,
    RawValue,
)
from config.model import CodeList, FieldSpec
from gateway import text
from gateway.steps.normalise import addresses, codes, dates, names
from gateway.steps.normalise.gazetteer import Places

Read = tuple[Any, tuple[str, ...]]
_NOTHING: Read = (None, ())


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The code lists and units that values are written in."""

    codes: Mapping[str, CodeList]
    places: Places


def value(raw: RawValue, spec: FieldSpec, vocabulary: Vocabulary) -> Read:
    """The JSON value and doubts; None when the registry left the field empty.

    An empty list is a value: the registry says that there is none.
    """
    if raw == ():
        return [], ()
    if isinstance(raw, tuple):
        items = [_item(item, vocabulary) for item in raw]
        kept = [item for item, _ in items if item is not None]
        return (kept or None), tuple(dict.fromkeys(d for _, doubts in items for d in doubts))
    if isinstance(raw, RawCode):
        return codes.code(raw, vocabulary.codes[spec.code_list or ""])
    return _item(raw, vocabulary)


def _item(raw: Any, v: Vocabulary) -> Read:
    return _READERS[type(raw)](raw, v)


def _text(raw: RawText, _: Vocabulary) -> Read:
    return text.tidy(raw.text) or None, ()


def _person(raw: RawPerson, v: Vocabulary) -> Read:
    doubts: list[str] = []

    def read(found: Read) -> Any:
        doubts.extend(found[1])
        return found[0]

    parts = {
        "name": names.name(raw.name) if raw.name else None,
        "personal_id": raw.personal_id,
        "old_id": raw.old_id,
        "birth_date": read(dates.date(raw.birth_date)) if raw.birth_date else None,
        "sex": read(codes.code(raw.sex, v.codes["sex"])) if raw.sex else None,
        "nationality": read(codes.code(raw.nationality, v.codes["country"])) if raw.nationality else None,
        "relation": read(codes.code(raw.relation, v.codes["relation"])) if raw.relation else None,
    }
    kept = {key: part for key, part in parts.items() if part}
    # a relation or a nationality alone points at nobody
    return (kept, tuple(doubts)) if kept.keys() & {"name", "personal_id", "old_id"} else _NOTHING


def money(raw: RawMoney) -> Mapping[str, str]:
    """`{"amount", "currency"}`: a plain decimal without trailing zeros."""
    return {"amount": decimal(raw.amount), "currency": raw.currency}


def decimal(number: Decimal) -> str:
    """A decimal as digits, never in exponent form: `1000000000`, `33.3`."""
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _activity(raw: RawActivity, _: Vocabulary) -> Read:
    parts = {"code": raw.code, "name": text.tidy(raw.name) if raw.name else None}
    kept: dict[str, Any] = {key: part for key, part in parts.items() if part}
    return ({**kept, "main": raw.main}, ()) if kept else _NOTHING


def _member(raw: RawMember, v: Vocabulary) -> Read:
    country, doubts = codes.code(raw.country, v.codes["country"]) if raw.country else (None, ())
    parts = {
        "name": text.tidy(raw.name),
        "amount": money(raw.amount) if raw.amount else None,
        "ratio": decimal(raw.ratio) if raw.ratio is not None else None,
        "country": country,
    }
    return {key: part for key, part in parts.items() if part}, doubts


def _obligation(raw: RawObligation, _: Vocabulary) -> Read:
    due_on, doubts = dates.date(raw.due_on) if raw.due_on else (None, ())
    tax = {k: text.tidy(p) for k, p in (("code", raw.tax.code), ("name", raw.tax.name)) if p}
    parts = {"tax": tax, "period": raw.period, "due": money(raw.due), "due_on": due_on}
    return {key: part for key, part in parts.items() if part}, doubts


_READERS: Mapping[type, Callable[[Any, Vocabulary], Read]] = {
    RawText: _text,
    RawDate: lambda raw, _: dates.date(raw),
    RawName: lambda raw, _: (names.name(raw), ()),
    RawAddress: lambda raw, v: addresses.address(raw, v.places),
    RawPerson: _person,
    RawMoney: lambda raw, _: (money(raw), ()),
    RawActivity: _activity,
    RawMember: _member,
    RawObligation: _obligation,
}
