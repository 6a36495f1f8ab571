"""People and firms of the synthetic country, as plain values.

Rule of this file: values only, in the vocabulary of the registries. A part that a registry leaves empty is
"" for the parts of a name and None elsewhere. Code lists are those of the population service (sex, marital
status, blood group, ethnic group, religion) and of Circular 90/2026/TT-BTC (tax status and reason).
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, Literal

SCHEME_CURRENT: Final = "2025-07-01"
SCHEME_LEGACY: Final = "2004-07-08"

Scheme = Literal["2025-07-01", "2004-07-08"]
Sex = Literal["0", "1", "2"]
TaxpayerKind = Literal["organisation", "dependent_unit", "individual", "household_business", "foreigner"]


@dataclass(frozen=True, slots=True)
class Address:
    """A place: free text in front, then units with statistics-office codes (2, 3 and 5 digits).

    `scheme` is the day from which that division of the country counts: "2025-07-01" has 34 provinces and no
    district, "2004-07-08" has 63 provinces and a district in every address.
    """

    detail: str
    commune_code: str
    commune_name: str
    district_code: str | None
    district_name: str | None
    province_code: str
    province_name: str
    scheme: Scheme

    @property
    def text(self) -> str:
        """The address on one line, from the house to the province."""
        parts = (self.detail, self.commune_name, self.district_name, self.province_name)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Birth:
    """A date of birth as far as the registry knows it: the year always, a day never without its month."""

    year: int
    month: int | None = None
    day: int | None = None


def _full(family: str, middle: str, given: str) -> str:
    return " ".join(part for part in (family, middle, given) if part)


@dataclass(frozen=True, slots=True)
class Relative:
    """Another person a record points at. Without numbers where the registry has only the name."""

    personal_id: str | None
    old_id: str | None
    family: str
    middle: str
    given: str
    nationality: str = "VN"

    @property
    def full_name(self) -> str:
        """Family, middle and given name, in that order, as written in Vietnam."""
        return _full(self.family, self.middle, self.given)


@dataclass(frozen=True, slots=True)
class Person:
    """One citizen's record.

    `flat_name`: the register never split this name into its parts. `head_relation` is `CH01` for the head
    of a household; the other codes (`CH02` spouse, `CH03` child) are the mock's own, the official table is
    not public. `doubts` names what is wrong in the record: `sex_contradicts_id`,
    `birth_year_contradicts_id`.
    """

    personal_id: str
    old_id: str | None
    family: str
    middle: str
    given: str
    sex: Sex
    birth: Birth
    ethnicity: str
    religion: str
    marital_status: str
    blood_type: str
    nationality: str
    birth_place: Address
    native_place: Address
    permanent: Address
    current: Address
    father: Relative | None
    mother: Relative | None
    spouse: Relative | None
    representative: Relative | None
    head_relation: str
    head: Relative
    household_book: str | None
    deceased: bool
    flat_name: bool = False
    doubts: tuple[str, ...] = field(default=())

    @property
    def full_name(self) -> str:
        """Family, middle and given name, in that order, as written in Vietnam."""
        return _full(self.family, self.middle, self.given)


@dataclass(frozen=True, slots=True)
class Activity:
    """A line of business: code and name of the national industry list, and whether it is the main one."""

    code: str
    name: str
    main: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A contributing member: amount in VND, ratio in percent with two decimals, country as ISO alpha-2."""

    name: str
    amount: Decimal
    ratio: Decimal
    country: str


@dataclass(frozen=True, slots=True)
class Enterprise:
    """One enterprise, or one of its branches (`code` with a three-digit suffix).

    `code` is also the tax code. `capital` in VND with three decimals, `changes` counts the amendments.
    """

    code: str
    internal_id: int
    name: str
    name_foreign: str | None
    short_name: str | None
    type_id: str
    type_name: str
    status_id: str
    status_name: str
    founded: date
    amended: date
    changes: int
    capital: Decimal
    head_office: Address
    representatives: tuple[Person, ...]
    activities: tuple[Activity, ...]
    members: tuple[Member, ...]
    document_ends: date | None = None  # last day of the representatives' identity documents, where the registry has it


@dataclass(frozen=True, slots=True)
class Obligation:
    """Tax still owed: (code, name) of the tax, period such as `2026-Q1` or `2025`, VND still due, day it
    was due.
    """

    tax_code_name: tuple[str, str]
    period: str
    due: Decimal
    due_on: date


@dataclass(frozen=True, slots=True)
class Taxpayer:
    """One tax registration. `status` and `reason` are the two-digit codes of Circular 90/2026/TT-BTC, annex
    I.
    """

    tax_code: str
    name: str
    kind: TaxpayerKind
    status: str
    reason: str
    office_code: str
    office_name: str
    address: Address
    obligations: tuple[Obligation, ...]
