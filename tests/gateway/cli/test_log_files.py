"""`gateway log prove`, `export` and `verify` of an export, as an auditor uses them."""

import asyncio
import base64
import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.log import app
from gateway.storage.opening import Location, open_store
from signing import proofs
from tests.gateway.audit import long_log
from tests.gateway.audit.builders import a_decision, a_log, keys
from tests.gateway.audit.long_log import LongLog
from tests.helpers.postgres import GATEWAY, PASSWORD, Server, as_role, fresh_database


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> LongLog:
    """A log of 300 entries with a checkpoint at every size."""
    return long_log.make(tmp_path_factory.mktemp("log"), size=300)


def run(*arguments: object) -> Result:
    """One command."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def leaf(log: LongLog, index: int) -> str:
    """A leaf as a receipt writes it."""
    return base64.b64encode(log.leaves[index]).decode()


def test_a_proof_is_written_and_checked_elsewhere(whole: LongLog, tmp_path: Path) -> None:
    """The file and the leaf it prints are all that a check needs beside the public key."""
    for size in (None, 270):
        file = tmp_path / f"{size}.tlog-proof"
        options = [] if size is None else ["--size", size]
        made = run("prove", 266, "--data-dir", whole.folder, "--out", file, *options)
        assert (made.exit_code, made.output) == (0, f"{file}  entry 266\nleaf {leaf(whole, 266)}\n")
        assert proofs.parse(file.read_text(encoding="utf-8")).checkpoint == whole.notes[size or 300]
        for key in (whole.vkey, whole.places.vkey):
            done = run("prove", "--check", file, "--public-key", key, "--leaf", leaf(whole, 266))
            assert done.exit_code == 0, done.output
            assert done.output.startswith(f"OK  entry 266 is in the log of {size or 300} entries\n    log   log.test")


def test_the_file_is_named_after_the_entry(whole: LongLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --out the proof is in the working directory."""
    monkeypatch.chdir(tmp_path)
    assert run("prove", 5, "--data-dir", whole.folder).exit_code == 0
    assert (tmp_path / "5.tlog-proof").exists()


def test_proofs_that_do_not_hold(whole: LongLog, tmp_path: Path) -> None:
    """Another leaf, a changed hash, index or note, another log's key: each is NOT OK, exit 1."""
    file = tmp_path / "p.tlog-proof"
    run("prove", 266, "--data-dir", whole.folder, "--out", file)
    text = file.read_text(encoding="utf-8")
    stranger = keys(tmp_path / "other")[1].vkey
    hashes = text.split("\n")[2:4]
    for changed, key, which in (
        (text, whole.vkey, 265),
        (text.replace("index 266", "index 267"), whole.vkey, 266),
        (text.replace("index 266", "index 300"), whole.vkey, 266),
        (text.replace(f"{hashes[0]}\n", ""), whole.vkey, 266),
        (text.replace(hashes[0], f"{hashes[0]}\n{hashes[0]}"), whole.vkey, 266),
        (text.replace(hashes[0], hashes[1]), whole.vkey, 266),
        (text.replace("\n300\n", "\n299\n"), whole.vkey, 266),
        (text, stranger, 266),
    ):
        file.write_text(changed, encoding="utf-8")
        done = run("prove", "--check", file, "--public-key", key, "--leaf", leaf(whole, which))
        assert (done.exit_code, done.output[:6]) == (1, "NOT OK"), done.output


def test_checks_that_cannot_be_made(whole: LongLog, tmp_path: Path) -> None:
    """Without key or leaf, with a file that is no proof, there is no verdict: exit 2."""
    file = tmp_path / "p.tlog-proof"
    run("prove", 266, "--data-dir", whole.folder, "--out", file)
    text = file.read_text(encoding="utf-8")
    right = ["--public-key", whole.vkey, "--leaf", leaf(whole, 266)]
    for options in (
        ["--check", file, "--leaf", leaf(whole, 266)],
        ["--check", file, "--public-key", whole.vkey],
        ["--check", file, "--public-key", whole.vkey, "--leaf", "AAAA"],
        ["--check", file, "--public-key", whole.vkey, "--leaf", "é"],
        ["--check", file, "--public-key", "rubbish", "--leaf", leaf(whole, 266)],
        ["--check", tmp_path / "none", *right],
    ):
        done = run("prove", *options)
        assert (done.exit_code, "COULD NOT CHECK" in done.output) == (2, True), done.output
    for spoilt in (
        "",
        "x",
        text.replace("@v1", "@v2"),
        text.replace("index 266\n", ""),
        text.replace("index 266", "index 0266"),
        text.replace("index 266", "index 266\nAAAA"),
        text.replace("index 266", "index 266\n*"),
        text.replace("index 266", "index 266\n" + (leaf(whole, 0) + "\n") * 64),
        text.replace("index 266", "extra *\nindex 266"),
        text.replace("\n\n", "\n"),
    ):
        file.write_text(spoilt, encoding="utf-8")
        done = run("prove", "--check", file, *right)
        assert (done.exit_code, "COULD NOT CHECK" in done.output) == (2, True), done.output
    file.write_bytes(b"\xff\xfe")
    assert run("prove", "--check", file, *right).exit_code == 2
    file.write_text(text.replace("index 266", "extra AAAA\nindex 266"), encoding="utf-8")
    assert run("prove", "--check", file, *right).exit_code == 0


def test_proofs_that_cannot_be_made(whole: LongLog, tmp_path: Path) -> None:
    """No such entry, no such checkpoint, no log, no index: a sentence and exit 2; a spoilt log exits 1."""
    for arguments, words in (
        (["prove", 300, "--data-dir", whole.folder], "There is no entry 300"),
        (["prove", 5, "--size", 5, "--data-dir", whole.folder], "No checkpoint of size 5 was signed, or its tree"),
        (["prove", 5, "--size", 301, "--data-dir", whole.folder], "No checkpoint of size 301"),
        (["prove", "--data-dir", whole.folder], "Which entry?"),
        (["prove", 5, "--data-dir", tmp_path / "none"], "no public key of a log there"),
        (["prove", 5, "--data-dir", whole.folder, "--out", tmp_path / "no" / "f"], "No such file"),
        (["export", "--data-dir", tmp_path / "none", "--out", tmp_path / "x"], "no public key of a log there"),
        (["export", "--data-dir", whole.folder, "--out", tmp_path / "x", "--from", 300], "there is none"),
    ):
        done = run(*arguments)
        assert (done.exit_code, words in done.output) == (2, True), done.output
    copy = whole.copy(tmp_path / "copy")
    database = sqlite3.connect(copy.places.store)
    database.execute("UPDATE entry SET leaf = zeroblob(32) WHERE idx = 299")
    database.commit()
    database.close()
    for command in (["prove", "5"], ["export"]):
        done = run(*command, "--data-dir", copy.folder, "--out", tmp_path / "out")
        assert (done.exit_code, "NOT OK" in done.output) == (1, True), done.output
    copy.places.store.unlink()
    for command in (["prove", "5"], ["export"]):
        assert run(*command, "--data-dir", copy.folder, "--out", tmp_path / "gone").exit_code == 2


def test_an_export_is_written_and_verified(whole: LongLog, tmp_path: Path) -> None:
    """The folder verifies with the key, earlier checkpoints and the key ring; a second export has nothing to do."""
    out = tmp_path / "export"
    made = run("export", "--data-dir", whole.folder, "--out", out)
    assert made.exit_code == 0, made.output
    assert made.output.splitlines()[-2:] == [
        f"{out}  entries 0 to 299 of 300",
        "8 files written, 0 were there already",
    ]
    (tmp_path / "old.txt").write_text(str(whole.notes[100]), encoding="utf-8")
    done = run(
        "verify",
        out,
        "--public-key",
        whole.vkey,
        "--checkpoint",
        tmp_path / "old.txt",
        "--keys",
        whole.places.ring,
    )
    assert done.exit_code == 0, done.output
    assert done.output.startswith("OK  300 entries, 1 checkpoints, 3 tiles")
    assert "contents: 299 opened, 1 in clear, 0 sealed, 0 erased" in done.output
    assert "note:" not in done.output
    assert "0 files written, 8 were there already" in run("export", "--data-dir", whole.folder, "--out", out).output


def test_verify_reminds_of_what_an_export_did_not_prove(whole: LongLog, tmp_path: Path) -> None:
    """A part says that it is one, and a key that lay in the export proves little."""
    out = tmp_path / "export"
    run("export", "--data-dir", whole.folder, "--out", out, "--from", 256, "--to", 257)
    done = run("verify", out)
    assert done.exit_code == 0
    assert "only the entries 256 to 299 of 300 are in this export" in done.output
    assert "the public key lay in the export" in done.output
    assert max(map(len, done.output.splitlines())) <= 80


def test_verify_of_an_altered_export(whole: LongLog, tmp_path: Path) -> None:
    """The first bad entry is named, exit 1; a folder that is no export is no verdict, exit 2."""
    out = tmp_path / "export"
    run("export", "--data-dir", whole.folder, "--out", out)
    bundle = out / "tile" / "entries" / "000"
    data = bytearray(bundle.read_bytes())
    data[90] ^= 1
    bundle.write_bytes(data)
    done = run("verify", out, "--public-key", whole.vkey)
    assert (done.exit_code, done.output[:15]) == (1, "NOT OK  entry 0")
    (out / "manifest.json").unlink()
    done = run("verify", out, "--public-key", whole.vkey)
    assert (done.exit_code, "not finished" in done.output) == (2, True)
    assert run("verify", tmp_path).exit_code == 2


def test_verify_of_an_export_nested_without_end(whole: LongLog, tmp_path: Path) -> None:
    """A nested line in clear is a forged one, exit 1; a nested manifest is none, exit 2. Neither is a traceback."""
    out = tmp_path / "export"
    run("export", "--data-dir", whole.folder, "--out", out, "--with-contents")
    contents = out / "contents" / "000.jsonl"
    lines = contents.read_bytes().splitlines(keepends=True)
    contents.write_bytes(b"".join([*lines[:7], b"[" * 100_000 + b"\n", *lines[8:]]))
    done = run("verify", out, "--public-key", whole.vkey, "--keys", whole.places.ring)
    assert (done.exit_code, done.output) == (
        1,
        "NOT OK  entry 7: what is written in clear beside it is not what it says\n",
    )
    (out / "manifest.json").write_bytes(b"[" * 100_000)
    done = run("verify", out, "--public-key", whole.vkey)
    assert (done.exit_code, done.stderr) == (
        2,
        f"COULD NOT CHECK  {out}: manifest.json is not that of an export\n",
    )


def test_an_export_with_contents(whole: LongLog, tmp_path: Path) -> None:
    """What entries say is written in clear only when asked for, readable by its owner alone."""
    sealed, clear = tmp_path / "sealed", tmp_path / "clear"
    run("export", "--data-dir", whole.folder, "--out", sealed)
    assert not (sealed / "contents").exists()
    assert not [path for path in sealed.rglob("*") if path.is_file() and b"cb-0042" in path.read_bytes()]
    assert run("export", "--data-dir", whole.folder, "--out", clear, "--with-contents").exit_code == 0
    lines = (clear / "contents/001.p/44.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[-1])["content"]["officer"] == "cb-0042"
    assert (clear / "contents/000.jsonl").stat().st_mode & 0o077 == 0
    assert run("verify", clear, "--keys", whole.places.ring).exit_code == 0


def test_a_log_in_postgresql_is_proved_and_exported(server: Server, tmp_path: Path) -> None:
    """With --store the same commands read a PostgreSQL store; what they write verifies without it."""
    url = as_role(fresh_database(server), GATEWAY)
    asyncio.run(_filled(tmp_path, url))
    vkey = keys(tmp_path)[1].vkey
    file, out, more = tmp_path / "3.tlog-proof", tmp_path / "export", ["--data-dir", tmp_path, "--store", url]
    made = run("prove", 3, *more, "--out", file)
    assert made.exit_code == 0, made.output
    checked = run("prove", "--check", file, "--public-key", vkey, "--leaf", made.output.split()[-1])
    assert (checked.exit_code, "entry 3 is in the log of 5 entries" in checked.output) == (0, True)
    assert run("export", *more, "--out", out).exit_code == 0
    verified = run("verify", out, "--public-key", vkey)
    assert (verified.exit_code, verified.output.startswith("OK  5 entries")) == (0, True)
    assert run("show", *more, "--last", "2").output.count("\n#") + 1 == 2

    for command in (["prove", 3, "--out", file], ["export", "--out", tmp_path / "none"], ["show"]):
        refused = run(*command, "--data-dir", tmp_path, "--store", as_role(url, "nobody"))
        assert (refused.exit_code, PASSWORD in refused.output) == (2, False), command
        assert "store" in refused.output or "log cannot" in refused.output
    in_place = run("verify", url)
    assert (in_place.exit_code, PASSWORD in in_place.output, "export it first" in in_place.output) == (2, False, True)


async def _filled(folder: Path, url: str) -> None:
    async with a_log(folder, store=open_store(Location(url=url))) as log:
        for _ in range(4):
            await log.append(a_decision())
