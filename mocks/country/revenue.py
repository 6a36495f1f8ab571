"""Tax registrations of firms, branches, citizens and foreigners.

Rule of this file: what the business and population registers say is repeated, in the tax register's spelling
(capitals); only statuses, offices and debts are the tax register's own.
"""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from mocks.country import draw
from mocks.country.citizens import person
from mocks.country.exceptions import EXCEPTIONS
from mocks.country.firm_exceptions import ODD_FIRMS, PERSONAL_CODES, OddFirm
from mocks.country.firms import enterprise, old_province, valid_code
from mocks.country.model import SCHEME_LEGACY, Address, Enterprise, Obligation, Person, Taxpayer, TaxpayerKind
from mocks.country.numbers import CENSUS_DAY
from mocks.country.trades import TAX_STATUS, TAXES
from mocks.country.units import current_address, province_name, successor

_ADULT = 18
_INDIVIDUALS: Final = (
    (("00", "02"),) * 60 + (("00", "03"),) * 30 + (("01", "08"), ("03", "13"), ("06", "07"), ("10", "01")) * 2
)
_ENDED = "01"


@lru_cache(maxsize=4096)
def taxpayer(tax_code: str) -> Taxpayer | None:
    """The registration under a tax code; None for a code nobody has.

    Ten digits are a firm's code or, beginning with 8, a natural person's; ten and three a branch's; twelve the
    personal number of an adult.
    """
    if len(tax_code) == 12:
        return _citizen(tax_code)
    if tax_code in PERSONAL_CODES:
        return _personal(tax_code)
    firm = enterprise(tax_code)
    if firm is not None:
        return _firm(firm)
    if len(tax_code) == 10 and valid_code(tax_code) and tax_code.startswith("8"):
        return _foreigner(tax_code, f"FOREIGN RESIDENT {int(tax_code[1:9])}")
    return None


def _firm(firm: Enterprise) -> Taxpayer:
    odd = ODD_FIRMS.get(firm.code, OddFirm(debts=-1))
    status, reason = _firm_status(firm, odd)
    address = firm.head_office
    if odd.tax_elsewhere:
        address = current_address(successor(old_province(firm.code)), "tax address", firm.code, "other")
    branch = "-" in firm.code
    return _taxpayer(
        firm.code,
        firm.name.upper(),
        "dependent_unit" if branch else "organisation",
        status=(status, reason),
        address=address,
        debts=_debts(firm.code) if odd.debts < 0 else odd.debts,
    )


def _firm_status(firm: Enterprise, odd: OddFirm) -> tuple[str, str]:
    if odd.tax is not None:
        return odd.tax
    if odd.debts < 0 and firm.status_id == "1":
        place = draw.number(100, "tax status", firm.code)
        return {0: ("02", "01"), 1: ("09", "03"), 2: ("00", "01")}.get(place, TAX_STATUS["1"])
    return TAX_STATUS[firm.status_id]


def _citizen(personal_id: str) -> Taxpayer | None:
    found = person(personal_id)
    if found is None or CENSUS_DAY.year - found.birth.year < _ADULT:
        return None
    odd = EXCEPTIONS.get(personal_id)
    name = odd.tax_name if odd is not None and odd.tax_name else found.full_name.upper()
    # A documented citizen is simply registered and working, unless the documentation says otherwise.
    household = odd is None and draw.chance(15, "household business", personal_id)
    status = ("00", "02") if odd is not None else draw.one(_INDIVIDUALS, "tax status", personal_id)
    if found.deceased:
        status = (_ENDED, "08")
    return _taxpayer(
        personal_id,
        name,
        "household_business" if household else "individual",
        status=status,
        address=found.permanent,
        debts=0 if odd is not None or found.deceased else _debts(personal_id),
    )


def _personal(tax_code: str) -> Taxpayer:
    owner: Person | None = person(PERSONAL_CODES[tax_code])
    if owner is None:
        return _foreigner(tax_code, PERSONAL_CODES[tax_code])
    return _taxpayer(
        tax_code,
        owner.full_name.upper(),
        "individual",
        status=("10", "01"),
        address=owner.permanent,
        debts=0,
    )


def _foreigner(tax_code: str, name: str) -> Taxpayer:
    address = current_address("79", "foreigner", tax_code)
    return _taxpayer(tax_code, name, "foreigner", status=("00", "02"), address=address, debts=0)


def _taxpayer(
    tax_code: str,
    name: str,
    kind: TaxpayerKind,
    *,
    status: tuple[str, str],
    address: Address,
    debts: int,
) -> Taxpayer:
    office_code, office_name = _office(address, tax_code, local=kind not in {"organisation", "foreigner"})
    return Taxpayer(
        tax_code=tax_code,
        name=name,
        kind=kind,
        status=status[0],
        reason=status[1],
        office_code=office_code,
        office_name=office_name,
        address=address,
        obligations=tuple(_obligation(tax_code, place) for place in range(debts)),
    )


def _office(address: Address, tax_code: str, *, local: bool) -> tuple[str, str]:
    """The two-level tax authority: the province's office, or one of its local ones. The codes are the mock's own."""
    legacy = address.scheme == SCHEME_LEGACY
    province = successor(address.province_code) if legacy else address.province_code
    full = province_name(province)
    name = full[0].lower() + full[1:]
    if not local:
        return f"{province}00", f"Thuế {name}"
    serial = 1 + draw.number(9, "tax office", tax_code)
    return f"{province}{serial:02}", f"Thuế cơ sở {serial} {name}"


def _debts(tax_code: str) -> int:
    return 1 + draw.number(3, "debts", tax_code) if draw.chance(15, "debtor", tax_code) else 0


def _obligation(tax_code: str, place: int) -> Obligation:
    year = CENSUS_DAY.year - 2 + draw.number(2, "debt year", tax_code, place)
    quarter = 1 + draw.number(4, "debt quarter", tax_code, place)
    yearly = draw.chance(30, "yearly", tax_code, place)
    end = date(year + 1, 3, 31) if yearly else date(year + quarter // 4, (quarter * 3) % 12 + 1, 30)
    return Obligation(
        tax_code_name=draw.one(TAXES, "tax", tax_code, place),
        period=str(year) if yearly else f"{year}-Q{quarter}",
        due=Decimal(1 + draw.number(90_000, "due", tax_code, place)) * 1000,
        due_on=end,
    )
