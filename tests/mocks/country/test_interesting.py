"""The documented identifiers are what the documentation says."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from mocks.country import enterprise, person, person_by_old_id, taxpayer
from mocks.country.exceptions import EXCEPTIONS
from mocks.country.firm_exceptions import ODD_FIRMS, PERSONAL_CODES
from mocks.country.interesting import INTERESTING, Interesting, page
from mocks.country.model import Enterprise, Person, Taxpayer

_PAGE = Path(__file__).parents[3] / "docs" / "mock-country.md"


def test_the_page_is_the_documentation() -> None:
    """`docs/mock-country.md` is what the country says about itself."""
    assert _PAGE.read_text("utf-8") == page()


def test_every_exception_is_documented() -> None:
    """No odd record is hidden: each exception's identifier stands in the table."""
    documented = {row.identifier for row in INTERESTING}
    assert {*EXCEPTIONS, *ODD_FIRMS, *PERSONAL_CODES} <= documented


@pytest.mark.parametrize("row", INTERESTING, ids=lambda row: f"{row.register}-{row.identifier}")
def test_absent_means_absent(row: Interesting) -> None:
    """A row says "absent" exactly when its register has no record."""
    registers: dict[str, Callable[[str], object]] = {
        "population": person_by_old_id if len(row.identifier) == 9 else person,
        "business": enterprise,
        "tax": taxpayer,
    }
    assert (registers[row.register](row.identifier) is None) == row.note.startswith("absent")


_PEOPLE: dict[str, Callable[[Person], bool]] = {
    "004192000123": lambda p: (
        (p.full_name, p.sex, p.spouse is not None) == ("Nguyễn Thị Mẫu", "2", True)
        and (p.birth.year, p.birth.month, p.birth.day) == (1992, 11, 22)
        and (p.permanent.province_code, p.permanent.scheme) == ("04", "2025-07-01")
        and (p.old_id, p.deceased, p.flat_name) == ("150917940", False, False)
    ),
    "001145000201": lambda p: (p.birth.month, p.birth.day) == (None, None),
    "024158000202": lambda p: (p.birth.month, p.birth.day) == (7, None),
    "038085000203": lambda p: p.doubts == ("sex_contradicts_id",),
    "040183000204": lambda p: p.doubts == ("birth_year_contradicts_id",),
    "031060000205": lambda p: p.deceased,
    "027178000206": lambda p: p.permanent.province_code == "27" and p.permanent.district_code is not None,
    "082190000207": lambda p: p.permanent.province_name == "Tỉnh Tiền Giang",
    "001099000208": lambda p: p.spouse is None and p.marital_status == "1",
    "079201000209": lambda p: p.full_name == p.given == "Mẫn",
    "046188000210": lambda p: len(p.full_name) > 70,
    "001087000212": lambda p: p.full_name == "Đặng Đình Đức",
    "068190012001": lambda p: p.ethnicity == "16" and (p.family, p.middle) == ("", "") and "'" in p.given,
    "004076150001": lambda p: p.ethnicity != "01" and p.family != "",
    "048186000211": lambda p: p.spouse is not None and (p.spouse.personal_id, p.spouse.nationality) == (None, "US"),
    "022194000214": lambda p: p.flat_name,
    "052080000215": lambda p: p.sex == "0",
    "092196000216": lambda p: (p.birth.month, p.birth.day) == (2, 29),
    "033170000217": lambda p: p.given == "Hòa",
    "001215000222": lambda p: p.representative == p.father and p.head_relation == "CH03",
    "001135000333": lambda p: p.father is not None and p.father.personal_id is None,
}


@pytest.mark.parametrize("personal_id", _PEOPLE)
def test_a_documented_citizen_is_as_described(personal_id: str) -> None:
    """What is special about a citizen is really there."""
    found = person(personal_id)
    assert found is not None
    assert _PEOPLE[personal_id](found)


_FIRMS: dict[str, Callable[[Enterprise, Taxpayer], bool]] = {
    "0100109106": lambda e, t: (e.status_name, t.status, t.obligations) == ("Đang hoạt động", "00", ()),
    "0109000015": lambda e, t: (e.status_id, t.status) == ("7", "01"),
    "4809000018": lambda e, t: (e.status_name, t.status) == ("Tạm ngừng kinh doanh", "05"),
    "4809000025": lambda e, _: len(e.representatives) == len({p.personal_id for p in e.representatives}) == 3,
    "0309000037": lambda e, _: e.name_foreign is None and e.document_ends == date(2024, 6, 30),
    "4809000089": lambda e, _: e.head_office.district_code is not None,
    "7909000063": lambda e, t: e.head_office != t.address,
    "3109000042": lambda e, t: (e.status_id, t.status) == ("1", "09"),
    "4809000057": lambda _, t: len(t.obligations) == 3,
}


@pytest.mark.parametrize("code", _FIRMS)
def test_a_documented_firm_is_as_described(code: str) -> None:
    """What is special about a firm is really there, in both registers."""
    firm, registered = enterprise(code), taxpayer(code)
    assert firm is not None
    assert registered is not None
    assert _FIRMS[code](firm, registered)


def test_the_tax_register_spells_one_name_differently() -> None:
    """The same woman is Thúy in one register and Thuý in the other."""
    one, registered = person("001187000213"), taxpayer("001187000213")
    assert one is not None
    assert registered is not None
    assert one.full_name.upper() != registered.name == "NGUYỄN THỊ THUÝ"
