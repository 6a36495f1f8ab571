"""The same record in every shape of the wire."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from mocks.country import person
from mocks.country.model import Person
from mocks.population import answer
from mocks.population.variants import PRESETS, Relatives, Shape, Variant, Verify
from tests.mocks.country.drawn import personal_ids

_AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
_NS = {"d": "http://www.mic.gov.vn/dancu/1.0", "s": "http://schemas.xmlsoap.org/soap/envelope/"}
_LIVE_ORDER = (
    "SoDinhDanh SoCMND HoVaTen GioiTinh DanToc TonGiao TinhTrangHonNhan NhomMau NgayThangNamSinh NoiDangKyKhaiSinh "
    "QuocTich QueQuan ThuongTru NoiOHienTai Cha Me VoChong NguoiDaiDien ChuHo SoSoHoKhau"
)


def _citizen(personal_id: str) -> Person:
    found = person(personal_id)
    assert found is not None
    return found


def _record(personal_id: str, variant: Variant) -> etree._Element:
    root = etree.fromstring(answer.lookup(_citizen(personal_id), variant, at=_AT))
    (record,) = root.findall("s:Body/d:CongdanCollection/d:CongDan", _NS)
    return record


def _text(record: etree._Element, path: str) -> str | None:
    return record.findtext("/".join(f"d:{part}" for part in path.split("/")), namespaces=_NS)


def test_the_live_record_has_its_elements_in_order() -> None:
    """Twenty elements, in the order clients of the live service see them."""
    record = _record("004192000123", PRESETS["live"])
    assert [etree.QName(child).localname for child in record] == _LIVE_ORDER.split()


def test_the_live_record_is_filled() -> None:
    """Name in Ten and capitals, plain codes, digits for the date, codes for the address."""
    record = _record("004192000123", PRESETS["live"])
    expected = {
        "SoDinhDanh": "004192000123",
        "SoCMND": "150917940",
        "HoVaTen/Ho": "",
        "HoVaTen/Ten": "NGUYỄN THỊ MẪU",
        "GioiTinh": "2",
        "DanToc": "01",
        "NgayThangNamSinh/Nam": "1992",
        "NgayThangNamSinh/NgayThangNam": "19921122",
        "ThuongTru/MaTinhThanh": "04",
        "ThuongTru/MaQuanHuyen": "",
        "ThuongTru/QuocGia": "VN",
        "ChuHo/QuanHe": "CH01",
        "NguoiDaiDien/SoDinhDanh": "",
    }
    assert {path: _text(record, path) for path in expected} == expected


def test_the_standard_record_is_structured() -> None:
    """QCVN 109: parts of the name, structured codes, hyphens in dates, one unit code, attributes."""
    record = _record("004192000123", PRESETS["qcvn109"])
    expected = {
        "HoVaTen/Ho": "Nguyễn",
        "HoVaTen/ChuDem": "Thị",
        "HoVaTen/Ten": "Mẫu",
        "DanToc/MaDanToc": "01",
        "TonGiao/MaTonGiao": "00",
        "NgayThangNamSinh/Nam": None,
        "NgayThangNamSinh/NgayThangNam": "1992-11-22",
        "ThuongTru/MaTinhThanh": None,
        "ThuongTru/MaDonViHanhChinh": _citizen("004192000123").permanent.commune_code,
        "NguoiDaiDien": None,
    }
    assert {path: _text(record, path) for path in expected} == expected
    collection = record.getparent()
    assert collection is not None
    assert collection.get("ThoiDiemDuLieu") == "2026-11-22T06:00:00"
    assert collection.get("SoCongDan") == "1"


@pytest.mark.parametrize(
    ("personal_id", "shape", "expected"),
    [
        ("001145000201", Shape.LIVE, ("1945", None)),
        ("024158000202", Shape.LIVE, ("1958", "195807")),
        ("001145000201", Shape.QCVN109, ("1945", None)),
        ("024158000202", Shape.QCVN109, (None, "1958-07")),
    ],
)
def test_an_incomplete_date_is_written_as_far_as_known(
    personal_id: str, shape: Shape, expected: tuple[str | None, str | None]
) -> None:
    """The year alone stands in Nam, year and month in NgayThangNam."""
    record = _record(personal_id, Variant(shape=shape))
    assert (_text(record, "NgayThangNamSinh/Nam"), _text(record, "NgayThangNamSinh/NgayThangNam")) == expected


def test_relatives_may_be_plain_text() -> None:
    """In the plain variant a relative's name is text, the citizen's is not."""
    record = _record("004192000123", Variant(relatives=Relatives.PLAIN))
    father = _citizen("004192000123").father
    assert father is not None
    assert _text(record, "Cha/HoVaTen") == father.full_name.upper()
    assert _text(record, "HoVaTen/Ten") == "NGUYỄN THỊ MẪU"


def test_a_name_never_split_stays_whole() -> None:
    """In the variant with parts, a flat name stands in Ten."""
    record = _record("022194000214", PRESETS["live-parts"])
    assert (_text(record, "HoVaTen/Ho"), _text(record, "HoVaTen/Ten")) == ("", "Nguyễn Thị Bích Ly")


def test_the_district_element_may_be_left_out() -> None:
    """Without a district the element is empty or missing; an old address always has it."""
    for preset, expected in (("live", ""), ("live-no-district", None)):
        assert _text(_record("004192000123", PRESETS[preset]), "ThuongTru/MaQuanHuyen") == expected
        assert _text(_record("027178000206", PRESETS[preset]), "ThuongTru/MaQuanHuyen")


@given(personal_ids(), st.sampled_from(sorted(PRESETS)))
def test_every_variant_names_the_same_citizen(personal_id: str, preset: str) -> None:
    """Whatever the shape: the same number, sex, spouse and place."""
    record, citizen = _record(personal_id, PRESETS[preset]), _citizen(personal_id)
    assert _text(record, "SoDinhDanh") == personal_id
    assert _text(record, "GioiTinh") == citizen.sex
    assert _text(record, "ThuongTru/ChiTiet") == citizen.permanent.text
    spouse = citizen.spouse.personal_id if citizen.spouse else None
    assert (_text(record, "VoChong/SoDinhDanh") or None) == spouse


@pytest.mark.parametrize(
    ("preset", "path", "children"),
    [
        ("live", "s:Body/d:CongdanCollection", 1),
        ("live-no-collection", "s:Body/d:TraCuuThongTinCongDanResponse", 1),
        ("live-empty-body", "s:Body", 0),
    ],
)
def test_nobody_is_an_empty_answer(preset: str, path: str, children: int) -> None:
    """Three ways to say that there is no such citizen."""
    root = etree.fromstring(answer.lookup(None, PRESETS[preset], at=_AT))
    element = root.find(path, _NS)
    assert element is not None
    assert len(element) == 0
    body = root.find("s:Body", _NS)
    assert body is not None
    assert len(body) == children


@pytest.mark.parametrize("matches", [True, False])
def test_yes_and_no_are_written_in_three_ways(matches: bool) -> None:
    """A count, a boolean element or JSON."""
    bodies = {style: answer.verify(matches, Variant(verify=style)) for style in Verify}
    count, exists = (etree.fromstring(bodies[style][0]) for style in (Verify.COUNT, Verify.EXISTS))
    response = "s:Body/d:XacThucThongTinCongDanResponse/d:SoLuongCongDan"
    assert count.findtext(response, namespaces=_NS) == ("1" if matches else "0")
    assert exists.findtext("s:Body/d:KetQuaXacThuc/d:TonTai", namespaces=_NS) == ("true" if matches else "false")
    assert bodies[Verify.JSON] == (
        b'{"data": true}' if matches else b'{"data": false}',
        "application/json",
    )
