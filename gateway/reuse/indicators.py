"""The figures as indicators: those of the set of Decision 766/QĐ-TTg that an access log can support.

    REUSED_DIGITIZED_DATA              dossiers with a reused value or paper / all; 2 points at 80 %, less in proportion
    CITIZEN_DATA_CONNECTED_DOSSIER     dossiers with population data / all dossiers
    CITIZEN_DATA_CONNECTED_FORMALITY   procedures with population data / all that were answered

Points are given where the rule for them is known. docs/reuse.md says what stands for what, and what the log cannot see.

Rule of this file: exact fractions; rounding is for whoever shows them. Nothing over nothing is no rate, not 0 %.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from gateway.reuse.reckoning import Line

REUSED = "REUSED_DIGITIZED_DATA"
CONNECTED_DOSSIER = "CITIZEN_DATA_CONNECTED_DOSSIER"
CONNECTED_FORMALITY = "CITIZEN_DATA_CONNECTED_FORMALITY"

FULL_AT = Fraction(8, 10)
POINTS: Mapping[str, int] = MappingProxyType({REUSED: 2})
"""The most points of an indicator whose rule is known."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """`part` of `whole`. `unit`: what is counted, dossier or procedure; `most`: points, None where there is no rule."""

    code: str
    unit: str
    part: int
    whole: int
    most: int | None

    @property
    def rate(self) -> Fraction | None:
        """0 to 1."""
        return Fraction(self.part, self.whole) if self.whole else None

    @property
    def points(self) -> Fraction | None:
        """All at 80 % and above, otherwise rate * most / 80 %."""
        if self.rate is None or self.most is None:
            return None
        return min(Fraction(self.most), self.rate * self.most / FULL_AT)


def indicators(line: Line) -> tuple[Indicator, ...]:
    """The indicators of a line."""
    counted = (
        (REUSED, "dossier", line.reused, line.dossiers),
        (CONNECTED_DOSSIER, "dossier", line.population, line.dossiers),
        (CONNECTED_FORMALITY, "procedure", line.connected, line.procedures),
    )
    return tuple(Indicator(*one, POINTS.get(one[0])) for one in counted)


def field_rate(line: Line) -> Fraction | None:
    """Form fields filled from registries / fields of the forms."""
    return Fraction(line.fields_filled, line.fields_total) if line.fields_total else None


def hundredths(rate: Fraction, *, times: int = 1) -> str:
    """Two places, halves up: `83.76` of a rate with `times` 100."""
    return f"{(rate * times * 100 + Fraction(1, 2)) // 1 / 100:.2f}"


def tenths(rate: Fraction) -> str:
    """A rate in percent, one place, halves up: `83.8`."""
    return f"{(rate * 1000 + Fraction(1, 2)) // 1 / 10:.1f}"
