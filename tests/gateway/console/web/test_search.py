"""The search over a real log: what is found, in which order, by whom, and what is written down about it."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.console import numbers
from gateway.console.model import EVERYTHING, Found, Scope, Wanted
from gateway.console.web import search
from tests.gateway.audit.builders import PERSON, TAX_CODE, a_decision, a_disclosure
from tests.gateway.console.signin.visitors import Browser
from tests.gateway.console.web.house import House, names, open_house
from tests.gateway.console.web.small_log import altered, copied, small
from tests.gateway.console.web.written_log import DOSSIER, STRANGER, Written, reading

H14 = Scope(frozenset({"H14"}))


@pytest.fixture
async def house(tmp_path: Path, written: Written) -> AsyncIterator[House]:
    """The search alone."""
    async with open_house(tmp_path, written, search) as made:
        yield made


async def _begin(browser: Browser, **typed: str) -> httpx.Response:
    return await browser.post("/search", typed, seen=await browser.get("/search"))


async def _found(browser: Browser, **typed: str) -> httpx.Response:
    answer = await _begin(browser, **typed)
    assert answer.status_code == 303, answer.text
    return await browser.get(answer.headers["location"])


def _shown(page: httpx.Response) -> list[int]:
    return [int(one) for one in re.findall(r'<th scope="row"[^>]*><a href="/entries/(\d+)"', page.text)]


def _every(written: Written, scope: Scope = EVERYTHING, **said: Any) -> list[int]:
    """What the log itself has, the newest first."""
    found = []
    for entry in written.entries():
        payload = entry.payload or {}
        seen = scope.portals is None or (payload.get("portal") and scope.holds(payload["portal"]))
        if seen and all({"kind": entry.kind, **payload}.get(name) == value for name, value in said.items()):
            found.append(entry.index)
    return found[::-1]


def _about(written: Written, number: str, scope: Scope = EVERYTHING) -> list[int]:
    """The entries that carry one of the person's tags."""
    tags = set(written.ring.subject_tags(number))
    with reading(written) as reader:
        tagged = [row.index for row in reader.rows(0, written.size) if row.subject_tag in tags]
    seen = set(_every(written, scope))
    return [index for index in tagged[::-1] if index in seen or scope.portals is None]


async def test_everything_is_found_once_and_the_newest_first(house: House, written: Written) -> None:
    """An empty form is the whole log: its pages together hold each entry once, in order, and each was recorded."""
    browser = await house.national()
    page = await _found(browser)
    shown, recorded = _shown(page), list(house.door.told[-1].entries)
    assert f"{written.size} entries found" in page.text
    while older := re.search(r'rel="next" href="([^"]+)"', page.text):
        page = await browser.get(older[1])
        assert list(house.door.told[-1].entries) == _shown(page)
        shown += _shown(page)
        recorded += house.door.told[-1].entries
    assert shown == recorded == list(range(written.size - 1, -1, -1))
    assert [one.about.get("page") for one in house.door.told] == [None, "2", "3"]
    assert {one.about["search"] for one in house.door.told[1:]} == {str(written.size)}


async def test_a_page_before_is_where_it_was(house: House, written: Written) -> None:
    """Going back shows the first page again, and what is shown again is recorded again."""
    browser = await house.national()
    first = await _found(browser)
    assert house.door.words() == ["searched"]
    second = await browser.get(re.search(r'rel="next" href="([^"]+)"', first.text)[1])  # type: ignore[index]
    again = await browser.get(re.search(r'rel="prev" href="([^"]+)"', second.text)[1])  # type: ignore[index]
    assert _shown(again) == _shown(first) == list(range(written.size - 1, written.size - 51, -1))
    assert house.door.words() == ["searched"] * 3


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"kind": "refused"}, {"kind": "refused"}),
        ({"portal": "H14.5"}, {"portal": "H14.5"}),
        ({"officer": "cb-0107"}, {"officer": "cb-0107"}),
        ({"dossier": DOSSIER}, {"dossier": DOSSIER}),
        ({"operation": "enterprises.lookup"}, {"operation": "enterprises.lookup"}),
        ({"procedure": "1.004222", "kind": "disclosed"}, {"procedure": "1.004222", "kind": "disclosed"}),
        ({"outcome": "procedure_not_granted"}, {"code": "procedure_not_granted"}),
        ({"auditor": "kiem-tra-01"}, {"auditor": "kiem-tra-01"}),
        ({"portal": "H14", "officer": "cb-0042", "dossier": DOSSIER}, {"officer": "cb-0042", "dossier": DOSSIER}),
    ],
)
async def test_each_filter_finds_what_the_log_has(
    house: House, written: Written, typed: dict[str, str], said: dict[str, Any]
) -> None:
    """By each field, and by several together: exactly the entries that say so."""
    page = await _found(await house.national(), **typed)
    expected = _every(written, **said)
    assert expected
    assert _shown(page) == expected[:50]
    assert house.door.told[0].about == typed
    assert house.door.told[0].found == len(expected)


async def test_days_are_hanois(house: House, written: Written) -> None:
    """From a day to the same day: every entry of that day in Hanoi and none besides."""
    page = await _found(await house.national(), **{"from": "2026-11-20", "to": "2026-11-20"})
    expected = [e.index for e in written.entries() if "2026-11-19T17" <= e.at.isoformat() < "2026-11-20T17"]
    assert expected
    assert _shown(page) == expected[::-1]
    assert set(house.door.told[0].about) == {"since", "until"}


@pytest.mark.parametrize("number", [PERSON, TAX_CODE])
async def test_a_person_is_found_and_the_number_goes_nowhere(
    house: House, written: Written, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything about them is found; the number reaches the door and is in no address, page, log line or search."""
    browser = await house.national()
    typed = f"{number[:3]} {number[3:]}"
    begun = await _begin(browser, subject=typed)
    page = await browser.get(begun.headers["location"])
    assert _shown(page) == _about(written, number)
    assert house.door.told[0].subject == number
    assert numbers.masked(number) in page.text
    kept = house.hall.searches.find(begun.headers["location"].removeprefix("/search/"), browser.username)
    output = capsys.readouterr()
    everything = f"{begun.headers} {begun.text} {page.text} {kept!r} {house.door.told!r} {output.out} {output.err}"
    assert number not in everything.replace(" ", "")
    assert number not in str([kept.typed, kept.masked, kept.wanted.tags, kept.owner] if kept else "")


async def test_an_auditor_who_searched_for_a_person_is_found_with_them(house: House, written: Written) -> None:
    """The entry of an earlier search for the person is among the results."""
    page = await _found(await house.national(), subject=PERSON)
    assert written.places["province"] in _shown(page)


async def test_a_number_nobody_asked_about_finds_nothing(house: House) -> None:
    """The page says so, and the search is recorded all the same."""
    page = await _found(await house.national(), subject="001099000111")
    assert "No entry matches" in page.text
    assert house.door.told[0].subject == "001099000111"
    assert house.door.told[0].found == 0


async def test_a_scope_holds_for_entries_and_counts(house: House, written: Written) -> None:
    """H14 sees H14 and H14.5; not H141, not G01, and no count of theirs either."""
    browser = await house.provincial()
    seen = sorted([*_every(written, H14), written.places["province"]], reverse=True)
    page = await _found(browser)
    shown = _shown(page)
    while older := re.search(r'rel="next" href="([^"]+)"', page.text):
        page = await browser.get(older[1])
        shown += _shown(page)
    assert shown == seen
    assert house.door.told[0].found == len(seen)
    for typed in (
        {"portal": "H141"},
        {"portal": "G01"},
        {"kind": "refused"},
        {"officer": "ca-0001"},
        {"kind": "changed"},
    ):
        page = await _found(browser, **typed)
        assert _shown(page) == []
        assert "0 entries found" in page.text


async def test_a_scope_holds_for_a_person(house: House, written: Written) -> None:
    """Of a person only what portals of the scope asked is found and counted."""
    page = await _found(await house.provincial(), subject=PERSON)
    expected = sorted([*_about(written, PERSON, H14), written.places["province"]], reverse=True)
    assert _shown(page) == expected
    assert written.places["elsewhere"] not in expected
    assert house.door.told[0].found == len(expected)
    assert not names(page.text, "G01")


async def test_what_the_index_says_wrongly_is_not_shown(tmp_path: Path, written: Written) -> None:
    """An index that knows no scopes still shows nobody what is not theirs: each entry is judged by what it says."""
    async with open_house(tmp_path, _Careless(*_members(written)), search) as house:
        page = await _found(await house.provincial(), kind="refused")
        assert _shown(page) == []
        assert house.door.told[0].entries == ()


async def test_the_form_offers_the_portals_of_the_scope(house: House) -> None:
    """A list names no portal of others."""
    page = await (await house.provincial()).get("/search")
    listed = re.search(r'name="portal".*?</select>', page.text, re.DOTALL)
    assert listed
    assert set(re.findall(r'value="([^"]*)"', listed[0])) == {"", "H14", "H14.5"}


async def test_a_search_belongs_to_whoever_made_it(house: House) -> None:
    """Another auditor with the address finds that there is nothing; so does the owner after half an hour."""
    browser, other = await house.national(), await house.national("kiem-tra-09")
    location = (await _begin(browser, kind="refused")).headers["location"]
    told = len(house.door.told)
    assert (await other.get(location)).status_code == 404
    for _ in range(4):
        house.clock.move(minutes=8)
        assert (await browser.get("/search")).status_code == 200
    ended = await browser.get(location)
    assert ended.status_code == 404
    assert "This search has ended" in ended.text
    assert len(house.door.told) == told


async def test_a_page_that_is_not_known_yet_is_not_there(house: House) -> None:
    """Pages open one after the other; other words and numbers are no pages."""
    browser = await house.national()
    location = (await _begin(browser)).headers["location"]
    for number in ("0", "3", "-1", "x", "1e1", "9" * 30, "٢"):
        assert (await browser.get(f"{location}?page={number}")).status_code == 404
    assert house.door.words() == ["searched"]


async def test_roles_without_entries_search_nothing(house: House) -> None:
    """Operator and administrator get a refusal for the form, for a search, and for the results of one."""
    location = (await _begin(await house.national(), kind="refused")).headers["location"]
    for browser in (await house.operator(), await house.administrator()):
        form = await browser.get("/search")
        assert form.status_code == 403
        assert (await browser.post("/search", {"subject": PERSON}, seen=form)).status_code == 403
        assert (await browser.get(location)).status_code == 403
    assert len(house.door.told) == 1


async def test_nothing_is_shown_that_cannot_be_recorded(house: House) -> None:
    """With the door closed there is no search, and no page of one that was begun."""
    browser = await house.national()
    first = await _found(browser)
    form = await browser.get("/search")
    house.door.closed = True
    assert (await browser.post("/search", {"kind": "refused"}, seen=form)).status_code == 503
    for href in (re.search(r'rel="next" href="([^"]+)"', first.text)[1], f"/search/{_key(first)}"):  # type: ignore[index]
        answer = await browser.get(href)
        assert answer.status_code == 503
        assert "/entries/" not in answer.text
        assert "cb-00" not in answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", "12345678"),
        ("subject", "người nào đó"),
        ("officer", STRANGER),
        ("dossier", "004 192 000 999"),
        ("auditor", STRANGER),
        ("portal", STRANGER),
        ("procedure", STRANGER),
        ("from", "2026-13-01"),
        ("from", STRANGER),
        ("to", "1066-10-14"),
        ("to", "2026-11-01"),
        ("kind", "nothing"),
        ("outcome", "nothing"),
        ("officer", "x" * 129),
        ("dossier", "a\x00b"),
    ],
)
async def test_what_cannot_be_read_is_said_beside_its_field(house: House, field: str, value: str) -> None:
    """Nothing is searched or recorded; other values stay, the field is marked, and no number comes back."""
    browser = await house.national()
    typed = {"officer": "cb-0042", "from": "2026-11-20", "portal": "H14", field: value}
    page = await _begin(browser, **typed, **({} if field == "subject" else {"subject": PERSON}))
    assert page.status_code == 422
    assert house.door.told == []
    named = re.findall(r'aria-invalid="true" aria-describedby="error-(\w+)', page.text)
    assert named == (["from"] if field in ("from", "to") and value != "2026-11-01" else [field])
    if field != "portal":
        assert '<option value="H14" selected>' in page.text
    for number in (PERSON, STRANGER, "004 192 000 999", "12345678"):
        assert number not in page.text


async def test_the_form_is_filled_again_with_all_but_the_person(house: House) -> None:
    """Under the results stands the same search to be changed, its person left out."""
    page = await _found(await house.national(), subject=PERSON, kind="disclosed", officer="cb-0042")
    assert '<option value="disclosed" selected>' in page.text
    assert 'name="officer" type="text" value="cb-0042"' in page.text
    assert 'name="subject" value=""' in page.text
    assert PERSON not in page.text


async def test_results_lead_to_an_export_and_of_a_person_to_a_report(house: House) -> None:
    """Both by the random id of the search; a search without a person leads to no report."""
    browser = await house.national()
    person, other = await _found(browser, subject=PERSON), await _found(browser, kind="refused")
    assert f'href="/subjects/{_key(person)}"' in person.text
    assert "/subjects/" not in other.text.replace('href="/subjects"', "")
    for page in (person, other):
        form = re.search(r'action="/exports".*?</form>', page.text, re.DOTALL)
        assert form
        assert f'name="search" value="{_key(page)}"' in form[0]


async def test_an_index_that_is_behind_or_in_trouble_is_said_to_be(tmp_path: Path, written: Written) -> None:
    """The page says how many entries are missing from it, and what is wrong."""
    async with open_house(tmp_path, _Behind(*_members(written)), search) as house:
        house.hall.parts = replace(house.hall.parts, trouble=lambda: "altered")
        page = await _found(await house.national(), kind="refused")
    assert "the newest 7 entries are not in these results" in page.text
    assert "An entry does not open under its own key" in page.text


async def test_without_an_index_there_is_a_page_that_says_so(tmp_path: Path) -> None:
    """A console that has just been started has no index yet: 503, nothing recorded, no defect."""
    written = await asyncio.to_thread(small, tmp_path / "data", a_decision(), a_disclosure(), index=False)
    async with open_house(tmp_path / "house", written, search) as house:
        assert (await _begin(await house.national(), kind="refused")).status_code == 503
        assert house.door.told == []
    with pytest.raises(sqlite3.OperationalError):
        written.index().search(Wanted(), EVERYTHING, below=None, limit=1)


async def test_one_damaged_entry_hides_no_other(tmp_path: Path, written: Written) -> None:
    """What somebody overwrote is a row that cannot be read; those around it are as they were."""
    spoilt = copied(written, tmp_path / "copy")
    place = written.places["refused"]
    altered(spoilt, "UPDATE entry SET env = ? WHERE idx = ?", (b"\xff" * 90, place))
    async with open_house(tmp_path / "house", spoilt, search) as house:
        page = await _found(await house.national(), kind="refused")
        assert place in _shown(page)
        assert len(_shown(page)) == 16
        assert "Damaged" in page.text


def _key(page: httpx.Response) -> str:
    return page.url.path.removeprefix("/search/")


def _members(written: Written) -> tuple[Any, ...]:
    return written.folder, written.key, written.vkey, written.size, written.places


class _Careless(Written):
    """An index that forgets the scope."""

    def index(self) -> Any:
        real = Written.index(self)

        class Careless:
            def search(self, wanted: Wanted, _: Scope, *, below: int | None, limit: int) -> Found:
                return real.search(wanted, EVERYTHING, below=below, limit=limit)

            def behind(self) -> int:
                return 0

            def close(self) -> None:
                real.close()

        return Careless()


class _Behind(Written):
    """An index that has not read the newest seven entries."""

    def index(self) -> Any:
        real = Written.index(self)

        class Behind:
            def search(self, wanted: Wanted, scope: Scope, *, below: int | None, limit: int) -> Found:
                return real.search(wanted, scope, below=below, limit=limit)

            def behind(self) -> int:
                return 7

            def close(self) -> None:
                real.close()

        return Behind()
