"""The figures for reading: growth first, then milliseconds for information.

Rule of this file: no line is wider than 110 columns.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from tests.bench_log.stage import Stage

_NAME: Final = 36


def lines(stages: Sequence[Stage], *, machine: str) -> Iterator[str]:
    """The report of the sizes so far, the smallest first."""
    largest = stages[-1]
    earlier = stages[:-1]
    if earlier:
        yield f"Work at {largest.size:,} entries divided by the work at fewer: processor time, medians"
        yield ""
        yield f"{'':<{_NAME}}" + "".join(f"{_over(largest, one):>16}" for one in earlier)
        yield f"{'entries':<{_NAME}}" + "".join(f"{largest.size / one.size:>16.1f}" for one in earlier)
        for name, times in largest.times.items():
            grown = "".join(f"{times.work / one.times[name].work:>16.2f}" for one in earlier)
            yield f"{name:<{_NAME}}{grown}"
        for name, of in _EACH:
            yield f"{name:<{_NAME}}" + "".join(f"{of(largest) / of(one):>16.2f}" for one in earlier)
        yield ""
    yield "For information: milliseconds on the clock, median / 95th percentile, of this run on this machine"
    yield ""
    yield f"{'':<{_NAME}}" + "".join(f"{f'{one.size:,}':>20}" for one in stages)
    for name in largest.times:
        shown = (f"{one.times[name].p50 * 1e3:.2f} / {one.times[name].p95 * 1e3:.2f}" for one in stages)
        yield f"{name:<{_NAME}}" + "".join(f"{text:>20}" for text in shown)
    for name, of, form in _FACTS:
        yield f"{name:<{_NAME}}" + "".join(f"{format(of(one), form):>20}" for one in stages)
    yield ""
    yield machine


def document(stages: Sequence[Stage], *, machine: str) -> dict[str, Any]:
    """The same with every single time, for programs."""
    return {
        "machine": machine,
        "stages": [
            {
                "entries": one.size,
                "clock_seconds": {name: times.clock for name, times in one.times.items()},
                "processor_seconds": {name: times.processor for name, times in one.times.items()},
                "writing_seconds": one.writing,
                "building_seconds": one.building,
                "studying_seconds": one.studying,
                "log_bytes": one.log_bytes,
                "index_bytes": one.index_bytes,
            }
            for one in stages
        ],
    }


def _over(one: Stage, other: Stage) -> str:
    return f"{_short(one.size)} : {_short(other.size)}"


def _short(size: int) -> str:
    for unit, name in ((1_000_000, " M"), (1_000, " k")):
        if size >= unit:
            return f"{size / unit:.3g}{name}"
    return str(size)


def _building(one: Stage) -> float:
    return one.building / one.size * 1e6


def _studying(one: Stage) -> float:
    return one.studying / one.size * 1e6


def _store(one: Stage) -> float:
    return one.log_bytes / one.size


def _index(one: Stage) -> float:
    return one.index_bytes / one.size


_EACH: Final = (
    ("indexing, an entry", _building),
    ("patterns, an entry", _studying),
    ("bytes of the store, an entry", _store),
    ("bytes of the index, an entry", _index),
)
_FACTS: Final = (
    ("indexing, microseconds an entry", _building, ",.0f"),
    ("patterns, microseconds an entry", _studying, ",.0f"),
    ("bytes of the store, an entry", _store, ",.0f"),
    ("bytes of the index, an entry", _index, ",.0f"),
)
