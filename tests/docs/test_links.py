"""Links lead somewhere, and the pages speak of this project alone."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, anchors, links


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    """Each relative link names a file or folder that exists, and each fragment a heading of it."""
    broken = []
    for target in links(page):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        aimed = (page.parent / path).resolve() if path else page
        if not aimed.exists() or (fragment and fragment not in anchors(aimed)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_machine(page: Path) -> None:
    """No page holds a path of somebody's machine."""
    assert re.findall(r"(?<![\w.])/(?:home|root|Users|work|tmp)/\S*", page.read_text(encoding="utf-8")) == []


def test_every_page_can_be_found() -> None:
    """Each page of docs is linked from another page."""
    targets = [(page, target.partition("#")[0]) for page in PAGES for target in links(page) if "://" not in target]
    linked = {(page.parent / path).resolve() for page, path in targets}
    within = {page for page in PAGES if page.parent in linked and page.name == "README.md"}
    assert [str(page.relative_to(ROOT)) for page in PAGES if page.parent != ROOT and page not in linked | within] == []
