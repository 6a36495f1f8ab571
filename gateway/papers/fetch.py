"""Giving a document out, and ending one.

Rule of this file: a caller who may not have a document is told what one is told who asks for none that exists.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime

from config.model import Procedure
from gateway.errors import Code, refused
from gateway.model import Decision, Subject
from gateway.papers import paper as papers
from gateway.papers.paper import Paper, State
from gateway.papers.reaching import garbled
from gateway.vault import Item, Space
from gateway.world import Policy, World

_NONE = "No such document of this holder for this procedure."
_NOT_YOURS = "No such document that this portal registered."


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document with its content, None where only the portal has it. `registered_by`: code of that portal."""

    paper: Paper
    registered_by: str
    content: bytes | None = field(repr=False)


async def fetch(decision: Decision, document: str, policy: Policy, world: World) -> Fetched:
    """The document, its content checked against its SHA-256.

    Raises `Refused`: not_found where it is not for this procedure and holder or does not count now, source_garbled;
    VaultUnavailable, VaultUnreadable, ObjectsUnavailable and ObjectUnreadable.
    """
    holder = decision.ask.subjects[0]
    item = await world.vault.get(Space.DOCUMENT, bytes.fromhex(document))
    if item is None:
        raise refused(Code.NOT_FOUND, _NONE)
    paper = papers.load(item)
    if (holder.role, paper.kind) not in decision.documents or not papers.held_by(paper, holder):
        raise refused(Code.NOT_FOUND, _NONE)
    reason = papers.why_not(paper, item.state, world.now())
    if reason is not None:
        raise refused(Code.NOT_FOUND, f"The document {reason}.")
    if not _accepted(policy.procedures[decision.caller.purpose.procedure], paper, world.now()):
        raise refused(Code.NOT_FOUND, "The document is older than the procedure accepts.")
    if paper.object is None:
        return Fetched(paper, item.agency, None)
    content = await world.objects.get(paper.object)
    if content is None or hashlib.sha256(content).hexdigest() != paper.sha256:
        raise garbled()
    return Fetched(paper, item.agency, content)


def _accepted(procedure: Procedure, paper: Paper, at: datetime) -> bool:
    slots = [s for s in procedure.documents if s.kind == paper.kind]
    return any(papers.young(paper, s.max_age, at) for s in slots if procedure.roles[s.role].kind == paper.holder_kind)


async def revoke(decision: Decision, document: str, reason: str, world: World) -> Paper:
    """End a document for good. Repeating it changes nothing.

    Raises `Refused(not_found)` for every document that another portal registered, VaultUnavailable, VaultUnreadable.
    """

    def act(before: Item | None) -> Item:
        if before is None or before.agency != decision.caller.agency:
            raise refused(Code.NOT_FOUND, _NOT_YOURS)
        if before.state == State.REVOKED:
            return before
        return replace(before, state=State.REVOKED, content=papers.dump(replace(papers.load(before), ended=reason)))

    item = await world.vault.change(Space.DOCUMENT, bytes.fromhex(document), act)
    if item is None:
        raise refused(Code.NOT_FOUND, _NOT_YOURS)
    return papers.load(item)


def holder(paper: Paper) -> Subject:
    """Whose document it is."""
    return Subject("holder", paper.holder_kind, paper.holder)
