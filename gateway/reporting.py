"""`corrections.report` and `corrections.read`: a portal reports an error in a registry's data, and follows it.

No registry is asked and nothing about anybody is disclosed, so there is no `decided` entry. The `disclosed` entry names
the subject by its keyed tag and is durable before the report is kept and before the answer leaves.
"""

import re
from typing import Any

from config.model import Portal
from gateway.corrections import queue, report
from gateway.corrections.record import Correction, State, Step
from gateway.course import Course
from gateway.errors import Code, refused
from gateway.model import Call, Caller
from gateway.steps import authorise, record, seal
from gateway.vault import VaultUnavailable
from gateway.wire import answers

CALLS = frozenset({Call.CORRECTIONS_REPORT, Call.CORRECTIONS_READ})
CREATED = 201
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NONE = "No such correction of this portal for this procedure and dossier, or its time is over."


async def answered(course: Course, caller: Caller, portal: Portal) -> seal.Sealed:
    """The answer to one of the two. Raises `Refused`, Replayed and LogUnavailable."""
    try:
        if course.arrived.call is Call.CORRECTIONS_REPORT:
            return await _reported(course, caller, portal)
        return await _read(course, caller, portal)
    except VaultUnavailable:
        raise refused(Code.LOG_UNAVAILABLE) from None


async def _reported(course: Course, caller: Caller, portal: Portal) -> seal.Sealed:
    policy, world = course.policy, course.world
    said = report.parse(course.arrived.body)
    about = report.subject(said)
    course.subjects = record.subjects((about,))
    authorise.still(caller, Call.CORRECTIONS_REPORT, (), portal=portal, procedures=policy.procedures)
    report.allow(said, about, policy.procedures[caller.purpose.procedure], policy.field_sources)
    if await queue.held(world.vault, caller.agency) >= policy.corrections.most_each:
        raise refused(Code.RATE_LIMITED, "As many corrections of this portal are kept as one portal may have.")
    named, at = world.new_id(), world.now()
    body = answers.dump(_told(named, said.field, said.source, said.problem, (Step(State.QUEUED, at),)))
    receipt = await course.disclose(caller, body, document={}, fields=(), status=CREATED)
    correction = Correction(
        id=named,
        agency=caller.agency,
        officer=caller.purpose.officer,
        procedure=caller.purpose.procedure,
        dossier=caller.purpose.dossier,
        subject=course.subjects[0],
        identifiers=dict(about.identifiers),
        field=said.field,
        source=said.source,
        problem=said.problem,
        entry=receipt.index,
        steps=(Step(State.QUEUED, at),),
        shown=said.shown,
        proposed=said.proposed,
        evidence=said.evidence or "",
    )
    await queue.put(world.vault, correction, keep=policy.corrections.keep)
    location = {"location": f"{policy.base_url}/v1/corrections/{named}"}
    return course.seal(body, receipt, status=CREATED, headers=location)


async def _read(course: Course, caller: Caller, portal: Portal) -> seal.Sealed:
    authorise.still(caller, Call.CORRECTIONS_READ, (), portal=portal, procedures=course.policy.procedures)
    wanted = course.arrived.correction or ""
    found = await queue.find(course.world.vault, wanted) if _ID.fullmatch(wanted) else None
    purpose = caller.purpose
    if found is None or (found.agency, found.procedure, found.dossier) != (
        caller.agency,
        purpose.procedure,
        purpose.dossier,
    ):
        raise refused(Code.NOT_FOUND, _NONE)
    course.subjects = (found.subject,)
    body = answers.dump(_told(found.id, found.field, found.source, found.problem, found.steps))
    return course.seal(body, await course.disclose(caller, body, document={}, fields=()))


def _told(named: str, field: str, source: str, problem: str, steps: tuple[Step, ...]) -> dict[str, Any]:
    """What the portal is told: no personal data, except what an owner wrote into a note."""
    return {
        "correction": named,
        "status": steps[-1].state.value,
        "owner": source,
        "field": field,
        "problem": problem,
        "history": [
            {"status": s.state.value, "at": answers.instant(s.at), **({"note": s.note} if s.note else {})}
            for s in steps
        ],
    }
