"""`gateway log` as an auditor uses it."""

import asyncio
import json
import os
import re
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.audit.events import EntryKind, Heartbeat
from gateway.audit.keys import Places
from gateway.cli.log import app
from tests.gateway.audit.builders import (
    PERSON,
    START,
    TAX_CODE,
    a_change,
    a_context,
    a_decision,
    a_disclosure,
    a_log,
    a_redaction,
    a_refusal,
    a_subject,
    an_inspection,
    keys,
)


def run(*arguments: object, typed: str | None = None) -> Result:
    """One command."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=typed)


async def filled(folder: Path) -> str:
    """A log of one answered call, one refusal and one call of another portal; the checkpoint after the first."""
    firm = a_subject(role="enterprise", kind="enterprise", id=TAX_CODE)
    async with a_log(folder) as log:
        first = await log.append(a_decision())
        await log.append(a_disclosure(decided=first.index))
        await log.append(a_refusal(context=a_context(procedure="9.999999")))
        await log.append(a_decision(context=a_context(agency="H15", dossier="H15-7"), subjects=(firm,)))
    return first.checkpoint


async def test_verify_says_ok_and_what_it_rests_on(tmp_path: Path) -> None:
    """A whole log exits 0 with its size and root, and reminds of what was not proved."""
    await filled(tmp_path)
    result = run("verify", "--data-dir", tmp_path)

    assert result.exit_code == 0
    assert result.output.startswith("OK  7 entries, 5 checkpoints, 0 tiles")
    assert "--public-key" in result.output
    assert max(map(len, result.output.splitlines())) <= 80


async def test_verify_with_everything_given(tmp_path: Path) -> None:
    """Public key as text or file, an earlier checkpoint and the key ring leave nothing to remark."""
    (tmp_path / "old.txt").write_text(await filled(tmp_path))
    places = Places.under(tmp_path)
    for key in (places.vkey, places.vkey.read_text().strip()):
        result = run(
            "verify", places.store, "--public-key", key, "--checkpoint", tmp_path / "old.txt", "--keys", places.ring
        )
        assert result.exit_code == 0, result.output
        assert "contents: 4 opened, 3 in clear, 0 sealed, 0 erased" in result.output
        assert "note:" not in result.output


async def test_verify_names_the_first_bad_entry(tmp_path: Path) -> None:
    """An altered log exits 1 and says which entry and what."""
    await filled(tmp_path)
    database = sqlite3.connect(Places.under(tmp_path).store)
    database.execute("UPDATE entry SET subj_tag = zeroblob(16) WHERE idx = 1")
    database.commit()
    database.close()
    result = run("verify", "--data-dir", tmp_path)

    assert result.exit_code == 1
    assert result.output.startswith("NOT OK  entry 1: its searchable columns")


async def test_verify_that_cannot_be_made_exits_2(tmp_path: Path) -> None:
    """No store, no key, a wrong key, a checkpoint of someone else: none of them is a verdict about the log."""
    assert run("verify", "--data-dir", tmp_path / "nowhere").exit_code == 2
    await filled(tmp_path)
    store = Places.under(tmp_path).store
    (tmp_path / "note.txt").write_text("no note")
    for more in (
        ["--public-key", "rubbish"],
        ["--checkpoint", tmp_path / "note.txt"],
        ["--checkpoint", tmp_path / "missing.txt"],
        ["--keys", tmp_path / "note.txt"],
        ["--keys", tmp_path / "missing.txt"],
        ["--keys", tmp_path],
    ):
        result = run("verify", store, *more)
        assert result.exit_code == 2, result.output
        assert "COULD NOT CHECK" in result.output


@pytest.mark.parametrize("options", [[], ["--public-key", "VKEY"]])
async def test_verify_of_a_store_that_does_not_exist_says_so(tmp_path: Path, options: list[str]) -> None:
    """The missing store is what is named, not the public key that would lie beside it."""
    await filled(tmp_path)
    vkey = Places.under(tmp_path).vkey.read_text().strip()
    more = [vkey if option == "VKEY" else option for option in options]
    for place in (tmp_path / "nope", Places.under(tmp_path).store / "nope"):
        result = run("verify", place, *more)
        assert (result.exit_code, result.stderr) == (2, f"COULD NOT CHECK  {place}: the store does not exist\n")
    result = run("verify", "--data-dir", tmp_path / "nowhere", *more)
    assert (result.exit_code, "log.sqlite: the store does not exist" in result.stderr) == (2, True)
    result = run("verify", tmp_path / ("x" * 300), *more)
    assert (result.exit_code, "File name too long" in result.stderr) == (2, True)


async def test_verify_with_a_checkpoint_that_is_no_text(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are named in a sentence of its own."""
    await filled(tmp_path)
    (tmp_path / "note.bin").write_bytes(b"log.test\xff\xfe")
    result = run("verify", "--data-dir", tmp_path, "--checkpoint", tmp_path / "note.bin")
    expected = f"COULD NOT CHECK  {tmp_path / 'note.bin'}: not text in UTF-8, so not a checkpoint\n"
    assert (result.exit_code, result.stderr) == (2, expected)


async def test_verify_with_a_key_epoch_file_nested_without_end(tmp_path: Path) -> None:
    """A file that no reader gets to the end of is not a key epoch file."""
    await filled(tmp_path)
    (tmp_path / "deep.json").write_bytes(b"[" * 100_000)
    result = run("verify", "--data-dir", tmp_path, "--keys", tmp_path / "deep.json")
    assert (result.exit_code, "not a key epoch file" in result.stderr) == (2, True)


async def test_show_fits_a_terminal_and_says_who_why_and_what(tmp_path: Path) -> None:
    """Each entry is a few lines of at most 80 columns in the order of the log."""
    await filled(tmp_path)
    result = run("show", "--data-dir", tmp_path)
    lines = result.output.splitlines()

    assert result.exit_code == 0
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines if line.startswith("#")] == ["#0", "#1", "#2", "#3", "#4", "#5", "#6"]
    text = re.sub(r"\s+", " ", result.output)
    for words in (
        "disclosed 200",
        "refused 403 procedure_not_granted",
        "portal H14 officer cb-0042 operation persons.lookup procedure 1.004222",
        "about applicant (person 1 of 1), found",
        "sources population: answered; fields person.full_name",
        "decided in #1",
        "key-epoch epoch",
        "seals disclosed period 2026-11",
    ):
        assert words in text
    assert PERSON not in result.output


async def test_show_lets_no_portal_steer_the_terminal(tmp_path: Path) -> None:
    """Control characters in a text a portal chose are shown as replacement characters."""
    async with a_log(tmp_path) as log:
        await log.append(a_decision(context=a_context(officer="\x1b[2Jx\u202e", dossier="a\nb")))
    output = run("show", "--data-dir", tmp_path, "--last", "1").output

    assert not [c for c in output if not c.isprintable() and c != "\n"]
    assert "\ufffd[2Jx\ufffd" in output
    assert "dossier a\ufffdb" in output


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--last", "2"], ["#5", "#6"]),
        (["--kind", "decided"], ["#1", "#6"]),
        (["--kind", "key-epoch"], ["#0", "#2", "#4"]),
        (["--portal", "H15"], ["#6"]),
        (["--procedure", "9.999999"], ["#5"]),
        (["--dossier", "H15-7"], ["#6"]),
        (["--kind", "decided", "--portal", "H14", "--last", "1"], ["#1"]),
        (["--portal", "H99"], []),
    ],
)
async def test_show_filters(tmp_path: Path, options: list[str], expected: list[str]) -> None:
    """Filters combine, and `--last` counts what fits."""
    await filled(tmp_path)
    result = run("show", "--data-dir", tmp_path, *options)

    assert [line.split()[0] for line in result.output.splitlines() if line.startswith("#")] == expected


async def test_show_finds_a_subject_by_a_number_from_standard_input(tmp_path: Path) -> None:
    """Given a personal number or an enterprise code, exactly its entries are shown; the number is not."""
    await filled(tmp_path)
    person = run("show", "--data-dir", tmp_path, "--subject-stdin", "--json", typed=f"{PERSON}\n")
    firm = run("show", "--data-dir", tmp_path, "--subject-stdin", "--json", typed=f"{TAX_CODE}\n")
    nobody = run("show", "--data-dir", tmp_path, "--subject-stdin", typed="004192000124\n")

    assert [json.loads(line)["index"] for line in person.output.splitlines()] == [1, 3]
    assert [json.loads(line)["index"] for line in firm.output.splitlines()] == [6]
    assert nobody.output == "No entry fits.\n"
    assert PERSON not in person.output
    assert run("show", "--data-dir", tmp_path, "--subject-stdin", typed="\n").exit_code == 2


async def test_json_holds_the_whole_content(tmp_path: Path) -> None:
    """A JSON line has everything that was sealed, the request token included."""
    await filled(tmp_path)
    line = json.loads(run("show", "--data-dir", tmp_path, "--json", "--portal", "H15").output)

    assert (line["index"], line["kind"]) == (6, "decided")
    assert line["content"]["token"] == "header.payload.signature"
    assert line["content"]["subject"] == {"role": "enterprise", "kind": "enterprise", "n": 1, "of": 1}


async def test_show_without_the_keys_shows_sealed_entries(tmp_path: Path) -> None:
    """With the keys of another log, or none, an entry shows its time and kind only; what has its keys is shown."""
    await filled(tmp_path)
    ring = Places.under(tmp_path).ring
    async with a_log(tmp_path / "other") as log:
        await log.append(a_decision())
    foreign = Places.under(tmp_path / "other").ring / "2026-11.decided.json"
    await asyncio.to_thread(shutil.copy2, foreign, ring / "2026-11.decided.json")
    result = run("show", "--data-dir", tmp_path, "--kind", "decided")
    assert result.output.count("sealed under key epoch") == 2
    assert "cb-0042" not in result.output
    assert "cb-0042" in run("show", "--data-dir", tmp_path, "--kind", "disclosed").output

    await asyncio.to_thread(shutil.rmtree, ring)
    result = run("show", "--data-dir", tmp_path)
    assert (result.exit_code, result.output.count("sealed under key epoch")) == (0, 4)


async def test_show_of_what_the_house_did(tmp_path: Path) -> None:
    """Auditors, changes, erasures and silence are shown in words too, each line within the terminal."""
    ring = keys(tmp_path)[2]
    old = ring.current(EntryKind.DISCLOSED, START - timedelta(days=700), os.urandom)
    async with a_log(tmp_path) as log:
        await log.append(an_inspection())
        await log.append(an_inspection(scope=(), action="signed_in", about={}, entries=(), found=None, subjects=()))
        await log.append(a_change(omitted=2))
        await log.append(a_redaction(old))
        await log.append(Heartbeat(START))
    result = run("show", "--data-dir", tmp_path)
    text = re.sub(r"\s+", " ", result.output)

    for words in (
        "inspected searched auditor kiem-tra-01 role provincial_auditor scope H14",
        "about searched (person 1 of 1) kind disclosed saw #4 #7 of 2",
        "inspected signed_in auditor kiem-tra-01 role provincial_auditor #",
        "changed by configuration key H14/h14-key-2 added; and 2 more",
        f"redaction basis retention disclosed of 2024-12, epoch {old.kid.hex()}",
        "heartbeat",
    ):
        assert words in text
    assert "request" not in text
    assert PERSON not in text
    assert max(map(len, result.output.splitlines())) <= 80


async def test_show_with_a_spoilt_key_file_names_it(tmp_path: Path) -> None:
    """A damaged file in the key ring is a sentence with its name, not an entry that looks erased."""
    await filled(tmp_path)
    (Places.under(tmp_path).ring / "2026-11.refused.json").write_text("{")
    result = run("show", "--data-dir", tmp_path)

    assert (result.exit_code, "2026-11.refused.json: not a key epoch file" in result.output) == (2, True)


def test_show_without_a_log_says_so(tmp_path: Path) -> None:
    """A folder without a log is a sentence and exit 2."""
    result = run("show", "--data-dir", tmp_path)

    assert result.exit_code == 2
    assert "log.sqlite: the store is unavailable" in result.output


def test_show_of_a_store_with_no_such_address_says_so(tmp_path: Path) -> None:
    """What is no address of a store is not repeated: it may hold a password."""
    result = run("show", "--data-dir", tmp_path, "--store", "mysql://u:s3cret@h/d")

    assert (result.exit_code, "postgresql://" in result.output, "s3cret" in result.output) == (2, True, False)
