"""The adapter against the mock service: every variant of the wire gives the same values."""

import asyncio
from datetime import UTC, datetime

import pytest

from adapters.contract import Operation
from adapters.population.mapping import FIELDS
from adapters.values import RawAddress, RawName
from mocks.country import person
from mocks.country.interesting import INTERESTING
from mocks.country.model import Person
from mocks.population import PRESETS, Variant
from mocks.population.variants import Absent, Relatives, Shape, Verify
from tests.adapters.population.expected import expected, flat
from tests.adapters.population.live import about, live

PEOPLE = [
    found
    for row in INTERESTING
    if row.register == "population" and len(row.identifier) == 12 and (found := person(row.identifier)) is not None
]
ASKING = {
    "no-spaces": ("c06-nospace", {}),
    "upper": ("c06-upper", {"timestamp_unit": "s"}),
    "ndxp-xroad": ("ndxp-xroad", {}),
}


def mau() -> Person:
    found = person("004192000123")
    assert found is not None
    return found


@pytest.mark.parametrize("preset", PRESETS)
async def test_same_values_in_every_variant(preset: str) -> None:
    """Each interesting person has the same values, however the service is asked and answers."""
    profile, options = ASKING.get(preset, ("c06", {}))
    assert len(PEOPLE) > 15
    async with live(PRESETS[preset]) as mock:
        adapter = mock.adapter(profile, options=options)
        for somebody in PEOPLE:
            answer = await adapter.ask(about(somebody), deadline=30)
            assert answer.found
            assert {name: flat(value) for name, value in answer.values.items()} == expected(somebody)
            assert set(answer.doubts) == set(somebody.doubts)


@pytest.mark.parametrize("shape", Shape)
@pytest.mark.parametrize("relatives", Relatives)
async def test_shape_and_relatives(shape: Shape, relatives: Relatives) -> None:
    """Relatives named in one string are read under the live shape and the standard's."""
    async with live(Variant(shape=shape, relatives=relatives)) as mock:
        answer = await mock.adapter().ask(about(mau()), deadline=30)
        assert {name: flat(value) for name, value in answer.values.items()} == expected(mau())


async def test_parts_and_units_are_kept() -> None:
    """Where the service splits a name and names every unit, the values do so too."""
    async with live(PRESETS["live-parts"]) as mock:
        somebody = person("082190000207")
        assert somebody is not None
        values = (await mock.adapter().ask(about(somebody), deadline=30)).values
        assert values["person.full_name"] == RawName(None, somebody.family, somebody.middle, somebody.given)
        home = somebody.permanent
        assert values["person.permanent_address"] == RawAddress(
            text=home.text,
            province=home.province_code,
            district=home.district_code,
            commune=home.commune_code,
            country="VN",
        )


async def test_only_what_was_asked_for() -> None:
    """Nothing but the asked-for fields is in the answer, and no doubt about another field."""
    somebody = person("038085000203")
    assert somebody is not None
    async with live() as mock:
        adapter = mock.adapter()
        answer = await adapter.ask(about(somebody, fields=frozenset({"person.religion"})), deadline=30)
        assert (set(answer.values), answer.doubts) == ({"person.religion"}, ())
        answer = await adapter.ask(about(somebody, fields=frozenset({"person.sex"})), deadline=30)
        assert (set(answer.values), answer.doubts) == ({"person.sex"}, ("sex_contradicts_id",))


async def test_the_age_of_the_data() -> None:
    """The standard's time of the data, in Vietnamese time, becomes `as_of` in UTC; the live shape has none."""
    async with live(PRESETS["qcvn109"]) as mock:
        answer = await mock.adapter().ask(about(mau()), deadline=30)
        assert answer.as_of == datetime(2026, 11, 21, 23, 0, 1, tzinfo=UTC)
    async with live() as mock:
        answer = await mock.adapter().ask(about(mau()), deadline=30)
        assert (answer.as_of, answer.retrieved_at) == (None, datetime(2026, 11, 22, 2, 0, 1, tzinfo=UTC))


async def test_the_older_number() -> None:
    """A person is found by the 9-digit number as well."""
    assert mau().old_id is not None
    async with live() as mock:
        answer = await mock.adapter().ask(about(mau(), personal_id=mau().old_id or ""), deadline=30)
        assert {name: flat(value) for name, value in answer.values.items()} == expected(mau())


@pytest.mark.parametrize("absent", Absent)
@pytest.mark.parametrize(
    "changed",
    [
        {"personal_id": "001199000000"},
        {"full_name": "Nguyễn Thị Mẩu Hai"},
        {"birth_date": "1992-11-23"},
        {"birth_date": "1992"},
    ],
)
async def test_nobody(absent: Absent, changed: dict[str, str]) -> None:
    """An unknown number, another name or another date is an answer that says not found, in every shape of absence."""
    async with live(Variant(absent=absent)) as mock:
        answer = await mock.adapter().ask(
            about(mau(), Operation.LOOKUP, fields=frozenset(FIELDS), **changed), deadline=30
        )
        assert (answer.found, dict(answer.values)) == (False, {})


@pytest.mark.parametrize("style", Verify)
async def test_verify(style: Verify) -> None:
    """Yes and no are read in every style, and nothing else is answered."""
    async with live(Variant(verify=style)) as mock:
        adapter = mock.adapter()
        yes = await adapter.ask(about(mau(), Operation.VERIFY, fields=frozenset()), deadline=30)
        no = await adapter.ask(about(mau(), Operation.VERIFY, birth_date="1990-01-01"), deadline=30)
        assert (yes.found, dict(yes.values), no.found, dict(no.values)) == (True, {}, False, {})


@pytest.mark.parametrize("preset", PRESETS)
async def test_check(preset: str) -> None:
    """The connection check passes against every variant, and asks about nobody's record."""
    profile, options = ASKING.get(preset, ("c06", {}))
    async with live(PRESETS[preset]) as mock:
        adapter = mock.adapter(profile, options=options)
        await adapter.check(deadline=30)
        await adapter.check(deadline=30)
        assert (mock.app.state.faults.calls, mock.app.state.faults.refused) == (2, 0)


async def test_many_at_once() -> None:
    """Sixty calls at once each get the answer to their own question."""
    async with live() as mock:
        adapter = mock.adapter()
        asked = [somebody for somebody in PEOPLE for _ in range(3)]
        answers = await asyncio.gather(*(adapter.ask(about(somebody), deadline=60) for somebody in asked))
        assert [{name: flat(value) for name, value in answer.values.items()} for answer in answers] == [
            expected(somebody) for somebody in asked
        ]
