"""Searches that are going on: found by their owner alone, for a while, so many at a time."""

import os

from gateway.console.model import Wanted
from gateway.console.web.searches import LIFETIME, PER_OWNER, Searches
from tests.gateway.console.signin.visitors import Clock


def _searches() -> tuple[Searches, Clock]:
    clock = Clock()
    return Searches(now=clock, urandom=os.urandom), clock


def test_a_search_is_found_by_its_owner_alone() -> None:
    """Its id is nobody else's key; an id that was never given finds nothing."""
    searches, _ = _searches()
    search = searches.add("a", Wanted(kind="refused"), {}, "")
    assert searches.find(search.key, "a") is search
    assert searches.find(search.key, "b") is None
    assert searches.find("", "a") is None


def test_a_search_ends_when_nobody_looks_at_it() -> None:
    """Each look keeps it for another while; without one it goes."""
    searches, clock = _searches()
    search = searches.add("a", Wanted(), {}, "")
    for _ in range(3):
        clock.at += LIFETIME * 0.9
        assert searches.find(search.key, "a") is search
    clock.at += LIFETIME
    assert searches.find(search.key, "a") is None


def test_the_oldest_of_a_person_goes_first() -> None:
    """One person's searches never drive out another's."""
    searches, _ = _searches()
    other = searches.add("b", Wanted(), {}, "")
    mine = [searches.add("a", Wanted(), {}, "") for _ in range(PER_OWNER + 3)]
    assert [searches.find(one.key, "a") is not None for one in mine] == [False] * 3 + [True] * PER_OWNER
    assert searches.find(other.key, "b") is other


def test_a_search_does_not_show_what_it_is_about() -> None:
    """Neither tags nor what was typed is in its `repr`."""
    searches, _ = _searches()
    search = searches.add("a", Wanted(tags=(b"secret tag",), officer="cb-0042"), {"dossier": "H14-1"}, "004*****0123")
    assert not any(word in repr(search) for word in ("secret", "cb-0042", "H14-1"))
