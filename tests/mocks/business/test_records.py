"""An enterprise as the register writes it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from mocks.business import Dates, Variant
from mocks.business.printing import Json, printed
from mocks.business.records import nested
from mocks.country import enterprise
from mocks.country.model import Birth
from tests.mocks.business.asking import CODE


@pytest.mark.parametrize(
    ("birth", "dates", "written"),
    [
        (Birth(1980), Dates.SLASHES, "1980"),
        (Birth(1980, 7), Dates.SLASHES, "07/1980"),
        (Birth(1980, 7), Dates.DIGITS, "07/1980"),
        (Birth(1980, 7, 5), Dates.SLASHES, "05/07/1980"),
        (Birth(1980, 7, 5), Dates.DIGITS, "05071980"),
    ],
)
def test_births(birth: Birth, dates: Dates, written: str) -> None:
    """A birth is written as far as it is known."""
    firm = enterprise(CODE)
    assert firm is not None
    person = replace(firm.representatives[0], birth=birth)
    rows = nested(replace(firm, representatives=(person,)), Variant(dates=dates))["Representatives"]
    assert isinstance(rows, list)
    assert isinstance(rows[0], dict)
    assert rows[0]["DATE_OF_BIRTH"] == written


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1000000000.000"), "1000000000.000"),
        (Decimal("1E+3"), "1000"),
        ([True, None, 1, 'đ"\\'], '[true,null,1,"đ\\"\\\\"]'),
        ({"a": {}, "b": []}, '{"a":{},"b":[]}'),
    ],
)
def test_printing(value: Json, text: str) -> None:
    """JSON is printed without spaces, amounts with all their digits and no exponent."""
    assert text == printed(value)
