"""Steps 3 to 6 again, for whom a relation leads to: spouse, parents, household head, representative, taxpayer.

    follow    whom do the granted relations lead to?       gateway/steps/follow.py, pure
    plan      questions about exactly these                gateway/steps/plan.py
    decided   durable before any of them is asked          no log, no fetch: as for the first questions of the call
    inquire   ask, and read the answers                    gateway/inquiry.py

One round for each depth, at most as many as the procedure's `relation_depth`, inside the time of the call. What was
heard before a round is kept whatever becomes of it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from adapters.contract import Answer, Silence
from gateway.inquiry import Learned, inquire
from gateway.model import Decision, Hop, Reading, Relations, Subject
from gateway.steps import follow, heard, plan
from gateway.steps.plan import Planned
from gateway.world import Policy, World

Decide = Callable[[Decision, Sequence[str]], Awaitable[None]]
"""Makes a further `decided` entry durable: who was reached, and which sources are asked. Raises LogUnavailable."""

_Heard = tuple[Planned, Answer | Silence]


async def learn(
    decision: Decision,
    planned: Sequence[Planned],
    *,
    policy: Policy,
    world: World,
    deadlines: Mapping[str, float],
    remaining: float,
    decide: Decide,
) -> tuple[Decision, Learned]:
    """What the sources say about the subjects of a call and about those its relations lead to.

    The decision comes back with what became of its hops. `remaining`: seconds left for all rounds together.
    """
    ends = world.clock() + remaining
    learned = await inquire(decision, planned, policy=policy, world=world, deadlines=deadlines, remaining=remaining)
    trail = _Trail(
        {one.role: one for one in decision.ask.subjects},
        {reading.role: reading for reading in learned.readings},
        list(zip(planned, learned.outcomes, strict=True)),
    )
    for depth in sorted({hop.depth for hop in decision.hops}):
        step = trail.step(decision, [hop for hop in decision.hops if hop.depth == depth])
        if not step.wanted:
            continue
        asked, known = trail.unheard(plan.plan(step, fields=policy.fields, new_id=world.new_id))
        left = ends - world.clock()
        if left > 0:
            await decide(step, [p.question.source for p in asked])
            left = ends - world.clock()
            trail.reached.update({one.role: one.hop for one in step.ask.subjects if one.hop})
        further = await inquire(
            step, asked, policy=policy, world=world, deadlines=deadlines, remaining=left, known=known
        )
        trail.learn(asked, further)
    outcomes = tuple(outcome for _, outcome in trail.heard)
    relations = Relations(trail.reached, trail.unreached, trail.doubts)
    return replace(decision, relations=relations), Learned(
        outcomes, tuple(trail.readings.values()), heard.outcomes(outcomes)
    )


@dataclass(slots=True)
class _Trail:
    """What a call knows so far: whom it is about, what was said about them, what was asked."""

    subjects: dict[str, Subject] = field(repr=False)
    readings: dict[str, Reading] = field(repr=False)
    heard: list[_Heard] = field(repr=False)
    reached: dict[str, Hop] = field(default_factory=dict)
    unreached: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    doubts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    leads: dict[str, follow.Lead] = field(default_factory=dict, repr=False)

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
        return Decision(decision.caller, replace(decision.ask, subjects=tuple(found)), wanted)

    def unheard(
        self, planned: Sequence[Planned]
    ) -> tuple[list[Planned], list[tuple[tuple[str, ...], Answer | Silence]]]:
        """The questions that were not asked in this call yet, and the roles whose questions were."""
        asked, known = [], []
        for one in planned:
            outcome = next((said for earlier, said in self.heard if _covers(earlier, one)), None)
            if outcome is None:
                asked.append(one)
            else:
                known.append((one.roles, outcome))
        return asked, known

    def learn(self, asked: Sequence[Planned], further: Learned) -> None:
        """Take in the answers of a round."""
        self.heard += zip(asked, further.outcomes, strict=True)
        for reading in further.readings:
            self.readings[reading.role] = reading
            lead = self.leads[reading.role]
            if lead.hop.role in self.reached:
                self._doubt(reading.role, follow.doubts(lead, reading, self.subjects[lead.hop.start]))

    def _doubt(self, role: str, noted: tuple[str, ...]) -> None:
        if noted:
            self.doubts[role] = tuple(dict.fromkeys((*self.doubts.get(role, ()), *noted)))


def _covers(earlier: Planned, one: Planned) -> bool:
    before, now = earlier.question, one.question
    return before.source == now.source and before.identifiers == now.identifiers and now.fields <= before.fields
