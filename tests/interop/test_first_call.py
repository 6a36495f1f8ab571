"""docs/first-call.md does what it says: its files are saved, its commands run in one shell, on a real gateway."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.errors import Code
from tests.helpers.stack import ROOT
from tests.interop.conftest import BIN

PAGE = ROOT / "docs" / "first-call.md"
ADDRESS = "Thôn 7, Xã Phục Hòa, Tỉnh Cao Bằng"
_BLOCK = re.compile(r"^```(\w*) ?(.*)\n((?:.*\n)*?)^```$", re.MULTILINE)
_MARK = "=== block "
_LIMIT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, its mark (`run`, `run=name`, `file=name`), its text."""

    language: str
    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Walk:
    """What the page's commands printed, one text for each command block, and how the shell ended."""

    printed: tuple[str, ...]
    errors: str
    status: int
    folder: Path

    def named(self, name: str) -> list[str]:
        """What the blocks with the mark `run=name` printed."""
        runs = [block.mark for block in blocks() if block.mark.startswith("run")]
        return [text for mark, text in zip(runs, self.printed, strict=True) if mark == f"run={name}"]


def blocks() -> list[Block]:
    """The fenced blocks of the page, in order."""
    return [Block(*found) for found in _BLOCK.findall(PAGE.read_text(encoding="utf-8"))]


def files() -> Mapping[str, str]:
    """The files the page tells its reader to save."""
    return {b.mark.removeprefix("file="): b.text for b in blocks() if b.mark.startswith("file=")}


@pytest.fixture(scope="module")
def walk(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """The page, done from top to bottom by someone in an empty folder."""
    folder = tmp_path_factory.mktemp("first-call")
    for name, text in files().items():
        (folder / name).write_text(text, encoding="utf-8")
    runs = [block.text for block in blocks() if block.mark.startswith("run")]
    script = "".join(f"echo '{_MARK}{number}'\n{text}" for number, text in enumerate(runs))
    inherited = dict(os.environ)  # noqa: TID251 - a shell of its own
    shell = subprocess.Popen(
        ["bash", "-c", f"set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT\n{script}"],
        cwd=folder,
        env={**inherited, "PATH": f"{BIN}{os.pathsep}{inherited['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        output, errors = shell.communicate(timeout=_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(shell.pid, signal.SIGTERM)
        output, errors = shell.communicate(timeout=60)
    printed = re.split(rf"^{_MARK}\d+\n", output, flags=re.MULTILINE)[1:]
    return Walk(tuple(printed), errors, shell.returncode, folder)


def test_the_page_can_be_walked_to_its_end(walk: Walk) -> None:
    """Every command of the page succeeds, in order, in one shell."""
    assert walk.status == 0, (walk.printed, walk.errors)
    assert len(walk.printed) == sum(block.mark.startswith("run") for block in blocks())


def test_the_first_call_is_answered(walk: Walk) -> None:
    """The call made with bash, openssl and curl answers with the one field asked for."""
    (printed,) = walk.named("answer")
    status, answer = printed.strip().split("\n")
    fields = json.loads(answer)["fields"]
    assert status.split()[1] == "200"
    assert list(fields) == ["person.permanent_address"]
    assert fields["person.permanent_address"]["value"]["text"] == ADDRESS


def test_each_client_proves_its_answer(walk: Walk) -> None:
    """bash, the SDK, pyjwt and Node each end with a proved answer, and those that show it show the same address."""
    bash, *others = walk.named("proved")
    assert bash.startswith("proved: signed by ")
    assert len(others) == 3
    for printed in others:
        shown, last = printed.strip().split("\n")
        assert ADDRESS in shown
        assert re.fullmatch(r"proved, log entry \d+", last)


def test_a_wrong_call_is_explained_in_each_way_the_page_names(walk: Walk) -> None:
    """The signed problem, `debug/verify`, `gateway explain` and the catalogue all name the one mistake."""
    (problem,) = walk.named("problem")
    status, document, proved = problem.strip().split("\n")
    assert status.split()[1] == "401"
    assert json.loads(document)["code"] == "audience_wrong"
    assert proved.startswith("proved: ")
    (debug,) = walk.named("debug")
    checks = json.loads(debug.strip().split("\n")[1])["checks"]
    assert [check["code"] for check in checks if check["passed"] is False] == ["audience_wrong"]
    (explained,) = walk.named("explain")
    assert re.findall(r"FAILED\s+(.*)", explained) == ["aud: audience_wrong"]
    assert json.loads(document)["title"] in walk.named("catalogue")[0]


def test_a_spoilt_answer_is_not_proved(walk: Walk) -> None:
    """`check-answer.sh` refuses an answer of which one byte was changed."""
    spoilt = (walk.folder / "answer.json").read_bytes().replace(b"audience", b"Audience", 1)
    (walk.folder / "answer.json").write_bytes(spoilt)
    found = (walk.folder / "check-answer.sh").read_text(encoding="utf-8")
    # the gateway is gone by now: its key was kept by the last run
    without_fetch = re.sub(r"(?s)# 1\..*?(?=# 2\.)", "", found)
    done = subprocess.run(
        ["bash", "-c", f"kid=kept\n{without_fetch}"], cwd=walk.folder, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == "NOT PROVED: another body was signed\n"


def test_the_page_and_the_repository_hold_the_same_script() -> None:
    """`first-call.sh` is one text: in the page and beside the tests."""
    assert files()["first-call.sh"] == (Path(__file__).parent / "first-call.sh").read_text(encoding="utf-8")


def test_every_block_with_code_is_run_or_saved() -> None:
    """No code of the page is left out of the walk."""
    assert [block.language for block in blocks() if not block.mark] == []


def test_every_code_of_the_page_exists() -> None:
    """The table of usual failures names codes of the catalogue only."""
    table = PAGE.read_text(encoding="utf-8").partition("| code | usually |")[2].partition("\n\n")[0]
    named = {code for row in table.splitlines()[1:] for code in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert len(named) > 8
    assert named <= {code.value for code in Code}
