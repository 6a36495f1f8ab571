"""How long the contents of the log can be read, and their end: a month's keys of one kind are destroyed.

    due     key epochs whose time is over      a month counts from its last day
    erase   the `redaction` entry, durable, and only then the keys: broken off between the two, it is done again

Envelopes, hashes and proofs stay. Rule of this file: nothing is destroyed that the log does not say was destroyed; the
legal minimum is checked where the settings are read and once more here.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from config.running import RetentionSettings
from gateway.audit.epoch import Epoch
from gateway.audit.events import ErasedEpoch, Redacted
from gateway.audit.log import AccessLog
from gateway.audit.ring import KeyRing, period_of

MINIMUM_MONTHS = 12
BATCH = 200
"""Epochs named in one entry."""


@dataclass(frozen=True, slots=True)
class Term:
    """Until when a key epoch is kept. `ends`: the first month in which its keys may be destroyed, `2028-12`."""

    epoch: Epoch
    ends: str
    held: bool


def terms(epochs: Iterable[Epoch], settings: RetentionSettings) -> tuple[Term, ...]:
    """The term of each epoch, in their order. Raises ValueError for months below the legal minimum."""
    months: Mapping[str, int] = settings.months
    if any(count < MINIMUM_MONTHS for count in months.values()):
        raise ValueError(f"no kind of entry may be erased before {MINIMUM_MONTHS} months")
    return tuple(
        Term(epoch, later(epoch.period, months[epoch.seals] + 1), epoch.period in settings.hold) for epoch in epochs
    )


def due(epochs: Iterable[Epoch], settings: RetentionSettings, at: datetime) -> tuple[Epoch, ...]:
    """The epochs whose time is over at `at` and that are not held."""
    now = period_of(at)
    return tuple(term.epoch for term in terms(epochs, settings) if term.ends <= now and not term.held)


def later(period: str, months: int) -> str:
    """A month `months` after a month: `2026-11` and 14 give `2028-01`."""
    year, month = (int(part) for part in period.split("-"))
    years, left = divmod(month - 1 + months, 12)
    return f"{year + years:04d}-{left + 1:02d}"


async def erase(log: AccessLog, ring: KeyRing, settings: RetentionSettings, now: Callable[[], datetime]) -> int:
    """Erase what is due; how many epochs. Raises LogUnavailable and KeyFileRefused: what is left is done next time."""
    loop = asyncio.get_running_loop()
    at = now()
    expired = due(await loop.run_in_executor(None, ring.all), settings, at)
    for start in range(0, len(expired), BATCH):
        part = expired[start : start + BATCH]
        named = tuple(ErasedEpoch(epoch.kid.hex(), epoch.seals, epoch.period) for epoch in part)
        await log.append(Redacted(at, named, "retention"))
        await loop.run_in_executor(None, ring.destroy, [epoch.kid for epoch in part])
    return len(expired)
