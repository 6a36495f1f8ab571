"""Tests of how every page looks and reads: axe-core, 360 px, dark and light, both languages."""

import json
from functools import cache
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from gateway.console.model import Role
from tests.browser.stack import PERSON, Stack
from tests.browser.surfing import DESKTOP, PHONE, Door, Visitor
from tests.browser.walks import STOPS, Stop

GRAVE = {"serious", "critical"}
LOOKS = (
    ("vi", DESKTOP, "light"),
    ("vi", PHONE, "dark"),
    ("en", DESKTOP, "dark"),
    ("en", PHONE, "light"),
)
"""Each language at each width, and each width in each scheme. Contrast follows from scheme and width: the first two."""

_OPTIONS: dict[str, Any] = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
}


@cache
def _axe() -> Axe:
    return Axe()


def _findings(visitor: Visitor, *, contrast: bool) -> list[str]:
    options = _OPTIONS if contrast else {**_OPTIONS, "rules": {"color-contrast": {"enabled": False}}}
    answer = _axe().run(visitor.page, options=options).response
    return [
        f"{one['id']}: {[node['html'][:200] for node in one['nodes']][:3]}"
        for one in answer["violations"]
        if one["impact"] in GRAVE
    ]


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.name)
def test_every_page(stack: Stack, door: Door, stop: Stop) -> None:
    """No serious finding, no sideways scrolling, one heading of the first rank, the language it says it is in."""
    entered = door.visitor(never=PERSON) if stop.role is None else door.signed_in(stack.people[stop.role], never=PERSON)
    with entered as visitor:
        path, page = stop.open(visitor, stack), visitor.page
        status = 404 if stop.name == "problem" else 200
        spoken = ""
        for number, (language, size, scheme) in enumerate(LOOKS):
            if language != spoken:
                page.context.add_cookies([{"name": "lang", "value": language, "url": visitor.url}])
                visitor.go(path, status=status)
                spoken = language
            page.set_viewport_size(size)  # type: ignore[arg-type]  # two whole numbers
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two
            assert page.locator("html").get_attribute("lang") == language
            assert page.locator("h1").count() == 1
            assert page.title()
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size["width"], f"{wide} px at {size['width']} px"
            assert _findings(visitor, contrast=number < 2) == []


def test_every_route_is_walked(stack: Stack, national: Visitor) -> None:
    """A page in the navigation of any role that no stop opens would never be looked at."""
    walked = {"/", "/search", "/subjects", "/patterns", "/reuse", "/reviews", "/exports", "/integrity", "/inspections"}
    national.go("/")
    assert set(national.navigation()) == walked
    assert {stop.role for stop in STOPS} == {None, *Role}


def test_print_hides_what_cannot_be_used(national: Visitor) -> None:
    """No navigation, no buttons, black on white whatever the scheme."""
    page = national.go("/")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator("nav.nav").is_visible()
    colours = page.evaluate("[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]")
    assert _brightness(colours[0]) < 80, json.dumps(colours)


def _brightness(colour: str) -> float:
    numbers = [float(one) for one in colour[colour.index("(") + 1 : -1].replace(",", " ").split()[:3]]
    return sum(numbers) / 3
