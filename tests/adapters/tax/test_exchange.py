"""The adapter and the mock, over real sockets."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from adapters.contract import AdapterError, Fault, Operation
from adapters.values import RawAddress, RawCode, RawDate, RawMoney, RawObligation, RawText
from mocks.country import taxpayer
from mocks.country.model import Taxpayer
from mocks.tax import PRESETS, KeyKind, Obligations, Variant
from mocks.tax.messages import DATA_AGE, current, former, many
from tests.adapters.tax.live import AT, FIELDS, FIRM, connected, credentials, question

PERSON = "004192000123"
BRANCH = "0100109106-001"


def record(tax_code: str) -> Taxpayer:
    """The taxpayer in the synthetic country, which must exist."""
    known = taxpayer(tax_code)
    assert known is not None
    return known


@pytest.mark.parametrize("kind", list(KeyKind))
@pytest.mark.parametrize("tax_code", [FIRM, BRANCH, PERSON])
async def test_each_form_of_tax_code_is_answered(kind: KeyKind, tax_code: str) -> None:
    """A firm, a branch and a person are found, under RSA and under P-256 keys."""
    known = record(tax_code)
    async with connected(held=credentials(kind)) as (adapter, _):
        answer = await adapter.ask(question(tax_code), deadline=30)
    assert answer.found
    assert answer.values["taxpayer.tax_code"] == RawText(tax_code)
    assert answer.values["taxpayer.name"] == RawText(known.name)
    assert answer.values["taxpayer.kind"] == RawCode(known.kind)
    assert answer.values["taxpayer.status"] == RawCode(known.status)
    assert answer.values["taxpayer.status_reason"] == RawCode(f"{known.status}.{known.reason}")
    assert answer.values["taxpayer.tax_office"] == RawCode(known.office_code, known.office_name)
    assert (answer.as_of, answer.retrieved_at, answer.source) == (AT - DATA_AGE, AT, "tax")


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("tax_code", [FIRM, PERSON])
async def test_every_variant_says_the_same(preset: str, tax_code: str) -> None:
    """Whatever the look of the answer, the fields that do not depend on it have one value."""
    steady = ("tax_code", "kind", "status", "status_reason", "tax_office")
    async with connected() as (adapter, app):
        first = await adapter.ask(question(tax_code), deadline=30)
        app.state.variant = PRESETS[preset]
        second = await adapter.ask(question(tax_code, request_id="q-2"), deadline=30)
    assert [second.values[f"taxpayer.{name}"] for name in steady] == [
        first.values[f"taxpayer.{name}"] for name in steady
    ]
    assert isinstance(name := second.values["taxpayer.name"], RawText)
    assert name.text.casefold() == record(tax_code).name.casefold()


async def test_an_address_keeps_the_scheme_it_is_written_in() -> None:
    """Former addresses have their district, current ones none, bare lines no codes, and none at all is absent."""
    place = record(FIRM).address
    async with connected() as (adapter, app):
        seen = {}
        for preset in ("current", "former", "capitals", "codes", "sparse"):
            app.state.variant = PRESETS[preset]
            answer = await adapter.ask(question(request_id=preset), deadline=30)
            seen[preset] = answer.values.get("taxpayer.address")
    for preset, known in (("current", current(place)), ("former", former(place))):
        assert seen[preset] == RawAddress(
            text=known.text,
            detail=known.detail,
            province=known.province_code,
            district=known.district_code,
            commune=known.commune_code,
            province_name=known.province_name,
            district_name=known.district_name,
            commune_name=known.commune_name,
            country="VN",
        )
    assert former(place).district_code is not None
    assert seen["capitals"] == RawAddress(text=place.text)
    assert isinstance(codes := seen["codes"], RawAddress)
    assert (codes.text, codes.province) == (None, place.province_code)
    assert seen["sparse"] is None


async def test_no_obligations_and_no_list_differ() -> None:
    """An empty list is a value, a list that was not given is not."""
    async with connected() as (adapter, app):
        app.state.variant = Variant(obligations=Obligations.NONE)
        none = await adapter.ask(question(), deadline=30)
        app.state.variant = Variant(obligations=Obligations.WITHHELD)
        withheld = await adapter.ask(question(request_id="q-2"), deadline=30)
    assert none.values["taxpayer.obligations"] == ()
    assert "taxpayer.obligations" not in withheld.values


async def test_many_obligations_arrive_in_order() -> None:
    """Two hundred obligations are read exactly."""
    async with connected(variant=Variant(obligations=Obligations.MANY)) as (adapter, _):
        answer = await adapter.ask(question(), deadline=30)
    assert answer.values["taxpayer.obligations"] == tuple(
        RawObligation(
            RawCode(*one.tax_code_name),
            one.period,
            RawMoney(Decimal(one.due), "VND"),
            RawDate(one.due_on.year, one.due_on.month, one.due_on.day),
        )
        for one in many()
    )


async def test_only_wanted_fields_come_back() -> None:
    """A field that was not asked for is not in the answer."""
    async with connected() as (adapter, _):
        for name in FIELDS:
            answer = await adapter.ask(question(fields=frozenset({name}), request_id=name), deadline=30)
            assert answer.values.keys() == {name}


async def test_an_unknown_tax_code_is_an_answer() -> None:
    """Nobody has this number: found is False, the age of the data is still said."""
    absent = next(code for n in range(1000) if taxpayer(code := f"0999999{n:03}") is None)
    async with connected() as (adapter, _):
        answer = await adapter.ask(question(absent), deadline=30)
    assert (answer.found, dict(answer.values), answer.as_of) == (False, {}, AT - DATA_AGE)


async def test_the_check_touches_no_taxpayer() -> None:
    """The connection check is a signed call that names nobody, and may be repeated."""
    async with connected() as (adapter, app):
        await adapter.check(deadline=30)
        await adapter.check(deadline=30)
        state = app.state.faults
    assert (state.calls, state.refused) == (2, 0)


async def test_parallel_questions_get_their_own_answers() -> None:
    """Sixteen questions at once are not mixed up."""
    codes = [FIRM, BRANCH, PERSON, FIRM] * 4
    async with connected() as (adapter, _):
        answers = await asyncio.gather(
            *(adapter.ask(question(code, request_id=f"q-{n}"), deadline=60) for n, code in enumerate(codes))
        )
    assert [answer.values["taxpayer.tax_code"] for answer in answers] == [RawText(code) for code in codes]


async def test_verification_is_not_offered() -> None:
    """The tax service answers look-ups only; nothing is sent for anything else."""
    async with connected() as (adapter, app):
        with pytest.raises(AdapterError) as caught:
            await adapter.ask(replace(question(), operation=Operation.VERIFY), deadline=30)
    assert (caught.value.fault, caught.value.reason) == (Fault.REFUSED, "operation_unsupported")
    assert app.state.faults.calls == 0


async def test_a_closed_adapter_is_unavailable() -> None:
    """After close nothing is sent."""
    async with connected() as (adapter, app):
        await adapter.close()
        with pytest.raises(AdapterError) as caught:
            await adapter.ask(question(), deadline=30)
    assert (caught.value.fault, app.state.faults.calls) == (Fault.UNAVAILABLE, 0)


@pytest.mark.parametrize("seconds", [-25, 25])
async def test_clocks_may_differ_within_the_tolerance(seconds: int) -> None:
    """Half a minute between the two clocks is no fault, in either direction."""
    async with connected(server_now=lambda: AT + timedelta(seconds=seconds)) as (adapter, _):
        assert (await adapter.ask(question(), deadline=30)).found


async def test_nothing_is_logged_about_the_taxpayer(caplog: pytest.LogCaptureFixture) -> None:
    """Even with every logger at DEBUG, no library writes the tax code, the name or a message."""
    caplog.set_level(logging.DEBUG)
    async with connected() as (adapter, _):
        answer = await adapter.ask(question(), deadline=30)
        await adapter.check(deadline=30)
    assert isinstance(words := answer.values["taxpayer.name"], RawText)
    assert not [word for word in (FIRM, words.text, "Envelope", "SignedInfo") if word in caplog.text]
