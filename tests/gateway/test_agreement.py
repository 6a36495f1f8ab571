"""When two statements agree."""

from typing import Any

import pytest

from gateway.agreement import agree

ADDRESS = {"text": "Thôn 7, Xã Phục Hòa, Tỉnh Cao Bằng", "province": {"code": "04", "name": "Cao Bằng"}}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Nguyễn Văn A", "NGUYEN  VAN A", True),
        ("Nguyễn Văn A", "Nguyễn Văn B", False),
        ({"full": "Nguyễn Văn A"}, "nguyen van a", True),
        ({"full": "Nguyễn Văn A"}, {"full": "Nguyễn Văn Á", "given": "Á"}, True),
        ("1992", "1992-11-22", True),
        ("1992-11-22", "22/11/1992", True),
        ("1992-11-22", "1992-11-23", False),
        ({"code": "2", "name": "Nữ", "name_en": "Female"}, "nu", True),
        ({"code": "2", "name": "Nữ", "name_en": "Female"}, "2", True),
        ({"code": "2", "name": "Nữ"}, {"code": "1", "name": "Nam"}, False),
        ({"amount": "1000000000", "currency": "VND"}, {"amount": "1000000000.000", "currency": "VND"}, True),
        ({"amount": "1000000000", "currency": "VND"}, {"amount": "1000000000", "currency": "USD"}, False),
        ({"amount": "1000000000", "currency": "VND"}, "1000000000", True),
        (ADDRESS, "thon 7 xa phuc hoa tinh cao bang", True),
        (ADDRESS, "Thôn 8, Xã Phục Hòa, Tỉnh Cao Bằng", False),
        ([{"code": "1"}], [{"code": "1"}], True),
        ([{"code": "1"}], [], False),
        (True, True, True),
        (True, "true", False),
        ({"name": {"full": "Trần Văn B"}, "personal_id": "001"}, "tran van b", True),
        ("12/3 Lê Lợi", "1/23 Lê Lợi", False),
        ("Phường 1, 1 Lê Lợi", "Phường 11 Lê Lợi", False),
        ("Số 12 / 3 Lê Lợi", "so 12/3 LELOI", True),
        ("1.5", "15", False),
        ("-5", "5", False),
        ("---", "...", False),
        ("---", "---", True),
        ("1992-11-02", "1992-1-102", False),
        ("0900 000 000", "0900000000", True),
        ("0100109106-001", "0100109106001", True),
        ("Ðặng Thị Ƀ", "dang thi ƀ", True),
        ({"amount": "1000000000", "currency": "VND"}, "1.000.000.000", True),
        ({"amount": "1000000000", "currency": "VND"}, "1.000.000.001", False),
        ([{"name": {"full": "Nguyễn Văn A"}}, {"name": {"full": "Trần B"}}], "nguyen van a", True),
        ([{"name": {"full": "Nguyễn Văn A"}}], "Lê C", False),
        (
            {"province": {"code": "04", "name": "Cao Bằng"}, "commune": {"name": "Xã Phục Hòa"}, "detail": "Thôn 7"},
            "Thôn 7, xã Phục Hoà, Cao Bằng",
            True,
        ),
    ],
)
def test_agreement(one: Any, other: Any, expected: bool) -> None:
    """Spelling does not matter, facts do; the order of the two does not either."""
    assert agree(one, other) is expected
    assert agree(other, one) is expected
