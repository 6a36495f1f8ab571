"""Tests of numbers as auditors type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.console import numbers


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("004192000123", "004192000123"),
        (" 004 192-000.123\t", "004192000123"),
        ("022345678", "022345678"),
        ("0400123456", "0400123456"),
        ("0400123456-001", "0400123456001"),
        ("", None),
        ("00419200012", None),
        ("00419200012a", None),
        ("００４１９２０００１２３", None),
        ("٠٠٤١٩٢٠٠٠١٢٣", None),
        ("004192000123456", None),
    ],
)
def test_reading(typed: str, number: str | None) -> None:
    """9 or 12 digits of a person, 10 or 13 of an organisation, however they are grouped; nothing else."""
    assert numbers.read(typed) == number


@pytest.mark.parametrize(("number", "person"), [("022345678", True), ("004192000123", True), ("0400123456", False)])
def test_whose_it_is(number: str, *, person: bool) -> None:
    """A length says whether it is a person's."""
    assert numbers.is_person(number) is person


@given(st.from_regex(r"[0-9]{9,13}", fullmatch=True))
def test_masking(number: str) -> None:
    """Length, first three and last four digits stay; what is left out could be anything."""
    shown = numbers.masked(number)
    assert (len(shown), shown[:3], shown[-4:]) == (len(number), number[:3], number[-4:])
    assert set(shown[3:-4]) == {"*"}


@pytest.mark.parametrize(
    ("typed", "like_one"),
    [
        ("004192000123", True),
        ("004.192.000.123", True),
        ("022345678", True),
        ("H14.12-261122-0001", False),
        ("0400123456", False),
        ("cb-0042", False),
        ("", False),
    ],
)
def test_a_number_in_the_wrong_field(typed: str, *, like_one: bool) -> None:
    """A person's number is recognised; a code of a dossier or an official is none."""
    assert numbers.is_like_one(typed) is like_one
