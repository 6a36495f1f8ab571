"""A few hundred calls for auditors to look at: several portals, officers and procedures, some refusals, some oddities.

Rule of this file: everybody called about is of the mock country (docs/mock-country.md); the same seed makes the same
calls. Every call is real: signed, decided, asked of the mock registries, answered and logged.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.client import GatewayClient, GatewayError
from signing.keys import load_signer

PEOPLE = (
    ("004192000123", "Nguyễn Thị Mẫu", "1992-11-22"),
    ("024158000202", "Nguyễn Thanh Oanh", "1958-07"),
    ("038085000203", "Nguyễn Xuân Mạnh", "1985-02-04"),
    ("031060000205", "Nguyễn Hữu An", "1960-10-24"),
    ("027178000206", "Nguyễn Thị Thủy", "1978-03-01"),
    ("082190000207", "Nguyễn Thanh Dung", "1990-10-23"),
    ("001099000208", "Nguyễn Thuận", "1999-05-09"),
    ("001087000212", "Đặng Đình Đức", "1987-08-20"),
    ("068190012001", "Ka'Thủy", "1990-07-05"),
    ("004076150001", "Bàn Văn Hiếu", "1976-02-01"),
    ("048186000211", "Nguyễn Thị Bích Ngọc", "1986-01-28"),
    ("001187000213", "Nguyễn Thị Thúy", "1987-06-13"),
    ("052080000215", "Nguyễn Đình Phúc", "1980-01-23"),
    ("092196000216", "Nguyễn Ngọc Hoa", "1996-02-29"),
    ("033170000217", "Nguyễn Thị Hòa", "1970-09-12"),
    ("001215000222", "Nguyễn Công Việt", "2015-02-14"),
)
FIRMS = ("0100109106", "4809000018", "4809000025", "0309000037", "3809000094", "7909000063")
_AT_ONCE = 8
_SECONDS_APART = 1 / 18
"""Between two calls of one portal: the sample portal may make twenty a second."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A portal that calls. `officers`: how many work there; `share`: of all calls."""

    agency: str
    key: Path
    kid: str
    officers: int
    share: float


@dataclass(frozen=True, slots=True)
class Call:
    """One call to make."""

    caller: Caller
    operation: str
    purpose: Mapping[str, str]
    subjects: Mapping[str, Mapping[str, str]] = field(repr=False)


def calls(callers: Sequence[Caller], count: int, seed: int) -> tuple[Call, ...]:
    """What is called, in order: ordinary work, and at its end what an auditor should notice."""
    draw = random.Random(seed)
    made = [_ordinary(draw, draw.choices(callers, [c.share for c in callers])[0], n) for n in range(count)]
    return (*made, *_curious(callers[0]), *_one_person_from_everywhere(callers))


async def run(base_url: str, made: Sequence[Call]) -> tuple[int, int]:
    """Make the calls, eight at once; how many were answered and how many refused."""
    place = asyncio.Semaphore(_AT_ONCE)
    callers = {call.caller.agency: call.caller for call in made}.values()
    outcomes = await asyncio.gather(
        *(_of_one(base_url, caller, [call for call in made if call.caller is caller], place) for caller in callers)
    )
    answered = sum(outcomes)
    return answered, len(made) - answered


async def _of_one(base_url: str, caller: Caller, made: Sequence[Call], place: asyncio.Semaphore) -> int:
    """The calls of one portal, evenly apart; how many were answered."""
    signer = load_signer(caller.key, kid=caller.kid)

    async def one(client: GatewayClient, call: Call, turn: int) -> int:
        await asyncio.sleep(turn * _SECONDS_APART)
        async with place:
            try:
                await _send(client, call)
            except GatewayError:
                return 0
            return 1

    async with GatewayClient(base_url, iss=caller.agency, signer=signer, purpose={}) as client:
        return sum(await asyncio.gather(*(one(client, call, turn) for turn, call in enumerate(made))))


async def _send(client: GatewayClient, call: Call) -> Any:
    match call.operation:
        case "verify":
            return await client.verify_person(**call.subjects["applicant"], purpose=call.purpose)
        case "person":
            return await client.lookup_person(**call.subjects["applicant"], purpose=call.purpose)
        case "enterprise":
            return await client.lookup_enterprise(**call.subjects["enterprise"], purpose=call.purpose)
        case "taxpayer":
            return await client.lookup_taxpayer(**call.subjects["taxpayer"], purpose=call.purpose)
    return await client.prefill(call.subjects, {}, purpose=call.purpose)


def _ordinary(draw: random.Random, caller: Caller, number: int) -> Call:
    operation = draw.choices(
        ("prefill", "firm", "person", "verify", "enterprise", "taxpayer", "ungranted"), (50, 14, 14, 10, 5, 4, 3)
    )[0]
    procedure = {"firm": "1.005169", "enterprise": "1.005169", "taxpayer": "1.005169", "ungranted": "9.000001"}.get(
        operation, "1.004222"
    )
    firm = draw.choice(FIRMS)
    purpose = _purpose(caller, procedure, number, draw.randint(1, caller.officers))
    subjects: dict[str, Mapping[str, str]] = {"applicant": _person(draw.choice(PEOPLE))}
    if procedure == "1.005169":
        subjects |= {"enterprise": {"enterprise_code": firm}, "taxpayer": {"tax_code": firm}}
    return Call(caller, operation, purpose, subjects)


def _curious(caller: Caller) -> list[Call]:
    """One official who looks at everybody, each under a dossier that is never seen again."""
    return [
        Call(caller, "person", _purpose(caller, "1.004222", 900_000 + n, 99), {"applicant": _person(PEOPLE[n % 16])})
        for n in range(40)
    ]


def _one_person_from_everywhere(callers: Sequence[Caller]) -> list[Call]:
    return [
        Call(caller, "person", _purpose(caller, "1.004222", 800_000 + n, 1), {"applicant": _person(PEOPLE[0])})
        for n, caller in enumerate(callers)
    ]


def _purpose(caller: Caller, procedure: str, number: int, officer: int) -> dict[str, str]:
    return {
        "procedure": procedure,
        "dossier": f"{caller.agency}-261124-{number:06d}",
        "officer": f"can-bo-{officer:02d}",
        "basis": "law",
    }


def _person(known: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(("personal_id", "full_name", "birth_date"), known, strict=True))
