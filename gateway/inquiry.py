"""Steps 5 and 6: what the sources say about the subjects of an allowed call, in one vocabulary.

A call that is answered at once (gateway/pipeline.py) and one that is answered later (gateway/deferral.py) ask in the
same way; they differ in their deadlines. The `decided` entry of every question is durable before this begins.

A source is not asked for what is kept of its earlier answers and young enough (gateway/freshness/).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.contract import Answer, Silence
from gateway.freshness import recall
from gateway.freshness.memory import Memory
from gateway.freshness.recall import Used
from gateway.model import Decision, Kept, Offered, Reading, SourceOutcome
from gateway.steps import fetch, heard
from gateway.steps.plan import Planned
from gateway.world import Policy, World


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of the questions: an outcome for each, and a reading for each subject."""

    used: tuple[Used, ...] = field(repr=False)
    readings: tuple[Reading, ...] = field(repr=False)
    sources: tuple[SourceOutcome, ...]

    @property
    def outcomes(self) -> tuple[Answer | Silence | Kept, ...]:
        """What became of each question, in their order."""
        return tuple(one.outcome for one in self.used)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is known of a call's subjects. `decision`: with what became of its relations."""

    decision: Decision
    learned: Learned = field(repr=False)
    offered: Offered = field(repr=False)

    @property
    def sources(self) -> tuple[SourceOutcome, ...]:
        """What became of every source that was asked."""
        return (*self.learned.sources, *self.offered.sources)


async def inquire(
    decision: Decision,
    planned: Sequence[Planned],
    *,
    policy: Policy,
    world: World,
    deadlines: Mapping[str, float],
    remaining: float,
    known: Sequence[Used] = (),
) -> Learned:
    """Ask everything in parallel. `deadlines`: seconds per source; `remaining`: seconds left for all of it.

    `known`: what this call has already heard about the subjects; it is not asked again.

    A source that fails is a silence among the outcomes, never an error.
    """
    began = world.clock()
    memory = Memory(
        world.vault,
        world.turns,
        decision.caller,
        procedure=policy.procedures.get(decision.caller.purpose.procedure),
        fields=policy.fields,
        now=world.now,
        observe=world.observe.recalled,
    )
    # half of the time is left for asking, should whoever is waited for have heard nothing
    async with memory.recalled(planned, patience=remaining / 2) as recalled:
        answers = await fetch.fetch(  # 5
            [one.rest.question for one in recalled if one.rest],
            adapters=world.adapters,
            deadlines=deadlines,
            remaining=remaining - (world.clock() - began),
            now=world.now,
        )
        used = memory.joined(recalled, answers)
        await memory.keep(recalled, used)
    readings = recall.read(  # 6
        decision.wanted, [*known, *used], fields=policy.fields, vocabulary=policy.vocabulary, at=world.now()
    )
    return learned(used, readings)


def learned(used: Sequence[Used], readings: Sequence[Reading]) -> Learned:
    """What is known once every question has its outcome."""
    return Learned(tuple(used), tuple(readings), heard.outcomes([one.outcome for one in used]))
