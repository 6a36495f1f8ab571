"""Steps 5 and 6: what the sources say about the subjects of an allowed call, in one vocabulary.

A call that is answered at once (gateway/pipeline.py) and one that is answered later (gateway/deferral.py) ask in the
same way; they differ in their deadlines. The `decided` entry of every question is durable before this begins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.contract import Answer, Silence
from gateway.model import Decision, Reading, SourceOutcome
from gateway.steps import fetch, heard
from gateway.steps.normalise import normalise
from gateway.steps.plan import Planned
from gateway.world import Policy, World


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of the questions: an outcome for each, and a reading for each subject."""

    outcomes: tuple[Answer | Silence, ...] = field(repr=False)
    readings: tuple[Reading, ...] = field(repr=False)
    sources: tuple[SourceOutcome, ...]


async def inquire(
    decision: Decision,
    planned: Sequence[Planned],
    *,
    policy: Policy,
    world: World,
    deadlines: Mapping[str, float],
    remaining: float,
    known: Sequence[tuple[tuple[str, ...], Answer | Silence]] = (),
) -> Learned:
    """Ask everything in parallel. `deadlines`: seconds per source; `remaining`: seconds left for all of it.

    `known`: roles and what this call has already heard about their subjects; it is not asked again.

    A source that fails is a silence among the outcomes, never an error.
    """
    outcomes = await fetch.fetch(  # 5
        [p.question for p in planned],
        adapters=world.adapters,
        deadlines=deadlines,
        remaining=remaining,
        now=world.now,
    )
    readings = normalise(  # 6
        decision.wanted,
        [*known, *((p.roles, outcome) for p, outcome in zip(planned, outcomes, strict=True))],
        fields=policy.fields,
        vocabulary=policy.vocabulary,
    )
    return Learned(tuple(outcomes), tuple(readings), heard.outcomes(outcomes))
