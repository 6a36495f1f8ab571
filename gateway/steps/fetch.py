"""Step 5: ask the sources, in parallel, inside one deadline. The only await on a source in the whole gateway.

A source that fails becomes a `Silence`; it never takes the others' answers with it. Only `AdapterError` is a silence:
anything else is a defect of ours and ends the call as `internal`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from adapters.contract import Adapter, AdapterError, Answer, Fault, Question, Silence


async def fetch(
    questions: Sequence[Question],
    *,
    adapters: Mapping[str, Adapter],
    deadlines: Mapping[str, float],
    remaining: float,
    now: Callable[[], datetime],
) -> tuple[Answer | Silence, ...]:
    """One outcome per question, in their order.

    `deadlines`: seconds per source; `remaining`: seconds left for the whole call. The smaller one counts.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(
                _ask(q, adapters[q.source], deadline=min(deadlines[q.source], max(remaining, 0.0)), now=now)
            )
            for q in questions
        ]
    return tuple(task.result() for task in tasks)


async def _ask(
    question: Question, adapter: Adapter, *, deadline: float, now: Callable[[], datetime]
) -> Answer | Silence:
    if deadline <= 0:
        return Silence(question.source, Fault.TIMED_OUT, "no_time_left", now())
    try:
        return await adapter.ask(question, deadline=deadline)
    except AdapterError as error:
        return Silence(question.source, error.fault, error.reason, now())
