"""Steps 3 to 6 again, for whom a relation leads to: spouse, parents, household head, representative, taxpayer.

    follow    whom do the granted relations lead to?       gateway/steps/follow.py, pure
    plan      questions about exactly these                gateway/steps/plan.py
    decided   durable before any of them is asked          no log, no fetch: as for the first questions of the call
    inquire   ask, and read the answers                    gateway/inquiry.py
    offers    their digitised documents, at the same time  gateway/papers/offers.py

One round for each depth, at most as many as the procedure's `relation_depth`, inside the time of the call. What was
heard before a round is kept whatever becomes of it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway import inquiry
from gateway.freshness.recall import Used
from gateway.inquiry import Learned, inquire
from gateway.model import Decision, Hop, Offered, Reading, Relations, Subject
from gateway.papers import offers
from gateway.steps import follow, plan
from gateway.steps.plan import Planned
from gateway.world import Policy, World

Decide = Callable[[Decision, Sequence[str]], Awaitable[None]]
"""Makes a further `decided` entry durable: who was reached, and which sources are asked. Raises LogUnavailable."""


def sources(decision: Decision, planned: Sequence[Planned]) -> list[str]:
    """The sources that will be asked, as the `decided` entry names them before."""
    return [*(p.question.source for p in planned), *offers.sources(decision)]


async def learn(
    decision: Decision,
    planned: Sequence[Planned],
    *,
    policy: Policy,
    world: World,
    deadlines: Mapping[str, float],
    remaining: float,
    decide: Decide,
) -> tuple[Decision, Learned, Offered]:
    """What the sources say about the subjects of a call and about those its relations lead to.

    The decision comes back with what became of its hops, and with documents of those reached. `remaining`: seconds
    left for all rounds together.
    """
    ends = world.clock() + remaining
    learned = await inquire(decision, planned, policy=policy, world=world, deadlines=deadlines, remaining=remaining)
    trail = _Trail(
        {one.role: one for one in decision.ask.subjects},
        {reading.role: reading for reading in learned.readings},
        list(learned.used),
    )
    for depth in sorted({hop.depth for hop in decision.hops}):
        step = trail.step(decision, [hop for hop in decision.hops if hop.depth == depth])
        if not step.wanted:
            continue
        asked, known = trail.unheard(plan.plan(step, fields=policy.fields, new_id=world.new_id))
        # also where no time is left to ask: what is kept about the subject may still be disclosed
        await decide(step, sources(step, asked))
        trail.reached.update({one.role: one.hop for one in step.ask.subjects if one.hop})
        left = ends - world.clock()
        further, offered = await asyncio.gather(
            inquire(step, asked, policy=policy, world=world, deadlines=deadlines, remaining=left, known=known),
            offers.offers(step, policy=policy, world=world, seconds=left),
        )
        trail.learn(further)
        trail.offered.append(offered)
    relations = Relations(trail.reached, trail.unreached, trail.doubts)
    learned = inquiry.learned(trail.heard, tuple(trail.readings.values()))
    return replace(decision, relations=relations), learned, offers.together(trail.offered)


@dataclass(slots=True)
class _Trail:
    """What a call knows so far: whom it is about, what was said about them, what was asked."""

    subjects: dict[str, Subject] = field(repr=False)
    readings: dict[str, Reading] = field(repr=False)
    heard: list[Used] = field(repr=False)
    reached: dict[str, Hop] = field(default_factory=dict)
    unreached: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    doubts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    leads: dict[str, follow.Lead] = field(default_factory=dict, repr=False)
    offered: list[Offered] = field(default_factory=list, repr=False)

    def step(self, decision: Decision, hops: Sequence[Hop]) -> Decision:
        """What may be asked next: about whom these hops lead to, and what each of them is wanted for."""
        leads = follow.follow(
            hops,
            subjects=self.subjects,
            readings=self.readings,
            unreached=self.unreached,
            declared=decision.ask.declared,
        )
        found = []
        for lead in leads:
            self._doubt(lead.hop.role, lead.doubts)
            if lead.subject is None:
                self.unreached[lead.hop.role] = (lead.reason, lead.source)
            else:
                self.leads[lead.hop.role] = lead
                found.append(lead.subject)
        self.subjects.update({one.role: one for one in found})
        wanted = {one.role: one.hop.wanted for one in found if one.hop}
        papers = tuple((one.role, kind) for one in found if one.hop for kind in one.hop.documents)
        return Decision(decision.caller, replace(decision.ask, subjects=tuple(found)), wanted, documents=papers)

    def unheard(self, planned: Sequence[Planned]) -> tuple[list[Planned], list[Used]]:
        """The questions that were not asked in this call yet, and what became of those that were."""
        asked, known = [], []
        for one in planned:
            used = next((said for said in self.heard if _covers(said.planned, one)), None)
            if used is None:
                asked.append(one)
            else:
                known.append(replace(used, planned=replace(used.planned, roles=one.roles)))
        return asked, known

    def learn(self, further: Learned) -> None:
        """Take in the answers of a round."""
        self.heard += further.used
        for reading in further.readings:
            self.readings[reading.role] = reading
            lead = self.leads[reading.role]
            self._doubt(reading.role, follow.doubts(lead, reading, self.subjects[lead.hop.start]))

    def _doubt(self, role: str, noted: tuple[str, ...]) -> None:
        if noted:
            self.doubts[role] = tuple(dict.fromkeys((*self.doubts.get(role, ()), *noted)))


def _covers(earlier: Planned, one: Planned) -> bool:
    before, now = earlier.question, one.question
    return before.source == now.source and before.identifiers == now.identifiers and now.fields <= before.fields
