"""Which digitised documents of its subjects a dossier can have: of kinds that the procedure accepts and is granted.

The register is asked while the registries are; whatever becomes of it, nothing else of the dossier is lost.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from config.model import Procedure
from gateway.model import Decision, Offer, Offered, SourceOutcome, Subject
from gateway.papers import paper as papers
from gateway.papers.paper import State
from gateway.papers.reaching import SOURCE
from gateway.vault import Item, Space, VaultUnavailable, VaultUnreadable
from gateway.world import Policy, World

EACH = 64
"""Of one subject and kind, how many each portal is listened to about, its newest first: none crowds out another's."""
MOST = 4096


def sources(decision: Decision) -> tuple[str, ...]:
    """`documents` where the register is asked."""
    return (SOURCE,) if decision.documents else ()


async def offers(decision: Decision, *, policy: Policy, world: World, seconds: float) -> Offered:
    """What can be offered, in the order of the dossier's roles, and what became of asking."""
    if not decision.documents:
        return Offered()
    procedure = policy.procedures[decision.caller.purpose.procedure]
    found: list[Offer] = []
    word = "answered"
    try:
        async with asyncio.timeout(seconds):
            for subject in decision.ask.subjects:
                for kind in dict.fromkeys(kind for role, kind in decision.documents if role == subject.role):
                    tag = papers.tag(world.vault, subject, kind)
                    items = await world.vault.about(Space.DOCUMENT, tag, limit=MOST, state=State.CURRENT, each=EACH)
                    found += _of(subject, items, kind, procedure=procedure, policy=policy, world=world)
    except VaultUnavailable:
        word = "unavailable"
    except VaultUnreadable:
        word = "garbled"
    except TimeoutError:
        word = "timed_out"
    return Offered(tuple(found) if word == "answered" else (), (SourceOutcome(SOURCE, word, world.now()),))


def _of(
    subject: Subject,
    items: Sequence[Item],
    kind: str,
    *,
    procedure: Procedure,
    policy: Policy,
    world: World,
) -> list[Offer]:
    at = world.now()
    found = []
    for item in items:
        paper = papers.load(item)
        wanted = paper.kind == kind and papers.held_by(paper, subject)
        if not wanted or papers.why_not(paper, item.state, at) is not None:
            continue
        if not papers.young(paper, _max_age(procedure, subject.role, paper.kind), at):
            continue
        named = policy.kinds.codes[paper.kind]
        found.append(
            Offer(
                document=item.id.hex(),
                kind=paper.kind,
                name_vi=named.vi,
                name_en=named.en,
                role=subject.role,
                registered_by=item.agency,
                issuing_agency=paper.issuing_agency,
                issued_on=paper.issued_on,
                valid_until=paper.valid_until,
                media_type=paper.media_type,
                sha256=paper.sha256,
                content=paper.object is not None,
                signature=paper.signature,
                retrieved_at=at,
            )
        )
    return found


def _max_age(procedure: Procedure, role: str, kind: str) -> timedelta | None:
    return next((slot.max_age for slot in procedure.documents if (slot.role, slot.kind) == (role, kind)), None)
