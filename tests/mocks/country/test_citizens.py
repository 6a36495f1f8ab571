"""Citizens hang together: spouses, parents, households, names, dates."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocks.country import kinship, person, person_by_old_id
from mocks.country.citizens import person as uncached
from mocks.country.exceptions import EXCEPTIONS
from mocks.country.model import Person, Relative
from mocks.country.numbers import CENSUS_DAY, number
from tests.mocks.country.drawn import personal_ids

_ROOT = Path(__file__).parents[3]


def _someone(relative: Relative | None) -> Person:
    assert relative is not None
    assert relative.personal_id is not None
    found = person(relative.personal_id)
    assert found is not None
    return found


def _present(personal_id: str) -> Person:
    found = person(personal_id)
    assert found is not None
    return found


@given(personal_ids())
def test_the_same_number_gives_an_equal_record(personal_id: str) -> None:
    """A record computed again equals the first one."""
    first = _present(personal_id)
    uncached.cache_clear()
    assert person(personal_id) == first


def test_another_process_gives_the_same_records() -> None:
    """A process with another hash seed prints the same records."""
    ids = ["004192000123", "068190012001", "001215000222", "079201000209"]
    program = f"from mocks.country import person\nfor i in {ids!r}: print(repr(person(i)))"
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=_ROOT,
        env={"PYTHONHASHSEED": "1", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert run.stdout.splitlines() == [repr(person(i)) for i in ids]


@given(personal_ids())
def test_spouses_point_at_each_other(personal_id: str) -> None:
    """The spouse's spouse is the person, and both names are right."""
    one = _present(personal_id)
    if one.spouse is None or one.spouse.personal_id is None:
        return
    other = _someone(one.spouse)
    assert other.spouse is not None
    assert (other.spouse.personal_id, other.spouse.full_name) == (one.personal_id, one.full_name)
    assert one.spouse.full_name == other.full_name


@given(personal_ids())
def test_only_adults_marry_and_the_status_says_so(personal_id: str) -> None:
    """A spouse is of the other sex in the number, both are twenty, and the marital status fits."""
    one = _present(personal_id)
    if one.spouse is None:
        assert one.marital_status in {"1", "3"}
        return
    assert one.marital_status in {"2", "3"}
    if one.spouse.personal_id is None:
        return
    other = _someone(one.spouse)
    assert int(one.personal_id[3]) % 2 != int(other.personal_id[3]) % 2
    assert min(CENSUS_DAY.year - int(_year(p.personal_id)) for p in (one, other)) >= 20
    widowed = other.deceased and not one.deceased
    assert one.marital_status == ("3" if widowed else "2")


@settings(max_examples=1000)
@given(personal_ids())
def test_a_relation_is_the_same_from_both_sides(personal_id: str) -> None:
    """Partners are mutual, and both sides agree on having married and parted, at every age."""
    one = number(personal_id)
    assert one is not None
    other = kinship.partner(one)
    assert kinship.partner(other) == one
    if other.issued:
        assert kinship.wed(other) == kinship.wed(one)
        assert kinship.divorced(other) == kinship.divorced(one)
        if kinship.wed(one) and not kinship.divorced(one):
            assert kinship.head(other)[0] == kinship.head(one)[0]


def _year(personal_id: str) -> int:
    return 1900 + int(personal_id[3]) // 2 * 100 + int(personal_id[4:6])


@given(personal_ids(first=1945))
def test_parents_exist_are_married_and_of_the_right_age(personal_id: str) -> None:
    """Father and mother are each other's spouse, 18 to 45 years older, and recorded with their own names."""
    child = _present(personal_id)
    father, mother = _someone(child.father), _someone(child.mother)
    assert (father.sex, mother.sex) == ("1", "2")
    assert _someone(father.spouse) == mother
    assert _someone(mother.spouse) == father
    for parent in (father, mother):
        assert 18 <= child.birth.year - parent.birth.year <= 45
    assert child.father is not None
    assert child.mother is not None
    assert (child.father.full_name, child.mother.full_name) == (father.full_name, mother.full_name)


@given(personal_ids())
def test_a_father_hands_down_family_name_and_ethnic_group(personal_id: str) -> None:
    """Child and father share the family name and, where the father has a number, the ethnic group."""
    child = _present(personal_id)
    assert child.father is not None
    if personal_id not in EXCEPTIONS:
        assert child.father.family == child.family
    if child.father.personal_id is not None:
        assert _someone(child.father).ethnicity == child.ethnicity


@given(personal_ids(last=1944))
def test_parents_before_the_numbering_have_names_only(personal_id: str) -> None:
    """People born before 1945 have parents without any number, unless they are documented otherwise."""
    child = _present(personal_id)
    assert child.father is not None
    assert child.mother is not None
    assert (child.father.personal_id, child.mother.personal_id) == (None, None)
    assert child.father.full_name
    assert child.mother.full_name


@given(personal_ids())
def test_a_household_has_a_head_who_heads_it(personal_id: str) -> None:
    """The head is a citizen with relation CH01, and lives at the member's permanent address."""
    member = _present(personal_id)
    head = _someone(member.head)
    assert head.head_relation == "CH01"
    assert _someone(head.head) == head
    assert (member.head_relation == "CH01") == (head == member)
    if personal_id not in EXCEPTIONS:
        assert member.permanent == head.permanent


@given(personal_ids())
def test_number_and_record_agree_but_for_documented_doubts(personal_id: str) -> None:
    """Sex and year in the number are the record's, or the record names the doubt and is documented."""
    one = _present(personal_id)
    sex = "2" if int(personal_id[3]) % 2 else "1"
    assert ("sex_contradicts_id" in one.doubts) == (one.sex not in {"0", sex})
    assert ("birth_year_contradicts_id" in one.doubts) == (one.birth.year != _year(personal_id))
    assert not one.doubts or personal_id in EXCEPTIONS


@given(personal_ids())
def test_a_date_of_birth_is_a_day_of_the_calendar(personal_id: str) -> None:
    """What is known of a date of birth is real and not after the census."""
    birth = _present(personal_id).birth
    assert birth.day is None or birth.month is not None
    assert date(birth.year, birth.month or 1, birth.day or 1) <= CENSUS_DAY


@given(personal_ids(first=1930, last=1999))
def test_an_old_number_leads_back_to_its_owner(personal_id: str) -> None:
    """Who has a 9-digit number is found by it."""
    one = _present(personal_id)
    if one.old_id is not None:
        assert person_by_old_id(one.old_id) == one


@settings(max_examples=300)
@given(st.integers(0, 999_999_999).map(lambda number: f"{number:09}"))
def test_whoever_is_found_by_an_old_number_has_it(old_id: str) -> None:
    """A 9-digit number finds nobody, or the one citizen whose record has it."""
    found = person_by_old_id(old_id)
    assert found is None or found.old_id == old_id


@pytest.mark.parametrize(
    "personal_id",
    [
        "",
        "00419200012",
        "0041920001234",
        "00419200012x",
        "٠٠٤١٩٢٠٠٠١٢٣",
        "104192000123",
        "003192000123",
        "004492000123",
        "004227000123",
        "001199000000",
    ],
)
def test_impossible_numbers_belong_to_nobody(personal_id: str) -> None:
    """A wrong length, digit, province, century, year or serial is nobody's."""
    assert person(personal_id) is None


@pytest.mark.parametrize("old_id", ["", "12345678", "1234567890", "12345678x", "663401536"])
def test_impossible_old_numbers_belong_to_nobody(old_id: str) -> None:
    """A wrong length or digit, or a number outside the issued range, is nobody's."""
    assert person_by_old_id(old_id) is None


def test_the_share_of_odd_records_is_as_described() -> None:
    """Some of a few hundred citizens have old addresses, bare years, whole names and other ethnic groups."""
    people = [_present(f"0041{year}{serial:06}") for year in range(50, 95) for serial in range(7_777, 800_000, 99_991)]
    count = len(people)
    assert 0.15 < sum(p.permanent.district_code is not None for p in people) / count < 0.4
    assert 0.01 < sum(p.birth.month is None for p in people) / count < 0.2
    assert 0.01 < sum(p.flat_name for p in people) / count < 0.1
    assert 0.4 < sum(p.ethnicity != "01" for p in people) / count < 0.99
