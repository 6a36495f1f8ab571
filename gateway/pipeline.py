"""READ FIRST: one signed call, from bytes to a signed answer. The steps in order, nothing else.

    1 verify      who signed this request?            gateway/steps/verify.py
    2 parse       what is asked?                      gateway/wire/requests.py
      authorise   may they, for this procedure?       gateway/steps/authorise.py
    3 plan        which questions to which source     gateway/steps/plan.py
    4 decided     durable before any source is asked  no log, no fetch; the token is used up in the same transaction
    5 fetch       the only await on a source          gateway/steps/fetch.py
    6 normalise   one vocabulary, with provenance     gateway/steps/normalise/
    7 disclose    the form, missing, conflicts        gateway/disclosure.py, gateway/steps/prefill.py
    8 disclosed   durable before the answer leaves    no log, no answer
    9 seal        signature over answer and receipt   gateway/steps/seal.py

A call with `Prefer: respond-async` is answered 202 after step 4 with the receipt of its `decided` entry; steps 5 to 7
are then made in the background and 8 and 9 when the answer is fetched (gateway/deferral.py, gateway/jobs/).

Whatever ends a call early after its signature identified a registered key is a `refused` entry before the problem
leaves. A call that asks no registry (procedures, debug) has no `decided` entry: there is nothing to decide before.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from config.model import Portal
from gateway import deferral
from gateway.audit.events import SubjectRef
from gateway.audit.log import LogUnavailable, Receipt, Replayed
from gateway.disclosure import disclose
from gateway.errors import Code, Refusal, Refused, refused
from gateway.model import Ask, Call, Caller, Decision, SourceOutcome
from gateway.steps import authorise, fetch, heard, plan, record, seal, verify
from gateway.steps.normalise import normalise
from gateway.wire import answers, examinations, requests
from gateway.world import Arrived, Policy, World
from signing import digest, request


@dataclass(slots=True)
class _Case:
    """What is established about one call so far: what a refusal must still record."""

    caller: Caller | None = None
    subjects: tuple[SubjectRef, ...] = ()
    fields: tuple[str, ...] = ()
    sources: tuple[SourceOutcome, ...] = ()
    decided: Receipt | None = None
    earlier: int | None = None  # where the call whose job is read was decided
    spent: bool = False  # the token's one use is claimed, or it has none


async def exchange(arrived: Arrived, policy: Policy, world: World) -> seal.Sealed:
    """The signed answer to a call, or the signed problem. Never raises for anything the caller or a source did."""
    case = _Case()
    began = world.clock()
    try:
        with world.admission.place():
            code, sealed = await _settled(arrived, policy, world, case, began)
    except Refused as full:
        code, sealed = _unrecorded(full.refusal, arrived, policy, world, case)
    agency = case.caller.agency if case.caller else ""
    world.observe.called(arrived.call, agency, code, world.clock() - began)
    return sealed


async def _settled(
    arrived: Arrived, policy: Policy, world: World, case: _Case, began: float
) -> tuple[str, seal.Sealed]:
    """The answer, or the refusal recorded; with the outcome's code."""
    try:
        return "ok", await _answer(arrived, policy, world, case, began)
    except Refused as ended:
        refusal = ended.refusal
    except Replayed:
        case.spent = True
        refusal = Refusal(Code.REQUEST_REPLAYED)
    except LogUnavailable:
        # tried once more below: a log that has recovered should not keep a `decided` entry without its end
        refusal = Refusal(Code.LOG_UNAVAILABLE)
    except asyncio.CancelledError:
        # only a stopping server cancels a call: the caller gets a signed answer and the log its end all the same
        refusal = Refusal(Code.DRAINING)
    except Exception as defect:  # noqa: BLE001 - the outermost edge: a defect of ours is recorded and answered too
        world.observe.defect(defect, arrived.instance)
        refusal = Refusal(Code.INTERNAL)
    return await _refuse(refusal, arrived, policy, world, case)


async def _answer(arrived: Arrived, policy: Policy, world: World, case: _Case, began: float) -> seal.Sealed:
    at = world.now()
    tried = attempt(arrived, policy, world)
    if arrived.call is Call.DEBUG_VERIFY and verify.sandbox_key(tried):
        return await _examined(tried, arrived, policy, world, case)
    caller = _proved(tried, case)  # 1
    portal = policy.portals[caller.agency]
    with world.admission.portal(caller.agency, portal.limits, at):
        if len(arrived.body) > portal.limits.body_bytes:
            raise refused(Code.BODY_TOO_LARGE, f"At most {portal.limits.body_bytes} bytes.")
        if arrived.call is Call.JOBS_READ:
            return await _collected(caller, portal, arrived, policy, world, case)
        ask = _parse(arrived)  # 2
        case.subjects, case.fields = record.subjects(ask.subjects), ask.fields or ()
        decision = authorise.authorise(caller, ask, portal=portal, procedures=policy.procedures, fields=policy.fields)
        planned = plan.plan(decision, fields=policy.fields, new_id=world.new_id)  # 3
        deferred = arrived.deferred and bool(planned)
        if deferred:
            await deferral.room(policy, world)
        if planned:
            case.fields = record.names(decision)
            await _decide(decision, planned, arrived, policy, world, case, at)  # 4
        if deferred:
            return await _promised(decision, arrived, policy, world, case)
        outcomes = await fetch.fetch(  # 5
            [p.question for p in planned],
            adapters=world.adapters,
            deadlines=policy.deadlines,
            remaining=policy.deadline - (world.clock() - began),
            now=world.now,
        )
        case.sources = heard.outcomes(outcomes)
        readings = normalise(  # 6
            decision.wanted,
            [(p.roles, outcome) for p, outcome in zip(planned, outcomes, strict=True)],
            fields=policy.fields,
            vocabulary=policy.vocabulary,
        )
        said = disclose(decision, outcomes, readings, policy=policy, at=world.now())  # 7
        body = answers.dump(said.document)
        receipt = await world.log.append(  # 8
            record.disclosed(
                caller,
                arrived.call,
                subjects=case.subjects,
                fields=said.fields,
                sources=case.sources,
                status=200,
                digest=digest.content_digest(body),
                decided=case.decided.index if case.decided else None,
                found=said.found,
                token=None if case.decided else verify.token_of(arrived.authorization),
                at=world.now(),
            ),
            once=None if case.spent else record.once(caller),
        )
        _used(world, case)
        if said.reuse is not None:
            world.observe.prefilled(caller.purpose.procedure, *said.reuse)
        return _seal(arrived, policy, world, case, status=200, body=body, receipt=receipt)  # 9


def _used(world: World, case: _Case) -> None:
    """The token's one use is claimed now, if it was not before: the call counts against the day's quota."""
    if not case.spent and case.caller is not None:
        world.admission.count(case.caller.agency)
    case.spent = True


def _parse(arrived: Arrived) -> Ask:
    if arrived.call in requests.MODELS:
        return requests.parse(arrived.call, arrived.body)
    return Ask(arrived.call, procedure=arrived.procedure)


def attempt(arrived: Arrived, policy: Policy, world: World) -> verify.Attempt:
    """The request as the verification sees it."""
    return verify.Attempt(
        authorization=arrived.authorization,
        content_digest=arrived.content_digest,
        method=arrived.method,
        url=policy.base_url + arrived.path,
        body=arrived.body,
        audience=policy.audience,
        keys=policy.keys,
        at=world.now(),
    )


def _proved(tried: verify.Attempt, case: _Case) -> Caller:
    try:
        case.caller = verify.verify(tried)
    except Refused:
        attributed = verify.attribute(tried)
        if attributed is not None:
            case.caller = attributed[0]
            case.spent = True  # a token that fails its checks has no use to claim
        raise
    return case.caller


async def _decide(
    decision: Decision,
    planned: tuple[plan.Planned, ...],
    arrived: Arrived,
    policy: Policy,
    world: World,
    case: _Case,
    at: datetime,
) -> None:
    event = record.decided(
        decision,
        [p.question.source for p in planned],
        token=verify.token_of(arrived.authorization) or "",
        configuration=policy.configuration,
        at=at,
    )
    case.decided = await world.log.append(event, once=record.once(decision.caller))
    _used(world, case)


async def _promised(decision: Decision, arrived: Arrived, policy: Policy, world: World, case: _Case) -> seal.Sealed:
    """The 202 of a deferred call, with the receipt of its `decided` entry."""
    token = verify.token_of(arrived.authorization) or ""
    decided = case.decided.index if case.decided else 0
    told = await deferral.promise(decision, decided, token=token, policy=policy, world=world)
    return _seal(
        arrived, policy, world, case, status=told.status, body=told.body, receipt=case.decided, headers=told.headers
    )


async def _collected(
    caller: Caller, portal: Portal, arrived: Arrived, policy: Policy, world: World, case: _Case
) -> seal.Sealed:
    """`jobs/{id}`: steps 8 and 9 of a deferred call. Each reading is an entry, one of a pending job without fields."""
    job = await deferral.find(arrived.job or "", caller, world)
    case.earlier = job.decided
    case.subjects, case.fields, case.sources = deferral.recorded(job)
    told = deferral.collect(job, caller, portal, policy)
    receipt = await world.log.append(  # 8
        record.disclosed(
            caller,
            arrived.call,
            subjects=case.subjects,
            fields=case.fields,
            sources=case.sources,
            status=told.status,
            digest=digest.content_digest(told.body),
            decided=case.earlier,
            found=told.found,
            token=verify.token_of(arrived.authorization),
            at=world.now(),
        ),
        once=record.once(caller),
    )
    _used(world, case)
    return _seal(  # 9
        arrived, policy, world, case, status=told.status, body=told.body, receipt=receipt, headers=told.headers
    )


async def _examined(tried: verify.Attempt, arrived: Arrived, policy: Policy, world: World, case: _Case) -> seal.Sealed:
    """`debug/verify` for a sandbox key: every check of step 1, and whether the token was used before.

    It does not use the token up, so that a developer can look at one token several times.
    """
    attributed = verify.attribute(tried)
    case.caller, case.spent = (attributed[0] if attributed else None), True
    if case.caller is None:
        return await _examination(tried, arrived, policy, world, case)
    with world.admission.portal(case.caller.agency, policy.portals[case.caller.agency].limits, tried.at):
        return await _examination(tried, arrived, policy, world, case)


async def _examination(
    tried: verify.Attempt, arrived: Arrived, policy: Policy, world: World, case: _Case
) -> seal.Sealed:
    caller = case.caller
    seen = await world.log.seen(caller.agency, caller.jti) if caller and caller.jti else None
    document = examinations.examination(verify.examine(tried), replayed=seen, expected=verify.expected(tried))
    body = answers.dump(document)
    receipt = None
    if caller is not None:
        event = record.disclosed(
            caller,
            arrived.call,
            subjects=(),
            fields=(),
            sources=(),
            status=200,
            digest=digest.content_digest(body),
            decided=None,
            found=None,
            token=verify.token_of(arrived.authorization),
            at=world.now(),
        )
        receipt = await world.log.append(event, once=None)
    return _seal(arrived, policy, world, case, status=200, body=body, receipt=receipt)


async def _refuse(
    refusal: Refusal, arrived: Arrived, policy: Policy, world: World, case: _Case
) -> tuple[str, seal.Sealed]:
    if case.caller is None:
        return _unrecorded(refusal, arrived, policy, world, case)
    status, body, headers = world.problem(refusal, policy.base_url, arrived.instance)
    event = record.refused(
        case.caller,
        arrived.call,
        subjects=case.subjects,
        code=refusal.code,
        status=status,
        digest=digest.content_digest(body),
        decided=case.decided.index if case.decided else case.earlier,
        token=None if case.decided else verify.token_of(arrived.authorization),
        fields=case.fields,
        sources=case.sources,
        at=world.now(),
    )
    limits = policy.portals[case.caller.agency].limits
    try:
        with world.admission.refusing(case.caller.agency, limits):
            receipt = await world.log.append(event, once=None if case.spent else record.once(case.caller))
    except Refused as full:
        return _unrecorded(full.refusal, arrived, policy, world, case)
    except Replayed:
        case.spent = True
        return await _refuse(Refusal(Code.REQUEST_REPLAYED), arrived, policy, world, case)
    except LogUnavailable:
        return _unrecorded(Refusal(Code.LOG_UNAVAILABLE), arrived, policy, world, case)
    return refusal.code.value, _problem(arrived, policy, world, case, status, body, receipt, headers)


def _unrecorded(
    refusal: Refusal, arrived: Arrived, policy: Policy, world: World, case: _Case
) -> tuple[str, seal.Sealed]:
    status, body, headers = world.problem(refusal, policy.base_url, arrived.instance)
    return refusal.code.value, _problem(arrived, policy, world, case, status, body, None, headers)


def _problem(
    arrived: Arrived,
    policy: Policy,
    world: World,
    case: _Case,
    status: int,
    body: bytes,
    receipt: Receipt | None,
    headers: Mapping[str, str],
) -> seal.Sealed:
    return _seal(
        arrived,
        policy,
        world,
        case,
        status=status,
        body=body,
        receipt=receipt,
        headers=headers,
        content_type=answers.PROBLEM,
    )


def _seal(
    arrived: Arrived,
    policy: Policy,
    world: World,
    case: _Case,
    *,
    status: int,
    body: bytes,
    receipt: Receipt | None,
    headers: Mapping[str, str] | None = None,
    content_type: str = answers.JSON,
) -> seal.Sealed:
    token = verify.token_of(arrived.authorization)
    return seal.seal(
        signer=world.signer,
        issuer=policy.audience,
        audience=case.caller.issuer if case.caller else None,
        req=request.token_hash(token) if token else None,
        status=status,
        body=body,
        content_type=content_type,
        entry=receipt.as_json() if receipt else None,
        at=world.now(),
        jti=world.new_id(),
        headers=headers or {},
    )
