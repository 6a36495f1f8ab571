"""From a record on the wire to raw values by field name.

Rule of this file: pure functions over `wire.Node`; nothing is guessed and only what was asked for is read. An
empty part is None, a code is passed as written: what `0`, `00` or `99` mean is the code lists' business.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from adapters.contract import AdapterError, Fault
from adapters.population.wire import Node
from adapters.values import VIETNAM, RawAddress, RawCode, RawDate, RawName, RawPerson, RawText, RawValue

_COMPACT = re.compile(r"(\d{4})(\d{2})?(\d{2})?", re.ASCII)
_HYPHENED = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T.*|Z|[+-]\d{2}:\d{2})?", re.ASCII)
_CENTURIES = (19, 20, 21, 22, 23)

Reader = Callable[[Mapping[str, Node]], RawValue | None]
"""Reads one field from a record."""


def values(record: Mapping[str, Node], fields: frozenset[str]) -> dict[str, RawValue]:
    """The asked-for fields the record fills.

    Raises `AdapterError(GARBLED, ...)`: `malformed_date`, `malformed_unit` or `unexpected_shape`.
    """
    read = ((name, FIELDS[name](record)) for name in sorted(fields) if name in FIELDS)
    return {name: value for name, value in read if value is not None}


def doubts(record: Mapping[str, Node], found: Mapping[str, RawValue]) -> tuple[str, ...]:
    """Where the record contradicts its own number (Circular 07/2016/TT-BCA art. 7: digit 4 is century and
    sex, digits 5-6 the year).

    Only about values in `found`: a doubt about a field that was not asked for would tell something about it.
    """
    number = text(record, "SoDinhDanh")
    if number is None or not re.fullmatch(r"\d{12}", number, re.ASCII):
        return ()
    century, odd = divmod(int(number[3]), 2)
    noted = []
    sex, birth = found.get("person.sex"), found.get("person.birth_date")
    if isinstance(sex, RawCode) and sex.code in {"1", "2"} and sex.code != ("1", "2")[odd]:
        noted.append("sex_contradicts_id")
    if isinstance(birth, RawDate) and birth.year != _CENTURIES[century] * 100 + int(number[4:6]):
        noted.append("birth_year_contradicts_id")
    return tuple(noted)


def moment(written: str | None) -> datetime | None:
    """`ThoiDiemDuLieu` (xsd:dateTime) as an aware UTC time; without a zone it is Vietnamese time.

    An unreadable one is None: the registry then makes no statement about the age of its data.
    """
    try:
        read = datetime.fromisoformat((written or "").strip())
        return (read if read.tzinfo else read.replace(tzinfo=VIETNAM)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def text(record: Mapping[str, Node], name: str) -> str | None:
    """The text of a leaf, or None when it is absent or empty."""
    node = record.get(name, "")
    if isinstance(node, dict):
        raise AdapterError(Fault.GARBLED, "unexpected_shape")
    return node or None


def date(node: Node) -> RawDate | None:
    """`NgayThangNam` as yyyymmdd, yyyymm, yyyy or ISO 8601, else `Nam`. Unknown parts written as zeros are None."""
    if isinstance(node, dict):
        node = text(node, "NgayThangNam") or text(node, "Nam") or ""
    if not node.strip("0- "):
        return None
    match = _COMPACT.fullmatch(node) or _HYPHENED.fullmatch(node)
    if match is None:
        raise AdapterError(Fault.GARBLED, "malformed_date")
    year, month, day = (int(part or 0) for part in match.groups())
    if year == 0 or (day and not month):
        raise AdapterError(Fault.GARBLED, "malformed_date")
    return RawDate(year, month or None, day or None)


def name(node: Node) -> RawName | None:
    """A name in parts, or whole: as one string, or all of it in `Ten`."""
    if isinstance(node, str):
        return RawName(full=node) if node else None
    family, middle, given = (text(node, part) for part in ("Ho", "ChuDem", "Ten"))
    if family is None and middle is None:
        return None if given is None else RawName(full=given)
    return RawName(family=family, middle=middle, given=given)


def code(node: Node) -> RawCode | None:
    """A plain code, or `{Ma..., TenGoi}` with the name beside it."""
    if isinstance(node, str):
        return RawCode(node) if node else None
    written = next((text(node, part) for part in node if part.startswith("Ma")), None)
    label = text(node, "TenGoi")
    return None if written is None and label is None else RawCode(written, label)


def address(node: Node) -> RawAddress | None:
    """A place with `MaTinhThanh`, `MaQuanHuyen`, `MaPhuongXa`, or one `MaDonViHanhChinh` of 2, 3 or 5 digits."""
    if isinstance(node, str):
        return RawAddress(text=node) if node else None
    units: dict[int, str | None] = {
        2: _unit(node, "MaTinhThanh", 2),
        3: _unit(node, "MaQuanHuyen", 3),
        5: _unit(node, "MaPhuongXa", 5),
    }
    single = _unit(node, "MaDonViHanhChinh", 2, 3, 5)
    if single is not None and units[len(single)] is None:
        units[len(single)] = single
    # ChiTiet holds the whole address with its units, not only what stands in front of them
    written, country = text(node, "ChiTiet"), text(node, "QuocGia")
    if written is None and not any(units.values()):
        # a country alone is what an empty address carries
        return None
    return RawAddress(text=written, province=units[2], district=units[3], commune=units[5], country=country)


def person(node: Node) -> RawPerson | None:
    """Somebody the record points at: father, mother, spouse, representative, head of the household."""
    if isinstance(node, str):
        return RawPerson(name=RawName(full=node)) if node else None
    who = name(node.get("HoVaTen", ""))
    number, old = text(node, "SoDinhDanh"), text(node, "SoCMND")
    if who is None and number is None and old is None:
        return None
    return RawPerson(
        name=who,
        personal_id=number,
        old_id=old,
        nationality=code(node.get("QuocTich", "")),
        relation=code(node.get("QuanHe", "")),
    )


def _unit(node: Mapping[str, Node], part: str, *lengths: int) -> str | None:
    written = text(node, part)
    if written is None or not written.strip("0"):
        return None
    if not (written.isascii() and written.isdecimal() and len(written) in lengths):
        raise AdapterError(Fault.GARBLED, "malformed_unit")
    return written


def _plain(part: str) -> Reader:
    def read(record: Mapping[str, Node]) -> RawValue | None:
        written = text(record, part)
        return None if written is None else RawText(written)

    return read


def _read(part: str, reader: Callable[[Node], RawValue | None]) -> Reader:
    return lambda record: reader(record.get(part, ""))


FIELDS: Mapping[str, Reader] = {
    "person.personal_id": _plain("SoDinhDanh"),
    "person.old_id": _plain("SoCMND"),
    "person.full_name": _read("HoVaTen", name),
    "person.birth_date": _read("NgayThangNamSinh", date),
    "person.sex": _read("GioiTinh", code),
    "person.ethnicity": _read("DanToc", code),
    "person.religion": _read("TonGiao", code),
    "person.nationality": _read("QuocTich", code),
    "person.marital_status": _read("TinhTrangHonNhan", code),
    "person.blood_type": _read("NhomMau", code),
    "person.birth_registration_place": _read("NoiDangKyKhaiSinh", address),
    "person.native_place": _read("QueQuan", address),
    "person.permanent_address": _read("ThuongTru", address),
    "person.current_address": _read("NoiOHienTai", address),
    "person.father": _read("Cha", person),
    "person.mother": _read("Me", person),
    "person.spouse": _read("VoChong", person),
    "person.representative": _read("NguoiDaiDien", person),
    "person.household_head": _read("ChuHo", person),
}
