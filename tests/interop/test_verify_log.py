"""A real log, exported by the command, verified in another language from the files and the public key alone."""

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.audit import long_log
from tests.gateway.audit.builders import keys
from tests.gateway.audit.long_log import LongLog
from tests.interop.conftest import command

AUDITOR = Path(__file__).parent / "verify_log.mjs"
SIZE = 600
EARLIER = (1, 2, 3, 255, 256, 257, 300, 511, 512, 513, 599, 600)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> LongLog:
    """A log with a checkpoint at every size, and its export beside it."""
    made = long_log.make(tmp_path_factory.mktemp("log"), SIZE)
    command("log", "export", "--data-dir", str(made.folder), "--out", str(made.folder / "export"))
    for size in EARLIER:
        (made.folder / f"{size}.txt").write_text(str(made.notes[size]), encoding="utf-8")
    return made


def audited(*arguments: object) -> tuple[int, list[dict[str, Any]]]:
    """What the auditor in Node found."""
    done = subprocess.run(
        ["node", str(AUDITOR), *map(str, arguments)], check=False, capture_output=True, text=True, timeout=120
    )
    assert not done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def leaf(log: LongLog, index: int) -> str:
    """A leaf as a receipt writes it."""
    return base64.b64encode(log.leaves[index]).decode()


@pytest.mark.usefixtures("tools")
def test_the_export_is_verified_in_node(log: LongLog) -> None:
    """Signature, tiles, entries, an inclusion proof of every entry, consistency from every earlier checkpoint."""
    proofs = []
    for index, size in ((0, 1), (0, 600), (255, 256), (256, 257), (599, 600)):
        file = log.folder / f"{index}-{size}.tlog-proof"
        command("log", "prove", str(index), "--size", str(size), "--data-dir", str(log.folder), "--out", str(file))
        proofs += ["--proof", file, leaf(log, index)]
    earlier = [log.folder / f"{size}.txt" for size in EARLIER]
    status, results = audited(log.folder / "export", log.vkey, *earlier, *proofs)
    assert [result for result in results if not result["ok"]] == []
    assert status == 0
    assert results[0]["size"] == SIZE
    assert [r["from"] for r in results if r["step"] == "consistency"] == list(EARLIER)
    assert [(r["index"], r["size"]) for r in results if r["step"] == "proof"] == [
        (0, 1),
        (0, 600),
        (255, 256),
        (256, 257),
        (599, 600),
    ]
    assert {result["step"] for result in results} >= {"right edge", "tiles", "entries", "inclusion"}


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize("size", [1, 2, 256, 257])
def test_small_exports_are_verified_in_node(log: LongLog, tmp_path: Path, size: int) -> None:
    """The same around the edges of the first tile."""
    small = long_log.make(tmp_path / "log", size)
    command("log", "export", "--data-dir", str(small.folder), "--out", str(tmp_path / "export"))
    (tmp_path / "first.txt").write_text(str(small.notes[1]), encoding="utf-8")
    status, results = audited(tmp_path / "export", small.vkey, tmp_path / "first.txt")
    assert (status, [result for result in results if not result["ok"]]) == (0, [])


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize(
    ("name", "failing"),
    [
        ("tile/0/000", {"tiles", "entries", "inclusion", "consistency"}),
        ("tile/1/000.p/2", {"right edge", "tiles", "inclusion", "consistency"}),
        ("tile/entries/001", {"entries"}),
        ("checkpoint", {"checkpoint"}),
    ],
)
def test_the_auditor_in_node_notices(log: LongLog, tmp_path: Path, name: str, failing: set[str]) -> None:
    """One changed bit in any part fails the steps that rest on it."""
    shutil.copytree(log.folder / "export", tmp_path / "export")
    path = tmp_path / "export" / name
    data = bytearray(path.read_bytes())
    data[3] ^= 1
    path.write_bytes(data)
    status, results = audited(tmp_path / "export", log.vkey, log.folder / "300.txt", log.folder / "3.txt")
    assert status == 1
    assert {result["step"] for result in results if not result["ok"]} == failing


@pytest.mark.usefixtures("tools")
def test_the_auditor_in_node_notices_other_keys_leaves_and_histories(log: LongLog, tmp_path: Path) -> None:
    """Another log's key, another entry's leaf and a checkpoint of another history prove nothing."""
    stranger = keys(tmp_path / "stranger")[1].vkey
    assert audited(log.folder / "export", stranger)[0] == 1

    file = tmp_path / "5.tlog-proof"
    command("log", "prove", "5", "--data-dir", str(log.folder), "--out", str(file))
    status, results = audited(log.folder / "export", log.vkey, "--proof", file, leaf(log, 6))
    assert (status, results[-1]["step"], results[-1]["ok"]) == (1, "proof", False)

    (tmp_path / "other" / "log").mkdir(parents=True)
    for path in (log.places.key, log.places.vkey):
        shutil.copy2(path, tmp_path / "other" / "log" / path.name)
    other = long_log.make(tmp_path / "other", 260)
    (tmp_path / "old.txt").write_text(str(other.notes[260]), encoding="utf-8")
    status, results = audited(log.folder / "export", log.vkey, tmp_path / "old.txt")
    assert (status, [r["step"] for r in results if not r["ok"]]) == (1, ["consistency"])
