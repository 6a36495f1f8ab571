"""How much of an open endpoint one process serves, so that callers without a key never starve those with one.

Rule of this file: only counting; time is an argument, in seconds of a monotonic clock. Signed calls do not pass here.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.errors import Code, refused


class Gate:
    """A bucket of work: `burst` units at once, refilled with `per_second`; and at most `at_once` requests inside."""

    def __init__(self, *, per_second: float, burst: float, at_once: int) -> None:
        self._per_second, self._burst, self._at_once = per_second, burst, at_once
        self._left, self._since, self._inside = burst, 0.0, 0

    @contextmanager
    def passing(self, cost: float, at: float) -> Iterator[None]:
        """A place for one request that costs `cost` units. Raises `Refused(overloaded)` and takes nothing then."""
        self._left = min(self._burst, self._left + max(0.0, at - self._since) * self._per_second)
        self._since = max(self._since, at)
        if self._inside >= self._at_once or self._left < cost:
            raise refused(Code.OVERLOADED, "The log's open part is much asked for. Try again as Retry-After says.")
        self._left -= cost
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
