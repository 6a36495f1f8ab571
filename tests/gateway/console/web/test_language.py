"""Tests of choosing a language."""

import pytest

from gateway.console.web import language
from tests.gateway.console.web.house import House


@pytest.mark.parametrize("path", ["/", "/search", "/search/aB_3-x", "/entries/17", "/entries/17/", "/sign-in/code"])
def test_a_path_of_ours_is_gone_back_to(path: str) -> None:
    """Every page of the console has such a path."""
    assert language.back_to(path) == path


@pytest.mark.parametrize(
    "path",
    [
        *("", "search", "//evil.example", "///evil.example", "/\\evil.example", "https://evil.example/", "/x//y"),
        *("/%2f/evil.example", "/?to=https://evil.example", "/#x", "/ x", "/x\ny", "/\t/evil.example", "javascript:1"),
    ],
)
def test_anything_else_leads_to_the_first_page(path: str) -> None:
    """No host, scheme, query, escape or blank gets into the redirect."""
    assert language.back_to(path) == "/"


async def test_a_choice_is_kept_and_leads_back(house: House) -> None:
    """The cookie holds the language and nothing else, for this host only, out of reach of scripts; the page changes."""
    browser = await house.national()
    page = await browser.get("/patterns")
    answer = await browser.post("/language", {"language": "vi", "back": "/patterns"}, seen=page)
    assert (answer.status_code, answer.headers["location"]) == (303, "/patterns")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("lang=vi;")
    assert all(word in cookie for word in ("secure", "httponly", "samesite=strict", "path=/"))
    page = await browser.get("/patterns")
    assert '<html lang="vi">' in page.text
    assert "Dấu hiệu bất thường" in page.text
    assert page.headers["content-language"] == "vi"


async def test_an_unknown_language_is_not_taken(house: House) -> None:
    """No cookie is set for a language the console does not speak."""
    browser = await house.national()
    page = await browser.get("/patterns")
    answer = await browser.post("/language", {"language": "fr", "back": "//evil.example"}, seen=page)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "set-cookie" not in answer.headers
