"""The page about the log's integrity: for auditors and operators, and what it names when the log is not whole."""

import asyncio
import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from config.running import RetentionSettings
from gateway.audit import check
from gateway.audit.check.bundle import checker
from gateway.console.model import Action
from gateway.console.outside import Endpoint
from gateway.console.web import integrity
from gateway.console.web.verifying import Outcome, Told
from gateway.storage.contract import Cosignature, Stamp
from gateway.storage.sqlite import SqliteStore
from tests.gateway.console.signin.visitors import Browser
from tests.gateway.console.web.house import House, open_house
from tests.gateway.console.web.small_log import altered, copied
from tests.gateway.console.web.written_log import Written


def said(text: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", text.split("<main")[1]).split())


async def verified(house: House, browser: Browser) -> str:
    """The page after one more verification."""
    page = await browser.get("/integrity")
    begun = await browser.post("/integrity/verify", {}, seen=page)
    assert (begun.status_code, begun.headers["location"]) == (303, "/integrity/run")
    await house.hall.run.ended()
    return said((await browser.get("/integrity")).text)


async def test_standing_of_the_log(house: House) -> None:
    """An auditor sees size, checkpoints, months and how to verify offline; the look is an entry before it is shown."""
    browser = await house.national()
    page = await browser.get("/integrity")
    assert page.status_code == 200
    text = said(page.text)
    assert f"Entries {house.written.size}" in text
    assert "It was never verified here." in text
    assert "2026-11 readable" in text
    assert house.written.vkey in text
    assert "gateway log export --data-dir DATA --out export" in text
    assert page.text.count("/integrity/checkpoint.txt?size=") == integrity.SHOWN
    assert house.door.told[-1].action is Action.INTEGRITY
    assert house.door.told[-1].about == {"size": str(house.written.size)}


async def test_who_may(house: House) -> None:
    """Auditors and operators see it; whoever manages accounts does not; a visitor is sent to sign in."""
    for browser in (await house.national(), await house.provincial(), await house.operator()):
        assert (await browser.get("/integrity")).status_code == 200
        assert (await browser.get("/integrity/checkpoints")).status_code == 200
    administrator = await house.administrator()
    told = len(house.door.told)
    for path in ("", "/checkpoints", "/run", "/checkpoint.txt", "/log.vkey", "/verify-log.pyz"):
        assert (await administrator.get(f"/integrity{path}")).status_code == 403
    page = await administrator.get("/accounts")
    assert (await administrator.post("/integrity/verify", {}, seen=page)).status_code == 403
    assert (len(house.door.told), house.hall.run.running) == (told, None)
    assert (await house.console.browser().get("/integrity")).headers["location"] == "/sign-in"


async def test_operator_sees_no_entry(house: House) -> None:
    """An operator's page leads to no entry."""
    browser = await house.operator()
    text = await verified(house, browser)
    assert "The log is whole." in text
    assert "/entries/" not in (await browser.get("/integrity")).text


async def test_verify_now(house: House) -> None:
    """A verification shows how far it is on a page that reloads itself, and its result with who, when, size, root."""
    browser = await house.national()
    page = await browser.get("/integrity")
    go_on, whole = asyncio.Event(), house.hall.run._verify

    async def held(earlier: str | None, told: Told) -> Outcome:
        await go_on.wait()
        return await whole(earlier, told)

    house.hall.run._verify = held
    await browser.post("/integrity/verify", {}, seen=page)
    running = await browser.get("/integrity/run")
    assert running.headers["refresh"] == str(integrity.RELOAD_SECONDS)
    assert "<progress" in running.text
    told = len(house.door.told)
    await browser.get("/integrity/run")
    assert len(house.door.told) == told
    assert "A verification is under way" in (await browser.get("/integrity")).text
    go_on.set()
    await house.hall.run.ended()
    ended = await browser.get("/integrity/run")
    assert (ended.status_code, ended.headers["location"]) == (303, "/integrity")
    text = said((await browser.get("/integrity")).text)
    result = house.hall.run.results[0]
    assert f"The log is whole. {house.written.size} entries" in text
    assert "Started by kiem-tra-02" in text
    assert result.outcome.root in text
    assert f"Recorded as entry {result.recorded}." in text


async def test_altered_store(tmp_path: Path, written: Written) -> None:
    """The page names the first bad entry of a store that was altered, in both languages."""
    copy = copied(written, tmp_path / "copy")
    place = written.places["refused"]
    altered(copy, "UPDATE entry SET env = zeroblob(200) WHERE idx = ?", (place,))
    async with open_house(tmp_path, copy, integrity) as house:
        browser = await house.national()
        text = await verified(house, browser)
        assert "The log is NOT whole." in text
        assert f"First bad entry: {place}." in text
        browser.client.cookies.set("lang", "vi")
        assert f"Bản ghi sai đầu tiên: {place}." in said((await browser.get("/integrity")).text)
        assert house.door.told[-3].about["result"] == "broken"
        assert house.door.told[-3].entries == (place,)


async def test_newest_checkpoint_altered(tmp_path: Path, written: Written) -> None:
    """Where not even the newest checkpoint is signed by the log, the page says so and still offers the check."""
    copy = copied(written, tmp_path / "copy")
    statement = "UPDATE checkpoint SET note = replace(note, char(10) || ?, char(10) || '9') WHERE size = ?"
    altered(copy, statement, (str(written.size), written.size))
    async with open_house(tmp_path, copy, integrity) as house:
        browser = await house.national()
        assert "The store contradicts itself" in said((await browser.get("/integrity")).text)
        assert "The log is NOT whole." in await verified(house, browser)
        assert "wrong" in said((await browser.get("/integrity/checkpoints")).text)


async def test_door_closed(house: House) -> None:
    """While the log can take nothing, nothing is shown, fetched or begun."""
    browser = await house.national()
    page = await browser.get("/integrity")
    house.door.closed = True
    for path in ("", "/checkpoints", "/checkpoint.txt", "/log.vkey"):
        answer = await browser.get(f"/integrity{path}")
        assert answer.status_code == 503
        assert house.written.vkey not in answer.text
        assert "checkpoint.txt?size" not in answer.text
    assert (await browser.post("/integrity/verify", {}, seen=page)).status_code == 503
    assert house.hall.run.running is None


async def test_result_waits_for_the_door(house: House) -> None:
    """A result the log could not take is not shown; it is when the log takes it."""
    browser = await house.national()
    page = await browser.get("/integrity")
    await browser.post("/integrity/verify", {}, seen=page)
    house.door.closed = True
    await house.hall.run.ended()
    assert (await browser.get("/integrity")).status_code == 503
    house.door.closed = False
    assert "The log is whole." in said((await browser.get("/integrity")).text)
    assert house.door.words()[-2:] == ["verified", "integrity"]


async def test_checkpoints_page_by_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every checkpoint is on one of the pages, once."""
    monkeypatch.setattr(integrity, "PAGE", 40)
    browser, address, seen = await house.national(), "/integrity/checkpoints", list[int]()
    while address:
        page = await browser.get(address)
        seen += [int(size) for size in re.findall(r"checkpoint\.txt\?size=(\d+)", page.text)]
        older = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = older.group(1) if older else ""
    reader = house.written.reader()
    assert seen == [note.size for note in reader.notes(below=None, limit=1000)]
    reader.close()


async def test_downloads(house: House) -> None:
    """Note, key and checker are fetched as they are, each recorded with its digest before; they verify the log."""
    house.hall.parts = replace(house.hall.parts, checker=checker)
    browser = await house.national()
    key = (await browser.get("/integrity/log.vkey")).text
    assert key == f"{house.written.vkey}\n"
    note = await browser.get("/integrity/checkpoint.txt")
    assert note.headers["content-disposition"] == 'attachment; filename="checkpoint.txt"'
    newest = check.open_checkpoint(note.text, check.parse_key(key))
    assert newest.size == house.written.size
    older = check.open_checkpoint(
        (await browser.get(f"/integrity/checkpoint.txt?size={newest.size - 1}")).text, check.parse_key(key)
    )
    assert older.size == newest.size - 1
    tool = await browser.get("/integrity/verify-log.pyz")
    assert tool.content == checker()
    assert sha256(tool.content).hexdigest() in (await browser.get("/integrity")).text
    downloads = [one for one in house.door.told if one.action is Action.DOWNLOADED]
    assert [one.about["file"] for one in downloads] == ["log.vkey", *["checkpoint.txt"] * 2, "verify-log.pyz"]
    assert all(one.digest and one.digest.startswith("sha-256=:") for one in downloads)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/checkpoint.txt?size=99999", 404),
        ("/checkpoint.txt?size=-1", 400),
        ("/checkpoint.txt?size=x", 400),
        ("/checkpoints?below=99999999999999999999", 400),
        ("/verify-log.pyz", 404),
    ],
)
async def test_bad_addresses(house: House, path: str, status: int) -> None:
    """What is not there, and what is no number, is a page that says so."""
    browser = await house.national()
    assert (await browser.get(f"/integrity{path}")).status_code == status


async def test_vouchers(tmp_path: Path, written: Written) -> None:
    """Whoever signed is shown with how far behind, and what is in the way in words; another history is an alarm."""
    copy = copied(written, tmp_path / "copy")
    at_us = int(Path(copy.store).stat().st_mtime) * 1_000_000
    store = SqliteStore(copy.store)
    with store.write() as transaction:
        transaction.cosign([Cosignature(written.size - 9, "witness.example/w1", at_us, "line")])
        transaction.stamp([Stamp(written.size, "national-tsa", at_us, b"der")])
    store.close()

    async def endpoints() -> list[Endpoint]:
        return [
            Endpoint("authority", "national-tsa", "national-tsa", None, 0, "timeout"),
            Endpoint("witness", "province-01", "witness.example/w1", None, 0, ""),
            Endpoint("witness", "ministry", "witness.example/w2", None, 0, "inconsistent", 2),
        ]

    async with open_house(tmp_path, copy, integrity) as house:
        browser = await house.national()
        unknown = said((await browser.get("/integrity")).text)
        assert "cannot be asked now" in unknown
        assert "witness.example/w1 Witness" in unknown
        house.hall.parts = replace(house.hall.parts, endpoints=endpoints)
        text = said((await browser.get("/integrity")).text)
        assert "ALARM: witness.example/w2 has seen another history" in text
        assert f"witness.example/w1 Witness {written.size - 9}" in text
        assert re.search(r"witness\.example/w1 .*? 9 in order", text)
        assert re.search(r"national-tsa Time-stamping authority .*? 0 does not answer in time", text)
        assert "forgot 2 times" in text


async def test_retention(house: House) -> None:
    """Months say from when their keys are destroyed; a month that is held says that it is not."""
    months = dict.fromkeys(("decided", "disclosed", "refused", "inspected", "changed"), 24)
    browser = await house.national()
    house.hall.parts = replace(house.hall.parts, retention=RetentionSettings(months, frozenset()))
    assert "readable destroyed from 2028-12" in said((await browser.get("/integrity")).text)
    house.hall.parts = replace(house.hall.parts, retention=RetentionSettings(months, frozenset({"2026-11"})))
    held = said((await browser.get("/integrity")).text)
    assert "2026-11 held, not destroyed" in held
    assert "destroyed from" not in held


async def test_without_an_index(tmp_path: Path, written: Written) -> None:
    """Before the index is built the page says so, and the log can be verified all the same."""
    copy = copied(written, tmp_path / "copy")
    (copy.folder / "console" / "index.sqlite").unlink()
    async with open_house(tmp_path, copy, integrity) as house:
        browser = await house.national()
        assert "index is not built yet" in said((await browser.get("/integrity")).text)
        assert "The log is whole." in await verified(house, browser)
