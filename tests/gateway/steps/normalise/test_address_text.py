"""Units read from the end of an address that is only text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.steps.normalise.address_text import read
from gateway.steps.normalise.gazetteer import Places


@pytest.mark.parametrize(
    ("text", "scheme", "province", "district", "communes", "detail"),
    [
        ("12 Lê Lợi, P. Trúc Bạch, Q. Ba Đình, HN", "former", "01", "001", ("00004",), "12 Lê Lợi"),
        ("tổ 5; XA PHU UNG; H. An Thi; Hung Yen; Việt Nam", "former", "33", "329", ("12145",), "tổ 5"),
        ("Phường 1, TP Mỹ Tho - Tiền Giang", "former", "82", "815", ("28261",), ""),
        ("phuong thuc phan, cao bang, VN\n", "current", "04", None, ("01273",), ""),
        ("Số 1, Phường Mỹ Tho, Đồng Tháp", "current", "82", None, ("28261",), "Số 1"),
        ("Xã Không Có, Huyện Thông Nông, Cao Bằng", "former", "04", None, (), "Xã Không Có, Huyện Thông Nông"),
        ("TT Đất Đỏ - H. Long Đất - Bà Rịa - Vũng Tàu", "former", "77", "753", ("26680",), ""),
        ("Tiền Giang", "former", "82", None, (), ""),
        ("Cao Bằng", None, "04", None, (), ""),
        ("Đồng Tháp", None, None, None, (), ""),
    ],
)
def test_units_are_read_from_the_right(
    shipped_places: Places,
    text: str,
    scheme: str | None,
    province: str | None,
    district: str | None,
    communes: tuple[str, ...],
    detail: str,
) -> None:
    """A district says that the address is old; a province both schemes have says nothing about its scheme."""
    found = read(text, shipped_places)
    assert found is not None
    wanted = {"former": shipped_places.former, "current": shipped_places.current, None: None}[scheme]
    assert found.scheme is wanted
    assert (found.province, found.district, found.communes, found.detail) == (province, district, communes, detail)


@pytest.mark.parametrize("text", ["", " , ", "somewhere", "Phường Thục Phán", "Việt Nam", "Paris, France"])
def test_a_text_that_ends_with_no_province_names_nothing(shipped_places: Places, text: str) -> None:
    """Nothing is guessed from a street or a country."""
    assert read(text, shipped_places) is None


@given(st.text(max_size=60))
def test_no_text_whatever_breaks_it(shipped_places: Places, text: str) -> None:
    """Every text has an answer."""
    read(text, shipped_places)
    read(f"{text}, Cao Bằng", shipped_places)
