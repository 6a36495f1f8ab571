"""Many dossiers in one call, over real sockets: each line's own outcome, log entries, turns, and what ends a batch."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.audit.reading import Opened
from gateway.cli.main import app
from gateway.client import BatchLine
from gateway.reuse.counting import said
from mocks.country import person
from mocks.country.interesting import INTERESTING
from signing.digest import content_digest
from tests.helpers.batching import (
    PREFILL,
    asked,
    begun,
    client,
    entry_of,
    headers,
    lines_of,
    send,
    timeless,
    under_way,
    written,
)
from tests.helpers.deferring import payloads
from tests.helpers.stack import ENTERPRISE, PERSON, RESIDENCE, TAXPAYER, THREE, Stack, now

pytestmark = pytest.mark.asyncio(loop_scope="module")


def another(personal_id: str) -> dict[str, str]:
    """Somebody else of the mock country, as they are asked about."""
    one = person(personal_id)
    assert one is not None
    parts = (one.birth.year, one.birth.month, one.birth.day)
    born = "-".join(f"{part:02}" for part in parts if part is not None)
    return {"personal_id": personal_id, "full_name": one.full_name, "birth_date": born}


async def test_a_line_says_what_the_call_itself_says(up: Stack) -> None:
    """For a complete, a conflicting and a refused question: the single call's document, times and instance apart."""
    everybody = {"applicant": PERSON, "enterprise": ENTERPRISE, "taxpayer": TAXPAYER}
    bodies: list[dict[str, Any]] = [
        {"subjects": everybody},
        {"subjects": everybody, "declared": {"phone": "0900 111 222"}},
        {"subjects": {"applicant": {**PERSON, "full_name": "Trần Văn Khác"}}},
        {"subjects": {"stranger": PERSON}},
        {"subjects": {"applicant": {**PERSON, "personal_id": "1"}}},
        {"subjects": everybody, "declared": {"nothing": 1}},
    ]
    many = lines_of(await send(up, [{"dossier": f"D-{n}", **b} for n, b in enumerate(bodies)], procedure=THREE))
    for n, body in enumerate(bodies):
        purpose = {"procedure": THREE, "dossier": f"D-{n}", "officer": "officer-07", "basis": "law"}
        single = await up.call(PREFILL, body, purpose=purpose)
        line = many[n + 1]
        said_there, alone = line["result" if line["status"] == 200 else "problem"], single.json()
        for one in (said_there, alone):
            one.pop("instance", None)
        assert (line["dossier"], line["status"]) == (f"D-{n}", single.status_code)
        assert timeless(said_there) == timeless(alone)


async def test_everybody_of_note_in_the_mock_country_is_the_same_in_a_batch(up: Stack) -> None:
    """Odd births, moved addresses, the dead: a line of a batch and the call differ in times only."""
    numbers = [i.identifier for i in INTERESTING if i.register == "population" and person(i.identifier) is not None]
    people = [another(number) for number in numbers]
    assert len(people) > 10
    many = lines_of(await send(up, [asked(f"D-{n}", one) for n, one in enumerate(people)]))
    for n, one in enumerate(people):
        purpose = {"procedure": RESIDENCE, "dossier": f"D-{n}", "officer": "officer-07", "basis": "law"}
        alone = await up.call(PREFILL, {"subjects": {"applicant": one}}, purpose=purpose)
        assert (many[n + 1]["status"], alone.status_code) == (200, 200)
        assert timeless(many[n + 1]["result"]) == timeless(alone.json())


async def test_each_line_has_its_own_outcome_and_the_end_counts_them(up: Stack) -> None:
    """Malformed, doubled, refused and unknown beside good ones: problems with pointers, and nothing else is lost."""
    lines = [
        asked("D-1"),
        b"nonsense",
        asked("D-1"),
        asked("D-4", {**PERSON, "birth_date": "1992-02-31"}),
        b"",
        {"subjects": {"applicant": PERSON}},
        asked("D-7", declared={"x": "y" * 300_000}),
        asked("D-8"),
    ]
    answered = await send(up, lines)
    found = lines_of(answered)
    pointers = {
        n: [e["pointer"] for e in line["problem"].get("errors", ())] for n, line in found.items() if "problem" in line
    }
    assert [found[n]["status"] for n in range(10)] == [200, 200, 400, 400, 400, 400, 400, 413, 200, 200]
    assert pointers[3] == ["/dossier"]
    assert pointers[4] == ["/subjects/applicant/birth_date"]
    assert pointers[6] == ["/dossier"]
    assert [found[n]["dossier"] for n in (2, 4, 5, 6, 7)] == [None, "D-4", None, None, None]
    assert found[0]["begin"] == {"lines": 8}
    before = answered.content[: answered.content.rindex(b'{"line":9,')]
    assert found[9]["end"] == {"lines": 8, "answered": 2, "refused": 6, "digest": content_digest(before)}


async def test_the_log_has_entries_for_each_line_and_for_the_batch(up: Stack) -> None:
    """One token; `decided` and `disclosed` of each dossier, `refused` of a bad line, beginning and end of the batch."""
    found = lines_of(await send(up, [asked("L-1"), asked("L-2"), b"{}"]))
    log = payloads(up)
    opened, ended = log[entry_of(found[0])], log[entry_of(found[4])]
    for number, dossier in ((1, "L-1"), (2, "L-2")):
        told = log[entry_of(found[number])]
        decided = log[told["decided"]]
        assert (told["kind"], told["operation"], told["dossier"], told["line"]) == (
            *("disclosed", "dossiers.prefill", dossier),
            number,
        )
        assert (decided["kind"], decided["dossier"], decided["line"]) == ("decided", dossier, number)
        assert told["req"] == decided["req"] == opened["req"] == ended["req"]
    bad = log[entry_of(found[3])]
    assert (bad["kind"], bad["operation"], bad["line"]) == ("refused", "dossiers.batch", 3)
    for whole in (opened, ended):
        assert (whole["kind"], whole["operation"], whole["fields"]) == ("disclosed", "dossiers.batch", [])
        assert "line" not in whole
    assert opened["token"] == ended["token"] == log[log[entry_of(found[1])]["decided"]]["token"]
    assert entry_of(found[0]) < log[entry_of(found[1])]["decided"]
    counted = [
        said(Opened(0, now(), one["kind"], "", b"", one)) for one in (opened, bad, ended, log[entry_of(found[1])])
    ]
    assert [one and one.dossier for one in counted] == [None, None, None, "L-1"]


async def test_a_hanging_registry_holds_up_its_own_line_only(up: Stack) -> None:
    """The others are answered before it; the slow one comes last, with what is known about its source."""
    slow = another("001080000011")
    await up.mock("population", "fault", {"fault": "slow", "seconds": 4.0, "subject": slow["personal_id"]})
    lines = [asked("S-1", slow), *(asked(f"S-{n}") for n in range(2, 7))]
    order = [json.loads(line)["line"] for line in (await send(up, lines)).text.splitlines()]
    assert order[0] == 0
    assert sorted(order[1:6]) == [2, 3, 4, 5, 6]
    assert order[6:] == [1, 7]


async def test_a_refusing_registry_is_told_in_each_dossier(up: Stack) -> None:
    """A dossier whose source is down is a result, as in a single call."""
    await up.mock("population", "fault", {"fault": "http_503"})
    found = lines_of(await send(up, [asked("R-1"), asked("R-2")]))
    assert [found[n]["result"]["sources"]["population"]["outcome"] for n in (1, 2)] == ["unavailable"] * 2


async def test_calls_are_answered_while_batches_wait_for_slow_registries(up: Stack) -> None:
    """Two portals' batches of slow lines: single calls of both end before either, and both go forward together."""
    slow = another("001080000011")
    await up.mock("population", "fault", {"fault": "slow", "seconds": 2.0, "subject": slow["personal_id"]})
    ends: dict[str, list[float]] = {"H14": [], "H41": []}

    async def reading(agency: str) -> None:
        async with under_way(up, [asked(f"{agency}-{n}", slow) for n in range(16)], agency=agency) as answered:
            async for _ in answered.aiter_lines():
                ends[agency].append(time.monotonic())

    running = [asyncio.create_task(reading(agency)) for agency in ends]
    for agency in ends:
        await begun(up, 4, agency=agency)
    for agency in ("H14", "H41", "H14", "H41"):
        answered = await up.call(PREFILL, {"subjects": {"applicant": PERSON}}, agency=agency)
        assert answered.status_code == 200
    assert not any(task.done() for task in running)
    await up.mock("population", "fault", {"fault": "slow", "seconds": 0.3, "subject": slow["personal_id"]})
    await asyncio.gather(*running)
    assert {len(times) for times in ends.values()} == {18}
    # neither was done before the other was well on its way
    assert ends["H14"][-1] > ends["H41"][9]
    assert ends["H41"][-1] > ends["H14"][9]


async def test_a_batch_s_token_counts_once(up: Stack) -> None:
    """The same batch again is `request_replayed` as a whole, and asks nothing."""
    body = written([asked("T-1"), asked("T-2")])
    head = headers(up, body)
    first = await up.http.post(up.base_url + PREFILL, content=body, headers=head)
    calls = (await up.mock("population", "state"))["calls"]
    again = await up.http.post(up.base_url + PREFILL, content=body, headers=head)
    assert (first.status_code, again.status_code, again.json()["code"]) == (200, 401, "request_replayed")
    assert again.headers["content-digest"] == content_digest(again.content)
    assert (await up.mock("population", "state"))["calls"] == calls


@pytest.mark.parametrize(
    ("lines", "changes", "status", "code"),
    [
        ([], {}, 401, "digest_mismatch"),
        ([b"x"] * 1001, {}, 413, "body_too_large"),
        ([b"x" * 1_100_000], {}, 413, "body_too_large"),
        ([asked("W-1")], {"procedure": "9.999999"}, 403, "procedure_unknown"),
        ([asked("W-1")], {"aud": "https://elsewhere.example"}, 401, "audience_wrong"),
    ],
)
async def test_what_is_wrong_with_the_whole_is_a_problem_of_the_whole(
    up: Stack, lines: list[Any], changes: dict[str, Any], status: int, code: str
) -> None:
    """Token, size, number and the right to pre-fill are settled before the first line."""
    answered = await send(up, lines, **changes)
    assert (answered.status_code, answered.headers["content-type"]) == (status, "application/problem+json")
    assert answered.json()["code"] == code


async def test_one_changed_byte_refuses_the_whole(up: Stack) -> None:
    """The signature is over the body: nobody on the way adds a line."""
    body = written([asked("B-1")])
    answered = await up.http.post(
        up.base_url + PREFILL, content=body + written([asked("B-2")]), headers=headers(up, body)
    )
    assert (answered.status_code, answered.json()["code"]) == (401, "digest_mismatch")


async def test_the_client_gives_out_verified_lines_and_misses_no_end(up: Stack) -> None:
    """Answers with receipts, problems with pointers, and the iteration ends when the gateway signed that it is all."""
    async with client(up) as portal:
        sent = [asked("C-1"), asked("C-2"), asked("C-1")]
        found: dict[int, BatchLine] = {line.number: line async for line in portal.prefill_many(sent)}
        first, third = found[1].answer, found[3].problem
        assert first is not None
        assert first.receipt is not None
        assert first.document["dossier"] == "C-1"
        assert third is not None
        assert (third.code, third.errors[0]["pointer"]) == ("value_invalid", "/dossier")
        assert (await portal.prove(first)).receipt == first.receipt


async def test_the_log_with_a_batch_verifies_and_knows_a_line_that_was_kept(up: Stack, tmp_path: Path) -> None:
    """The checker accepts the log, and `log match` recognises the result and the signature of one line as evidence."""
    answered = await send(up, [asked("V-1"), asked("V-2")])
    line = next(one for one in answered.content.split(b"\n") if one.startswith(b'{"line":2,'))
    kept, signature = tmp_path / "result.json", tmp_path / "signature.txt"
    kept.write_bytes(line.partition(b',"result":')[2].removesuffix(b"}"))
    signature.write_text(json.loads(line)["signature"], encoding="utf-8")
    entry = entry_of(json.loads(line))
    matching = ["match", str(entry), "--body", str(kept), "--signature", str(signature)]
    for command in (["verify"], matching):
        arguments = ["log", *command, "--data-dir", str(up.data_dir)]
        result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
        assert result.exit_code == 0, result.output


async def test_each_line_has_its_own_consent(up: Stack) -> None:
    """With basis consent the entries of a line name the agreement of its citizen, not that of the token."""
    purpose = {"procedure": RESIDENCE, "dossier": "B", "officer": "o-7", "basis": "consent", "consent": "batch"}
    found = lines_of(await send(up, [asked("A-1", consent="agreed-1"), asked("A-2")], purpose=purpose))
    told = payloads(up)[entry_of(found[1])]
    assert (found[1]["status"], told["basis"], told["consent"]) == (200, "consent", "agreed-1")
    assert [flaw["pointer"] for flaw in found[2]["problem"]["errors"]] == ["/consent"]
