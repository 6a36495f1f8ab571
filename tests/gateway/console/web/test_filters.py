"""The form of a search, read."""

from dataclasses import fields

import pytest

from gateway.console.model import Wanted
from gateway.console.web import filters
from gateway.console.web.filters import FilterRefused
from tests.gateway.audit.builders import PERSON


def test_an_empty_form_restricts_nothing() -> None:
    """Nothing is asked for and nothing is told to the log."""
    read = filters.read({})
    assert read.wanted == Wanted()
    assert read.number is None
    assert read.about == {}


def test_every_field_reaches_the_index_and_the_log() -> None:
    """Each field of the form becomes its own restriction; the person becomes none by itself and is told to nobody."""
    form = {name: f"{name}-1" for name in (*filters.CODED, *filters.TYPED)}
    form |= {"kind": "decided", "outcome": "ok", "from": "2026-11-01", "to": "2026-11-30", "subject": PERSON}
    read = filters.read(form)
    assert {one.name for one in fields(Wanted) if getattr(read.wanted, one.name) is None} == {"tags"}
    assert all(getattr(read.wanted, name) == form[name] for name in (*filters.CODED, *filters.TYPED))
    assert set(read.about) == {"since", "until", *filters.CODED, *filters.TYPED}
    assert read.number == PERSON
    assert PERSON not in f"{read.wanted} {read.typed} {read.about} {read!r}"


def test_the_last_day_is_included() -> None:
    """From a day to the same day is that whole day."""
    wanted = filters.read({"from": "2026-11-20", "to": "2026-11-20"}).wanted
    assert wanted.since
    assert wanted.until
    assert (wanted.until - wanted.since).days == 1


@pytest.mark.parametrize("name", [*filters.CODED, *filters.TYPED])
def test_a_number_has_one_field(name: str) -> None:
    """Whatever field a person's number is typed into, but for its own, it is refused before anyone is told."""
    with pytest.raises(FilterRefused) as refused:
        filters.read({name: f" {PERSON[:3]}.{PERSON[3:]} "})
    assert refused.value.name == name
    assert PERSON[3:] not in str(refused.value)


def test_what_is_kept_of_a_form_names_nobody() -> None:
    """To fill the form again: all fields but the person, and none that looks like one."""
    kept = filters.kept({"subject": PERSON, "officer": PERSON, "from": PERSON, "dossier": "H14-1", "csrf": "x"})
    assert kept == {**dict.fromkeys(filters.FIELDS, ""), "dossier": "H14-1"}
