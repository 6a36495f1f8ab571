"""Deferred answers over several processes of one store: shared, taken over after kill -9, waited for by a drain."""

import asyncio
import re
import signal
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gateway.audit.check import check, parse_key
from gateway.audit.keys import Places
from gateway.audit.reading import newest
from gateway.audit.ring import KeyRing
from gateway.client import Answer, Deferred, Problem
from gateway.storage.sqlite_reader import SqliteReader
from tests.helpers.processes import Country, Running, country
from tests.helpers.stack import PERSON

SUBJECTS = {"applicant": PERSON}


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    """Mock registries as a process, for all tests of this module."""
    with country(tmp_path_factory.mktemp("land")) as made:
        yield made


async def _slow(land: Country, seconds: float) -> None:
    async with httpx.AsyncClient(timeout=30) as http:
        fault = {"fault": "slow", "seconds": seconds, "count": 1}
        (await http.post(f"{land.mocks['population']}/_mock/fault", json=fault)).raise_for_status()


async def _calls(land: Country) -> int:
    async with httpx.AsyncClient(timeout=30) as http:
        calls: int = (await http.get(f"{land.mocks['population']}/_mock/state")).json()["calls"]
        return calls


async def _until_asked(land: Country, before: int) -> None:
    """Until the registry has a call more than before: the slow one is under way."""
    ends = time.monotonic() + 60
    while await _calls(land) == before:
        assert time.monotonic() < ends
        await asyncio.sleep(0.02)


async def _promised(client: Any) -> Deferred:
    promised = await client.prefill(SUBJECTS, deferred=True)
    assert isinstance(promised, Deferred)
    return promised


def _log(land: Country) -> list[dict[str, Any]]:
    """The payloads of the log, oldest first."""
    places = Places.under(land.stage.data_dir)
    reader = SqliteReader(places.store)
    try:
        return [one.payload or {} for one in newest(reader, KeyRing(places.ring), subject=None)][::-1]
    finally:
        reader.close()


def _whole(land: Country, gateway: Running) -> None:
    key = parse_key(gateway.ready["log"]["public_key"])
    check(Places.under(land.stage.data_dir).store, key=key, earlier=[])


async def test_what_one_process_promised_another_tells(land: Country) -> None:
    """A portal need not know which process has its job."""
    one, two = land.gateway(), land.gateway()
    async with land.client(one) as first, land.client(two) as second:
        promised = await _promised(first)
        answers = [await client.wait(promised) for client in (second, first)]
        direct = await first.prefill(SUBJECTS)
    assert answers[0].body == answers[1].body
    assert answers[0].document["form"].keys() == direct.document["form"].keys()
    assert answers[0].document["reuse"] == direct.document["reuse"]
    assert one.end() == two.end() == 0


async def test_kill_9_of_the_process_that_works_on_a_job_does_not_lose_it(land: Country) -> None:
    """Another process takes the job over, asks again under a second `decided` entry, and the portal gets its answer."""
    one, two = land.gateway(), land.gateway()
    before = await _calls(land)
    await _slow(land, 60)
    async with land.client(one) as first, land.client(two) as second:
        await second.trust()
        promised = await _promised(first)
        await _until_asked(land, before)
        await asyncio.to_thread(one.kill)
        assert isinstance(await second.job(promised), Deferred)
        answer = await second.wait(promised, seconds=120)
    assert answer.document["sources"]["population"]["outcome"] == "answered"
    assert await _calls(land) == before + 2
    log = _log(land)
    assert promised.promise.receipt is not None
    assert answer.receipt is not None
    first_decision, told = log[promised.promise.receipt.index], log[answer.receipt.index]
    decisions = [one for one in log if one["kind"] == "decided" and one["req"] == first_decision["req"]]
    assert len(decisions) == 2
    assert decisions[0] == decisions[1]
    assert (told["kind"], told["decided"]) == ("disclosed", promised.promise.receipt.index)
    _whole(land, two)
    assert two.end() == 0


async def test_a_job_survives_the_death_of_every_process(land: Country) -> None:
    """The next start finds it: nothing of a job is only in memory."""
    one = land.gateway()
    await _slow(land, 60)
    before = await _calls(land)
    async with land.client(one) as first:
        promised = await _promised(first)
        await _until_asked(land, before)
        await asyncio.to_thread(one.kill)
    two = land.gateway()
    async with land.client(two) as second:
        answer = await second.wait(promised, seconds=120)
    assert isinstance(answer, Answer)
    assert answer.document["sources"]["population"]["outcome"] == "answered"
    assert two.end() == 0


async def test_a_stopping_gateway_waits_for_its_jobs(land: Country) -> None:
    """SIGTERM: the job under way ends first, new calls are told `draining`, another process tells the answer."""
    one, two = land.gateway(), land.gateway()
    await _slow(land, 4.0)
    before = await _calls(land)
    async with land.client(one) as first, land.client(two) as second:
        await second.trust()
        promised = await _promised(first)
        one.child.send_signal(signal.SIGTERM)
        refused = await _refused(first, promised)
        assert one.child.poll() is None
        assert await asyncio.to_thread(one.child.wait, 60) == 0
        answer = await second.job(promised)
    assert isinstance(answer, Answer)
    assert refused.code == "draining"
    assert await _calls(land) == before + 1
    assert '"complete": "true"' in one.log.read_text(encoding="utf-8")
    assert two.end() == 0


async def _refused(client: Any, promised: Deferred) -> Problem:
    """The first problem of a job that is pending until then: a signal takes its moment to arrive."""
    while True:
        try:
            assert isinstance(await client.job(promised), Deferred)
        except Problem as problem:
            return problem
        await asyncio.sleep(0.02)


async def test_a_gateway_that_may_not_wait_hands_its_jobs_over(land: Country) -> None:
    """When the drain time is over the job is free at once: another process finishes it before any lease runs out."""
    files = [land.stage.config / name for name in ("gateway.toml", "sources.toml")]
    before = [path.read_text(encoding="utf-8") for path in files]
    try:
        for path, text in zip(files, before, strict=True):
            path.write_text(
                re.sub(r"(deadline|drain)_seconds = (5|10|20)\b", r"\1_seconds = 1", text), encoding="utf-8"
            )
        one = land.gateway()
    finally:
        for path, text in zip(files, before, strict=True):
            path.write_text(text, encoding="utf-8")
    two = land.gateway()
    await _slow(land, 60)
    asked = await _calls(land)
    async with land.client(one) as first, land.client(two) as second:
        await second.trust()
        promised = await _promised(first)
        await _until_asked(land, asked)
        one.child.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(one.child.wait, 60) == 0
        answer = await second.wait(promised, seconds=120)
    assert answer.document["sources"]["population"]["outcome"] == "answered"
    assert '"complete": "false"' in one.log.read_text(encoding="utf-8")
    assert two.end() == 0


async def test_no_process_writes_anything_about_the_person_of_a_job(land: Country) -> None:
    """After jobs that were done, failed and taken over, no identifier or name stands in any log line."""
    gateway = land.gateway()
    async with land.client(gateway) as client, httpx.AsyncClient(timeout=30) as http:
        await client.wait(await _promised(client))
        await http.post(f"{land.mocks['population']}/_mock/fault", json={"fault": "malformed", "count": 2})
        with pytest.raises(Problem):
            await client.wait(await client.defer("/v1/persons/verify", PERSON))
        metrics = (await http.get(f"{gateway.ready['ops_url']}/metrics")).text
    assert gateway.end() == 0
    written = land.logs() + metrics
    assert '"event": "job"' in written
    for secret in (*PERSON.values(), "officer-07"):
        assert secret not in written
