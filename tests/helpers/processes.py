"""Mocks and gateways as processes of their own, as an operator runs them; ended by id when the test ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.cli.demo import scenery
from gateway.client import GatewayClient
from signing.keys import KeySigner, load_signer
from tests.helpers.stack import ROOT, now

PATIENCE_SECONDS = 180.0


@dataclass(slots=True)
class Running:
    """One process and its ready document."""

    child: subprocess.Popen[bytes]
    ready: Mapping[str, Any]
    log: Path

    def kill(self) -> None:
        """kill -9."""
        self.child.kill()
        self.child.wait()

    def end(self) -> int:
        """SIGTERM, and the exit status."""
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(timeout=60)


@dataclass(slots=True)
class Country:
    """Mocks running, and a data folder on which gateways can be started."""

    stage: scenery.Stage
    mocks: Mapping[str, Any]
    environ: Mapping[str, str]
    stack: ExitStack
    count: int = field(default=0)

    @property
    def signer(self) -> KeySigner:
        """The sample portal's key."""
        return load_signer(self.stage.portal_key, kid=scenery.KID)

    def gateway(self, *extra: str) -> Running:
        """One more gateway on the same data folder."""
        self.count += 1
        command = ["gateway", "serve", "--config", str(self.stage.config), "--ops", "127.0.0.1:0"]
        if "--listen" not in extra:
            command += ["--listen", "127.0.0.1:0"]
        return self.stack.enter_context(_process(f"gateway-{self.count}", [*command, *extra], self.stage, self.environ))

    def console(self, gateway: Running, *extra: str) -> Running:
        """One more console beside a gateway."""
        self.count += 1
        command = ["gateway", "console", "--config", str(self.stage.config), "--listen", "127.0.0.1:0"]
        command += ["--gateway-url", gateway.ready["ops_url"], *extra]
        return self.stack.enter_context(_process(f"console-{self.count}", command, self.stage, self.environ))

    def client(self, gateway: Running, *, procedure: str = "1.004222", **given: Any) -> GatewayClient:
        """A client of the sample portal."""
        purpose = {
            "procedure": procedure,
            "dossier": "H14-20261122-0000042",
            "officer": "officer-07",
            "basis": "law",
        }
        return GatewayClient(gateway.ready["base_url"], iss="H14", signer=self.signer, purpose=purpose, **given)

    def logs(self) -> str:
        """Everything every process wrote so far."""
        return "\n".join(
            path.read_text(encoding="utf-8", errors="replace") for path in sorted(self.stage.logs.iterdir())
        )


@contextmanager
def country(folder: Path) -> Iterator[Country]:
    """Mocks as a process, and a place for gateways."""
    stage = scenery.prepare(folder, ROOT / "config", now())
    portal = stage.config / "portals" / "H14.toml"
    text = portal.read_text(encoding="utf-8")
    text = _limit(text, "per_second", "100000")
    text = _limit(text, "burst", "100000")
    text = _limit(text, "in_flight", "1024")
    portal.write_text("\n".join(line for line in text.splitlines() if not line.startswith("per_day")), "utf-8")
    inherited = {**os.environ, "PYTHONPATH": str(ROOT)}  # noqa: TID251 - a machine's own environment
    with ExitStack() as stack:
        mocks = stack.enter_context(_process("mocks", ["mocks"], stage, inherited))
        yield Country(stage, mocks.ready, scenery.environment(mocks.ready, inherited), stack)


def _limit(text: str, name: str, value: str) -> str:
    lines = [f"{name} = {value}" if line.startswith(f"{name} =") else line for line in text.splitlines()]
    return "\n".join(lines) + "\n"


@contextmanager
def _process(name: str, command: list[str], stage: scenery.Stage, env: Mapping[str, str]) -> Iterator[Running]:
    ready = stage.data_dir / "run" / f"{name}.json"
    ready.parent.mkdir(parents=True, exist_ok=True)
    log = stage.logs / f"{name}.log"
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", *command, "--data-dir", str(stage.data_dir), "--ready-file", str(ready)],
            stdout=output,
            stderr=output,
            env=dict(env),
            cwd=ROOT,
        )
    try:
        ends = time.monotonic() + PATIENCE_SECONDS
        while not ready.exists():
            assert child.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < ends, "not ready in time"
            time.sleep(0.02)
        yield Running(child, json.loads(ready.read_text(encoding="utf-8")), log)
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(timeout=30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
