"""Samples, their items, and marks.

Rule of this file: values only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.console.model import Scope

MOST: Final = 200
"""Entries of one sample."""


class ReviewsUnavailable(Exception):  # noqa: N818 - it says what happened
    """The file cannot be read or written. `reason`: locked, schema (of another version of this program), failed."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the reviews cannot be used: {reason}")
        self.reason = reason


class Mark(StrEnum):
    """What a reviewer thinks of an entry."""

    FINE = "fine"
    QUESTION = "question"
    BREACH = "breach"


@dataclass(frozen=True, slots=True)
class Draw:
    """A sample to be. `portals`: scope of who drew it, None: all; `indices`: of entries; `recorded`: its entry."""

    by: str
    at: datetime
    since: datetime
    until: datetime
    how: str  # uniform | risk
    asked: int
    seed: int
    portals: frozenset[str] | None
    indices: Sequence[int]
    recorded: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample. `size`: its entries; `marked`: how many of them have a mark; `marks`: mark -> entries whose newest
    mark it is, of whichever reviewer."""

    number: int
    by: str
    at: datetime
    since: datetime
    until: datetime
    how: str
    asked: int
    seed: int
    portals: frozenset[str] | None
    recorded: int
    size: int
    marked: int
    marks: Mapping[str, int]
    reviewers: tuple[str, ...]

    def within(self, scope: Scope) -> bool:
        """Whether somebody with this scope may see it: every portal it was drawn from is his."""
        return scope.portals is None or (self.portals is not None and all(scope.holds(one) for one in self.portals))


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark that was given. `recorded`: its entry in the log."""

    reviewer: str
    at: datetime
    mark: Mark
    note: str = field(repr=False)
    recorded: int


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a sample with every mark, the oldest first."""

    place: int
    index: int
    marks: tuple[Marked, ...]

    def newest_of(self, reviewer: str) -> Marked | None:
        """What a reviewer says now."""
        return next((one for one in reversed(self.marks) if one.reviewer == reviewer), None)

    def standing(self) -> tuple[Marked, ...]:
        """What each reviewer says now, in the order in which they first said something."""
        return tuple({one.reviewer: one for one in self.marks}.values())
