"""Reported errors in registries' data: what may be reported, who can follow it, and how the queue is worked."""

import asyncio
import csv
import io
import json
import re
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.client import GatewayClient, Problem
from gateway.vault import Space, VaultUnavailable
from tests.helpers.deferring import entry, payloads
from tests.helpers.stack import ENTERPRISE, PERSON, ROOT, THREE, Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")
REPORT: Mapping[str, Any] = {
    "subject": PERSON,
    "field": "person.full_name",
    "source": "population",
    "problem": "misspelt",
    "shown": {"full": "Nguyễn Thị Mẫu"},
    "proposed": {"full": "Nguyễn Thị Mậu"},
    "evidence": "=Giấy khai sinh số 45/2026",
}


async def reported(up: Stack, **changes: Any) -> httpx.Response:
    """A report with some members changed; None takes a member out."""
    body = {name: value for name, value in {**REPORT, **changes}.items() if value is not None}
    return await up.call("/v1/corrections", body)


async def followed(up: Stack, named: str, **changes: Any) -> httpx.Response:
    """What became of it."""
    return await up.call(f"/v1/corrections/{named}", method="GET", **changes)


async def command(up: Stack, *arguments: str) -> Any:
    """`gateway corrections ...` on the stack's own data folder, while the gateway runs."""
    given = [*arguments, "--data-dir", str(up.data_dir), "--config", str(up.config)]
    return await asyncio.to_thread(CliRunner().invoke, app, ["corrections", *given])


async def test_a_report_is_queued_and_can_be_followed(up: Stack) -> None:
    """201 with its place; the entry names the subject by tag and no value; the answer holds nothing personal."""
    said = await reported(up)
    assert said.status_code == 201
    document = said.json()
    assert {name: document[name] for name in ("status", "owner", "field", "problem")} == {
        "status": "queued", "owner": "population", "field": "person.full_name", "problem": "misspelt",
    }  # fmt: skip
    assert said.headers["location"] == f"{up.base_url}/v1/corrections/{document['correction']}"
    logged = payloads(up)[entry(said)]
    assert (logged["kind"], logged["operation"], logged["status"]) == ("disclosed", "corrections.report", 201)
    assert "subject" in logged
    assert PERSON["personal_id"] not in json.dumps(logged)
    read = await followed(up, document["correction"])
    assert (read.status_code, read.json()) == (200, document)
    assert payloads(up)[entry(read)]["operation"] == "corrections.read"


async def test_the_report_shown_in_the_manual_is_answered_as_shown(up: Stack) -> None:
    """docs/corrections.md: the body as it stands, and the answer but for its id and its time."""
    page = (ROOT / "docs" / "corrections.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^    (\{.*?\})$(?=\n\n)", page, re.MULTILINE | re.DOTALL)
    body, answer = (json.loads(block) for block in blocks)
    said = await up.call("/v1/corrections", body)
    assert said.status_code == 201, said.text
    masked = {"correction": "x", "history": [{"status": "queued", "at": "x"}]}
    assert said.json().keys() == answer.keys()
    assert {**said.json(), **masked} == {**answer, **masked}
    assert [step.keys() for step in said.json()["history"]] == [step.keys() for step in answer["history"]]


@pytest.mark.parametrize(
    ("changes", "status", "code", "pointer"),
    [
        ({"field": "person.blood_type"}, 403, "field_not_granted", "/field"),
        ({"field": "person.shoe_size"}, 400, "field_unknown", "/field"),
        ({"field": "enterprise.name"}, 400, "field_unknown", "/field"),
        ({"source": "tax"}, 400, "value_invalid", "/source"),
        ({"source": "declared"}, 400, "value_invalid", "/source"),
        ({"problem": "ugly"}, 400, "value_invalid", "/problem"),
        ({"problem": None}, 400, "value_invalid", "/problem"),
        ({"evidence": "x" * 1001}, 400, "value_invalid", "/evidence"),
        ({"evidence": "  "}, 400, "value_invalid", "/evidence"),
        ({"proposed": ["x" * 3000, "y" * 3000]}, 400, "value_invalid", "/proposed"),
        ({"more": 1}, 400, "field_unknown", "/more"),
        ({"subject": {**PERSON, "personal_id": "12"}}, 400, "value_invalid", "/subject/personal_id"),
        ({"subject": ENTERPRISE}, 400, "field_unknown", "/field"),
    ],
)
async def test_what_may_not_be_reported(
    up: Stack, changes: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    """Each with the member at fault; nothing is queued and the refusal is an entry."""
    held = await up.gateway.state.world.vault.held(Space.CORRECTION)
    refused = await reported(up, **changes)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert pointer in [flaw["pointer"] for flaw in refused.json()["errors"]]
    assert await up.gateway.state.world.vault.held(Space.CORRECTION) == held
    assert payloads(up)[entry(refused)]["kind"] == "refused"
    assert PERSON["full_name"] not in refused.text


async def test_others_cannot_follow_it(up: Stack) -> None:
    """Another portal, procedure or dossier, and a made-up name: there is none."""
    named = (await reported(up)).json()["correction"]
    other = {"procedure": "1.004222", "dossier": "X-1", "officer": "o", "basis": "law"}
    for changes in ({"agency": "H41"}, {"procedure": THREE}, {"purpose": other}):
        assert (await followed(up, named, **changes)).json()["code"] == "not_found"
    assert (await followed(up, "0" * 36)).status_code == 404
    assert (await followed(up, "..%2f..")).status_code == 404


async def test_the_operation_has_to_be_allowed_and_the_queue_is_bounded(up: Stack) -> None:
    """A portal without the operation, and one whose queue is full."""
    policy = up.gateway.state.policy
    portal = policy.portals["H14"]
    try:
        without = replace(portal, operations=portal.operations - {"corrections.report"})
        up.gateway.state.policy = replace(policy, portals={**policy.portals, "H14": without})
        assert (await reported(up)).json()["code"] == "operation_not_granted"
        up.gateway.state.policy = replace(policy, corrections=replace(policy.corrections, most_each=1))
        await reported(up)
        assert (await reported(up)).json()["code"] == "rate_limited"
    finally:
        up.gateway.state.policy = policy


async def test_a_vault_that_fails_takes_no_report(up: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The portal is told to try again; nothing is promised."""

    async def broken(*_: Any, **__: Any) -> Any:
        raise VaultUnavailable("disk_full")

    with monkeypatch.context() as patch:
        patch.setattr(type(up.gateway.state.world.vault), "put", broken)
        assert (await reported(up)).json()["code"] == "log_unavailable"


async def test_the_queue_is_worked_from_the_terminal(up: Stack, tmp_path: Path) -> None:
    """List shows nobody; show, export and set leave their entries; the portal reads the owner's word."""
    named = (await reported(up)).json()["correction"]
    listed = await command(up, "list", "--state", "queued", "--source", "population")
    assert listed.exit_code == 0, listed.output
    assert named in listed.output
    assert "Mẫu" not in listed.output
    assert PERSON["personal_id"] not in listed.output
    shown = await command(up, "show", named)
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["proposed"] == {"full": "Nguyễn Thị Mậu"}
    looked = _newest(up, "inspected")
    assert (looked["action"], looked["about"]) == ("correction_shown", {"correction": named})
    assert "subject" in looked

    file = tmp_path / "population.csv"
    exported = await command(up, "export", "--source", "population", "--file", str(file))
    assert exported.exit_code == 0, exported.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig")))}
    assert rows[named]["evidence"].startswith("'=")
    assert json.loads(rows[named]["subject"])["personal_id"] == PERSON["personal_id"]
    assert (await followed(up, named)).json()["status"] == "sent"
    again = await command(up, "export", "--source", "population", "--file", str(tmp_path / "none.jsonl"))
    assert (again.exit_code, (tmp_path / "none.jsonl").exists()) == (0, False)

    accepted = await command(up, "set", named, "accepted", "--note", "Sẽ sửa trong tháng 12.")
    assert accepted.exit_code == 0, accepted.output
    changed = _newest(up, "changed")["changes"][0]
    assert (changed["what"], changed["name"]) == ("correction", named)
    assert changed["detail"] == "population person.full_name: sent to accepted"
    read = (await followed(up, named)).json()
    assert [step["status"] for step in read["history"]] == ["queued", "sent", "accepted"]
    assert read["history"][-1]["note"] == "Sẽ sửa trong tháng 12."
    back = await command(up, "set", named, "sent")
    assert (back.exit_code, "not followed" in back.output) == (1, True)
    assert (await followed(up, named)).json()["status"] == "accepted"
    nobody = await command(up, "show", "00000000-0000-4000-8000-000000000000")
    assert nobody.exit_code == 1


async def test_the_client_reports_and_follows(up: Stack) -> None:
    """`report_correction`, `correction` and `preview`, each verified; a page is a text."""
    purpose = {"procedure": "1.004222", "dossier": "SDK/1", "officer": "officer-07", "basis": "law"}
    signer = up.portals["H14"].signer
    async with GatewayClient(up.base_url, iss="H14", signer=signer, purpose=purpose) as client:
        told = await client.report_correction(PERSON, "person.sex", source="population", problem="wrong_value")
        assert (told.status, told.document["status"]) == (201, "queued")
        assert (await client.correction(told.document["correction"])).document == told.document
        with pytest.raises(Problem, match="not_found"):
            await client.preview()
        await client.prefill({"applicant": PERSON})
        page = await client.preview()
    assert page.document.startswith("<!doctype html>")
    assert page.receipt is not None


async def test_a_page_from_the_terminal(up: Stack, tmp_path: Path) -> None:
    """`gateway call dossiers.preview` writes the page as it came, and what was proved on standard error."""
    await up.call("/v1/dossiers/prefill", {"subjects": {"applicant": PERSON}})
    key = tmp_path / "key.pem"
    key.write_bytes(
        up.portals["H14"].signer.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    key.chmod(0o600)
    given = {
        "--url": up.base_url, "--key": str(key), "--kid": up.portals["H14"].signer.kid, "--iss": "H14",
        "--procedure": "1.004222", "--dossier": "H14-20261122-0000001", "--officer": "officer-07",
    }  # fmt: skip
    options = [part for pair in given.items() for part in pair]
    done = await asyncio.to_thread(CliRunner().invoke, app, ["call", "dossiers.preview", *options])
    assert done.exit_code == 0, done.output
    # the gateway of this process writes its lines to the same place
    assert re.search("^<!doctype html>", done.stdout, re.MULTILINE)
    assert done.stdout.rstrip().endswith("</html>")
    assert "signature  verified" in done.stderr
    refused = await asyncio.to_thread(CliRunner().invoke, app, ["call", "dossiers.preview", *options, "--data", "{}"])
    assert refused.exit_code == 4


async def test_erasing_a_person_erases_their_corrections(up: Stack) -> None:
    """They are found by whom they are about."""
    named = (await reported(up)).json()["correction"]
    vault = up.gateway.state.world.vault
    await vault.erase([vault.tag("person", PERSON["personal_id"])], [Space.CORRECTION])
    assert (await followed(up, named)).status_code == 404


def _newest(up: Stack, kind: str) -> dict[str, Any]:
    return next(one for _, one in sorted(payloads(up).items(), reverse=True) if one["kind"] == kind)
