"""Gateways on PostgreSQL, as a country runs them: several processes, one log; the server goes and comes back."""

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from gateway.audit.check import check_export, parse_key
from gateway.audit.export import Exporter
from gateway.audit.keys import Places, open_signer
from gateway.audit.reading import opened
from gateway.audit.ring import KeyRing
from gateway.client import Answer, GatewayClient, GatewayError, Problem
from gateway.storage.opening import Location, open_reader
from signing import digest, request
from tests.helpers.postgres import (
    GATEWAY,
    Server,
    SmallDisk,
    as_role,
    fresh_database,
    postgres_server,
    small_disk,
)
from tests.helpers.processes import Country, country
from tests.helpers.stack import PERSON

ORIGIN = "lienthong.example/access-log"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A PostgreSQL server; a test that ends it starts it again."""
    with postgres_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def land(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    """Mock registries, and a place for gateways that write to PostgreSQL with the gateway's rights."""
    url = as_role(fresh_database(server), GATEWAY)
    with country(tmp_path_factory.mktemp("land")) as made:
        yield replace(made, environ={**made.environ, "LT_STORE_URL": url})


def proved(land: Country, received: list[Answer], out: Path) -> int:
    """Every answer is in the log under its leaf and digest, and an export of the log verifies; how many entries."""
    places = Places.under(land.stage.data_dir)
    reader = open_reader(Location(url=land.environ["LT_STORE_URL"]))
    ring = KeyRing(places.ring)
    try:
        for answer in received:
            assert answer.receipt is not None
            entry = opened(reader.rows(answer.receipt.index, answer.receipt.index + 1)[0], ring)
            assert entry.leaf == answer.receipt.leaf
            assert entry.payload is not None
            assert entry.payload["req"] == request.token_hash(answer.request_token or "")
            assert entry.payload["digest"] == digest.content_digest(answer.body)
        exported = Exporter(reader, open_signer(places, ORIGIN).key, out, ring=None).write()
    finally:
        reader.close()
    report = check_export(out, key=parse_key(places.vkey.read_text()))
    assert report.entries == exported.size
    return exported.size


async def calls(client: GatewayClient, received: list[Answer], refused: list[str], stop: asyncio.Event) -> None:
    """Call until told to stop; keep every answer and the code of every problem."""
    while not stop.is_set():
        try:
            received.append(await client.verify_person(**PERSON))
        except Problem as problem:
            refused.append(problem.code)
            await asyncio.sleep(0.02)
        except GatewayError:
            await asyncio.sleep(0.02)


async def test_two_gateways_write_one_log_and_one_is_killed(land: Country, tmp_path: Path) -> None:
    """Both answer; kill -9 of one loses none of its answers and does not stop the other."""
    one, two = land.gateway(), land.gateway()
    first: list[Answer] = []
    second: list[Answer] = []
    stop = asyncio.Event()
    async with land.client(one) as client_one, land.client(two) as client_two:
        await client_one.trust()
        await client_two.trust()
        tasks = [
            asyncio.create_task(calls(client, received, [], stop))
            for client, received in ((client_one, first), (client_two, second))
            for _ in range(6)
        ]
        await until(lambda: len(first) > 40 and len(second) > 40)
        await asyncio.to_thread(one.kill)
        before = len(second)
        await until(lambda: len(second) > before + 40)
        stop.set()
        await asyncio.gather(*tasks)
    assert await asyncio.to_thread(proved, land, first + second, tmp_path / "export") > 160
    indices = [answer.receipt.index for answer in first + second if answer.receipt]
    assert len(set(indices)) == len(indices)
    assert two.end() == 0


async def test_without_its_store_a_gateway_gives_nothing_and_recovers_by_itself(
    land: Country, server: Server, tmp_path: Path
) -> None:
    """The server dies under load: callers hear `log_unavailable`, no registry is asked; it is back: calls go on."""
    received = await starved(land, server.kill, server.start)
    await asyncio.to_thread(proved, land, received, tmp_path / "export")


@pytest.fixture
def disk(server: Server) -> Iterator[tuple[SmallDisk, str]]:
    """A store on a disk that can be filled, and its address with the gateway's rights."""
    url = fresh_database(server)
    with small_disk(server, url) as made:
        yield made, as_role(url, GATEWAY)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
async def test_with_a_full_store_a_gateway_gives_nothing_and_recovers_by_itself(
    land: Country, disk: tuple[SmallDisk, str], tmp_path: Path
) -> None:
    """The server's disk is full under load: the same, and once there is room calls go on."""
    small, url = disk
    other = replace(land, environ={**land.environ, "LT_STORE_URL": url}, count=100)
    received = await starved(other, small.fill, small.clear)
    await asyncio.to_thread(proved, other, received, tmp_path / "export")


async def starved(land: Country, take: Callable[[], None], give: Callable[[], None]) -> list[Answer]:
    """Callers while a gateway's store is taken away and given back; the answers they got."""
    gateway = land.gateway()
    received: list[Answer] = []
    refused: list[str] = []
    stop = asyncio.Event()
    async with land.client(gateway) as client, httpx.AsyncClient(timeout=30) as http:
        await client.trust()
        tasks = [asyncio.create_task(calls(client, received, refused, stop)) for _ in range(6)]
        await until(lambda: len(received) > 30)
        await asyncio.to_thread(take)
        await until(lambda: refused.count("log_unavailable") > 10)
        answered, asked = len(received), await _asked(http, land)
        told = len(refused)
        await until(lambda: len(refused) > told + 10)
        assert (len(received), await _asked(http, land)) == (answered, asked)
        assert (await http.get(f"{gateway.ready['ops_url']}/health/ready")).status_code == 503
        await asyncio.to_thread(give)
        await until(lambda: len(received) > answered + 30)
        stop.set()
        await asyncio.gather(*tasks)
    assert set(refused) == {"log_unavailable"}
    assert gateway.end() == 0
    return received


async def _asked(http: httpx.AsyncClient, land: Country) -> int:
    """How many questions the population registry was asked."""
    state = (await http.get(f"{land.mocks['population']}/_mock/state")).json()
    return int(state["calls"])


async def until(reached: Callable[[], bool], *, seconds: float = 180.0) -> None:
    """Wait until a condition holds; fail when it does not for a long time."""
    async with asyncio.timeout(seconds):
        while not reached():  # noqa: ASYNC110 - what it waits for happens in other processes
            await asyncio.sleep(0.02)
