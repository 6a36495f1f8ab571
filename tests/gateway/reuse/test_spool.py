"""Tests of the temporary file."""

import random
from contextlib import closing
from pathlib import Path

import pytest

from gateway.reuse.counting import said
from gateway.reuse.spool import NO_FORM, Seen, Spool, form_of, ranked
from tests.gateway.reuse.ends import end, fetch, prefill

SECRET = bytes(32)


@pytest.mark.parametrize("held", [1, 3, 1000])
def test_calls_of_a_dossier_meet(tmp_path: Path, held: int) -> None:
    """However many are held in memory and in whichever order they come: the best of each, once."""
    entries = [
        *(prefill(f"d{number}", filled=number) for number in range(7)),
        *(prefill(f"d{number}", filled=8 - number, portal="G01") for number in range(7)),
        *(end(f"d{number}") for number in range(7)),
        *(prefill(f"d{number}", filled=0, documents=[offered, 0]) for number in range(7) for offered in (1, number)),
        *(fetch(f"d{number}") for number in range(7) for _ in range(number)),
    ]
    random.Random(7).shuffle(entries)
    with closing(Spool(tmp_path, SECRET, held=held)) as spool:
        for entry in entries:
            one = said(entry)
            assert one is not None
            spool.add(one)
        found = [(spool.portals[portal], rows) for portal, rows in spool.dossiers()]
    filled = {"H14": [], "G01": []}  # type: dict[str, list[int]]
    assert sorted((row.offered, row.handed) for portal, (row,) in found if portal == "H14") == [
        (max(1, number), number) for number in range(7)
    ]
    for portal, (row,) in found:
        filled[portal].append(form_of(row.best)[1])
    assert sorted(filled["H14"]) == [0, 1, 2, 3, 4, 5, 6]
    assert sorted(filled["G01"]) == [2, 3, 4, 5, 6, 7, 8]


def test_the_better_form() -> None:
    """More fields filled is better; of as many the shorter form; none is the worst; and a rank gives its form back."""
    forms = [None, (12, 0), (9, 0), (12, 3), (10, 3), (400, 399)]
    assert sorted(forms, key=ranked) == forms
    assert ranked(None) == NO_FORM
    assert [form_of(ranked(form)) for form in forms if form] == [form for form in forms if form]


def test_the_file_has_no_name(tmp_path: Path) -> None:
    """From the moment it is made: it cannot be left behind, and nobody else opens it."""
    with closing(Spool(tmp_path, SECRET, held=1)) as spool:
        one = said(end("d"))
        assert one is not None
        spool.add(one)
        assert list(tmp_path.iterdir()) == []
        assert list(spool.dossiers()) == [(0, [Seen(0, one.month, 1, 1, 1, NO_FORM)])]
