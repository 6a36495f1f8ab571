"""The officer's view over real sockets: what may be seen by whom, for how long, and what of it is in the log."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import lxml.html
import pytest
import pytest_asyncio

from gateway.audit.errors import LogUnavailable
from gateway.vault import Space, VaultUnavailable
from signing import digest, jws
from tests.helpers.batching import send as batch
from tests.helpers.deferring import defer, entry, payloads, settled
from tests.helpers.stack import PERSON, RESIDENCE, THREE, Stack, stack
from tests.scenarios.prefills import CODES, GOLDEN

pytestmark = pytest.mark.asyncio(loop_scope="module")
DOSSIER = "H14-20261122-0000001"
NONE = "call dossiers/prefill"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def every(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A stack whose portals may use every procedure."""
    async with stack(tmp_path_factory.mktemp("every"), procedures=CODES) as made:
        yield made


def purpose(dossier: str, procedure: str = RESIDENCE) -> dict[str, str]:
    """Why a call is made, for a dossier of its own."""
    return {"procedure": procedure, "dossier": dossier, "officer": "officer-07", "basis": "law"}


async def filled(up: Stack, dossier: str, declared: Any = None, **changes: Any) -> httpx.Response:
    """A pre-fill."""
    body = {"subjects": {"applicant": PERSON}, **({"declared": declared} if declared else {})}
    said = await up.call("/v1/dossiers/prefill", body, purpose=purpose(dossier), **changes)
    assert said.status_code == 200, said.text
    return said


async def seen(up: Stack, dossier: str, *, path: str | None = None, **changes: Any) -> httpx.Response:
    """A preview."""
    given = {"purpose": purpose(dossier)} | changes
    return await up.call(f"/v1/dossiers/{path or dossier}/preview", method="GET", **given)


def text(page: httpx.Response) -> str:
    """All text of a page, spaces as one."""
    return " ".join("".join(lxml.html.document_fromstring(page.text).itertext()).split())


async def test_a_page_after_a_prefill(up: Stack) -> None:
    """Signed, HTML, not to be kept by caches; its own entry names fields, subject and the pre-fill's decision."""
    before = await filled(up, "A-1")
    page = await seen(up, "A-1")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["content-digest"] == digest.content_digest(page.content)
    claims = jws.parse(page.headers["gateway-signature"]).claims()
    assert (claims["status"], claims["digest"]) == (200, page.headers["content-digest"])
    written = payloads(up)
    earlier, own = written[entry(before)], written[entry(page)]
    assert (own["kind"], own["operation"], own["dossier"]) == ("disclosed", "dossiers.preview", "A-1")
    assert own["digest"] == page.headers["content-digest"]
    for same in ("fields", "decided", "procedure", "subject"):
        assert own[same] == earlier[same], same
    assert "Nguyễn Thị Mẫu" in text(page)
    assert f"№ {entry(before)}" in text(page)


async def test_what_a_citizen_typed_stays_text(up: Stack) -> None:
    """A script in a declared value is shown as its letters."""
    evil = "<script>alert(1)</script><b onclick=x>"
    await filled(up, "A-2", {"permanent_address": evil})
    page = await seen(up, "A-2")
    document = lxml.html.document_fromstring(page.text)
    assert not document.xpath("//script|//b|//*[@onclick]")
    assert evil in text(page)


@pytest.mark.parametrize(
    ("dossier", "path", "changes", "status", "code"),
    [
        ("B-0", None, {}, 404, "not_found"),
        ("B-1", None, {"agency": "H41"}, 404, "not_found"),
        ("B-1", None, {"purpose": purpose("B-1", THREE)}, 404, "not_found"),
        ("B-1", "B-2", {}, 404, "not_found"),
        ("B-2", "B-1", {}, 404, "not_found"),
        ("B-1", None, {"purpose": purpose("B-1", "9.999999")}, 403, "procedure_unknown"),
    ],
)
async def test_nobody_else_sees_it(
    up: Stack, dossier: str, path: str | None, changes: dict[str, Any], status: int, code: str
) -> None:
    """Another portal, procedure or dossier: nothing is there; the refusal is an entry."""
    await filled(up, "B-1")
    refused = await seen(up, dossier, path=path, **changes)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert payloads(up)[entry(refused)]["kind"] == "refused"


async def test_it_tells_to_prefill_first(up: Stack) -> None:
    """The problem says what to do."""
    assert NONE in (await seen(up, "B-9")).json()["detail"]


@pytest.mark.parametrize("written", ["C/1", "C%2F1"])
async def test_a_dossier_with_a_slash(up: Stack, written: str) -> None:
    """Both spellings of the address are taken, as long as `htu` has the one that was sent."""
    await filled(up, "C/1")
    assert (await seen(up, "C/1", path=written)).status_code == 200
    other = up.base_url + "/v1/dossiers/" + ("C%2F1" if written == "C/1" else "C/1") + "/preview"
    refused = await seen(up, "C/1", path=written, url=other)
    assert refused.json()["code"] == "target_mismatch"


async def test_a_later_prefill_takes_the_place_of_an_earlier(up: Stack) -> None:
    """One page for a dossier: the newest."""
    await filled(up, "D-1", {"phone": "0911 111 111"})
    await filled(up, "D-1", {"phone": "0922 222 222"})
    page = text(await seen(up, "D-1"))
    assert ("0911" in page, "0922" in page) == (False, True)


async def test_deferred_and_batch_prefills_have_theirs(up: Stack) -> None:
    """Once the deferred answer was read; for each line of a batch, under its own dossier."""
    promised = await defer(up, "/v1/dossiers/prefill", {"subjects": {"applicant": PERSON}})
    assert (await seen(up, DOSSIER)).status_code == 404
    read = await settled(up, promised.json()["job"])
    assert f"№ {entry(read)}" in text(await seen(up, DOSSIER))
    await batch(up, [{"dossier": f"E-{n}", "subjects": {"applicant": PERSON}} for n in (1, 2)])
    assert [(await seen(up, f"E-{n}")).status_code for n in (1, 2)] == [200, 200]


async def test_a_grant_that_was_taken_back_closes_it(up: Stack) -> None:
    """A field that was disclosed and is granted no more, an operation taken from the portal: nothing leaves."""
    await filled(up, "F-1")
    policy = up.gateway.state.policy
    procedure, portal = policy.procedures[RESIDENCE], policy.portals["H14"]
    fields = {name: basis for name, basis in procedure.grant.fields.items() if name != "person.sex"}
    less = replace(procedure, grant=replace(procedure.grant, fields=fields))
    try:
        up.gateway.state.policy = replace(policy, procedures={**policy.procedures, RESIDENCE: less})
        assert (await seen(up, "F-1")).json()["code"] == "field_not_granted"
        without = replace(portal, operations=portal.operations - {"dossiers.preview"})
        up.gateway.state.policy = replace(policy, portals={**policy.portals, "H14": without})
        assert (await seen(up, "F-1")).json()["code"] == "operation_not_granted"
        await filled(up, "F-2")
    finally:
        up.gateway.state.policy = policy
    assert (await seen(up, "F-1")).status_code == 200
    # what was disclosed while the portal could not see it again was not kept
    assert (await seen(up, "F-2")).status_code == 404


async def test_it_ends(up: Stack) -> None:
    """After its time, or with `keep_minutes = 0`, there is nothing."""
    policy = up.gateway.state.policy
    try:
        up.gateway.state.policy = replace(policy, preview_keep=timedelta(microseconds=1))
        await filled(up, "G-1")
        up.gateway.state.policy = replace(policy, preview_keep=timedelta(0))
        await filled(up, "G-2")
    finally:
        up.gateway.state.policy = policy
    assert [(await seen(up, f"G-{n}")).status_code for n in (1, 2)] == [404, 404]


async def test_erasing_a_person_erases_it(up: Stack) -> None:
    """It is found by whom it is about."""
    await filled(up, "H-1")
    vault = up.gateway.state.world.vault
    assert await vault.erase([vault.tag("person", PERSON["personal_id"])], [Space.PREVIEW]) >= 1
    assert (await seen(up, "H-1")).status_code == 404


async def test_no_log_no_page(up: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry that cannot be written keeps the page here."""
    await filled(up, "I-1")
    world = up.gateway.state.world

    async def broken(*_: Any, **__: Any) -> Any:
        raise LogUnavailable("disk_full")

    with monkeypatch.context() as patch:
        patch.setattr(type(world.log), "append", broken)
        refused = await seen(up, "I-1")
    assert (refused.status_code, refused.json()["code"]) == (503, "log_unavailable")
    assert "Nguyễn" not in refused.text


async def test_a_vault_that_fails_costs_the_page_alone(up: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pre-fill is answered; the preview says that it may be tried again."""
    vault = type(up.gateway.state.world.vault)

    async def broken(*_: Any, **__: Any) -> Any:
        raise VaultUnavailable("disk_full")

    with monkeypatch.context() as patch:
        patch.setattr(vault, "put", broken)
        patch.setattr(vault, "get", broken)
        await filled(up, "J-1")
        assert (await seen(up, "J-1")).json()["code"] == "log_unavailable"
    assert (await seen(up, "J-1")).status_code == 404


async def test_no_registry_is_asked(up: Stack) -> None:
    """A preview leaves the registries alone."""
    await filled(up, "K-1")
    counted = json.dumps(await up.mock("population", "state"), sort_keys=True)
    assert (await seen(up, "K-1")).status_code == 200
    assert json.dumps(await up.mock("population", "state"), sort_keys=True) == counted


@pytest.mark.parametrize("code", CODES)
async def test_every_shipped_procedure_has_its_page(every: Stack, code: str) -> None:
    """Pre-filled over the mock country, then seen."""
    asked = json.loads((GOLDEN / f"{code}.json").read_text(encoding="utf-8"))["asked"]
    given = purpose(f"P-{code}", code)
    said = await every.call("/v1/dossiers/prefill", asked, purpose=given)
    assert said.status_code == 200
    page = await every.call(f"/v1/dossiers/P-{code}/preview", method="GET", purpose=given)
    assert page.status_code == 200
    rows = lxml.html.document_fromstring(page.text).xpath("//table[@class='form']/tbody/tr")
    assert len(rows) == len(said.json()["form"])
