"""Tests of an entry's data as labelled rows."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.audit.events import KINDS, Event
from gateway.audit.reading import Opened
from gateway.console import texts
from gateway.console.particulars import ELSEWHERE, Particular, particulars
from gateway.console.words import Words
from tests.gateway.audit.builders import a_decision, a_disclosure, a_refusal, a_subject, an_inspection
from tests.gateway.audit.test_events import FULL, payload
from tests.gateway.console.naming import FACTS

VI, EN = (Words(texts.load(), language, FACTS) for language in ("vi", "en"))
AT = datetime(2026, 11, 24, 2, 0, 5, tzinfo=UTC)


def _entry(event: Event, **changed: object) -> Opened:
    return Opened(7, AT, KINDS[type(event)].label, "epoch", b"", {**payload(event), **changed})


def _row(entry: Opened, label: str) -> Particular:
    (found,) = (row for row in particulars(entry, EN) if row.label == label)
    return found


@pytest.mark.parametrize("words", [VI, EN], ids=["vi", "en"])
@pytest.mark.parametrize("event", FULL, ids=lambda event: type(event).__name__)
def test_nothing_is_left_out(event: Event, words: Words) -> None:
    """Every member is a row with a label of its own, but what stands elsewhere on the page."""
    entry = _entry(event)
    rows = particulars(entry, words)
    assert entry.payload is not None
    members = set(entry.payload) - ELSEWHERE
    assert {row.label for row in rows} == {words.word("member", name) for name in members}
    assert len(rows) == len(members)
    assert not {row.label for row in rows} & members


def test_a_member_that_is_new() -> None:
    """Is shown under its own name, at the end."""
    row = particulars(_entry(a_decision(), zebra={"a": 1}), EN)[-1]
    assert (row.label, row.values) == ("zebra", ("{'a': 1}",))


def test_in_words_and_as_written() -> None:
    """The words, and the code where they do not contain it."""
    entry = _entry(a_refusal())
    assert _row(entry, "Portal") == Particular("Portal", ("Public-service portal of Cao Bang province (H14)",))
    assert _row(entry, "Operation") == Particular("Operation", ("Look up a person",), raw="persons.lookup")
    assert _row(entry, "Reason of the refusal").raw == "procedure_not_granted"


def test_lists() -> None:
    """Each value for itself."""
    entry = _entry(
        a_disclosure(sources={"population": "answered", "tax": "timed_out"}, reuse=(12, 9), documents=(2, 0))
    )
    assert _row(entry, "Sources and outcomes").values == ("Population: answered", "Tax: timed out")
    assert _row(entry, "Reuse (filled/all)").values == ("9/12 (75%)",)
    assert _row(entry, "Digitised documents").values == ("offered: 2, handed out: 0",)
    assert _row(_entry(a_decision()), "Fields").values == (
        "Full name (person.full_name)",
        "Permanent address (person.permanent_address)",
    )


def test_links_to_entries() -> None:
    """The entry that allowed a call, and what an auditor was shown."""
    assert _row(_entry(a_disclosure()), "Allowed in entry").links == (1,)
    assert _row(_entry(an_inspection()), "Entries shown").links == (4, 7)


def test_a_family_name() -> None:
    """Is a keyed hash, which says whether two are the same and no more."""
    first, second = (_row(_entry(a_decision(subjects=(a_subject(family=name),))), "Subject") for name in ("Nông", "Bế"))
    assert first.values[1].startswith("Family name (keyed hash): ")
    assert "Nông" not in repr(first)
    assert first.values[1] != second.values[1]


def test_yes_no_and_thousands() -> None:
    """In the reader's language."""
    entry = _entry(a_disclosure(), found=False, size=12345)
    rows = {row.label: row.values for row in particulars(entry, VI)}
    assert ("không",) in rows.values()
    assert ("12.345",) in rows.values()


def test_an_entry_that_cannot_be_read() -> None:
    """Has no rows."""
    assert particulars(replace(_entry(a_decision()), payload=None), EN) == ()


def test_evidence_stands_elsewhere() -> None:
    """Token and commitments are in none of the rows."""
    entry = _entry(a_disclosure(token="h.p.s", commitments={"/a": "c0mm"}))
    said = json.dumps([row.values for row in particulars(entry, EN)])
    assert "h.p.s" not in said
    assert "c0mm" not in said
