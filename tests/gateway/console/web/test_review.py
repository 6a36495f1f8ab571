"""Reviews in the browser: draws that can be repeated, marks that stay, all of it recorded before it is shown."""

import re
import sqlite3

import httpx
import pytest

from gateway.console.model import EVERYTHING, Action
from gateway.console.reviews.notes import digest_of
from gateway.console.web import review
from tests.gateway.audit.builders import PERSON
from tests.gateway.console.signin.visitors import Browser
from tests.gateway.console.web.house import House

DRAW = {"period": "30d", "count": "6", "how": "risk", "seed": "20261124"}


def said(page: httpx.Response) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text.split("<main")[1]).split())


async def drawn(browser: Browser, **changes: str) -> str:
    """The address of a new sample."""
    page = await browser.get("/reviews")
    answer = await browser.post("/reviews", {**DRAW, **changes}, seen=page)
    assert answer.status_code == 303, said(answer)
    return answer.headers["location"]


async def marked(browser: Browser, address: str, mark: str, note: str = "") -> httpx.Response:
    """What comes after a mark."""
    return await browser.post(address, {"mark": mark, "note": note}, seen=await browser.get(address))


async def test_draw(house: House) -> None:
    """A draw is recorded with its time, way, seed and entries before it can be seen, and shown with its seed."""
    browser = await house.national()
    address = await drawn(browser)
    inspection = house.door.told[-1]
    assert inspection.action is Action.SAMPLED
    assert {name: inspection.about[name] for name in ("how", "count", "seed")} == {
        "how": "risk",
        "count": "6",
        "seed": "20261124",
    }
    assert len(inspection.entries) == inspection.found == 6
    page = await browser.get(address)
    text = said(page)
    assert "20261124" in text
    assert "0 of 6 marked" in text
    assert all(str(index) in text for index in inspection.entries)
    kinds = {house.written.entries()[index].kind for index in inspection.entries}
    assert kinds <= {"disclosed", "refused"}


async def test_draw_repeated(house: House) -> None:
    """The same time, number, way and seed give the same entries; without a seed one is drawn, shown and repeats too."""
    browser = await house.national()
    days = {"period": "custom", "from": "2026-11-17", "to": "2026-11-23"}
    for how in review.HOW:
        await drawn(browser, **days, how=how)
        first = house.door.told[-1]
        await drawn(browser, **days, how=how, seed=first.about["seed"])
        assert house.door.told[-1].entries == first.entries
    address = await drawn(browser, **days, seed="")
    own = house.door.told[-1]
    seed = own.about["seed"]
    assert seed in said(await browser.get(address))
    await drawn(browser, **days, seed=seed)
    assert house.door.told[-1].entries == own.entries


@pytest.mark.parametrize(
    "change",
    [
        {"count": "0"},
        {"count": "201"},
        {"count": "viele"},
        {"how": "best"},
        {"seed": "-1"},
        {"seed": "1" * 19},
        {"period": "custom"},
        {"period": "custom", "from": "2026-11-24", "to": "2026-11-17"},
        {"period": "custom", "from": "2024-01-01", "to": "2024-01-31"},
    ],
)
async def test_draw_refused(house: House, change: dict[str, str]) -> None:
    """A form that cannot be read, and a time without entries, say so; nothing is drawn or recorded."""
    browser = await house.national()
    answer = await browser.post("/reviews", {**DRAW, **change}, seen=await browser.get("/reviews"))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert Action.SAMPLED not in {one.action for one in house.door.told}
    assert house.hall.reviews.samples(EVERYTHING) == ()


async def test_worked_through(house: House) -> None:
    """The next unmarked entry is shown, recorded first; a mark is recorded with its place and leads to the next; the
    last one leads back to the sample."""
    browser = await house.national()
    address = await drawn(browser, count="3")
    entries = house.door.told[-1].entries
    for place, index in enumerate(entries, 1):
        following = await browser.get(f"{address}/next")
        assert following.headers["location"] == f"{address}/{place}"
        page = await browser.get(f"{address}/{place}")
        opened = house.door.told[-1]
        assert (opened.action, opened.about) == (Action.OPENED, {"sample": "1", "place": str(place)})
        assert opened.entries[0] == index
        assert f"Entry {place} of 3" in said(page)
        await browser.post(f"{address}/{place}", {"mark": "fine", "note": ""}, seen=page)
        done = house.door.told[-1]
        assert (done.action, done.entries) == (Action.REVIEWED, (index,))
        assert done.about == {"sample": "1", "place": str(place), "mark": "fine"}
    assert (await browser.get(f"{address}/next")).headers["location"] == address
    text = said(await browser.get(address))
    assert "3 of 3 marked" in text
    assert "Every entry of this sample is marked." in text


async def test_sentence_and_patterns(house: House) -> None:
    """An item shows what happened as a sentence, and which patterns point at it; whom those name is recorded too."""
    browser = await house.national()
    address = await drawn(browser, count="40")
    entries = house.door.told[-1].entries
    place = entries.index(next(one for one in entries if house.written.entries()[one].kind == "refused")) + 1
    text = said(await browser.get(f"{address}/{place}"))
    assert "officer tn-0007 of" in text
    assert "Repeated refusals." in text
    shown = house.door.told[-1].entries
    assert entries[place - 1] == shown[0]
    assert len(shown) > 1


async def test_note(house: House) -> None:
    """A note is kept in the reviews and shown to others; the log gets its digest alone."""
    browser = await house.national()
    address = await drawn(browser)
    answer = await marked(browser, f"{address}/1", "question", "hỏi lại cơ quan")
    assert answer.headers["location"] == f"{address}/next?after=1"
    about = house.door.told[-1].about
    assert about["note"] == digest_of("hỏi lại cơ quan")
    assert "hỏi" not in str(about)
    second = await house.national("kiem-tra-09")
    text = said(await second.get(f"{address}/1"))
    assert re.search(r"Question kiem-tra-02, .*?: hỏi lại cơ quan", text)


@pytest.mark.parametrize("number", [PERSON, "004 192 000 123", "004.192.000.123"])
async def test_note_with_a_number(house: House, number: str) -> None:
    """A note that holds what may be a person's number is refused, kept nowhere, and not sent back."""
    browser = await house.national()
    address = await drawn(browser)
    answer = await marked(browser, f"{address}/1", "breach", f"tra cứu {number} không căn cứ")
    assert answer.status_code == 422
    assert "look like a person" in said(answer)
    assert number not in answer.text
    assert "không căn cứ" in answer.text
    assert Action.REVIEWED not in {one.action for one in house.door.told}
    assert all(not item.marks for item in house.hall.reviews.items(1))
    for path in house.folder.iterdir():
        assert path.is_dir() or number.encode() not in path.read_bytes()


@pytest.mark.parametrize("mark", ["", "perfect"])
async def test_no_mark(house: House, mark: str) -> None:
    """Without a mark nothing is kept, and what was written is still in the form."""
    browser = await house.national()
    address = await drawn(browser)
    answer = await marked(browser, f"{address}/1", mark, "hỏi lại")
    assert answer.status_code == 422
    assert ">hỏi lại</textarea>" in answer.text
    assert all(not item.marks for item in house.hall.reviews.items(1))


async def test_second_reviewer(house: House) -> None:
    """A second reviewer sees the first one's mark and goes through the sample again; both marks stay, and a changed
    mind stands beside the first."""
    first, second = await house.national(), await house.national("kiem-tra-09")
    address = await drawn(first, count="2")
    for place in (1, 2):
        await marked(first, f"{address}/{place}", "fine")
    assert "Review it a second time" in said(await second.get(address))
    following = (await second.get(f"{address}/next?mine=1")).headers["location"]
    assert following == f"{address}/1?mine=1"
    page = await second.get(following)
    assert "Fine kiem-tra-02" in said(page)
    answer = await second.post(f"{address}/1", {"mark": "breach", "note": "", "mine": "1"}, seen=page)
    assert answer.headers["location"] == f"{address}/next?after=1&mine=1"
    assert (await second.get(answer.headers["location"])).headers["location"] == f"{address}/2?mine=1"
    await marked(first, f"{address}/1", "question")
    item = house.hall.reviews.items(1)[0]
    assert [(one.reviewer, one.mark.value) for one in item.marks] == [
        ("kiem-tra-02", "fine"),
        ("kiem-tra-09", "breach"),
        ("kiem-tra-02", "question"),
    ]
    listed = said(await first.get("/reviews"))
    assert "kiem-tra-02, kiem-tra-09" in listed
    assert "2 of 2 marked" in listed


async def test_scope(house: House) -> None:
    """A provincial auditor draws from their portals only, and does not see a sample of others."""
    national, province = await house.national(), await house.provincial("H14.5")
    theirs = await drawn(national)
    mine = await drawn(province, count="200", how="uniform")
    indices = house.door.told[-1].entries
    portals = {(house.written.entries()[index].payload or {})["portal"] for index in indices}
    assert portals == {"H14.5"}
    for path in (theirs, f"{theirs}/1", f"{theirs}/next"):
        assert (await province.get(path)).status_code == 404
    page = await province.get(f"{mine}/1")
    assert page.status_code == 200
    assert (await province.post(f"{theirs}/1", {"mark": "fine", "note": ""}, seen=page)).status_code == 404
    assert f'href="{theirs}"' not in (await province.get("/reviews")).text
    assert f'href="{mine}"' in (await national.get("/reviews")).text


async def test_who_may(house: House) -> None:
    """Operators and administrators see no review; a visitor is sent to sign in."""
    address = await drawn(await house.national())
    told = len(house.door.told)
    for browser, other in ((await house.operator(), "/sessions"), (await house.administrator(), "/accounts")):
        for path in ("/reviews", address, f"{address}/next", f"{address}/1"):
            assert (await browser.get(path)).status_code == 403
        page = await browser.get(other)
        assert (await browser.post("/reviews", DRAW, seen=page)).status_code == 403
        assert (await browser.post(f"{address}/1", {"mark": "fine"}, seen=page)).status_code == 403
    assert len(house.door.told) == told
    assert (await house.console.browser().get("/reviews")).headers["location"] == "/sign-in"


async def test_door_closed(house: House) -> None:
    """While the log can take nothing no sample is drawn, no entry shown and no mark kept."""
    browser = await house.national()
    address = await drawn(browser)
    page = await browser.get(f"{address}/1")
    house.door.closed = True
    answer = await browser.get(f"{address}/1")
    assert answer.status_code == 503
    assert "officer" not in answer.text
    assert (await browser.post("/reviews", DRAW, seen=page)).status_code == 503
    assert (await browser.post(f"{address}/1", {"mark": "fine", "note": "x"}, seen=page)).status_code == 503
    assert len(house.hall.reviews.samples(EVERYTHING)) == 1
    assert all(not item.marks for item in house.hall.reviews.items(1))


@pytest.mark.parametrize("path", ["/reviews/99", "/reviews/1/0", "/reviews/1/7", "/reviews/99999999999999999999999"])
async def test_not_there(house: House, path: str) -> None:
    """A sample or place there is not, is a page that says so."""
    browser = await house.national()
    await drawn(browser)
    assert (await browser.get(path)).status_code == 404


async def test_spoilt_file(house: House) -> None:
    """Where the file with the reviews cannot be used, that is said, and nothing else breaks."""
    browser = await house.national()
    path = house.folder / "reviews.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    answer = await browser.get("/reviews")
    assert answer.status_code == 503
    assert "The reviews cannot be used" in said(answer)
