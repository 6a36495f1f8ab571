"""READ FIRST: one signed call, from bytes to a signed answer. The steps in order, nothing else.

    1 verify      who signed this request?            gateway/steps/verify.py
    2 parse       what is asked?                      gateway/wire/requests.py
      authorise   may they, for this procedure?       gateway/steps/authorise.py
    3 plan        which questions to which source     gateway/steps/plan.py
    4 decided     durable before any source is asked  no log, no fetch; the token is used up in the same transaction
    5 fetch       the only await on a source          gateway/inquiry.py, gateway/steps/fetch.py
    6 normalise   one vocabulary, with provenance     gateway/inquiry.py, gateway/steps/normalise/
      follow      steps 3 to 6 for whom the grant     gateway/following.py, gateway/steps/follow.py
                  allows a relation to lead to
    7 disclose    the form, missing, conflicts        gateway/disclosure.py, gateway/steps/prefill.py
    8 disclosed   durable before the answer leaves    no log, no answer
    9 seal        signature over answer and receipt   gateway/steps/seal.py

A call with `Prefer: respond-async` is answered 202 after step 4 with the receipt of its `decided` entry; steps 5 to 7
are then made in the background and 8 and 9 when the answer is fetched (gateway/deferral.py, gateway/jobs/). A batch is
step 1 once and steps 2 to 9 for each of its lines (gateway/batch.py).

What is established about a call, its entries and its end are kept by `gateway/course.py`: whatever ends a call early
after its signature identified a registered key is a `refused` entry before the problem leaves. A call that asks no
registry (procedures, debug) has no `decided` entry: there is nothing to decide before. The calls about digitised
documents take the same steps with the register of documents as their source (gateway/papers/calls.py).
"""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any

from config.model import Portal
from gateway import deferral, following, gathering, preview, reporting
from gateway.audit.log import LogUnavailable, Replayed
from gateway.course import Course, Ended
from gateway.disclosure import disclose
from gateway.errors import Code, Refusal, Refused, refused
from gateway.model import Ask, Call, Caller
from gateway.papers import calls as papers
from gateway.steps import authorise, plan, record, seal, verify
from gateway.wire import answers, examinations, requests
from gateway.wire import papers as paper_bodies
from gateway.world import Arrived, Policy, World


async def exchange(arrived: Arrived, policy: Policy, world: World) -> seal.Sealed:
    """The signed answer to a call, or the signed problem. Never raises for anything the caller or a source did."""
    course = Course(arrived, policy, world)
    began = world.clock()
    try:
        with world.admission.place():
            code, sealed = await settled(course, _answer(course, began))
    except Refused as full:
        code, sealed = course.unrecorded(full.refusal)
    agency = course.caller.agency if course.caller else ""
    world.observe.called(arrived.call, agency, code, world.clock() - began)
    return sealed


async def settled(course: Course, answer: Coroutine[Any, Any, seal.Sealed]) -> Ended:
    """The answer, or the refusal recorded: of one call, or of one line of a batch (gateway/batch.py)."""
    try:
        return "ok", await answer
    except Refused as ended:
        refusal = ended.refusal
    except Replayed:
        course.spent = True
        refusal = Refusal(Code.REQUEST_REPLAYED)
    except LogUnavailable:
        # tried once more below: a log that has recovered should not keep a `decided` entry without its end
        refusal = Refusal(Code.LOG_UNAVAILABLE)
    except asyncio.CancelledError:
        # only a stopping server cancels a call: the caller gets a signed answer and the log its end all the same
        refusal = Refusal(Code.DRAINING)
    except Exception as defect:  # noqa: BLE001 - the outermost edge: a defect of ours is recorded and answered too
        course.world.observe.defect(defect, course.arrived.instance)
        refusal = Refusal(Code.INTERNAL)
    return await course.refuse(refusal)


async def _answer(course: Course, began: float) -> seal.Sealed:
    arrived, policy, world = course.arrived, course.policy, course.world
    if arrived.call is Call.DEBUG_VERIFY and verify.sandbox_key(course.attempt):
        return await _examined(course)
    caller = course.prove()  # 1
    portal = policy.portals[caller.agency]
    with world.admission.portal(caller.agency, portal.limits, course.attempt.at):
        if len(arrived.body) > portal.limits.body_bytes:
            raise refused(Code.BODY_TOO_LARGE, f"At most {portal.limits.body_bytes} bytes.")
        if arrived.call is Call.JOBS_READ:
            return await _collected(course, caller, portal)
        if arrived.call is Call.DOSSIERS_PREVIEW:
            return await preview.shown(course, caller, portal)
        if arrived.call in reporting.CALLS:
            return await reporting.answered(course, caller, portal)
        return await answered(course, caller, portal, _parse(arrived), began=began)  # 2


async def answered(course: Course, caller: Caller, portal: Portal, ask: Ask, *, began: float) -> seal.Sealed:
    """The steps from authorising on, for a question that was read: of one call, or of one line of a batch.

    `began`: when the call's deadline began to run, on the world's clock.
    """
    arrived, policy, world = course.arrived, course.policy, course.world
    course.subjects, course.fields = record.subjects(ask.subjects), ask.fields or ()
    decision = authorise.authorise(caller, ask, portal=portal, procedures=policy.procedures, fields=policy.fields)
    if ask.call in papers.CALLS:
        return await papers.answered(course, decision, remaining=policy.deadline - (world.clock() - began))
    planned = plan.plan(decision, fields=policy.fields, new_id=world.new_id)  # 3
    sources = following.sources(decision, planned)
    if sources and arrived.deferred:
        await deferral.room(policy, world)
    if sources:
        decided = await course.decide(decision, sources, course.attempt.at)  # 4
        if arrived.deferred:
            told = await deferral.promise(decision, decided.index, token=course.token or "", policy=policy, world=world)
            return course.seal(told.body, decided, status=told.status, headers=told.headers)
    found = await gathering.gather(  # 5, 6, and 4 again before each step along a relation
        decision,
        planned,
        policy=policy,
        world=world,
        deadlines=policy.deadlines,
        remaining=policy.deadline - (world.clock() - began),
        decide=course.decide_further,
    )
    course.sources = found.sources
    said = disclose(found, policy=policy, at=world.now())  # 7
    body = answers.dump(said.document)
    receipt = await course.disclose(  # 8
        caller,
        body,
        document=said.document,
        fields=said.fields,
        found=said.found,
        reuse=said.reuse,
        documents=said.documents,
    )
    if said.reuse is not None:
        world.observe.prefilled(caller.purpose.procedure, *said.reuse)
        await preview.keep(course, caller, body, fields=said.fields, receipt=receipt)
    return course.seal(body, receipt)  # 9


def _parse(arrived: Arrived) -> Ask:
    if arrived.call in papers.CALLS:
        return paper_bodies.parse(arrived.call, arrived.body)
    if arrived.call in requests.MODELS:
        return requests.parse(arrived.call, arrived.body)
    return Ask(arrived.call, procedure=arrived.procedure)


async def _collected(course: Course, caller: Caller, portal: Portal) -> seal.Sealed:
    """`jobs/{id}`: steps 8 and 9 of a deferred call. Each reading is an entry, one of a pending job without fields."""
    job = await deferral.find(course.arrived.job or "", caller, course.world)
    course.earlier = job.decided
    course.subjects, course.fields, course.sources = deferral.recorded(job)
    told = deferral.collect(job, caller, portal, course.policy)
    receipt = await course.disclose(  # 8
        caller,
        told.body,
        document=json.loads(told.body),
        fields=course.fields,
        status=told.status,
        found=told.found,
        reuse=told.reuse,
        documents=told.documents,
    )
    if told.reuse is not None:
        await preview.keep(course, caller, told.body, fields=course.fields, receipt=receipt)
    return course.seal(told.body, receipt, status=told.status, headers=told.headers)  # 9


async def _examined(course: Course) -> seal.Sealed:
    """`debug/verify` for a sandbox key: every check of step 1, and whether the token was used before.

    It does not use the token up, so that a developer can look at one token several times.
    """
    caller = course.attribute()
    if caller is None:
        return course.seal(_examination(course, seen=None), None)
    limits = course.policy.portals[caller.agency].limits
    with course.world.admission.portal(caller.agency, limits, course.attempt.at):
        seen = await course.world.log.seen(caller.agency, caller.jti) if caller.jti else None
        body = _examination(course, seen=seen)
        return course.seal(body, await course.disclose(caller, body, document={}, fields=()))


def _examination(course: Course, *, seen: bool | None) -> bytes:
    checks, expected = verify.examine(course.attempt), verify.expected(course.attempt)
    return answers.dump(examinations.examination(checks, replayed=seen, expected=expected))
