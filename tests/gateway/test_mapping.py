"""What an origin does with values: honest, without guessing, and never beyond what it reads."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.model import Origin
from config.transformations import FORMATS, Change, Condition, Piece, Translation
from gateway import mapping
from gateway.model import Filled, Status, Value
from tests.helpers.builders import AT

NAME, STATUS, REASON = "enterprise.name", "taxpayer.status", "taxpayer.status_reason"
_SEX = Translation("sex_other", "sex", {"1": ("1", "Nam", "Male"), "2": ("0", "Nữ", "Female")})
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def _said(value: Any, change: Change, part: str | None = None) -> Filled:
    found = mapping.made(
        Origin("firm", NAME, part, change=change),
        {("firm", NAME): Value(NAME, Status.OK, "business", value, AT, AT)},
        frozenset({"firm"}),
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("date_vi", "1992-11-22", "22/11/1992"),
        ("date_vi", "1992-11", "11/1992"),
        ("date_vi", "1992", "1992"),
        ("date_compact", "1992-11-22", "19921122"),
        ("date_compact", "1992", None),
        ("date_time", "1992-11-22", "19921122000000"),
        ("date_time", "1992-11", None),
        ("year", "1992-11", "1992"),
        ("money_grouped", {"amount": "1000000000", "currency": "VND"}, "1.000.000.000"),
        ("money_grouped", {"amount": "-1234.5", "currency": "VND"}, "-1.234,5"),
        ("digits", {"amount": "36700000000", "currency": "VND"}, "36700000000"),
        ("text", {"detail": "Xóm 12", "commune": {"code": "09634", "name": "Xã Cổ Đô"}}, "Xóm 12, Xã Cổ Đô"),
        ("upper", {"full": "Nguyễn Thị Mẫu"}, "NGUYỄN THỊ MẪU"),
    ],
)
def test_a_format_writes_what_is_known_and_nothing_more(name: str, value: Any, written: str | None) -> None:
    """Of a date of which only the year is known no day is made up; what cannot be written is a doubt."""
    filled = _said(value, Change(format=name))
    assert filled.value.value == written
    assert filled.value.status is (Status.OK if written else Status.NOT_FOUND)
    assert filled.value.doubts == (() if written else (mapping.FORMAT_IMPOSSIBLE,))


def test_every_format_has_its_writer() -> None:
    """The list the configuration is checked against is the one that is carried out."""
    assert set(FORMATS) == set(mapping._FORMATS)


def test_a_code_is_translated_and_never_guessed() -> None:
    """0 is female there; a code without a translation is not found, with the reason."""
    assert _said({"code": "2", "name": "Nữ"}, Change(codes=_SEX)).value.value == {
        "code": "0",
        "name": "Nữ",
        "name_en": "Female",
    }
    unknown = _said({"code": "9", "name": "?"}, Change(codes=_SEX))
    assert (unknown.value.status, unknown.value.doubts) == (Status.NOT_FOUND, (mapping.CODE_UNTRANSLATED,))
    assert mapping.doubts([unknown]) == {"firm": (mapping.CODE_UNTRANSLATED,)}


def test_an_expression_takes_a_piece() -> None:
    """The main line of business; of a firm without one nothing."""
    lines = [{"code": "1030", "main": False}, {"code": "0119", "main": True}]
    main = Change(expression="[?main].code | [0]")
    assert (_said(lines, main).value.value, _said(lines, main).by) == ("0119", ("expression",))
    assert _said(lines[:1], main).value.status is Status.NOT_FOUND


def test_an_expression_that_fails_is_a_doubt_without_the_value() -> None:
    """The call goes on; neither the doubt nor any text shows what the registry said."""
    filled = _said("secret", Change(expression="sum(@)"))
    assert (filled.value.status, filled.value.doubts) == (Status.NOT_FOUND, (mapping.EXPRESSION_FAILED,))
    assert "secret" not in repr(filled)


@given(_JSON, st.sampled_from(["@", "[0]", "a.b", "length(@)", "max(@)", "sort(@)", "to_number(@)", "&a", "keys(@)"]))
def test_no_value_breaks_an_expression(value: Any, expression: str) -> None:
    """Whatever a registry says, an expression gives JSON or a doubt, and never an error."""
    made = mapping.searched(expression, value)
    assert mapping._is_json(made.value)


@given(_JSON, st.sampled_from(sorted(FORMATS)))
def test_no_value_breaks_a_format(value: Any, name: str) -> None:
    """A format gives a text or nothing, for any JSON."""
    assert isinstance(mapping.formatted(name, value).value, str | None)


def _joined(*said: tuple[str, Value]) -> Filled | None:
    pieces = tuple(Piece("payer", name) for name, _ in said)
    origin = Origin("payer", said[0][0], change=Change(join=pieces, separator=" - "))
    return mapping.made(origin, {("payer", name): value for name, value in said}, frozenset({"payer"}))


def _value(name: str, text: str | None, status: Status = Status.OK) -> tuple[str, Value]:
    return name, Value(name, status if text or status is not Status.OK else Status.NOT_FOUND, "tax", text, AT, AT)


def test_a_join_names_every_field_it_used() -> None:
    """Pieces without a value are left out, of the text and of the provenance; all missing is not found."""
    both = _joined(_value(STATUS, "Đã cấp"), _value(REASON, "Đang hoạt động"))
    assert both is not None
    assert (both.value.value, both.value.name, both.also) == ("Đã cấp - Đang hoạt động", STATUS, (("payer", REASON),))
    second = _joined(_value(STATUS, None), _value(REASON, "Đang hoạt động"))
    assert second is not None
    assert (second.value.value, second.value.name, second.also) == ("Đang hoạt động", REASON, ())
    none = _joined(_value(STATUS, None), _value(REASON, None))
    assert none is not None
    assert none.value.status is Status.NOT_FOUND


def test_a_join_of_which_a_source_is_silent_is_unavailable() -> None:
    """Half a text would look like the whole."""
    half = _joined(_value(STATUS, "Đã cấp"), _value(REASON, None, Status.UNAVAILABLE))
    assert half is not None
    assert (half.value.status, half.value.value) == (Status.UNAVAILABLE, None)


@pytest.mark.parametrize(
    ("kind", "expected"), [("joint_stock", Status.OK), ("private", None), (None, Status.UNAVAILABLE)]
)
def test_a_condition_on_a_value(kind: str | None, expected: Status | None) -> None:
    """It holds, it does not, or nobody can say now; the field that decided is named."""
    status = Status.OK if kind else Status.UNAVAILABLE
    values = {
        ("firm", NAME): Value(NAME, Status.OK, "business", "A", AT, AT),
        ("firm", "enterprise.type"): Value("enterprise.type", status, "business", {"code": kind} if kind else None),
    }
    change = Change(when=Condition("firm", "enterprise.type", ("joint_stock",)))
    found = mapping.made(Origin("firm", NAME, change=change), values, frozenset({"firm"}))
    assert (found.value.status if found else None) is expected
    if expected is Status.OK and found:
        assert found.also == (("firm", "enterprise.type"),)


@pytest.mark.parametrize(("absent", "holds"), [(False, False), (True, True)])
def test_a_condition_on_a_role(absent: bool, holds: bool) -> None:
    """With a role, or without it."""
    change = Change(when=Condition("father", absent=absent))
    values = {("firm", NAME): Value(NAME, Status.OK, "business", "A", AT, AT)}
    assert (mapping.made(Origin("firm", NAME, change=change), values, frozenset({"firm"})) is not None) is holds


def test_the_unit_of_today_is_taken_only_where_it_is_certain() -> None:
    """Of a former address its conversion, of a divided commune nothing."""
    now = {"scheme": "2025-07-01", "commune": {"code": "1"}}
    split = {"scheme": "2004-07-08", "commune": {"code": "2"}, "current": {"province": {"code": "82"}}}
    assert mapping.part(now, "commune_now") == {"code": "1"}
    assert mapping.part(split, "commune_now") is None
    assert mapping.part(split, "province_now") == {"code": "82"}
    assert mapping.part({"commune": {"code": "3"}}, "commune_now") is None
