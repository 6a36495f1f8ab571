"""Tests of the page of what auditors looked at, over a real log."""

import html
import re
from pathlib import Path

import pytest

from gateway.console import texts
from gateway.console.model import EVERYTHING, Scope
from gateway.console.web import inspections
from gateway.console.words import Words
from tests.gateway.console.naming import FACTS
from tests.gateway.console.web.house import House, open_house
from tests.gateway.console.web.written_log import Written

EN = Words(texts.load(), "en", FACTS)
PROVINCE = Scope(frozenset({"H14"}))


def _shown(page: str) -> list[int]:
    return [int(index) for index in re.findall(r'<a href="/entries/(\d+)">', page)]


async def test_a_national_auditor_sees_inspections_and_changes(house: House, written: Written) -> None:
    """The newest first, each with who and what; and this view is itself recorded, with what it showed."""
    page = await (await house.national()).get("/inspections")
    wanted = [written.places[name] for name in ("changed", "nation", "province")]
    assert _shown(page.text) == wanted
    for text in ("kiem-tra-01", "kiem-tra-02", "operator&#39;s configuration", "Searched the log"):
        assert text in page.text
    (told,) = house.door.told
    assert (told.action, told.entries, told.found) == ("searched", tuple(wanted), 3)
    assert told.about == {"list": "inspections"}


async def test_a_province_sees_colleagues_of_its_scope(house: House, written: Written) -> None:
    """What somebody with all portals looked at, and changes, are not for a province; nor is the choice of them."""
    page = await (await house.provincial()).get("/inspections")
    assert _shown(page.text) == [written.places["province"]]
    assert "kiem-tra-02" not in page.text
    assert '<select id="kind"' not in page.text
    elsewhere = await (await house.provincial("H15", username="kiem-tra-05")).get("/inspections")
    assert _shown(elsewhere.text) == []
    assert "There are none." in elsewhere.text


async def test_one_auditor(house: House, written: Written) -> None:
    """The filter finds the one, is recorded, and stays in the form."""
    page = await (await house.national()).get("/inspections?auditor=kiem-tra-01")
    assert _shown(page.text) == [written.places["province"]]
    assert 'value="kiem-tra-01"' in page.text
    assert house.door.told[-1].about == {"list": "inspections", "kind": "inspected", "auditor": "kiem-tra-01"}


async def test_one_kind(house: House, written: Written) -> None:
    """Changes alone."""
    page = await (await house.national()).get("/inspections?kind=changed")
    assert _shown(page.text) == [written.places["changed"]]


async def test_page_by_page(tmp_path: Path, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages follow each other without a gap or a repetition, over both kinds, and end."""
    monkeypatch.setattr(inspections, "PAGE", 2)
    async with open_house(tmp_path, written, inspections) as house:
        browser = await house.national()
        seen, path, pages = [], "/inspections", 0
        while path:
            page = await browser.get(path)
            seen += _shown(page.text)
            found = re.search(r'rel="next" href="([^"]+)"', page.text)
            path, pages = found[1].replace("&amp;", "&") if found else "", pages + 1
        assert 'rel="prev" href="/inspections"' in page.text
    assert seen == [written.places[name] for name in ("changed", "nation", "province")]
    assert pages == 2


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("auditor=004192000123", "bad_number_here"),
        ("auditor=0041 9200 0123", "bad_number_here"),
        ("auditor=" + "x" * 129, "bad_value"),
        ("auditor=a%00b", "bad_value"),
        ("kind=disclosed", "bad_value"),
        ("below=-1", "bad_value"),
        ("below=9999999999999999999999", "bad_value"),
        ("below=%D9%A1", "bad_value"),
    ],
)
async def test_what_cannot_be_read_is_said(query: str, key: str, house: House) -> None:
    """422 with a reason; what was typed is neither shown nor told to the log."""
    page = await (await house.national()).get(f"/inspections?{query}")
    assert page.status_code == 422
    assert EN.t(key) in html.unescape(page.text)
    assert "004192000123" not in page.text
    assert house.door.told[-1].about == {"list": "inspections"}


def test_who_may_see_which_kinds() -> None:
    """A province asks for no changes, whatever the address says."""
    assert inspections.kinds_of(EVERYTHING) == ("inspected", "changed")
    assert inspections.read({}, PROVINCE).kinds == ("inspected",)
    with pytest.raises(inspections._Refused):
        inspections.read({"kind": "changed"}, PROVINCE)
