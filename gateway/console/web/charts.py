"""Bars over time as geometry: what the template draws as SVG, without any style of its own.

The picture is stretched to the width of the page, so it holds no text: scale and times stand beside it.

Rule of this file: pure, numbers in and numbers out. A step with calls is never invisible.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.console.model import Bucket
from gateway.console.words import Words
from gateway.zone import VIETNAM

WIDTH, HEIGHT = 1000, 200
_GAP = 0.2
_LEAST = 2.0
"""A bar of one call among thousands is this high."""

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """One step. `x` and `width` of the bar, `left` and `step` of its place; `answered` and `refused`: (y, height)."""

    label: str
    calls: int
    refusals: int
    left: float
    step: float
    x: float
    width: float
    answered: tuple[float, float]
    refused: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Chart:
    """`scale`: numbers beside the lines, from the top; `lines`: their y; `times`: under the first, middle, last bar."""

    bars: tuple[Bar, ...]
    scale: tuple[int, ...]
    lines: tuple[float, ...]
    times: tuple[str, ...]
    calls: int


def chart(series: Sequence[Bucket], step: timedelta, words: Words) -> Chart:
    """The chart of a series. Refusals stand on the answered calls."""
    top = ceiling(max((one.answered + one.refused for one in series), default=0))
    place = WIDTH / max(len(series), 1)
    bars = tuple(
        _bar(one, number * place, place, top, label(one.start, step, words)) for number, one in enumerate(series)
    )
    scale = (top, top // 2, 0)
    return Chart(
        bars=bars,
        scale=scale,
        lines=tuple(round(HEIGHT * (1 - value / top), 2) for value in scale),
        times=_times([bar.label for bar in bars]),
        calls=sum(bar.calls for bar in bars),
    )


def ceiling(most: int) -> int:
    """The even number at the top of the scale: 2, 4, 10, 20, 40, 100 ... or the next that holds `most`."""
    power = 1
    while True:
        for factor in (2, 4, 6, 8, 10):
            if factor * power >= most and factor * power % 2 == 0:
                return factor * power
        power *= 10


def label(start: datetime, step: timedelta, words: Words) -> str:
    """The name of a step: `24/11/2026 09:00`, `24/11/2026` or `11/2026`."""
    local = start.astimezone(VIETNAM)
    if step <= _HOUR:
        return f"{words.day(start)} {local:%H:%M}"
    if step <= _DAY:
        return words.day(start)
    return f"{local:%m/%Y}" if words.language == "vi" else f"{local:%Y-%m}"


def _bar(bucket: Bucket, left: float, place: float, top: int, name: str) -> Bar:
    answered, refused = _height(bucket.answered, top), _height(bucket.refused, top)
    return Bar(
        label=name,
        calls=bucket.answered + bucket.refused,
        refusals=bucket.refused,
        left=round(left, 2),
        step=round(place, 2),
        x=round(left + place * _GAP / 2, 2),
        width=round(place * (1 - _GAP), 2),
        answered=(round(HEIGHT - answered, 2), round(answered, 2)),
        refused=(round(HEIGHT - answered - refused, 2), round(refused, 2)),
    )


def _height(n: int, top: int) -> float:
    return max(HEIGHT * n / top, _LEAST) if n else 0.0


def _times(labels: Sequence[str]) -> tuple[str, ...]:
    if len(labels) < 3:
        return tuple(labels)
    return (labels[0], labels[len(labels) // 2], labels[-1])
