"""The index finds exactly what a look at every opened entry finds, whatever is asked and by whom."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.events import EntryKind
from gateway.console.index import lists
from gateway.console.index.search import EVERYTHING_BEHIND
from gateway.console.model import EVERYTHING, Scope, Wanted
from tests.gateway.console.index.crowd import (
    AUDITORS,
    CODES,
    DOSSIERS,
    FIRST,
    OFFICERS,
    OPERATIONS,
    PEOPLE,
    PORTALS,
    PROCEDURES,
    SOURCES,
    Crowd,
)
from tests.gateway.console.index.indexed import Indexed

SCOPES = [EVERYTHING, *(Scope(frozenset(codes)) for codes in ({"H14"}, {"H14.5"}, {"H141", "G01"}, {"H1"}, set()))]

times = st.integers(-100, 60_000).map(lambda minutes: FIRST + timedelta(minutes=minutes))
asked = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from([kind.label for kind in EntryKind]),
        "portal": st.sampled_from([*PORTALS, "H1"]),
        "officer": st.sampled_from([*OFFICERS, "nobody"]),
        "procedure": st.sampled_from([*PROCEDURES, "9"]),
        "dossier": st.sampled_from([*DOSSIERS, "none"]),
        "operation": st.sampled_from([*OPERATIONS, "searched"]),
        "outcome": st.sampled_from(["ok", *CODES]),
        "source": st.sampled_from([*SOURCES, "population=answered", "tax=timeout", "tax=answer"]),
        "auditor": st.sampled_from([*AUDITORS, "nobody"]),
        "since": times,
        "until": times,
        "person": st.sampled_from([*PEOPLE, "000000000000"]),
    },
).flatmap(
    lambda given: (
        st.sets(st.sampled_from(sorted(given)), max_size=4).map(lambda keep: {k: given[k] for k in keep})
        if given
        else st.just({})
    )
)


@settings(max_examples=100, deadline=None)
@given(given=asked, scope=st.sampled_from(SCOPES), limit=st.sampled_from([1, 7, 50]))
def test_every_combination(whole: Indexed, crowd: Crowd, given: dict[str, Any], scope: Scope, limit: int) -> None:
    """Any filters together, in any scope and pages of any length, give what a look at every entry gives."""
    filters = dict(given)
    person = filters.pop("person", None)
    wanted = Wanted(**filters, tags=None if person is None else crowd.ring.subject_tags(person))
    expected = crowd.wanted(wanted, scope)
    found, below = [], None
    for length in (limit, limit, limit, 10_000):
        page = whole.index.search(wanted, scope, below=below, limit=length)
        assert (page.total, page.more) == (len(expected), False)
        found += page.hits
        if len(page.hits) < length:
            break
        below = page.hits[-1].index
    assert [hit.index for hit in found] == expected
    for hit in found[:50]:
        one = crowd.said[hit.index]
        assert (hit.index, hit.at) == (one.index, one.at)
        plain = ("kind", "portal", "procedure", "operation", "outcome")
        assert [getattr(hit, name) for name in plain] == [one.words[name] for name in plain]


@pytest.mark.parametrize(
    "wanted", [Wanted(officer=OFFICERS[0]), Wanted(kind="disclosed", since=FIRST), Wanted(since=FIRST)]
)
def test_counts_stop_at_a_cap(whole: Indexed, crowd: Crowd, wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where counting means looking it stops at a number and says that there are more; the pages go on beyond it."""
    expected = crowd.wanted(wanted, EVERYTHING)
    monkeypatch.setattr(lists, "CAP", len(expected))
    page = whole.index.search(wanted, EVERYTHING, below=None, limit=5000)
    assert (page.total, page.more) == (len(expected), False)
    monkeypatch.setattr(lists, "CAP", len(expected) - 1)
    page = whole.index.search(wanted, EVERYTHING, below=None, limit=5000)
    assert (page.total, page.more) == (len(expected) - 1, True)
    assert [hit.index for hit in page.hits] == expected


def test_months_of_a_person(whole: Indexed, crowd: Crowd) -> None:
    """A person's entries of several months and kinds, each under another tag, come merged in their order."""
    wanted = Wanted(tags=crowd.ring.subject_tags(PEOPLE[0]))
    hits = whole.index.search(wanted, EVERYTHING, below=None, limit=1000).hits
    assert [hit.index for hit in hits] == crowd.wanted(wanted, EVERYTHING)
    assert {hit.kind for hit in hits} == {"decided", "disclosed", "inspected"}
    assert len({hit.at.month for hit in hits}) == 3


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(officer=OFFICERS[0], auditor=AUDITORS[0]),
        Wanted(tags=()),
        Wanted(since=FIRST + timedelta(days=9), until=FIRST),
        Wanted(officer=AUDITORS[0]),
        Wanted(auditor=OFFICERS[0]),
    ],
)
def test_what_cannot_be(whole: Indexed, wanted: Wanted) -> None:
    """What contradicts itself finds nothing."""
    found = whole.index.search(wanted, EVERYTHING, below=None, limit=10)
    assert (found.hits, found.total, found.more) == ((), 0, False)


# -- chain


def chain(crowd: Crowd, index: int) -> list[int]:
    """The entries of the dossier of an entry at its portal, by looking at all."""
    words = crowd.said[index].words
    if words["dossier"] is None:
        return [index]
    same = (words["dossier"], words["portal"])
    return [one.index for one in crowd.said if (one.words["dossier"], one.words["portal"]) == same]


def test_chain(whole: Indexed, crowd: Crowd) -> None:
    """A chain is every entry of the same dossier at the same portal, the oldest first, and of no other."""
    for index in range(0, len(crowd.said), 37):
        assert [hit.index for hit in whole.index.chain(index, EVERYTHING)] == chain(crowd, index)


@pytest.mark.parametrize("scope", SCOPES)
def test_chain_in_scope(whole: Indexed, crowd: Crowd, scope: Scope) -> None:
    """Of an entry that may not be seen there is no chain, nor of one that is not there."""
    mine = set(crowd.wanted(Wanted(), scope))
    for index in range(0, len(crowd.said), 53):
        assert bool(whole.index.chain(index, scope)) is (index in mine)
    assert whole.index.chain(len(crowd.said), scope) == ()


def test_long_chain(whole: Indexed, crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a longer chain those around the entry are shown."""
    index = next(one.index for one in crowd.said if len(chain(crowd, one.index)) >= 15)
    every = chain(crowd, index)
    monkeypatch.setattr("gateway.console.index.search.CHAIN", 8)
    for place, shown in ((0, every[:8]), (len(every) - 1, every[-8:])):
        assert [hit.index for hit in whole.index.chain(every[place], EVERYTHING)] == shown
    middle = [hit.index for hit in whole.index.chain(every[7], EVERYTHING)]
    assert every[7] in middle
    assert middle == every[every.index(middle[0]) :][:8]


# -- scope


@pytest.mark.parametrize("scope", SCOPES)
def test_scope(whole: Indexed, crowd: Crowd, scope: Scope) -> None:
    """Without any filter a viewer finds all of the own portals and of those below, and not one entry more."""
    hits = whole.index.search(Wanted(), scope, below=None, limit=10_000).hits
    assert [hit.index for hit in hits] == crowd.wanted(Wanted(), scope)
    assert all(scope.holds(hit.portal) for hit in hits if hit.portal)
    assert {hit.kind for hit in hits if not hit.portal} <= ({"inspected"} if scope.portals is not None else {*ALL})


ALL = [kind.label for kind in EntryKind]


def test_neighbouring_codes(whole: Indexed) -> None:
    """H14 holds H14.5 and not H141; H14.5 does not hold H14."""
    portals = {
        code: {
            hit.portal
            for hit in whole.index.search(
                Wanted(kind="disclosed"), Scope(frozenset({code})), below=None, limit=9999
            ).hits
        }
        for code in ("H14", "H14.5", "H141", "H1")
    }
    assert portals == {"H14": {"H14", "H14.5"}, "H14.5": {"H14.5"}, "H141": {"H141"}, "H1": set()}


def test_time_of_a_hit(whole: Indexed) -> None:
    """A time includes its beginning and excludes its end, to the microsecond."""
    hits = whole.index.search(Wanted(kind="refused"), EVERYTHING, below=None, limit=1).hits
    at: datetime = hits[0].at
    tick = timedelta(microseconds=1)
    found = [
        hits[0] in whole.index.search(Wanted(since=since, until=until), EVERYTHING, below=None, limit=9999).hits
        for since, until in ((at, at + tick), (at + tick, None), (None, at), (at, None))
    ]
    assert found == [True, False, False, True]


@settings(max_examples=50, deadline=None)
@given(since=st.none() | times, until=st.none() | times)
def test_where_a_time_lies(whole: Indexed, since: datetime | None, until: datetime | None) -> None:
    """Every entry of the time is in one of the ranges, which are in order and apart; the last is of what is unread."""
    ranges = whole.index.ranges(since=since, until=until)
    numbers = [number for both in ranges for number in both]
    assert numbers == sorted(numbers)
    size = whole.ask("SELECT count(*) FROM entry")[0][0]
    assert ranges[-1] == (size, EVERYTHING_BEHIND)
    wanted = Wanted(since=since, until=until)
    found = whole.index.search(wanted, EVERYTHING, below=None, limit=99_999).hits
    assert all(any(first <= hit.index < end for first, end in ranges[:-1]) for hit in found)
