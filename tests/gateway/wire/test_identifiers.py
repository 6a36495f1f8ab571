"""Identifiers: form, check digit, contradictions."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.vn import mst

from gateway.wire import identifiers


@given(st.text("0123456789", min_size=10, max_size=10))
def test_the_check_digit_agrees_with_an_independent_library(digits: str) -> None:
    """Our rule and python-stdnum's accept the same numbers, but for prefixes and serials it refuses beside it."""
    ours = identifiers.check_digit_fits(digits)
    theirs = mst.calc_check_digit(digits[:9]) == digits[9]
    assert ours == theirs


def test_a_prefix_whose_check_digit_would_be_ten_is_never_issued() -> None:
    """Where the weighted sum is a multiple of 11 no tenth digit is accepted."""
    weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
    prefix = next(
        p
        for p in (f"{n:09d}" for n in range(100_000_000, 100_001_000))
        if sum(w * int(d) for w, d in zip(weights, p, strict=True)) % 11 == 0
    )
    assert not any(identifiers.check_digit_fits(f"{prefix}{digit}") for digit in range(10))


@given(st.dates(dt.date(1850, 1, 1), dt.date(2199, 12, 31)))
def test_every_day_of_the_calendar_is_a_birth_date(day: dt.date) -> None:
    """A real day is taken with any precision."""
    for text in (day.isoformat(), day.isoformat()[:7], day.isoformat()[:4]):
        assert identifiers.birth_date(text) == text


@pytest.mark.parametrize(
    "text", ["1992-02-30", "1992-13", "1992-1-1", "19921122", "22/11/1992", "0001", "", "１９９２"]
)
def test_other_dates_are_refused(text: str) -> None:
    """A day that does not exist, or another way of writing, is refused with a sentence."""
    with pytest.raises(ValueError, match=r"."):
        identifiers.birth_date(text)


@pytest.mark.parametrize(
    "text", ["00419200012", "0041920001234", "00419200012a", "００４１９２０００１２３", " 04192000123"]
)
def test_other_personal_numbers_are_refused(text: str) -> None:
    """Only 12 or 9 ASCII digits are a personal number."""
    with pytest.raises(ValueError, match="12 digits"):
        identifiers.personal_id(text)


@given(st.text(max_size=60))
def test_a_name_that_is_taken_is_tidy_already(text: str) -> None:
    """Tidying a name twice changes nothing."""
    try:
        once = identifiers.full_name(text)
    except ValueError:
        return
    assert identifiers.full_name(once) == once


@pytest.mark.parametrize(
    ("number", "born", "doubts"),
    [
        ("004192000123", "1992-11-22", ()),
        ("004192000123", "1993", ("birth_year_contradicts_id",)),
        ("004292000123", "2092", ()),
        ("004292000123", "1992", ("birth_year_contradicts_id",)),
        ("123456789", "1950", ()),
    ],
)
def test_number_and_birth_year_are_compared(number: str, born: str, doubts: tuple[str, ...]) -> None:
    """The century and year digits are held against the birth date; a contradiction is a doubt, not a refusal."""
    assert identifiers.contradictions(number, born) == doubts
