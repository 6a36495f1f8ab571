"""What one officer does on a day is told when it is unusual, and not when it only comes close."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from config.console_rules import (
    OfficerVolume,
    SameSurname,
    WorkingHours,
)
from gateway.audit.events import Event
from tests.gateway.audit.builders import a_subject
from tests.gateway.console.index.days import (
    EVENING,
    MORNING,
    OUTSIDE,
    QUIET,
    REFUSALS,
    SUNDAY,
    calls,
    minutes,
    refusals,
    seen,
)
from tests.gateway.console.index.indexed import asked, numbers, picked

# -- officer_volume

VOLUME = replace(QUIET, officer_volume=OfficerVolume(minimum=20, factor=4, deviations=3, peers=3))


def colleagues(many: int = 4, each: int = 5) -> list[Event]:
    """An ordinary day at a portal."""
    return [event for number in range(many) for event in calls(f"cb-{number}", each)]


def test_volume(tmp_path: Path) -> None:
    """An officer far above the colleagues is told, with how far, and the entries are that officer's."""
    (found,) = seen(tmp_path, [*colleagues(), *calls("cb-busy", 40)], VOLUME)
    assert (found.rule, found.portal) == ("officer_volume", "H14")
    assert picked(found, "count", "usual", "times") == {"count": 40, "usual": 5, "times": 8.0}
    assert found.values["officer_entry"] == found.entries[-1]
    assert len(found.entries) == 20
    assert found.at == (MORNING + timedelta(seconds=390))


@pytest.mark.parametrize(
    "events",
    [
        [*colleagues(), *calls("cb-busy", 19)],  # four times the others, below the minimum
        [*colleagues(each=10), *calls("cb-busy", 39)],  # above the minimum, not four times the others
        [*colleagues(2), *calls("cb-busy", 40)],  # too few colleagues to compare with
        [*colleagues(3), *calls("cb-busy", 40, agency="H14.5")],  # another portal
    ],
)
def test_usual_volume(tmp_path: Path, events: list[Event]) -> None:
    """A busy officer of a small or busy portal is not told."""
    assert seen(tmp_path, events, VOLUME) == []


def test_spread_volume(tmp_path: Path) -> None:
    """Where colleagues differ much, four times their median is nothing unusual."""
    events = [event for officer, many in (("a", 2), ("b", 5), ("c", 20), ("d", 25)) for event in calls(officer, many)]
    strict = replace(QUIET, officer_volume=OfficerVolume(minimum=20, factor=2, deviations=2, peers=3))
    loose = replace(QUIET, officer_volume=OfficerVolume(minimum=20, factor=2, deviations=9, peers=3))
    found = seen(tmp_path / "log", events, strict)
    assert [one.values["count"] for one in found] == [25, 20]
    assert seen(tmp_path / "other", events, loose) == []


def test_two_busy_officers(tmp_path: Path) -> None:
    """Two officers far above the others are both told, the busier first."""
    found = seen(tmp_path, [*colleagues(), *calls("cb-one", 30), *calls("cb-two", 45)], VOLUME)
    assert [one.values["count"] for one in found] == [45, 30]
    assert 0.5 <= found[1].score < found[0].score < 1


# -- outside_hours


def test_outside_hours(tmp_path: Path) -> None:
    """Calls of an evening are told, with the local time of the first and the last."""
    (found,) = seen(tmp_path, [*calls("cb-1", 2), *calls("cb-1", 13, EVENING)], OUTSIDE)
    assert picked(found, "count", "first", "last") == {"count": 13, "first": "20:00", "last": "20:02"}
    assert len(found.entries) == 13
    assert found.values["officer_entry"] in found.entries


def test_edges_of_working_hours(tmp_path: Path) -> None:
    """The first minute of the day is work, that of its end is not."""
    opening, closing = datetime(2026, 11, 24, 0, 0, tzinfo=UTC), datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    within = [*calls("cb-1", 5, opening), *calls("cb-1", 5, closing - timedelta(minutes=1))]
    assert seen(tmp_path / "within", within, OUTSIDE) == []
    outside = [*calls("cb-1", 2, opening - timedelta(minutes=1)), *calls("cb-1", 2, closing)]
    assert [one.values["count"] for one in seen(tmp_path / "outside", outside, OUTSIDE)] == [4]


def test_few_calls_outside(tmp_path: Path) -> None:
    """Two late calls are no pattern, and those of two officers are not added up."""
    assert seen(tmp_path, [*calls("cb-1", 2, EVENING), *calls("cb-2", 2, EVENING)], OUTSIDE) == []


@pytest.mark.parametrize(
    ("hours", "at", "told"),
    [
        (WorkingHours(), SUNDAY, True),
        (WorkingHours(days=(6,)), SUNDAY, False),
        (WorkingHours(worked=(date(2026, 11, 22),)), SUNDAY, False),
        (WorkingHours(), MORNING, False),
        (WorkingHours(holidays=(date(2026, 11, 24),)), MORNING, True),
        (WorkingHours(end=9 * 60), MORNING, True),
        (WorkingHours(end=24 * 60), EVENING, False),
    ],
)
def test_working_days(tmp_path: Path, hours: WorkingHours, at: datetime, told: bool) -> None:
    """Weekdays, holidays, days worked in exchange and hours are those of console.toml."""
    found = seen(tmp_path, calls("cb-1", 3, at), replace(OUTSIDE, working_hours=hours))
    assert bool(found) is told


# -- same_surname

SURNAME = replace(QUIET, same_surname=SameSurname(minimum=8, share=0.5, deviations=4))


def of_families(officer: str, families: dict[str, int], start: datetime = MORNING) -> list[Event]:
    """Look-ups of one officer of so many people of each family name."""
    names = [name for name, many in families.items() for _ in range(many)]
    return [
        asked(at, officer=officer, family=name, person=person, dossier=f"{officer}-{person}")
        for at, name, person in zip(minutes(start), names, numbers(len(names)), strict=False)
    ]


def town() -> list[Event]:
    """What a portal asks for in a month: of a hundred people forty are called Nguyễn, two Quách."""
    return of_families(
        "cb-town", {"Nguyễn": 40, "Trần": 20, "Lê": 20, "Hoàng": 18, "Quách": 2}, MORNING - timedelta(days=3)
    )


def test_same_surname(tmp_path: Path) -> None:
    """Look-ups of a rare family name by one officer are told."""
    (found,) = seen(tmp_path, [*town(), *of_families("cb-1", {"Quách": 9, "Lê": 3})], SURNAME)
    assert picked(found, "count", "asked") == {"count": 9, "asked": 12}
    assert len(found.entries) == 9
    assert found.values["officer_entry"] in found.entries


@pytest.mark.parametrize(
    "families",
    [
        {"Nguyễn": 9, "Lê": 3},  # as many, of the commonest name
        {"Quách": 7},  # below the minimum
        {"Quách": 9, "Lê": 10},  # less than half of what was asked
        {"": 12},  # no family name known
    ],
)
def test_usual_surnames(tmp_path: Path, families: dict[str, int]) -> None:
    """Many look-ups of a common name are not told, nor a few of a rare one."""
    assert seen(tmp_path, [*town(), *of_families("cb-1", families)], SURNAME) == []


def test_one_person_again_and_again(tmp_path: Path) -> None:
    """Many look-ups of one person are not many people of one name."""
    again = [replace(event, subjects=(a_subject(family="Quách"),)) for event in of_families("cb-1", {"Quách": 12})]
    assert seen(tmp_path, [*town(), *again], SURNAME) == []


def test_surnames_of_a_new_portal(tmp_path: Path) -> None:
    """Where nothing is known of a portal's names, every name counts as common as Nguyễn."""
    assert seen(tmp_path / "a", of_families("cb-1", {"Quách": 9}), SURNAME) == []
    loud = seen(tmp_path / "b", of_families("cb-1", {"Quách": 30}), SURNAME)
    assert [one.values["count"] for one in loud] == [30]


# -- repeated_refusals


def test_repeated_refusals(tmp_path: Path) -> None:
    """Many refusals of one officer with one code are told, with the code that is most frequent."""
    (found,) = seen(tmp_path, [*refusals(4, "field_not_granted"), *refusals(6), *calls("cb-1", 3)], REFUSALS)
    assert picked(found, "count", "code") == {"count": 6, "code": "procedure_not_granted"}
    assert len(found.entries) == 6


@pytest.mark.parametrize(
    "events",
    [
        refusals(3),
        [*refusals(3), *refusals(3, "field_not_granted")],  # two codes
        [*refusals(3), *refusals(3, officer="cb-2")],  # two officers
        refusals(30, "source_unavailable", 503),  # a source that is down
        calls("cb-1", 30),  # answered
    ],
)
def test_usual_refusals(tmp_path: Path, events: list[Event]) -> None:
    """A few mistakes, or a source that is down, are not told."""
    assert seen(tmp_path, events, REFUSALS) == []
