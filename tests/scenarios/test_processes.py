"""What only shows with real processes: shared replay protection, kill -9, drain, reload, and silence about people."""

import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gateway.audit.check import check, parse_key
from gateway.audit.keys import Places
from gateway.audit.reading import newest
from gateway.audit.ring import KeyRing
from gateway.client import Answer, GatewayError, Problem
from gateway.storage.sqlite_reader import SqliteReader
from mocks.country import enterprise, person
from signing import digest, request
from tests.helpers.processes import Country, Running, country
from tests.helpers.stack import ENTERPRISE, PERSON, RESIDENCE, ROOT, TAXPAYER, THREE, now


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    """Mock registries as a process, for all tests of this module."""
    with country(tmp_path_factory.mktemp("land")) as made:
        yield made


def _signed(land: Country, base_url: str, jti: str) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(PERSON, ensure_ascii=False).encode()
    token, covered = request.request_token(
        land.signer,
        iss="H14",
        aud=base_url,
        method="POST",
        url=f"{base_url}/v1/persons/verify",
        body=body,
        purpose={"procedure": RESIDENCE, "dossier": "H14-20261122-0000042", "officer": "officer-07", "basis": "law"},
        at=now(),
        jti=jti,
    )
    return body, {
        "authorization": f"Bearer {token}",
        "content-digest": covered or "",
        "content-type": "application/json",
    }


async def test_a_token_is_used_once_over_all_processes_of_a_store(land: Country) -> None:
    """Two gateways with one public address and one store: sent to both at once, exactly one answers."""
    public = "https://gateway.example"
    one, two = (land.gateway("--public-url", public) for _ in range(2))
    async with httpx.AsyncClient(timeout=30) as http:
        for number in range(10):
            body, headers = _signed(land, public, f"shared-token-{number:04d}")
            answers = await asyncio.gather(
                *(
                    http.post(f"{gateway.ready['listening']}/v1/persons/verify", content=body, headers=headers)
                    for gateway in (one, two, one, two)
                )
            )
            codes = sorted(a.json().get("code", "ok") for a in answers)
            assert codes == ["ok", "request_replayed", "request_replayed", "request_replayed"]
    assert one.end() == 0
    assert two.end() == 0
    _verified(land, two)


async def _load(client: Any, received: list[Answer], stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            received.append(await client.verify_person(**PERSON))
        except GatewayError:
            await asyncio.sleep(0.01)


def _verified(land: Country, gateway: Running) -> int:
    report = check(
        Places.under(land.stage.data_dir).store,
        key=parse_key(gateway.ready["log"]["public_key"]),
        earlier=[],
    )
    return report.entries


def _payloads(land: Country) -> dict[int, tuple[bytes, dict[str, Any]]]:
    places = Places.under(land.stage.data_dir)
    reader = SqliteReader(places.store)
    try:
        return {
            entry.index: (entry.leaf, entry.payload or {})
            for entry in newest(reader, KeyRing(places.ring), subject=None)
        }
    finally:
        reader.close()


async def test_kill_9_under_load_loses_no_answered_call(land: Country) -> None:
    """After kill -9 at random instants every answer a client received is in the log, and the tree verifies."""
    received: list[Answer] = []
    randomness = random.Random(2026)
    for _ in range(4):
        gateway = land.gateway()
        stop = asyncio.Event()
        async with land.client(gateway) as client:
            await client.trust()
            callers = [asyncio.create_task(_load(client, received, stop)) for _ in range(12)]
            # by answers and not by the clock, so that a busy machine is under load too
            wanted = len(received) + randomness.randint(13, 60)
            async with asyncio.timeout(180):
                while len(received) < wanted:  # noqa: ASYNC110 - answers come from another process
                    await asyncio.sleep(0.001)
            await asyncio.to_thread(gateway.kill)
            stop.set()
            await asyncio.gather(*callers)
    survivor = land.gateway()
    entries = _payloads(land)
    assert len(received) > 50
    for answer in received:
        assert answer.receipt is not None
        leaf, payload = entries[answer.receipt.index]
        assert leaf == answer.receipt.leaf
        assert payload["req"] == request.token_hash(answer.request_token or "")
        assert payload["digest"] == digest.content_digest(answer.body)
    assert _verified(land, survivor) == len(entries)
    assert survivor.end() == 0


async def test_a_stopping_gateway_ends_its_calls_and_takes_no_new_ones(land: Country) -> None:
    """SIGTERM: a call under way is answered, new ones are told `draining`, readiness says so, the exit status is 0."""
    gateway = land.gateway()
    async with httpx.AsyncClient(timeout=30) as http, land.client(gateway) as client:
        await client.trust()
        mock = f"{land.mocks['population']}/_mock"
        await http.post(f"{mock}/reset")
        await http.post(f"{mock}/fault", json={"fault": "slow", "seconds": 4.0, "count": 1})
        under_way = asyncio.create_task(client.verify_person(**PERSON))
        while not (await http.get(f"{mock}/state")).json()["calls"]:
            assert not under_way.done()
            await asyncio.sleep(0.02)
        gateway.child.send_signal(signal.SIGTERM)
        while (ready := await http.get(f"{gateway.ready['ops_url']}/health/ready")).status_code == 200:
            assert not under_way.done()
            await asyncio.sleep(0.02)
        with pytest.raises(Problem) as refused:
            await client.verify_person(**PERSON)
        answer = await under_way
    assert (ready.status_code, ready.json()["checks"]["draining"]) == (503, "draining")
    assert (refused.value.status, refused.value.code) == (503, "draining")
    assert answer.document == {"match": True}
    assert await asyncio.to_thread(gateway.child.wait, 60) == 0


async def test_a_key_is_revoked_without_a_restart(land: Country) -> None:
    """SIGHUP takes a changed portal file; a broken one is refused and the old policy stays."""
    gateway = land.gateway()
    portal = land.stage.config / "portals" / "H14.toml"
    before = portal.read_text(encoding="utf-8")
    async with land.client(gateway) as client:
        await client.verify_person(**PERSON)
        try:
            portal.write_text(before + "nonsense = [", encoding="utf-8")
            gateway.child.send_signal(signal.SIGHUP)
            await _until(lambda: "reload_refused" in gateway.log.read_text(encoding="utf-8"))
            await client.verify_person(**PERSON)
            portal.write_text(before.rstrip() + f"\nrevoked_at = {now():%Y-%m-%dT%H:%M:%SZ}\n", encoding="utf-8")
            gateway.child.send_signal(signal.SIGHUP)
            await _until(lambda: '"reloaded"' in gateway.log.read_text(encoding="utf-8"))
            with pytest.raises(Problem) as refused:
                await client.verify_person(**PERSON)
        finally:
            portal.write_text(before, encoding="utf-8")
    assert refused.value.code == "key_revoked"
    assert gateway.end() == 0


async def _until(holds: Any) -> None:
    ends = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < ends
        await asyncio.sleep(0.02)


async def test_no_process_writes_anything_about_a_person(land: Country) -> None:
    """After right, wrong and failing calls, no identifier, name or address stands in any log or metric."""
    gateway = land.gateway()
    subjects = {"applicant": PERSON, "enterprise": ENTERPRISE, "taxpayer": TAXPAYER}
    known = person(PERSON["personal_id"])
    firm = enterprise(ENTERPRISE["enterprise_code"])
    assert known is not None
    assert firm is not None
    async with land.client(gateway, procedure=THREE) as client, httpx.AsyncClient(timeout=30) as http:
        await client.prefill(subjects, {"phone": "0900 111 222"})
        for source, fault in (
            ("population", "malformed"),
            ("population", "soap_fault"),
            ("business", "wrong_subject"),
            ("business", "malformed"),
            ("tax", "wrapped"),
            ("tax", "reset_mid_body"),
        ):
            await http.post(f"{land.mocks[source]}/_mock/fault", json={"fault": fault, "count": 2})
            await client.prefill(subjects)
        for bad in ({**PERSON, "full_name": "Nguyễn Thị Mẫu 7"}, {**PERSON, "birth_date": "1992-02-31"}):
            with pytest.raises(Problem):
                await client.lookup_person(**bad)
        metrics = (await http.get(f"{gateway.ready['ops_url']}/metrics")).text
    assert gateway.end() == 0
    written = land.logs() + metrics
    secrets = [
        *PERSON.values(),
        "0900 111 222",
        "officer-07",
        ENTERPRISE["enterprise_code"],
        known.full_name.upper(),
        known.permanent.text,
        known.father.full_name,
        firm.name,
        firm.head_office.text,
    ]
    assert '"event": "call"' in written
    for secret in secrets:
        assert secret not in written
        assert secret.casefold() not in written.casefold()


async def _again_and_again(client: Any, times: int) -> None:
    for _ in range(times):
        await client.verify_person(**PERSON)


async def test_a_full_disk_stops_answers_and_recovers_by_itself(land: Country) -> None:
    """When the log cannot grow, callers get `log_unavailable` and no data; afterwards calls succeed again."""
    gateway = land.gateway()
    limit = ROOT / "tests" / "helpers" / "file_limit.py"
    async with land.client(gateway) as client:
        # so many that what the process writes about itself is beyond the limit too, as it is on a full disk
        await _again_and_again(client, 60)
        # the file-size limit of the running process: the same failure to the writer as a full disk
        subprocess.run([sys.executable, str(limit), str(gateway.child.pid), "4096"], check=True)
        with pytest.raises(Problem) as refused:
            await _again_and_again(client, 400)
        subprocess.run([sys.executable, str(limit), str(gateway.child.pid), "-1"], check=True)
        answer = await client.verify_person(**PERSON)
    assert (refused.value.status, refused.value.code) == (503, "log_unavailable")
    assert answer.document == {"match": True}
    assert gateway.end() == 0
    _verified(land, gateway)
