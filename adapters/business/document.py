"""Bytes to a JSON document, strictly.

Rule of this file: whatever two readers could understand differently is refused as GARBLED - a member named
twice, NaN, lone surrogates, another character set, numbers or nesting beyond any honest answer. Numbers with
a fraction become `Decimal`, so an amount is never rounded on its way through.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NoReturn

from adapters.contract import AdapterError, Fault

Json = None | bool | int | Decimal | str | list["Json"] | dict[str, "Json"]
Object = Mapping[str, Json]

_DEPTH = 32  # the registry's deepest known answer has five levels
_DIGITS = 40  # NUMBER(21,3) needs 25 characters
_SURROGATE = re.compile("[\ud800-\udfff]")


def garbled(reason: str) -> AdapterError:
    """The error for an answer that is no valid answer. `reason` is from this package's own vocabulary."""
    return AdapterError(Fault.GARBLED, reason)


def parse(body: bytes) -> dict[str, Json]:
    """Read one JSON object.

    A UTF-8 byte order mark is dropped (RFC 8259 section 8.1 lets a reader ignore it; .NET services send it).

    Raises:
        AdapterError: GARBLED `body_empty`, `encoding_wrong`, `json_malformed`, `json_duplicate_key`,
        `json_number`,
            `json_too_deep`, `json_text` or `json_not_an_object`.
    """
    if not body.strip():
        raise garbled("body_empty")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise garbled("encoding_wrong") from None
    try:
        document = json.loads(
            text,
            object_pairs_hook=_members,
            parse_float=_fraction,
            parse_int=_integer,
            parse_constant=_constant,
        )
    except json.JSONDecodeError:
        raise garbled("json_malformed") from None
    except RecursionError:
        raise garbled("json_too_deep") from None
    if not isinstance(document, dict):
        raise garbled("json_not_an_object")
    _walk(document, _DEPTH)
    return document


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise garbled("json_duplicate_key")
    return members


def _fraction(digits: str) -> Decimal:
    if len(digits) > _DIGITS:
        raise garbled("json_number")
    number = Decimal(digits)
    # 1E999999999 is short to send and a gigabyte to print
    if abs(number.adjusted()) > _DIGITS:
        raise garbled("json_number")
    return number


def _integer(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise garbled("json_number")
    return int(digits)


def _constant(_: str) -> NoReturn:
    raise garbled("json_number")


def _walk(value: Json, depth: int) -> None:
    if isinstance(value, str):
        if _SURROGATE.search(value) or "\x00" in value:
            raise garbled("json_text")
        return
    if not isinstance(value, list | dict):
        return
    if depth == 0:
        raise garbled("json_too_deep")
    if isinstance(value, dict):
        for name, member in value.items():
            _walk(name, depth)
            _walk(member, depth - 1)
        return
    for item in value:
        _walk(item, depth - 1)
