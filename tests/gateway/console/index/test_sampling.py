"""Reviews are drawn fairly, the same for the same seed, and more often where something is unusual."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.console_rules import ConsoleRules, OutsideHours
from gateway.console.model import EVERYTHING, Scope, Wanted
from tests.gateway.console.index.crowd import FIRST, Crowd
from tests.gateway.console.index.days import EVENING, LATER, MORNING, calls
from tests.gateway.console.index.indexed import AGES, Indexed, append, indexed

PERIOD = (FIRST + timedelta(days=10), FIRST + timedelta(days=30))


def pool(crowd: Crowd, scope: Scope, since: datetime, until: datetime) -> list[int]:
    """The entries that may be drawn."""
    wanted = [Wanted(since=since, until=until, kind=kind) for kind in ("disclosed", "refused")]
    return sorted(index for one in wanted for index in crowd.wanted(one, scope))


@pytest.mark.parametrize(
    "scope", [EVERYTHING, Scope(frozenset({"H14"})), Scope(frozenset({"H141"})), Scope(frozenset({"H1"}))]
)
@pytest.mark.parametrize("risk", [False, True])
@pytest.mark.parametrize("period", [PERIOD, AGES, (FIRST, FIRST + timedelta(hours=30)), (AGES[0], FIRST)])
def test_drawn_from_what_may_be_seen(
    whole: Indexed, crowd: Crowd, scope: Scope, risk: bool, period: tuple[datetime, datetime]
) -> None:
    """A draw holds entries of the time and scope, none twice, in their order, as many as asked for or as there are."""
    fitting = pool(crowd, scope, *period)
    for count in (0, 1, 25, 100_000):
        drawn = list(whole.index.sample(scope, since=period[0], until=period[1], count=count, seed=7, risk=risk))
        assert drawn == sorted(set(drawn))
        assert set(drawn) <= set(fitting)
        assert len(drawn) == min(count, len(fitting))


@pytest.mark.parametrize("risk", [False, True])
def test_same_seed(whole: Indexed, risk: bool) -> None:
    """The same seed draws the same, another one something else."""
    draws = [
        whole.index.sample(EVERYTHING, since=PERIOD[0], until=PERIOD[1], count=20, seed=seed, risk=risk)
        for seed in (1, 1, 2)
    ]
    assert draws[0] == draws[1] != draws[2]


def test_past_time_is_drawn_alike_later(tmp_path: Path) -> None:
    """A draw of a past time stays the same when the log has grown."""
    append(tmp_path, calls("cb-1", 60))
    with indexed(tmp_path) as made:
        made.follow()
        before = made.index.sample(EVERYTHING, since=AGES[0], until=LATER, count=9, seed=3, risk=False)
        append(tmp_path, calls("cb-1", 60, LATER))
        made.follow()
        after = made.index.sample(EVERYTHING, since=AGES[0], until=LATER, count=9, seed=3, risk=False)
    assert before == after


def test_every_entry_has_the_same_chance(whole: Indexed, crowd: Crowd) -> None:
    """Over many draws the entries come equally often: a chi-square test at one in a thousand, with fixed seeds."""
    scope = Scope(frozenset({"H141"}))
    fitting = pool(crowd, scope, *PERIOD)
    drawn: Counter[int] = Counter()
    for seed in range(300):
        drawn.update(whole.index.sample(scope, since=PERIOD[0], until=PERIOD[1], count=10, seed=seed, risk=False))
    expected = 3000 / len(fitting)
    chi_square = sum((drawn[index] - expected) ** 2 / expected for index in fitting)
    freedom = len(fitting) - 1
    # Wilson and Hilferty's approximation of the quantile at 0.999
    limit = freedom * (1 - 2 / (9 * freedom) + 3.09 * (2 / (9 * freedom)) ** 0.5) ** 3
    assert freedom > 60
    assert chi_square < limit


def test_unusual_entries_are_drawn_more_often(tmp_path: Path) -> None:
    """By risk, entries that a pattern points at come far more often, and still not alone."""
    append(tmp_path, [*calls("cb-day", 190), *calls("cb-night", 10, EVENING)])
    rules = ConsoleRules(outside_hours=OutsideHours(minimum=5))
    with indexed(tmp_path) as made:
        made.follow()
        made.study(LATER, rules)
        (pattern,) = made.patterns("outside_hours")
        shares = {}
        for risk in (False, True):
            drawn: Counter[bool] = Counter()
            for seed in range(60):
                found = made.index.sample(EVERYTHING, since=MORNING, until=LATER, count=10, seed=seed, risk=risk)
                drawn.update(index in pattern.entries for index in found)
            shares[risk] = drawn[True] / (drawn[True] + drawn[False])
    assert 0.02 < shares[False] < 0.09  # 10 of 200
    assert 0.3 < shares[True] < 0.95


def test_patterns_of_others_do_not_weigh(tmp_path: Path) -> None:
    """A provincial auditor's draw follows the patterns of the own portals alone."""
    append(tmp_path, [*calls("cb-day", 60), *calls("cb-night", 20, EVENING, agency="H30")])
    rules = ConsoleRules(outside_hours=OutsideHours(minimum=5))
    mine = Scope(frozenset({"H14"}))
    with indexed(tmp_path) as made:
        made.follow()
        before = [made.index.sample(mine, since=MORNING, until=LATER, count=9, seed=s, risk=True) for s in range(9)]
        made.study(LATER, rules)
        assert made.patterns()
        after = [made.index.sample(mine, since=MORNING, until=LATER, count=9, seed=s, risk=True) for s in range(9)]
    assert before == after
