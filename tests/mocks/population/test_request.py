"""Requests are read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.population.request import Ask, Operation, RequestError, parse
from tests.mocks.population.caller import envelope, fields, look_up, verify

_DOCTYPE = b'<!DOCTYPE a [<!ENTITY x "y">]>'


def test_a_look_up_is_understood() -> None:
    """Every part of a right request arrives."""
    ask = parse(look_up())
    assert ask == Ask(Operation.LOOKUP, ask.request_id, "004192000123", None, "NGUYEN THI MAU", "19921122")
    assert ask.subject == "004192000123"


def test_a_verification_by_old_number_is_understood() -> None:
    """Nine digits travel in SoCMND."""
    ask = parse(verify("150917940"))
    assert (ask.operation, ask.personal_id, ask.old_id, ask.subject) == (
        Operation.VERIFY,
        None,
        "150917940",
        "150917940",
    )


@given(st.permutations(range(7)).filter(lambda order: order != list(range(7))))
def test_the_order_of_elements_matters(order: list[int]) -> None:
    """Every other order of the same elements is refused."""
    elements = fields()
    with pytest.raises(RequestError, match="not in its place"):
        parse(envelope([elements[place] for place in order]))


@pytest.mark.parametrize("place", range(7))
def test_every_element_is_needed(place: int) -> None:
    """Leaving one out, or leaving it empty, is refused."""
    elements = fields()
    name = elements[place][0]
    with pytest.raises(RequestError):
        parse(envelope(elements[:place] + elements[place + 1 :]))
    with pytest.raises(RequestError):
        parse(envelope([*elements[:place], (name, ""), *elements[place + 1 :]]))


@pytest.mark.parametrize("place", range(7))
def test_no_element_comes_twice(place: int) -> None:
    """A doubled element is refused."""
    elements = fields()
    with pytest.raises(RequestError, match="not in its place"):
        parse(envelope([*elements[: place + 1], *elements[place:]]))


def test_newer_elements_have_their_place() -> None:
    """MaDonVi, TaiKhoan and SoDienThoai may follow MaCanBo, as newer clients send them."""
    elements = fields()
    newer = [("MaDonVi", "H14"), ("TaiKhoan", "a"), ("SoDienThoai", "0")]
    assert parse(envelope([*elements[:4], *newer, *elements[4:]])).personal_id == "004192000123"
    with pytest.raises(RequestError, match="not in its place"):
        parse(envelope([*elements, *newer]))


@pytest.mark.parametrize(
    ("birth", "expected"),
    [
        ("<dan:NgayThangNam>19921122</dan:NgayThangNam>", "19921122"),
        ("<dan:NgayThangNam>199211</dan:NgayThangNam>", "199211"),
        ("<dan:Nam>1992</dan:Nam>", "1992"),
        ("<dan:NgayThangNam>19921122</dan:NgayThangNam><dan:Nam>1992</dan:Nam>", "19921122"),
        ("<dan:NgayThangNam/><dan:Nam>1992</dan:Nam>", "1992"),
    ],
)
def test_dates_are_read(birth: str, expected: str) -> None:
    """A day, a month or a year, once or twice but agreeing."""
    assert parse(look_up(birth=birth)).birth == expected


@pytest.mark.parametrize(
    "birth",
    [
        "19921122",
        "<dan:NgayThangNam>1992-11-22</dan:NgayThangNam>",
        "<dan:NgayThangNam>1992</dan:NgayThangNam>",
        "<dan:Nam>92</dan:Nam>",
        "<dan:Nam>1992</dan:Nam><dan:NgayThangNam>19921122</dan:NgayThangNam>",
        "<dan:NgayThangNam>19921122</dan:NgayThangNam><dan:Nam>1993</dan:Nam>",
        "<dan:Thang>11</dan:Thang>",
    ],
)
def test_other_dates_are_refused(birth: str) -> None:
    """Another format, order, element or a contradiction is refused."""
    with pytest.raises(RequestError):
        parse(look_up(birth=birth))


def test_the_integration_code_belongs_to_the_operation() -> None:
    """003 does not look up, 037 does not verify."""
    with pytest.raises(RequestError, match="MaTichHop"):
        parse(envelope(fields(service="003")))
    with pytest.raises(RequestError, match="MaTichHop"):
        parse(envelope(fields(service="037"), "XacThucThongTinCongDan"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a",
        b"{}",
        b"<a/>",
        look_up().replace(b"soapenv/envelope", b"soapenv/other").replace(b"soap/envelope", b"soap/other"),
        look_up().replace(b"http://dancuquocgia.bca", b"http://other"),
        look_up().replace(b"TraCuuThongTinCongDan", b"TraCuu"),
        envelope([]).replace(b"<dan:TraCuuThongTinCongDan></dan:TraCuuThongTinCongDan>", b""),
        _DOCTYPE + look_up(),
        _DOCTYPE + look_up().replace(b"VPCP", b"&x;"),
    ],
)
def test_what_is_not_a_request_is_refused(body: bytes) -> None:
    """No XML, another envelope, namespace or operation, and any document type declaration."""
    with pytest.raises(RequestError):
        parse(body)


def test_an_error_never_repeats_the_request() -> None:
    """The text of a refusal holds nothing the caller wrote."""
    secret = "QUITE-UNIQUE-VALUE"
    for elements in ([("MaYeuCau", secret), (secret, "1")], [*fields(name=secret), ("HoVaTen", secret)]):
        with pytest.raises(RequestError) as caught:
            parse(envelope(elements))
        assert secret not in str(caught.value)
