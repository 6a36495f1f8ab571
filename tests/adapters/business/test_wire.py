"""Every envelope, and what is no envelope."""

from typing import Any

import pytest

from adapters.business.document import parse
from adapters.business.wire import absence, record
from adapters.contract import AdapterError, Fault
from tests.adapters.business.golden import BODY

DATA: Any = parse(BODY)["Data"]
MAIN: Any = DATA["MainInformation"]


@pytest.mark.parametrize(
    "document",
    [
        {"Status": "1", "Message": "success", "DataCount": 1, "Data": DATA},
        {"Status": 1, "DataCount": "1", "Data": DATA},
        {"Status": "1", "Data": [DATA]},
        {"affectedRows": 1, "message": "", "data": {"Status": 1, "DataCount": 1, "Data": DATA}},
        {"GetEntCert": [DATA]},
        {"GetEntCert": DATA},
        {"StatusCode": 200, "Status": "SUCCESS", "ThrowException": False, "ResultObject": DATA},
        {"Status": "1", "Data": {**DATA, "Representatives": DATA["Representatives"][0]}},
        {"Status": "1", "Data": {**DATA, "BusinessActivity": DATA["BusinessActivity"][0]}},
        {"Status": "1", "Data": {**DATA, "Representatives": [*DATA["Representatives"], {}, {"FULL_NAME": None}]}},
    ],
    ids=range(10),
)
def test_shapes(document: dict[str, Any]) -> None:
    """Every envelope holds the same record."""
    found = record(document)
    assert found is not None
    assert (found.main, found.office) == (MAIN, DATA["HOAdress"])
    assert found.representatives == tuple(DATA["Representatives"])
    assert found.activities == tuple(DATA["BusinessActivity"])
    assert found.members == ()


def test_flat() -> None:
    """A flat object is its own main block and its own office."""
    flat = {"NAME": "CÔNG TY MẪU", "HO_ADDRESS_FULLTEXT": "Số 1"}
    found = record({"StatusCode": 200, "Status": "SUCCESS", "ThrowException": False, "ResultObject": flat})
    assert found is not None
    assert (found.main, found.office, found.representatives) == (flat, flat, ())


@pytest.mark.parametrize(
    "document",
    [
        {"Status": "0", "Message": "Không tìm thấy doanh nghiệp", "DataCount": 0, "Data": None},
        {"Status": 0, "Message": "KHÔNG TỒN TẠI DỮ LIỆU", "Data": {}},
        {"Status": 0, "Message": "RECORD_NOT_FOUND"},
        {"Status": "0", "Message": "201"},
        {"Status": "1", "DataCount": 0, "Data": None},
        {"Status": "1", "DataCount": 0, "Data": []},
        {"Status": "1", "Message": "success", "Data": {}},
        {"Status": "1", "Data": {"MainInformation": None, "HOAdress": {}, "Representatives": []}},
        {"GetEntCert": []},
        {"GetEntCert": None},
        {"affectedRows": 0, "message": "", "data": None},
        {"affectedRows": 1, "data": {"Status": "0", "Message": "Không có thông tin"}},
        {"StatusCode": 200, "Status": "SUCCESS", "ThrowException": False, "ResultObject": None},
        {"StatusCode": 404, "Status": "FAIL", "Description": None, "ResultObject": None},
        {"StatusCode": 400, "Status": "FAIL", "Description": "Không tìm thấy", "ResultObject": None},
    ],
)
def test_absent(document: dict[str, Any]) -> None:
    """Every way of saying "no such enterprise" is understood."""
    assert record(document) is None


@pytest.mark.parametrize(
    ("document", "fault", "reason"),
    [
        ({}, Fault.GARBLED, "shape_unknown"),
        ({"error": "x"}, Fault.GARBLED, "shape_unknown"),
        ({"data": {"x": 1}}, Fault.GARBLED, "shape_unknown"),
        ({"affectedRows": 3, "data": None}, Fault.GARBLED, "shape_unknown"),
        ({"Status": None, "Data": DATA}, Fault.GARBLED, "status_malformed"),
        ({"Status": "2", "Data": DATA}, Fault.GARBLED, "status_malformed"),
        ({"Status": True, "Data": DATA}, Fault.GARBLED, "status_malformed"),
        ({"Status": "1", "DataCount": 0, "Data": DATA}, Fault.GARBLED, "count_contradicts"),
        ({"Status": "1", "DataCount": 1, "Data": None}, Fault.GARBLED, "count_contradicts"),
        ({"Status": "0", "Message": "Không tìm thấy", "Data": DATA}, Fault.GARBLED, "count_contradicts"),
        ({"Status": "1", "DataCount": 2, "Data": DATA}, Fault.GARBLED, "many_subjects"),
        ({"Status": "1", "Data": [DATA, DATA]}, Fault.GARBLED, "many_subjects"),
        ({"Status": "1", "DataCount": "one", "Data": DATA}, Fault.GARBLED, "datacount_malformed"),
        ({"Status": "1", "Data": "text"}, Fault.GARBLED, "data_malformed"),
        ({"Status": "1", "Data": ["text"]}, Fault.GARBLED, "data_malformed"),
        ({"GetEntCert": [DATA, DATA]}, Fault.GARBLED, "many_subjects"),
        ({"Status": "1", "Data": {**DATA, "MainInformation": "x"}}, Fault.GARBLED, "maininformation_malformed"),
        ({"Status": "1", "Data": {**DATA, "HOAdress": "Hà Nội"}}, Fault.GARBLED, "hoadress_malformed"),
        ({"Status": "1", "Data": {**DATA, "Member": ["x"]}}, Fault.GARBLED, "member_malformed"),
        ({"Status": "0", "Message": "100 AUTHEN_ERROR"}, Fault.REFUSED, "status_authentication"),
        ({"Status": "0", "Message": "IP_DISALLOWED"}, Fault.REFUSED, "status_address_not_allowed"),
        ({"Status": "0", "Message": "106"}, Fault.REFUSED, "status_agency_unknown"),
        ({"Status": "0", "Message": "108"}, Fault.REFUSED, "status_province_unknown"),
        ({"Status": "0", "Message": "RECORD_UNCOMPLETE"}, Fault.GARBLED, "status_record_incomplete"),
        ({"Status": "0", "Message": "302"}, Fault.REFUSED, "status_question_invalid"),
        ({"Status": "0", "Message": "Lỗi kết nối"}, Fault.UNAVAILABLE, "status_failed"),
        ({"Status": "0", "Message": None}, Fault.UNAVAILABLE, "status_failed"),
        ({"Status": "0", "DataCount": 0}, Fault.UNAVAILABLE, "status_failed"),
        ({"StatusCode": 500, "Status": "FAIL"}, Fault.UNAVAILABLE, "status_failed"),
        ({"StatusCode": 200, "Status": "FAIL", "ResultObject": DATA}, Fault.UNAVAILABLE, "status_failed"),
        ({"StatusCode": 200, "Status": "SUCCESS", "ThrowException": True}, Fault.UNAVAILABLE, "status_failed"),
        ({"StatusCode": 401, "Status": "FAIL"}, Fault.REFUSED, "status_authentication"),
        ({"StatusCode": "x", "ResultObject": DATA}, Fault.GARBLED, "status_malformed"),
        ({"ResultObject": DATA}, Fault.GARBLED, "status_malformed"),
    ],
)
def test_refused(document: dict[str, Any], fault: Fault, reason: str) -> None:
    """Everything else is a fault with its own reason, and never "no such enterprise"."""
    with pytest.raises(AdapterError) as caught:
        record(document)
    assert (caught.value.fault, caught.value.reason) == (fault, reason)


@pytest.mark.parametrize(
    ("document", "speaks_of_the_enterprise"),
    [
        ({"Status": "0", "Message": "Không tìm thấy doanh nghiệp"}, True),
        ({"message": "RECORD_NOT_FOUND"}, True),
        ({"fault": {"code": 404, "message": "not found"}, "message": "not found"}, False),
        ({"timestamp": 1, "status": 404, "error": "Not Found", "path": "/x"}, False),
        ({}, False),
    ],
)
def test_absence_by_http_status(document: dict[str, Any], speaks_of_the_enterprise: bool) -> None:
    """A 404 of a platform that does not know the address is not a 404 about an enterprise."""
    assert absence(document) is speaks_of_the_enterprise
