"""What a dossier or a subject is part of over days is told when it is unusual, and not when it only comes close."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from config.console_rules import (
    DossierGone,
)
from gateway.audit.events import Event
from gateway.console.model import Scope
from tests.gateway.audit.builders import a_subject
from tests.gateway.console.index.days import (
    LATER,
    MANY,
    MORNING,
    PROVINCES,
    QUIET,
    across,
    calls,
    minutes,
    one_dossier,
    seen,
)
from tests.gateway.console.index.indexed import append, asked, indexed, numbers, picked, still_alive

# -- many_subjects


def test_many_subjects(tmp_path: Path) -> None:
    """More different people than the limit under one dossier are told, repetitions not counted."""
    (found,) = seen(tmp_path, one_dossier([*numbers(5), *numbers(5)]), MANY)
    assert picked(found, "count", "limit") == {"count": 5, "limit": 4}
    assert found.values["dossier_entry"] == found.entries[-1]
    assert len(found.entries) == 5


def test_subjects_of_several_days(tmp_path: Path) -> None:
    """A dossier that gathers people over days of one month is told on the day it exceeds the limit."""
    people = numbers(6)
    events = [*one_dossier(people[:3]), *one_dossier(people[3:], MORNING + timedelta(days=1))]
    (found,) = seen(tmp_path, events, MANY)
    assert found.values["count"] == 6
    assert found.at.date() == date(2026, 11, 25)


@pytest.mark.parametrize(
    "events",
    [
        one_dossier(numbers(4) * 3),  # at the limit
        calls("cb-1", 12),  # each under a dossier of its own
        [*one_dossier(numbers(3)), *one_dossier(numbers(6)[3:], agency="H30")],  # two portals' dossiers
    ],
)
def test_usual_subjects(tmp_path: Path, events: list[Event]) -> None:
    """A family's dossier is not told."""
    assert seen(tmp_path, events, MANY) == []


def test_subjects_of_one_call(tmp_path: Path) -> None:
    """The subjects of one call count each."""
    event = asked(MORNING)
    many = replace(event, subjects=tuple(a_subject(role=f"r{n}", id=one) for n, one in enumerate(numbers(5))))
    (found,) = seen(tmp_path, [many], MANY)
    assert found.values["count"] == 5


# -- many_provinces


def test_many_provinces(tmp_path: Path) -> None:
    """One person asked for from three provinces within a week is told, once for the whole country."""
    append(tmp_path, [*across({"H14": 0, "H30.2": 1, "H30": 3, "H63.1": 6}), *calls("cb-1", 5)])
    with indexed(tmp_path) as made:
        made.follow()
        made.study(LATER, PROVINCES)
        (found,) = made.patterns()
        assert picked(found, "portals", "count") == {"portals": 3, "count": 4}
        assert found.portal == ""
        assert found.values["subject_entry"] == found.entries[-1]
        hits = [
            made.ask("SELECT portal FROM entry JOIN facet ON id = facet WHERE idx = ?", one) for one in found.entries
        ]
        assert [portal for ((portal,),) in hits] == ["H63.1", "H30.2", "H14"]


@pytest.mark.parametrize(
    "portals",
    [
        {"H14": 0, "H14.5": 1, "H14.6": 1, "H30": 3},  # two provinces
        {"H14": 0, "H30": 3, "H63": 7},  # the third too long ago
        {"H14": 0, "H30": 3, "G01": 1},  # a ministry is no province
    ],
)
def test_usual_provinces(tmp_path: Path, portals: dict[str, int]) -> None:
    """Who moves from one province to another is not told."""
    assert seen(tmp_path, across(portals), PROVINCES) == []


def test_pattern_of_days_is_told_once(tmp_path: Path) -> None:
    """A day that adds neither a province nor a person says nothing new."""
    again = across({"H14": 0, "H30": 1, "H63": 2})
    events = [*across({"H14": 3, "H30": 4, "H63": 5}), *again]
    assert [one.at for one in seen(tmp_path / "provinces", events, PROVINCES)] == [MORNING - timedelta(days=3)]
    events = [*one_dossier(numbers(6)), *one_dossier(numbers(6), MORNING + timedelta(days=1))]
    assert [one.at.date() for one in seen(tmp_path / "dossier", events, MANY)] == [MORNING.date()]


def test_provinces_are_for_those_who_see_all(tmp_path: Path) -> None:
    """A provincial auditor is not shown that other provinces asked, not even one of a province among them."""
    events = across({"H14": 0, "H30": 1, "H63": 2})
    assert seen(tmp_path, events, PROVINCES, scope=Scope(frozenset({"H14", "H30", "H63"}))) == []


# -- dossier_gone

GONE = replace(QUIET, dossier_gone=DossierGone(minimum=3, days=5))


def looked_up(dossiers: list[str], start: datetime = MORNING, **changes: str) -> list[Event]:
    """Look-ups of people, each under one of the dossiers."""
    return [
        asked(at, dossier=dossier, person=person, **changes)
        for at, dossier, person in zip(minutes(start), dossiers, numbers(len(dossiers)), strict=False)
    ]


def test_dossier_gone(tmp_path: Path) -> None:
    """Dossiers that only served to look people up are told when the days are over, not before."""
    append(tmp_path, [*looked_up(["a", "b", "c", "c"]), still_alive(MORNING + timedelta(days=5))])
    with indexed(tmp_path) as made:
        made.follow()
        made.study(LATER, GONE)
        assert made.patterns() == []
        append(tmp_path, [still_alive(MORNING + timedelta(days=6))])
        made.follow()
        assert made.study(MORNING + timedelta(days=5), GONE) == 0  # by the clock they are not over
        assert made.study(LATER, GONE) == 1
        (found,) = made.patterns()
    assert picked(found, "count", "days") == {"count": 3, "days": 5}
    assert found.values["officer_entry"] == found.entries[-1]
    assert len(found.entries) == 3


@pytest.mark.parametrize(
    "more",
    [
        looked_up(["c"], MORNING + timedelta(days=4)),  # the next step of the dossier
        looked_up(["c"], MORNING - timedelta(days=4)),  # it began before
        looked_up(["c"], operation="dossiers.prefill"),
        looked_up(["c"], officer="cb-0043"),
        looked_up(["c"], operation="enterprises.lookup"),
    ],
)
def test_dossiers_that_go_on(tmp_path: Path, more: list[Event]) -> None:
    """A dossier that anything else names is a dossier."""
    events = sorted([*looked_up(["a", "b", "c"]), *more], key=lambda event: event.at)
    assert seen(tmp_path, [*events, still_alive(LATER)], GONE) == []


def test_dossier_seen_too_late(tmp_path: Path) -> None:
    """A dossier that comes back after the days are over was gone for so long."""
    events = [*looked_up(["a", "b", "c"]), *looked_up(["c"], MORNING + timedelta(days=6)), still_alive(LATER)]
    assert [one.values["count"] for one in seen(tmp_path, events, GONE)] == [3]
