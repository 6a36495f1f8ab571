"""Names, ethnic groups and religions, decided by the line of descent.

Rule of this file: everything a father hands down (ethnic group, family name) depends on the province of registration
and the lineage only, so that father and child agree without being compared.
"""

from dataclasses import dataclass

from mocks.country import draw

_KINH = "01"

# Family names with their weight, roughly as frequent as in the whole country.
_FAMILIES = tuple(
    name
    for name, weight in (
        ("Nguyễn", 38), ("Trần", 11), ("Lê", 10), ("Phạm", 7), ("Hoàng", 4), ("Huỳnh", 3), ("Phan", 4), ("Vũ", 3),
        ("Võ", 3), ("Đặng", 2), ("Bùi", 2), ("Đỗ", 2), ("Hồ", 2), ("Ngô", 2), ("Dương", 1), ("Lý", 1), ("Đinh", 1),
        ("Đoàn", 1), ("Trịnh", 1), ("Mai", 1), ("Tô", 1),
    )
    for _ in range(weight)
)  # fmt: skip

_MALE_MIDDLE = ("Văn", "Văn", "Văn", "Đức", "Hữu", "Quang", "Minh", "Công", "Đình", "Xuân", "Thành", "Hoàng", "")
_FEMALE_MIDDLE = ("Thị", "Thị", "Thị", "Thị", "Ngọc", "Thu", "Thanh", "Phương", "Hoài", "Thị Bích", "Thị Minh", "")
_MALE_NAMES = (
    "An Bình Cường Dũng Đạt Đức Giang Hải Hiếu Hòa Hùng Huy Khánh Khoa Kiên Lâm Long Mạnh Nam Nghĩa Phong Phúc Quân "
    "Sơn Tài Thắng Thịnh Tiến Toàn Trung Tuấn Tùng Việt Vinh Đông Thuận Lộc Hưng"
)
_FEMALE_NAMES = (
    "Anh Ánh Bích Chi Diễm Dung Duyên Giang Hà Hạnh Hằng Hiền Hoa Hồng Huệ Hương Lan Liên Linh Loan Ly Mai My Nga "
    "Ngân Ngọc Nhung Oanh Phượng Quyên Thảo Thúy Thủy Trang Trinh Tuyết Uyên Vân Yến Đào"
)
_MALE_GIVEN, _FEMALE_GIVEN = tuple(_MALE_NAMES.split()), tuple(_FEMALE_NAMES.split())


@dataclass(frozen=True, slots=True)
class _Group:
    code: str
    families: tuple[str, ...]  # empty: names have one part only
    male_middle: tuple[str, ...] = _MALE_MIDDLE
    female_middle: tuple[str, ...] = _FEMALE_MIDDLE
    male_given: tuple[str, ...] = _MALE_GIVEN
    female_given: tuple[str, ...] = _FEMALE_GIVEN


_TAY = _Group("02", ("Nông", "Hoàng", "Bế", "Lý", "Đàm", "Lương", "Ma", "Hà"))
_THAI = _Group("03", ("Lò", "Cà", "Quàng", "Lường", "Vì", "Tòng", "Hà"))
_KHMER = _Group("05", ("Thạch", "Sơn", "Kim", "Danh", "Châu", "Kiên"))
_MUONG = _Group("06", ("Bùi", "Đinh", "Quách", "Hà", "Bạch"))
_NUNG = _Group("07", ("Nông", "Hoàng", "Lương", "Vi", "Triệu", "Dương"))
_HMONG = _Group(
    "08",
    ("Giàng", "Vàng", "Sùng", "Thào", "Lầu", "Mùa", "Vừ", "Hạng"),
    ("A",),
    ("Thị",),
    ("Páo", "Dơ", "Sử", "Chứ", "Dính", "Lử", "Tủa", "Sình"),
    ("Mị", "Dở", "Máy", "Súa", "Chía", "Pàng", "Dí", "Say"),
)
_DAO = _Group("09", ("Triệu", "Bàn", "Đặng", "Phùng", "Lý", "Chảo", "Tẩn"))
_JRAI = _Group(
    "10",
    ("Siu", "Ksor", "Kpă", "Rơ Châm", "Rơ Mah", "Rah Lan"),
    ("",),
    ("H'",),
    ("Thuyên", "Hlơi", "Bem", "Nhơi", "Blăk"),
    ("Lan", "Nhan", "Wiêu", "Biên"),
)
_COHO = _Group(
    "16",
    (),
    ("",),
    ("",),
    ("K'Brèo", "K'Brình", "K'Tếu", "K'Sĩ", "K'Minh", "K'Lọi"),
    ("Ka'Thủy", "Ka'Nhỡi", "Ka'Đẹp", "Ka'Hương"),
)
_CHAM = _Group("17", ("Báo", "Thập", "Đàng", "Quảng", "Lưu"))

# Old province -> percent of lineages that are not Kinh, and the groups they belong to.
_MINORITIES: dict[str, tuple[int, tuple[_Group, ...]]] = {
    "02": (80, (_HMONG, _TAY, _DAO, _NUNG)),
    "04": (85, (_TAY, _NUNG, _HMONG, _DAO)),
    "06": (75, (_TAY, _NUNG, _DAO)),
    "08": (50, (_TAY, _DAO, _HMONG)),
    "10": (60, (_HMONG, _TAY, _DAO)),
    "11": (75, (_THAI, _HMONG)),
    "12": (75, (_THAI, _HMONG)),
    "14": (75, (_THAI, _HMONG, _MUONG)),
    "15": (50, (_TAY, _DAO, _HMONG)),
    "17": (65, (_MUONG, _THAI)),
    "20": (75, (_NUNG, _TAY, _DAO)),
    "58": (15, (_CHAM,)),
    "64": (40, (_JRAI,)),
    "68": (20, (_COHO,)),
    "84": (30, (_KHMER,)),
    "94": (30, (_KHMER,)),
}
_KINH_GROUP = _Group(_KINH, _FAMILIES)
_FIRST_LINEAGES = 10

_RELIGIONS = ("00",) * 80 + ("01",) * 8 + ("02",) * 7 + ("05",) * 2 + ("03",) * 2 + ("08",)


@dataclass(frozen=True, slots=True)
class Descent:
    """What comes with birth: ethnic group (2-digit code) and family name ("" where the group has none)."""

    ethnicity: str
    family: str


def _group(province: str, lineage: int) -> _Group:
    percent, groups = _MINORITIES.get(province, (0, ()))
    if lineage < _FIRST_LINEAGES or not draw.chance(percent, "minority", province, lineage):
        return _KINH_GROUP
    return draw.one(groups, "group", province, lineage)


def descent(province: str, lineage: int) -> Descent:
    """Ethnic group and family name of a lineage (0 to 999) of an old province. The first ten are always Nguyễn."""
    group = _group(province, lineage)
    if lineage < _FIRST_LINEAGES:
        return Descent(_KINH, _FAMILIES[0])
    family = draw.one(group.families, "family", province, lineage) if group.families else ""
    return Descent(group.code, family)


def own_names(province: str, lineage: int, *, male: bool, key: str) -> tuple[str, str]:
    """Middle and given name (each maybe "" or several words) of one person, drawn by `key`."""
    group = _group(province, lineage)
    middles, givens = (group.male_middle, group.male_given) if male else (group.female_middle, group.female_given)
    return draw.one(middles, "middle", key), draw.one(givens, "given", key)


def religion(province: str, lineage: int) -> str:
    """The religion of a lineage, as a code of the population service; "00" for most."""
    return draw.one(_RELIGIONS, "religion", province, lineage)
