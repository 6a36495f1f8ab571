"""Many dossiers in one call, over real sockets: each line's own outcome, log entries, turns, and what ends a batch."""

import asyncio
import json
import time
from typing import Any

import pytest

from gateway import batch
from gateway.client import BatchLine
from gateway.model import Call
from gateway.world import Arrived
from mocks.country import person
from signing.digest import content_digest
from tests.helpers.batching import (
    PREFILL,
    asked,
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
from tests.helpers.stack import ENTERPRISE, PERSON, TAXPAYER, THREE, Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")


def another(personal_id: str) -> dict[str, str]:
    """Somebody else of the mock country, as they are asked about."""
    one = person(personal_id)
    assert one is not None
    born = f"{one.birth.year}-{one.birth.month:02}-{one.birth.day:02}"
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
        said, alone = line["result" if line["status"] == 200 else "problem"], single.json()
        said.pop("instance", None), alone.pop("instance", None)
        assert (line["dossier"], line["status"]) == (f"D-{n}", single.status_code)
        assert timeless(said) == timeless(alone)


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


async def test_a_hanging_registry_holds_up_its_own_line_only(up: Stack) -> None:
    """The others are answered before it; the slow one comes last, with what is known about its source."""
    slow = another("001080000011")
    await up.mock("population", "fault", {"fault": "slow", "seconds": 1.5, "subject": slow["personal_id"]})
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
    """Two portals' batches of slow lines: single calls of both are quick, and both batches go forward together."""
    slow = another("001080000011")
    await up.mock("population", "fault", {"fault": "slow", "seconds": 0.5, "subject": slow["personal_id"]})
    ends: dict[str, list[float]] = {"H14": [], "H41": []}

    async def reading(agency: str) -> None:
        async with under_way(up, [asked(f"{agency}-{n}", slow) for n in range(16)], agency=agency) as answered:
            async for _ in answered.aiter_lines():
                ends[agency].append(time.monotonic())

    running = [asyncio.create_task(reading(agency)) for agency in ends]
    took = []
    await asyncio.sleep(0.3)
    for agency in ("H14", "H41", "H14", "H41"):
        began = time.monotonic()
        answered = await up.call(PREFILL, {"subjects": {"applicant": PERSON}}, agency=agency)
        took.append(time.monotonic() - began)
        assert answered.status_code == 200
    assert not any(task.done() for task in running)
    await asyncio.gather(*running)
    assert max(took) < 1.5
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


async def test_a_portal_has_two_batches_at_once(up: Stack) -> None:
    """A third is `rate_limited`; when one has ended there is a place again."""
    await up.mock("population", "fault", {"fault": "slow", "seconds": 0.5})
    both = [asyncio.create_task(send(up, [asked("P-1")])) for _ in range(2)]
    await asyncio.sleep(0.2)
    third = await send(up, [asked("P-1")])
    await asyncio.gather(*both)
    assert (third.status_code, third.json()["code"]) == (429, "rate_limited")
    assert (await send(up, [asked("P-1")])).status_code == 200


async def test_a_caller_who_leaves_ends_the_batch(up: Stack) -> None:
    """Lines under way end in the log, no other is begun, and no place stays taken."""
    await up.mock("population", "fault", {"fault": "slow", "seconds": 0.3})
    async with under_way(up, [asked(f"G-{n}") for n in range(200)]) as answered:
        async for line in answered.aiter_lines():
            if json.loads(line)["line"]:
                break
    ends = time.monotonic() + 10
    while up.gateway.state.world.admission.under_way:
        assert time.monotonic() < ends
        await asyncio.sleep(0.05)
    calls = (await up.mock("population", "state"))["calls"]
    assert calls < 20
    await asyncio.sleep(0.5)
    assert (await up.mock("population", "state"))["calls"] == calls
    mine = [p for p in payloads(up).values() if str(p.get("dossier", "")).startswith("G-")]
    assert sum(p["kind"] == "decided" for p in mine) == sum(p["kind"] == "disclosed" for p in mine) == calls


async def test_a_stopping_gateway_begins_no_further_line(up: Stack) -> None:
    """Lines under way are answered, the others are `draining` each, and the end is signed."""
    await up.mock("population", "fault", {"fault": "slow", "seconds": 0.5})
    running = asyncio.create_task(send(up, [asked(f"X-{n}") for n in range(12)]))
    await asyncio.sleep(0.3)
    up.gateway.state.draining = True
    try:
        found = lines_of(await running)
    finally:
        up.gateway.state.draining = False
    codes = [found[n].get("problem", {}).get("code", "ok") for n in range(1, 13)]
    assert set(codes) == {"ok", "draining"}
    assert codes.count("ok") == 4
    assert found[13]["end"]["refused"] == 8
    assert payloads(up)[entry_of(found[12])]["code"] == "draining"


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


async def test_a_caller_who_does_not_read_stops_the_batch(up: Stack) -> None:
    """No more lines are begun than can wait to be sent, and other batches of the portal have their turns."""
    state, body = up.gateway.state, written([asked(f"N-{n}") for n in range(100)])
    head = headers(up, body)
    arrived = Arrived(
        call=Call.DOSSIERS_BATCH,
        method="POST",
        path=PREFILL,
        authorization=(head["authorization"],),
        content_digest=(head["content-digest"],),
        body=body,
        procedure=None,
        instance=state.instance(),
    )
    stream = await batch.exchange(arrived, lambda: (state.policy, state.world, state.draining))
    assert isinstance(stream, batch.Stream)
    for _ in range(3):
        await anext(stream.lines)
    await asyncio.sleep(0.7)
    calls = (await up.mock("population", "state"))["calls"]
    most = state.policy.batch.at_once_each
    assert calls <= 2 + 2 * most  # taken, waiting to be sent, and waiting for room to wait
    assert lines_of(await send(up, [asked("N-1")]))[2]["end"]["answered"] == 1
    stream.stop()
    ends = time.monotonic() + 10
    while state.world.admission.under_way:
        assert time.monotonic() < ends
        await asyncio.sleep(0.05)
    assert (await up.mock("population", "state"))["calls"] <= calls + 1


async def test_keys_and_grants_withdrawn_meanwhile_hold_for_the_lines_not_begun(up: Stack) -> None:
    """A batch outlives a reload, and what was taken away by it is not given any more."""
    await up.mock("population", "fault", {"fault": "slow", "seconds": 0.5})
    running = asyncio.create_task(send(up, [asked(f"K-{n}") for n in range(12)], agency="H41"))
    await asyncio.sleep(0.3)
    place = up.config / "portals" / "H41.toml"
    before = place.read_text(encoding="utf-8")
    try:
        place.write_text(f"suspended = true\n{before}", encoding="utf-8")
        up.gateway.reload(up.load())
        found = lines_of(await running)
    finally:
        place.write_text(before, encoding="utf-8")
        up.gateway.reload(up.load())
    codes = [found[n].get("problem", {}).get("code", "ok") for n in range(1, 13)]
    assert codes.count("ok") == 4
    assert codes.count("portal_suspended") == 8
