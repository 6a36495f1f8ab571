"""Tests of how long to wait after wrong attempts."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.console.accounts import lockout
from gateway.console.accounts.lockout import NONE, Strikes


def _wrong(strikes: Strikes, *times: int) -> Strikes:
    for at in times:
        strikes = lockout.charged(strikes, at)
    return strikes


def test_four_are_free_and_the_fifth_waits() -> None:
    """The fifth wrong attempt within 15 minutes brings a minute."""
    assert lockout.waiting(_wrong(NONE, 0, 1, 2, 3), 3) == 0
    assert lockout.waiting(_wrong(NONE, 0, 1, 2, 3, 4), 4) == 60


def test_old_attempts_do_not_count() -> None:
    """Five over a longer time bring no wait."""
    assert lockout.waiting(_wrong(NONE, 0, 1, 2, 3, 15 * 60), 15 * 60) == 0
    assert lockout.waiting(_wrong(NONE, 1, 2, 3, 4, 15 * 60), 15 * 60) == 60


def test_waits_grow_to_an_hour() -> None:
    """1, 2, 4, 8, 16, 32, 60, 60 minutes, when somebody tries again as soon as he may."""
    strikes, at, waits = _wrong(NONE, 0, 0, 0, 0, 0), 0, []
    for _ in range(8):
        waits.append(lockout.waiting(strikes, at) // 60)
        at += lockout.waiting(strikes, at)
        strikes = lockout.charged(strikes, at)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_waits_are_forgotten_after_a_day() -> None:
    """A day after the last wait the next one is short, and five attempts are free again."""
    strikes = _wrong(NONE, *(n * 3600 for n in range(1)), 0, 0, 0, 0)
    later = strikes.until + lockout.FORGET + 1
    assert lockout.waiting(_wrong(strikes, later), later) == 0
    assert lockout.waiting(_wrong(strikes, *[later] * 5), later) == 60


@given(st.lists(st.integers(0, 30 * 24 * 3600), max_size=60).map(sorted))
def test_never_for_ever(times: list[int]) -> None:
    """Whatever was tried, nobody waits longer than an hour, and little is remembered."""
    strikes = _wrong(NONE, *times)
    assert all(lockout.waiting(strikes, at) <= 60 * 60 for at in times[-1:])
    assert len(strikes.failures) <= 2 * lockout.FREE


@given(st.integers(0, 4))
def test_a_right_attempt_is_given_back(before: int) -> None:
    """It leaves what was wrong before, and takes away the wait it brought itself."""
    strikes = _wrong(NONE, *range(before))
    after = lockout.given_back(lockout.charged(strikes, 10), 12)
    assert (after.failures, after.waits, lockout.waiting(after, 12)) == (strikes.failures, 0, 0)
