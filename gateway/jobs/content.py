"""What a job is about: the question while it is pending, afterwards the answer or the refusal.

Rule of this file: values and their one encoding. They hold personal data, so they are never stored but sealed
(`gateway.jobs.sealing`) and never shown by `repr`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter

from gateway.audit.events import SubjectRef
from gateway.errors import Refusal
from gateway.model import Ask, Call, Caller, SourceOutcome
from gateway.steps import record
from gateway.storage.jobs import JobState


@dataclass(frozen=True, slots=True)
class Question:
    """A call that was allowed, whole: any process can answer it.

    `token`: the request token, evidence when the question has to be asked again; `configuration`: digest of the one
    that decided.
    """

    caller: Caller
    ask: Ask = field(repr=False)
    token: str = field(repr=False)
    configuration: str


@dataclass(frozen=True, slots=True)
class About:
    """What call a result belongs to, and what its log entries name."""

    call: Call
    procedure: str
    dossier: str
    subjects: tuple[SubjectRef, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer: `body` is the JSON a synchronous call would have got. The rest is for the log."""

    about: About
    body: bytes = field(repr=False)
    fields: tuple[str, ...]
    sources: tuple[SourceOutcome, ...]
    found: bool | None
    reuse: tuple[int, int] | None = None
    documents: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """The refusal a synchronous call would have ended with. `fields`: those asked for; `sources`: those heard."""

    about: About
    refusal: Refusal
    fields: tuple[str, ...]
    sources: tuple[SourceOutcome, ...]


Result = Finding | Failure
Content = Question | Finding | Failure

STATES: Mapping[type[Content], JobState] = MappingProxyType(
    {Question: JobState.PENDING, Finding: JobState.DONE, Failure: JobState.FAILED}
)
_FORMS: Mapping[JobState, TypeAdapter[Any]] = MappingProxyType(
    {state: TypeAdapter(kind) for kind, state in STATES.items()}
)


def about(content: Content) -> About:
    """The call a job belongs to, in whatever state it is."""
    if not isinstance(content, Question):
        return content.about
    purpose = content.caller.purpose
    return About(content.ask.call, purpose.procedure, purpose.dossier, record.subjects(content.ask.subjects))


def dump(content: Content) -> bytes:
    """JSON."""
    encoded: bytes = _FORMS[STATES[type(content)]].dump_json(content)
    return encoded


def load(state: JobState, written: bytes) -> Content:
    """What `dump` wrote for a state. Raises ValueError for anything else."""
    content: Content = _FORMS[state].validate_json(written)
    return content
