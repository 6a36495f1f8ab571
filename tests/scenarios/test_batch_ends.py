"""What ends a batch, or holds it up: limits, a caller who leaves or does not read, a stop, a reload, its own time."""

import asyncio
import json
import socket
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway import batch
from gateway.api import app as api
from gateway.edge.limits import Limits
from gateway.model import Call
from gateway.server import public_edge
from gateway.world import Arrived
from tests.gateway.edge.wire import listening
from tests.helpers.batching import PREFILL, asked, begun, entry_of, headers, lines_of, send, under_way, written
from tests.helpers.deferring import payloads
from tests.helpers.stack import PERSON, Stack, away_from_midnight, portal_file

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_portal_has_two_batches_at_once(up: Stack) -> None:
    """A third is `rate_limited`; when one has ended there is a place again."""
    await up.mock("population", "fault", {"fault": "slow", "seconds": 2.0})
    both = [asyncio.create_task(send(up, [asked("P-1")])) for _ in range(2)]
    await begun(up, 2, batches=2)
    third = await send(up, [asked("P-1")])
    await asyncio.gather(*both)
    assert (third.status_code, third.json()["code"]) == (429, "rate_limited")
    await up.mock("population", "reset")
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
    await begun(up, 4)
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
    most = state.policy.batch.at_once_each
    calls, ends = 2 + 2 * most, time.monotonic() + 10  # taken, waiting to be sent, and waiting for room to wait
    while (await up.mock("population", "state"))["calls"] < calls:
        assert time.monotonic() < ends
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.5)
    assert (await up.mock("population", "state"))["calls"] == calls
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
    await begun(up, 4, agency="H41")
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


async def test_at_the_edge_a_caller_who_never_reads_is_cut_off(up: Stack) -> None:
    """Behind the real edge: his batch stops when the socket is full, and ends with his connection."""
    state = up.gateway.state
    body = written([asked(f"E-{n}") for n in range(900)])
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers(up, body).items())
    head = f"POST {PREFILL} HTTP/1.1\r\nhost: gateway.example\r\n{lines}content-length: {len(body)}\r\n\r\n"
    async with listening(api.build(state), public_edge(state, Limits(answer_seconds=1.0))) as (port, running):
        for bound in (one for each in running.servers for one in each.sockets):
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # full after some lines, not hundreds
        caller = socket.socket()
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        caller.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(caller, ("127.0.0.1", port))
            await asyncio.get_running_loop().sock_sendall(caller, head.encode() + body)
            ends = time.monotonic() + 30
            while not state.world.admission.under_way:  # noqa: ASYNC110 - it tells in no other way
                await asyncio.sleep(0.01)
            while state.world.admission.under_way:
                assert time.monotonic() < ends
                await asyncio.sleep(0.05)
        finally:
            caller.close()
    assert (await up.mock("population", "state"))["calls"] < 900


async def test_after_its_time_no_line_is_begun(up: Stack) -> None:
    """Lines under way are answered; the others are told that they were not begun."""
    state, policy = up.gateway.state, up.gateway.state.policy
    await up.mock("population", "fault", {"fault": "slow", "seconds": 0.5})
    running = asyncio.create_task(send(up, [asked(f"O-{n}") for n in range(6)]))
    await begun(up, 4)
    state.policy = replace(policy, batch=replace(policy.batch, deadline=timedelta(seconds=0.3)))
    try:
        found = lines_of(await running)
    finally:
        state.policy = policy
    codes = [found[n].get("problem", {}).get("code", "ok") for n in range(1, 7)]
    assert sorted(codes) == ["ok"] * 4 + ["overloaded"] * 2
    assert found[7]["end"]["answered"] == 4


async def test_a_batch_goes_at_the_portal_s_pace_and_its_calls_go_before(up: Stack) -> None:
    """Over the rate lines wait, and a call finds its half of the burst; the day's quota ends both."""
    up.portals["H44"] = portal_file(up.config, "H44", kid="h44-k")
    place = up.config / "portals" / "H44.toml"
    text = place.read_text(encoding="utf-8")
    limited = text.replace("per_second = 1000\nburst = 1000", "per_second = 5\nburst = 6\nper_day = 14")
    place.write_text(limited, encoding="utf-8")
    up.gateway.reload(up.load())
    await away_from_midnight()
    began = time.monotonic()
    running = asyncio.create_task(send(up, [asked(f"Q-{n}") for n in range(14)], agency="H44"))
    ends = began + 10
    while "H44" not in up.gateway.state.world.shares._shares:
        assert time.monotonic() < ends
        await asyncio.sleep(0.01)
    calls = [await up.call(PREFILL, {"subjects": {"applicant": PERSON}}, agency="H44") for _ in range(2)]
    found = lines_of(await running)
    codes = [found[n].get("problem", {}).get("code", "ok") for n in range(1, 15)]
    assert [one.status_code for one in calls] == [200, 200]
    assert codes.count("ok") == 14 - 1 - 2  # the batch itself and the two calls count too
    assert codes.count("quota_exhausted") == 3
    assert time.monotonic() - began > 8 / 5
