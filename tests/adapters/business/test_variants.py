"""The adapter against every look of the mock's answers, over a real socket."""

from dataclasses import replace
from itertools import product

import pytest

from adapters.business import NEVER_ISSUED
from adapters.business.mapping import DOUBT_EXPIRED, FIELDS
from mocks.business import PRESETS, Absent, Blocks, Dates, Empty, Shape, Variant
from mocks.country import enterprise
from tests.adapters.business.expected import expected, expected_flat
from tests.adapters.business.live import CODE, Live, live, look_up

# Plain, a branch, dissolved, several representatives, no foreign name, an office with a district, with members.
CODES = (CODE, "0100109106-001", "0109000015", "4809000025", "0309000037", "4809000089", "0101243150")
ABSENT = ("0199999991", "0100109107", NEVER_ISSUED)
NESTED = tuple(
    Variant(shape=shape, dates=dates, blocks=blocks, empty=empty, status_text=status, numbers_text=numbers)
    for shape, dates, blocks, empty, status, numbers in product(
        (Shape.NGSP, Shape.MOIT, Shape.GETENTCERT), Dates, Blocks, Empty, (True, False), (True, False)
    )
)


async def test_every_nested_variant_means_the_same() -> None:
    """However an enterprise is written, its values are those of the country's record."""
    firms = {code: enterprise(code) for code in CODES}
    async with live() as mock:
        adapter = mock.adapter()
        for variant in NESTED:
            mock.app.state.variant = variant
            for code, firm in firms.items():
                assert firm is not None
                answer = await adapter.ask(look_up(code), deadline=30)
                doubts = () if firm.document_ends is None else (DOUBT_EXPIRED,)
                assert (answer.found, answer.doubts, answer.as_of) == (True, doubts, None)
                assert answer.values == expected(firm), variant


def test_the_firms_differ_in_what_matters() -> None:
    """The firms asked for cover districts, several people, members, and empty members."""
    firms = [firm for code in CODES if (firm := enterprise(code))]
    assert len(firms) == len(CODES)
    assert any(firm.head_office.district_name for firm in firms)
    assert any(len(firm.representatives) > 1 for firm in firms)
    assert any(firm.name_foreign is None for firm in firms)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("profile", ["hcm", "ngsp"])
async def test_the_flat_answer(profile: str, code: str) -> None:
    """A flat answer is read whatever the profile; it holds less, and nothing is made up."""
    firm = enterprise(code)
    assert firm is not None
    async with live(Variant(shape=Shape.FLAT)) as mock:
        answer = await mock.adapter(profile).ask(look_up(code), deadline=30)
    assert answer.values == expected_flat(firm)


@pytest.mark.parametrize("profile", ["ngsp", "lgsp-wso2", "lgsp-token", "hcm"])
@pytest.mark.parametrize("preset", PRESETS)
async def test_every_profile_reads_every_preset(profile: str, preset: str) -> None:
    """The profile decides the way in, not what can be read."""
    firm = enterprise(CODE)
    assert firm is not None
    async with live(PRESETS[preset]) as mock:
        answer = await mock.adapter(profile).ask(look_up(), deadline=30)
    flat = profile == "hcm" or PRESETS[preset].shape is Shape.FLAT
    wanted = expected_flat(firm) if flat else expected(firm)
    if PRESETS[preset].capitals:
        wanted.pop("enterprise.name")
        wanted.pop("enterprise.representatives")
    assert wanted.items() <= answer.values.items()


async def test_capitals_stay_capitals() -> None:
    """The adapter does not guess how a name in capital letters is written in small ones."""
    firm = enterprise(CODE)
    assert firm is not None
    async with live(Variant(capitals=True)) as mock:
        answer = await mock.adapter().ask(look_up(), deadline=30)
    people = answer.values["enterprise.representatives"]
    assert isinstance(people, tuple)
    assert [one.full_name.upper() for one in firm.representatives] == [one.name.full for one in people]  # type: ignore[union-attr]


@pytest.mark.parametrize("code", ABSENT)
@pytest.mark.parametrize("shape", Shape)
async def test_every_way_to_be_absent(shape: Shape, code: str) -> None:
    """However the registry says that it knows no such enterprise, the answer is "not found"."""
    async with live() as mock:
        adapter = mock.adapter(options={"absent_on_404": True})
        for absent, empty, status in product(Absent, Empty, (True, False)):
            mock.app.state.variant = Variant(shape=shape, absent=absent, empty=empty, status_text=status)
            answer = await adapter.ask(look_up(code), deadline=30)
            assert (answer.found, dict(answer.values)) == (False, {})


async def test_only_the_fields_asked_for() -> None:
    """An answer holds nothing that was not asked for."""
    async with live() as mock:
        adapter = mock.adapter()
        for name in FIELDS:
            answer = await adapter.ask(look_up(fields=frozenset({name})), deadline=30)
            assert set(answer.values) <= {name}
        nothing = await adapter.ask(look_up(fields=frozenset()), deadline=30)
    assert (nothing.found, dict(nothing.values)) == (True, {})


async def test_asking_twice_changes_nothing() -> None:
    """The same question gives the same values."""
    async with live() as mock:
        adapter = mock.adapter()
        first = await adapter.ask(look_up(), deadline=30)
        second = await adapter.ask(look_up(), deadline=30)
    assert first == second


@pytest.mark.parametrize("profile", ["ngsp", "lgsp-wso2", "lgsp-token", "hcm"])
@pytest.mark.parametrize("preset", PRESETS)
async def test_check(profile: str, preset: str) -> None:
    """The harmless call passes in every profile and look."""
    variant = PRESETS[preset]
    if profile in {"ngsp", "hcm"} and variant.absent is Absent.NOT_FOUND:
        variant = replace(variant, absent=Absent.STATUS)
    async with live(variant) as mock:
        await mock.adapter(profile).check(deadline=30)
        assert calls_about_nobody(mock) == 1


def calls_about_nobody(mock: Live) -> int:
    """The look-ups so far; the code of `check` belongs to nobody."""
    assert enterprise(NEVER_ISSUED) is None
    return mock.calls
