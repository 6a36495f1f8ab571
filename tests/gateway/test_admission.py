"""Admission: rates, bursts, calls in flight, the day's quota."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.model import Limits
from gateway.admission import Admission
from gateway.errors import Code, Refusal, Refused

START = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _limits(per_second: float = 10, burst: int = 3, in_flight: int = 99, per_day: int | None = None) -> Limits:
    return Limits(per_second, burst, in_flight, 1024, per_day)


def _try(admission: Admission, limits: Limits, at: datetime, agency: str = "H14") -> Refusal | None:
    try:
        with admission.portal(agency, limits, at):
            admission.count(agency)
            return None
    except Refused as ended:
        return ended.refusal


def test_a_burst_is_let_through_and_then_the_rate_holds() -> None:
    """`burst` calls at one instant, then one every 1/rate seconds."""
    admission = Admission(99)
    at_once = [_try(admission, _limits(), START) for _ in range(4)]
    later = _try(admission, _limits(), START + timedelta(seconds=0.1))
    assert at_once[:3] == [None] * 3
    assert at_once[3] is not None
    assert at_once[3].code is Code.RATE_LIMITED
    assert at_once[3].retry_after == 1
    assert later is None


@given(st.lists(st.floats(0, 0.5, allow_nan=False), min_size=1, max_size=80))
def test_no_window_holds_more_than_burst_and_rate_allow(pauses: list[float]) -> None:
    """Over any stretch of time at most burst + rate x time calls are let through."""
    admission, limits = Admission(99), _limits()
    passed, at = [], START
    for pause in pauses:
        at += timedelta(seconds=pause)
        if _try(admission, limits, at) is None:
            passed.append(at)
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            seconds = (passed[last] - passed[first]).total_seconds()
            assert last - first + 1 <= limits.burst + limits.per_second * seconds + 1e-6


def test_one_portal_does_not_use_up_another_s_rate() -> None:
    """Limits are per portal."""
    admission = Admission(99)
    for _ in range(5):
        _try(admission, _limits(), START)
    assert _try(admission, _limits(), START, agency="H41") is None


def test_calls_in_flight_are_counted_and_given_back() -> None:
    """A place is taken while the call runs, also when it fails."""
    admission, limits = Admission(99), _limits(burst=99, in_flight=1)
    with admission.portal("H14", limits, START):
        refused = _try(admission, limits, START)
    assert refused is not None
    assert refused.code is Code.RATE_LIMITED
    with pytest.raises(ZeroDivisionError), admission.portal("H14", limits, START):
        raise ZeroDivisionError
    assert _try(admission, limits, START) is None


def test_the_day_s_quota_is_renewed_at_midnight() -> None:
    """The quota counts calls of a UTC day and says how long until the next."""
    admission, limits = Admission(99), _limits(burst=99, per_day=2)
    outcomes = [_try(admission, limits, START) for _ in range(3)]
    assert outcomes[:2] == [None, None]
    assert outcomes[2] is not None
    assert (outcomes[2].code, outcomes[2].retry_after) == (Code.QUOTA_EXHAUSTED, 12 * 3600)
    assert _try(admission, limits, START + timedelta(hours=12)) is None


def test_only_a_call_that_was_counted_uses_up_the_day() -> None:
    """A replay is let in and found out later; it is not counted."""
    admission, limits = Admission(99), _limits(burst=99, per_day=1)
    for _ in range(5):
        with admission.portal("H14", limits, START):
            pass
    assert _try(admission, limits, START) is None


def test_refusals_being_written_are_bounded_per_portal() -> None:
    """As many refusals as calls may be under way at once; then the gateway is overloaded for that portal alone."""
    admission, limits = Admission(99), _limits(in_flight=1)
    with admission.refusing("H14", limits):
        with pytest.raises(Refused) as ended, admission.refusing("H14", limits):
            pass
        with admission.refusing("H41", limits):
            pass
    assert ended.value.refusal.code is Code.OVERLOADED


def test_a_reload_changes_the_size_and_forgets_portals_that_are_gone() -> None:
    """The number of places follows the configuration; usage of a portal that left is dropped."""
    admission, limits = Admission(1), _limits(burst=1)
    _try(admission, limits, START)
    admission.resize(2, ("H41",))
    with admission.place(), admission.place():
        assert admission.under_way == 2
    assert _try(admission, limits, START) is None


def test_a_full_gateway_is_overloaded() -> None:
    """Over all portals only so many calls run at once."""
    admission = Admission(1)
    with admission.place():
        assert admission.under_way == 1
        with pytest.raises(Refused) as ended, admission.place():
            pass
    assert ended.value.refusal.code is Code.OVERLOADED
    assert admission.under_way == 0


def test_background_work_takes_no_call_s_place_and_is_waited_for() -> None:
    """A gateway full of jobs still answers calls; a stopping one sees both."""
    admission = Admission(1)
    with admission.background(), admission.background(), admission.place():
        assert admission.under_way == 3
    assert admission.under_way == 0


def test_lines_of_a_batch_leave_half_of_the_burst() -> None:
    """A batch may run half of the burst ahead and waits then; an interactive call finds the other half."""
    admission, limits = Admission(99), _limits(per_second=10, burst=4)
    waits = [admission.line("H14", limits, START) for _ in range(3)]
    assert waits[:2] == [0.0, 0.0]
    assert waits[2] == pytest.approx(0.1, abs=1e-5)
    assert [_try(admission, limits, START) for _ in range(2)] == [None, None]
    assert _try(admission, limits, START) is not None
    assert admission.line("H14", limits, START) == pytest.approx(0.3, abs=1e-5)


def test_a_line_counts_for_the_day_and_a_waiting_one_does_not() -> None:
    """Each line that begins is one call of the day's quota."""
    admission, limits = Admission(99), _limits(burst=2, per_day=2)
    assert admission.line("H14", limits, START) == 0
    assert admission.line("H14", limits, START) > 0
    assert admission.line("H14", limits, START + timedelta(seconds=1)) == 0
    with pytest.raises(Refused) as ended:
        admission.line("H14", limits, START + timedelta(seconds=2))
    assert ended.value.refusal.code is Code.QUOTA_EXHAUSTED
