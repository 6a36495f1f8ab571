"""Deferred answers in the client: what is promised, how long it waits, what it does not believe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from gateway.client import Answer, AnswerNotTrusted, Deferred, Problem, StillPending, Unreachable
from signing import jws
from tests.gateway.client.fake import PURPOSE, Fake, client

JOB = "3f0c6a52-9a0e-4c58-8f2d-6f0a4d1b7e90"
SUBJECTS = {"applicant": {"personal_id": "004192000123"}}
PENDING: tuple[int, Any, Mapping[str, str]] = (202, {"job": JOB, "status": "pending"}, {"Retry-After": "2"})
DONE: tuple[int, Any, Mapping[str, str]] = (200, {"form": {}}, {})


def problem(code: str, status: int = 503, **headers: str) -> tuple[int, Any, Mapping[str, str]]:
    """A problem answer."""
    return status, {"code": code, "status": status, "fault": "gateway"}, headers


@dataclass
class Scripted(Fake):
    """Gives one scripted answer after the other to signed calls; an exception is raised instead."""

    script: list[Any] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """The next answer."""
        if request.url.path.startswith("/v1/"):
            following = self.script.pop(0)
            if isinstance(following, Exception):
                self.requests.append(request)
                raise following
            self.status, self.document, self.headers = following
        return super().__call__(request)


@dataclass
class Naps:
    """A sleep that only remembers."""

    taken: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        """Do not wait."""
        self.taken.append(seconds)


async def test_a_promise_names_the_job_and_keeps_its_proof() -> None:
    """A 202 is a `Deferred` with the receipt of the decision; the preference was sent."""
    fake = Scripted(script=[PENDING])
    async with client(fake) as portal:
        promised = await portal.prefill(SUBJECTS, deferred=True)
    assert isinstance(promised, Deferred)
    assert (promised.job, promised.path, promised.retry_after) == (JOB, f"/v1/jobs/{JOB}", 2)
    assert promised.promise.receipt is not None
    assert promised.promise.status == 202
    assert fake.requests[-1].headers["prefer"] == "respond-async"
    assert JOB in repr(promised)
    assert PURPOSE["officer"] not in repr(promised)


async def test_without_deferring_nothing_is_preferred() -> None:
    """An ordinary call sends no preference."""
    fake = Scripted(script=[DONE])
    async with client(fake) as portal:
        assert isinstance(await portal.prefill(SUBJECTS), Answer)
    assert "prefer" not in fake.requests[-1].headers


async def test_waiting_reads_the_job_until_it_is_an_answer() -> None:
    """As often as the gateway says to, each time with a token of its own and no body."""
    fake, naps = Scripted(script=[PENDING, PENDING, PENDING, DONE]), Naps()
    async with client(fake, sleep=naps) as portal:
        answer = await portal.wait(await portal.prefill(SUBJECTS, deferred=True))
    readings = [one for one in fake.requests if one.url.path == f"/v1/jobs/{JOB}"]
    assert answer.document == {"form": {}}
    assert naps.taken == [2, 2, 2]
    assert [(one.method, one.content) for one in readings] == [("GET", b"")] * 3
    assert len({one.headers["authorization"] for one in readings}) == 3


async def test_an_answer_that_came_at_once_needs_no_waiting() -> None:
    """A gateway may answer at once whatever is preferred."""
    naps = Naps()
    async with client(Scripted(script=[DONE]), sleep=naps) as portal:
        answer = await portal.wait(await portal.defer("/v1/dossiers/prefill", {}))
    assert (answer.status, naps.taken) == (200, [])


async def test_one_look_tells_how_far_it_is() -> None:
    """`job` gives the promise anew while it is pending."""
    async with client(Scripted(script=[PENDING, PENDING, DONE])) as portal:
        promised = await portal.defer("/v1/persons/verify", {})
        assert isinstance(promised, Deferred)
        assert isinstance(await portal.job(promised), Deferred)
        assert isinstance(await portal.job(promised), Answer)


async def test_a_reading_is_for_the_purpose_of_the_call() -> None:
    """Procedure and dossier are those the job was made for, not the client's usual ones."""
    fake = Scripted(script=[PENDING, DONE])
    other = {**PURPOSE, "dossier": "H14-other"}
    async with client(fake, sleep=Naps()) as portal:
        await portal.wait(await portal.prefill(SUBJECTS, deferred=True, purpose=other))
    tokens = [
        r.headers["authorization"].removeprefix("Bearer ") for r in fake.requests if r.url.path.startswith("/v1/")
    ]
    assert [jws.parse(token).claims()["purpose"]["dossier"] for token in tokens] == ["H14-other"] * 2


async def test_waiting_ends_and_says_which_job_it_was() -> None:
    """Never more than the time given."""
    naps = Naps()
    async with client(Scripted(script=[PENDING] * 9), sleep=naps) as portal:
        promised = await portal.prefill(SUBJECTS, deferred=True)
        with pytest.raises(StillPending) as ended:
            await portal.wait(promised, seconds=5)
    assert ended.value.job == JOB
    assert sum(naps.taken) <= 5


@pytest.mark.parametrize(
    ("trouble", "pause"),
    [
        (problem("draining", **{"Retry-After": "3"}), 3),
        (problem("overloaded"), 1),
        (problem("log_unavailable", **{"Retry-After": "5"}), 5),
        (problem("rate_limited", 429, **{"Retry-After": "9999"}), 30),
        (httpx.ConnectError("x"), 1),
    ],
)
async def test_a_reading_that_could_not_be_made_is_made_again(trouble: Any, pause: int) -> None:
    """A stopping or busy gateway, or no connection, says nothing about the job."""
    naps = Naps()
    async with client(Scripted(script=[PENDING, trouble, DONE]), sleep=naps) as portal:
        answer = await portal.wait(await portal.prefill(SUBJECTS, deferred=True))
    assert answer.document == {"form": {}}
    assert naps.taken == [2, pause]


@pytest.mark.parametrize(
    "code", ["source_timed_out", "source_unavailable", "not_found", "internal", "field_not_granted"]
)
async def test_the_jobs_own_problem_ends_the_waiting(code: str) -> None:
    """What the call itself would have ended with is raised as it would have been."""
    naps = Naps()
    async with client(Scripted(script=[PENDING, problem(code)]), sleep=naps) as portal:
        promised = await portal.prefill(SUBJECTS, deferred=True)
        with pytest.raises(Problem) as ended:
            await portal.wait(promised)
    assert ended.value.code == code
    assert naps.taken == [2]


async def test_no_connection_from_the_start_is_no_promise() -> None:
    """Whether the call was carried out is not known, so it is not repeated."""
    async with client(Scripted(script=[httpx.ConnectError("x")])) as portal:
        with pytest.raises(Unreachable):
            await portal.prefill(SUBJECTS, deferred=True)


@pytest.mark.parametrize("job", [None, 7, "", "..", ".", "a/b", "a?b", "https://elsewhere", "x" * 65, "é"])
async def test_a_promise_without_the_name_of_a_job_is_not_believed(job: object) -> None:
    """A name that would lead elsewhere is no name."""
    async with client(Scripted(script=[(202, {"job": job}, {})])) as portal:
        with pytest.raises(AnswerNotTrusted) as refused:
            await portal.prefill(SUBJECTS, deferred=True)
    assert refused.value.code == "answer_malformed"


async def test_the_address_in_the_header_is_not_followed() -> None:
    """`Location` is not signed; the next token goes to the address the client knows."""
    promised = (202, PENDING[1], {"Retry-After": "1", "Location": "https://elsewhere.example/steal"})
    fake = Scripted(script=[promised, DONE])
    async with client(fake, sleep=Naps()) as portal:
        await portal.wait(await portal.prefill(SUBJECTS, deferred=True))
    assert {one.url.host for one in fake.requests} == {fake.requests[0].url.host}


@pytest.mark.parametrize(("said", "pause"), [("0", 1), ("soon", 1), ("-5", 1), ("86400", 30)])
async def test_a_pause_is_never_nothing_and_never_endless(said: str, pause: int) -> None:
    """The header is not signed, so it is bounded."""
    async with client(Scripted(script=[(202, PENDING[1], {"Retry-After": said})])) as portal:
        promised = await portal.prefill(SUBJECTS, deferred=True)
    assert isinstance(promised, Deferred)
    assert promised.retry_after == pause
