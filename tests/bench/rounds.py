"""The run: everything up at once, short turns that interleave, the order reversed in every other round."""

import asyncio
import contextlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import uvloop

from signing import jwk, request, response
from tests.bench import direct, load, metrics, procfs
from tests.bench.calls import LOOKUP, PREFILL, VERIFY, Desk, Operation
from tests.bench.figures import Turn, quantile
from tests.bench.people import subjects
from tests.helpers.processes import Country, Running, country
from tests.helpers.stack import ROOT, now

SECONDS = 1.5
WARM_SECONDS = 1.0
PEOPLE = 200
_FIRST_GUESS = 1000  # calls a second, before anything was measured
_SPARE = 1.5


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the table. `service` is what the plain client calls instead; None where it has no counterpart."""

    operation: Operation
    concurrency: int
    service: str | None


SCENARIOS = (
    Scenario(LOOKUP, 1, direct.LOOKUP),
    Scenario(LOOKUP, 16, direct.LOOKUP),
    Scenario(LOOKUP, 64, direct.LOOKUP),
    Scenario(VERIFY, 16, direct.VERIFY),
    Scenario(PREFILL, 16, None),
)


@dataclass(slots=True)
class Run:
    """What was measured: per scenario the turns of both sides, in the order of the rounds."""

    gateway: dict[Scenario, list[Turn]] = field(default_factory=dict)
    direct: dict[Scenario, list[Turn]] = field(default_factory=dict)
    wrong: Counter[str] = field(default_factory=Counter)


def run(rounds: int, *, told: Callable[[str], None]) -> Run:
    """Measure. `told` hears which round begins. Raises AssertionError when an answer does not prove itself."""
    measured = Run()
    with tempfile.TemporaryDirectory(prefix="lienthong-bench-") as folder, country(Path(folder)) as land:
        gateway = land.gateway()
        with _plain_client(land) as plain, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            sides = _Sides(land, gateway, plain, runner, measured.wrong)
            for scenario in SCENARIOS:
                sides.both(scenario, WARM_SECONDS, reverse=False)
            measured.wrong.clear()
            for number in range(1, rounds + 1):
                told(f"round {number} of {rounds}")
                for scenario in SCENARIOS:
                    ours, theirs = sides.both(scenario, SECONDS, reverse=number % 2 == 0)
                    measured.gateway.setdefault(scenario, []).append(ours)
                    if theirs is not None:
                        measured.direct.setdefault(scenario, []).append(theirs)
    return measured


@contextlib.contextmanager
def _plain_client(land: Country) -> Iterator[subprocess.Popen[str]]:
    files = land.mocks["credentials"]["population"]
    settings = {
        "url": land.mocks["population"],
        "wsdl": str(Path(__file__).with_name("typed.wsdl")),
        **{name: Path(files[name]).read_text("utf-8").strip() for name in ("auth_url", "username", "secret")},
        "people": [
            {"personal_id": one.personal_id, "registry_name": one.registry_name, "birth_date": one.birth_date}
            for one in subjects(PEOPLE)
        ],
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.direct", json.dumps(settings)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        yield child
    finally:
        if child.stdin is not None:
            child.stdin.close()
        child.wait(timeout=30)


class _Sides:
    """The two sides, and whoever else uses the processors."""

    def __init__(
        self,
        land: Country,
        gateway: Running,
        plain: subprocess.Popen[str],
        runner: asyncio.Runner,
        wrong: Counter[str],
    ) -> None:
        self._plain, self._runner, self._wrong = plain, runner, wrong
        self._base_url: str = gateway.ready["base_url"]
        self._audience: str = gateway.ready["audience"]
        self._ops_url: str = gateway.ready["ops_url"]
        self._pid: int = gateway.child.pid
        self._mocks_pid: int = land.mocks["pid"]
        self._desk = Desk(
            land.signer,
            audience=self._audience,
            base_url=self._base_url,
            run=secrets.token_hex(4),
            people=subjects(PEOPLE),
        )
        self._keys = jwk.from_jwks(httpx.get(f"{self._base_url}/.well-known/jwks.json").json())
        self._rates: dict[Scenario, float] = {}

    def both(self, scenario: Scenario, seconds: float, *, reverse: bool) -> tuple[Turn, Turn | None]:
        """One turn of each side, one right after the other."""
        if scenario.service is None:
            return self._gateway(scenario, seconds), None
        if reverse:
            theirs = self._direct(scenario, scenario.service, seconds)
            return self._gateway(scenario, seconds), theirs
        ours = self._gateway(scenario, seconds)
        return ours, self._direct(scenario, scenario.service, seconds)

    def _gateway(self, scenario: Scenario, seconds: float) -> Turn:
        wanted = int(self._rates.get(scenario, _FIRST_GUESS) * seconds * _SPARE) + scenario.concurrency + 50
        requests = self._desk.sign(scenario.operation, wanted, now())
        address = urlsplit(self._base_url)
        log = metrics.read(self._ops_url)
        meter = _Meter(self._pid, self._mocks_pid)
        given = self._runner.run(
            load.drive(
                address.hostname or "",
                address.port or 0,
                requests,
                concurrency=scenario.concurrency,
                seconds=seconds,
                silent=scenario.operation.silent,
            )
        )
        cpu = meter.read()
        written = metrics.read(self._ops_url).since(log)
        self._rates[scenario] = max(given.calls / given.seconds if given.seconds else 0.0, 1.0)
        self._proved(given)
        self._count("gateway", scenario, given.wrong)
        return _turn(given, cpu, written)

    def _direct(self, scenario: Scenario, service: str, seconds: float) -> Turn:
        meter = _Meter(self._plain.pid, self._mocks_pid)
        wanted = {"service": service, "concurrency": scenario.concurrency, "seconds": seconds}
        assert self._plain.stdin is not None
        assert self._plain.stdout is not None
        self._plain.stdin.write(json.dumps(wanted) + "\n")
        self._plain.stdin.flush()
        said: dict[str, Any] = json.loads(self._plain.stdout.readline())
        cpu = meter.read()
        given = load.Slice(said["calls"], said["seconds"], said["latencies"], Counter(said["wrong"]))
        self._count("direct", scenario, given.wrong)
        return _turn(given, cpu, None)

    def _count(self, side: str, scenario: Scenario, wrong: Counter[str]) -> None:
        for what, times in wrong.items():
            self._wrong[f"{side} {scenario.operation.name} at {scenario.concurrency}: {what}"] += times

    def _proved(self, given: load.Slice) -> None:
        """The last answer of a turn carries a right signature, so what was measured is the real thing."""
        if given.sample is None:
            return
        sent, head, body = given.sample
        headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:])
        claims = response.verify_response(
            headers["gateway-signature"],
            keys=self._keys,
            iss=self._audience,
            aud="H14",
            req=request.token_hash(sent.token),
            status=200,
            body=body,
            content_digest=headers["content-digest"],
        )
        assert claims["entry"]["index"] > 0


class _Meter:
    """CPU of the measured process, the mocks and this one, and what the machine gave away, from now on."""

    def __init__(self, pid: int, mocks_pid: int) -> None:
        self._pids = (pid, mocks_pid, os.getpid())
        self._ticks = procfs.machine_ticks()
        self._begun = [procfs.cpu_seconds(each) for each in self._pids]

    def read(self) -> tuple[float, float, float, float]:
        """Seconds of the three, and the stolen share."""
        own, mocks, generator = (
            procfs.cpu_seconds(pid) - before for pid, before in zip(self._pids, self._begun, strict=True)
        )
        return own, mocks, generator, procfs.stolen_share(self._ticks, procfs.machine_ticks())


def _turn(given: load.Slice, cpu: tuple[float, float, float, float], written: metrics.LogCount | None) -> Turn:
    ordered = sorted(given.latencies)
    return Turn(
        calls=given.calls,
        seconds=given.seconds,
        p50=quantile(ordered, 0.50),
        p99=quantile(ordered, 0.99),
        cpu=cpu[0],
        mocks_cpu=cpu[1],
        generator_cpu=cpu[2],
        stolen=cpu[3],
        wrong=given.wrong.total(),
        entries_per_batch=written.entries_per_batch if written else 0.0,
        commit_seconds=written.commit_seconds if written else 0.0,
    )
