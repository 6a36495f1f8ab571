"""The report on one person: complete, each call once, within the scope, and silent about the number."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from gateway.audit.published import Published
from gateway.console import numbers
from gateway.console.model import EVERYTHING, Wanted
from gateway.console.web import report, search, subject
from gateway.console.web.bench import Tools
from tests.gateway.audit.builders import (
    PERSON,
    START,
    TAX_CODE,
    a_context,
    a_decision,
    a_disclosure,
    a_redaction,
    a_refusal,
    a_subject,
    keys,
)
from tests.gateway.console.signin.visitors import Browser
from tests.gateway.console.web.house import House, names, open_house
from tests.gateway.console.web.small_log import small
from tests.gateway.console.web.written_log import STRANGER, Written, reading


@pytest.fixture
async def house(tmp_path: Path, written: Written) -> AsyncIterator[House]:
    """The search and the report."""
    async with open_house(tmp_path, written, search, subject) as made:
        yield made


async def _begin(browser: Browser, number: str, **typed: str) -> httpx.Response:
    return await browser.post(
        "/subjects", {"subject": number, "period": "12m", **typed}, seen=await browser.get("/subjects")
    )


async def _report(browser: Browser, number: str, **typed: str) -> httpx.Response:
    answer = await _begin(browser, number, **typed)
    assert answer.status_code == 303, answer.text
    return await browser.get(answer.headers["location"])


def _calls(page: httpx.Response) -> list[list[int]]:
    """The entries of each call, as they are listed."""
    items = re.findall(r'<li class="card">.*?</li>', page.text, re.DOTALL)
    return [[int(one) for one in re.findall(r'href="/entries/(\d+)"', item)] for item in items]


def _tagged(written: Written, number: str) -> list[int]:
    tags = set(written.ring.subject_tags(number))
    with reading(written) as reader:
        return [row.index for row in reader.rows(0, written.size) if row.subject_tag in tags][::-1]


async def test_each_call_about_a_person_is_there_once(house: House, written: Written) -> None:
    """Three calls, each with its two entries, the newest first; all entries were recorded before, with the person."""
    page = await _report(await house.national(), PERSON)
    places = written.places
    assert _calls(page) == [
        [places["elsewhere"] - 1, places["elsewhere"]],
        [places["prefill"] - 2, places["prefill"]],
        [places["decided"], places["disclosed"]],
    ]
    assert "3 calls: 3 answered, 0 refused; by 2 officers." in page.text
    told = house.door.told[-1]
    assert told.action == "subject_report"
    assert told.subject == PERSON
    assert list(told.entries) == _tagged(written, PERSON)
    assert told.found == len(told.entries) == 7
    assert set(told.about) == {"since", "until"}


async def test_the_summary_says_who_what_and_why(house: House) -> None:
    """Portals, procedures, basis and the data that were given, with how often."""
    page = await _report(await house.national(), PERSON)
    for said in (
        "Public-service portal of Cao Bang province (H14): 2 calls",
        "Public-service portal of the Ministry of Public Security (G01): 1 call",
        "Registration of permanent residence (1.004222): 3 calls",
        "The law: 3 calls",
        "Full name: in 3 calls",
        "not of which of them",
    ):
        assert said in page.text


async def test_auditors_who_searched_for_the_person_are_named(house: House, written: Written) -> None:
    """The search of another auditor is part of what was asked about somebody."""
    page = await _report(await house.national(), PERSON)
    assert f'href="/entries/{written.places["province"]}"' in page.text
    assert "kiem-tra-01" in page.text


@pytest.mark.parametrize("number", [PERSON, TAX_CODE])
async def test_the_number_goes_nowhere(
    house: House, written: Written, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It reaches the door, and is in no address, page, log line or kept search; the page shows it masked."""
    browser = await house.national()
    begun = await _begin(browser, number)
    page = await browser.get(begun.headers["location"])
    assert house.door.told[-1].subject == number
    assert numbers.masked(number) in page.text
    assert list(house.door.told[-1].entries) == _tagged(written, number)
    kept = house.hall.searches.find(begun.headers["location"].removeprefix("/subjects/"), browser.username)
    assert kept
    output = capsys.readouterr()
    held = [kept.typed, kept.masked, kept.wanted.tags, kept.owner, kept.key]
    assert number not in f"{begun.headers} {page.text} {held} {house.door.told!r} {output.out} {output.err}"


async def test_a_report_can_be_checked_later(house: House, written: Written) -> None:
    """It names the log, its key, the size and root it was made from, its own entry, when and by whom."""
    page = await _report(await house.national(), PERSON)
    for said in (written.vkey, written.key.name, f"{written.size} entries", "24 Nov 2026 at 09:00", "kiem-tra-02"):
        assert said in page.text
    assert f'<a href="/entries/{written.size}">{written.size}</a>' in page.text


async def test_a_scope_hides_and_says_so(house: House, written: Written) -> None:
    """H14 learns nothing of the call of G01, not that there is one; the page says that others are left out."""
    page = await _report(await house.provincial(), PERSON)
    assert written.places["elsewhere"] not in [index for call in _calls(page) for index in call]
    assert "2 calls: 2 answered" in page.text
    assert "Only the portals in your scope: H14." in page.text
    assert not names(page.text, "G01")
    assert "Ministry" not in page.text
    assert written.places["elsewhere"] not in house.door.told[-1].entries
    assert house.door.told[-1].found == 5


async def test_a_time_is_exact(house: House, written: Written) -> None:
    """A day before the calls has none of them; their own day has them all but what came later."""
    browser = await house.national()
    nothing = await _report(browser, PERSON, **{"period": "custom", "from": "2026-11-20", "to": "2026-11-22"})
    assert "Nobody is found to have asked" in nothing.text
    assert _calls(nothing) == []
    # days that are typed hold, also beside another choice
    some = await _report(browser, PERSON, **{"period": "12m", "from": "2026-11-23", "to": "2026-11-23"})
    assert len(_calls(some)) == 3
    assert written.places["province"] not in house.door.told[-1].entries


async def test_a_report_that_is_opened_again_is_recorded_again(house: House, written: Written) -> None:
    """Once for the form, not for the page it leads to, and once for each time it is opened after that."""
    browser = await house.national()
    first = await _report(browser, PERSON)
    again = await browser.get(first.url.path)
    assert house.door.words() == ["subject_report", "subject_report"]
    assert house.door.told[1].about["search"] == str(written.size)
    assert house.door.told[1].entries == house.door.told[0].entries
    assert _calls(again) == _calls(first)


async def test_a_search_for_a_person_becomes_a_report(house: House, written: Written) -> None:
    """By the id of the search, whatever else it was narrowed by; recorded with the number of the search's entry."""
    browser = await house.national()
    form = await browser.get("/search")
    begun = await browser.post("/search", {"subject": PERSON, "portal": "G01"}, seen=form)
    page = await browser.get(begun.headers["location"].replace("/search/", "/subjects/"))
    assert len(_calls(page)) == 3
    assert house.door.told[-1].about == {"search": str(written.size)}
    other = await browser.post("/search", {"kind": "refused"}, seen=form)
    assert (await browser.get(other.headers["location"].replace("/search/", "/subjects/"))).status_code == 404


async def test_a_report_belongs_to_whoever_made_it(house: House) -> None:
    """Another auditor with the address is told to make their own, and nothing is recorded or shown."""
    location = (await _begin(await house.national(), PERSON)).headers["location"]
    answer = await (await house.national("kiem-tra-09")).get(location)
    assert answer.status_code == 404
    assert numbers.masked(PERSON) not in answer.text
    assert len(house.door.told) == 1


async def test_roles_without_persons_make_no_report(house: House) -> None:
    """Operator and administrator get a refusal for the form, for a report, and for one that was made."""
    location = (await _begin(await house.national(), PERSON)).headers["location"]
    for browser in (await house.operator(), await house.administrator()):
        form = await browser.get("/subjects")
        assert form.status_code == 403
        assert (await browser.post("/subjects", {"subject": PERSON, "period": "12m"}, seen=form)).status_code == 403
        assert (await browser.get(location)).status_code == 403
    assert len(house.door.told) == 1


async def test_nothing_is_shown_that_cannot_be_recorded(house: House) -> None:
    """With the door closed there is no report, nor one that was made before."""
    browser = await house.national()
    made = await _report(browser, PERSON)
    form = await browser.get("/subjects")
    house.door.closed = True
    for answer in (
        await browser.post("/subjects", {"subject": PERSON, "period": "12m"}, seen=form),
        await browser.get(made.url.path),
    ):
        assert answer.status_code == 503
        assert "cb-0042" not in answer.text
        assert "/entries/" not in answer.text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "0041920001"[:8]}, "subject"),
        ({"subject": "Nông Thị Ánh"}, "subject"),
        ({"period": "for ever"}, "from"),
        ({"period": "custom"}, "from"),
        ({"from": "2026-11-20"}, "from"),
        ({"period": "custom", "from": "2026-11-20", "to": "2026-11-19"}, "from"),
        ({"period": "custom", "from": STRANGER, "to": STRANGER}, "from"),
    ],
)
async def test_what_cannot_be_read_is_said(house: House, typed: dict[str, str], field: str) -> None:
    """422 with the field named; no number comes back, and nothing is recorded."""
    browser = await house.national()
    given = {"subject": PERSON, "period": "12m", **typed}
    page = await browser.post("/subjects", given, seen=await browser.get("/subjects"))
    assert page.status_code == 422
    assert f'id="error-{field}"' in page.text
    assert PERSON not in page.text
    assert STRANGER not in page.text
    assert house.door.told == []


async def test_a_report_needs_no_index(tmp_path: Path) -> None:
    """It is read from the log itself, so it misses nothing that the index has not read."""
    written = await asyncio.to_thread(small, tmp_path / "data", a_decision(), a_disclosure(), index=False)
    async with open_house(tmp_path / "house", written, subject) as house:
        page = await _report(await house.national(), PERSON)
    assert len(_calls(page)) == 1


async def test_months_whose_keys_were_destroyed_are_said(tmp_path: Path) -> None:
    """What was erased by rule and what is merely not here are named by month and kind, each as what it is."""
    folder, old = tmp_path / "data", datetime(2025, 12, 20, tzinfo=UTC)
    _, _, ring = keys(folder)
    await asyncio.to_thread(small, folder, a_decision(at=old), a_disclosure(at=old), index=False)
    epochs = {one.seals: one for one in ring.all()}
    written = await asyncio.to_thread(small, folder, a_redaction(epochs["disclosed"]), a_refusal())
    ring.destroy([epochs["disclosed"].kid])
    (ring.folder / "2025-12.decided.json").unlink()
    async with open_house(tmp_path / "house", written, subject) as house:
        page = await _report(await house.national(), PERSON)
        later = await _report(await house.national("kiem-tra-09"), PERSON, period="30d")
    plain = re.sub(r"\s+", " ", page.text)
    assert "2025-12, disclosed: contents were erased for good" in plain
    assert "2025-12, allowed: the keys are not on this machine" in plain
    assert "Nobody is found to have asked" in plain
    assert "2025-12" not in later.text


def test_a_report_that_is_cut_says_from_when(written: Written) -> None:
    """Of more entries than fit the newest are there, and the time of the oldest of them; of fewer nothing is cut."""
    scopes = [_gathered(written, most) for most in (3, 7, 8)]
    whole = _tagged(written, PERSON)
    assert [list(one.indices) for one in scopes] == [whole[:3], whole, whole]
    assert [one.cut for one in scopes] == [scopes[0].entries[-1].at, None, None]


def _gathered(written: Written, most: int) -> report.Gathered:
    index = written.index()
    try:
        with reading(written) as reader:
            tools = Tools(reader, Published(reader, written.key), index)
            wanted = Wanted(tags=written.ring.subject_tags(PERSON))
            return report.gather(tools, written.ring, wanted, EVERYTHING, most=most)
    finally:
        index.close()


async def test_a_call_without_an_answer_and_a_refusal_are_counted(tmp_path: Path) -> None:
    """Allowed and never answered; refused; each is one call and said as what it is."""
    subjects = (a_subject(),)
    events = [
        a_decision(context=a_context(req="a" * 43)),
        a_decision(context=a_context(req="b" * 43), at=START + timedelta(seconds=1)),
        a_refusal(context=a_context(req="b" * 43), subjects=subjects, decided=2, at=START + timedelta(seconds=2)),
        a_refusal(context=a_context(req="c" * 43), subjects=subjects, at=START + timedelta(seconds=3)),
    ]
    written = await asyncio.to_thread(small, tmp_path / "data", *events)
    async with open_house(tmp_path / "house", written, subject) as house:
        page = await _report(await house.national(), PERSON)
    assert "3 calls: 0 answered, 2 refused; by 1 officer." in page.text
    assert "For 1 call the log records no answer." in page.text
    assert "No data were given." in page.text
    assert len(_calls(page)) == 3
