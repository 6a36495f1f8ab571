"""The shapes of an answer: every envelope seen in front of the registry, opened to one `Record`.

Rule of this file: recognise, never interpret members. A shape is recognised by what it holds, not by the
profile, since the same installation changes shape with the platform in front of it. Sources: the NGSP
connection guide (field table, status 1 and 0), and the answers of provincial platforms.

    {"Status", "Message", "DataCount", "Data": {...}}                      NGSP and platforms that pass it on
    {"affectedRows", "message", "data": {"Status", "DataCount", "Data"}}   a ministry's wrapper
    {"GetEntCert": [{...}]}                                                a provincial adapter, no status
    {"StatusCode", "Status", "ThrowException", "ResultObject": {...}}      Ho Chi Minh City: one flat object

"Not found" is claimed only when the registry says so in a form listed here. A failure it does not explain is
a failure: an official must not be told that a firm does not exist because a registry was ill.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.business.document import Json, Object, garbled
from adapters.business.scalars import malformed, text
from adapters.contract import AdapterError, Fault

_MAIN = "MainInformation"
_NOT_FOUND = (
    "record_not_found",
    "khong tim thay",
    "khong ton tai",
    "khong co du lieu",
    "khong co thong tin",
    "not found",
    "no record",
    "no data",
    "does not exist",
)
# The guide's error vocabulary: number and word -> what it means to a caller of this gateway.
_VOCABULARY: tuple[tuple[str, str, Fault, str], ...] = (
    ("100", "authen_error", Fault.REFUSED, "status_authentication"),
    ("101", "ip_disallowed", Fault.REFUSED, "status_address_not_allowed"),
    ("106", "agency_id_incorrect", Fault.REFUSED, "status_agency_unknown"),
    ("108", "province_id_incorrect", Fault.REFUSED, "status_province_unknown"),
    ("200", "record_uncomplete", Fault.GARBLED, "status_record_incomplete"),
    ("302", "data_type_invalid", Fault.REFUSED, "status_question_invalid"),
    ("500", "data_incorrect", Fault.REFUSED, "status_question_invalid"),
)


@dataclass(frozen=True, slots=True)
class Record:
    """One enterprise as sent: blocks of members, names as on the wire, values not yet read."""

    main: Object = field(repr=False)
    office: Object = field(repr=False)
    representatives: tuple[Object, ...] = field(repr=False)
    activities: tuple[Object, ...] = field(repr=False)
    members: tuple[Object, ...] = field(repr=False)


def record(document: Object) -> Record | None:
    """The enterprise in an answer; None when the registry says it knows none.

    Raises:
        AdapterError: GARBLED `shape_unknown`, `count_contradicts`, `many_subjects`, `status_malformed`,
            `status_record_incomplete` or `<block>_malformed`; REFUSED or UNAVAILABLE `status_...` when the
            registry reports a failure inside a well-formed answer.
    """
    if "GetEntCert" in document:
        return _split(_single(document["GetEntCert"], "getentcert"))
    if "ResultObject" in document or "StatusCode" in document:
        return _split(_flat(document))
    if "Status" in document:
        return _split(_enveloped(document))
    if "data" in document:
        return _wrapped(document)
    raise garbled("shape_unknown")


def absence(document: Object) -> bool:
    """Whether an answer with HTTP status 404 speaks of the enterprise, not of a missing address."""
    inner = document.get("data")
    blocks = (document, inner) if isinstance(inner, dict) else (document,)
    said = (text(block, name) or "" for block in blocks for name in ("Message", "message", "Description"))
    return "fault" not in document and any(phrase in _folded(line) for line in said for phrase in _NOT_FOUND)


def _wrapped(document: Object) -> Record | None:
    inner = document["data"]
    if isinstance(inner, dict) and "Status" in inner:
        return _split(_enveloped(inner))
    if _hollow(inner) and text(document, "affectedRows") == "0":
        return None
    raise garbled("shape_unknown")


def _enveloped(document: Object) -> Object | None:
    status = text(document, "Status")
    if status == "0":
        _failed(document, "Message")
        return None
    if status != "1":
        raise garbled("status_malformed")
    data = _single(document.get("Data"), "data")
    count = text(document, "DataCount")
    if count is not None and not (count.isascii() and count.isdigit() and len(count) < 10):
        raise malformed("DataCount")
    # Both are the registry's own words about one answer: when they disagree neither is believed.
    if count is not None and (int(count) == 0) != (data is None):
        raise garbled("count_contradicts")
    if count is not None and int(count) > 1:
        raise garbled("many_subjects")
    return data


def _flat(document: Object) -> Object | None:
    code = text(document, "StatusCode")
    if document.get("ThrowException") is True:
        raise AdapterError(Fault.UNAVAILABLE, "status_failed", retryable=True)
    if code in {"401", "403"}:
        raise AdapterError(Fault.REFUSED, "status_authentication")
    if code == "404":
        return None
    if code == "200" and (text(document, "Status") or "").upper() == "SUCCESS":
        return _single(document.get("ResultObject"), "resultobject")
    if code is not None and code.startswith("5"):
        raise AdapterError(Fault.UNAVAILABLE, "status_failed", retryable=True)
    if code is None or not code.isdigit():
        raise garbled("status_malformed")
    _failed(document, "Description")
    return None


def _failed(document: Object, member: str) -> None:
    """A declared failure: returns for "no such enterprise", raises for everything else."""
    said = _folded(text(document, member) or "")
    if said == "201" or any(phrase in said for phrase in _NOT_FOUND):
        if not _hollow(document.get("Data")) or not _hollow(document.get("ResultObject")):
            raise garbled("count_contradicts")
        return
    for number, word, fault, reason in _VOCABULARY:
        if said == number or word in said:
            raise AdapterError(fault, reason)
    raise AdapterError(Fault.UNAVAILABLE, "status_failed", retryable=True)


def _single(value: Json, name: str) -> Object | None:
    if _hollow(value):
        return None
    if isinstance(value, list):
        if len(value) > 1:
            raise garbled("many_subjects")
        value = value[0]
    if not isinstance(value, dict):
        raise malformed(name)
    return value


def _split(data: Object | None) -> Record | None:
    if data is None:
        return None
    flat = _MAIN not in data
    return Record(
        main=data if flat else _block(data[_MAIN], _MAIN),
        office=data if flat else _block(data.get("HOAdress", data.get("HOAddress")), "HOAdress"),
        representatives=_rows(data, "Representatives", "Representative"),
        activities=_rows(data, "BusinessActivity", "BusinessActivities"),
        members=_rows(data, "Member", "Members"),
    )


def _block(value: Json, name: str) -> Object:
    if _hollow(value):
        return {}
    if not isinstance(value, dict):
        raise malformed(name)
    return value


def _rows(data: Object, *names: str) -> tuple[Object, ...]:
    """A block that is one object in some answers and an array of them in others."""
    for name in names:
        value = data.get(name)
        if _hollow(value):
            continue
        rows: list[Object] = []
        for row in value if isinstance(value, list) else [value]:
            if not isinstance(row, dict):
                raise malformed(name)
            if not _hollow(row):
                rows.append(row)
        return tuple(rows)
    return ()


def _hollow(value: Json) -> bool:
    """Whether nothing at all is said: null, "", an empty block, or blocks of such."""
    if isinstance(value, Mapping):
        return all(_hollow(member) for member in value.values())
    if isinstance(value, list):
        return all(_hollow(item) for item in value)
    return value is None or value == ""


def _folded(written: str) -> str:
    plain = unicodedata.normalize("NFD", written.casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip()
