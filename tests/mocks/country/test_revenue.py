"""Tax registrations repeat the other registers and agree with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.country import enterprise, person, taxpayer
from mocks.country.exceptions import EXCEPTIONS
from mocks.country.firm_exceptions import ODD_FIRMS
from mocks.country.numbers import CENSUS_DAY
from mocks.country.trades import TAX_STATUS
from tests.mocks.country.drawn import enterprise_codes, personal_ids


@given(enterprise_codes())
def test_a_firm_is_registered_under_its_name(code: str) -> None:
    """The tax register has the firm's name in capitals, its address, and a status that fits the legal one."""
    firm, registered = enterprise(code), taxpayer(code)
    assert firm is not None
    assert registered is not None
    assert (registered.name, registered.address, registered.kind) == (
        firm.name.upper(),
        firm.head_office,
        "organisation",
    )
    if firm.status_id != "1":
        assert (registered.status, registered.reason) == TAX_STATUS[firm.status_id]
    assert registered.office_code[:2].isdigit()


@given(enterprise_codes(), st.integers(1, 9))
def test_a_branch_is_a_dependent_unit(code: str, serial: int) -> None:
    """A ten-and-three code is registered exactly where the branch exists."""
    registered = taxpayer(f"{code}-{serial:03}")
    assert registered is not None
    assert registered.kind == "dependent_unit"


@given(personal_ids())
def test_an_adult_is_registered_under_the_own_name(personal_id: str) -> None:
    """Adults and nobody else are registered by personal number, with the population register's name."""
    one, registered = person(personal_id), taxpayer(personal_id)
    assert one is not None
    assert (registered is None) == (CENSUS_DAY.year - one.birth.year < 18)
    if registered is not None and personal_id not in EXCEPTIONS:
        assert registered.name == one.full_name.upper()
        assert registered.kind in {"individual", "household_business"}
        assert registered.address == one.permanent
        assert not one.deceased or registered.status == "01"


@given(enterprise_codes())
def test_debts_are_amounts_that_were_due(code: str) -> None:
    """An obligation is a positive amount whose day has passed."""
    registered = taxpayer(code)
    assert registered is not None
    for debt in registered.obligations:
        assert debt.due > 0
        assert debt.due_on < CENSUS_DAY
        assert debt.period[:4] in {str(debt.due_on.year), str(debt.due_on.year - 1)}


def test_the_documented_codes_cover_every_tax_status() -> None:
    """Each status of Circular 90/2026/TT-BTC occurs among the documented identifiers."""
    found = {registered.status for code in (*ODD_FIRMS, "8000000029") if (registered := taxpayer(code))}
    assert found == {"00", "01", "02", "03", "04", "05", "06", "07", "09", "10"}


@pytest.mark.parametrize("code", ["", "0100109107", "0199999991", "001199000000", "8000000012", "1" * 13])
def test_codes_nobody_has(code: str) -> None:
    """A code that is no firm's, no branch's, no adult's and no foreigner's is not registered."""
    assert taxpayer(code) is None


def test_a_foreigner_has_a_code_beginning_with_8() -> None:
    """Ten digits from 8 on with a right check digit are a foreigner's, unless documented as an old code."""
    registered = taxpayer("8000000036")
    assert registered is not None
    assert registered.kind == "foreigner"
