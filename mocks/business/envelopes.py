"""What the mock says: an enterprise, or its absence, in the envelope of the variant.

Rule of this file: pure; an answer is an HTTP status and a JSON value.
"""

from dataclasses import dataclass

from mocks.business.printing import Json
from mocks.business.records import flat, nested
from mocks.business.variants import Absent, Empty, Shape, Variant
from mocks.country.model import Enterprise

NOT_FOUND_MESSAGE = "Không tìm thấy doanh nghiệp"


@dataclass(frozen=True, slots=True)
class Said:
    """One answer."""

    status: int
    body: Json


def answer(firm: Enterprise | None, variant: Variant) -> Said:
    """The whole answer about `firm`; None is "no such enterprise", said as the variant says it."""
    if variant.shape is Shape.GETENTCERT:
        return Said(200, {"GetEntCert": [] if firm is None else [nested(firm, variant)]})
    if variant.shape is Shape.FLAT:
        return _flat_absence(variant) if firm is None else Said(200, _result(flat(firm, variant)))
    said = _absence(variant) if firm is None else Said(200, _envelope(nested(firm, variant), variant))
    if variant.shape is Shape.MOIT:
        return Said(said.status, {"affectedRows": 0 if firm is None else 1, "message": "", "data": said.body})
    return said


def failure(message: str, variant: Variant) -> Said:
    """A question the registry cannot take, in the words of the guide's error vocabulary."""
    return Said(200, {"Status": _status(0, variant), "Message": message, "DataCount": 0, "Data": None})


def _envelope(data: Json, variant: Variant) -> dict[str, Json]:
    return {"Status": _status(1, variant), "Message": "success", "DataCount": _count(1, variant), "Data": data}


def _absence(variant: Variant) -> Said:
    if variant.absent is Absent.EMPTY:
        return Said(200, {"Status": _status(1, variant), "Message": "success", "Data": {}})
    ok = variant.absent is Absent.COUNT
    body: dict[str, Json] = {
        "Status": _status(int(ok), variant),
        "Message": "success" if ok else NOT_FOUND_MESSAGE,
        "DataCount": _count(0, variant),
        "Data": "" if variant.empty is Empty.TEXT else None,
    }
    return Said(404 if variant.absent is Absent.NOT_FOUND else 200, body)


def _flat_absence(variant: Variant) -> Said:
    if variant.absent in {Absent.EMPTY, Absent.COUNT}:
        return Said(200, _result(None))
    body: dict[str, Json] = {
        "StatusCode": 404,
        "Status": "FAIL",
        "ThrowException": False,
        "Description": NOT_FOUND_MESSAGE,
        "ResultObject": None,
    }
    return Said(404 if variant.absent is Absent.NOT_FOUND else 200, body)


def _result(record: Json) -> dict[str, Json]:
    return {
        "StatusCode": 200,
        "Status": "SUCCESS",
        "ThrowException": False,
        "Description": None,
        "ResultObject": record,
    }


def _status(number: int, variant: Variant) -> Json:
    return str(number) if variant.status_text else number


def _count(number: int, variant: Variant) -> Json:
    return str(number) if variant.numbers_text else number
