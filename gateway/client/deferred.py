"""An answer that is to be fetched later: what the gateway promised, and when to ask for it again.

Rule of this file: it sends nothing itself. The job's name comes from the signed body, never from the unsigned header
`Location`: nobody on the way can send a portal elsewhere with its next token.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.client.answer import Answer
from gateway.client.errors import AnswerNotTrusted, Problem, StillPending, Unreachable

PREFER: Mapping[str, str] = {"Prefer": "respond-async"}
"""What asks for it (RFC 7240)."""

ACCEPTED = 202
MAX_PAUSE = 30
_JOB = re.compile(r"[A-Za-z0-9._~-]{1,64}")
# What says that the gateway could not look now. Every other problem is the outcome of the call itself.
_NOT_NOW = frozenset({"draining", "log_unavailable", "overloaded", "rate_limited"})


@dataclass(frozen=True, slots=True)
class Deferred:
    """A job. `retry_after`: seconds to wait before asking again; `promise`: the verified 202 with its receipt.

    `purpose` is that of the call: its procedure and dossier are needed to read the job.
    """

    job: str
    retry_after: int
    purpose: Mapping[str, str] = field(repr=False)
    promise: Answer = field(repr=False)

    @property
    def path(self) -> str:
        """Where the answer is read."""
        return f"/v1/jobs/{self.job}"


def outcome(answer: Answer, purpose: Mapping[str, str]) -> Answer | Deferred:
    """The answer, or what was promised instead. Raises `AnswerNotTrusted` for a 202 that names no job."""
    if answer.status != ACCEPTED:
        return answer
    document: Mapping[str, Any] = answer.document
    job = document.get("job")
    if not isinstance(job, str) or not _JOB.fullmatch(job) or set(job) <= {"."}:
        raise AnswerNotTrusted("answer_malformed", "a 202 without the name of a job", status=answer.status)
    return Deferred(job, _pause(answer.retry_after), dict(purpose), answer)


async def waited(
    promised: Answer | Deferred,
    read: Callable[[Deferred], Awaitable[Answer | Deferred]],
    *,
    seconds: float,
    sleep: Callable[[float], Awaitable[None]],
) -> Answer:
    """What `read` gives once it is an answer. Raises StillPending after pauses of `seconds` in all, and what `read`
    raises unless it says that the job could not be looked at now.
    """
    while isinstance(promised, Deferred):
        last = promised
        seconds -= last.retry_after
        if seconds < 0:
            raise StillPending(last.job)
        await sleep(last.retry_after)
        try:
            promised = await read(last)
        except (Problem, Unreachable) as error:
            pause = _passing(error)
            if pause is None:
                raise
            promised = replace(last, retry_after=pause)
    return promised


def _passing(error: Problem | Unreachable) -> int | None:
    """Seconds after which reading a job is worth another try; None when the error is final."""
    if isinstance(error, Unreachable):
        return 1
    return _pause(error.retry_after) if error.code in _NOT_NOW else None


def _pause(said: int | None) -> int:
    return min(max(said or 1, 1), MAX_PAUSE)
