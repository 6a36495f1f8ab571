"""Tests of entries as rows of a table, on a real log."""

from gateway.audit.reading import Opened
from gateway.console import texts
from gateway.console.web.rows import row, rows
from gateway.console.words import Words
from tests.gateway.console.naming import FACTS
from tests.gateway.console.web.written_log import DOSSIER, Written

EN = Words(texts.load(), "en", FACTS)


def test_a_row_says_who_what_and_why(written: Written) -> None:
    """An answered call in words: portal, officer, dossier, procedure, outcome; codes stay beside them."""
    made = row(written.entries()[written.places["disclosed"]], EN)
    assert (made.index, made.kind, made.readable) == (written.places["disclosed"], "disclosed", True)
    assert made.portal == "Public-service portal of Cao Bang province (H14)"
    assert (made.officer, made.who, made.dossier) == ("cb-0042", "cb-0042", DOSSIER)
    assert made.procedure == "Registration of permanent residence (1.004222)"
    assert (made.outcome, made.code) == (EN.word("outcome", "ok"), "")
    assert made.summary.startswith("Asked for")


def test_rows_of_every_kind(written: Written) -> None:
    """Each kind has a summary; a refusal its reason and code, an inspection its auditor, a change who made it."""
    made = rows(written.entries(), EN)
    assert len(made) == written.size
    assert all(one.summary.strip() for one in made)
    by_place = {name: made[index] for name, index in written.places.items()}
    refused = by_place["refused"]
    assert (refused.code, refused.outcome) == ("procedure_not_granted", EN.word("code", "procedure_not_granted"))
    assert (by_place["province"].who, by_place["province"].officer) == ("kiem-tra-01", "")
    assert by_place["changed"].who == "the operator's configuration"
    assert (by_place["heartbeat"].who, by_place["heartbeat"].portal) == ("", "")


def test_a_sealed_entry_is_a_row_too(written: Written) -> None:
    """What cannot be read has its number, time and kind, and says so."""
    whole = written.entries()[written.places["disclosed"]]
    sealed = Opened(whole.index, whole.at, whole.kind, whole.epoch, whole.leaf, None)
    made = row(sealed, EN)
    assert (made.index, made.at, made.kind, made.readable) == (whole.index, whole.at, "disclosed", False)
    assert made.summary == "Cannot be read"
    assert (made.who, made.portal, made.dossier) == ("", "", "")


def test_no_name_in_repr(written: Written) -> None:
    """An officer and a dossier are not shown by accident in a log line."""
    said = repr(row(written.entries()[written.places["disclosed"]], EN))
    assert "cb-0042" not in said
    assert DOSSIER not in said
