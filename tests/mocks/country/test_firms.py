"""Enterprises: the check digit, the people behind them, their branches."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.vn import mst

from mocks.country import enterprise, person
from mocks.country.firm_exceptions import ODD_FIRMS
from mocks.country.firms import valid_code
from mocks.country.model import Enterprise
from mocks.country.numbers import CENSUS_DAY
from mocks.country.trades import STATUSES
from tests.mocks.country.drawn import enterprise_codes


def _present(code: str) -> Enterprise:
    found = enterprise(code)
    assert found is not None
    return found


@settings(max_examples=300)
@given(st.integers(0, 9_999_999_999).map(lambda number: f"{number:010}"))
def test_the_check_digit_is_that_of_an_independent_library(code: str) -> None:
    """python-stdnum and the mock accept the same ten digits, but for its extra rule on 0000000 serials."""
    if code[2:9] != "0000000":
        assert valid_code(code) == mst.is_valid(code)


@pytest.mark.parametrize("code", ["0100109106", "0101243150"])
def test_known_codes_have_a_right_check_digit(code: str) -> None:
    """Codes of which the check digit is public knowledge pass, one of them with remainder 10 and digit 0."""
    assert valid_code(code)


def test_a_sum_divisible_by_eleven_is_no_code() -> None:
    """A prefix that would need the check digit 10 has no valid code at all."""
    assert [digit for digit in range(10) if valid_code(f"030900014{digit}")] == []


@given(enterprise_codes())
def test_an_enterprise_hangs_together(code: str) -> None:
    """Its directors are living adults of the country, its dates are ordered, its status is a legal one."""
    firm = _present(code)
    assert (firm.code, firm) == (code, enterprise(code))
    assert STATUSES[firm.status_id] == firm.status_name
    assert firm.founded <= firm.amended <= CENSUS_DAY
    assert (firm.changes == 0) <= (firm.founded == firm.amended)
    assert firm.representatives
    for director in firm.representatives:
        assert person(director.personal_id) == director
        assert not director.deceased
        assert CENSUS_DAY.year - director.birth.year >= 18
    assert [activity.main for activity in firm.activities].count(True) == 1


@given(enterprise_codes())
def test_members_together_own_the_capital(code: str) -> None:
    """Where there are members, ratios add up to 100 percent and amounts to the capital."""
    firm = _present(code)
    if firm.members:
        assert sum(member.ratio for member in firm.members) == 100
        assert sum(member.amount for member in firm.members) == firm.capital


@given(enterprise_codes(), st.integers(1, 9))
def test_a_branch_is_of_its_enterprise(code: str, serial: int) -> None:
    """A branch carries the enterprise's name and status and was founded no earlier."""
    firm, branch = _present(code), _present(f"{code}-{serial:03}")
    assert firm.name in branch.name
    assert branch.status_id == firm.status_id
    assert branch.founded >= firm.founded
    assert branch.internal_id != firm.internal_id


@pytest.mark.parametrize(
    "code",
    [
        "",
        "0100109107",
        "010010910",
        "01001091066",
        "0100109106-000",
        "0100109106-010",
        "0100109106-1",
        "0199999991",
        "8000000011",
        "٠١٠٠١٠٩١٠٦",
    ],
)
def test_codes_nobody_has(code: str) -> None:
    """A wrong form or check digit, an unissued serial, a person's code or an unknown branch is no enterprise."""
    assert enterprise(code) is None


def test_the_documented_firms_cover_all_legal_statuses() -> None:
    """Among the documented firms each of the seven statuses occurs."""
    assert {_present(code).status_id for code in ODD_FIRMS} == set(STATUSES)
