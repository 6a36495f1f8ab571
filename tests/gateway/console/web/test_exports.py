"""Exports in the browser: asked for, watched, fetched, removed; each step recorded, each for its owner alone."""

import asyncio
import json
import re
from pathlib import Path

import httpx
import pytest

from gateway.audit.extract import checking
from gateway.console.model import Action, Inspection
from gateway.console.web import exports
from tests.gateway.audit.builders import PERSON
from tests.gateway.console.signin.visitors import Browser
from tests.gateway.console.web.house import House, RecordingDoor, names

PATIENCE = 30.0


def said(page: httpx.Response) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text.split("<main")[1]).split())


async def asked(browser: Browser, **fields: str) -> str:
    """The address of a new export."""
    answer = await browser.post("/exports", {"form": "jsonl", **fields}, seen=await browser.get("/exports"))
    assert answer.status_code == 303, said(answer)
    return answer.headers["location"]


async def ready(browser: Browser, address: str) -> httpx.Response:
    """The page of an export once it does not reload itself any more."""
    async with asyncio.timeout(PATIENCE):
        while True:
            page = await browser.get(address)
            if "refresh" not in page.headers:
                return page
            assert page.headers["refresh"] == str(exports.RELOAD_SECONDS)
            await asyncio.sleep(0.02)


async def test_fetched_and_checked(house: House, tmp_path: Path) -> None:
    """File, manifest and signature are fetched under their names, each recorded, and hold together offline."""
    browser = await house.national()
    address = await asked(browser, portal="H14", form="csv")
    page = await ready(browser, address)
    written = house.door.told[-1]
    assert (written.action, written.about["result"]) == (Action.EXPORTED, "written")
    assert written.about["portal"] == "H14"
    text = said(page)
    assert f"The file holds {written.found} entries" in text
    folder = tmp_path / "fetched"
    folder.mkdir()
    for part in ("file", "manifest", "signature"):
        answer = await browser.get(f"{address}/{part}")
        name = re.fullmatch(r'attachment; filename="([^"]+)"', answer.headers["content-disposition"])
        assert name is not None
        (folder / name.group(1)).write_bytes(answer.content)
    (out,) = folder.glob("*.csv")
    checked = checking.check(out, keys=house.door.keys, log_key=house.written.key)
    assert checked.said["entries"] == written.found
    assert checked.remarks == ()
    assert out.name in text
    downloads = [one for one in house.door.told if one.action is Action.DOWNLOADED]
    assert [one.about["file"] for one in downloads] == [
        out.name,
        f"{out.name}.manifest.json",
        f"{out.name}.manifest.jws",
    ]
    assert downloads[0].digest == written.digest


async def test_broken_download_goes_on(house: House) -> None:
    """A single range is answered and recorded; the parts make the whole file, and one behind its end is refused."""
    browser = await house.national()
    address = await asked(browser)
    await ready(browser, address)
    whole = await browser.get(f"{address}/file")
    half = len(whole.content) // 2
    headers = {"if-range": whole.headers["etag"]}
    first = await browser.get(f"{address}/file", headers={**headers, "range": f"bytes=0-{half - 1}"})
    assert house.door.told[-1].about["range"] == f"bytes=0-{half - 1}"
    rest = await browser.get(f"{address}/file", headers={**headers, "range": f"bytes={half}-"})
    assert (first.status_code, rest.status_code) == (206, 206)
    assert rest.headers["content-range"] == f"bytes {half}-{len(whole.content) - 1}/{len(whole.content)}"
    assert first.content + rest.content == whole.content
    last = await browser.get(f"{address}/file", headers={"range": "bytes=-5"})
    assert last.content == whole.content[-5:]
    behind = await browser.get(f"{address}/file", headers={"range": f"bytes={len(whole.content)}-"})
    assert behind.status_code == 416
    other = await browser.get(f"{address}/file", headers={"if-range": '"another"', "range": "bytes=1-2"})
    assert (other.status_code, other.content) == (200, whole.content)
    for ignored in ("bytes=0-1,3-4", "lines=1-2", "bytes=x"):
        answer = await browser.get(f"{address}/file", headers={"range": ignored})
        assert (answer.status_code, answer.content) == (200, whole.content)
        assert "range" not in house.door.told[-1].about


async def test_scope(house: House) -> None:
    """A provincial auditor's export holds only their portals, and says so."""
    browser = await house.provincial("H14.5")
    address = await asked(browser)
    page = await ready(browser, address)
    assert "H14.5" in said(page)
    lines = [json.loads(line) for line in (await browser.get(f"{address}/file")).text.splitlines()]
    assert lines
    assert {line["content"]["portal"] for line in lines} == {"H14.5"}
    address = await asked(browser, portal="G01")
    await ready(browser, address)
    assert (await browser.get(f"{address}/file")).content == b""


async def test_of_a_search_for_a_person(house: House) -> None:
    """A search for a person is exported by its id: the file holds their entries, and the number is in no page, notice
    or file of the export."""
    browser = await house.national()
    found = await browser.post("/search", {"subject": PERSON}, seen=await browser.get("/search"))
    key = found.headers["location"].rsplit("/", 1)[1]
    about_the_search = house.door.next - 1
    page = await browser.post("/exports", {"search": key}, seen=await browser.get("/exports"))
    assert page.status_code == 200
    assert "004*****0123" in page.text
    address = await asked(browser, search=key)
    shown = await ready(browser, address)
    lines = [json.loads(line) for line in (await browser.get(f"{address}/file")).text.splitlines()]
    named = {house.written.places[name] for name in ("decided", "disclosed", "elsewhere", "prefill")}
    indices = {line["index"] for line in lines}
    assert {house.written.places["decided"], house.written.places["disclosed"]} <= indices
    assert house.written.places["elsewhere"] in indices
    assert house.written.places["refused"] not in indices
    assert len(named & indices) >= 3
    written = [one for one in house.door.told if one.action is Action.EXPORTED]
    assert [one.about["search"] for one in written] == [str(about_the_search)] * 2
    assert PERSON not in page.text + shown.text + repr(written)
    assert json.loads((await browser.get(f"{address}/manifest")).content)["selection"] == {"subject": True}
    for path in (house.folder / "exports").rglob("*"):
        assert path.is_dir() or PERSON.encode() not in path.read_bytes()


async def test_search_of_another(house: House) -> None:
    """Nobody exports by another's search, nor by one that is forgotten."""
    first, second = await house.national(), await house.national("kiem-tra-09")
    found = await first.post("/search", {"subject": PERSON}, seen=await first.get("/search"))
    key = found.headers["location"].rsplit("/", 1)[1]
    for one in (key, "forgotten"):
        answer = await second.post("/exports", {"search": one, "form": "csv"}, seen=await second.get("/exports"))
        assert answer.status_code == 404
    assert Action.EXPORTED not in {one.action for one in house.door.told}


async def test_only_the_owner(house: House) -> None:
    """Another auditor neither sees an export nor fetches or removes it."""
    owner, other = await house.national(), await house.national("kiem-tra-09")
    address = await asked(owner)
    await ready(owner, address)
    told = len(house.door.told)
    for path in ("", "/file", "/manifest", "/signature"):
        assert (await other.get(f"{address}{path}")).status_code == 404
    page = await other.get("/exports")
    assert address not in page.text
    assert (await other.post(f"{address}/delete", {}, seen=page)).status_code == 404
    assert len(house.door.told) == told
    assert (await owner.get(address)).status_code == 200


async def test_who_may(house: House) -> None:
    """Operators and administrators export nothing; a visitor is sent to sign in."""
    for browser, other in ((await house.operator(), "/sessions"), (await house.administrator(), "/accounts")):
        for path in ("/exports", "/exports/x", "/exports/x/file"):
            assert (await browser.get(path)).status_code == 403
        assert (await browser.post("/exports", {"form": "csv"}, seen=await browser.get(other))).status_code == 403
    assert Action.EXPORTED not in {one.action for one in house.door.told}
    assert (await house.console.browser().get("/exports")).headers["location"] == "/sign-in"


async def test_door_closed(house: House) -> None:
    """While the log can take nothing no export begins and no byte of one leaves."""
    browser = await house.national()
    address = await asked(browser)
    page = await ready(browser, address)
    house.door.closed = True
    assert (await browser.post("/exports", {"form": "csv"}, seen=page)).status_code == 503
    for part in ("file", "manifest", "signature"):
        answer = await browser.get(f"{address}/{part}")
        assert answer.status_code == 503
        assert not names(answer.text, "H14")
    house.door.closed = False
    assert said(await browser.get("/exports")).count(".jsonl") == 1


class Closing(list[Inspection]):
    """What a door was told; it closes behind the beginning of an export."""

    def __init__(self, door: RecordingDoor) -> None:
        super().__init__(door.told)
        self._door = door

    def append(self, inspection: Inspection) -> None:
        """Keep it, and perhaps close."""
        super().append(inspection)
        self._door.closed = inspection.about.get("result") == "started"


async def test_not_before_it_is_signed(house: House) -> None:
    """A written export whose digest the log has not taken says what it waits for and cannot be fetched."""
    house.door.told = Closing(house.door)
    browser = await house.national()
    address = await asked(browser)
    async with asyncio.timeout(PATIENCE):
        text = ""
        while not ("to be signed" in text and "tried again" in text):
            await asyncio.sleep(0.02)
            text = said(await browser.get(address))
    assert (await browser.get(f"{address}/file")).status_code == 404


@pytest.mark.parametrize(
    "fields", [{"officer": PERSON}, {"dossier": "004 192 000 123"}, {"kind": "gossip"}, {"from": "yesterday"}]
)
async def test_refused_fields(house: House, fields: dict[str, str]) -> None:
    """A field that cannot be read, or holds a number where none belongs, is refused; nothing is exported."""
    browser = await house.national()
    answer = await browser.post("/exports", {"form": "csv", **fields}, seen=await browser.get("/exports"))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert PERSON not in answer.text
    assert Action.EXPORTED not in {one.action for one in house.door.told}


async def test_form_first(house: House) -> None:
    """What comes from a page of results without a format fills the form, and begins nothing."""
    browser = await house.national()
    page = await browser.post("/exports", {"portal": "H14", "officer": "cb-0042"}, seen=await browser.get("/exports"))
    assert page.status_code == 200
    assert 'value="cb-0042"' in page.text
    assert '<option value="H14" selected>' in page.text
    assert Action.EXPORTED not in {one.action for one in house.door.told}


async def test_removed(house: House) -> None:
    """An export that is removed is gone, with everything about it; one too many is refused until then."""
    browser = await house.national()
    addresses = [await asked(browser) for _ in range(10)]
    page = await browser.get("/exports")
    answer = await browser.post("/exports", {"form": "csv"}, seen=page)
    assert answer.status_code == 409
    assert "as many files as there may be" in said(answer)
    gone = await browser.post(f"{addresses[0]}/delete", {}, seen=page)
    assert gone.headers["location"] == "/exports"
    assert (await browser.get(addresses[0])).status_code == 404
    assert not (house.folder / "exports" / addresses[0].rsplit("/", 1)[1]).exists()
    await ready(browser, await asked(browser))
