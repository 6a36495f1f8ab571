"""`gateway log export --format csv|jsonl` and `--check`, as an auditor uses them."""

import csv
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.audit.extract.manifest import MEMBERS, manifest_file, token_file
from gateway.audit.extract.sheet import COLUMNS
from gateway.cli.log import app
from signing import algorithms, jwk, keys
from tests.docs.pages import rows, section, text
from tests.gateway.audit.builders import PERSON
from tests.gateway.audit.builders import keys as log_keys
from tests.gateway.audit.extract import mixed_log
from tests.gateway.audit.extract.mixed_log import MixedLog


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> MixedLog:
    """A data folder: a log of every kind, the gateway's key, and its key set beside it."""
    made = mixed_log.make(tmp_path_factory.mktemp("data") / "data")
    (made.folder / "keys").mkdir()
    keys.write_private_file(made.folder / "keys/gateway-key.pem", keys.private_pem(algorithms.generate("ES256")))
    signer = keys.load_signer(made.folder / "keys/gateway-key.pem")
    (made.folder.parent / "jwks.json").write_text(json.dumps(jwk.to_jwks([signer])))
    return made


def run(mixed: MixedLog, *arguments: object, stdin: str | None = None) -> Result:
    """One export; it prints nothing wider than a terminal but paths."""
    where = [] if "--check" in arguments else ["--data-dir", mixed.folder]
    return CliRunner().invoke(app, [str(a) for a in ("export", *where, *arguments)], input=stdin)


def check(mixed: MixedLog, file: Path, *more: object) -> Result:
    """One check with both public keys."""
    jwks = mixed.folder.parent / "jwks.json"
    return run(mixed, "--check", file, "--jwks", jwks, "--public-key", mixed.places.vkey, *more)


def test_an_extract_is_written_and_checked_elsewhere(mixed: MixedLog, tmp_path: Path) -> None:
    """The file, its manifest and its signature hold with the two public keys alone, and say what they are."""
    out = tmp_path / "h14.csv"
    made = run(mixed, "--format", "csv", "--out", out, "--portal", "H14", "--since", "2026-10-01")
    assert made.exit_code == 0, made.output
    said = json.loads(manifest_file(out).read_bytes())
    assert made.output.splitlines() == [
        str(out),
        f"    {said['entries']} found in entries 0 to {mixed.size - 1} of {mixed.size}",
        f"    sha-256    {said['sha256']}",
        "    manifest   h14.csv.manifest.json",
        "    signature  h14.csv.manifest.jws",
        f"    note: {said['sealed']} entries of this time and kind could not be read",
        "    note: the keys of 1 key epochs of this time are not here",
    ]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for file in (out, manifest_file(out), token_file(out)):
        shutil.copy(file, elsewhere)
    done = check(mixed, elsewhere / "h14.csv")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0].startswith(f"OK  {said['entries']} entries, signed 20")
    assert lines[1:6] == [
        f"    by         {mixed.key.name}",
        f"    log        {mixed.key.name}",
        f"    looked at  entries 0 to {mixed.size - 1} of {mixed.size}",
        "    chosen     since 2026-09-30T17:00:00+00:00",
        "    chosen     portal H14",
    ]
    assert max(map(len, [*lines, *made.output.splitlines()[1:]])) <= 80


def test_every_filter_reaches_the_selection(mixed: MixedLog, tmp_path: Path) -> None:
    """Each option stands in the manifest under its name, and leaves exactly the entries that have it."""
    for number, (name, value) in enumerate(
        (
            ("since", "2026-10-05T08:00"),
            ("until", "2026-10-05"),
            ("kind", "disclosed"),
            ("portal", "H14.5"),
            ("officer", "Nguyễn Thị Ánh"),
            ("procedure", "1.010010"),
            ("dossier", "+84-1"),
            ("operation", "dossiers.prefill"),
            ("outcome", "source_unavailable"),
            ("source", "tax"),
            ("auditor", "kiểm.toán"),
        )
    ):
        out = tmp_path / f"{number}.jsonl"
        done = run(mixed, "--format", "jsonl", "--out", out, f"--{name}", value)
        assert done.exit_code == 0, done.output
        said = json.loads(manifest_file(out).read_bytes())
        assert list(said["selection"]) == [name]
        found = mixed_log.lines(out)
        assert 0 < len(found) == said["entries"] < mixed.size
        if name in ("officer", "procedure", "dossier", "operation", "auditor", "portal"):
            assert {line["content"][name] for line in found} == {value}
    assert said["format"] == "jsonl"


def test_a_subject_comes_on_standard_input_and_goes_nowhere(mixed: MixedLog, tmp_path: Path) -> None:
    """The number is in no file and no output; without one there is nothing to search for."""
    out = tmp_path / "person.csv"
    done = run(mixed, "--format", "csv", "--out", out, "--subject-stdin", stdin=f"{PERSON}\n")
    assert done.exit_code == 0, done.output
    found = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig"), newline="")))
    assert {mixed.about[int(row[0])] for row in found[1:]} == {PERSON}
    assert not [path for path in tmp_path.iterdir() if PERSON in path.read_text(encoding="utf-8")]
    assert PERSON not in done.output
    told = check(mixed, out).output
    assert "    chosen     subject, one person or organisation\n" in told
    assert run(mixed, "--format", "csv", "--out", tmp_path / "x", "--subject-stdin", stdin="\n").exit_code == 2


def test_a_finished_file_is_not_done_again(mixed: MixedLog, tmp_path: Path) -> None:
    """It says so, and another selection in the same file is refused."""
    out = tmp_path / "a.csv"
    run(mixed, "--format", "csv", "--out", out, "--kind", "disclosed")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    again = run(mixed, "--format", "csv", "--out", out, "--kind", "disclosed")
    assert (again.exit_code, "it was finished before" in again.output) == (0, True)
    other = run(mixed, "--format", "csv", "--out", out, "--kind", "refused")
    assert (other.exit_code, "another selection" in other.output) == (2, True)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_without_the_gateway_s_key_it_is_not_signed_and_says_so(mixed: MixedLog, tmp_path: Path) -> None:
    """On an auditor's copy of the log there is no key, and none is made."""
    copy = tmp_path / "copy"
    shutil.copytree(mixed.folder, copy)
    shutil.rmtree(copy / "keys")
    out = tmp_path / "a.csv"
    done = run(mixed, "--format", "csv", "--out", out, "--data-dir", copy)
    assert done.exit_code == 0, done.output
    assert "    signature  none: the gateway key is not in this data folder\n" in done.output
    assert not token_file(out).exists()
    assert not (copy / "keys").exists()
    assert check(mixed, out).exit_code == 2


def test_what_does_not_hold(mixed: MixedLog, tmp_path: Path) -> None:
    """A changed file, manifest or signature, another log's key: NOT OK, exit 1."""
    out = tmp_path / "a.jsonl"
    run(mixed, "--format", "jsonl", "--out", out)
    for path in (out, manifest_file(out), token_file(out)):
        content = path.read_bytes()
        path.write_bytes(content.replace(b"2", b"3"))
        done = check(mixed, out)
        assert (done.exit_code, done.output[:6]) == (1, "NOT OK"), done.output
        path.write_bytes(content)
    stranger = log_keys(tmp_path / "other")[1].vkey
    done = check(mixed, out, "--public-key", stranger)
    assert (done.exit_code, done.output[:6]) == (1, "NOT OK"), done.output
    assert check(mixed, out).exit_code == 0


def test_what_cannot_be_checked(mixed: MixedLog, tmp_path: Path) -> None:
    """Without keys, with a key set that is none, without a file: exit 2. What was left out is remarked on."""
    out = tmp_path / "a.jsonl"
    run(mixed, "--format", "jsonl", "--out", out)
    jwks = mixed.folder.parent / "jwks.json"
    for arguments in (
        ["--check", out],
        ["--check", out, "--jwks", tmp_path / "none"],
        ["--check", out, "--jwks", out],
        ["--check", tmp_path / "none", "--jwks", jwks],
        ["--check", out, "--jwks", jwks, "--public-key", "rubbish"],
    ):
        done = run(mixed, *arguments)
        assert done.exit_code == 2, done.output
        assert done.stdout == ""
    done = run(mixed, "--check", out, "--jwks", jwks)
    assert done.exit_code == 0
    assert "    note: the checkpoint in the manifest was not checked: give --public-key\n" in done.output


def test_what_cannot_be_written(mixed: MixedLog, tmp_path: Path) -> None:
    """Each mistake is a sentence and exit 2, and leaves no file."""
    out: Any = tmp_path / "out"
    csv_out = ["--format", "csv", "--out", out]
    for arguments, words in (
        ([], "Where to?"),
        (["--format", "xml", "--out", out], "tiles, csv or jsonl"),
        ([*csv_out, "--kind", "opened"], "--kind: one of"),
        ([*csv_out, "--since", "yesterday"], "--since: a time such as"),
        ([*csv_out, "--portal", ""], "--portal: 1 to 256"),
        ([*csv_out, "--from", 9999], "there is none"),
        ([*csv_out, "--with-contents"], "belongs to tiles"),
        (["--out", out, "--portal", "H14"], "tiles are the whole log"),
        ([*csv_out, "--data-dir", tmp_path / "none"], "no public key of a log there"),
        (["--format", "csv", "--out", tmp_path / "no" / "a"], "no"),
        ([*csv_out, "--store", "mysql://x"], "a store is"),
    ):
        done = run(mixed, *arguments)
        assert (done.exit_code, words in done.output) == (2, True), done.output
        assert not out.exists()


def test_a_log_that_was_altered_is_not_extracted(mixed: MixedLog, tmp_path: Path) -> None:
    """An entry that is not its leaf hash's: NOT OK, exit 1."""
    copy = tmp_path / "copy"
    shutil.copytree(mixed.folder, copy)
    database = sqlite3.connect(copy / "log/log.sqlite")
    database.execute("UPDATE entry SET env = zeroblob(200) WHERE idx = 9")
    database.commit()
    database.close()
    done = run(mixed, "--format", "csv", "--out", tmp_path / "a", "--data-dir", copy)
    assert (done.exit_code, done.output.startswith("NOT OK  entry 9 ")) == (1, True), done.output


def test_the_help_fits_a_terminal(mixed: MixedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """80 columns, and every option is explained."""
    monkeypatch.setenv("COLUMNS", "80")
    told = run(mixed, "--help").output
    assert max(len(line) for line in told.splitlines()) <= 80
    assert "..." not in told.replace("changed ...", "").replace("prefill ...", "")


def test_the_page_says_what_the_command_does(mixed: MixedLog, tmp_path: Path) -> None:
    """Every command of docs/exports.md runs as it stands, and its tables name every option, column and member."""
    page = text("docs/exports.md")
    (tmp_path / "number.txt").write_text(f"{PERSON}\n")
    shutil.copy(mixed.folder.parent / "jwks.json", tmp_path)
    environ = {
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
        "DATA": str(mixed.folder),
        "LOG_KEY": mixed.key.vkey,
        "LANG": "C.UTF-8",
    }
    said = []
    for block in re.findall(r"^```bash run\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        command = ["bash", "-euo", "pipefail", "-c", block]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path, env=environ)
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
        said.append(done.stdout)
    assert [output.split(maxsplit=1)[0] for output in said[:3]] == ["november.csv", "person.jsonl", "OK"]
    assert json.loads(manifest_file(tmp_path / "november.csv").read_bytes())["sha256"] == said[3].split()[0]
    assert "disclosed" in said[4]
    tables = rows(page)
    assert [row[0] for row in tables[-len(COLUMNS) :]] == list(COLUMNS.values())
    manifest = rows(section("docs/exports.md", "The manifest"))
    assert [name for row in manifest for name in re.findall(r"\w+", row[0])] == list(MEMBERS)
    options = {name for row in tables for name in re.findall(r"`(--[a-z-]+)`", row[0])}
    told = set(re.findall(r"(--[a-z-]+)", run(mixed, "--help").output))
    of_all = {"--out", "--format", "--data-dir", "--store", "--with-contents", "--help", "--check", "--jwks"}
    assert options == told - of_all - {"--public-key"}
