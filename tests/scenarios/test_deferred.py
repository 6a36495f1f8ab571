"""Deferred answers over real sockets: the promise, the answer, who may read it, and what the log says of it."""

import asyncio
import json
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway import deferral
from gateway.audit.keys import Places
from gateway.errors import Code
from gateway.jobs.content import Failure, Question
from gateway.jobs.shelf import Shelf
from gateway.storage.contract import StoreUnavailable
from gateway.storage.lock import locked
from mocks.country import person
from tests.helpers.deferring import defer, entry, payloads, read, settled
from tests.helpers.stack import ENTERPRISE, PERSON, RESIDENCE, TAXPAYER, THREE, Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")

PREFILL = "/v1/dossiers/prefill"
SUBJECTS = {"applicant": PERSON, "enterprise": ENTERPRISE, "taxpayer": TAXPAYER}
CALLS = [
    ("/v1/persons/verify", PERSON),
    ("/v1/persons/lookup", PERSON),
    ("/v1/enterprises/lookup", ENTERPRISE),
    ("/v1/taxpayers/lookup", TAXPAYER),
    (PREFILL, {"subjects": SUBJECTS, "declared": {"phone": "0900 111 222"}}),
]
_TIMES = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
UNKNOWN = "3f0c6a52-9a0e-4c58-8f2d-6f0a4d1b7e90"


@asynccontextmanager
async def configured(up: Stack, **jobs: str) -> AsyncIterator[None]:
    """Other values in the files for a while: keys of gateway.toml's [jobs]; `call`: the deadlines of calls, seconds."""
    shipped = {
        path: path.read_text(encoding="utf-8") for path in (up.config / "gateway.toml", up.config / "sources.toml")
    }
    changed = dict(shipped)
    gateway, sources = changed
    if "call" in jobs:
        seconds = jobs.pop("call")
        changed[gateway] = re.sub(r"deadline_seconds = 10\b", f"deadline_seconds = {seconds}", changed[gateway])
        changed[sources] = re.sub(r"deadline_seconds = \d+", f"deadline_seconds = {seconds}", changed[sources])
    for name, value in jobs.items():
        head, _, tail = changed[gateway].partition("[jobs]")
        changed[gateway] = head + "[jobs]" + re.sub(rf"\n{name} = .*", f"\n{name} = {value}", tail)
    try:
        await _reloaded(up, changed)
        yield
    finally:
        await _reloaded(up, shipped)


async def _reloaded(up: Stack, files: dict[Path, str]) -> None:
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    for adapter in up.gateway.reload(up.load()):
        await adapter.close()


@contextmanager
def unavailable_store(up: Stack) -> Iterator[None]:
    """Nobody can write to the store: its lock is held, for longer than writers wait (here not at all)."""
    store = Places.under(up.data_dir).store
    stores: list[Any] = [up.gateway.log._writer._store, up.gateway.state.world.jobs._store]
    patience = [one._lock_wait for one in stores]
    with locked(store.with_name(store.name + ".lock"), wait=10):
        for one in stores:
            one._lock_wait = 0.0
        try:
            yield
        finally:
            for one, seconds in zip(stores, patience, strict=True):
                one._lock_wait = seconds


@contextmanager
def unavailable_jobs(up: Stack) -> Iterator[None]:
    """The log can be written and the jobs cannot."""
    shelf: Any = up.gateway.state.world.jobs
    working, shelf._store = shelf._store, _NoStore()
    try:
        yield
    finally:
        shelf._store = working


@contextmanager
def nobody_begins(up: Stack) -> Iterator[None]:
    """Jobs are kept and stay pending."""
    runner = up.gateway.state.world.runner
    runner.halt()
    try:
        yield
    finally:
        runner._halted = False


class _NoStore:
    def write(self) -> Any:
        raise StoreUnavailable("injected")


def timeless(document: Any) -> Any:
    """The document with every instant made equal."""
    return json.loads(_TIMES.sub("T", json.dumps(document)))


@pytest.mark.parametrize(("path", "body"), CALLS, ids=lambda value: value if isinstance(value, str) else "")
async def test_a_deferred_answer_is_the_synchronous_one(up: Stack, path: str, body: dict[str, Any]) -> None:
    """Each call can be deferred: 202 names the job, the job gives what the call itself gives, times apart."""
    promised = await defer(up, path, body, procedure=THREE)
    assert promised.status_code == 202
    job = promised.json()["job"]
    assert promised.json() == {"job": job, "status": "pending"}
    assert promised.headers["location"] == f"{up.base_url}/v1/jobs/{job}"
    assert promised.headers["retry-after"] == "1"
    assert promised.headers["preference-applied"] == "respond-async"
    answered = await settled(up, job, procedure=THREE)
    direct = await up.call(path, body, procedure=THREE)
    assert answered.status_code == direct.status_code == 200
    assert timeless(answered.json()) == timeless(direct.json())
    assert "preference-applied" not in direct.headers


async def test_every_reading_is_recorded_and_names_what_left(up: Stack) -> None:
    """The promise is the `decided` entry; a pending reading is `disclosed` without fields, a full one with them."""
    with nobody_begins(up):
        promised = await defer(up, PREFILL, {"subjects": {"applicant": PERSON}})
        job = promised.json()["job"]
        pending = await read(up, job)
    answered = await settled(up, job)
    again = await read(up, job)
    log = payloads(up)
    decided, waiting, told = log[entry(promised)], log[entry(pending)], log[entry(answered)]
    assert (decided["kind"], decided["operation"]) == ("decided", "dossiers.prefill")
    assert pending.status_code == 202
    assert pending.headers["retry-after"] == "1"
    assert pending.headers["location"].endswith(f"/v1/jobs/{job}")
    assert (waiting["kind"], waiting["operation"], waiting["status"]) == ("disclosed", "jobs.read", 202)
    assert (waiting["fields"], waiting["outcomes"], waiting.get("subject")) == ([], {}, None)
    assert (told["kind"], told["status"], told["outcomes"]) == ("disclosed", 200, {"population": "answered"})
    assert "person.permanent_address" in told["fields"]
    assert told["digest"] == answered.headers["content-digest"]
    assert re.fullmatch("[0-9a-f]{16}", told["subject"].pop("family"))
    assert told["subject"] == {"role": "applicant", "kind": "person", "n": 1, "of": 1}
    assert waiting["decided"] == told["decided"] == entry(promised)
    assert waiting["token"] != told["token"] != decided["token"]
    assert again.content == answered.content
    assert log[entry(again)]["digest"] == told["digest"]
    assert entry(again) > entry(answered)


async def test_a_registry_may_take_longer_than_a_call_but_not_longer_than_a_job(up: Stack) -> None:
    """Beyond the call's deadline a job still finds the answer; beyond its own it fails as the call would."""
    async with configured(up, call="1", deadline_seconds="4"):
        await up.mock("population", "fault", {"fault": "slow", "seconds": 2.5, "count": 1})
        direct = await up.call("/v1/persons/verify", PERSON)
        await up.mock("population", "fault", {"fault": "slow", "seconds": 2.5, "count": 1})
        found = await settled(up, (await defer(up, "/v1/persons/verify", PERSON)).json()["job"])
        await up.mock("population", "fault", {"fault": "hang", "seconds": 30})
        late = await settled(up, (await defer(up, "/v1/persons/verify", PERSON)).json()["job"])
    assert (direct.status_code, direct.json()["code"]) == (504, "source_timed_out")
    assert (found.status_code, found.json()) == (200, {"match": True})
    assert (late.status_code, late.json()["code"]) == (504, "source_timed_out")


async def test_a_failed_job_answers_with_the_calls_own_problem_and_is_refused_in_the_log(up: Stack) -> None:
    """A refusing registry: the same problem as at once, `refused` with the fields, the outcome and the decision."""
    await up.mock("population", "fault", {"fault": "auth_refused"})
    direct = await up.call("/v1/persons/lookup", PERSON)
    promised = await defer(up, "/v1/persons/lookup", {**PERSON, "fields": ["person.sex"]})
    failed = await settled(up, promised.json()["job"])
    logged = payloads(up)[entry(failed)]
    same = ("type", "title", "status", "code", "fault")
    assert failed.json()["detail"].startswith(direct.json()["detail"])
    assert failed.json()["detail"].endswith("make the call again.")
    assert {name: failed.json()[name] for name in same} == {name: direct.json()[name] for name in same}
    assert failed.headers["retry-after"] == direct.headers["retry-after"]
    assert failed.headers["content-type"] == "application/problem+json"
    assert (logged["kind"], logged["code"], logged["decided"]) == ("refused", "source_refused", entry(promised))
    assert (logged["fields"], logged["outcomes"]) == (["person.sex"], {"population": "refused"})
    assert logged["subject"]["kind"] == "person"
    assert logged["token"]


async def test_a_source_that_is_down_leaves_the_others_fields_in_a_deferred_dossier(up: Stack) -> None:
    """A dossier keeps what the other registries said."""
    await up.mock("business", "fault", {"fault": "http_503"})
    promised = await defer(up, PREFILL, {"subjects": SUBJECTS}, procedure=THREE)
    dossier = (await settled(up, promised.json()["job"], procedure=THREE)).json()
    assert dossier["sources"]["business"]["outcome"] == "unavailable"
    assert {f["source"] for f in dossier["form"].values() if "value" in f} == {"population", "tax"}


@pytest.mark.parametrize(
    "changes",
    [
        {"agency": "H41"},
        {"procedure": THREE},
        {"purpose": {"procedure": RESIDENCE, "dossier": "H14-20261122-0000002", "officer": "o-1", "basis": "law"}},
    ],
    ids=["another portal", "another procedure", "another dossier"],
)
async def test_a_job_exists_for_its_portal_procedure_and_dossier_only(up: Stack, changes: dict[str, Any]) -> None:
    """Everybody else gets 404 as for a job that never was, and the attempt is recorded."""
    promised = await defer(up, "/v1/persons/verify", PERSON)
    job = promised.json()["job"]
    foreign = await read(up, job, **changes)
    never = await read(up, UNKNOWN, **changes)
    logged = payloads(up)[entry(foreign)]
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")
    assert foreign.json()["detail"] == never.json()["detail"]
    assert (logged["kind"], logged["code"], logged["operation"]) == ("refused", "not_found", "jobs.read")
    assert "decided" not in logged
    assert (await settled(up, job)).status_code == 200


async def test_another_officer_of_the_portal_may_read_the_answer(up: Stack) -> None:
    """The dossier decides; who read it is in the log."""
    promised = await defer(up, "/v1/persons/verify", PERSON)
    await settled(up, promised.json()["job"])
    purpose = {"procedure": RESIDENCE, "dossier": "H14-20261122-0000001", "officer": "officer-99", "basis": "law"}
    answered = await read(up, promised.json()["job"], purpose=purpose)
    assert answered.status_code == 200
    assert payloads(up)[entry(answered)]["officer"] == "officer-99"


@pytest.mark.parametrize("name", ["nothing", "a" * 300, UNKNOWN.upper(), f"{UNKNOWN}0", "..%2f..%2fetc"])
async def test_what_is_no_name_of_a_job_is_not_found(up: Stack, name: str) -> None:
    """Names are checked for form before anything is looked up."""
    answered = await read(up, name)
    assert (answered.status_code, answered.json()["code"]) == (404, "not_found")


async def test_neither_token_counts_twice(up: Stack) -> None:
    """The token of the call and the token of a reading are each used up by their one use."""
    body = json.dumps(PERSON, ensure_ascii=False).encode()
    token, digest = up.token("/v1/persons/verify", body)
    headers = {"authorization": f"Bearer {token}", "content-digest": digest or "", "content-type": "application/json"}
    answers = [
        await up.http.post(f"{up.base_url}/v1/persons/verify", content=body, headers={**headers, "prefer": prefer})
        for prefer in ("respond-async", "respond-async", "")
    ]
    assert [a.status_code for a in answers] == [202, 401, 401]
    path = f"/v1/jobs/{answers[0].json()['job']}"
    await settled(up, answers[0].json()["job"])
    reading, _ = up.token(path, None, method="GET")
    readings = [await up.send(path, None, reading, None, method="GET") for _ in range(2)]
    assert [r.status_code for r in readings] == [200, 401]
    assert readings[1].json()["code"] == answers[1].json()["code"] == "request_replayed"
    assert (await up.mock("population", "state"))["calls"] == 1


@pytest.mark.parametrize("prefer", ["", "wait=10", "handling=strict", 'foo="respond-async"', "respond-async=yes"])
async def test_other_preferences_are_passed_over(up: Stack, prefer: str) -> None:
    """Without the one preference the gateway knows, the call is answered at once."""
    answered = await defer(up, "/v1/persons/verify", PERSON, prefer=prefer)
    assert (answered.status_code, answered.json()) == (200, {"match": True})


async def test_what_asks_no_registry_is_never_deferred(up: Stack) -> None:
    """Procedures are answered at once whatever is preferred."""
    token, _ = up.token("/v1/procedures", None, method="GET")
    headers = {"authorization": f"Bearer {token}", "prefer": "respond-async"}
    answered = await up.http.get(f"{up.base_url}/v1/procedures", headers=headers)
    assert answered.status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "changes", "status", "code"),
    [
        ("/v1/persons/verify", {**PERSON, "birth_date": "1992-02-31"}, {}, 400, "value_invalid"),
        ("/v1/persons/lookup", {**PERSON, "fields": ["person.religion"]}, {}, 403, "field_not_granted"),
        ("/v1/persons/verify", PERSON, {"procedure": "9.999999"}, 403, "procedure_unknown"),
        ("/v1/persons/verify", PERSON, {"aud": "https://elsewhere.example"}, 401, "audience_wrong"),
    ],
)
async def test_a_call_that_is_refused_is_refused_at_once(
    up: Stack, path: str, body: object, changes: dict[str, Any], status: int, code: str
) -> None:
    """Verification, parsing and authorisation come before the promise; no job is kept."""
    before = await up.gateway.state.world.jobs.held()
    answered = await defer(up, path, body, **changes)
    assert (answered.status_code, answered.json()["code"]) == (status, code)
    assert await up.gateway.state.world.jobs.held() == before


async def test_a_grant_that_was_withdrawn_meanwhile_withholds_the_answer(up: Stack) -> None:
    """What was found under an older grant is not handed out under a newer one that does not allow it."""
    promised = await defer(up, "/v1/persons/lookup", {**PERSON, "fields": ["person.permanent_address"]})
    job = promised.json()["job"]
    assert (await settled(up, job)).status_code == 200
    grant = up.config / "grants" / f"{RESIDENCE}.txt"
    before = grant.read_text(encoding="utf-8")
    try:
        kept = "\n".join(line for line in before.splitlines() if not line.startswith("person.permanent_address"))
        await _reloaded(up, {grant: kept + "\n"})
        refused = await read(up, job)
    finally:
        await _reloaded(up, {grant: before})
    assert (refused.status_code, refused.json()["code"]) == (403, "field_not_granted")
    assert payloads(up)[entry(refused)]["decided"] == entry(promised)
    assert (await read(up, job)).status_code == 200


async def test_a_job_is_gone_after_its_time_and_its_row_too(up: Stack) -> None:
    """After `keep_minutes` a reading is 404, and the row is removed without anybody asking."""
    async with configured(up, deadline_seconds="4", keep_minutes="0.1"):
        promised = await defer(up, "/v1/persons/verify", PERSON)
        job = promised.json()["job"]
        assert (await settled(up, job)).status_code == 200
        ends = time.monotonic() + 30
        while (gone := await read(up, job)).status_code == 200:
            assert time.monotonic() < ends
            await asyncio.sleep(0.2)
        assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
        while await _row(up, job):
            assert time.monotonic() < ends
            await asyncio.sleep(0.2)


async def _row(up: Stack, job: str) -> bool:
    return job.encode() in await asyncio.to_thread(_files, up)


def _files(up: Stack) -> bytes:
    """Every byte of the store: the live rows of the file and of what is not copied back yet."""
    store = Places.under(up.data_dir).store
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    try:
        return b"\n".join(str(row).encode() for row in connection.execute("SELECT id FROM job"))
    finally:
        connection.close()


async def test_a_full_table_is_overloaded_before_the_token_is_used_up(up: Stack) -> None:
    """No place for another job: 503, nothing is asked, and the same token still makes a call at once."""
    async with configured(up, most="1"):
        held = await up.gateway.state.world.jobs.held()
        if held == 0:
            await settled(up, (await defer(up, "/v1/persons/verify", PERSON)).json()["job"])
        before = (await up.mock("population", "state"))["calls"]
        body = json.dumps(PERSON, ensure_ascii=False).encode()
        token, digest = up.token("/v1/persons/verify", body)
        headers = {"authorization": f"Bearer {token}", "content-digest": digest or "", "prefer": "respond-async"}
        full = await up.http.post(
            f"{up.base_url}/v1/persons/verify", content=body, headers={**headers, "content-type": "application/json"}
        )
        logged = payloads(up)[entry(full)]
    assert (full.status_code, full.json()["code"]) == (503, "overloaded")
    assert int(full.headers["retry-after"]) > 0
    assert (logged["kind"], logged["code"], logged.get("decided")) == ("refused", "overloaded", None)
    assert (await up.mock("population", "state"))["calls"] == before


async def test_a_store_that_fails_gives_a_problem_and_no_answer(up: Stack) -> None:
    """While the store cannot be written nothing is promised and nothing is told; afterwards the job is still there."""
    promised = await defer(up, "/v1/persons/lookup", PERSON)
    job = promised.json()["job"]
    assert (await settled(up, job)).status_code == 200
    with unavailable_store(up):
        refused, unread = await asyncio.gather(defer(up, "/v1/persons/lookup", PERSON), read(up, job))
    for answered in (refused, unread):
        assert (answered.status_code, answered.json()["code"]) == (503, "log_unavailable")
        for secret in PERSON.values():
            assert secret not in answered.text
    assert (await settled(up, job)).status_code == 200


async def test_a_job_that_cannot_be_kept_is_a_problem_with_its_decision(up: Stack) -> None:
    """The call was decided and its job could not be stored: `log_unavailable`, recorded with the decision's index."""
    before = (await up.mock("population", "state"))["calls"]
    with unavailable_jobs(up):
        refused = await defer(up, "/v1/persons/verify", PERSON)
    log = payloads(up)
    logged = log[entry(refused)]
    assert (refused.status_code, refused.json()["code"]) == (503, "log_unavailable")
    assert (logged["kind"], logged["code"]) == ("refused", "log_unavailable")
    assert log[logged["decided"]]["kind"] == "decided"
    assert log[logged["decided"]]["req"] == logged["req"]
    assert (await up.mock("population", "state"))["calls"] == before


async def test_a_result_that_cannot_be_kept_at_once_is_kept_later_without_asking_again(
    up: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store fails just when the registry has answered: the job is pending until it recovers, then done."""
    whole, tried, failing = Shelf.end, asyncio.Event(), True

    async def end(shelf: Shelf, *given: Any) -> bool:
        if not failing:
            return await whole(shelf, *given)
        tried.set()
        with unavailable_jobs(up):
            return await whole(shelf, *given)

    monkeypatch.setattr(Shelf, "end", end)
    before = (await up.mock("population", "state"))["calls"]
    promised = await defer(up, "/v1/persons/verify", PERSON)
    await asyncio.wait_for(tried.wait(), 30)
    meanwhile = await read(up, promised.json()["job"])
    failing = False
    answered = await settled(up, promised.json()["job"])
    assert (meanwhile.status_code, answered.status_code) == (202, 200)
    assert (await up.mock("population", "state"))["calls"] == before + 1


async def test_a_configuration_that_changed_before_the_work_is_decided_anew(up: Stack) -> None:
    """A job that waits while the files change is authorised and recorded once more before a registry is asked."""
    runner = up.gateway.state.world.runner
    runner.halt()  # the job is kept and nobody begins on it
    promised = await defer(up, "/v1/persons/lookup", {**PERSON, "fields": ["person.sex"]})
    waiting = await read(up, promised.json()["job"])
    grant = up.config / "grants" / f"{RESIDENCE}.txt"
    before = grant.read_text(encoding="utf-8")
    try:
        await _reloaded(up, {grant: before + "# looked at once more\n"})
        runner._halted = False
        answered = await settled(up, promised.json()["job"])
    finally:
        await _reloaded(up, {grant: before})
    log = payloads(up)
    twice = [log[index] for index in sorted(log) if log[index].get("req") == log[entry(promised)]["req"]]
    assert (waiting.status_code, answered.status_code) == (202, 200)
    assert [one["kind"] for one in twice] == ["decided", "decided"]
    assert twice[0]["configuration"] != twice[1]["configuration"]
    assert {k: v for k, v in twice[0].items() if k != "configuration"} == {
        k: v for k, v in twice[1].items() if k != "configuration"
    }
    assert log[entry(answered)]["decided"] == entry(promised)


async def test_a_portal_suspended_meanwhile_gets_nothing_fetched(up: Stack) -> None:
    """A job of a portal that was suspended before the work began ends as `portal_suspended`; no registry is asked."""
    runner = up.gateway.state.world.runner
    portal = up.config / "portals" / "H14.toml"
    before = portal.read_text(encoding="utf-8")
    calls = (await up.mock("population", "state"))["calls"]
    runner.halt()
    promised = await defer(up, "/v1/persons/verify", PERSON)
    try:
        await _reloaded(up, {portal: before.replace("sandbox = true", "sandbox = true\nsuspended = true")})
        runner._halted = False
        ends = time.monotonic() + 30
        while (kept := await up.gateway.state.world.jobs.find(promised.json()["job"])) is None or isinstance(
            kept.content, Question
        ):
            assert time.monotonic() < ends
            await asyncio.sleep(0.05)
    finally:
        await _reloaded(up, {portal: before})
    refused = await settled(up, promised.json()["job"])
    assert (refused.status_code, refused.json()["code"]) == (401, "portal_suspended")
    assert (await up.mock("population", "state"))["calls"] == calls


async def test_a_draining_gateway_promises_and_begins_nothing(up: Stack) -> None:
    """New calls are told `draining`, and the runner has no place for a job any more."""
    gateway, runner = up.gateway, up.gateway.state.world.runner
    assert runner.lease.total_seconds() > 0
    gateway.drain()
    try:
        refused = await defer(up, "/v1/persons/verify", PERSON)
        assert (refused.status_code, refused.json()["code"]) == (503, "draining")
        assert runner.lease.total_seconds() == 0
    finally:
        gateway.state.draining = runner._halted = False


async def test_a_job_that_was_begun_too_often_ends_as_internal(up: Stack) -> None:
    """What ended its process five times is not begun a sixth time; no registry is asked."""
    state = up.gateway.state
    state.world.runner.halt()
    try:
        promised = await defer(up, "/v1/persons/verify", PERSON)
        kept = await state.world.jobs.find(promised.json()["job"])
        assert kept is not None
        calls = (await up.mock("population", "state"))["calls"]
        result = await deferral.work(replace(kept, attempts=deferral.ATTEMPTS + 1), state.policy, state.world)
        asked = (await up.mock("population", "state"))["calls"]
    finally:
        state.world.runner._halted = False
    await settled(up, promised.json()["job"])  # what follows finds nothing under way
    assert isinstance(result, Failure)
    assert result.refusal.code is Code.INTERNAL
    assert asked == calls


async def test_nothing_about_a_person_stands_in_the_store(up: Stack) -> None:
    """Pending, done and failed jobs are sealed: no identifier, name or value is in any byte of the store's files."""
    known = person(PERSON["personal_id"])
    assert known is not None
    await up.mock("population", "fault", {"fault": "slow", "seconds": 0.5, "count": 1})
    body = {"subjects": {"applicant": PERSON}, "declared": {"phone": "0900 333 444"}}
    promised = await defer(up, PREFILL, body)
    places = Places.under(up.data_dir)
    stored = [b"".join(path.read_bytes() for path in sorted(places.store.parent.glob("log.sqlite*")))]
    await settled(up, promised.json()["job"])
    stored.append(b"".join(path.read_bytes() for path in sorted(places.store.parent.glob("log.sqlite*"))))
    secrets = [*PERSON.values(), "0900 333 444", known.full_name.upper(), known.permanent.text, "officer-07"]
    for content in stored:
        assert promised.json()["job"].encode() in content
        for secret in secrets:
            for form in (secret, json.dumps(secret).strip('"'), secret.upper()):
                assert form.encode() not in content


async def test_the_key_of_the_jobs_is_private(up: Stack) -> None:
    """32 bytes, mode 0600, beside the gateway's own key."""
    key = up.data_dir / "keys" / "jobs-key"
    assert len(key.read_bytes()) == 32
    assert key.stat().st_mode & 0o777 == 0o600


async def test_jobs_are_counted_without_saying_about_whom(up: Stack) -> None:
    """Outcomes and durations of jobs are measured by operation and portal."""
    promised = await defer(up, "/v1/persons/verify", PERSON)
    await settled(up, promised.json()["job"])
    text = (await up.http.get(f"{up.ops_url}/metrics")).text
    assert 'lienthong_jobs_total{operation="persons.verify",outcome="ok",portal="H14"}' in text
    assert 'lienthong_job_seconds_bucket{le="0.1",operation="persons.verify"}' in text
    assert "lienthong_jobs_running 0.0" in text
    assert 'lienthong_calls_total{operation="jobs.read",outcome="ok",portal="H14"}' in text


async def test_at_most_a_portals_own_number_of_jobs_is_pending(up: Stack) -> None:
    """As many jobs as calls may be in flight; one more is `rate_limited`, after its token was used up."""
    portal = up.config / "portals" / "H14.toml"
    before = portal.read_text(encoding="utf-8")
    try:
        await _reloaded(up, {portal: before.replace("in_flight = 512", "in_flight = 2")})
        with nobody_begins(up):
            answers = [await defer(up, "/v1/persons/verify", PERSON) for _ in range(3)]
        refused = payloads(up)[entry(answers[2])]
        ended = [await settled(up, a.json()["job"]) for a in answers[:2]]
    finally:
        await _reloaded(up, {portal: before})
    assert [a.status_code for a in answers] == [202, 202, 429]
    assert answers[2].json()["code"] == "rate_limited"
    assert isinstance(refused["decided"], int)
    assert [e.json() for e in ended] == [{"match": True}] * 2
