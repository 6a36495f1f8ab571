"""Citizens with something odd about them, by personal number: what their record has instead of what would be drawn.

Rule of this file: nobody here is drawn as anybody's parent. `interesting.py` says in words why each one is here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mocks.country.model import Birth, Scheme, Sex


@dataclass(frozen=True, slots=True)
class Exceptional:
    """What differs. None keeps what is drawn; names given replace middle and given name, `family` the family name."""

    family: str | None = None
    middle: str | None = None
    given: str | None = None
    sex: Sex | None = None
    birth: Birth | None = None
    wed: bool | None = None
    deceased: bool = False
    home: tuple[Scheme, str] | None = None  # scheme and province code of the permanent address
    foreign_spouse: tuple[str, str] | None = None  # name as written in the passport, nationality
    flat_name: bool = False
    tax_name: str | None = None


EXCEPTIONS: Mapping[str, Exceptional] = MappingProxyType(
    {
        "004192000123": Exceptional(
            middle="Thị", given="Mẫu", birth=Birth(1992, 11, 22), wed=True, home=("2025-07-01", "04")
        ),
        "001145000201": Exceptional(birth=Birth(1945)),
        "024158000202": Exceptional(birth=Birth(1958, 7)),
        "038085000203": Exceptional(sex="2", wed=False),
        "040183000204": Exceptional(birth=Birth(1985, 3, 9)),
        "031060000205": Exceptional(deceased=True, wed=True),
        "027178000206": Exceptional(home=("2004-07-08", "27"), wed=True),
        "082190000207": Exceptional(home=("2004-07-08", "82"), wed=True),
        "001099000208": Exceptional(wed=False),
        "079201000209": Exceptional(family="", middle="", given="Mẫn", wed=False),
        "046188000210": Exceptional(
            middle="Phúc Công Tằng Tôn Nữ Thị Hoàng Phương Thảo", given="Quỳnh Như Bảo Trân Khánh Huyền"
        ),
        "048186000211": Exceptional(wed=False, foreign_spouse=("JOHN MICHAEL SMITH", "US")),
        "001087000212": Exceptional(family="Đặng", middle="Đình", given="Đức"),
        "001187000213": Exceptional(middle="Thị", given="Thúy", tax_name="NGUYỄN THỊ THUÝ"),
        "022194000214": Exceptional(flat_name=True),
        "052080000215": Exceptional(sex="0", wed=False),
        "092196000216": Exceptional(birth=Birth(1996, 2, 29)),
        "033170000217": Exceptional(middle="Thị", given="Hòa", wed=True),
    }
)
