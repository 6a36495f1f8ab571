"""The answers of the population service, in every variant of its wire.

Rule of this file: elements in the order in which clients of the live service received them, or in that of the sample
message of QCVN 109:2017/BTTTT, annex Đ.
"""

from datetime import datetime, timedelta, timezone

from lxml import etree

from mocks.country.model import Address, Birth, Person, Relative
from mocks.population.request import SOAP
from mocks.population.variants import Absent, Names, Relatives, Shape, Variant, Verify

CITIZENS = "http://www.mic.gov.vn/dancu/1.0"
_VIETNAM = timezone(timedelta(hours=7))
_FRESHNESS = timedelta(hours=3)
_NOBODY = Relative(None, None, "", "", "", "")


def lookup(citizen: Person | None, variant: Variant, *, at: datetime) -> bytes:
    """The envelope that answers TraCuuThongTinCongDan; `at` is now, the data are three hours old."""
    envelope, body = _envelope()
    if citizen is None and variant.absent is Absent.EMPTY_BODY:
        return _bytes(envelope)
    if citizen is None and variant.absent is Absent.NO_COLLECTION:
        _add(body, "TraCuuThongTinCongDanResponse")
        return _bytes(envelope)
    collection = _add(body, "CongdanCollection")
    if variant.shape is Shape.QCVN109:
        moment = (at - _FRESHNESS).astimezone(_VIETNAM)
        collection.set("GhiChu", "")
        collection.set("ThoiDiemDuLieu", moment.strftime("%Y-%m-%dT%H:%M:%S"))
        collection.set("SoCongDan", "0" if citizen is None else "1")
    if citizen is not None:
        _citizen(_add(collection, "CongDan"), citizen, variant)
    return _bytes(envelope)


def verify(matches: bool, variant: Variant) -> tuple[bytes, str]:  # the one fact it is about
    """The body that answers XacThucThongTinCongDan, and its content type."""
    if variant.verify is Verify.JSON:
        return (b'{"data": true}' if matches else b'{"data": false}'), "application/json"
    envelope, body = _envelope()
    if variant.verify is Verify.COUNT:
        response = _add(body, "XacThucThongTinCongDanResponse")
        _add(response, "SoLuongCongDan", "1" if matches else "0")
    else:
        _add(_add(body, "KetQuaXacThuc"), "TonTai", "true" if matches else "false")
    return _bytes(envelope), "text/xml; charset=utf-8"


def fault(code: str, text: str) -> bytes:
    """A SOAP 1.1 fault: `code` is `Client`, `Server` or one of them with a dotted detail."""
    envelope, body = _envelope()
    element = etree.SubElement(body, f"{{{SOAP}}}Fault")
    etree.SubElement(element, "faultcode").text = f"soapenv:{code}"
    etree.SubElement(element, "faultstring").text = text
    return _bytes(envelope)


def _envelope() -> tuple[etree._Element, etree._Element]:
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP})
    etree.SubElement(envelope, f"{{{SOAP}}}Header")
    return envelope, etree.SubElement(envelope, f"{{{SOAP}}}Body")


def _bytes(envelope: etree._Element) -> bytes:
    return etree.tostring(envelope, encoding="utf-8", xml_declaration=True)


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{CITIZENS}}}{name}", nsmap={"ns1": CITIZENS})
    element.text = text or None
    return element


def _citizen(parent: etree._Element, citizen: Person, variant: Variant) -> None:
    standard = variant.shape is Shape.QCVN109
    _add(parent, "SoDinhDanh", citizen.personal_id)
    _add(parent, "SoCMND", citizen.old_id)
    parts = (citizen.family, citizen.middle, citizen.given)
    _name(parent, parts, variant, whole=variant.names is Names.WHOLE or citizen.flat_name)
    _add(parent, "GioiTinh", citizen.sex)
    _code(parent, "DanToc", citizen.ethnicity, standard=standard)
    _code(parent, "TonGiao", citizen.religion, standard=standard)
    _add(parent, "TinhTrangHonNhan", citizen.marital_status)
    _add(parent, "NhomMau", citizen.blood_type)
    _birth(_add(parent, "NgayThangNamSinh"), citizen.birth, standard=standard)
    _address(_add(parent, "NoiDangKyKhaiSinh"), citizen.birth_place, variant)
    _add(parent, "QuocTich", citizen.nationality)
    _address(_add(parent, "QueQuan"), citizen.native_place, variant)
    _address(_add(parent, "ThuongTru"), citizen.permanent, variant)
    _address(_add(parent, "NoiOHienTai"), citizen.current, variant)
    _relative(parent, "Cha", citizen.father, variant)
    _relative(parent, "Me", citizen.mother, variant)
    _relative(parent, "VoChong", citizen.spouse, variant)
    _relative(parent, "NguoiDaiDien", citizen.representative, variant)
    household = _add(parent, "ChuHo")
    _add(household, "QuanHe", citizen.head_relation)
    _add(household, "SoDinhDanh", citizen.head.personal_id)
    _add(household, "SoCMND", citizen.head.old_id)
    _relative_name(household, citizen.head, variant)
    _add(parent, "SoSoHoKhau", citizen.household_book)


def _name(parent: etree._Element, parts: tuple[str, str, str], variant: Variant, *, whole: bool) -> None:
    family, middle, given = (part.upper() if variant.capitals else part for part in parts)
    element = _add(parent, "HoVaTen")
    _add(element, "Ho", "" if whole else family)
    _add(element, "ChuDem", "" if whole else middle)
    _add(element, "Ten", " ".join(part for part in (family, middle, given) if part) if whole else given)


def _code(parent: etree._Element, name: str, code: str, *, standard: bool) -> None:
    if standard:
        _add(_add(parent, name), f"Ma{name}", code)
    else:
        _add(parent, name, code)


def _birth(element: etree._Element, birth: Birth, *, standard: bool) -> None:
    parts = [f"{birth.year:04}", *(f"{part:02}" for part in (birth.month, birth.day) if part is not None)]
    if not standard or len(parts) == 1:
        _add(element, "Nam", parts[0])
    if len(parts) > 1:
        _add(element, "NgayThangNam", ("-" if standard else "").join(parts))


def _address(element: etree._Element, address: Address, variant: Variant) -> None:
    if variant.shape is Shape.QCVN109:
        _add(element, "MaDonViHanhChinh", address.commune_code)
    else:
        _add(element, "MaTinhThanh", address.province_code)
        if variant.district or address.district_code is not None:
            _add(element, "MaQuanHuyen", address.district_code)
        _add(element, "MaPhuongXa", address.commune_code)
    _add(element, "ChiTiet", address.text)
    _add(element, "QuocGia", "VN")


def _relative(parent: etree._Element, name: str, relative: Relative | None, variant: Variant) -> None:
    if variant.shape is Shape.QCVN109:
        if relative is None:
            return
        element = _add(parent, name)
        _add(element, "SoDinhDanh", relative.personal_id)
        _add(element, "SoCMND", relative.old_id)
        _add(element, "QuocTich", relative.nationality)
        _relative_name(element, relative, variant)
        return
    element = _add(parent, name)
    someone = relative or _NOBODY
    _relative_name(element, someone, variant)
    _add(element, "QuocTich", someone.nationality)
    _add(element, "SoDinhDanh", someone.personal_id)
    _add(element, "SoCMND", someone.old_id)


def _relative_name(parent: etree._Element, relative: Relative, variant: Variant) -> None:
    if variant.relatives is Relatives.PLAIN:
        _add(parent, "HoVaTen", relative.full_name.upper() if variant.capitals else relative.full_name)
        return
    parts = (relative.family, relative.middle, relative.given)
    _name(parent, parts, variant, whole=variant.names is Names.WHOLE)
