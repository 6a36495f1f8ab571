"""An entry's page: what it says, to whom, what is recorded first, and that what it shows proves the entry."""

import asyncio
import base64
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from gateway.audit.events import EntryKind
from gateway.console.web import entry, search
from signing import merkle, proofs
from signing.commitments import commitments
from signing.digest import content_digest
from signing.encoding import base64url, json_bytes
from tests.gateway.audit.builders import (
    PERSON,
    START,
    a_context,
    a_decision,
    a_disclosure,
    a_new_epoch,
    a_redaction,
    a_subject,
    keys,
)
from tests.gateway.console.static.node import Scripts
from tests.gateway.console.web.house import House, open_house
from tests.gateway.console.web.small_log import altered, copied, indexed, small
from tests.gateway.console.web.written_log import DOSSIER, Written, reading

SALT = bytes(range(32))
ANSWER = {"found": True, "fields": {"person.full_name": "Nông Thị Ánh", "person.birth_date": "1992-03-01"}}


@pytest.fixture
async def house(tmp_path: Path, written: Written) -> AsyncIterator[House]:
    """The pages of entries alone."""
    async with open_house(tmp_path, written, entry) as made:
        yield made


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Scripts:
    """The console's scripts in Node."""
    return Scripts(tmp_path_factory.mktemp("scripts"))


def _pre(page: httpx.Response, name: str) -> str:
    """What a browser has as the text of an element that is preformatted: without the first line feed."""
    found = re.search(rf'<pre [^>]*id="{name}"[^>]*>(.*?)</pre>', page.text, re.DOTALL)
    assert found, name
    return unescape(found[1]).removeprefix("\n")


def _data(page: httpx.Response, name: str) -> str:
    found = re.search(rf'id="proof"[^>]* data-{name}="([^"]*)"', page.text)
    assert found, name
    return unescape(found[1])


def _section(page: httpx.Response, title: str) -> list[int]:
    found = re.search(rf'<section aria-labelledby="{title}">.*?</section>', page.text, re.DOTALL)
    return [int(one) for one in re.findall(r'scope="row"[^>]*><a href="/entries/(\d+)"', found[0])] if found else []


async def test_an_entry_says_what_happened_and_everything_it_holds(house: House, written: Written) -> None:
    """The sentence names officer, portal, dossier and facts; each member of the entry is on the page."""
    page = await (await house.national()).get(f"/entries/{written.places['disclosed']}")
    assert page.status_code == 200
    assert "officer cb-0042 of Public-service portal of Cao Bang province (H14) asked for 3 facts" in page.text
    payload = written.entries()[written.places["disclosed"]].payload
    assert payload
    for value in (
        payload["req"],
        payload["key"],
        payload["digest"],
        *payload["fields"],
        DOSSIER,
        str(payload["decided"]),
    ):
        assert value in unescape(page.text)
    assert json.loads(_content(page)) == payload


def _content(page: httpx.Response) -> str:
    """The content as the log has it: the one block that is JSON with a version."""
    blocks = [unescape(one) for one in re.findall(r"<pre [^>]*>(.*?)</pre>", page.text, re.DOTALL)]
    return next(one for one in blocks if one.startswith("{") and '"v": 1' in one)


async def test_every_kind_of_entry_has_its_page(house: House, written: Written) -> None:
    """One of each opens, in both languages, and all entries of which the page shows something were recorded."""
    browser = await house.national()
    for language in ("vi", "en"):
        browser.client.cookies.set("lang", language)
        for one in (written.entries()[index] for index in written.places.values()):
            page = await browser.get(f"/entries/{one.index}")
            assert page.status_code == 200, one
            told = house.door.told[-1]
            assert told.action == "opened"
            assert told.entries[0] == one.index
            shown = {int(index) for index in re.findall(r'scope="row"[^>]*><a href="/entries/(\d+)"', page.text)}
            assert shown | {one.index} == set(told.entries)


async def test_a_call_is_shown_in_both_directions(house: House, written: Written) -> None:
    """From what was allowed to what was answered, and back."""
    browser, places = await house.national(), written.places
    decided = await browser.get(f"/entries/{places['decided']}")
    disclosed = await browser.get(f"/entries/{places['disclosed']}")
    assert _section(decided, "call-title") == [places["disclosed"]]
    assert _section(disclosed, "call-title") == [places["decided"]]


async def test_a_call_about_several_people_shows_all_of_its_entries(house: House, written: Written) -> None:
    """Eleven people, each allowed and answered: twenty-one other entries."""
    first = written.places["many"]
    page = await (await house.national()).get(f"/entries/{first + 4}")
    assert _section(page, "call-title") == [*range(first - 11, first + 4), *range(first + 5, first + 11)]


async def test_the_chain_is_the_dossier_of_the_portal_oldest_first(house: House, written: Written) -> None:
    """Every entry of the dossier, itself among them, in time."""
    page = await (await house.national()).get(f"/entries/{written.places['disclosed']}")
    expected = [one.index for one in written.entries() if (one.payload or {}).get("dossier") == DOSSIER]
    assert _section(page, "chain-title") == expected
    assert len(expected) == 6


async def test_what_the_page_shows_proves_the_entry(house: House, written: Written, scripts: Scripts) -> None:
    """Taken from the page alone, the envelope leads to the signed root; altered by one bit it does not."""
    index = written.places["prefill"]
    page = await (await house.national()).get(f"/entries/{index}")
    envelope = base64.b64decode(_pre(page, "proof-envelope"))
    proof = proofs.parse(_pre(page, "proof-text"))
    spoilt = bytes([*envelope[:-1], envelope[-1] ^ 1])
    header, opened, leaf, other = scripts(
        ("tlog.js", "envelopeHeader", [envelope]),
        ("tlog.js", "openCheckpoint", [proof.checkpoint, _pre(page, "proof-vkey")]),
        ("tlog.js", "leafHash", [envelope]),
        ("tlog.js", "leafHash", [spoilt]),
    )
    assert _pre(page, "proof-vkey") == written.vkey
    assert header["value"]["kind"] == int(_data(page, "kind")) == EntryKind.DISCLOSED
    assert header["value"]["at"]["whole"] == _data(page, "at")
    assert header["value"]["epoch"] == _data(page, "epoch")
    assert base64.b64decode(leaf["value"]["bytes"]).hex() == _pre(page, "proof-leaf")
    tree = {"index": index, "size": int(opened["value"]["size"]["whole"]), "hashes": list(proof.hashes)}
    tree["root"] = base64.b64decode(opened["value"]["root"]["bytes"])
    leaves = [base64.b64decode(one["value"]["bytes"]) for one in (leaf, other)]
    believed, refused = scripts(*(("tlog.js", "verifyInclusion", [{**tree, "leaf": one}]) for one in leaves))
    assert "value" in believed
    assert refused == {"thrown": "NotProved", "reason": "other_root"}


async def test_the_page_has_a_sentence_for_each_step_and_reason(house: House, written: Written) -> None:
    """Whatever the script may have to say is on the page in the page's language."""
    page = await (await house.national()).get(f"/entries/{written.places['decided']}")
    script = (Path(entry.__file__).parents[1] / "static" / "proof.js").read_text(encoding="utf-8")
    steps = re.findall(r'data-step="(\w+)"', page.text)
    texts = set(re.findall(r'data-text="(\w+)"', page.text))
    assert re.findall(r"^  async (\w+)\(", script, re.MULTILINE) == steps
    needed = {f"{step}_{said}" for step in steps for said in ("ok", "failed")}
    needed |= {f"{what}_{state}" for what in ("state", "verdict") for state in ("ok", "failed", "unknown")}
    needed |= set(re.findall(r'said: "(\w+)"', script)) | {"key_yours", "verdict_yours"}
    needed |= {f"cannot_{one}" for one in re.findall(r'CannotCheck\("(\w+)"\)', script)}
    assert needed | {"cannot_ed25519", "cannot_webcrypto"} == texts


async def test_the_hashes_between_two_trees_are_handed_out(house: House, written: Written, scripts: Scripts) -> None:
    """They prove the newest tree a continuation of an older one; for sizes nobody signed there are none."""
    browser, old = await house.national(), 70
    answer = await browser.get(f"/entries/3/consistency?from={old}&to={written.size}")
    leaves = [one.leaf for one in written.entries()]
    case = {"oldSize": old, "oldRoot": merkle.root(leaves[:old]), "size": written.size, "root": merkle.root(leaves)}
    case["hashes"] = [base64.b64decode(one) for one in answer.json()["hashes"]]
    right, wrong = scripts(
        ("tlog.js", "verifyConsistency", [case]),
        ("tlog.js", "verifyConsistency", [{**case, "oldRoot": merkle.root(leaves[1:old])}]),
    )
    assert "value" in right
    assert wrong == {"thrown": "NotProved", "reason": "two_histories"}
    for query in (
        f"from=1&to={written.size + 1}",
        f"from={written.size + 1}&to={written.size}",
        "from=1",
        "from=x&to=2",
        "",
    ):
        assert (await browser.get(f"/entries/3/consistency?{query}")).status_code == 404
    assert house.door.told == []


async def test_the_proof_and_the_envelope_can_be_taken_along(house: House, written: Written) -> None:
    """Both files prove the entry with the log's key; each leaves with its digest in the log."""
    index, browser = written.places["refused"], await house.national()
    proof = await browser.get(f"/entries/{index}/proof")
    envelope = await browser.get(f"/entries/{index}/envelope")
    checkpoint = proofs.verify(
        proofs.parse(proof.text), merkle.leaf_hash(envelope.content), written.key, origin=written.key.name
    )
    assert checkpoint.size == written.size
    assert [one.action for one in house.door.told] == ["downloaded", "downloaded"]
    assert [one.digest for one in house.door.told] == [content_digest(proof.content), content_digest(envelope.content)]
    assert [one.entries for one in house.door.told] == [(index,), (index,)]
    assert proof.headers["content-disposition"] == f'attachment; filename="entry-{index}.tlog-proof"'


async def test_the_command_on_the_page_checks_the_entry_offline(house: House, written: Written, tmp_path: Path) -> None:
    """Run as it stands there, beside the two files: it holds; with one byte of the envelope altered it does not."""
    index, browser = written.places["refused"], await house.national()
    page = await browser.get(f"/entries/{index}")
    command = next(
        unescape(one) for one in re.findall(r"<pre [^>]*>(gateway log prove.*?)</pre>", page.text, re.DOTALL)
    )
    for name, below in ((f"entry-{index}.tlog-proof", "proof"), (f"entry-{index}.envelope", "envelope")):
        (tmp_path / name).write_bytes((await browser.get(f"/entries/{index}/{below}")).content)

    def run() -> int:
        done = subprocess.run(
            ["bash", "-c", f'PATH="{Path(sys.executable).parent}:$PATH"\n{command}'],
            cwd=tmp_path,
            check=False,
            capture_output=True,
        )
        return done.returncode

    assert await asyncio.to_thread(run) == 0
    envelope = tmp_path / f"entry-{index}.envelope"
    content = envelope.read_bytes()
    envelope.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert await asyncio.to_thread(run) == 1


@pytest.mark.parametrize("below", ["", "/proof", "/envelope"])
async def test_outside_the_scope_is_like_not_there(house: House, written: Written, below: str) -> None:
    """Entries of other portals, other auditors, administrators, and numbers beyond the log: one and the same 404."""
    browser = await house.provincial()
    missing = await browser.get(f"/entries/{written.size + 5}{below}")
    for name in ("elsewhere", "refused", "nation", "changed"):
        answer = await browser.get(f"/entries/{written.places[name]}{below}")
        assert answer.status_code == missing.status_code == 404
        assert _plain(answer) == _plain(missing)
    assert house.door.told == []
    for name in ("disclosed", "verified", "province", "heartbeat"):
        assert (await browser.get(f"/entries/{written.places[name]}{below}")).status_code == 200


def _plain(page: httpx.Response) -> str:
    """A page without what differs by address and by form."""
    return re.sub(r'name="(back|csrf)" value="[^"]*"', "", page.text)


@pytest.mark.parametrize("address", ["x", "-1", "007", "1e3", "1.0", "9" * 18, "9" * 19, "9" * 5000, "٣", "%00"])
async def test_other_addresses_are_no_entries(house: House, address: str) -> None:
    """Whatever stands for the number: 404, and no fault."""
    assert (await (await house.national()).get(f"/entries/{address}")).status_code == 404


async def test_roles_without_entries_open_none(house: House, written: Written) -> None:
    """Operator and administrator get a refusal for the page, the files and the hashes."""
    index = written.places["heartbeat"]
    for browser in (await house.operator(), await house.administrator()):
        for below in ("", "/proof", "/envelope", "/consistency?from=1&to=2"):
            assert (await browser.get(f"/entries/{index}{below}")).status_code == 403
    assert house.door.told == []


async def test_nothing_is_shown_that_cannot_be_recorded(house: House, written: Written) -> None:
    """With the door closed neither page nor file comes out."""
    browser = await house.national()
    house.door.closed = True
    for below in ("", "/proof", "/envelope"):
        answer = await browser.get(f"/entries/{written.places['disclosed']}{below}")
        assert answer.status_code == 503
        assert "cb-0042" not in answer.text
        assert DOSSIER not in answer.text


async def _open(tmp_path: Path, written: Written, index: int) -> httpx.Response:
    async with open_house(tmp_path / "house", written, entry, search) as house:
        return await (await house.national()).get(f"/entries/{index}")


async def test_a_damaged_entry_is_said_to_be(tmp_path: Path, written: Written) -> None:
    """What is no envelope any more is shown as that, with the proof that fails; those with a scope do not see it."""
    spoilt, index = copied(written, tmp_path / "copy"), written.places["disclosed"]
    altered(spoilt, "UPDATE entry SET env = ? WHERE idx = ?", (b"\xff" * 90, index))
    page = await _open(tmp_path, spoilt, index)
    assert page.status_code == 200
    assert "This entry is damaged" in page.text
    assert merkle.leaf_hash(base64.b64decode(_pre(page, "proof-envelope"))).hex() != _pre(page, "proof-leaf")
    async with open_house(tmp_path / "other", spoilt, entry) as house:
        assert (await (await house.provincial()).get(f"/entries/{index}")).status_code == 404


async def test_an_altered_entry_cannot_be_read_and_is_not_proved(tmp_path: Path, written: Written) -> None:
    """One bit of the sealed part: nothing is made up, and the leaf is not that of the envelope."""
    spoilt, index = copied(written, tmp_path / "copy"), written.places["disclosed"]
    with reading(written) as reader:
        envelope = reader.rows(index, index + 1)[0].envelope
    assert envelope
    altered(spoilt, "UPDATE entry SET env = ? WHERE idx = ?", (envelope[:-1] + bytes([envelope[-1] ^ 1]), index))
    page = await _open(tmp_path, spoilt, index)
    assert "What it says cannot be read" in page.text
    assert 'id="particulars-title"' not in page.text
    assert 'id="call-title"' not in page.text
    assert merkle.leaf_hash(base64.b64decode(_pre(page, "proof-envelope"))).hex() != _pre(page, "proof-leaf")


async def test_a_log_that_contradicts_itself_is_shown_to(tmp_path: Path, written: Written) -> None:
    """With a leaf replaced there is no proof: the page says so and offers none."""
    spoilt, index = copied(written, tmp_path / "copy"), written.places["disclosed"]
    altered(spoilt, "UPDATE entry SET leaf = ? WHERE idx = ?", (bytes(32), index))
    async with open_house(tmp_path / "house", spoilt, entry) as house:
        browser = await house.national()
        page = await browser.get(f"/entries/{index}")
        assert "The log contradicts itself" in page.text
        assert 'id="proof-text"' not in page.text
        assert (await browser.get(f"/entries/{index}/proof")).status_code == 404


async def test_an_entry_whose_keys_were_destroyed_says_why(tmp_path: Path) -> None:
    """Erased by a redaction that is in the log; without one the keys are merely not here."""
    folder = tmp_path / "data"
    written = await asyncio.to_thread(small, folder, a_decision(), a_disclosure())
    _, _, ring = keys(folder)
    epoch = next(one for one in ring.all() if one.seals == "disclosed")
    place = next(one.index for one in written.entries() if one.kind == "disclosed")
    redaction = a_redaction(epoch, a_new_epoch(EntryKind.DECIDED), at=START)
    written = await asyncio.to_thread(small, folder, redaction)
    ring.destroy([epoch.kid])
    await asyncio.to_thread(indexed, written)
    page = await _open(tmp_path, written, place)
    assert "erased for good" in page.text
    assert "cb-0042" not in page.text.replace('"cb-0042"', "")


async def test_an_entry_whose_keys_are_away_says_that(tmp_path: Path) -> None:
    """Keys that no redaction names were not destroyed by rule, and are not said to be."""
    folder = tmp_path / "data"
    written = await asyncio.to_thread(small, folder, a_decision(), a_disclosure())
    place = next(one.index for one in written.entries() if one.kind == "disclosed")
    for path in written.ring.folder.glob("*.disclosed.json"):
        path.unlink()
    page = await _open(tmp_path, written, place)
    assert "its keys are not on this machine" in page.text
    assert "erased for good" not in page.text


async def test_without_an_index_an_entry_still_opens(tmp_path: Path) -> None:
    """Its chain is said to be incomplete; sentence, call and proof need no index."""
    disclosed = a_disclosure(decided=1)
    written = await asyncio.to_thread(small, tmp_path / "data", a_decision(), disclosed, index=False)
    place = next(one.index for one in written.entries() if one.kind == "disclosed")
    page = await _open(tmp_path, written, place)
    assert page.status_code == 200
    assert "The index has not read this entry yet" in page.text
    assert _section(page, "call-title") == [1]
    assert 'id="proof-text"' in page.text


async def test_a_kept_answer_is_compared_from_what_the_page_shows(tmp_path: Path, scripts: Scripts) -> None:
    """With the commitments on the page the right body is recognised and another one is not, value by value."""
    body = json.dumps(ANSWER, ensure_ascii=False)
    event = a_disclosure(
        subjects=(a_subject(), a_subject(role="spouse", id="004192000999")),
        commitments=commitments(SALT, ANSWER),
        digest=content_digest(body.encode()),
        context=a_context(),
    )
    written = await asyncio.to_thread(small, tmp_path / "data", a_decision(), event)
    places = [one.index for one in written.entries() if one.kind == "disclosed"]
    async with open_house(tmp_path / "house", written, entry) as house:
        browser = await house.national()
        page, second = [await browser.get(f"/entries/{place}") for place in places]
        assert "data-place" in second.text
    shown = {
        unescape(place): unescape(commitment)
        for place, commitment in re.findall(r'data-place="([^"]*)" data-commitment="([^"]*)"', page.text)
    }
    assert shown.keys() == {"/fields/person.full_name", "/fields/person.birth_date"}
    claims = json_bytes({"salt": base64url(SALT)})
    signature = f"{base64url(b'{}')}.{base64url(claims)}.{base64url(b's')}"
    other = body.replace("1992", "1993")
    right, wrong = scripts(*(("opening.js", "compared", [text, signature, shown]) for text in (body, other)))
    assert {one["said"] for one in right["value"]["results"]} == {"same"}
    assert right["value"]["digest"] in unescape(page.text)
    said = {one["place"]: one["said"] for one in wrong["value"]["results"]}
    assert said == {"/fields/person.full_name": "same", "/fields/person.birth_date": "differs"}


async def test_what_is_pasted_cannot_be_sent(tmp_path: Path) -> None:
    """The fields for a kept answer have no name and stand in no form; without the script they cannot be filled."""
    event = a_disclosure(commitments=commitments(SALT, ANSWER))
    written = await asyncio.to_thread(small, tmp_path / "data", a_decision(), event)
    place = next(one.index for one in written.entries() if one.kind == "disclosed")
    page = await _open(tmp_path, written, place)
    section = re.search(r'<section [^>]*id="answer".*?</section>', page.text, re.DOTALL)
    assert section
    assert "<form" not in section[0]
    fields = re.findall(r"<(?:textarea|input)[^>]*>", section[0])
    assert len(fields) == 2
    assert all(" name=" not in one and " disabled" in one for one in fields)


async def test_the_page_holds_no_number_and_nothing_inline(house: House, written: Written) -> None:
    """Nobody's number is on it, no style and no script stands in it."""
    page = await (await house.national()).get(f"/entries/{written.places['prefill']}")
    assert PERSON not in page.text
    assert " style=" not in page.text
    assert re.findall(r"<script(?![^>]* src=)", page.text) == []


def test_the_scripts_load_nothing_from_elsewhere() -> None:
    """No script names another host, and each is imported by its file name."""
    folder = Path(entry.__file__).parents[1] / "static"
    for name in ("proof.js", "answer.js", "tlog.js", "opening.js", "seen.js"):
        text = (folder / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert all(one.startswith("./") for one in re.findall(r'from "([^"]+)"', text))
