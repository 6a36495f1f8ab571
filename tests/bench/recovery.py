"""`make bench-recovery`: a gateway's store is taken away under calls and given back; what callers met.

    embedded, full      the file-size limit of the running gateway: to its writer the same failure as a full disk
    PostgreSQL, gone    the server is killed, and started again
    PostgreSQL, full    the server's disk is filled, and emptied (as root only: it mounts a small disk)

Times are multiples of the median call of the same run. Exits 1 when data left while the store was away, a registry was
asked, or calls did not go on by themselves.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from gateway.client import GatewayClient, Problem
from tests.helpers.postgres import GATEWAY, as_role, fresh_database, postgres_server, small_disk
from tests.helpers.processes import Country, Running, country
from tests.helpers.stack import PERSON, ROOT

_BEFORE, _DURING, _PATIENCE = 60, 25, 2000
Switch = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Outage:
    """What callers met. `refused`, `answered`, `asked`: calls and questions to the registry while the store was away;
    `more`: calls refused after it was back; `wait`: from its return to the first answer, in median calls."""

    store: str
    refused: int
    answered: int
    asked: int
    more: int
    wait: float

    @property
    def good(self) -> bool:
        """Whether nothing left, and calls went on."""
        return not self.answered and not self.asked and self.more < _PATIENCE


async def outage(store: str, land: Country, switches: Callable[[Running], tuple[Switch, Switch]]) -> Outage:
    """Call one after the other: before, while the store is away, and until the first answer after it is back."""
    gateway = land.gateway()
    take, give = switches(gateway)
    async with land.client(gateway) as client, httpx.AsyncClient(timeout=30) as http:
        usual = [await _timed(client) for _ in range(_BEFORE)]
        await asyncio.to_thread(take)
        while await _answered(client):  # a full store still takes what fits
            pass
        before = await _asked(http, land)
        answered = sum([await _answered(client) for _ in range(_DURING)])
        asked = await _asked(http, land) - before
        await asyncio.to_thread(give)
        began, more = time.perf_counter(), 0
        while more < _PATIENCE and not await _answered(client):
            more += 1
        wait = (time.perf_counter() - began) / statistics.median(usual)
    gateway.end()
    return Outage(store, _DURING - answered, answered, asked, more, wait)


async def _timed(client: GatewayClient) -> float:
    began = time.perf_counter()
    await client.verify_person(**PERSON)
    return time.perf_counter() - began


async def _answered(client: GatewayClient) -> bool:
    """Whether a call is answered. Anything but `log_unavailable` is no outage of the store and ends the run."""
    try:
        await client.verify_person(**PERSON)
    except Problem as problem:
        if problem.code != "log_unavailable":
            raise
        return False
    return True


async def _asked(http: httpx.AsyncClient, land: Country) -> int:
    return int((await http.get(f"{land.mocks['population']}/_mock/state")).json()["calls"])


def _file_limit(gateway: Running) -> tuple[Switch, Switch]:
    def limit(most: str) -> None:
        script = ROOT / "tests/helpers/file_limit.py"
        subprocess.run([sys.executable, str(script), str(gateway.child.pid), most], check=True)

    return lambda: limit("4096"), lambda: limit("-1")


@contextmanager
def _places(folder: Path) -> Iterator[list[Callable[[], Coroutine[None, None, Outage]]]]:
    """The outages that can be tried on this machine."""
    with ExitStack() as held:
        land = held.enter_context(country(folder / "land"))
        (folder / "server").mkdir()
        server = held.enter_context(postgres_server(folder / "server"))
        url = as_role(fresh_database(server), GATEWAY)
        gone = replace(land, environ={**land.environ, "LT_STORE_URL": url}, count=100)
        made = [
            lambda: outage("embedded, full", land, _file_limit),
            lambda: outage("PostgreSQL, gone", gone, lambda _: (server.kill, server.start)),
        ]
        if os.geteuid() == 0:
            address = fresh_database(server)
            disk = held.enter_context(small_disk(server, address))
            full = replace(land, environ={**land.environ, "LT_STORE_URL": as_role(address, GATEWAY)}, count=200)
            made.append(lambda: outage("PostgreSQL, full", full, lambda _: (disk.fill, disk.clear)))
        yield made


def lines(outages: list[Outage]) -> list[str]:
    """The table."""
    head = f"{'store':20}{'refused':>10}{'answered':>10}{'registry asked':>16}{'refused after':>15}{'wait':>8}"
    rows = (
        f"{one.store:20}{one.refused:>10}{one.answered:>10}{one.asked:>16}{one.more:>15}{one.wait:>7.1f}x"
        for one in outages
    )
    return [head, *rows]


def main() -> int:
    """One run; the exit status."""
    with tempfile.TemporaryDirectory(prefix="lienthong-recovery-") as folder, _places(Path(folder)) as tried:
        outages = [asyncio.run(one()) for one in tried]
    print("\n".join(lines(outages)))
    return 0 if all(one.good for one in outages) else 1


if __name__ == "__main__":
    sys.exit(main())
