"""Decisions are numbered without a gap, have one form, and are listed."""

import re

from tests.docs.pages import ROOT, rows, text

FOLDER = ROOT / "docs" / "adr"
DECISIONS = sorted(FOLDER.glob("[0-9]*.md"))


def test_numbers_have_no_gap() -> None:
    """The files count from 1, and each title repeats its number."""
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    for number, path in enumerate(DECISIONS, 1):
        assert path.read_text(encoding="utf-8").startswith(f"# {number}. ")


def test_each_has_the_same_form() -> None:
    """Status and date, then four sections, none of them empty."""
    for path in DECISIONS:
        said = path.read_text(encoding="utf-8")
        assert re.search(r"^(Accepted|Replaced by \[.+\]\(.+\)), \d{4}-\d\d-\d\d\.$", said, re.MULTILINE), path.name
        sections = re.findall(r"^## (.+)\n\n(.+)", said, re.MULTILINE)
        assert [heading for heading, _ in sections] == ["Why", "Decision", "Price", "Considered instead"], path.name


def test_the_list_is_complete() -> None:
    """The table of decisions names each file with its title."""
    titles = {path.name: path.read_text(encoding="utf-8").splitlines()[0].partition(". ")[2] for path in DECISIONS}
    assert [cells[1] for cells in rows(text("docs/adr/README.md"))] == [f"[{t}]({name})" for name, t in titles.items()]
