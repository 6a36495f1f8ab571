"""A correction: what a portal reported about one field of one subject, and every step since.

Rule of this file: values and their one encoding. They hold personal data, so they are never stored but sealed.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from gateway.audit.events import SubjectRef

NOTE_LIMIT = 500


class State(StrEnum):
    """How far a correction is."""

    QUEUED = "queued"  # reported, not yet handed to the owner
    SENT = "sent"  # handed to the owner
    ACCEPTED = "accepted"  # the owner agrees and will correct
    REJECTED = "rejected"  # the owner holds the data for right
    FIXED = "fixed"  # the owner has corrected it


NEXT: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SENT, State.ACCEPTED, State.REJECTED, State.FIXED}),
    State.SENT: frozenset({State.ACCEPTED, State.REJECTED, State.FIXED}),
    State.ACCEPTED: frozenset({State.REJECTED, State.FIXED}),
    State.REJECTED: frozenset({State.ACCEPTED}),
    State.FIXED: frozenset(),
}
"""Where each state may go: never back, except that an owner may think better of a rejection."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `note`: the owner's word to the portal."""

    state: State
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """A report and its steps; the last is its state. `entry`: index of the log entry that recorded the report."""

    id: str
    agency: str
    officer: str
    procedure: str
    dossier: str
    subject: SubjectRef = dataclasses.field(repr=False)
    identifiers: Mapping[str, str] = dataclasses.field(repr=False)
    field: str
    source: str
    problem: str
    entry: int
    steps: tuple[Step, ...]
    shown: Any = dataclasses.field(default=None, repr=False)
    proposed: Any = dataclasses.field(default=None, repr=False)
    evidence: str = dataclasses.field(default="", repr=False)

    @property
    def state(self) -> State:
        """How far it is."""
        return self.steps[-1].state

    def stepped(self, step: Step) -> "Correction":
        """The correction after a step. Raises ValueError for one that may not follow."""
        if step.state not in NEXT[self.state]:
            raise ValueError(f"{self.state.value} is not followed by {step.state.value}")
        return replace(self, steps=(*self.steps, step))


_FORM = TypeAdapter(Correction)


def dump(correction: Correction) -> bytes:
    """JSON."""
    return _FORM.dump_json(correction)


def load(written: bytes) -> Correction:
    """What `dump` wrote. Raises ValueError for anything else."""
    return _FORM.validate_json(written)


def exported(correction: Correction) -> Mapping[str, Any]:
    """All of it, for the owner of the data."""
    written: dict[str, Any] = _FORM.dump_python(correction, mode="json")
    identifiers = written.pop("identifiers")
    return {**written, "subject": {"kind": correction.subject.kind, **identifiers}, "state": correction.state.value}
