"""Tests of rendering: languages, navigation, and what no template may hold."""

import re
from pathlib import Path

import pytest
from starlette.requests import Request

from gateway.console import texts
from gateway.console.model import EVERYTHING, Account, Role, Viewer
from gateway.console.web import pages
from tests.gateway.console.web.house import House

FOLDER = pages.STATIC.with_name("templates")
TEMPLATES = sorted(FOLDER.rglob("*.html"))
FORBIDDEN = re.compile(r"<script(?! type=\"module\" src=\"\{\{ static)|<style|\bstyle=|\son\w+=|javascript:|\|\s*safe")
AUDITOR = Viewer(Account("kiem-tra-02", "Lê Thị Kiểm", Role.NATIONAL_AUDITOR, EVERYTHING, "en"), "token")


def _name(path: Path) -> str:
    return str(path.relative_to(FOLDER))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_a_template_holds_nothing_inline_and_only_texts_there_are(path: Path) -> None:
    """No script, style or handler in it, nothing unescaped, every key has its text, every form its token."""
    source = path.read_text("utf-8")
    assert not FORBIDDEN.search(source)
    keys = set(re.findall(r"""\bt\(["'](\w+)["']\)""", source))
    assert keys - set(texts.load()) == set()
    for form in re.findall(r'<form method="post".*?</form>', source, re.DOTALL):
        assert "token(csrf)" in form


@pytest.mark.parametrize(
    ("cookie", "asked", "language"),
    [
        ("", "", "vi"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "fr, en;q=0.5", "en"),
        ("", "fr", "vi"),
        ("en", "vi", "en"),
        ("fr", "en", "en"),
    ],
)
def test_the_language_of_somebody_unknown(cookie: str, asked: str, language: str) -> None:
    """What was chosen here, else what the browser asks for and we speak, else Vietnamese."""
    headers = [(b"accept-language", asked.encode()), (b"cookie", f"lang={cookie}".encode())]
    assert pages.language_of(Request({"type": "http", "headers": headers})) == language


async def test_an_account_has_a_language_of_its_own(house: House) -> None:
    """It goes before the browser's, and after what was chosen on a page."""
    browser = await house.national()
    page = await browser.get("/patterns", headers={"accept-language": "vi"})
    assert '<html lang="en">' in page.text
    browser.client.cookies.set("lang", "vi")
    assert '<html lang="vi">' in (await browser.get("/patterns")).text


@pytest.mark.parametrize(
    ("here", "current"),
    [("/", "/"), ("/search", "/search"), ("/search/abc", "/search"), ("/searching", None), ("/entries/7", None)],
)
def test_the_navigation_says_where_one_is(here: str, current: str | None) -> None:
    """A page and what is below it; the first page alone."""
    items = pages.navigation(AUDITOR, here, str)
    assert [item["path"] for item in items if item["current"]] == ([current] if current else [])


def test_nobody_has_no_navigation() -> None:
    """Before the sign-in there is nowhere to go."""
    assert pages.navigation(None, "/", str) == []
