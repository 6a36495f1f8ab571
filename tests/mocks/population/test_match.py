"""Three factors find a citizen, two find nobody."""

from dataclasses import replace

import pytest
from hypothesis import given

from mocks.country import person
from mocks.country.model import Birth
from mocks.population.match import folded, found, written
from mocks.population.request import Ask, Operation
from mocks.population.variants import Fold
from tests.mocks.country.drawn import personal_ids

_MAU = Ask(Operation.LOOKUP, "r", "004192000123", None, "NGUYEN THI MAU", "19921122")


@given(personal_ids())
def test_everybody_is_found_by_the_own_three(personal_id: str) -> None:
    """The record's own number, folded name and date find it, in every fold."""
    one = person(personal_id)
    assert one is not None
    for fold in Fold:
        for birth in written(one.birth):
            ask = Ask(Operation.LOOKUP, "r", personal_id, None, folded(one.full_name, fold), birth)
            assert found(ask, fold) == one


@pytest.mark.parametrize(
    "ask",
    [
        replace(_MAU, personal_id="004192000124"),
        replace(_MAU, name="NGUYEN THI MAO"),
        replace(_MAU, name="NGUYỄN THỊ MẪU"),
        replace(_MAU, name="NGUYENTHIMAU"),
        replace(_MAU, name="Nguyen Thi Mau"),
        replace(_MAU, birth="19921123"),
        replace(_MAU, birth="1992"),
        replace(_MAU, birth="199211"),
        replace(_MAU, personal_id="001199000000"),
    ],
)
def test_two_of_three_find_nobody(ask: Ask) -> None:
    """A wrong number, name, fold, day or precision finds nobody."""
    assert found(_MAU, Fold.UPPER_ASCII) is not None
    assert found(ask, Fold.UPPER_ASCII) is None


def test_the_old_number_finds_the_same_citizen() -> None:
    """SoCMND leads to the same record."""
    old = replace(_MAU, personal_id=None, old_id="150917940")
    assert found(old, Fold.UPPER_ASCII) == found(_MAU, Fold.UPPER_ASCII)


@pytest.mark.parametrize(
    ("fold", "expected"),
    [
        (Fold.UPPER_ASCII, "DANG DINH DUC"),
        (Fold.NO_SPACES, "DANGDINHDUC"),
        (Fold.UPPER, "ĐẶNG ĐÌNH ĐỨC"),
    ],
)
def test_names_are_folded(fold: Fold, expected: str) -> None:
    """Đ becomes D where diacritics go."""
    assert folded("Đặng Đình Đức", fold) == expected


@pytest.mark.parametrize(
    ("birth", "expected"),
    [
        (Birth(1958), {"1958"}),
        (Birth(1958, 7), {"1958", "195807"}),
        (Birth(1958, 7, 3), {"19580703"}),
    ],
)
def test_dates_are_as_precise_as_the_record(birth: Birth, expected: set[str]) -> None:
    """What a request may carry depends on what the register knows."""
    assert written(birth) == expected
