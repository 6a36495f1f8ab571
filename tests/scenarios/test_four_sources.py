"""A dossier of four sources, of which one hangs, one refuses us and one is down: the rest comes, explained."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.helpers.papers import registration
from tests.helpers.stack import ENTERPRISE, PERSON, TAXPAYER, THREE, Stack, stack

pytestmark = pytest.mark.asyncio(loop_scope="module")

KIND = "enterprise_registration_certificate"
SUBJECTS = {"applicant": PERSON, "enterprise": ENTERPRISE, "taxpayer": TAXPAYER}
PERSONAL = "\n".join(
    f'"{name}" = {{ max_age = "0s", outage = "24h" }}'
    for name in (
        "person.full_name",
        "person.birth_date",
        "person.personal_id",
        "person.permanent_address",
        "person.current_address",
    )
)
MORE = f"""
[freshness.fields]
{PERSONAL}

[[documents]]
kind = "{KIND}"
role = "enterprise"
label_vi = "Giấy chứng nhận đăng ký doanh nghiệp"
label_en = "Enterprise registration certificate"
required = false
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def four(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A procedure of three registries that accepts a document, and bridges an outage of the population database."""
    async with stack(tmp_path_factory.mktemp("stack")) as made:
        _append(made.config / "dossiers" / THREE / "dossier.toml", MORE)
        _append(made.config / "grants" / f"{THREE}.txt", f"document {KIND}   # Law on Enterprises 59/2020/QH14\n")
        sources = made.config / "sources.toml"
        text = sources.read_text(encoding="utf-8")
        sources.write_text(text.replace("deadline_seconds = 5", "deadline_seconds = 4"), encoding="utf-8")
        for adapter in made.gateway.reload(made.load()):
            await adapter.close()
        yield made


def _append(path: Path, more: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + "\n" + more, encoding="utf-8")


async def test_everything_else_comes_inside_the_deadline(four: Stack) -> None:
    """The person's values stand in as stale with their age, the firm's and the taxpayer's are missing with the reason,
    the document is offered, and what the citizen declared is there."""
    up = four
    kept = await up.call("/v1/documents", registration(kind=KIND, holder=ENTERPRISE), procedure=THREE)
    assert kept.status_code == 200, kept.text
    body = {"subjects": SUBJECTS}
    whole = await up.call("/v1/dossiers/prefill", body, procedure=THREE)
    assert whole.status_code == 200, whole.text
    assert {name: one["outcome"] for name, one in whole.json()["sources"].items()} == dict.fromkeys(
        ("population", "business", "tax", "documents"), "answered"
    )
    await up.mock("population", "fault", {"fault": "http_503"})
    await up.mock("business", "fault", {"fault": "hang"})
    await up.mock("tax", "fault", {"fault": "auth_refused"})
    began = time.monotonic()
    answer = await up.call("/v1/dossiers/prefill", body, procedure=THREE)
    assert time.monotonic() - began < up.gateway.state.policy.deadline
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert {name: one["outcome"] for name, one in said["sources"].items()} == {
        "population": "unavailable",
        "business": "timed_out",
        "tax": "refused",
        "documents": "answered",
    }
    before, form = whole.json()["form"], said["form"]
    of_person = {name for name, one in before.items() if one["source"] == "population" and one["status"] == "ok"}
    assert of_person
    for name in of_person:
        assert form[name]["status"] in ("stale", "conflict"), name
        assert form[name]["value"] == before[name]["value"]
        assert form[name]["retrieved_at"] == before[name]["retrieved_at"]
    assert any(form[name].get("age_seconds", -1) >= 0 for name in of_person)
    missing = {one["field"]: (one["reason"], one.get("source")) for one in said["missing"]}
    lost = {name for name, one in before.items() if one["source"] in ("business", "tax") and "value" in one}
    assert lost
    assert {missing[name][0] for name in lost} == {"unavailable"}
    assert {missing[name][1] for name in lost} <= {"business", "tax"}
    assert [offer["kind"] for offer in said["documents"]] == [KIND]
    page = await up.call(
        f"/v1/dossiers/{said['dossier']}/preview",
        method="GET",
        purpose={"procedure": THREE, "dossier": said["dossier"], "officer": "officer-07", "basis": "law"},
    )
    assert page.status_code == 200
    labels = {field.name: field.label.vi for field in up.gateway.state.policy.procedures[THREE].form}
    assert all(labels[name] in page.text for name in missing)


async def test_an_expired_document_of_a_representative_is_a_notice(four: Stack) -> None:
    """The business registry's last day of a director's identity document, in the dossier as a sentence."""
    for source in ("population", "business", "tax"):
        await four.mock(source, "reset")
    firm = {"enterprise_code": "0309000037"}
    answer = await four.call(
        "/v1/dossiers/prefill", {"subjects": {"applicant": PERSON, "enterprise": firm}}, procedure=THREE
    )
    said = answer.json()
    assert "representative_document_expired" in said["doubts"]["enterprise"]
    [notice] = [one for one in said["notices"] if one["code"] == "representative_document_expired"]
    assert notice["source"] == "business"
    assert "expired" in notice["en"]
