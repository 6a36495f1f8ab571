"""Tests of what stands around the pages: headers, error pages, static files, the way in."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.audit.errors import KeyFileRefused, LogBroken, LogUnavailable
from gateway.console.model import DoorClosed
from gateway.console.web import headers, language, overview
from gateway.console.web.hall import Hall
from gateway.storage.contract import StoreUnavailable
from tests.gateway.console.web.house import House, open_house
from tests.gateway.console.web.written_log import Written

SECRET = "004192000123"
TROUBLES = {
    "defect": (RuntimeError(SECRET), 500, "A fault of this program"),
    "store": (StoreUnavailable("locked"), 503, "The log cannot be read"),
    "empty": (LogUnavailable("empty"), 503, "The log is empty"),
    "broken": (LogBroken(SECRET), 503, "The log contradicts itself"),
    "keys": (KeyFileRefused(SECRET), 503, "The keys of the log cannot be read"),
    "door": (DoorClosed("unreachable"), 503, "The access log cannot be written"),
}


def _raising() -> ModuleType:
    async def endpoint(request: Request) -> Response:
        raise TROUBLES[request.path_params["name"]][0]

    def routes(_: Hall) -> list[Route]:
        return [Route("/raise/{name}", endpoint, methods=["GET"])]

    module = ModuleType("raising")
    module.routes = routes  # type: ignore[attr-defined]
    return module


@pytest.mark.parametrize("name", TROUBLES)
async def test_what_goes_wrong_is_a_page_without_its_text(name: str, tmp_path: Path, written: Written) -> None:
    """Every error a page may raise has its status and its page, and no text of the exception is on it."""
    _, status, said = TROUBLES[name]
    async with open_house(tmp_path, written, _raising(), language) as house:
        browser = await house.national()
        page = await browser.get(f"/raise/{name}")
    assert (page.status_code, said in page.text) == (status, True), page.text
    assert SECRET not in page.text
    assert page.headers["content-security-policy"] == headers.POLICY


async def test_a_missing_index_says_that_it_is_being_built(tmp_path: Path, written: Written) -> None:
    """A page that needs the index while there is none is a 503 that says so, not a defect."""
    copy = replace(written, folder=tmp_path / "copy")
    shutil.copytree(written.folder, copy.folder)
    (copy.folder / "console" / "index.sqlite").unlink()
    async with open_house(tmp_path, copy, overview) as house:
        page = await (await house.national()).get("/")
    assert page.status_code == 503
    assert "The index is not ready" in page.text


async def test_unknown_addresses_and_methods(house: House) -> None:
    """404 and 405 are pages in the viewer's language, with the frame."""
    browser = await house.national()
    missing, wrong = await browser.get("/nowhere"), await browser.get("/language")
    assert (missing.status_code, wrong.status_code) == (404, 405)
    assert "There is no such page" in missing.text
    assert "This cannot be opened this way" in wrong.text
    assert wrong.headers["allow"] == "POST"
    browser.client.cookies.set("lang", "vi")
    assert "Không có trang này" in (await browser.get("/nowhere")).text


async def test_every_answer_has_the_headers(house: House) -> None:
    """Pages, redirects, errors and files: policy, no sniffing, no referrer; only files may be kept."""
    browser = await house.national()
    style = house.hall.parts.pages.files.address("style.css")
    for path in ("/", "/nowhere", "/sign-in", "/health/live", "/static/x/y.css", style):
        answer = await browser.get(path)
        assert all(answer.headers[name] == value for name, value in headers.ALWAYS.items()), path
        kept = answer.headers["cache-control"]
        assert kept.startswith("public") if path == style else kept == "no-store", path


async def test_files_are_known_by_name(house: House) -> None:
    """A file is there under its version and nowhere else, with its content type."""
    browser = house.console.browser()
    files = house.hall.parts.pages.files
    for name, kind in (("style.css", "text/css"), ("charts.js", "text/javascript"), ("favicon.svg", "image/svg+xml")):
        answer = await browser.get(files.address(name))
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
    for path in (
        "/static/0000/style.css",
        f"/static/{files.version}/none.css",
        f"/static/{files.version}/..%2fwords.py",
    ):
        assert (await browser.get(path)).status_code == 404


async def test_live_needs_nobody(house: House) -> None:
    """The health route answers without a session and says nothing."""
    answer = await house.console.browser().get("/health/live")
    assert (answer.status_code, answer.text) == (200, "ok\n")


async def test_the_frame_says_who_and_where(house: House) -> None:
    """Product, log, name, role, scope, navigation with the current page, and the way out."""
    page = (await (await house.provincial()).get("/patterns")).text
    for text in ("Lienthong", "log.test.example/access", "Nông Văn Tra", "kiem-tra-01, Provincial auditor (H14)"):
        assert text in page
    assert '<html lang="en">' in page
    assert re.search(r'<a href="/patterns" aria-current="page">', page)
    assert 'action="/sign-out"' in page
    assert 'href="#main"' in page
    assert '<main id="main" tabindex="-1">' in page


async def test_nobody_signed_in_has_no_frame_of_pages(house: House) -> None:
    """The page of the sign-in names no page and no person, and can be read in both languages."""
    browser = house.console.browser()
    page = await browser.get("/sign-in", headers={"accept-language": "en"})
    assert "<nav" not in page.text
    assert 'action="/sign-out"' not in page.text
    answer = await browser.post("/language", {"language": "vi", "back": "/sign-in"}, seen=page)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert '<html lang="vi">' in (await browser.get("/sign-in", headers={"accept-language": "en"})).text
