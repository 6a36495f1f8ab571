"""Which digitised documents of its subjects a dossier can have: of kinds that the procedure accepts and is granted.

The register is asked while the registries are; whatever becomes of it, nothing else of the dossier is lost.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from config.model import Named, Procedure
from gateway.model import DOCUMENTS, Decision, Lapsed, Offer, Offered, SourceOutcome, Subject
from gateway.papers import paper as papers
from gateway.papers.paper import Paper, State
from gateway.vault import Item, Space, VaultUnavailable, VaultUnreadable
from gateway.world import Policy, World

EACH = 64
"""Of one subject and kind, how many each portal is listened to about, its newest first: none crowds out another's."""
MOST = 4096


def sources(decision: Decision) -> tuple[str, ...]:
    """`documents` where the register is asked."""
    return (DOCUMENTS,) if decision.documents else ()


async def offers(decision: Decision, *, policy: Policy, world: World, seconds: float) -> Offered:
    """What can be offered, or could have been, in the order of the dossier's roles, and what became of asking."""
    if not decision.documents:
        return Offered()
    procedure = policy.procedures[decision.caller.purpose.procedure]
    found: list[Offer] = []
    lapsed: list[Lapsed] = []
    word = "answered"
    try:
        async with asyncio.timeout(seconds):
            for subject in decision.ask.subjects:
                for kind in dict.fromkeys(kind for role, kind in decision.documents if role == subject.role):
                    tag = papers.tag(world.vault, subject, kind)
                    items = await world.vault.about(Space.DOCUMENT, tag, limit=MOST, state=State.CURRENT, each=EACH)
                    held = [(item, paper) for item in items if papers.held_by(paper := papers.load(item), subject)]
                    max_age = _max_age(procedure, subject.role, kind)
                    some, ended = _of(subject, held, policy.kinds.codes[kind], max_age=max_age, at=world.now())
                    found += some
                    lapsed += ended
    except VaultUnavailable:
        word = "unavailable"
    except VaultUnreadable:
        word = "garbled"
    except TimeoutError:
        word = "timed_out"
    asked = (SourceOutcome(DOCUMENTS, word, world.now()),)
    return Offered(tuple(found), asked, tuple(lapsed)) if word == "answered" else Offered((), asked)


def together(parts: Sequence[Offered]) -> Offered:
    """What was offered in several rounds of one call. Of the outcomes the first that is no answer is named."""
    sources = [source for one in parts for source in one.sources]
    failed = [source for source in sources if source.outcome != "answered"]
    return Offered(
        tuple(offer for one in parts for offer in one.offers),
        tuple((failed or sources[-1:])[:1]),
        tuple(paper for one in parts for paper in one.lapsed),
    )


def _of(
    subject: Subject, held: Sequence[tuple[Item, Paper]], named: Named, *, max_age: timedelta | None, at: datetime
) -> tuple[list[Offer], list[Lapsed]]:
    """Of one kind: what can be offered, or else the newest that no longer can."""
    some: list[Offer] = []
    ended: list[Lapsed] = []
    for item, paper in held:
        why = papers.why_not(paper, item.state, at)
        about = (paper.kind, named.vi, named.en, subject.role)
        if why is None and papers.young(paper, max_age, at):
            some.append(_offer(item, paper, named, role=subject.role, at=at))
        elif why is None:
            ended.append(Lapsed(*about, "document_too_old", paper.issued_on))
        elif why == papers.EXPIRED and paper.valid_until is not None:
            ended.append(Lapsed(*about, "document_expired", paper.valid_until))
    return some, [] if some else ended[:1]


def _offer(item: Item, paper: Paper, named: Named, *, role: str, at: datetime) -> Offer:
    return Offer(
        document=item.id.hex(),
        kind=paper.kind,
        name_vi=named.vi,
        name_en=named.en,
        role=role,
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


def _max_age(procedure: Procedure, role: str, kind: str) -> timedelta | None:
    return next((slot.max_age for slot in procedure.documents if (slot.role, slot.kind) == (role, kind)), None)
