"""Tests of how the officer's view looks and reads: axe-core, 360 px, paper, without scripts, saved to a file."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.previews import PROCEDURES, previews
from tests.browser.surfing import DESKTOP, PHONE

_RULES: dict[str, Any] = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Previews of a running gateway, by procedure."""
    return previews(tmp_path_factory.mktemp("previews"))


@pytest.mark.parametrize("code", PROCEDURES)
def test_it_looks_well_and_loads_nothing(saved: dict[str, Path], browser: Browser, code: str) -> None:
    """No finding of axe, no sideways scrolling at either width, its style at work, no request, no message."""
    page, asked, said = browser.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(saved[code].as_uri())
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # two whole numbers
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert asked == [saved[code].as_uri()]
    # the style is allowed by its hash, in a saved file too
    assert page.evaluate("getComputedStyle(document.querySelector('table')).borderCollapse") == "collapse"
    assert said == []
    page.close()
    # the checker is a script, which the page itself does not let run
    context = browser.new_context(bypass_csp=True)
    looked = context.new_page()
    looked.goto(saved[code].as_uri())
    violations = Axe().run(looked, options=_RULES).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in violations] == []
    context.close()


def test_without_scripts_and_on_paper(saved: dict[str, Path], browser: Browser) -> None:
    """Nothing is missing without JavaScript; printed, rows are not cut, text is black, marks are words."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(saved["1.004222"].as_uri())
    assert page.locator("table.form tbody tr").count() >= 9
    assert page.locator("#missing").is_visible()
    context.close()
    paper = browser.new_page()
    paper.goto(saved["1.004222"].as_uri())
    paper.emulate_media(media="print")
    assert _style(paper, "table.form tbody tr", "breakInside") == "avoid"
    assert _style(paper, ".mark.warn", "color") == "rgb(0, 0, 0)"
    assert "Có mâu thuẫn" in paper.locator("table.form").inner_text()
    assert len(paper.pdf(format="A4", prefer_css_page_size=True)) > 10_000
    paper.close()


def test_headings_are_in_order(saved: dict[str, Path], browser: Browser) -> None:
    """One of the first rank, and what is missing before everything else."""
    page = browser.new_page()
    page.goto(saved["1.004222"].as_uri())
    ranks = page.locator("h1, h2, h3").evaluate_all("all => all.map(one => one.tagName)")
    assert ranks[:2] == ["H1", "H2"]
    assert ranks.count("H1") == 1
    assert page.locator("h2").first.get_attribute("id") == "missing"
    page.close()


def _style(page: Page, selector: str, name: str) -> str:
    return str(page.locator(selector).first.evaluate(f"one => getComputedStyle(one).{name}"))
