"""A question asked again and again.

Growth is told in processor time, which other work on the machine changes little; waiting people feel the time on the
clock, so both are kept.

Rule of this file: the first answer is not counted, it opens connections and fills caches. Times are in seconds.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

LEAST, MOST = 7, 41
_ENOUGH_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Times:
    """What the answers took: `clock` and `processor` time, each ascending."""

    clock: tuple[float, ...]
    processor: tuple[float, ...]

    @property
    def work(self) -> float:
        """The median of the processor time."""
        return self.processor[len(self.processor) // 2]

    @property
    def p50(self) -> float:
        """The median on the clock."""
        return self.clock[len(self.clock) // 2]

    @property
    def p95(self) -> float:
        """Of twenty answers the slowest but one, on the clock."""
        return self.clock[min(len(self.clock) - 1, int(len(self.clock) * 0.95))]


def repeated(ask: Callable[[int], object]) -> Times:
    """Ask with the numbers 1, 2, 3 ...: at least LEAST times, at most MOST times, else for some seconds."""
    ask(0)
    clock: list[float] = []
    processor: list[float] = []
    while len(clock) < LEAST or (len(clock) < MOST and sum(clock) < _ENOUGH_SECONDS):
        began, worked = time.perf_counter(), time.process_time()
        ask(len(clock) + 1)
        processor.append(time.process_time() - worked)
        clock.append(time.perf_counter() - began)
    return Times(tuple(sorted(clock)), tuple(sorted(processor)))
