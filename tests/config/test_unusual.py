"""console.toml: every limit has a default and bounds, and a mistake is told with its line."""

import tomllib
from dataclasses import replace
from datetime import date

import pytest

from config.console_rules import ConsoleRules, ManyProvinces, OfficerVolume, WorkingHours
from tests.config.folder import Folder

FILE = "console.toml"
MISTAKES = [
    ('start = "07:00"', 'start = "7:00"', 'start must be a time such as "07:30".'),
    ('start = "07:00"', "start = 7", "start must be a text."),
    ('end = "18:00"', 'end = "24:30"', 'end must be a time such as "07:30".'),
    ('end = "18:00"', 'end = "06:00"', "end must be later than start."),
    ('"fri"]', '"friday"]', 'days: "friday" is none of: mon, tue, wed, thu, fri, sat, sun.'),
    ('"fri"]', '"mon"]', 'days names "mon" twice.'),
    ("worked = [2026-01-10,", "worked = [2026-01-01,", "2026-01-01 stands in holidays too."),
    ("worked = [2026-01-10,", 'worked = ["2026-01-10",', "worked holds dates such as 2026-09-02, unquoted."),
    ("worked = [2026-01-10,", "worked = [2026-01-10T00:00:00Z,", "worked holds dates such as 2026-09-02, unquoted."),
    ("worked = [2026-01-10,", "worked = [2026-08-22,", "worked names 2026-08-22 twice."),
    ("worked = [2026-01-10, 2026-08-22]", "worked = 2026", "worked must be a list of dates such as 2026-09-02, unquoted."),  # noqa: E501
    ("minimum = 60", "minimum = 0", "minimum must be from 1 to 1000000."),
    ("minimum = 60", "enabled = false", "enabled is not a known key here."),
    ("factor = 5", "factor = 0.5", "factor must be from 1 to 1000."),
    ("factor = 5", "factr = 5", "factr is not a known key here. Did you mean factor?"),
    ("peers = 4", "peers = 1", "peers must be from 2 to 10000."),
    ("limit = 10", "limit = 2.5", "limit must be a whole number."),
    ("portals = 4", "portals = 1", "portals must be from 2 to 63."),
    ("portals = 4\ndays = 14", "portals = 4\ndays = 32", "days must be from 1 to 31."),
    ("share = 0.5", "share = 1.5", "share must be from 0 to 1."),
    ("[dossier_gone]", "[dossier_lost]", "dossier_lost is not a known key here. Did you mean dossier_gone?"),
    ("[dossier_gone]", "[[dossier_gone]]", "dossier_gone must be a table."),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES, ids=[message[:50] for *_, message in MISTAKES])
def test_mistake(folder: Folder, old: str, new: str, message: str) -> None:
    """The sentence names the file and the line where the mistake was made."""
    line = folder.swap(FILE, old, new) + new.count("\n")
    assert f"{FILE}:{line}: {message}" in folder.problems()


def test_no_toml(folder: Folder) -> None:
    """A file that is no TOML is a problem of its own, whatever else is right."""
    folder.write(FILE, "[working_hours\n")
    assert [problem.partition(": ")[0] for problem in folder.problems()] == [f"{FILE}:1"]


def test_shipped_limits_are_the_defaults(folder: Folder) -> None:
    """The shipped file states the defaults, and beside them the holidays of a year."""
    rules = folder.load().console_rules
    assert replace(rules, working_hours=WorkingHours()) == ConsoleRules()
    assert rules.working_hours == replace(
        WorkingHours(), holidays=rules.working_hours.holidays, worked=rules.working_hours.worked
    )
    assert {day.year for day in (*rules.working_hours.holidays, *rules.working_hours.worked)} == {2026}


@pytest.mark.parametrize("content", ["", "# nothing\n", "[officer_volume]\n[working_hours]\n"])
def test_what_is_left_out_has_its_default(folder: Folder, content: str) -> None:
    """An empty file leaves every rule its limits."""
    folder.write(FILE, content)
    assert folder.load().console_rules == ConsoleRules()


def test_no_file(folder: Folder) -> None:
    """A configuration from before there was a console has every rule, too."""
    (folder.root / FILE).unlink()
    assert folder.load().console_rules == ConsoleRules()


def test_every_limit_is_read(folder: Folder) -> None:
    """Each number in the file reaches its own limit."""
    raised, numbers = {}, iter(range(7, 30))
    for rule, limits in tomllib.loads(folder.text(FILE)).items():
        if rule != "working_hours":
            raised[rule] = {key: 0.25 if key == "share" else next(numbers) for key in limits}
    lines = [f"[{rule}]\n" + "".join(f"{key} = {n}\n" for key, n in limits.items()) for rule, limits in raised.items()]
    folder.write(FILE, "".join(lines))
    rules = folder.load().console_rules
    assert {
        rule: {key: getattr(getattr(rules, rule), key) for key in limits} for rule, limits in raised.items()
    } == raised
    assert rules.officer_volume == OfficerVolume(7, 8.0, 9.0, 10)
    assert isinstance(rules.many_provinces, ManyProvinces)


def test_hours_are_read(folder: Folder) -> None:
    """Hours become minutes, days numbers, dates are sorted."""
    folder.write(
        FILE,
        '[working_hours]\nstart = "07:30"\nend = "24:00"\ndays = ["sat", "mon"]\nholidays = [2026-09-02, 2026-01-01]\n',
    )
    hours = folder.load().console_rules.working_hours
    assert hours == WorkingHours(450, 1440, (0, 5), (date(2026, 1, 1), date(2026, 9, 2)), ())
    week = [date(2026, 8, 31 - n) for n in range(7)]  # a Monday, back to a Tuesday
    assert [hours.works_on(day) for day in week] == [True, False, True, False, False, False, False]
    assert not hours.works_on(date(2026, 9, 2))


def test_digest_covers_the_file(folder: Folder) -> None:
    """Other limits are another configuration."""
    before = folder.load().digest
    folder.swap(FILE, "limit = 10", "limit = 11")
    assert folder.load().digest != before
