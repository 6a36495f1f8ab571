"""Raw values: what a registry said, freed from its wire, not yet in the gateway's vocabulary.

An adapter's `mapping` makes these; `gateway.steps.normalise` turns them into the contract's JSON values. A part a
registry left empty is None here, never "". Nothing is guessed: a name that came as one string stays `full`.
"""

from dataclasses import dataclass
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Final

VIETNAM: Final = timezone(timedelta(hours=7))
"""The time of a registry that names no zone."""


@dataclass(frozen=True, slots=True)
class RawText:
    """Plain text or an identifier."""

    text: str


@dataclass(frozen=True, slots=True)
class RawDate:
    """A date as digits: year always, month and day when known. Not yet checked against the calendar."""

    year: int
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class RawName:
    """A personal name: `full` when the registry gave one string, else its parts."""

    full: str | None = None
    family: str | None = None
    middle: str | None = None
    given: str | None = None


@dataclass(frozen=True, slots=True)
class RawCode:
    """A code of a named code list (`config/codes`), or only a name where the registry has no stable code."""

    code: str | None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class RawAddress:
    """An address as recorded.

    `province`, `district`, `commune` are statistics-office codes (2, 3 and 5 digits) when the registry uses them; the
    `_name` parts are what it wrote in words. A district means the address is older than 2025-07-01.
    """

    text: str | None = None
    detail: str | None = None
    province: str | None = None
    district: str | None = None
    commune: str | None = None
    province_name: str | None = None
    district_name: str | None = None
    commune_name: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class RawPerson:
    """Another person a record points at: a parent, a spouse, a household head, a firm's representative."""

    name: RawName | None = None
    personal_id: str | None = None
    old_id: str | None = None
    nationality: RawCode | None = None
    relation: RawCode | None = None
    birth_date: RawDate | None = None
    sex: RawCode | None = None


@dataclass(frozen=True, slots=True)
class RawMoney:
    """An amount in a currency (ISO 4217)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class RawActivity:
    """A line of business: code of the national industry list, its name, whether it is the main one."""

    code: str | None
    name: str | None
    main: bool


@dataclass(frozen=True, slots=True)
class RawMember:
    """A contributing member of an enterprise. `ratio` in percent."""

    name: str
    amount: RawMoney | None = None
    ratio: Decimal | None = None
    country: RawCode | None = None


@dataclass(frozen=True, slots=True)
class RawObligation:
    """An outstanding tax obligation: kind of tax, period, amount still due, due date."""

    tax: RawCode
    period: str | None
    due: RawMoney
    due_on: RawDate | None


RawItem = RawPerson | RawActivity | RawMember | RawObligation
RawValue = RawText | RawDate | RawName | RawCode | RawAddress | RawMoney | RawItem | tuple[RawItem, ...]
