"""The page for operators and auditors, as far as it can be run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.audit.keys import Places
from gateway.publish.state import Problem
from tests.docs.pages import rows, section, text
from tests.gateway.publish.builders import (
    a_witness,
    an_authority,
    authority_app,
    grow,
    log_vkey,
    publishing,
    served,
    witness_app,
)

PAGE = "docs/witnesses.md"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
async def test_cosignature_and_token_verify_by_hand(tmp_path: Path) -> None:
    """The commands of the page accept what is in the store, and nothing that was changed."""
    size = await grow(tmp_path, 4)
    async with served(witness_app(tmp_path, [log_vkey(tmp_path)])) as url, served(authority_app(tmp_path)) as tsa:
        witness = a_witness(tmp_path, url)
        async with publishing(tmp_path, witness, an_authority(tmp_path, tsa)) as (_, watching):
            await watching.covered(size)
            await watching.covered(size, "tsa")
    page = section(PAGE, "Verify by hand, without the gateway")
    for name, code in re.findall(r"^```python file=(\S+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        (tmp_path / name).write_text(code, "utf-8")
    take, token, cosignature = re.findall(r"^```bash run\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    environ = {
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
        "STORE": str(Places.under(tmp_path).store),
        "TSA_ROOTS": str(tmp_path / "authority" / "ca.pem"),
        "WITNESS_KEY": witness.key.vkey,
    }
    said = [_run(tmp_path, block, environ) for block in (take, token, cosignature)]
    assert [done.returncode for done in said] == [0, 0, 0], [done.stderr for done in said]
    assert f"the first {size} entries" in said[0].stdout
    assert "Verification: OK" in said[1].stdout
    assert "Signature Verified Successfully" in said[2].stdout
    note = tmp_path / "checkpoint.txt"
    note.write_text(note.read_text("utf-8").replace(f"\n{size}\n", f"\n{size + 1}\n", 1), "utf-8")
    assert [_run(tmp_path, block, environ).returncode != 0 for block in (token, cosignature)] == [True, True]


def _run(folder: Path, block: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["bash", "-euo", "pipefail", "-c", block]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def test_every_problem_is_explained() -> None:
    """The words of the metric are those of the page."""
    found = {word for row in rows(text(PAGE)) for word in re.findall(r"`(\w+)`", row[0])}
    assert {problem.value for problem in Problem} <= found
