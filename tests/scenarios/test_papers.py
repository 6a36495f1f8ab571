"""Digitised documents over real sockets: registered, offered, fetched, replaced, revoked, and what the log says."""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway import examiner
from gateway.api import openapi_papers
from gateway.audit.keys import Places
from gateway.client import GatewayClient
from gateway.model import Call
from gateway.objects.contract import ObjectsUnavailable
from gateway.papers import contents as keeping
from gateway.papers import erasure, offers
from gateway.storage.lock import locked
from gateway.vault import Item, Space, Vault, VaultUnavailable
from tests.helpers.deferring import defer, entry, payloads, settled
from tests.helpers.papers import (
    CONFIRMATION,
    DEATH,
    HUSBAND,
    MARRIAGE,
    TEXT,
    objects,
    offered,
    prefilled,
    register,
    registration,
)
from tests.helpers.stack import ENTERPRISE, PERSON, RESIDENCE, TAXPAYER, Stack, document_kinds, now, stack
from tests.signing.documents import pki

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUPPORT = "1.001776"
FETCH, REVOKE = "/v1/documents/fetch", "/v1/documents/revoke"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A gateway whose portals may register marriages."""
    folder = tmp_path_factory.mktemp("stack")
    async with stack(folder, procedures=(RESIDENCE, MARRIAGE, SUPPORT, "1.001612")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def up(running: Stack) -> AsyncIterator[Stack]:
    """The module's stack, with nothing in its register."""
    yield running
    vault = running.gateway.state.world.vault
    tags = [vault.tag("person", one["personal_id"]) for one in (PERSON, HUSBAND)]
    await erasure.erase(
        [*tags, vault.tag("taxpayer", TAXPAYER["tax_code"])], vault=vault, objects=running.gateway.state.world.objects
    )


@contextmanager
def contents(up: Stack) -> Iterator[list[Path]]:
    """The files of the store of objects, gone for a while: as a list, when the context is entered."""
    folder = up.data_dir / "objects"
    away = folder.with_name("objects-away")
    files = [path for path in folder.rglob("*") if path.is_file()]
    folder.rename(away)
    folder.write_text("no folder", encoding="utf-8")
    try:
        yield files
    finally:
        folder.unlink()
        away.rename(folder)


async def left_behind(up: Stack) -> int:
    """Sweep as if no call could be under way any more: how many contents no row named."""
    world = up.gateway.state.world
    return await keeping.sweep(replace(world, now=lambda: now() + keeping.UNDER_WAY))


async def fetched(up: Stack, document: str, holder: dict[str, str] = PERSON, **changes: Any) -> Any:
    """The response to a fetch."""
    body = {"document": document, "holder": holder}
    return await up.call(FETCH, body, **({"procedure": MARRIAGE} | changes))


async def test_a_registered_document_is_offered_and_fetched(up: Stack) -> None:
    """One portal registers, another is offered it with its dossier and fetches the very bytes."""
    kept = await register(up, registration())
    assert kept["content"] is True
    assert kept["signature"] == {"outcome": "unsupported", "reason": "media_type"}
    said = await prefilled(up)
    [offer] = said["documents"]
    assert (offer["document"], offer["role"], offer["kind"]) == (kept["document"], "wife", CONFIRMATION)
    assert offer["name_vi"] == "Giấy xác nhận tình trạng hôn nhân"
    assert not {"number", "location"} & set(offer)
    assert said["sources"]["documents"]["outcome"] == "answered"
    answer = await fetched(up, offer["document"], agency="H41")
    assert answer.status_code == 200
    assert base64.b64decode(answer.json()["content"]) == TEXT
    assert answer.json()["sha256"] == hashlib.sha256(TEXT).hexdigest() == offer["sha256"]
    assert answer.json()["number"] == "17/2026-XN"


async def test_every_step_is_in_the_log_with_its_holder(up: Stack) -> None:
    """Registering, offering, fetching, revoking: decided with source `documents`, disclosed with the kind."""
    said = await up.call("/v1/documents", registration(), procedure=MARRIAGE)
    document = said.json()["document"]
    fetch = await fetched(up, document)
    dossier = await up.call(
        "/v1/dossiers/prefill", {"subjects": {"wife": PERSON, "husband": HUSBAND}}, procedure=MARRIAGE
    )
    ended = await up.call(REVOKE, {"document": document, "reason": "superseded"}, procedure=MARRIAGE)
    log = payloads(up)
    for answer, operation in ((said, "documents.register"), (fetch, "documents.fetch"), (ended, "documents.revoke")):
        disclosed = log[entry(answer)]
        decided = log[disclosed["decided"]]
        assert (disclosed["kind"], disclosed["operation"]) == ("disclosed", operation)
        assert disclosed["fields"] == [f"document.{CONFIRMATION}"]
        assert disclosed["outcomes"] == {"documents": "answered"}
        assert (decided["kind"], decided["sources"]) == ("decided", ["documents"])
        assert (disclosed["subject"]["role"], disclosed["subject"]["kind"]) == ("holder", "person")
    filled = log[entry(dossier)]
    assert f"document.{CONFIRMATION}" in filled["fields"]
    assert "documents" in log[filled["decided"]]["sources"]
    assert f"document.{CONFIRMATION}" in log[filled["decided"]]["fields"]


async def test_papers_of_an_answer_are_counted_in_its_entry(up: Stack) -> None:
    """At once and deferred, however often it is read; an answer that has nothing to do with papers says nothing."""
    papers = [await register(up, registration(number=number)) for number in ("1/2026", "2/2026")]
    subjects = {"subjects": {"wife": PERSON, "husband": HUSBAND}}
    plain = await up.call("/v1/dossiers/prefill", {"subjects": {"applicant": PERSON}}, procedure=RESIDENCE)
    answered = await up.call("/v1/dossiers/prefill", subjects, procedure=MARRIAGE)
    promised = await defer(up, "/v1/dossiers/prefill", subjects, procedure=MARRIAGE)
    read_later = await settled(up, promised.json()["job"], procedure=MARRIAGE)
    given = await fetched(up, papers[0]["document"])
    log = payloads(up)
    counted = [log[entry(one)].get("documents") for one in (plain, answered, read_later, given)]
    assert counted == [None, [2, 0], [2, 0], [0, 1]]


async def test_a_word_that_is_none_of_ours_is_told_which_are(up: Stack) -> None:
    """A reason that may not be given names those that may; what was sent is not repeated."""
    document = (await register(up, registration()))["document"]
    said = await up.call(REVOKE, {"document": document, "reason": "lost"}, procedure=MARRIAGE)
    assert said.status_code == 400
    assert said.json()["errors"] == [
        {
            "pointer": "/reason",
            "code": "value_invalid",
            "detail": "Must be revoked, issued_in_error, superseded or withdrawn.",
        }
    ]


async def test_registering_again_makes_no_second_document(up: Stack) -> None:
    """The same document has the same id, new particulars, and one content; another portal's is another."""
    first = await register(up, registration())
    again = await register(up, registration(valid_until="2099-12-31"))
    other = await register(up, registration(), agency="H41")
    assert first["document"] == again["document"] != other["document"]
    mine = [one for one in await offered(up) if one["document"] == first["document"]]
    assert [one["valid_until"] for one in mine] == ["2099-12-31"]
    assert len(objects(up)) == 2


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"sha256": "0" * 64}, "/sha256"),
        ({"sha256": "xyz"}, "/sha256"),
        ({"size": 1}, "/size"),
        ({"content": "%%%"}, "/content"),
        ({"content": None}, ""),
        ({"issued_on": "2026-02-30"}, "/issued_on"),
        ({"valid_until": "2020-01-01"}, "/valid_until"),
        ({"location": "http://portal.example/1"}, "/location"),
        ({"location": "https://portal.example/1?id=004192000123"}, "/location"),
        ({"holder": {**PERSON, "personal_id": "12"}}, "/holder/personal_id"),
        ({"replaces": "0" * 64}, "/replaces"),
        ({"number": "a\nb"}, "/number"),
    ],
)
async def test_what_is_wrong_with_a_registration_is_said_by_pointer(
    up: Stack, changes: dict[str, Any], pointer: str
) -> None:
    """400 value_invalid with the member at fault, and nothing is kept."""
    body = {name: value for name, value in (registration() | changes).items() if value is not None}
    said = await up.call("/v1/documents", body, procedure=MARRIAGE)
    assert (said.status_code, said.json()["code"]) == (400, "value_invalid"), said.text
    assert [flaw["pointer"] for flaw in said.json()["errors"]] == [pointer]
    assert payloads(up)[entry(said)]["kind"] == "refused"
    assert await offered(up) == []
    assert await up.gateway.state.world.vault.held(Space.DOCUMENT) == 0


async def test_who_may_not_have_a_document_learns_nothing(up: Stack) -> None:
    """Another holder, another birth date, another procedure, no such id: all the same not_found or no grant."""
    document = (await register(up, registration()))["document"]
    answers = [
        await fetched(up, document, HUSBAND),
        await fetched(up, document, {**PERSON, "birth_date": "1992-11-23"}),
        await fetched(up, document, {**PERSON, "full_name": "Nguyễn Thị Khác"}),
        await fetched(up, document, ENTERPRISE | {}, procedure="1.001612"),
        await fetched(up, "0" * 64),
        await fetched(up, document, TAXPAYER, procedure="1.001612"),
    ]
    codes = [(one.status_code, one.json()["code"]) for one in answers]
    none = (404, "not_found")
    assert codes == [none, none, none, (403, "field_not_granted"), none, none]
    assert len({one.json()["detail"] for one in answers if one.status_code == 404}) == 1
    other = await fetched(up, document, procedure=RESIDENCE)
    assert (other.status_code, other.json()["code"]) == (403, "field_not_granted")
    assert await offered(up, {**PERSON, "full_name": "Nguyễn Thị Khác"}) == []
    assert len(await offered(up, {**PERSON, "full_name": "NGUYEN THI MAU"})) == 1


async def test_a_kind_outside_the_grant_is_never_offered_or_given_out(up: Stack) -> None:
    """Of every kind there is, a marriage registration gets those it accepts; the rest it cannot fetch either."""
    kinds = up.gateway.state.policy.kinds.codes
    known = {kind: (await register(up, registration(kind=kind)))["document"] for kind in kinds}
    assert [one["kind"] for one in await offered(up)] == [CONFIRMATION, DEATH]
    for kind, document in known.items():
        said = await fetched(up, document)
        assert said.status_code == (200 if kind in (CONFIRMATION, DEATH) else 404)
    plain = await up.call("/v1/dossiers/prefill", {"subjects": {"applicant": PERSON}}, procedure=RESIDENCE)
    assert plain.json()["documents"] == []
    assert "documents" not in plain.json()["sources"]


async def test_what_ended_is_not_offered_and_the_reason_is_said(up: Stack) -> None:
    """Revoked, replaced, expired, not yet valid, too old: not offered, and not_found says which."""
    today = now().date()
    made = {
        "is revoked": registration(b"one"),
        "was replaced by another": registration(b"two"),
        "has expired": registration(b"three", valid_until=str(today - timedelta(days=3))),
        "is not yet valid": registration(b"four", valid_from=str(today + timedelta(days=3))),
        "is older than the procedure accepts": registration(b"five", issued_on=str(today - timedelta(days=400))),
    }
    known = {reason: (await register(up, body))["document"] for reason, body in made.items()}
    ended = await up.call(REVOKE, {"document": known["is revoked"], "reason": "withdrawn"}, procedure=MARRIAGE)
    assert ended.json() == {
        "document": known["is revoked"],
        "kind": CONFIRMATION,
        "state": "revoked",
        "reason": "withdrawn",
    }
    newer = registration(b"two again", replaces=known["was replaced by another"])
    follower = (await register(up, newer))["document"]
    assert (await register(up, newer))["document"] == follower
    assert [one["document"] for one in await offered(up)] == [follower]
    for reason, document in known.items():
        said = await fetched(up, document)
        assert (said.status_code, said.json()["code"]) == (404, "not_found")
        assert reason in said.json()["detail"]
    revived = await up.call("/v1/documents", made["is revoked"], procedure=MARRIAGE)
    assert (revived.status_code, revived.json()["code"]) == (400, "value_invalid")


async def test_only_the_registering_portal_may_end_a_document(up: Stack) -> None:
    """For others there is no such document to revoke or to replace."""
    document = (await register(up, registration()))["document"]
    said = await up.call(REVOKE, {"document": document, "reason": "revoked"}, procedure=MARRIAGE, agency="H41")
    assert (said.status_code, said.json()["code"]) == (404, "not_found")
    newer = registration(b"another", replaces=document)
    said = await up.call("/v1/documents", newer, procedure=MARRIAGE, agency="H41")
    assert (said.status_code, said.json()["errors"][0]["pointer"]) == (400, "/replaces")
    assert len(await offered(up)) == 1


async def test_of_two_that_replace_the_same_document_one_is_kept(up: Stack) -> None:
    """At once or one after the other: one answer is value_invalid, and nothing of that registration stays."""
    older = (await register(up, registration(b"older")))["document"]
    bodies = [registration(content, replaces=older) for content in (b"one", b"two", b"three", b"four")]
    said = await asyncio.gather(*(up.call("/v1/documents", body, procedure=MARRIAGE) for body in bodies))
    assert sorted(one.status_code for one in said) == [200, 400, 400, 400]
    assert {one.json()["errors"][0]["pointer"] for one in said if one.status_code == 400} == {"/replaces"}
    [kept] = [one.json()["document"] for one in said if one.status_code == 200]
    assert [one["document"] for one in await offered(up)] == [kept]
    assert len(objects(up)) == 2
    late = await up.call("/v1/documents", registration(b"five", replaces=older), procedure=MARRIAGE)
    assert (late.status_code, late.json()["errors"][0]["pointer"]) == (400, "/replaces")


async def test_a_portal_registers_only_the_kinds_it_may(up: Stack) -> None:
    """403 field_not_granted names those it may, for a kind that nobody knows too; nothing is kept, the log has it."""
    file = up.config / "portals" / "H41.toml"
    shipped = file.read_text(encoding="utf-8")
    may = json.dumps(document_kinds(up.config))
    try:
        file.write_text(shipped.replace(f"registers = {may}", f'registers = ["{DEATH}"]'), encoding="utf-8")
        up.gateway.reload(up.load())
        said = await up.call("/v1/documents", registration(), procedure=MARRIAGE, agency="H41")
        unknown = await up.call("/v1/documents", registration(kind="diploma"), procedure=MARRIAGE, agency="H41")
        allowed = await up.call("/v1/documents", registration(kind=DEATH), procedure=MARRIAGE, agency="H41")
    finally:
        file.write_text(shipped, encoding="utf-8")
        up.gateway.reload(up.load())
    assert (said.status_code, said.json()["code"]) == (403, "field_not_granted")
    assert said.json()["errors"] == [
        {
            "pointer": "/kind",
            "code": "field_not_granted",
            "detail": f"This portal may register documents of these kinds: {DEATH}.",
        }
    ]
    assert unknown.json()["errors"] == said.json()["errors"]
    assert said.json()["detail"] == said.json()["errors"][0]["detail"]
    assert payloads(up)[entry(said)]["kind"] == payloads(up)[entry(unknown)]["kind"] == "refused"
    assert allowed.status_code == 200
    assert await up.gateway.state.world.vault.held(Space.DOCUMENT) == 1


async def test_no_portal_crowds_out_the_papers_of_another(up: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many one registers after it, another's older paper is offered beside its newest."""
    monkeypatch.setattr(offers, "EACH", 2)
    quiet = (await register(up, registration(b"quiet")))["document"]
    loud = [
        (await register(up, registration(b"%d" % n, number=f"{n}/2026"), agency="H41"))["document"] for n in range(4)
    ]
    said = await offered(up)
    assert [(one["document"], one["registered_by"]) for one in said] == [
        (loud[3], "H41"),
        (loud[2], "H41"),
        (quiet, "H14"),
    ]


async def test_a_registered_death_gives_pause(up: Stack) -> None:
    """In every procedure that accepts the extract and for that role alone; a broken signature says nothing."""
    await register(up, registration(kind=DEATH, issued_on="2026-03-04"))
    said = await prefilled(up)
    assert said["doubts"]["wife"][-1:] == ["deceased"]
    assert "husband" not in said.get("doubts", {})
    [notice] = [one for one in said["notices"] if one["code"] == "deceased"]
    assert (notice["role"], notice["source"], notice["as_of"]) == ("wife", "documents", "2026-03-03T17:00:00Z")
    support = await up.call("/v1/dossiers/prefill", {"subjects": {"applicant": PERSON}}, procedure=SUPPORT)
    assert "deceased" in support.json()["doubts"]["applicant"]
    plain = await up.call("/v1/dossiers/prefill", {"subjects": {"applicant": PERSON}}, procedure=RESIDENCE)
    assert "deceased" not in plain.text
    agency = pki.party("Commune", pki.party("Root", ca=True, start=now() - timedelta(days=5)))
    broken = pki.sign_xml(pki.paper(), agency).replace(b"KH-1", b"KH-2")
    body = registration(broken, kind=DEATH, media_type="application/xml", holder=HUSBAND)
    assert (await register(up, body))["signature"]["outcome"] == "invalid"
    assert "husband" not in (await prefilled(up)).get("doubts", {})


async def test_a_paper_that_no_longer_counts_is_told_where_no_other_does(up: Stack) -> None:
    """Expired, or too old for the procedure: a doubt with name and day, in both languages; another paper ends it."""
    last = now().date() - timedelta(days=3)
    await register(up, registration(b"old", issued_on="2020-01-02"))
    assert [one["code"] for one in (await prefilled(up))["notices"] if one["role"] == "wife"][-1] == "document_too_old"
    await register(up, registration(b"ended", number="2/2026", valid_until=str(last)))
    said = await prefilled(up)
    assert said["documents"] == []
    assert said["doubts"]["wife"][-1] == "document_expired"
    notice = said["notices"][-1]
    assert (notice["role"], notice["source"], notice["code"]) == ("wife", "documents", "document_expired")
    on = f"{last:%d/%m/%Y}"
    assert notice["vi"] == f"Giấy tờ đã số hóa chỉ có hiệu lực đến hết ngày {on}: Giấy xác nhận tình trạng hôn nhân."
    assert notice["en"] == f"A digitised document was valid until {on} and no longer: Confirmation of marital status."
    assert notice["as_of"][:10] == str(last - timedelta(days=1))  # midnight in Vietnam, told in UTC
    page = await up.call("/v1/dossiers/H14-20261122-0000001/preview", method="GET", procedure=MARRIAGE)
    assert notice["vi"] in page.text
    await register(up, registration(b"sound", number="3/2026"))
    said = await prefilled(up)
    assert len(said["documents"]) == 1
    assert not [code for codes in said.get("doubts", {}).values() for code in codes if code.startswith("document_")]
    assert not [one for one in said.get("notices", []) if one["source"] == "documents"]


async def test_a_check_that_took_too_long_does_not_undo_an_earlier_one(
    up: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found of the very same bytes stays."""
    agency = pki.party("Commune", pki.party("Root", ca=True, start=now() - timedelta(days=5)))
    body = registration(pki.sign_xml(pki.paper(), agency), media_type="application/xml")
    first = await register(up, body)
    assert first["signature"]["outcome"] == "untrusted"

    async def late(*_: Any, **__: Any) -> Any:
        return {"outcome": examiner.NOT_CHECKED, "reason": "timed_out"}

    monkeypatch.setattr(examiner.Examiner, "report", late)
    assert (await register(up, body))["signature"] == first["signature"]
    other = await register(up, {**body, "number": "18/2026-XN"})
    assert other["signature"] == {"outcome": "not_checked", "reason": "timed_out"}


async def test_a_document_that_only_the_portal_keeps_is_given_by_its_address(up: Stack) -> None:
    """Without content the answer has the location and the hash, and the signature was not checked."""
    body = registration(None, location="https://kho.example.gov.vn/hs/8f1c", sha256="ab" * 32)
    kept = await register(up, body)
    assert kept["signature"] == {"outcome": "not_checked", "reason": "no_content"}
    said = (await fetched(up, kept["document"])).json()
    assert (said["location"], said["sha256"], "content" in said) == (body["location"], "ab" * 32, False)


async def test_an_altered_or_lost_content_is_not_given_out(up: Stack) -> None:
    """502 source_garbled: for a flipped bit, for another's content, and for none at all."""
    document = (await register(up, registration()))["document"]
    [file] = objects(up)
    whole = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    said = await fetched(up, document)
    assert (said.status_code, said.json()["code"]) == (502, "source_garbled")
    assert payloads(up)[entry(said)]["outcomes"] == {"documents": "garbled"}
    file.unlink()
    gone = await fetched(up, document)
    assert (gone.status_code, gone.json()["code"]) == (502, "source_garbled")


@pytest.mark.parametrize("lost", [True, False])
async def test_registering_again_mends_a_lost_or_altered_content(up: Stack, lost: bool) -> None:
    """The same id gives the bytes again; nothing of the broken content stays behind."""
    document = (await register(up, registration()))["document"]
    [file] = objects(up)
    if lost:
        file.unlink()
    else:
        file.chmod(0o600)
        file.write_bytes(file.read_bytes()[:-1])
    assert (await fetched(up, document)).status_code == 502
    assert (await register(up, registration()))["document"] == document
    assert base64.b64decode((await fetched(up, document)).json()["content"]) == TEXT
    assert len(objects(up)) == 1


async def test_a_row_whose_keeping_was_not_known_keeps_its_content(up: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit whose answer got lost: 503, and what the row names is still there when the call is repeated."""
    whole = Vault.change

    async def unheard(vault: Vault, space: Space, id: bytes, act: Any) -> Item | None:  # noqa: A002
        await whole(vault, space, id, act)
        raise VaultUnavailable("cannot_open")

    with monkeypatch.context() as patched:
        patched.setattr(Vault, "change", unheard)
        said = await up.call("/v1/documents", registration(), procedure=MARRIAGE)
    assert (said.status_code, said.json()["code"]) == (503, "source_unavailable")
    [file] = objects(up)
    assert await left_behind(up) == 0
    document = (await register(up, registration()))["document"]
    assert objects(up) == [file]
    assert base64.b64decode((await fetched(up, document)).json()["content"]) == TEXT


async def test_a_content_that_no_row_names_is_removed(up: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a call left that was broken off between content and row: not while a call may be under way, then once."""

    async def broken_off(*_: Any) -> None:
        raise VaultUnavailable("cannot_open")

    await register(up, registration(b"another"))
    with monkeypatch.context() as patched:
        patched.setattr(Vault, "change", broken_off)
        assert (await up.call("/v1/documents", registration(), procedure=MARRIAGE)).status_code == 503
    world = up.gateway.state.world
    assert len(objects(up)) == 2
    assert await keeping.sweep(world) == 0
    assert await left_behind(up) == 1
    assert len(objects(up)) == 1
    assert await world.vault.held(Space.CONTENT) == 0
    assert await left_behind(up) == 0


async def test_a_content_that_could_not_be_removed_is_removed_later(up: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old content of a document that was mended goes as soon as the store of objects can do it again."""
    await register(up, registration())
    [file] = objects(up)
    await asyncio.to_thread(file.write_bytes, b"\x01" + bytes(90))
    world = up.gateway.state.world

    async def away(*_: Any) -> None:
        raise ObjectsUnavailable("unavailable")

    with monkeypatch.context() as patched:
        patched.setattr(type(world.objects), "delete", away)
        document = (await register(up, registration()))["document"]
        assert len(objects(up)) == 2
        with pytest.raises(ObjectsUnavailable):
            await left_behind(up)
    assert await left_behind(up) == 1
    assert base64.b64decode((await fetched(up, document)).json()["content"]) == TEXT
    assert len(objects(up)) == 1


async def test_without_the_store_of_objects_a_call_says_so_and_a_pre_fill_is_whole(up: Stack) -> None:
    """503 source_unavailable for registering and fetching; offers need no content."""
    document = (await register(up, registration()))["document"]
    with contents(up):
        fetch = await fetched(up, document)
        more = await up.call("/v1/documents", registration(b"more"), procedure=MARRIAGE)
        assert len(await offered(up)) == 1
    for said in (fetch, more):
        assert (said.status_code, said.json()["code"]) == (503, "source_unavailable"), said.text
    assert (await fetched(up, document)).status_code == 200
    assert len(await offered(up)) == 1


async def test_without_the_log_nothing_is_registered_and_nothing_given(up: Stack) -> None:
    """503 log_unavailable, and the register is as it was."""
    document = (await register(up, registration()))["document"]
    store = Places.under(up.data_dir).store
    writing: Any = up.gateway.log._writer._store
    patience, writing._lock_wait = writing._lock_wait, 0.0
    try:
        with locked(store.with_name(store.name + ".lock"), wait=10):
            said = [
                await up.call("/v1/documents", registration(b"more"), procedure=MARRIAGE),
                await fetched(up, document),
                await up.call(REVOKE, {"document": document, "reason": "revoked"}, procedure=MARRIAGE),
            ]
    finally:
        writing._lock_wait = patience
    assert {(one.status_code, one.json()["code"]) for one in said} == {(503, "log_unavailable")}
    assert [one["document"] for one in await offered(up)] == [document]


async def test_a_row_that_cannot_be_opened_costs_a_pre_fill_its_documents_alone(up: Stack) -> None:
    """The source `documents` is garbled, the form is filled as ever."""
    await register(up, registration())
    vault = up.gateway.state.world.vault
    [item] = await vault.listed(Space.DOCUMENT, limit=2)
    sealer: Any = vault._sealer
    key, sealer._sealing = sealer._sealing, bytes(32)
    try:
        said = await prefilled(up)
    finally:
        sealer._sealing = key
    assert item.agency == "H14"
    assert said["sources"]["documents"]["outcome"] == "garbled"
    assert said["documents"] == []
    assert said["sources"]["population"]["outcome"] == "answered"
    assert said["reuse"]["fields_filled"] > 0


async def test_a_body_over_the_limit_is_refused_before_it_is_read(up: Stack) -> None:
    """413 body_too_large: contents count."""
    said = await up.call("/v1/documents", registration(bytes(300 * 1024)), procedure=MARRIAGE)
    assert (said.status_code, said.json()["code"]) == (413, "body_too_large")


async def test_a_content_may_be_longer_than_any_other_text_and_nothing_else_may(up: Stack) -> None:
    """base64 of a hundred thousand bytes passes; a long number or a doubled member does not."""
    large = bytes(range(256)) * 400
    assert (
        base64.b64decode((await fetched(up, (await register(up, registration(large)))["document"])).json()["content"])
        == large
    )
    long = await up.call("/v1/documents", registration(number="1" * 5000), procedure=MARRIAGE)
    assert (long.status_code, long.json()["code"]) == (400, "body_malformed")
    twice = b'{"content":"' + b"A" * 8000 + b'","content":"AAAA"}'
    token, digest = up.token("/v1/documents", twice, procedure=MARRIAGE)
    said = await up.send("/v1/documents", twice, token, digest)
    assert (said.status_code, said.json()["errors"][0]["pointer"]) == (400, "/content")


async def test_the_signature_of_the_issuing_agency_is_shown_with_the_offer(up: Stack) -> None:
    """A PDF and an XML of a trusted agency are valid, altered ones invalid; without authorities none is valid."""
    begins, ends = now() - timedelta(days=5), now() + timedelta(days=500)
    root = pki.party("Root", ca=True, start=begins, end=ends)
    agency = pki.party("Commune", root, start=begins, end=ends)
    pdf = await asyncio.to_thread(pki.sign_pdf, pki.blank_pdf(), agency)
    xml = pki.sign_xml(pki.paper(), agency)
    papers = {
        "valid": [(pdf, "application/pdf"), (xml, "application/xml")],
        "invalid": [
            (pki.overwrite_page(pdf, "Other"), "application/pdf"),
            (xml.replace(b"KH-1", b"KH-2"), "application/xml"),
        ],
    }
    for content, media in papers["valid"]:
        kept = await register(up, registration(content, media_type=media))
        assert kept["signature"]["outcome"] == "untrusted"
    file = up.config / "gateway.toml"
    shipped = file.read_text(encoding="utf-8")
    (up.config / "roots.pem").write_bytes(root.pem)
    try:
        file.write_text(shipped.replace("trust = []", 'trust = ["roots.pem"]'), encoding="utf-8")
        up.gateway.reload(up.load())
        for outcome, files in papers.items():
            for content, media in files:
                kept = await register(up, registration(content, media_type=media))
                assert kept["signature"]["outcome"] == outcome, (media, kept)
    finally:
        file.write_text(shipped, encoding="utf-8")
        up.gateway.reload(up.load())
    outcomes = sorted(one["signature"]["outcome"] for one in await offered(up))
    assert outcomes == ["invalid", "invalid", "valid", "valid"]


async def test_batches_and_deferred_calls_are_offered_the_same_documents(up: Stack) -> None:
    """Each line of a batch, and the answer of a job."""
    document = (await register(up, registration()))["document"]
    subjects = {"subjects": {"wife": PERSON, "husband": HUSBAND}}
    promised = await defer(up, "/v1/dossiers/prefill", subjects, procedure=MARRIAGE)
    job = await settled(up, promised.json()["job"], procedure=MARRIAGE)
    assert [one["document"] for one in job.json()["documents"]] == [document]
    async with _client(up) as client:
        lines = [
            one async for one in client.prefill_many([{"dossier": "D-1", **subjects}, {"dossier": "D-2", **subjects}])
        ]
    shown = [line.answer.document["documents"] for line in lines if line.answer is not None]
    assert [[one["document"] for one in documents] for documents in shown] == [[document], [document]]


async def test_the_client_makes_the_three_calls(up: Stack) -> None:
    """Register, fetch, revoke, each verified."""
    async with _client(up) as client:
        kept = await client.register_document(registration())
        document = kept.document["document"]
        given = await client.fetch_document(document, PERSON)
        assert base64.b64decode(given.document["content"]) == TEXT
        ended = await client.revoke_document(document, "issued_in_error")
        assert ended.document["state"] == "revoked"


async def test_the_answers_shown_in_the_reference_are_those_given(up: Stack) -> None:
    """The example bodies get the example answers, ids and times apart."""
    shown, asked = openapi_papers.ANSWERS, openapi_papers.REQUESTS
    kept = await up.call("/v1/documents", asked[Call.DOCUMENTS_REGISTER], procedure=SUPPORT)
    document = kept.json()["document"]
    fetch = await up.call(FETCH, {**asked[Call.DOCUMENTS_FETCH], "document": document}, procedure=SUPPORT)
    ended = await up.call(REVOKE, {**asked[Call.DOCUMENTS_REVOKE], "document": document}, procedure=SUPPORT)
    given = {Call.DOCUMENTS_REGISTER: kept, Call.DOCUMENTS_FETCH: fetch, Call.DOCUMENTS_REVOKE: ended}
    for call, answer in given.items():
        masked = {"document": openapi_papers.ID} | ({"retrieved_at": "x"} if "retrieved_at" in shown[call] else {})
        assert answer.json() | masked == shown[call] | masked


async def test_a_procedure_says_what_it_accepts(up: Stack) -> None:
    """Kinds, roles and ages; a procedure that accepts nothing has no such member."""
    said = (await up.call(f"/v1/procedures/{MARRIAGE}", method="GET", procedure=MARRIAGE)).json()
    assert [(one["kind"], one["role"], one["required"], one.get("max_age_days")) for one in said["documents"]] == [
        (CONFIRMATION, "wife", True, 183),
        (CONFIRMATION, "husband", True, 183),
        (DEATH, "wife", False, None),
        (DEATH, "husband", False, None),
    ]
    assert "documents" not in (await up.call(f"/v1/procedures/{RESIDENCE}", method="GET")).json()


async def test_stolen_files_show_nothing_of_a_document(up: Stack) -> None:
    """Neither holder, number, content nor address stands in any file of the data folder."""
    secret = b"the words of a synthetic certificate"
    await register(up, registration(secret, number="99/2026-BM", location="https://kho.example.gov.vn/hs/77aa"))
    wanted = [secret, b"99/2026-BM", b"hs/77aa", *(value.encode() for value in PERSON.values())]
    for file in up.data_dir.rglob("*"):
        if file.is_file() and "configuration" not in file.name:
            content = await asyncio.to_thread(file.read_bytes)
            assert not [text for text in wanted if text in content], file.name


async def test_erasing_a_subject_takes_the_contents_too(up: Stack) -> None:
    """Rows and objects of that subject are gone, those of others stay."""
    await register(up, registration())
    await register(up, registration(b"of another", holder=HUSBAND))
    world = up.gateway.state.world
    assert (
        await erasure.erase(
            [world.vault.tag("person", PERSON["personal_id"])], vault=world.vault, objects=world.objects
        )
        == 1
    )
    assert await world.vault.held(Space.DOCUMENT) == 1
    assert len(objects(up)) == 1


async def test_what_is_over_is_swept_with_its_content(up: Stack) -> None:
    """A row past its time goes together with its object; one that is not stays."""
    await register(up, registration())
    world = up.gateway.state.world
    assert await erasure.sweep(world) == 0
    later = world.now() + timedelta(days=3651)
    assert await erasure.sweep(replace(world, now=lambda: later)) == 1
    assert await world.vault.held(Space.DOCUMENT) == 0
    assert not objects(up)


async def test_what_ended_while_no_gateway_ran_is_swept_with_its_content(up: Stack) -> None:
    """A row that is past its own end still names its content."""
    await register(up, registration())
    world = up.gateway.state.world
    [item] = await world.vault.listed(Space.DOCUMENT, limit=2)
    past = world.now() - timedelta(days=1)
    await world.vault.put(replace(item, created=past - timedelta(days=1), expires=past))
    assert await world.vault.held(Space.DOCUMENT) == 0
    assert await erasure.tidy(world) == 1
    assert not objects(up)


def _client(up: Stack) -> GatewayClient:
    purpose = {"procedure": MARRIAGE, "dossier": "D-9", "officer": "o-7", "basis": "law"}
    return GatewayClient(up.base_url, iss="H14", signer=up.portals["H14"].signer, purpose=purpose)
