"""`gateway demo` as newcomers run it: once through, and staying up with something for auditors to look at."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.check import check, parse_key
from gateway.cli.demo.look import Auditor
from tests.helpers.stack import ROOT, now

PATIENCE_SECONDS = 240.0


def _command(folder: Path, ready: Path, *options: str) -> list[str]:
    return [
        *(sys.executable, "-m", "gateway", "demo", "--data-dir", str(folder), "--ready-file", str(ready)),
        *options,
    ]


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):  # it went between the two looks
        return True


def _verified(ready: dict[str, Any]) -> int:
    return check(Path(ready["log"]["store"]), key=parse_key(ready["log"]["public_key"])).entries


def test_once_through(tmp_path: Path) -> None:
    """Everything is proved, the auditor's look too; the ready document is the contract's; nothing is left running."""
    ready_file = tmp_path / "ready.json"
    done = subprocess.run(
        _command(tmp_path / "data", ready_file), capture_output=True, text=True, cwd=ROOT, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout
    assert re.search(
        r"^proved    the auditor \S+ finds log entry \d+ by the person's number", done.stdout, re.MULTILINE
    )
    assert re.search(r"^proved    that look is itself log entry \d+ \(inspected\)", done.stdout, re.MULTILINE)
    assert re.search(
        r"^proved    log entries \d+ \(registered\), \d+ \(offered\), \d+ \(given out\) name document\.",
        done.stdout,
        re.MULTILINE,
    )
    ready = json.loads(ready_file.read_text(encoding="utf-8"))
    assert ready["console_url"].startswith("http://127.0.0.1:")
    assert {"username", "password", "totp_secret"} <= ready["console"].keys()
    assert {"gateway", "mocks", "console"} <= ready["pids"].keys()
    assert [pid for pid in ready["pids"].values() if not _gone(pid)] == []
    assert _verified(ready) > 20


def test_staying_up(tmp_path: Path) -> None:
    """A few hundred calls are there, the sample auditor signs in at once, and SIGTERM ends everything."""
    ready_file, output = tmp_path / "ready.json", tmp_path / "output.txt"
    with output.open("wb") as written:
        child = subprocess.Popen(
            _command(tmp_path / "data", ready_file, "--keep"), stdout=written, stderr=written, cwd=ROOT
        )
    try:
        _wait(child, output, ready_file.exists)
        ready = json.loads(ready_file.read_text(encoding="utf-8"))
        with Auditor(ready["console_url"], ready["console"], now) as auditor:
            pages = [auditor.read(path) for path in ("/", "/patterns", "/integrity")]
        assert [page.status for page in pages] == [200, 200, 200]
        assert "H26" in pages[0].text
        _wait(child, output, lambda: "gateway log verify" in output.read_text(encoding="utf-8"))
        said = output.read_text(encoding="utf-8")
    finally:
        child.send_signal(signal.SIGTERM)
        status = child.wait(timeout=120)
    everybody = json.loads(ready_file.read_text(encoding="utf-8"))["console"]["accounts"]
    assert {one["role"] for one in everybody} == {
        "national_auditor",
        "provincial_auditor",
        "operator",
        "administrator",
    }
    assert [one["username"] for one in everybody if one["totp_secret"] not in said] == []
    assert (status, _verified(ready) > 400) == (0, True)
    assert [pid for pid in ready["pids"].values() if not _gone(pid)] == []


def _wait(child: subprocess.Popen[bytes], output: Path, holds: Any) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if child.poll() is not None or time.monotonic() > ends:
            pytest.fail(output.read_text(encoding="utf-8"))
        time.sleep(0.05)
