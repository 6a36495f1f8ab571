"""Tests of what one entry says about its dossier."""

from typing import Any

import pytest

from gateway.audit.reading import Opened
from gateway.reuse.counting import said
from tests.gateway.reuse.ends import AT, end, fetch, prefill, refusal, sealed


def _flags(entry: Opened) -> tuple[bool, bool, tuple[int, int] | None]:
    one = said(entry)
    assert one is not None
    return one.reused, one.population, one.form


@pytest.mark.parametrize(
    ("entry", "reused", "population", "form"),
    [
        (prefill("d", filled=9), True, True, (12, 9)),
        (prefill("d", filled=0, outcomes={"population": "timed_out"}), False, False, (12, 0)),
        (end("d"), True, True, None),
        (end("d", fields=[], outcomes={"population": "not_found"}), False, False, None),
        (end("d", operation="persons.verify", fields=[]), False, True, None),
        (end("d", operation="taxpayers.lookup", outcomes={"tax": "answered"}), True, False, None),
        (end("d", status=500), False, False, None),
        (prefill("d", filled=9, status=500), False, False, None),
        (refusal("d"), False, False, None),
        (end("d", status=202, fields=[], outcomes={}), False, False, None),
        (prefill("d", filled=3, operation="jobs.read"), True, True, (12, 3)),
    ],
)
def test_what_an_end_says(entry: Opened, *, reused: bool, population: bool, form: tuple[int, int] | None) -> None:
    """A value that left is reuse; an answer of the population database is its use; what is asked for is neither."""
    assert _flags(entry) == (reused, population, form)
    one = said(entry)
    assert one is not None
    assert one.answered == (entry.kind == "disclosed" and entry.payload is not None and entry.payload["status"] < 400)


@pytest.mark.parametrize(
    "entry",
    [
        end("d", kind="decided"),
        end("d", kind="inspected"),
        end("d", operation="procedures.read"),
        end("d", operation="debug.verify"),
        refusal("d", operation="jobs.read"),
        end("d", subject={"n": 2, "of": 2}),
        end("d", portal=None),  # type: ignore[arg-type]  # as an entry that lacks it
        end(""),
        sealed(AT),
    ],
)
def test_what_is_not_counted(entry: Opened) -> None:
    """Decisions, calls about nobody, the second of two people of one call, and what cannot be read."""
    assert said(entry) is None


@pytest.mark.parametrize(
    ("entry", "reused", "papers"),
    [
        (prefill("d", filled=9, documents=[3, 0]), True, (3, 0)),
        (prefill("d", filled=0, documents=[3, 0]), False, (3, 0)),
        (prefill("d", filled=0, documents=[3, 0], operation="jobs.read"), False, (3, 0)),
        (fetch("d"), True, (0, 1)),
        (fetch("d", fields=["document.decision"], documents=None), False, (0, 0)),
        (fetch("d", status=410), False, (0, 0)),
        (refusal("d", operation="documents.fetch"), False, (0, 0)),
        (end("d"), True, (0, 0)),
    ],
)
def test_papers(entry: Opened, *, reused: bool, papers: tuple[int, int]) -> None:
    """A paper that was handed out is reuse, one that was offered is not, nor a name of one that was not."""
    one = said(entry)
    assert one is not None
    assert (one.reused, (one.offered, one.handed)) == (reused, papers)


def test_the_first_of_several_people_speaks_for_all() -> None:
    """A call about two people is one call."""
    assert said(end("d", subject={"n": 1, "of": 2})) is not None


def test_no_dossier_is_shown() -> None:
    """Not where a value is printed by mistake."""
    shown: Any = said(end("H14-secret"))
    assert "H14-secret" not in repr(shown)
