"""The three calls about documents, in the order of every call: decided, done, disclosed, sealed.

Rule of this file: order only. Registering and revoking change the register before their answer is recorded; both can
be repeated, so an answer that the log could not take is asked for again.
"""

import base64
from collections.abc import Mapping
from typing import Any

from config import documents
from gateway.course import Course
from gateway.errors import Code, refused
from gateway.model import DOCUMENTS, Call, Decision
from gateway.papers import fetch, register
from gateway.papers.reaching import reaching
from gateway.steps import record, seal
from gateway.wire import answers
from gateway.wire.papers import MODELS

CALLS = frozenset(MODELS)


async def answered(course: Course, decision: Decision, *, remaining: float) -> seal.Sealed:
    """The sealed answer to an authorised call about a document. `remaining`: seconds. Raises `Refused`."""
    await course.decide(decision, [DOCUMENTS], course.attempt.at)
    with reaching(course):
        kind, document = await _done(course, decision, remaining)
    course.fields = (documents.field_name(kind),)
    body = answers.dump(document)
    receipt = await course.disclose(
        decision.caller,
        body,
        document=document,
        fields=course.fields,
        documents=(0, 1) if decision.ask.call is Call.DOCUMENTS_FETCH else None,
    )
    return course.seal(body, receipt)


async def _done(course: Course, decision: Decision, remaining: float) -> tuple[str, Mapping[str, Any]]:
    """The kind of the document and the answer."""
    ask, policy, world = decision.ask, course.policy, course.world
    if ask.registration is not None:
        kept = await register.register(decision, ask.registration, policy, world, seconds=remaining)
        paper = kept.paper
        return paper.kind, {
            "document": kept.id.hex(),
            "kind": paper.kind,
            "sha256": paper.sha256,
            "content": paper.object is not None,
            "signature": dict(paper.signature),
        }
    if ask.document is None:
        raise refused(Code.INTERNAL)
    if ask.call is Call.DOCUMENTS_REVOKE:
        paper = await fetch.revoke(decision, ask.document, ask.reason or "", world)
        course.subjects = record.subjects([fetch.holder(paper)])
        return paper.kind, {"document": ask.document, "kind": paper.kind, "state": "revoked", "reason": paper.ended}
    given = await fetch.fetch(decision, ask.document, policy, world)
    named = policy.kinds.codes.get(given.paper.kind)
    shown = {
        "document": ask.document,
        "kind": given.paper.kind,
        "name_vi": named.vi if named else None,
        "name_en": named.en if named else None,
        "registered_by": given.registered_by,
        "issuing_agency": given.paper.issuing_agency,
        "number": given.paper.number,
        "issued_on": given.paper.issued_on,
        "valid_from": given.paper.valid_from,
        "valid_until": given.paper.valid_until,
        "media_type": given.paper.media_type,
        "size": given.paper.size,
        "sha256": given.paper.sha256,
        "signature": dict(given.paper.signature),
        "retrieved_at": answers.instant(world.now()),
        "location": given.paper.location,
        "content": None if given.content is None else base64.b64encode(given.content).decode(),
    }
    return given.paper.kind, {name: value for name, value in shown.items() if value is not None}
