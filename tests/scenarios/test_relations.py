"""Relations over sockets: reached and told, found by an auditor, spared by faults at the second step, and never without
the log."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from gateway.audit.keys import Places
from gateway.audit.reading import newest
from gateway.audit.ring import KeyRing
from gateway.storage.sqlite_reader import SqliteReader
from mocks.country import person
from tests.helpers.batching import entry_of, lines_of, send
from tests.helpers.deferring import defer, entry, payloads, read, settled
from tests.helpers.papers import registration
from tests.helpers.stack import ENTERPRISE, PERSON, THREE, Stack, stack

pytestmark = pytest.mark.asyncio(loop_scope="module")

BIRTH, SHOP = "1.001193", "2.000720"
HUSBAND = "004092660876"
DECLARED = {"father_birth_date": "1992-12-17"}
ASKED = {"subjects": {"applicant": PERSON, "mother": PERSON}, "declared": DECLARED}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """One stack, whose sources have short deadlines and patient breakers."""
    async with stack(tmp_path_factory.mktemp("relations"), procedures=[BIRTH, SHOP, THREE]) as made:
        path = made.config / "sources.toml"
        text = path.read_text(encoding="utf-8").replace("deadline_seconds = 5", "deadline_seconds = 3")
        path.write_text(text.replace("breaker_failures = 10", "breaker_failures = 1000"), encoding="utf-8")
        for adapter in made.gateway.reload(made.load()):
            await adapter.close()
        yield made


async def _prefill(up: Stack, document: Any = None, *, procedure: str = BIRTH) -> Any:
    answered = await up.call("/v1/dossiers/prefill", document or ASKED, procedure=procedure)
    assert answered.status_code == 200, answered.text
    return answered


def _of_call(up: Stack, index: int) -> list[dict[str, Any]]:
    """The entries of a call in order."""
    log = payloads(up)
    return [said for _, said in sorted(log.items()) if said.get("req") == log[index]["req"]]


def _about(up: Stack, number: str) -> list[dict[str, Any]]:
    """What an auditor finds who types a number."""
    places = Places.under(up.data_dir)
    reader = SqliteReader(places.store)
    try:
        return [one.payload or {} for one in newest(reader, KeyRing(places.ring), subject=number)]
    finally:
        reader.close()


async def test_an_auditor_finds_whoever_was_reached(up: Stack) -> None:
    """The father was not named: the decision before his question and the disclosure carry his tag, role and law."""
    answered = await _prefill(up)
    said = answered.json()
    assert said["reached"] == {"father": {"from": "mother", "via": "person.spouse", "depth": 1}}
    assert said["form"]["father_personal_id"]["value"] == HUSBAND
    kinds = [(e["kind"], e["subject"]["role"]) for e in _of_call(up, entry(answered))]
    assert kinds == [
        ("decided", "applicant"), ("decided", "mother"), ("decided", "father"),
        ("disclosed", "applicant"), ("disclosed", "mother"), ("disclosed", "father"),
    ]  # fmt: skip
    found = [e for e in _about(up, HUSBAND) if e["req"] == _of_call(up, entry(answered))[0]["req"]]
    assert {e["kind"] for e in found} == {"decided", "disclosed"}
    for one in found:
        assert one["subject"]["via"] == {
            "from": "mother", "field": "person.spouse", "depth": 1,
            "basis": "Law on Marriage and Family 52/2014/QH13 art. 88",
        }  # fmt: skip
    assert HUSBAND not in json.dumps(found)


async def test_a_deferred_answer_says_the_same(up: Stack) -> None:
    """The background follows too, with its own decision, and the reading of the job names the one reached."""
    now = (await _prefill(up)).json()
    promised = await defer(up, "/v1/dossiers/prefill", ASKED, procedure=BIRTH)
    later = await settled(up, promised.json()["job"], procedure=BIRTH)
    assert later.json()["reached"] == now["reached"]
    assert [e["subject"]["role"] for e in _of_call(up, entry(promised))] == ["applicant", "mother", "father"]
    last = [e["subject"] for e in _of_call(up, entry(later)) if e["kind"] == "disclosed"]
    assert any(one["role"] == "father" and one["via"]["field"] == "person.spouse" for one in last)


async def test_papers_of_whoever_was_reached_are_offered(up: Stack) -> None:
    """Only where he was reached, under the decision that names him and the kind; at once and deferred alike."""
    husband = person(HUSBAND)
    assert husband is not None
    holder = {"personal_id": HUSBAND, "full_name": husband.full_name, "birth_date": DECLARED["father_birth_date"]}
    body = registration(kind="marriage_certificate", holder=holder)
    kept = await up.call("/v1/documents", body, procedure=BIRTH, agency="H41")
    assert kept.status_code == 200, kept.text
    answered = await _prefill(up)
    [offer] = answered.json()["documents"]
    assert (offer["role"], offer["document"]) == ("father", kept.json()["document"])
    assert answered.json()["sources"]["documents"]["outcome"] == "answered"
    decided = [e for e in _of_call(up, entry(answered)) if e["kind"] == "decided" and e["subject"]["role"] == "father"]
    assert [("documents" in e["sources"], "document.marriage_certificate" in e["fields"]) for e in decided] == [
        (True, True)
    ]
    promised = await defer(up, "/v1/dossiers/prefill", ASKED, procedure=BIRTH)
    later = await settled(up, promised.json()["job"], procedure=BIRTH)
    assert [one["document"] for one in later.json()["documents"]] == [offer["document"]]
    alone = await _prefill(up, {**ASKED, "declared": {}})
    assert "reached" not in alone.json()
    assert alone.json()["documents"] == []


@pytest.mark.parametrize("fault", ["hang", "http_500", "malformed", "wrong_subject"])
async def test_a_fault_at_the_second_step_spares_the_first(up: Stack, fault: str) -> None:
    """The tax register fails about the shop: everything about its owner is there, and the answer is in time."""
    found = person("004185000004")
    assert found is not None
    owner = {"personal_id": "004185000004", "full_name": found.full_name, "birth_date": "1985-10-20"}
    await up.mock("tax", "fault", {"fault": fault})
    began = time.monotonic()
    said = (await _prefill(up, {"subjects": {"applicant": owner}}, procedure=SHOP)).json()
    assert time.monotonic() - began < up.gateway.state.policy.deadline
    assert said["form"]["full_name"]["status"] == "ok"
    assert {m["field"]: m["reason"] for m in said["missing"]}["business_name"] == "unavailable"
    assert said["reached"]["taxpayer"]["from"] == "applicant"


async def test_a_hop_after_a_source_that_hangs_is_not_made(up: Stack) -> None:
    """The first step fails: why stands beside the fields of the second, whose registry is not asked."""
    before = (await up.mock("tax", "state"))["calls"]
    await up.mock("business", "fault", {"fault": "hang"})
    document = {"subjects": {"applicant": PERSON, "enterprise": ENTERPRISE}}
    said = (await _prefill(up, document, procedure=THREE)).json()
    assert said["form"]["full_name"]["status"] == "ok"
    missing = {m["field"]: m for m in said["missing"]}
    assert missing["tax_status"] == {"field": "tax_status", "reason": "unavailable", "source": "business"}
    assert "reached" not in said
    assert (await up.mock("tax", "state"))["calls"] == before


async def test_no_log_no_hop(up: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log fails before the second step: `log_unavailable`, and nobody was asked about the father."""
    from gateway.audit.errors import LogUnavailable

    log, written = up.gateway.log, 0
    append = log.append

    async def once(event: Any, **more: Any) -> Any:
        nonlocal written
        written += 1
        if written > 1:
            raise LogUnavailable("store")
        return await append(event, **more)

    monkeypatch.setattr(log, "append", once)
    before = (await up.mock("population", "state"))["calls"]
    refused = await up.call("/v1/dossiers/prefill", ASKED, procedure=BIRTH)
    assert (refused.status_code, refused.json()["code"]) == (503, "log_unavailable")
    assert (await up.mock("population", "state"))["calls"] == before + 1
    assert HUSBAND not in refused.text


async def test_without_the_birth_date_nobody_is_guessed(up: Stack) -> None:
    """Nothing declared: one question, and the father's fields say that he cannot be reached."""
    before = (await up.mock("population", "state"))["calls"]
    said = (await _prefill(up, {"subjects": ASKED["subjects"]})).json()
    reasons = {m["field"]: m["reason"] for m in said["missing"] if m["field"].startswith("father_")}
    assert set(reasons.values()) == {"not_reachable"}
    assert (await up.mock("population", "state"))["calls"] == before + 1


async def test_a_wrong_birth_date_confirms_nothing(up: Stack) -> None:
    """The registry does not know the three together: no value of his, and a doubt instead of a reason why."""
    said = (await _prefill(up, {**ASKED, "declared": {"father_birth_date": "1991-01-01"}})).json()
    assert said["doubts"]["father"] == ["relation_not_confirmed"]
    assert HUSBAND not in json.dumps(said)


async def test_a_portal_can_read_how_a_role_is_reached(up: Stack) -> None:
    """The description of a procedure says it with the law; a role that only the portal can name has none."""
    told = (await up.call(f"/v1/procedures/{BIRTH}", method="GET", procedure=BIRTH)).json()["roles"]
    assert told["father"]["via"]["role"] == "mother"
    assert told["father"]["via"]["birth_date"] == "father_birth_date"
    assert told["father"]["via"]["basis"].startswith("Law on Marriage and Family")
    assert "via" not in told["mother"]


async def test_a_line_of_a_batch_follows_like_a_call(up: Stack) -> None:
    """Each line has its own further decision, with the line's number and dossier."""
    answered = await send(up, [{"dossier": f"H14-20261122-000002{n}", **ASKED} for n in (1, 2)], procedure=BIRTH)
    lines = lines_of(answered)
    for number in (1, 2):
        assert lines[number]["result"]["reached"]["father"]["via"] == "person.spouse"
    decided = [
        (e["line"], e["dossier"])
        for e in _of_call(up, entry_of(lines[1]))
        if e["kind"] == "decided" and e["subject"]["role"] == "father"
    ]
    assert sorted(decided) == [(1, "H14-20261122-0000021"), (2, "H14-20261122-0000022")]


async def test_a_relation_that_was_withdrawn_meanwhile_withholds_the_answer(up: Stack) -> None:
    """The job was found while the line stood in the grant; without it the answer is not handed out, with it it is."""
    promised = await defer(up, "/v1/dossiers/prefill", ASKED, procedure=BIRTH)
    job = promised.json()["job"]
    assert (await settled(up, job, procedure=BIRTH)).status_code == 200
    path = up.config / "grants" / f"{BIRTH}.txt"
    text = path.read_text(encoding="utf-8")
    try:
        kept = [line for line in text.splitlines(keepends=True) if not line.startswith("follow ")]
        path.write_text("".join(kept), encoding="utf-8")
        for adapter in up.gateway.reload(up.load()):
            await adapter.close()
        withdrawn = await read(up, job, procedure=BIRTH)
        assert (withdrawn.status_code, withdrawn.json()["code"]) == (403, "field_not_granted")
        assert "reached" not in (await _prefill(up)).json()
    finally:
        path.write_text(text, encoding="utf-8")
        for adapter in up.gateway.reload(up.load()):
            await adapter.close()
    assert (await read(up, job, procedure=BIRTH)).status_code == 200
