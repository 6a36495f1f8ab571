"""From turns to figures: a quantile of a turn, and the median with its range over the rounds.

Rule of this file: a ratio is made within one round, from two turns next to each other; only then comes the median.
Absolute figures of a shared machine say little and are shown for orientation only.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of one side: seconds; CPU in seconds of the whole turn."""

    calls: int
    seconds: float
    p50: float
    p99: float
    cpu: float
    mocks_cpu: float
    generator_cpu: float
    stolen: float
    wrong: int
    entries_per_batch: float = 0.0
    commit_seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Calls per second."""
        return self.calls / self.seconds if self.seconds else 0.0

    @property
    def cpu_us(self) -> float:
        """CPU of the side itself, microseconds per call."""
        return self.cpu / self.calls * 1e6 if self.calls else math.nan

    @property
    def mocks_us(self) -> float:
        """CPU of the mock registries, microseconds per call."""
        return self.mocks_cpu / self.calls * 1e6 if self.calls else math.nan

    @property
    def busy(self) -> float:
        """How much of one core the side used."""
        return self.cpu / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of the rounds, and the least and the greatest of them."""

    middle: float
    least: float
    most: float


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` of the ascending values lie (nearest rank); NaN of nothing."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def spread(values: Sequence[float]) -> Spread:
    """Median, least and greatest. Raises ValueError for no values."""
    return Spread(median(values), min(values), max(values))


def over(turns: Sequence[Turn], figure: Callable[[Turn], float]) -> Spread:
    """One figure of one side over the rounds."""
    return spread([figure(turn) for turn in turns])


def ratio(ours: Sequence[Turn], theirs: Sequence[Turn], figure: Callable[[Turn], float]) -> Spread:
    """One figure of two sides, divided round by round. Raises ValueError when the rounds do not match."""
    return spread([figure(one) / figure(other) for one, other in zip(ours, theirs, strict=True)])
