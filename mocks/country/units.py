"""Administrative units of both schemes, and addresses in them.

Rule of this file: a code means nothing without its scheme; "82" was Tiền Giang and is Đồng Tháp.
"""

from mocks.country import draw, units_current, units_legacy
from mocks.country.model import SCHEME_CURRENT, SCHEME_LEGACY, Address

# Decision 19/2025/QĐ-TTg: where each abolished province code went; every other code stayed.
_MERGED_TABLE = (
    "02>08 06>19 10>15 17>25 26>25 27>24 30>31 34>33 35>37 36>37 45>44 49>48 54>66 58>56 60>68 62>51 64>52 "
    "67>68 70>75 72>80 74>79 77>79 83>86 84>86 87>82 89>91 93>92 94>92 95>96"
)
_MERGED = {pair[:2]: pair[3:] for pair in _MERGED_TABLE.split()}

# First two digits of a tax code -> old province where the firm was first registered.
_TAX_TABLE = (
    "01:01 02:31 03:79 04:48 05:01 06:36 07:35 08:30 09:33 10:34 11:80 12:82 13:83 14:87 15:86 16:89 17:91 18:92 "
    "19:95 20:96 21:84 22:94 23:27 24:24 25:26 26:25 27:37 28:38 29:40 30:42 31:44 32:45 33:46 34:60 35:77 36:75 "
    "37:74 38:70 39:72 40:49 41:52 42:56 43:51 44:54 45:58 46:19 47:06 48:04 49:20 50:08 51:02 52:15 53:10 54:17 "
    "55:14 56:11 57:22 58:68 59:64 60:66 61:62 62:12 63:93 64:67"
)
TAX_PREFIXES = {pair[:2]: pair[3:] for pair in _TAX_TABLE.split()}

_STREETS = ("Trần Phú", "Lê Lợi", "Nguyễn Trãi", "Hai Bà Trưng", "Lý Thường Kiệt", "Hoàng Văn Thụ", "Phan Bội Châu")
_HAMLETS, _SOUTHERN_HAMLETS = ("Thôn", "Xóm"), ("Ấp",)
_FIRST_SOUTHERN = "70"


def _current() -> dict[str, tuple[str, tuple[tuple[str, str], ...]]]:
    table = {}
    for line in units_current.TABLE.split("\n")[1:-1]:
        code, name, *communes = line.split("|")
        table[code] = (name, tuple(_coded(commune) for commune in communes))
    return table


def _legacy() -> dict[str, tuple[str, tuple[tuple[tuple[str, str], tuple[str, str]], ...]]]:
    table = {}
    for line in units_legacy.TABLE.split("\n")[1:-1]:
        code, name, *rows = line.split("|")
        pairs = tuple(tuple(map(_coded, row.split(">"))) for row in rows)
        table[code] = (name, tuple((district, commune) for district, commune in pairs))
    return table


def _coded(text: str) -> tuple[str, str]:
    code, _, name = text.partition(" ")
    return code, name


_CURRENT = _current()
_LEGACY = _legacy()

OLD_PROVINCES = tuple(_LEGACY)
PROVINCES = tuple(_CURRENT)


def successor(old_province: str) -> str:
    """The province of today that took in the old one (2-digit codes). Raises `KeyError` for an unknown code."""
    if old_province not in _LEGACY:
        raise KeyError(old_province)
    return _MERGED.get(old_province, old_province)


def province_name(province: str) -> str:
    """The full name of a province of today. Raises `KeyError` for an unknown code."""
    return _CURRENT[province][0]


def current_address(province: str, *key: object) -> Address:
    """An address in a province of today, drawn by `key`."""
    name, communes = _CURRENT[province]
    code, commune = draw.one(communes, "commune", *key)
    return Address(_detail(commune, province, *key), code, commune, None, None, province, name, SCHEME_CURRENT)


def legacy_address(old_province: str, *key: object) -> Address:
    """An address as written before 2025-07-01, with its district, drawn by `key`."""
    name, places = _LEGACY[old_province]
    district, (code, commune) = draw.one(places, "commune", *key)
    return Address(_detail(commune, old_province, *key), code, commune, *district, old_province, name, SCHEME_LEGACY)


def _detail(commune: str, province: str, *key: object) -> str:
    if commune.startswith("Xã"):
        hamlets = _SOUTHERN_HAMLETS if province >= _FIRST_SOUTHERN else _HAMLETS
        return f"{draw.one(hamlets, 'hamlet', *key)} {1 + draw.number(12, 'hamlet no', *key)}"
    house = 1 + draw.number(280, "house", *key)
    return f"Số {house}, đường {draw.one(_STREETS, 'street', *key)}"
