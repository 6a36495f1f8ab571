"""The figures for reading: 80 columns, ratios first."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from tests.bench.figures import Spread, Turn, over, ratio
from tests.bench.rounds import SCENARIOS, Run, Scenario

_RATIOS: tuple[tuple[str, Callable[[Turn], float]], ...] = (
    ("calls/s", lambda turn: turn.rate),
    ("p50", lambda turn: turn.p50),
    ("p99", lambda turn: turn.p99),
    ("CPU/call", lambda turn: turn.cpu_us),
)
_COLUMNS = (
    ("calls/s", 8),
    ("p50 ms", 8),
    ("p99 ms", 8),
    ("CPU us", 8),
    ("mocks us", 9),
    ("batch", 7),
    ("commit ms", 10),
)


def lines(run: Run, *, rounds: int) -> Iterator[str]:
    """The report."""
    yield f"Gateway divided by a plain client; median [least..most] of {rounds} rounds"
    yield ""
    yield f"{'':<17}{'at':>3}" + "".join(f"{name:>20}" for name, _ in _RATIOS[:3])
    for scenario, theirs in run.direct.items():
        shown = "".join(f"{_ratio(ratio(run.gateway[scenario], theirs, f)):>20}" for _, f in _RATIOS[:3])
        yield f"{_name(scenario)}{shown}"
    yield ""
    yield f"{'':<17}{'at':>3}{'CPU/call':>20}{'busy gateway':>20}{'busy mocks':>20}"
    for scenario, ours in run.gateway.items():
        theirs_or_none = run.direct.get(scenario)
        cpu = _ratio(ratio(ours, theirs_or_none, _RATIOS[3][1])) if theirs_or_none else "-"
        mocks = over(ours, lambda turn: turn.mocks_cpu / turn.seconds)
        yield f"{_name(scenario)}{cpu:>20}{_ratio(over(ours, lambda turn: turn.busy)):>20}{_ratio(mocks):>20}"
    yield ""
    yield "For orientation only, medians of this run on this machine"
    yield ""
    yield f"{'':<17}{'at':>3}" + "".join(f"{name:>{width}}" for name, width in _COLUMNS)
    for scenario in SCENARIOS:
        yield f"{_name(scenario)}{_absolute(run.gateway[scenario])}"
        if scenario in run.direct:
            yield f"{'  plain client':<20}{_absolute(run.direct[scenario])}"
    yield ""
    every = [turn for turns in (*run.gateway.values(), *run.direct.values()) for turn in turns]
    yield f"Processor time taken by other machines: {_ratio(over(every, lambda turn: turn.stolen * 100))}%"
    yield f"Answers that were not good: {run.wrong.total()}"
    for what, times in run.wrong.most_common():
        yield f"  {times:>6}  {what}"


def document(run: Run, *, rounds: int) -> Mapping[str, Any]:
    """The same and every turn, for programs."""
    return {
        "rounds": rounds,
        "wrong": dict(run.wrong),
        "scenarios": [
            {
                "operation": scenario.operation.name,
                "concurrency": scenario.concurrency,
                "ratios": {
                    name: asdict(ratio(ours, run.direct[scenario], figure))
                    for name, figure in _RATIOS
                    if scenario in run.direct
                },
                "gateway": [asdict(turn) for turn in ours],
                "direct": [asdict(turn) for turn in run.direct.get(scenario, [])],
            }
            for scenario, ours in run.gateway.items()
        ],
    }


def _name(scenario: Scenario) -> str:
    return f"{scenario.operation.name:<17}{scenario.concurrency:>3}"


def _ratio(spread: Spread) -> str:
    return f"{spread.middle:.2f} [{spread.least:.2f}..{spread.most:.2f}]"


def _absolute(turns: list[Turn]) -> str:
    def middle(figure: Callable[[Turn], float]) -> float:
        return over(turns, figure).middle

    shown = (
        f"{middle(lambda t: t.rate):>8.0f}{middle(lambda t: t.p50 * 1e3):>8.2f}{middle(lambda t: t.p99 * 1e3):>8.1f}"
        f"{middle(lambda t: t.cpu_us):>8.0f}{middle(lambda t: t.mocks_us):>9.0f}"
    )
    batch = middle(lambda t: t.entries_per_batch)
    return shown + (f"{batch:>7.1f}{middle(lambda t: t.commit_seconds * 1e3):>10.2f}" if batch else "")
