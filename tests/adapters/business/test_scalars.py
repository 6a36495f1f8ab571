"""Dates, amounts, shares, yes and no."""

from datetime import date as day
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.business.scalars import date, money, ratio, text, yes
from adapters.contract import AdapterError, Fault
from adapters.values import RawDate, RawMoney

DAYS = st.dates(min_value=day(1900, 1, 1), max_value=day(2150, 12, 31))


@given(DAYS, st.sampled_from(["%d/%m/%Y", "%d%m%Y", "%d-%m-%Y", "%Y-%m-%d", "%d/%m/%Y 00:00:00", "%Y-%m-%dT00:00:00Z"]))
def test_a_day_in_every_form(when: day, form: str) -> None:
    """Every written form of a day gives that day."""
    assert date({"D": when.strftime(form)}, "D") == RawDate(when.year, when.month, when.day)


@given(DAYS)
def test_a_day_as_a_number(when: day) -> None:
    """ddMMyyyy sent as a number may have lost its first zero."""
    assert date({"D": int(when.strftime("%d%m%Y"))}, "D") == RawDate(when.year, when.month, when.day)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        ("00/00/0000", None),
        ("00000000", None),
        ("01/01/0001", None),
        ("0001-01-01T00:00:00", None),
        (0, None),
        ("1/7/2010", RawDate(2010, 7, 1)),
        ("07/2010", RawDate(2010, 7)),
        ("2010", RawDate(2010)),
        (2010, RawDate(2010)),
        ("31/02/2010", RawDate(2010, 2, 31)),
    ],
)
def test_dates(written: Any, expected: RawDate | None) -> None:
    """Empty forms are None, reduced precision stays reduced, the calendar is not this reader's business."""
    assert date({"D": written}, "D") == expected


@pytest.mark.parametrize(
    "written", ["20100715", "15.07.2010", "15/07/10", "July 2010", "١٥/٠٧/٢٠١٠", "15/07/2010 noon", True, [], 1.5, {}]
)
def test_no_dates(written: Any) -> None:
    """Another order, another script or another type is refused without telling what was written."""
    with pytest.raises(AdapterError) as caught:
        date({"FOUNDING_DATE": Decimal(written) if isinstance(written, float) else written}, "FOUNDING_DATE")
    assert (caught.value.fault, caught.value.reason) == (Fault.GARBLED, "founding_date_malformed")


AMOUNTS = st.decimals(min_value=0, max_value=10**17, places=3, allow_nan=False, allow_infinity=False)


@given(AMOUNTS)
def test_an_amount_in_every_form(amount: Decimal) -> None:
    """Number or string, with or without zeros at the end: the same amount, printed the same."""
    forms = {money({"M": amount}, "M"), money({"M": str(amount)}, "M"), money({"M": f"{amount}000"}, "M")}
    assert len({str(form.amount) for form in forms if form}) == 1
    assert forms == {RawMoney(amount, "VND")}


@given(st.integers(10**6, 10**20))
def test_a_grouped_amount(amount: int) -> None:
    """Two separators of one kind or more are thousands, in either habit."""
    assert money({"M": f"{amount:,}"}, "M") == RawMoney(Decimal(amount), "VND")
    assert money({"M": f"{amount:,}".replace(",", ".")}, "M") == RawMoney(Decimal(amount), "VND")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1000000000.000", "1000000000"),
        (Decimal("1000000000.000"), "1000000000"),
        (Decimal("1.0E+9"), "1000000000"),
        (1000000000, "1000000000"),
        ("1,000,000.5", "1000000.5"),
        ("0", "0"),
        (Decimal("0.000"), "0"),
    ],
)
def test_amounts(written: Any, expected: str) -> None:
    """Amounts are printed without exponent and without empty fractions."""
    found = money({"M": written}, "M")
    assert found is not None
    assert expected == str(found.amount)


@pytest.mark.parametrize(
    "written",
    ["1,000", "1.000,00", "1.000,000,000", "-5", -5, Decimal("-0.5"), "1e9", "5 tỷ", "1.0001", Decimal("1.0001"),
     "9" * 22, Decimal("1E+21"), True, []],
)  # fmt: skip
def test_no_amounts(written: Any) -> None:
    """What has two readings, or is no amount of dong, is refused."""
    with pytest.raises(AdapterError, match=r"^garbled: capital_amount_malformed$"):
        money({"CAPITAL_AMOUNT": written}, "CAPITAL_AMOUNT")


@pytest.mark.parametrize(
    ("written", "expected"),
    [("60.00", "60"), ("12,5", "12.5"), ("100%", "100"), (Decimal("33.33"), "33.33"), (40, "40"), (None, None)],
)
def test_shares(written: Any, expected: str | None) -> None:
    """A share is a percentage with a dot or a comma."""
    found = ratio({"R": written}, "R")
    assert expected == (None if found is None else str(found))


@pytest.mark.parametrize("written", ["100.01", "-1", "half", "1.2.3", 101])
def test_no_shares(written: Any) -> None:
    """More than everything, less than nothing and words are refused."""
    with pytest.raises(AdapterError, match="ratio_percent_malformed"):
        ratio({"RATIO_PERCENT": written}, "RATIO_PERCENT")


@pytest.mark.parametrize(
    ("written", "expected"),
    [("Y", True), ("y", True), ("N", False), (True, True), (1, True), ("0", False), (None, False), ("", False)],
)
def test_yes(written: Any, expected: bool) -> None:
    """Yes is said in several ways; nothing is no."""
    assert yes({"X": written}, "X") is expected


def test_no_yes() -> None:
    """Another word is neither."""
    with pytest.raises(AdapterError, match="is_main_malformed"):
        yes({"IS_MAIN": "maybe"}, "IS_MAIN")


def test_text() -> None:
    """The first filled member counts; space is tidied; numbers are their digits."""
    assert text({"A": " ", "B": " Công ty \n Mẫu "}, "A", "B", "C") == "Công ty Mẫu"
    assert text({"A": Decimal("1.50")}, "A") == "1.50"
    assert text({}, "A") is None


@pytest.mark.parametrize("written", [[], {}, True])
def test_no_text(written: Any) -> None:
    """A block or a truth value is no text."""
    with pytest.raises(AdapterError, match="name_malformed"):
        text({"NAME": written}, "NAME")
