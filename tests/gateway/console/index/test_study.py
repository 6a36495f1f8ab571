"""When a day is looked at, and who is shown what was seen."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from config.console_rules import (
    ManySubjects,
    RepeatedRefusals,
)
from gateway.console.model import Scope
from tests.gateway.console.index.days import (
    EVENING,
    LATER,
    MORNING,
    OUTSIDE,
    QUIET,
    REFUSALS,
    calls,
    one_dossier,
    refusals,
    seen,
)
from tests.gateway.console.index.indexed import append, indexed, numbers, still_alive


def test_rules_from_the_file_decide(tmp_path: Path) -> None:
    """Other limits show other patterns of the same log, and the first ones come back with the first limits."""
    append(tmp_path, [*calls("cb-1", 3, EVENING), *refusals(4)])
    with indexed(tmp_path) as made:
        made.follow()
        rules = [OUTSIDE, REFUSALS, QUIET, replace(OUTSIDE, repeated_refusals=RepeatedRefusals(minimum=4)), OUTSIDE]
        told = []
        for one in rules:
            assert made.study(LATER, one) == 1
            told.append(sorted(pattern.rule for pattern in made.patterns()))
    assert told == [
        ["outside_hours"],
        ["repeated_refusals"],
        [],
        ["outside_hours", "repeated_refusals"],
        ["outside_hours"],
    ]


def test_late_entries(tmp_path: Path) -> None:
    """A day is looked at again when entries of it come late, and what was said of it is replaced."""
    append(tmp_path, calls("cb-1", 4, EVENING))
    with indexed(tmp_path) as made:
        made.follow()
        assert [made.study(LATER, OUTSIDE), made.study(LATER, OUTSIDE)] == [1, 0]
        append(tmp_path, [*calls("cb-2", 1, EVENING + timedelta(days=3)), *calls("cb-1", 2, EVENING)])
        made.follow()
        assert made.study(LATER + timedelta(minutes=1), OUTSIDE) == 1  # the new day; the old one waits for more
        assert [one.values["count"] for one in made.patterns()] == [4]
        assert made.study(LATER + timedelta(minutes=6), OUTSIDE) == 1
        assert [one.values["count"] for one in made.patterns()] == [6]


def test_busy_day(tmp_path: Path) -> None:
    """A day that has twice as many entries is looked at without waiting."""
    append(tmp_path, calls("cb-1", 4, EVENING))
    with indexed(tmp_path) as made:
        made.follow()
        made.study(EVENING, OUTSIDE)
        append(tmp_path, calls("cb-1", 4, EVENING))
        made.follow()
        assert made.study(EVENING, OUTSIDE) == 1
        assert [one.values["count"] for one in made.patterns()] == [8]


def test_wrong_clocks(tmp_path: Path) -> None:
    """Entries written among those of other days belong to the day of their own time."""
    late, early = calls("cb-1", 3, EVENING + timedelta(days=2)), calls("cb-1", 3, EVENING)
    mixed = [event for pair in zip(late, early, strict=True) for event in pair]
    found = seen(tmp_path, mixed, OUTSIDE)
    assert [(one.at.date(), one.values["count"]) for one in found] == [(date(2026, 11, 26), 3), (date(2026, 11, 24), 3)]


def test_no_entries(tmp_path: Path) -> None:
    """A log without calls has no patterns and nothing to look at."""
    append(tmp_path, [still_alive(MORNING)])
    with indexed(tmp_path) as made:
        assert made.study(LATER, QUIET) == 0
        made.follow()
        assert made.study(LATER, QUIET) == 0


def test_patterns_hold_no_names(tmp_path: Path) -> None:
    """What a pattern says are numbers, codes, times of day and indices of entries that are there."""
    loud = replace(OUTSIDE, many_subjects=ManySubjects(limit=2), repeated_refusals=RepeatedRefusals(minimum=2))
    events = [*one_dossier(numbers(4), EVENING), *refusals(3), *calls("cb-1", 4, EVENING)]
    found = seen(tmp_path, events, loud)
    assert {one.rule for one in found} == {"outside_hours", "many_subjects", "repeated_refusals"}
    for one in found:
        assert all(0 <= index < 20 for index in one.entries)
        words = [value for value in one.values.values() if isinstance(value, str)]
        assert set(words) <= {"procedure_not_granted", "20:00"}


def test_scope(tmp_path: Path) -> None:
    """A provincial auditor is shown the patterns of the own portals alone."""
    events = [event for agency in ("H14", "H14.5", "H140", "H30") for event in calls("cb", 3, EVENING, agency=agency)]
    append(tmp_path, events)
    with indexed(tmp_path) as made:
        made.follow()
        made.study(LATER, OUTSIDE)
        theirs = {
            code: {one.portal for one in made.patterns(scope=Scope(frozenset({code})))}
            for code in ("H14", "H14.5", "H3")
        }
    assert theirs == {"H14": {"H14", "H14.5"}, "H14.5": {"H14.5"}, "H3": set()}
