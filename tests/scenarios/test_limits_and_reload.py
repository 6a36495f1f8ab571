"""Limits, quotas, reloads and the end of calls, through the whole gateway."""

import asyncio
import json

import pytest

from config.errors import ConfigError
from gateway.audit.keys import Places
from gateway.audit.reading import Opened, newest
from gateway.audit.ring import KeyRing
from gateway.storage.sqlite_reader import SqliteReader
from signing import jws
from signing.encoding import base64url
from tests.helpers.stack import PERSON, Stack, away_from_midnight, portal_file

pytestmark = pytest.mark.asyncio(loop_scope="module")

VERIFY = "/v1/persons/verify"


def _entries(up: Stack, last: int) -> list[Opened]:
    places = Places.under(up.data_dir)
    reader = SqliteReader(places.store)
    try:
        entries = newest(reader, KeyRing(places.ring), subject=None)
        return [entry for entry, _ in zip(entries, range(last), strict=False)]
    finally:
        reader.close()


def _limited(up: Stack, agency: str, **limits: float) -> None:
    if agency not in up.portals:
        up.portals[agency] = portal_file(up.config, agency, kid=f"{agency.lower()}-k")
    path = up.config / "portals" / f"{agency}.toml"
    head, keys = path.read_text("utf-8").split("[[keys]]", 1)
    head = head.split("[limits]")[0]
    wanted = {"per_second": 1000, "burst": 1000, "in_flight": 512, "body_kib": 256, **limits}
    block = "".join(f"{name} = {value}\n" for name, value in wanted.items())
    path.write_text(f"{head}[limits]\n{block}\n[[keys]]{keys}", "utf-8")
    up.gateway.reload(up.load())


async def test_a_rate_is_told_with_the_time_to_wait_and_recorded(up: Stack) -> None:
    """Over the rate: 429 with Retry-After, signed, with a log entry."""
    _limited(up, "H43", per_second=0.01, burst=2)
    answers = [await up.call(VERIFY, PERSON, agency="H43") for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "rate_limited"
    assert int(answers[2].headers["retry-after"]) >= 1
    assert jws.parse(answers[2].headers["gateway-signature"]).claims()["entry"]["index"] > 0


async def test_replays_do_not_use_up_the_day_s_quota(up: Stack) -> None:
    """One token sent again and again leaves the quota to the portal's own calls."""
    _limited(up, "H44", per_day=2)
    await away_from_midnight()
    body = json.dumps(PERSON).encode()
    token, digest = up.token(VERIFY, body, agency="H44")
    codes = [(await up.send(VERIFY, body, token, digest)).json().get("code", "ok") for _ in range(4)]
    fresh = [(await up.call(VERIFY, PERSON, agency="H44")).json().get("code", "ok") for _ in range(2)]
    assert codes == ["ok", *["request_replayed"] * 3]
    assert fresh == ["ok", "quota_exhausted"]


async def test_a_portal_s_own_body_limit_holds(up: Stack) -> None:
    """A portal limited to 1 KiB may not send two."""
    _limited(up, "H45", body_kib=1)
    answered = await up.call(VERIFY, {**PERSON, "x": "y" * 2000}, agency="H45")
    assert (answered.status_code, answered.json()["code"]) == (413, "body_too_large")


async def test_a_refusal_records_what_was_asked_for(up: Stack) -> None:
    """Which fields were denied, and which source did not answer, stands in the entry."""
    await up.call("/v1/persons/lookup", {**PERSON, "fields": ["person.religion"]})
    (denied,) = _entries(up, 1)
    await up.mock("population", "fault", {"fault": "http_503"})
    await up.call("/v1/persons/lookup", {**PERSON, "fields": ["person.sex"]})
    failed, decided = _entries(up, 2)
    assert denied.payload is not None
    assert failed.payload is not None
    assert (denied.payload["code"], denied.payload["fields"]) == ("field_not_granted", ["person.religion"])
    assert failed.payload["code"] == "source_unavailable"
    assert failed.payload["outcomes"] == {"population": "unavailable"}
    assert failed.payload["decided"] == decided.index
    assert "token" not in failed.payload


async def test_a_cancelled_call_is_answered_and_its_log_entry_is_closed(up: Stack) -> None:
    """A server that stops in the middle of a call still ends it in the log, and signs the answer."""
    await up.mock("population", "fault", {"fault": "hang"})
    before = set(asyncio.all_tasks())
    calling = asyncio.create_task(up.call(VERIFY, PERSON))
    while not (await up.mock("population", "state"))["calls"]:  # noqa: ASYNC110 - the mock is asked, it does not tell
        await asyncio.sleep(0.01)
    for task in asyncio.all_tasks() - before - {calling}:
        if "RequestResponseCycle.run_asgi" in repr(task.get_coro()):
            task.cancel()
    answered = await calling
    ended, decided = _entries(up, 2)
    assert (answered.status_code, answered.json()["code"]) == (503, "draining")
    assert ended.payload is not None
    assert (ended.payload["code"], ended.payload["decided"]) == ("draining", decided.index)


async def test_a_reload_takes_new_limits_and_keeps_untouched_adapters(up: Stack) -> None:
    """Sizes follow the files; a source whose block did not change keeps its connections and its breaker."""
    before = dict(up.gateway.state.world.adapters)
    sources = up.config / "sources.toml"
    sources.write_text(f"# a remark\n{sources.read_text('utf-8')}", "utf-8")
    gateway = up.config / "gateway.toml"
    text = gateway.read_text("utf-8")
    gateway.write_text(text.replace("body_kib = 256", "body_kib = 512"), "utf-8")
    assert up.gateway.reload(up.load()) == []
    assert up.gateway.state.world.adapters == before
    assert up.gateway.state.body_bytes == 512 * 1024


async def test_a_reload_refuses_what_needs_a_restart(up: Stack) -> None:
    """Another audience would contradict what is published and signed: it is refused and nothing changes."""
    gateway = up.config / "gateway.toml"
    text = gateway.read_text("utf-8")
    policy = up.gateway.state.policy
    gateway.write_text(text.replace('audience = ""', 'audience = "https://elsewhere.example"'), "utf-8")
    try:
        with pytest.raises(ConfigError, match="Restart the gateway to change: audience"):
            up.gateway.reload(up.load())
    finally:
        gateway.write_text(text, "utf-8")
    assert up.gateway.state.policy is policy


async def test_examining_a_broken_token_is_no_defect(up: Stack) -> None:
    """Whatever is missing from a sandbox token, `debug/verify` answers with checks."""
    first = '{"typ":"gateway-request+jwt","kid":"h14-test"}'
    token = f"{base64url(first.encode())}.{base64url(b'{}')}.{base64url(b'x')}"
    answered = await up.send("/v1/debug/verify", b"{}", token, None)
    assert answered.status_code == 200
    assert not answered.json()["valid"]
