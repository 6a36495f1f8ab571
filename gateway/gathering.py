"""Steps 5 and 6 of a call, whether it is answered now or later: the registries, and the register of documents beside.

Both are asked at the same time, within the time of the call. Neither costs the other's answers.
"""

import asyncio
from collections.abc import Mapping, Sequence

from gateway.following import Decide, learn
from gateway.inquiry import Gathered
from gateway.model import Decision
from gateway.papers import offers
from gateway.steps.plan import Planned
from gateway.world import Policy, World


async def gather(
    decision: Decision,
    planned: Sequence[Planned],
    *,
    policy: Policy,
    world: World,
    deadlines: Mapping[str, float],
    remaining: float,
    decide: Decide,
) -> Gathered:
    """Ask everything. `deadlines`: seconds per source; `remaining`: seconds left for all of it.

    `decide` records each step along a relation before it is made; it may raise LogUnavailable.
    """
    (followed, learned, further), offered = await asyncio.gather(
        learn(
            decision,
            planned,
            policy=policy,
            world=world,
            deadlines=deadlines,
            remaining=remaining,
            decide=decide,
        ),
        offers.offers(decision, policy=policy, world=world, seconds=remaining),
    )
    return Gathered(followed, learned, offers.together([offered, further]))
