"""The messages of the taxpayer look-up profile, as values (docs/tax-profile.md).

Rule of this file: the names and codes of the wire stay here and in `mapping`. An answer is read from a verified payload
only, after the schema has passed it, so what the schema demands is taken for granted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from lxml import etree

from adapters.contract import AdapterError, Fault, Purpose
from adapters.tax import names

LOOKUP = "TraCuuNguoiNopThue"
CHECK = "KiemTraKetNoi"
VERSION = "1.0"

_N = f"{{{names.NNT}}}"


@dataclass(frozen=True, slots=True)
class Place:
    """`diaChi`: an address, each part None when it is not given."""

    text: str | None
    detail: str | None
    commune: str | None
    commune_name: str | None
    district: str | None
    district_name: str | None
    province: str | None
    province_name: str | None
    country: str | None


@dataclass(frozen=True, slots=True)
class Debt:
    """`nghiaVu`: one amount still to be paid."""

    tax: str | None
    tax_name: str
    period: str | None
    due: Decimal
    currency: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Record:
    """`nguoiNopThue`: one taxpayer. `debts` is None when the list was not given, () when nothing is owed."""

    tax_code: str = field(repr=False)
    name: str = field(repr=False)
    kind: str  # TO_CHUC, DON_VI_PHU_THUOC, CA_NHAN, HO_KINH_DOANH, NGUOI_NUOC_NGOAI
    status: str
    reason: str | None
    office: tuple[str, str] | None  # code, name
    place: Place | None = field(repr=False)
    debts: tuple[Debt, ...] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """`KetQuaTraCuuNguoiNopThue`. `record` is None when there is no such taxpayer. `as_of` is aware UTC."""

    request_id: str
    tax_code: str = field(repr=False)
    as_of: datetime
    record: Record | None


@dataclass(frozen=True, slots=True)
class Alive:
    """`KetQuaKiemTraKetNoi`: the profile version the service speaks."""

    request_id: str
    version: str


def lookup_values(tax_code: str, purpose: Purpose, *, request_id: str) -> Mapping[str, str]:
    """The parts of a `TraCuuNguoiNopThue` request."""
    return {
        "maYeuCau": request_id,
        "maDonVi": purpose.agency,
        "maCanBo": purpose.officer,
        "maTTHC": purpose.procedure,
        "maHoSo": purpose.dossier,
        "mst": tax_code,
    }


def check_values(*, request_id: str) -> Mapping[str, str]:
    """The parts of a `KiemTraKetNoi` request."""
    return {"maYeuCau": request_id}


def read_found(payload: etree._Element, schema: etree.XMLSchema) -> Found:
    """The answer to a look-up.

    Raises `AdapterError(GARBLED)`: `schema_violation`, `wrong_operation`, or `contradictory_answer` when the answer
    says found without a taxpayer or the other way round.
    """
    _admit(payload, schema, "KetQuaTraCuuNguoiNopThue")
    record = payload.find(f"{_N}nguoiNopThue")
    if _required(payload, "timThay") in {"true", "1"}:
        if record is None:
            raise AdapterError(Fault.GARBLED, "contradictory_answer")
    elif record is not None:
        raise AdapterError(Fault.GARBLED, "contradictory_answer")
    return Found(
        request_id=_required(payload, "maYeuCau"),
        tax_code=_required(payload, "mst"),
        as_of=_instant(_required(payload, "thoiDiemDuLieu")),
        record=None if record is None else _record(record),
    )


def read_alive(payload: etree._Element, schema: etree.XMLSchema) -> Alive:
    """The answer to a connection check. Raises `AdapterError(GARBLED)`: `schema_violation`, `wrong_operation`."""
    _admit(payload, schema, "KetQuaKiemTraKetNoi")
    return Alive(_required(payload, "maYeuCau"), _required(payload, "phienBan"))


def _admit(payload: etree._Element, schema: etree.XMLSchema, name: str) -> None:
    if not schema.validate(payload):
        raise AdapterError(Fault.GARBLED, "schema_violation")
    if payload.tag != f"{_N}{name}":
        raise AdapterError(Fault.GARBLED, "wrong_operation")


def _record(element: etree._Element) -> Record:
    office = element.find(f"{_N}cqtQuanLy")
    place = element.find(f"{_N}diaChi")
    debts = element.find(f"{_N}dsNghiaVu")
    return Record(
        tax_code=_required(element, "mst"),
        name=_required(element, "tenNNT"),
        kind=_required(element, "loaiNNT"),
        status=_required(element, "maTrangThai"),
        reason=_text(element, "maLyDo"),
        office=None if office is None else (_required(office, "maCQTQuanLy"), _required(office, "tenCQTQuanLy")),
        place=None if place is None else _place(place),
        debts=None if debts is None else tuple(_debt(child) for child in debts),
    )


def _place(element: etree._Element) -> Place:
    return Place(
        text=_text(element, "diaChiDayDu"),
        detail=_text(element, "chiTiet"),
        commune=_text(element, "maPhuongXa"),
        commune_name=_text(element, "tenPhuongXa"),
        district=_text(element, "maQuanHuyen"),
        district_name=_text(element, "tenQuanHuyen"),
        province=_text(element, "maTinhThanh"),
        province_name=_text(element, "tenTinhThanh"),
        country=_text(element, "maQuocGia"),
    )


def _debt(element: etree._Element) -> Debt:
    due_on = _text(element, "hanNop")
    return Debt(
        tax=_text(element, "maLoaiThue"),
        tax_name=_required(element, "tenLoaiThue"),
        period=_text(element, "kyTinhThue"),
        due=Decimal(_required(element, "soTienConPhaiNop")),
        currency=_required(element, "maTienTe"),
        due_on=None if due_on is None else date.fromisoformat(due_on),
    )


def _text(element: etree._Element, name: str) -> str | None:
    return (element.findtext(f"{_N}{name}") or "").strip() or None


def _required(element: etree._Element, name: str) -> str:
    # only spaces pass the schema's length but say nothing
    text = _text(element, name)
    if text is None:
        raise AdapterError(Fault.GARBLED, "schema_violation")
    return text


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        # XML Schema has instants Python has not: 24:00:00, year 0000
        raise AdapterError(Fault.GARBLED, "schema_violation") from None
