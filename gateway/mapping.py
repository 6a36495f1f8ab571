"""Turning values into what a form asks for: a part, a join, an expression, another code list, a format.

Pure: a value with its provenance goes in, one comes out. What cannot be done exactly is not done: the field is then
`not_found`, and a doubt says why. A doubt names no value.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from config.model import Origin
from config.transformations import Condition, Translation
from gateway.model import HAS_VALUE, Filled, Status, Value

CODE_UNTRANSLATED = "code_untranslated"
EXPRESSION_FAILED = "expression_failed"
FORMAT_IMPOSSIBLE = "format_impossible"
_LOSSLESS = frozenset({"date_vi", "date_compact", "date_time", "digits", "money_grouped"})
_OLD, _FULL = len("1992"), len("1992-11-22")
Values = Mapping[tuple[str, str], Value]
"""What was read, by (role, field)."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A value under way. `value` None: nothing is left; `doubt` says why where it is not that there was nothing."""

    value: Any = field(repr=False)
    doubt: str | None = None


def made(origin: Origin, values: Values, roles: frozenset[str]) -> Filled | None:
    """What an origin says, or None where its condition does not hold or none of its roles is named.

    `values` holds every granted field of each role that is named; `roles`: those that are. None of what the origin
    reads may be withheld: that is decided before.
    """
    held = [values[p.role, p.field] for p in origin.pieces if (p.role, p.field) in values]
    if not held:
        return None
    when = origin.change.when
    judged = _holds(when, values, roles) if when else Status.OK
    if judged is None:
        return None
    if judged is Status.UNAVAILABLE and when and when.field:
        silent = values[when.role, when.field]
        return Filled(replace(silent, name=held[0].name, value=None), origin.role, origin.part)
    filled = _joined(origin, values) if origin.change.join else _single(origin, held[0])
    extra = ((when.role, when.field),) if when is not None and when.field is not None else ()
    return _changed(replace(filled, also=tuple(dict.fromkeys((*filled.also, *extra)))), origin)


def _holds(when: Condition, values: Values, roles: frozenset[str]) -> Status | None:
    """OK: it holds; None: it does not; UNAVAILABLE: nobody can say now."""
    if when.field is None:
        return Status.OK if (when.role in roles) != when.absent else None
    said = values.get((when.role, when.field))
    if said is None or said.status is Status.NOT_FOUND:
        return None
    if said.status not in HAS_VALUE:
        return Status.UNAVAILABLE
    code = said.value.get("code") if isinstance(said.value, Mapping) else said.value
    return Status.OK if code in when.values else None


def _single(origin: Origin, value: Value) -> Filled:
    if origin.part is not None and value.status in HAS_VALUE:
        taken = part(value.value, origin.part)
        value = replace(value, value=taken, status=Status.NOT_FOUND if taken is None else value.status)
    return Filled(value, origin.role, origin.part)


def part(value: Any, name: str) -> Any:
    """A member of a value; `commune_now` and `province_now` of an address: the unit of today where it is certain."""
    if not isinstance(value, Mapping):
        return None
    if name not in ("commune_now", "province_now"):
        return value.get(name)
    units = value.get("current", value if value.get("scheme") == _CURRENT else {})
    return units.get(name.removesuffix("_now"))


_CURRENT = "2025-07-01"


def _joined(origin: Origin, values: Values) -> Filled:
    """The pieces that have something, in one text. A piece whose source is silent makes the whole unavailable."""
    said: list[tuple[tuple[str, str], Value, str]] = []
    first = None
    for piece in origin.pieces:
        value = values.get((piece.role, piece.field))
        if value is None:
            continue
        if value.status not in HAS_VALUE and value.status is not Status.NOT_FOUND:
            return Filled(value, piece.role, by=("join",))
        first = first or (piece.role, value)
        taken = part(value.value, piece.part) if piece.part else value.value
        written = text(taken) if value.status in HAS_VALUE else None
        if written:
            said.append(((piece.role, piece.field), value, written))
    if not said:
        role, value = first if first else (origin.role, values[origin.role, origin.field])
        return Filled(replace(value, value=None, status=Status.NOT_FOUND), role, by=("join",))
    (role, _), head, _ = said[0]
    used = [value for _, value, _ in said]
    whole = replace(
        head,
        value=origin.change.separator.join(written for *_, written in said),
        status=Status.STALE if any(value.status is Status.STALE for value in used) else head.status,
        as_of=min((value.as_of for value in used if value.as_of), default=None),
        retrieved_at=min((value.retrieved_at for value in used if value.retrieved_at), default=None),
    )
    also = tuple(dict.fromkeys(key for key, *_ in said if key != (role, head.name)))
    return Filled(whole, role, by=("join",), also=also)


def _changed(filled: Filled, origin: Origin) -> Filled:
    change, value = origin.change, filled.value
    if value.status not in HAS_VALUE:
        return filled
    by = list(filled.by)
    under_way = _Made(value.value)
    steps: list[tuple[str, Callable[[Any], _Made]]] = []
    if change.expression is not None:
        expression = change.expression
        steps.append(("expression", lambda found: searched(expression, found)))
    if change.codes is not None:
        table = change.codes
        steps.append(("codes", lambda found: translated(table, found)))
    if change.format is not None:
        name = change.format
        steps.append(("format", lambda found: formatted(name, found)))
    for word, step in steps:
        if under_way.value is not None:
            under_way = step(under_way.value)
            by.append(word)
    whole = value.value if not filled.part and by in ([], ["format"]) and change.format in {None, *_LOSSLESS} else None
    if under_way.value is None:
        doubts = (*value.doubts, under_way.doubt) if under_way.doubt else value.doubts
        value = replace(value, value=None, status=Status.NOT_FOUND, doubts=doubts)
        return replace(filled, value=value, by=tuple(by))
    return replace(filled, value=replace(value, value=under_way.value), by=tuple(by), whole=whole)


@lru_cache(maxsize=1024)
def _compiled(expression: str) -> Any:
    return jmespath.compile(expression)


def searched(expression: str, value: Any) -> _Made:
    """What a JMESPath expression finds. Nothing, an empty text and an empty list are nothing."""
    try:
        found = _compiled(expression).search(value)
    except (JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError):
        # functions of the library raise plain errors for some values, and repeat the value in them
        return _Made(None, EXPRESSION_FAILED)
    if not _is_json(found):
        return _Made(None, EXPRESSION_FAILED)
    return _Made(None if found in (None, "", [], {}) else found)


def _is_json(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _is_json(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(_is_json(inner) for inner in value)
    if isinstance(value, float):
        return value - value == 0  # neither infinite nor no number
    return value is None or isinstance(value, str | bool | int)


def translated(table: Translation, value: Any) -> _Made:
    """The code of another system. A code the table does not have stays untranslated: nothing is guessed."""
    code = value.get("code") if isinstance(value, Mapping) else value
    found = table.codes.get(code) if isinstance(code, str) else None
    if found is None:
        return _Made(None, CODE_UNTRANSLATED)
    return _Made({"code": found[0], "name": found[1], "name_en": found[2]})


def formatted(name: str, value: Any) -> _Made:
    """A value in a named format. What a format would have to make up is not made up."""
    found = _FORMATS[name](value)
    return _Made(found, None if found else FORMAT_IMPOSSIBLE)


def text(value: Any) -> str | None:
    """A value of any kind as one line; None where there is nothing to write."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return "; ".join(said for said in map(text, value) if said) or None
    if not isinstance(value, Mapping):
        return None
    for key in ("full", "text", "name", "code", "amount", "personal_id"):
        if said := text(value.get(key)):
            return said
    parts = (value.get(key) for key in ("detail", "commune", "district", "province"))
    return ", ".join(said for said in map(text, parts) if said) or None


def code(value: Any) -> str | None:
    """The code of a coded value or a unit, else its text."""
    return text(value.get("code")) if isinstance(value, Mapping) and "code" in value else text(value)


def _date_vi(value: Any) -> str | None:
    return "/".join(reversed(value.split("-"))) if isinstance(value, str) else None


def _date_compact(value: Any) -> str | None:
    return value.replace("-", "") if isinstance(value, str) and len(value) == _FULL else None


def _date_time(value: Any) -> str | None:
    day = _date_compact(value)
    return f"{day}000000" if day else None


def _year(value: Any) -> str | None:
    return value[:_OLD] if isinstance(value, str) else None


def _digits(value: Any) -> str | None:
    return text(value.get("amount") if isinstance(value, Mapping) else value)


def _money_grouped(value: Any) -> str | None:
    digits = _digits(value)
    if digits is None:
        return None
    whole, _, fraction = digits.partition(".")
    sign, whole = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    groups: list[str] = []
    while whole:
        groups.insert(0, whole[-3:])
        whole = whole[:-3]
    return sign + ".".join(groups) + (f",{fraction}" if fraction else "")


def _upper(value: Any) -> str | None:
    said = text(value)
    return said.upper() if said else None


_FORMATS: Mapping[str, Callable[[Any], str | None]] = {
    "date_vi": _date_vi,
    "date_compact": _date_compact,
    "date_time": _date_time,
    "year": _year,
    "money_grouped": _money_grouped,
    "digits": _digits,
    "text": text,
    "upper": _upper,
}


def doubts(said: Sequence[Filled]) -> dict[str, tuple[str, ...]]:
    """Role -> doubts that arose here: why a field the registry has is not in the form."""
    found: dict[str, tuple[str, ...]] = {}
    ours = (CODE_UNTRANSLATED, EXPRESSION_FAILED, FORMAT_IMPOSSIBLE)
    for one in said:
        if one.role and one.value.status not in HAS_VALUE:
            mine = tuple(doubt for doubt in one.value.doubts if doubt in ours)
            if mine:
                found[one.role] = tuple(dict.fromkeys((*found.get(one.role, ()), *mine)))
    return found
