"""The witness as a process of its own."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.mocks.witness.test_server import LEAVES, SIGNER, _request


@contextmanager
def ending(process: subprocess.Popen[Any]) -> Iterator[None]:
    """At the end it is gone, so that a test that failed does not wait for it for ever."""
    try:
        yield
    finally:
        process.kill()


def test_a_witness_runs_by_itself(tmp_path: Path) -> None:
    """It prints its key and its address, cosigns, and ends when told to."""
    command = [sys.executable, "-m", "mocks.witness", "--data-dir", str(tmp_path), "--log", SIGNER.vkey]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, ending(process):
        assert process.stdout is not None
        vkey, url = process.stdout.readline().strip(), process.stdout.readline().strip()
        answer = httpx.post(f"{url}/add-checkpoint", content=_request(0, LEAVES), timeout=60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert answer.status_code == 200
    assert vkey == (tmp_path / "vkey").read_text("utf-8")
    assert vkey.startswith("witness.example/w1+")
