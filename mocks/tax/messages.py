"""What the mock says: answers from the synthetic country, and SOAP faults.

Rule of this file: values in, elements out; no signature here.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from lxml import etree

from mocks.country import units
from mocks.country.model import SCHEME_CURRENT, SCHEME_LEGACY, Address, Obligation, Taxpayer
from mocks.tax import xml
from mocks.tax.variants import Addresses, Complaint, Names, Obligations, Variant
from mocks.tax.xml import Part, built, name

VERSION = "1.0"
DATA_AGE = timedelta(hours=6)  # the look-up copy is this much older than the register
MANY = 200

_KINDS = {
    "organisation": "TO_CHUC",
    "dependent_unit": "DON_VI_PHU_THUOC",
    "individual": "CA_NHAN",
    "household_business": "HO_KINH_DOANH",
    "foreigner": "NGUOI_NUOC_NGOAI",
}
_WSSE_CODES = ("InvalidSecurity", "FailedAuthentication", "FailedCheck", "UnsupportedAlgorithm")
# code, subcode, and the words of a fault
COMPLAINTS: Mapping[Complaint, tuple[str, str | None]] = {
    Complaint.RECEIVER: ("Receiver", None),
    Complaint.SENDER: ("Sender", None),
    Complaint.BUSY: ("Receiver", "QuaTai"),
    Complaint.NOT_ALLOWED: ("Sender", "KhongCoQuyen"),
}


def found(
    request_id: str, tax_code: str, taxpayer: Taxpayer | None, variant: Variant, *, at: datetime
) -> etree._Element:
    """The answer to a look-up; None is a tax code nobody has."""
    parts: list[Part] = [
        ("maYeuCau", request_id),
        ("mst", tax_code),
        ("thoiDiemDuLieu", _stamp(at - DATA_AGE)),
        ("timThay", "false" if taxpayer is None else "true"),
        ("nguoiNopThue", None if taxpayer is None else _record(taxpayer, variant)),
    ]
    return built(("KetQuaTraCuuNguoiNopThue", parts))


def alive(request_id: str, *, at: datetime) -> etree._Element:
    """The answer to a connection check."""
    return built(("KetQuaKiemTraKetNoi", [("maYeuCau", request_id), ("phienBan", VERSION), ("thoiDiem", _stamp(at))]))


def fault(code: str, subcode: str | None, text: str = "Yêu cầu không được xử lý") -> etree._Element:
    """A SOAP 1.2 fault (part 1 section 5.4). The subcode takes the namespace of the specification it comes from."""
    made = etree.Element(name("env:Fault"), nsmap=xml.PREFIXES)
    codes = etree.SubElement(made, name("env:Code"))
    etree.SubElement(codes, name("env:Value")).text = f"env:{code}"
    if subcode is not None:
        prefix = "sec" if subcode in _WSSE_CODES else "utl" if subcode == "MessageExpired" else "t"
        inner = etree.SubElement(codes, name("env:Subcode"))
        etree.SubElement(inner, name("env:Value")).text = f"{prefix}:{subcode}"
    reason = etree.SubElement(made, name("env:Reason"))
    words = etree.SubElement(reason, name("env:Text"))
    words.set("{http://www.w3.org/XML/1998/namespace}lang", "vi")
    words.text = text
    return made


def _record(taxpayer: Taxpayer, variant: Variant) -> list[Part]:
    capitals = variant.names is Names.CAPITALS
    return [
        ("mst", taxpayer.tax_code),
        ("tenNNT", taxpayer.name.upper() if capitals else taxpayer.name),
        ("loaiNNT", _KINDS[taxpayer.kind]),
        ("maTrangThai", taxpayer.status),
        ("maLyDo", taxpayer.reason or None),
        ("cqtQuanLy", [("maCQTQuanLy", taxpayer.office_code), ("tenCQTQuanLy", taxpayer.office_name)]),
        ("diaChi", _ADDRESSES[variant.addresses](taxpayer.address)),
        ("dsNghiaVu", _obligations(taxpayer, variant.obligations)),
    ]


def current(address: Address) -> Address:
    """The address in the units of today; one that already is stays as it is."""
    if address.scheme == SCHEME_CURRENT:
        return address
    moved = units.current_address(units.successor(address.province_code), address.text)
    return replace(moved, detail=address.detail)


def former(address: Address) -> Address:
    """The address with a district, in the units before 2025-07-01; one that already is stays as it is."""
    if address.scheme == SCHEME_LEGACY:
        return address
    old = next(code for code in units.OLD_PROVINCES if units.successor(code) == address.province_code)
    return replace(units.legacy_address(old, address.text), detail=address.detail)


def _line(address: Address) -> list[Part]:
    return [("diaChiDayDu", address.text)]


def _codes(address: Address) -> list[Part]:
    return [
        ("chiTiet", address.detail or None),
        ("maPhuongXa", address.commune_code),
        ("tenPhuongXa", address.commune_name),
        ("maQuanHuyen", address.district_code),
        ("tenQuanHuyen", address.district_name),
        ("maTinhThanh", address.province_code),
        ("tenTinhThanh", address.province_name),
        ("maQuocGia", "VN"),
    ]


def _both(address: Address) -> list[Part]:
    return [*_line(address), *_codes(address)]


_ADDRESSES: Mapping[Addresses, Callable[[Address], list[Part] | None]] = {
    Addresses.RECORDED: _both,
    Addresses.CURRENT: lambda address: _both(current(address)),
    Addresses.FORMER: lambda address: _both(former(address)),
    Addresses.TEXT: _line,
    Addresses.CODES: _codes,
    Addresses.ABSENT: lambda _: None,
}


def many() -> tuple[Obligation, ...]:
    """Two hundred obligations, for a long answer."""
    day = datetime(2009, 1, 20, tzinfo=UTC).date()
    return tuple(
        Obligation(("1701", "Thuế giá trị gia tăng"), f"{2009 + n // 12}-{1 + n % 12:02}", Decimal(1000 + n), day)
        for n in range(MANY)
    )


def _obligations(taxpayer: Taxpayer, wanted: Obligations) -> list[Part] | None:
    if wanted is Obligations.WITHHELD:
        return None
    listed = {Obligations.NONE: (), Obligations.MANY: many()}.get(wanted, taxpayer.obligations)
    return [("nghiaVu", _obligation(one)) for one in listed]


def _obligation(one: Obligation) -> list[Part]:
    code, words = one.tax_code_name
    return [
        ("maLoaiThue", code),
        ("tenLoaiThue", words),
        ("kyTinhThue", one.period),
        ("soTienConPhaiNop", f"{one.due:f}"),
        ("maTienTe", "VND"),
        ("hanNop", one.due_on.isoformat()),
    ]


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
