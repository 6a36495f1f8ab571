"""The witness and the authority of the demo, as one process."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.mocks.witness.test_process import ending
from tests.mocks.witness.test_server import LEAVES, SIGNER, _request


def test_a_log_is_vouched_for(tmp_path: Path) -> None:
    """The ready file tells both addresses, the witness's key and the root to trust; the witness cosigns; both end."""
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "mocks.vouching", "--data-dir", str(tmp_path), "--log", SIGNER.vkey]
    with subprocess.Popen([*command, "--ready-file", str(ready)]) as process, ending(process):
        ends = time.monotonic() + 60
        while not ready.exists():
            assert process.poll() is None
            assert time.monotonic() < ends
            time.sleep(0.02)
        said = json.loads(ready.read_text("utf-8"))
        answer = httpx.post(f"{said['witness']['url']}/add-checkpoint", content=_request(0, LEAVES), timeout=60)
        stamped = httpx.post(said["authority"]["url"], content=b"", timeout=60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert answer.status_code == 200
    assert said["witness"]["key"].partition("+")[0] in answer.text
    assert stamped.status_code == 415  # it is there, and was not asked for a stamp
    assert Path(said["authority"]["certificates"]).read_text("utf-8").startswith("-----BEGIN CERTIFICATE-----")
    assert said["pid"] == process.pid


def test_a_log_that_cannot_be_watched_is_refused(tmp_path: Path) -> None:
    """A text that is no key of a log: a sentence, status 1, and nothing is served."""
    command = [sys.executable, "-m", "mocks.vouching", "--data-dir", str(tmp_path), "--log", "nonsense"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("cannot serve: ")
