"""Trees to raw values, field by field."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import AdapterError
from adapters.population import mapping
from adapters.population.wire import Node
from adapters.values import RawAddress, RawCode, RawDate, RawName, RawPerson, RawText
from tests.adapters.builders import UNHURRIED

NODES: st.SearchStrategy[Any] = st.recursive(
    st.text(max_size=8),
    lambda inner: st.dictionaries(
        st.sampled_from(
            ["Ho", "Ten", "HoVaTen", "Nam", "NgayThangNam", "MaTinhThanh", "ChiTiet", "SoDinhDanh", "MaX", "TenGoi"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=6,
)
RECORDS = st.dictionaries(
    st.sampled_from(["SoDinhDanh", "HoVaTen", "NgayThangNamSinh", "GioiTinh", "DanToc", "ThuongTru", "Cha", "ChuHo"]),
    NODES,
)
ALL = frozenset(mapping.FIELDS)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"Nam": "1992", "NgayThangNam": "19921122"}, RawDate(1992, 11, 22)),
        ({"NgayThangNam": "1992-11-22"}, RawDate(1992, 11, 22)),
        ({"NgayThangNam": "1992-11-22T00:00:00"}, RawDate(1992, 11, 22)),
        ({"NgayThangNam": "1992-11-22+07:00"}, RawDate(1992, 11, 22)),
        ({"NgayThangNam": "1992-11"}, RawDate(1992, 11)),
        ({"NgayThangNam": "199211"}, RawDate(1992, 11)),
        ({"NgayThangNam": "19921100"}, RawDate(1992, 11)),
        ({"NgayThangNam": "19920000"}, RawDate(1992)),
        ({"NgayThangNam": "1992-00-00"}, RawDate(1992)),
        ({"Nam": "1992"}, RawDate(1992)),
        ({"Nam": "1992", "NgayThangNam": ""}, RawDate(1992)),
        ("19921122", RawDate(1992, 11, 22)),
        ("", None),
        ({}, None),
        ({"NgayThangNam": "00000000"}, None),
        ({"Nam": "0000"}, None),
    ],
)
def test_dates(node: Node, expected: RawDate | None) -> None:
    """Every documented form of a date is read, with only what it says."""
    assert mapping.date(node) == expected


@pytest.mark.parametrize(
    "written", ["22/11/1992", "1992112", "92", "19920022", "0000-11-22", "１９９２", "x", "1992-11-22-01"]
)
def test_malformed_dates(written: str) -> None:
    """Another form is refused instead of guessed."""
    with pytest.raises(AdapterError, match="malformed_date"):
        mapping.date({"NgayThangNam": written})


@UNHURRIED
@given(st.dates(), st.sampled_from(["%Y%m%d", "%Y-%m-%d"]))
def test_any_day(day: Any, form: str) -> None:
    """Any day printed in both forms is read back."""
    written = day.strftime(form).rjust(len("19921122" if form == "%Y%m%d" else "1992-11-22"), "0")
    assert mapping.date({"NgayThangNam": written}) == RawDate(day.year, day.month, day.day)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("NGUYỄN VĂN A", RawName(full="NGUYỄN VĂN A")),
        ({"Ho": "", "ChuDem": "", "Ten": "NGUYỄN VĂN A"}, RawName(full="NGUYỄN VĂN A")),
        ({"Ho": "Nguyễn", "ChuDem": "Văn", "Ten": "A"}, RawName(None, "Nguyễn", "Văn", "A")),
        ({"Ho": "Nguyễn", "ChuDem": "", "Ten": "A"}, RawName(None, "Nguyễn", None, "A")),
        ({"Ho": "", "ChuDem": "", "Ten": ""}, None),
        ("", None),
    ],
)
def test_names(node: Node, expected: RawName | None) -> None:
    """A name is whole or in parts, as the registry has it."""
    assert mapping.name(node) == expected


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("01", RawCode("01")),
        ("00", RawCode("00")),
        ({"MaDanToc": "02", "TenGoi": "Tày"}, RawCode("02", "Tày")),
        ({"MaTonGiao": "99"}, RawCode("99")),
        ({"TenGoi": "Tày"}, RawCode(None, "Tày")),
        ({"MaDanToc": "", "TenGoi": ""}, None),
        ("", None),
    ],
)
def test_codes(node: Node, expected: RawCode | None) -> None:
    """Plain and structured codes are the same value; what a code means is not decided here."""
    assert mapping.code(node) == expected


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (
            {"MaTinhThanh": "26", "MaQuanHuyen": "252", "MaPhuongXa": "09106", "ChiTiet": "XÃ X", "QuocGia": "VN"},
            RawAddress(text="XÃ X", province="26", district="252", commune="09106", country="VN"),
        ),
        ({"MaTinhThanh": "04", "MaQuanHuyen": "", "MaPhuongXa": "01273"}, RawAddress(province="04", commune="01273")),
        ({"MaDonViHanhChinh": "00001"}, RawAddress(commune="00001")),
        ({"MaDonViHanhChinh": "048"}, RawAddress(district="048")),
        ({"MaDonViHanhChinh": "04"}, RawAddress(province="04")),
        ({"MaDonViHanhChinh": "00000", "ChiTiet": "Paris", "QuocGia": "FR"}, RawAddress(text="Paris", country="FR")),
        ({"MaTinhThanh": "", "ChiTiet": "", "QuocGia": "VN"}, None),
        ("Số 1, phố X", RawAddress(text="Số 1, phố X")),
        ("", None),
    ],
)  # fmt: skip
def test_addresses(node: Node, expected: RawAddress | None) -> None:
    """Units of the live service and of the standard are read by their length; an empty place is absent."""
    assert mapping.address(node) == expected


@pytest.mark.parametrize("node", [{"MaTinhThanh": "4"}, {"MaDonViHanhChinh": "0482"}, {"MaPhuongXa": "０１２７３"}])
def test_malformed_units(node: dict[str, Node]) -> None:
    """A unit code of another length is refused instead of padded."""
    with pytest.raises(AdapterError, match="malformed_unit"):
        mapping.address(node)


def test_people() -> None:
    """A relative has a name in any form, numbers, nationality and relation; an empty one is absent."""
    head: dict[str, Node] = {"QuanHe": "CH01", "SoDinhDanh": "004192000123", "SoCMND": "", "HoVaTen": "NGUYỄN THỊ MẪU"}
    assert mapping.person(head) == RawPerson(RawName(full="NGUYỄN THỊ MẪU"), "004192000123", relation=RawCode("CH01"))
    empty: dict[str, Node] = {"HoVaTen": {"Ho": "", "Ten": ""}, "QuocTich": "VN", "SoDinhDanh": "", "SoCMND": ""}
    assert mapping.person(empty) is None
    assert mapping.person("TRẦN VĂN B") == RawPerson(RawName(full="TRẦN VĂN B"))
    assert mapping.person("") is None


@UNHURRIED
@given(RECORDS, st.sets(st.sampled_from(sorted(ALL))))
def test_only_the_asked_for_fields(record: dict[str, Node], fields: set[str]) -> None:
    """Any record gives only fields that were asked for, each as it is when all are asked for, or is refused."""
    try:
        everything = mapping.values(record, ALL)
    except AdapterError:
        return
    some = mapping.values(record, frozenset(fields))
    assert some == {name: value for name, value in everything.items() if name in fields}


def test_unknown_fields_are_left_out() -> None:
    """A field of another source is not looked for."""
    assert mapping.values({"SoDinhDanh": "1"}, frozenset({"taxpayer.name"})) == {}


@pytest.mark.parametrize(
    ("number", "sex", "birth", "expected"),
    [
        ("004192000123", "2", "19921122", ()),
        ("004192000123", "1", "19921122", ("sex_contradicts_id",)),
        ("004192000123", "0", "19921122", ()),
        ("004192000123", "2", "1991", ("birth_year_contradicts_id",)),
        ("004192000123", "1", "20921122", ("sex_contradicts_id", "birth_year_contradicts_id")),
        ("001204000123", "1", "20040101", ()),
        ("001304000123", "2", "20040101", ()),
        ("", "1", "1991", ()),
        ("123456789", "1", "1991", ()),
    ],
)
def test_doubts(number: str, sex: str, birth: str, expected: tuple[str, ...]) -> None:
    """A record that contradicts its own number is doubted; one without such a number cannot be."""
    record: dict[str, Node] = {"SoDinhDanh": number, "GioiTinh": sex, "NgayThangNamSinh": {"NgayThangNam": birth}}
    assert mapping.doubts(record, mapping.values(record, ALL)) == expected


def test_no_doubt_about_what_was_not_asked_for() -> None:
    """A doubt about a field that is not in the answer would tell something about it."""
    record: dict[str, Node] = {"SoDinhDanh": "004192000123", "GioiTinh": "1"}
    assert mapping.doubts(record, {"person.personal_id": RawText("004192000123")}) == ()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2017-01-01T00:00:00", datetime(2016, 12, 31, 17, tzinfo=UTC)),
        ("2017-01-01T00:00:00Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2017-01-01T00:00:00+09:00", datetime(2016, 12, 31, 15, tzinfo=UTC)),
        (" 2017-01-01T00:00:00.5 ", datetime(2016, 12, 31, 17, 0, 0, 500_000, tzinfo=UTC)),
        ("0001-01-01T00:00:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_moments(written: str | None, expected: datetime | None) -> None:
    """The time of the data is Vietnamese time unless it says otherwise; an unreadable one is no statement."""
    assert mapping.moment(written) == expected


def test_a_leaf_with_children() -> None:
    """A text where the wire has a structure is refused."""
    with pytest.raises(AdapterError, match="unexpected_shape"):
        mapping.values({"SoDinhDanh": {"A": "1"}}, ALL)
