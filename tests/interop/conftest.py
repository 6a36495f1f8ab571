"""What the clients of other languages call: `gateway demo --keep` as a process, and the tools they are written for."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.stack import ROOT

PATIENCE_SECONDS = 180.0
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: its ready document, and where everything of it lies."""

    ready: Mapping[str, Any]
    folder: Path

    @property
    def config(self) -> Path:
        """The configuration the demo made for itself."""
        return next(self.folder.glob("*/portals/H14.toml")).parents[1]

    def reload(self) -> None:
        """Let the gateway take its changed configuration."""
        log = self.folder / "logs" / "gateway.log"
        before = log.read_text(encoding="utf-8").count('"reloaded"')
        os.kill(self.ready["pids"]["gateway"], signal.SIGHUP)
        until(lambda: log.read_text(encoding="utf-8").count('"reloaded"') > before)


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that happens soon."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)


def command(*words: str) -> str:
    """What a `gateway` command prints on standard output."""
    done = subprocess.run([str(BIN / "gateway"), *words], check=False, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="session")
def tools() -> None:
    """Node, curl and openssl; installed where that is possible, and never done without."""
    done = subprocess.run([str(ROOT / "deploy" / "test-tools.sh")], check=False, capture_output=True, text=True)
    absent = [name for name in ("node", "curl", "openssl") if shutil.which(name) is None]
    if absent:
        pytest.fail(f"{', '.join(absent)} not found, and deploy/test-tools.sh could not help: {done.stderr}")
    version = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout
    major = int(version.strip().removeprefix("v").split(".")[0])
    assert major >= 18, f"Node 18 or later is needed, not {version}"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`gateway demo --keep`, ended when the module's tests are done."""
    folder = tmp_path_factory.mktemp("demo")
    ready, output = folder / "ready.json", folder / "output.txt"
    with output.open("wb") as written:
        child = subprocess.Popen(
            [str(BIN / "gateway"), "demo", "--keep", "--data-dir", str(folder), "--ready-file", str(ready)],
            stdout=written,
            stderr=written,
            cwd=ROOT,
        )
    try:
        ends = time.monotonic() + PATIENCE_SECONDS
        while not ready.exists():
            assert child.poll() is None, output.read_text(encoding="utf-8")
            assert time.monotonic() < ends, "the demo was not ready in time"
            time.sleep(0.05)
        yield Demo(json.loads(ready.read_text(encoding="utf-8")), folder)
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(timeout=60)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
