"""A registry's values as JSON and back, exactly.

    {"t": "name", "full": "Nguyễn Thị Mẫu"}      a value: its type and its parts that are not None
    {"of": [...]}                                a list of them

Rule of this file: closed. A type or part that is not known here is refused, never guessed, so that what an earlier
version kept in another way is asked for again.
"""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from types import MappingProxyType, NoneType
from typing import Any, get_args, get_type_hints

from adapters import values
from adapters.values import RawValue

_TYPES: Mapping[str, type[Any]] = MappingProxyType(
    {
        "text": values.RawText,
        "date": values.RawDate,
        "name": values.RawName,
        "code": values.RawCode,
        "address": values.RawAddress,
        "person": values.RawPerson,
        "money": values.RawMoney,
        "activity": values.RawActivity,
        "member": values.RawMember,
        "obligation": values.RawObligation,
    }
)
_WORDS = {kind: word for word, kind in _TYPES.items()}


def _declared(kind: type[Any]) -> Mapping[str, tuple[type[Any], bool]]:
    """Part -> its type, and whether it may be None."""
    hints = get_type_hints(kind)
    allowed = {part.name: get_args(hints[part.name]) or (hints[part.name],) for part in fields(kind)}
    return {name: (kinds[0], NoneType in kinds) for name, kinds in allowed.items()}


_PARTS = {kind: _declared(kind) for kind in _TYPES.values()}


def encode(value: RawValue) -> dict[str, Any]:
    """A value as JSON. Raises TypeError for what is no raw value."""
    if isinstance(value, tuple):
        return {"of": [encode(item) for item in value]}
    if type(value) not in _WORDS:
        raise TypeError("no raw value")
    parts = {name: getattr(value, name) for name in _PARTS[type(value)]}
    return {"t": _WORDS[type(value)], **{name: _part(part) for name, part in parts.items() if part is not None}}


def decode(written: object) -> RawValue:
    """What `encode` wrote. Raises ValueError for everything else."""
    if not isinstance(written, dict):
        raise ValueError("no value")  # noqa: TRY004 - one error for whatever is wrong with what was kept
    if written.keys() == {"of"} and isinstance(written["of"], list):
        return tuple(_item(item) for item in written["of"])
    value: RawValue = _one(written)
    return value


def _item(written: object) -> values.RawItem:
    item = decode(written)
    if not isinstance(item, values.RawPerson | values.RawActivity | values.RawMember | values.RawObligation):
        raise ValueError("no item of a list")  # noqa: TRY004
    return item


def _one(written: Mapping[str, Any]) -> Any:
    kind = _TYPES.get(str(written.get("t")))
    if kind is None:
        raise ValueError("no known type")
    parts = {name: part for name, part in written.items() if name != "t"}
    if not parts.keys() <= _PARTS[kind].keys():
        raise ValueError("no known part")
    return kind(**{name: _whole(parts.get(name), *declared) for name, declared in _PARTS[kind].items()})


def _part(part: Any) -> Any:
    if isinstance(part, Decimal):
        return str(part)
    return part if isinstance(part, str | int) else encode(part)


def _whole(part: Any, kind: type[Any], optional: bool) -> Any:
    if part is None and optional:
        return None
    whole = _one(part) if isinstance(part, dict) else part
    if kind is Decimal and isinstance(part, str):
        try:
            whole = Decimal(part)
        except InvalidOperation:
            raise ValueError("no amount") from None
    if type(whole) is not kind:
        raise ValueError("a part of another type")
    return whole
