"""Names of administrative units, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.steps.normalise.unit_names import names

DISTRICT = names(
    "commune",
    [
        ("Phường 12", "12"),
        ("Thị trấn Phú Lộc", "tt"),
        ("Xã Phú Lộc", "xa"),
        ("Xã Hòa An", "ha"),
        ("Xã Xà Bang", "xb"),
        ("Xã Tân Lập", "tl"),
        ("Xã Tân Lạp", "tlp"),
    ],
)
DISTRICTS = names("district", [("Quận 1", "q1"), ("Thành phố Thủ Đức", "td"), ("Huyện Ea H'leo", "eh")])


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("Phường 12", ("12",)),
        ("P.12", ("12",)),
        ("P 12", ("12",)),
        ("p12", ("12",)),
        ("PHUONG 012", ("12",)),
        ("12", ("12",)),
        ("TT. Phú Lộc", ("tt",)),
        ("thi tran phu loc", ("tt",)),
        ("X. Phú Lộc", ("xa",)),
        ("Phú Lộc", ("tt", "xa")),
        ("Hoà An", ("ha",)),
        ("XÃ HÒA AN", ("ha",)),
        ("Xà Bang", ("xb",)),
        ("Xa Xa Bang", ("xb",)),
        ("Tân Lập", ("tl",)),
        ("Tan Lap", ("tl", "tlp")),
        ("Phường Phú Lộc", ()),
        ("Phú Lâm", ()),
        ("", ()),
    ],
)
def test_a_commune_is_found_by_what_people_write(written: str, codes: tuple[str, ...]) -> None:
    """Abbreviations, case and missing accents do not hide a commune; two that are written alike are both named."""
    assert DISTRICT.find(written).codes == codes
    assert DISTRICT.find(written).code == (codes[0] if len(codes) == 1 else None)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Q.1", "q1"),
        ("Quận 01", "q1"),
        ("TP. Thủ Đức", "td"),
        ("T.P Thu Duc", "td"),
        ("Huyện Ea H’leo", "eh"),
        ("EA HLEO", "eh"),
        ("H. Ea H'Leo", "eh"),
    ],
)
def test_a_district_is_found_by_what_people_write(written: str, code: str) -> None:
    """Kinds of districts are abbreviated too, and apostrophes come in many forms."""
    assert DISTRICTS.find(written).code == code


def test_a_commune_that_became_a_ward_is_meant_only_where_that_is_asked_for() -> None:
    """Another kind is another unit, unless the list is that of one district."""
    assert DISTRICT.find("Phường Hòa An").codes == ()
    assert DISTRICT.find("Phường Hòa An", other_kinds=True).codes == ("ha",)


@given(st.text(max_size=40))
def test_no_text_whatever_breaks_it(written: str) -> None:
    """Every text has an answer, and the same one again."""
    found = DISTRICT.find(written)
    assert found == DISTRICT.find(written)
    assert set(found.codes) <= {"12", "tt", "xa", "ha", "xb", "tl", "tlp"}
