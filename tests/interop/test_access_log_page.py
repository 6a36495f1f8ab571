"""Every command on docs/access-log.md, run as it stands against a real gateway."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from gateway.api import log
from tests.helpers.stack import ROOT
from tests.interop.conftest import BIN, Demo

PAGE = (ROOT / "docs" / "access-log.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```\w+ (?:run|file=(?P<file>\S+))\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SAID = (
    "verify-log.pyz  ",
    "OK  ",
    "OK  entry 0 is in the log of",
    "is in the log of",
    "files written, 0 were there already",
    "OK  ",
    "entry-0.tlog-proof  entry 0",
    "OK  entry 0 is in the log of",
    '"step":"consistency","ok":true',
)


@pytest.mark.usefixtures("tools")
def test_the_commands_of_the_page_do_what_it_says(demo: Demo, tmp_path: Path) -> None:
    """From fetching by hand to the verifier in JavaScript: each block ends well and says so."""
    (tmp_path / "ready.json").write_bytes((demo.folder / "ready.json").read_bytes())
    environ = {
        **os.environ,  # noqa: TID251 - a machine's own environment
        "PATH": f"{BIN}:{os.environ['PATH']}",  # noqa: TID251
        "PYTHONPATH": str(ROOT),
        "BASE_URL": demo.ready["base_url"],
        "LOG_KEY": demo.ready["log"]["public_key"],
        "DATA": demo.ready["data_dir"],
        "REPOSITORY": str(ROOT),
    }
    said = []
    for block in BLOCK.finditer(PAGE):
        if block["file"]:
            (tmp_path / block["file"]).write_text(block["text"], encoding="utf-8")
            continue
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block["text"]],
            check=False,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environ,
            timeout=120,
        )
        assert done.returncode == 0, f"{block['text']}\n{done.stdout}{done.stderr}"
        said.append(done.stdout)
    assert len(said) == len(SAID)
    for words, output in zip(SAID, said, strict=True):
        assert words in output
    assert (tmp_path / "answer.tlog-proof").exists()


def test_the_bounds_of_the_page_are_those_of_the_door() -> None:
    """The page says how much one process serves."""
    tiles, proofs = log.PER_SECOND / log.TILE_COST, log.PER_SECOND / log.PROOF_COST
    assert f"{tiles:.0f} tiles or {proofs:.0f} proofs a second" in PAGE
