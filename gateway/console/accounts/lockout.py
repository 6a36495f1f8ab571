"""How long to wait after wrong attempts: five within 15 minutes are free, then 1, 2, 4 ... 60 minutes, never for ever.

Rule of this file: pure. Times are whole seconds since 1970. An attempt is charged before it is looked at and given
back when it was right, so that attempts made at the same moment are counted too.
"""

from dataclasses import dataclass

FREE = 5
WINDOW = 15 * 60
LONGEST_WAIT = 60 * 60
FORGET = 24 * 60 * 60
"""Seconds after which earlier waits are forgotten and the next one is short again."""


@dataclass(frozen=True, slots=True)
class Strikes:
    """What is remembered of one account name or one client address.

    `failures`: times of attempts that were not right, in the window; `waits`: how many waits there were; `until`: the
    end of the newest; `told`: whether the newest wait has turned somebody away already.
    """

    failures: tuple[int, ...] = ()
    waits: int = 0
    until: int = 0
    told: bool = False


NONE = Strikes()


def waiting(strikes: Strikes, at: int) -> int:
    """Seconds to wait, 0 when an attempt is looked at."""
    return max(0, strikes.until - at)


def charged(strikes: Strikes, at: int) -> Strikes:
    """After one more attempt, which counts as wrong until it is given back."""
    recent = (*(t for t in strikes.failures if t > at - WINDOW), at)[-2 * FREE :]
    waits = 0 if at - strikes.until > FORGET else strikes.waits
    if len(recent) < FREE and waits == 0:
        return Strikes(recent)
    wait = min(60 * 2**waits, LONGEST_WAIT)
    return Strikes(recent, waits + 1, at + wait)


def given_back(strikes: Strikes, at: int) -> Strikes:
    """After an attempt turned out to be right: one failure less, and the wait it brought."""
    failures = strikes.failures[:-1]
    if strikes.until <= at:
        return Strikes(failures, strikes.waits, strikes.until)
    return Strikes(failures, max(0, strikes.waits - 1), min(strikes.until, at))
