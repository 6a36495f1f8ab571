"""Choosing entries: the same as going through all of them with the filter in hand."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.errors import LogBroken
from gateway.audit.events import EntryKind
from gateway.audit.extract.selection import Selection, Verdict
from gateway.audit.extract.walk import judged, select
from gateway.audit.reading import Opened
from tests.gateway.audit.builders import PERSON, TAX_CODE
from tests.gateway.audit.extract.mixed_log import DOSSIERS, FIRST, OFFICERS, PORTALS, STRANGER, MixedLog


def maybe(*values: Any) -> st.SearchStrategy[Any]:
    """Mostly no restriction, else one of these."""
    return st.one_of(st.none(), st.none(), st.sampled_from(values))


TIMES = st.integers(-10, 300).map(lambda steps: FIRST + timedelta(hours=6 * steps))
SELECTIONS = st.builds(
    Selection,
    since=st.none() | TIMES,
    until=st.none() | TIMES,
    kind=maybe(*(kind.label for kind in EntryKind)),
    portal=maybe(*PORTALS, "none"),
    officer=maybe(*OFFICERS),
    procedure=maybe("1.004222", "1.010010"),
    dossier=maybe(*DOSSIERS),
    operation=maybe("persons.lookup", "dossiers.prefill"),
    outcome=maybe("ok", "procedure_not_granted", "source_unavailable"),
    source=maybe("population", "tax", "land"),
    auditor=maybe("kiểm.toán", "other"),
    subject=maybe(PERSON, STRANGER, TAX_CODE, "004192000777"),
    scope=maybe(frozenset({"H14"}), frozenset({"G01", "H14.5"}), frozenset()),
)


def naive(selection: Selection, entry: Opened, subject: str) -> bool:
    """The filter, written down once more, plainly."""
    if selection.since and entry.at < selection.since:
        return False
    if selection.until and entry.at >= selection.until:
        return False
    if selection.kind and entry.kind != selection.kind:
        return False
    if selection.subject and subject != selection.subject:
        return False
    said = entry.payload
    names = ("portal", "officer", "procedure", "dossier", "operation", "auditor")
    if said is None:  # of a destroyed epoch: only who asks for nothing inside gets it, and nobody is found by tags
        asked = [getattr(selection, name) for name in (*names, "outcome", "source", "scope", "subject")]
        return asked == [None] * len(asked)
    for name in names:
        value = getattr(selection, name)
        if value is not None and said.get(name) != value:
            return False
    if selection.outcome == "ok" and not (entry.kind == "disclosed" and said["status"] < 400):
        return False
    if selection.outcome not in (None, "ok") and said.get("code") != selection.outcome:
        return False
    if selection.source and selection.source not in [*said.get("sources", []), *said.get("outcomes", {})]:
        return False
    if selection.scope is not None:
        portal = said.get("portal", "")
        return bool(portal) and any((portal + ".").startswith(mine + ".") for mine in selection.scope)
    return True


@settings(max_examples=150, deadline=None, derandomize=True)
@given(SELECTIONS, st.integers(0, 400), st.integers(1, 500))
def test_the_selection_is_that_of_a_naive_filter(mixed: MixedLog, selection: Selection, first: int, count: int) -> None:
    """Whatever is asked for, in whatever part of the log, the entries are those that a plain filter leaves."""
    end = min(first + count, mixed.size)
    wanted = [e.index for e in mixed.entries()[first:end] if naive(selection, e, mixed.about[e.index])]
    with mixed.reader() as reader:
        assert [e.index for e in select(reader, mixed.ring, selection, first, end)] == wanted
        # an index may hand in too much, twice, in any order: what fits is decided here
        handed = [*reversed(range(mixed.size)), *wanted]
        found = select(reader, mixed.ring, selection, first, end, indices=handed)
        assert [e.index for e in found] == wanted


def test_the_log_of_these_tests_has_something_to_find(mixed: MixedLog) -> None:
    """Every filter alone leaves some entries and leaves some out, so that the property above is about something."""
    entries = mixed.entries()
    assert {entry.kind for entry in entries} == {kind.label for kind in EntryKind}
    assert 5 < sum(entry.payload is None for entry in entries) < mixed.size / 2
    for selection in (
        Selection(since=FIRST + timedelta(days=30)),
        Selection(portal="H14"),
        Selection(officer=OFFICERS[2]),
        Selection(outcome="ok"),
        Selection(outcome="source_unavailable"),
        Selection(source="tax"),
        Selection(auditor="kiểm.toán"),
        Selection(subject=PERSON),
        Selection(scope=frozenset({"H14"})),
    ):
        found = [e for e in entries if naive(selection, e, mixed.about[e.index])]
        assert 5 < len(found) < mixed.size - 5, selection


def test_a_scope_holds_what_is_below_it_and_not_what_sounds_like_it(mixed: MixedLog) -> None:
    """`H14` holds `H14.5`, not `H141`, and no entry without a portal."""
    with mixed.reader() as reader:
        found = list(select(reader, mixed.ring, Selection(scope=frozenset({"H14"})), 0, mixed.size))
    assert {entry.payload["portal"] for entry in found if entry.payload} == {"H14", "H14.5"}


def test_a_subject_is_found_over_many_pages(mixed: MixedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many entries a page of the search has, none is lost between two."""
    with mixed.reader() as reader:
        whole = [e.index for e in select(reader, mixed.ring, Selection(subject=PERSON), 3, mixed.size - 3)]
        for size in (1, 2, 7):
            monkeypatch.setattr("gateway.audit.extract.walk._TAGGED_PAGE", size)
            again = select(reader, mixed.ring, Selection(subject=PERSON), 3, mixed.size - 3)
            assert [e.index for e in again] == whole


def test_entries_that_cannot_be_read_are_told_from_those_that_do_not_fit(mixed: MixedLog) -> None:
    """A filter on what is sealed gives UNREADABLE for each entry of the destroyed epoch of that time and kind."""
    sealed = [entry.index for entry in mixed.entries() if entry.payload is None]
    with mixed.reader() as reader:
        asked = list(judged(reader, mixed.ring, Selection(portal="H14", kind="decided"), 0, mixed.size))
        assert [e.index for e, verdict in asked if verdict is Verdict.UNREADABLE] == sealed
        later = Selection(portal="H14", since=datetime(2026, 11, 1, tzinfo=UTC))
        found = list(judged(reader, mixed.ring, later, 0, mixed.size))
        assert not [e for e, verdict in found if verdict is Verdict.UNREADABLE]


def test_a_store_that_was_altered_ends_the_walk(mixed: MixedLog) -> None:
    """An envelope that is not its leaf hash's, and an entry that is gone, are LogBroken, never left out in silence."""
    with mixed.reader() as reader:

        class Altered:
            """The store, with one row changed or missing."""

            def __init__(self, envelope: bool) -> None:
                self.envelope = envelope

            def rows(self, start: int, end: int) -> list[Any]:
                """Rows without the seventh."""
                rows = list(reader.rows(start, end))
                if self.envelope:
                    rows[7] = type(rows[7])(
                        *(getattr(rows[6 if f.name == "envelope" else 7], f.name) for f in fields(rows[7]))
                    )
                else:
                    del rows[7]
                return rows

        for envelope in (True, False):
            with pytest.raises(LogBroken):
                list(select(Altered(envelope), mixed.ring, Selection(), 0, mixed.size))  # type: ignore[arg-type]


def test_what_cannot_be_a_selection() -> None:
    """A time without zone, an unknown kind, an empty or endless value are refused, and not repeated in the sentence."""
    for wrong in (
        {"since": datetime(2026, 11, 1)},  # noqa: DTZ001
        {"until": datetime(2026, 11, 1)},  # noqa: DTZ001
        {"kind": "opened"},
        {"portal": ""},
        {"subject": "x" * 257},
    ):
        with pytest.raises(ValueError, match=r"^(since|until|kind|portal|subject): ") as caught:
            Selection(**wrong)  # type: ignore[arg-type]
        assert "xxx" not in str(caught.value)


def test_a_selection_says_what_it_is_but_not_whom_it_is_about() -> None:
    """Words hold every filter, times in UTC, and of the subject that there is one; `repr` hides people."""
    selection = Selection(
        since=datetime(2026, 11, 1, tzinfo=timezone(timedelta(hours=7))),
        officer="cb-0042",
        subject=PERSON,
        scope=frozenset({"H2", "H14"}),
    )
    assert selection.words() == {
        "since": "2026-10-31T17:00:00+00:00",
        "officer": "cb-0042",
        "subject": True,
        "scope": ["H14", "H2"],
    }
    assert PERSON not in repr(selection)
    assert "cb-0042" not in repr(selection)
