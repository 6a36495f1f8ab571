"""Deferred answers: what becomes of a call with `Prefer: respond-async` after step 4 of the pipeline (RFC 7240).

    promise   the job is kept, sealed, and 202 names it     the `decided` entry is durable by then, the token used up
    work      steps 5 to 7, in the background               by this process, or by another when this one dies
    collect   what `GET /v1/jobs/{id}` may be told          only that portal, for that procedure and dossier

A job taken over is asked anew: the registry may be asked twice, so a second `decided` entry stands before the second
question. So it does when the configuration changed meanwhile, because then it was decided anew.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from config.grants import follow_line
from config.model import Portal
from gateway import following, gathering
from gateway.audit.events import Decided, SubjectRef
from gateway.disclosure import disclose
from gateway.errors import Code, Refusal, Refused, refused
from gateway.jobs.content import Failure, Finding, Question, Result, about
from gateway.jobs.sealing import JobUnreadable
from gateway.jobs.shelf import FULL, Bounds, Job, question
from gateway.model import Caller, Decision, SourceOutcome
from gateway.steps import authorise, plan, record
from gateway.wire import answers
from gateway.world import Policy, World

RETRY_SECONDS = 1
ATTEMPTS = 5
"""How often a job is begun: one that keeps ending its process must not end all of them."""

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ENDED = "The job has ended with this: reading it again changes nothing, make the call again."
_NO_JOB = "No such job of this portal for this procedure and dossier, or its time is over."


@dataclass(frozen=True, slots=True)
class Told:
    """What leaves about a job. `found`, `reuse` and `documents` are for the log."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str]
    found: bool | None = None
    reuse: tuple[int, int] | None = None
    documents: tuple[int, int] | None = None


async def room(policy: Policy, world: World) -> None:
    """Refuse early, before the token is used up. Raises `Refused(overloaded)` and LogUnavailable."""
    if await world.jobs.held() >= policy.jobs.most:
        raise refused(Code.OVERLOADED, FULL)


async def promise(decision: Decision, decided: int, *, token: str, policy: Policy, world: World) -> Told:
    """Keep the call as a job and begin on it. `decided`: index of its log entry.

    Raises `Refused` (overloaded; rate_limited when the portal has as many jobs pending as it may have calls in flight)
    and LogUnavailable.
    """
    caller = decision.caller
    job = Job(world.new_id(), caller.agency, decided, 1, Question(caller, decision.ask, token, policy.configuration))
    lease = world.runner.lease
    await world.jobs.put(
        job if lease else Job(job.id, job.agency, decided, 0, job.content),
        lease=lease,
        keep=policy.jobs.keep,
        bounds=Bounds(policy.jobs.most, policy.portals[caller.agency].limits.in_flight),
    )
    if lease:
        world.runner.begin(job)
    told = _pending(job.id, policy)
    return Told(told.status, told.body, {**told.headers, "preference-applied": "respond-async"})


async def find(wanted: str, caller: Caller, world: World) -> Job:
    """The job a caller may know of. Raises `Refused(not_found)` for every other, and LogUnavailable."""
    try:
        job = await world.jobs.find(wanted) if _ID.fullmatch(wanted) else None
    except JobUnreadable:
        job = None  # sealed under a key that is gone
    if job is None or job.agency != caller.agency:
        raise refused(Code.NOT_FOUND, _NO_JOB)
    call = about(job.content)
    if (call.procedure, call.dossier) != (caller.purpose.procedure, caller.purpose.dossier):
        raise refused(Code.NOT_FOUND, _NO_JOB)
    return job


def collect(job: Job, caller: Caller, portal: Portal, policy: Policy) -> Told:
    """What the caller is told about its job now. Raises `Refused`: the job's own refusal, or 403 codes.

    An answer found earlier is handed out only if what it discloses is still granted.
    """
    content = job.content
    if isinstance(content, Failure):
        detail = " ".join(part for part in (content.refusal.detail, _ENDED) if part)
        raise Refused(replace(content.refusal, detail=detail))
    fields = content.fields if isinstance(content, Finding) else ()
    call = about(content)
    follows = [follow_line(one.via.role, one.via.field, one.role) for one in call.subjects if one.via]
    authorise.still(caller, call.call, fields, follows=follows, portal=portal, procedures=policy.procedures)
    if not isinstance(content, Finding):
        return _pending(job.id, policy)
    return Told(200, content.body, {}, content.found, content.reuse, content.documents)


async def work(job: Job, policy: Policy, world: World) -> Result:
    """The result of a pending job: steps 2 (authorise) to 7, with the job's deadline. Raises LogUnavailable."""
    asked = question(job)
    call = about(asked)
    if job.attempts > ATTEMPTS:
        return Failure(call, Refusal(Code.INTERNAL), (), ())
    names: tuple[str, ...] = ()
    sources: tuple[SourceOutcome, ...] = ()
    try:
        decision = _decision(asked, policy)
        names = record.names(decision)
        planned = plan.plan(decision, fields=policy.fields, new_id=world.new_id)
        if job.attempts > 1 or asked.configuration != policy.configuration:
            await _decide_again(decision, following.sources(decision, planned), asked, policy, world)

        async def decide(step: Decision, asked_now: Sequence[str]) -> None:
            nonlocal call, names
            event = await _decide_again(step, asked_now, asked, policy, world)
            call = replace(call, subjects=(*call.subjects, *event.subjects))
            names = tuple(dict.fromkeys((*names, *event.fields)))

        remaining = policy.jobs.deadline.total_seconds()
        found = await gathering.gather(
            decision,
            planned,
            policy=policy,
            world=world,
            deadlines=dict.fromkeys(world.adapters, remaining),
            remaining=remaining,
            decide=decide,
        )
        sources = found.sources
        said = disclose(found, policy=policy, at=world.now())
    except Refused as ended:
        return Failure(call, ended.refusal, names, sources)
    if said.reuse is not None:
        world.observe.prefilled(call.procedure, *said.reuse)
    return Finding(call, answers.dump(said.document), said.fields, sources, said.found, said.reuse, said.documents)


def recorded(job: Job) -> tuple[tuple[SubjectRef, ...], tuple[str, ...], tuple[SourceOutcome, ...]]:
    """Subjects, fields and sources for the entry of a retrieval; none while the job discloses nothing about anybody."""
    content = job.content
    return ((), (), ()) if isinstance(content, Question) else (content.about.subjects, content.fields, content.sources)


def _decision(asked: Question, policy: Policy) -> Decision:
    portal = policy.portals.get(asked.caller.agency)
    if portal is None or portal.suspended:
        raise refused(Code.PORTAL_SUSPENDED)
    return authorise.authorise(
        asked.caller, asked.ask, portal=portal, procedures=policy.procedures, fields=policy.fields
    )


async def _decide_again(
    decision: Decision, sources: Sequence[str], asked: Question, policy: Policy, world: World
) -> Decided:
    event = record.decided(decision, sources, token=asked.token, configuration=policy.configuration, at=world.now())
    await world.log.append(event)
    return event


def _pending(job: str, policy: Policy) -> Told:
    body = answers.dump({"job": job, "status": "pending"})
    location = f"{policy.base_url}/v1/jobs/{job}"
    return Told(202, body, {"location": location, "retry-after": str(RETRY_SECONDS)})
