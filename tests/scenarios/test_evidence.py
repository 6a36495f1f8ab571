"""Evidence without stored bodies: an answer somebody kept is recognised by its entry, another one is not."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from gateway.audit.keys import Places
from gateway.audit.reading import opened
from gateway.audit.ring import KeyRing
from gateway.cli.main import app
from gateway.storage.sqlite_reader import SqliteReader
from signing import jws
from signing.commitments import commitments
from signing.encoding import from_base64url
from tests.helpers.stack import PERSON, Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")


def payload_of(up: Stack, index: int) -> dict[str, Any]:
    """What the entry says."""
    places = Places.under(up.data_dir)
    reader = SqliteReader(places.store)
    try:
        return opened(reader.rows(index, index + 1)[0], KeyRing(places.ring)).payload or {}
    finally:
        reader.close()


def claims_of(answered: httpx.Response) -> dict[str, Any]:
    """The claims of the gateway's signature."""
    return dict(jws.parse(answered.headers["gateway-signature"]).claims())


def matched(up: Stack, index: int, body: Path, signature: Path) -> tuple[int, str]:
    """`gateway log match`."""
    arguments = ["log", "match", str(index), "--body", body, "--signature", signature, "--data-dir", up.data_dir]
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


async def test_every_field_of_an_answer_is_committed_to_under_a_salt_the_log_does_not_have(up: Stack) -> None:
    """The entry's commitments are those of body and salt; neither value nor salt stands in the entry."""
    answered = await up.call("/v1/dossiers/prefill", {"subjects": {"applicant": PERSON}})
    claims = claims_of(answered)
    entry = await asyncio.to_thread(payload_of, up, claims["entry"]["index"])
    assert entry["commitments"] == commitments(from_base64url(claims["salt"]), answered.json())
    assert set(entry["commitments"]) == {f"/form/{name}" for name in answered.json()["form"]}
    assert entry["reuse"] == [answered.json()["reuse"]["fields_total"], answered.json()["reuse"]["fields_filled"]]
    printed = json.dumps(entry)
    assert claims["salt"] not in printed
    assert PERSON["personal_id"] not in printed


async def test_two_equal_answers_have_nothing_in_common_in_the_log(up: Stack) -> None:
    """The salt is new for each answer: equal values cannot be told to be equal."""
    first, second = [
        await asyncio.to_thread(
            payload_of, up, claims_of(await up.call("/v1/persons/lookup", PERSON))["entry"]["index"]
        )
        for _ in range(2)
    ]
    assert first["commitments"].keys() == second["commitments"].keys()
    assert not set(first["commitments"].values()) & set(second["commitments"].values())


async def test_a_kept_answer_is_recognised_and_an_altered_one_named(up: Stack, tmp_path: Path) -> None:
    """`gateway log match` says yes to the answer as received, and names the one field that was changed."""
    answered = await up.call("/v1/persons/lookup", PERSON)
    index = claims_of(answered)["entry"]["index"]
    body, signature = tmp_path / "body.json", tmp_path / "signature.txt"
    body.write_bytes(answered.content)
    signature.write_text(answered.headers["gateway-signature"])
    assert await asyncio.to_thread(matched, up, index, body, signature) == (
        0,
        "".join(f"same     /fields/{name}\n" for name in sorted(answered.json()["fields"]))
        + f"OK  entry {index}: this is the answer that was disclosed\n",
    )

    altered = answered.json()
    altered["fields"]["person.full_name"]["value"]["full"] = "Nguyễn Thị Khác"
    body.write_text(json.dumps(altered, ensure_ascii=False, separators=(",", ":")))
    code, said = await asyncio.to_thread(matched, up, index, body, signature)
    assert (code, [line for line in said.splitlines() if line.startswith("differs")]) == (
        1,
        ["differs  /fields/person.full_name"],
    )
    assert "another answer was disclosed" in said
    assert "Nguyễn" not in said


async def test_an_entry_without_an_answer_is_not_compared(up: Stack, tmp_path: Path) -> None:
    """A key-epoch entry records no answer, and an index beyond the log no entry: exit status 2."""
    answered = await up.call("/v1/persons/lookup", PERSON)
    body, signature = tmp_path / "body.json", tmp_path / "signature.txt"
    body.write_bytes(answered.content)
    signature.write_text(answered.headers["gateway-signature"])
    assert (await asyncio.to_thread(matched, up, 0, body, signature))[0] == 2
    assert (await asyncio.to_thread(matched, up, 999_999, body, signature))[0] == 2
    signature.write_text("no token")
    assert (await asyncio.to_thread(matched, up, 0, body, signature))[0] == 2
