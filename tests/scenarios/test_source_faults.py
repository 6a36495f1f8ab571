"""Every fault of every mock registry, through the whole gateway: the right code, the others' fields intact, no leak."""

import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, nullcontext

import pytest
import pytest_asyncio

from mocks import business, population, tax
from mocks.faults import GENERIC, Fault
from tests.helpers.stack import ENTERPRISE, PERSON, TAXPAYER, THREE, Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOOKUPS = {
    "population": ("/v1/persons/lookup", PERSON),
    "business": ("/v1/enterprises/lookup", ENTERPRISE),
    "tax": ("/v1/taxpayers/lookup", TAXPAYER),
}
SUBJECTS = {"subjects": {"applicant": PERSON, "enterprise": ENTERPRISE, "taxpayer": TAXPAYER}}
STATUS = {"source_refused": 502, "source_garbled": 502, "source_unavailable": 503, "source_timed_out": 504}
GARBLED = "source_garbled"
# What each fault is to a portal. A fault that a source plays in its own way is listed with the source.
EXPECTED: dict[Fault | tuple[str, Fault], str | None] = {
    Fault.SLOW: None,
    Fault.HANG: "source_timed_out",
    Fault.REFUSE: "source_unavailable",
    Fault.RESET_MID_BODY: "source_unavailable",
    Fault.TRUNCATED_CONTENT_LENGTH: "source_unavailable",
    Fault.HTTP_500: "source_unavailable",
    Fault.HTTP_503: "source_unavailable",
    # a SOAP service that is not at its address is a contract that changed; for the REST service it may mean anything
    Fault.HTTP_404: "source_refused",
    ("business", Fault.HTTP_404): GARBLED,
    Fault.REDIRECT: GARBLED,
    Fault.MALFORMED: GARBLED,
    Fault.WRONG_CONTENT_TYPE: GARBLED,
    Fault.OVERSIZED: GARBLED,
    Fault.GZIP_BOMB: GARBLED,
    Fault.EMPTY_BODY: GARBLED,
    Fault.DTD: GARBLED,
    Fault.ENTITY_BOMB: GARBLED,
    Fault.WRONG_SUBJECT: GARBLED,
    Fault.SOAP_FAULT: "source_unavailable",
    Fault.AUTH_REFUSED: "source_refused",
    Fault.EXPIRED_TOKEN: None,  # renewed once, then answered
    Fault.DUPLICATE_KEYS: GARBLED,
    Fault.UNSIGNED: GARBLED,
    Fault.WRAPPED: GARBLED,
    Fault.WRONG_KEY: GARBLED,
    Fault.STALE_TIMESTAMP: GARBLED,
    Fault.WRONG_REQUEST: GARBLED,
}


def _cases() -> Iterator[tuple[str, Fault]]:
    for source, own in (("population", population.FAULTS), ("business", business.FAULTS), ("tax", tax.FAULTS)):
        for fault in sorted(GENERIC | own):
            yield source, fault


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def patient_breakers(running: Stack) -> None:
    """Breakers that do not open while faults are tried one after the other."""
    text = (running.config / "sources.toml").read_text(encoding="utf-8")
    await _reloaded(running, text.replace("breaker_failures = 10", "breaker_failures = 1000"))


async def _reloaded(up: Stack, sources: str) -> None:
    (up.config / "sources.toml").write_text(sources, encoding="utf-8")
    for adapter in up.gateway.reload(up.load()):
        await adapter.close()


@asynccontextmanager
async def short_deadline(up: Stack, source: str) -> AsyncIterator[None]:
    """For the one source that is waited for in vain; the others keep theirs, which a busy machine may need."""
    text = (up.config / "sources.toml").read_text(encoding="utf-8")
    short, count = re.subn(
        rf"(^\[{source}\]$.*?^deadline_seconds = )5$", r"\g<1>1.5", text, count=1, flags=re.MULTILINE | re.DOTALL
    )
    assert count == 1
    try:
        await _reloaded(up, short)
        yield
    finally:
        await _reloaded(up, text)


def _outcome(code: str | None) -> str:
    return "answered" if code is None else code.removeprefix("source_")


@pytest.mark.parametrize(("source", "fault"), list(_cases()), ids=str)
async def test_a_fault_becomes_its_code_and_spares_the_other_sources(up: Stack, source: str, fault: Fault) -> None:
    """A look-up ends in the fault's problem; a dossier keeps every other source's fields; nothing personal leaks."""
    code = EXPECTED.get((source, fault), EXPECTED[fault])
    path, body = LOOKUPS[source]
    plan = {"fault": fault, "seconds": 0.3 if fault is Fault.SLOW else None}
    if fault is Fault.EXPIRED_TOKEN:
        plan["count"] = 1  # a token that keeps expiring is a refusal; one that expired is renewed
    await up.mock(source, "fault", plan)
    async with short_deadline(up, source) if fault is Fault.HANG else nullcontext():
        began = time.monotonic()
        looked_up = await up.call(path, body, procedure=THREE)
        lasted = time.monotonic() - began
        prefilled = await up.call("/v1/dossiers/prefill", SUBJECTS, procedure=THREE)

    if code is None:
        assert looked_up.status_code == 200
    else:
        problem = looked_up.json()
        assert (looked_up.status_code, problem["code"], problem["fault"]) == (STATUS[code], code, "source")
        assert int(looked_up.headers["retry-after"]) > 0
        for text in (*PERSON.values(), "MẪU", "MAU"):
            assert text not in json.dumps(problem, ensure_ascii=False)
    # the deadline of what hangs is 1.5 s; the rest is room for a busy machine, not a claim about speed
    assert lasted < 6

    dossier = prefilled.json()
    assert prefilled.status_code == 200
    assert dossier["sources"][source]["outcome"] == _outcome(code)
    for field in dossier["form"].values():
        if field["source"] == source and code is not None:
            assert field["status"] == "unavailable"
            assert "value" not in field
        elif field["source"] != "declared":
            assert field["status"] in ("ok", "conflict", "not_found"), field
    others = {f["source"] for f in dossier["form"].values() if "value" in f}
    assert others >= set(LOOKUPS) - {source}


async def test_the_breaker_opens_and_closes_again(up: Stack) -> None:
    """After many failures the source is left alone at once; after the pause it is asked again."""
    text = (up.config / "sources.toml").read_text(encoding="utf-8")
    text = text.replace("breaker_failures = 1000", "breaker_failures = 3")
    await _reloaded(up, text.replace("breaker_pause_seconds = 10", "breaker_pause_seconds = 4"))
    await up.mock("business", "fault", {"fault": "http_503"})
    for _ in range(3):
        await up.call("/v1/enterprises/lookup", ENTERPRISE, procedure=THREE)
    before = (await up.mock("business", "state"))["calls"]
    refused = await up.call("/v1/enterprises/lookup", ENTERPRISE, procedure=THREE)
    ready = (await up.http.get(f"{up.ops_url}/health/ready")).json()
    assert refused.json()["code"] == "source_unavailable"
    assert (await up.mock("business", "state"))["calls"] == before
    assert ready["status"] == "ready"
    assert ready["checks"]["business"] == "breaker_open"
    await up.mock("business", "reset")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        answered = await up.call("/v1/enterprises/lookup", ENTERPRISE, procedure=THREE)
        if answered.status_code == 200:
            break
    assert answered.status_code == 200
