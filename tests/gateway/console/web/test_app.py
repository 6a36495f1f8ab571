"""Tests of the whole application: who may open what, and what no page may hold."""

import re
from typing import Any

import pytest
from starlette.routing import Route

from gateway.console.web import app, pages
from tests.gateway.console.web.house import House, names

AUDITORS = ("/", "/search", "/subjects", "/patterns", "/reuse", "/reviews", "/exports", "/integrity", "/inspections")
OPEN: dict[str, tuple[str, ...]] = {
    "national": AUDITORS,
    "provincial": AUDITORS,
    "operator": ("/", "/reuse", "/integrity"),
    "administrator": ("/accounts",),
}
EVERY = (*AUDITORS, "/accounts")
INLINE = re.compile(r"<script(?! type=\"module\" src=)|<style|\sstyle=|\son\w+=|javascript:|https?://(?!www\.w3\.org)")


@pytest.mark.parametrize("role", OPEN)
async def test_each_role_opens_its_pages_and_no_other(role: str, house: House) -> None:
    """The navigation names exactly what the role may open; everything else is refused by the server itself."""
    browser = await getattr(house, role)()
    page = await browser.get(OPEN[role][0])
    navigation = re.search(r'<nav class="nav.*?</nav>', page.text, re.DOTALL)
    assert navigation is not None
    assert tuple(re.findall(r'<a href="([^"]+)"', navigation[0])) == OPEN[role]
    for path in EVERY:
        answer = await browser.get(path)
        if path in OPEN[role]:
            assert answer.status_code == 200, (path, answer.text)
            assert not INLINE.search(answer.text), (path, INLINE.search(answer.text))
        elif (role, path) == ("administrator", "/"):
            assert (answer.status_code, answer.headers["location"]) == (303, "/accounts")
        else:
            assert answer.status_code == 403, path


async def test_nobody_opens_anything(house: House) -> None:
    """Every route of every page leads to the sign-in, whatever it is asked for."""
    browser = house.console.browser()
    for route in _routes(house):
        path = re.sub(r"\{(\w+)(:int)?\}", "1", route.path)
        if route.path == "/language":
            continue
        if "GET" in (route.methods or ()):
            answer = await browser.get(path)
            assert (answer.status_code, answer.headers.get("location")) == (303, "/sign-in"), path
        if "POST" in (route.methods or ()):
            assert (await browser.client.post(path, data={})).status_code == 403, path


async def test_an_operator_and_an_administrator_see_no_entry(house: House) -> None:
    """No route with an entry, a person, a review or an export opens for them."""
    closed = re.compile(r"/(search|entries|subjects|patterns|reviews|exports|inspections)")
    for role in ("operator", "administrator"):
        browser = await getattr(house, role)()
        house.door.told.clear()
        for route in _routes(house):
            if closed.match(route.path) and "GET" in (route.methods or ()):
                path = re.sub(r"\{(\w+)(:int)?\}", "1", route.path)
                assert (await browser.get(path)).status_code == 403, (role, path)
        assert house.door.told == []


async def test_nothing_is_shown_when_nothing_can_be_recorded(house: House) -> None:
    """With the door closed every page that shows the log says so and shows nothing of it."""
    browser = await house.national()
    house.door.closed = True
    for path in ("/", "/patterns", "/inspections"):
        page = await browser.get(path)
        assert page.status_code == 503, path
        assert "nothing was done or shown" in page.text
        assert not names(page.text.split("<main", 1)[1], "H14")


def test_every_page_of_the_navigation_has_a_route(house: House) -> None:
    """No entry of the navigation leads nowhere."""
    paths = {route.path for route in _routes(house)} | {"/accounts"}
    assert {path for path, _, _ in pages.NAVIGATION} <= paths


def _routes(house: House) -> list[Route]:
    made: list[Any] = [route for page in app.PAGES for route in page.routes(house.hall)]
    return [route for route in made if isinstance(route, Route)]
