"""The overview equals what counting every entry gives, for any time and scope."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.console.index.calendar import (
    DAY,
    HOUR,
    HOUR_US,
    MONTH,
    microseconds,
    moment,
    next_start,
    start_of,
)
from gateway.console.model import EVERYTHING, Scope
from gateway.zone import VIETNAM
from tests.gateway.audit.builders import START, a_subject
from tests.gateway.console.index.crowd import FIRST, Crowd
from tests.gateway.console.index.indexed import Indexed, append, asked, indexed, numbers

SCOPES = [EVERYTHING, *(Scope(frozenset(codes)) for codes in ({"H14"}, {"H14.5"}, {"H141", "G01"}, set()))]
HOURS = timedelta(hours=1)


def local(at: datetime) -> datetime:
    """The same time in Vietnam."""
    return at.astimezone(VIETNAM)


def beginning(at: datetime, step: timedelta) -> datetime:
    """Where the hour, day or month in Vietnam begins that holds a time."""
    start = local(at).replace(minute=0, second=0, microsecond=0)
    if step >= timedelta(days=1):
        start = start.replace(hour=0)
    return start.replace(day=1) if step > timedelta(days=1) else start


@settings(max_examples=100, deadline=None)
@given(
    begin=st.integers(-48, 1500), length=st.sampled_from([1, 5, 24, 71, 72, 73, 200, 719, 720, 2000, 2880, 2881, 4000]),
    scope=st.sampled_from(SCOPES), minutes=st.sampled_from([0, 17]),
)  # fmt: skip
def test_overview(whole: Indexed, crowd: Crowd, begin: int, length: int, scope: Scope, minutes: int) -> None:
    """Calls, portals, operations, codes, sources and re-used fields are those of the calls that ended in the time."""
    since = FIRST.replace(minute=0) + HOURS * begin
    until = since + HOURS * length
    seen = whole.index.overview(
        scope, since=since + timedelta(minutes=minutes), until=until - timedelta(minutes=minutes)
    )
    calls = crowd.ended(since, until, scope)
    payloads = [one.entry.payload or {} for one in calls]
    bad = [one.words["outcome"] for one in calls if one.words["outcome"] != "ok"]
    assert (seen.since, seen.until, seen.behind) == (since, until, 0)
    assert dict(seen.portals) == Counter(one.words["portal"] for one in calls)
    assert dict(seen.operations) == Counter(one.words["operation"] for one in calls)
    assert dict(seen.codes) == Counter(bad)
    sources = Counter(pair for one in calls for pair in one.words["sources"].items())
    assert {(name, word): n for name, words in seen.sources.items() for word, n in words.items()} == sources
    reuse = [payload["reuse"] for payload in payloads if payload.get("reuse")]
    assert seen.fields_total == sum(total for total, _ in reuse)
    assert seen.fields_filled == sum(filled for _, filled in reuse)
    counted = Counter((max(beginning(one.at, seen.step), since), one.words["outcome"] != "ok") for one in calls)
    assert {
        (bucket.start, bad): n
        for bucket in seen.series
        for bad, n in ((False, bucket.answered), (True, bucket.refused))
        if n
    } == counted


@pytest.mark.parametrize(("hours", "step"), [(72, 1), (73, 24), (2880, 24), (2881, 720)])
def test_steps(whole: Indexed, hours: int, step: int) -> None:
    """Up to three days come by the hour, up to 120 by the day, more by the month; no step is left out."""
    seen = whole.index.overview(EVERYTHING, since=FIRST, until=FIRST + HOURS * hours)
    assert seen.step == HOURS * step
    starts = [bucket.start for bucket in seen.series]
    assert starts == sorted(set(starts))
    assert starts[0] == seen.since
    if step == 1:
        assert len(starts) == hours
    elif step == 24:
        assert [b - a for a, b in pairwise(starts[1:])] == [HOURS * 24] * (len(starts) - 2)
    else:
        assert all(local(start).day == 1 and local(start).hour == 0 for start in starts[1:])


def test_call_of_several_people_counts_once(tmp_path: Path) -> None:
    """A call is one call, however many people it asked for."""
    event = replace(asked(START), subjects=tuple(a_subject(role=f"r{n}", id=one) for n, one in enumerate(numbers(3))))
    append(tmp_path, [event, event])
    with indexed(tmp_path) as made:
        made.follow()
        seen = made.index.overview(EVERYTHING, since=START, until=START + HOURS)
    assert [(bucket.answered, bucket.refused) for bucket in seen.series] == [(2, 0)]


def test_behind(tmp_path: Path) -> None:
    """The overview says how many entries it does not know yet."""
    append(tmp_path, [asked(START)])
    with indexed(tmp_path) as made:
        made.builder.step(1)
        seen = made.index.overview(EVERYTHING, since=START, until=START + HOURS)
        assert seen.behind == made.index.behind() > 0


@given(st.datetimes(datetime(1999, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)))  # noqa: DTZ001
def test_calendar(at: datetime) -> None:
    """Hours, days and months begin where they begin in Vietnam, and the next one follows."""
    hour = microseconds(at) // HOUR_US
    for level, step in ((HOUR, HOURS), (DAY, HOURS * 24), (MONTH, HOURS * 720)):
        start = start_of(level, hour)
        assert moment(start * HOUR_US) == beginning(at, step)
        following = next_start(level, start)
        assert start <= hour < following
        assert start_of(level, following) == following
        assert start_of(level, following - 1) == start
