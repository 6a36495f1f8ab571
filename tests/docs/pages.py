"""The written pages of this repository."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[(?:[^\]\[]|\[[^\]]*\])+\]\(([^)\s]+)\)")


def text(path: str) -> str:
    """A page by its path in the repository."""
    return (ROOT / path).read_text(encoding="utf-8")


def links(page: Path) -> Iterator[str]:
    """The target of every link outside code."""
    prose = _FENCED.sub("", page.read_text(encoding="utf-8"))
    yield from _LINK.findall(re.sub(r"`[^`\n]*`", "", prose))


def anchors(page: Path) -> set[str]:
    """The fragment each heading of a page can be reached by."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def rows(section: str) -> list[list[str]]:
    """The cells of every table row in a piece of a page, without heads and rules."""
    found = []
    lines = section.splitlines()
    for number, line in enumerate(lines):
        follows_head = number + 1 < len(lines) and lines[number + 1].startswith("|-")
        if line.startswith("|") and not line.startswith("|-") and not follows_head:
            found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def section(page: str, heading: str) -> str:
    """What stands under a second-level heading of a page."""
    _, found, rest = text(page).partition(f"\n## {heading}\n")
    assert found, f"{page} has no section {heading}"
    return rest.partition("\n## ")[0]
