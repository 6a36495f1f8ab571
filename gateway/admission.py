"""What each portal may send: a rate with a burst (GCRA), calls in flight, calls per day; and calls in flight over all.

State lives in this process: with several processes each allows its share. Time is an argument.
"""

import math
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from config.model import Limits
from gateway.errors import Code, refused

# seconds; sums of floating-point intervals are not exact
_ROUNDING = 1e-9


@dataclass(slots=True)
class _Usage:
    theoretical: float = 0.0  # GCRA: when the next call would be due, seconds since 1970
    in_flight: int = 0
    refusals: int = 0
    day: int = 0
    today: int = 0


class Admission:
    """Counts calls. One per process; used from one event loop."""

    def __init__(self, in_flight: int) -> None:
        self._most = in_flight
        self._under_way = 0
        self._background = 0
        self._usage: dict[str, _Usage] = {}

    @property
    def under_way(self) -> int:
        """Calls in flight over all portals, and work that goes on behind answers that left."""
        return self._under_way + self._background

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place in the gateway for one call. Raises `Refused(overloaded)` when all are taken."""
        if self._under_way >= self._most:
            raise refused(Code.OVERLOADED)
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    @contextmanager
    def background(self) -> Iterator[None]:
        """Work behind an answer that left. It takes no call's place; a stopping gateway waits for it all the same."""
        self._background += 1
        try:
            yield
        finally:
            self._background -= 1

    def resize(self, in_flight: int, agencies: Collection[str]) -> None:
        """Take a new number of places, and forget portals that are gone."""
        self._most = in_flight
        self._usage = {agency: usage for agency, usage in self._usage.items() if agency in agencies}

    @contextmanager
    def portal(self, agency: str, limits: Limits, at: datetime) -> Iterator[None]:
        """A place within one portal's limits. Raises `Refused`: rate_limited or quota_exhausted, with Retry-After.

        The day's quota is only looked at here; `count` uses it up, once the call has proved to be no replay.
        """
        usage = self._usage.setdefault(agency, _Usage())
        self._check_day(usage, limits, at)
        if usage.in_flight >= limits.in_flight:
            raise refused(Code.RATE_LIMITED, f"At most {limits.in_flight} calls at once.", retry_after=1)
        self._pace(usage, limits, at.timestamp())
        with self._held(usage):
            yield

    @contextmanager
    def refusing(self, agency: str, limits: Limits) -> Iterator[None]:
        """A place for writing down a refusal of one portal, so that refusals cannot crowd out its calls or others'.

        Raises `Refused(overloaded)` when as many are being written as the portal may have calls in flight.
        """
        usage = self._usage.setdefault(agency, _Usage())
        if usage.refusals >= limits.in_flight:
            raise refused(Code.OVERLOADED)
        usage.refusals += 1
        try:
            yield
        finally:
            usage.refusals -= 1

    def line(self, agency: str, limits: Limits, at: datetime) -> float:
        """Let one line of a batch begin, or tell for how many seconds it has to wait: then nothing is taken.

        Lines use at most half of the burst, so that the portal's other calls find the rest. Raises
        `Refused(quota_exhausted)`.
        """
        usage = self._usage.setdefault(agency, _Usage())
        self._check_day(usage, limits, at)
        now, interval = at.timestamp(), 1 / limits.per_second
        due = max(usage.theoretical, now)
        ahead = due - now - interval * (max(1, limits.burst // 2) - 1)
        if ahead > _ROUNDING:
            return ahead
        usage.theoretical = due + interval
        usage.today += 1
        return 0.0

    def count(self, agency: str) -> None:
        """One call of the day's quota is used up."""
        self._usage.setdefault(agency, _Usage()).today += 1

    @staticmethod
    @contextmanager
    def _held(usage: _Usage) -> Iterator[None]:
        usage.in_flight += 1
        try:
            yield
        finally:
            usage.in_flight -= 1

    @staticmethod
    def _check_day(usage: _Usage, limits: Limits, at: datetime) -> None:
        today = int(at.timestamp() // 86400)
        if usage.day != today:
            usage.day, usage.today = today, 0
        if limits.per_day is not None and usage.today >= limits.per_day:
            left = 86400 - int(at.timestamp()) % 86400
            raise refused(Code.QUOTA_EXHAUSTED, f"At most {limits.per_day} calls a day.", retry_after=left)

    @staticmethod
    def _pace(usage: _Usage, limits: Limits, now: float) -> None:
        interval = 1 / limits.per_second
        due = max(usage.theoretical, now)
        # a burst of n may run n intervals ahead of the sustained rate
        ahead = due - now - interval * (limits.burst - 1)
        if ahead > _ROUNDING:
            raise refused(
                Code.RATE_LIMITED,
                f"At most {limits.per_second:g} calls a second, {limits.burst} at once.",
                retry_after=max(1, math.ceil(ahead)),
            )
        usage.theoretical = due + interval
