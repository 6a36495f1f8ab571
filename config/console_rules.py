"""What the auditors' console takes for unusual: one frozen value per rule, with its limits.

Rule of this file: values and their defaults, nothing is read here; `config.unusual` reads `console.toml` into them. A
rule that the file leaves out has the limits written here, so no rule is ever missing.
"""

from dataclasses import dataclass, field
from datetime import date

LONGEST_WINDOW = 31
"""Days that `many_provinces` may look back: a subject's tag in the log is another one every month."""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When officers are at work, in Vietnam's time. `start`, `end`: minutes after midnight, `end` exclusive.

    `days`: 0 is Monday; `holidays` are free whatever the weekday, `worked` are worked whatever the weekday. Sorted.
    """

    start: int = 7 * 60
    end: int = 18 * 60
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    holidays: tuple[date, ...] = ()
    worked: tuple[date, ...] = ()

    def works_on(self, day: date) -> bool:
        """Whether it is a working day."""
        return day in self.worked or (day.weekday() in self.days and day not in self.holidays)


@dataclass(frozen=True, slots=True)
class OfficerVolume:
    """An officer with `minimum` calls or more on a day, `factor` times the median of the colleagues at the same portal
    or more, and `deviations` median absolute deviations above it. Judged where there are `peers` colleagues or more."""

    minimum: int = 60
    factor: float = 5.0
    deviations: float = 6.0
    peers: int = 4


@dataclass(frozen=True, slots=True)
class OutsideHours:
    """An officer with `minimum` calls or more outside working hours on a day."""

    minimum: int = 5


@dataclass(frozen=True, slots=True)
class ManySubjects:
    """More than `limit` people and firms asked for under one dossier, within a month."""

    limit: int = 10


@dataclass(frozen=True, slots=True)
class ManyProvinces:
    """One subject asked for by portals of `portals` provinces or more within `days` days of one month."""

    portals: int = 4
    days: int = 14


@dataclass(frozen=True, slots=True)
class SameSurname:
    """An officer who looked up `minimum` people or more of one family name on a day, who are `share` of all the people
    that officer looked up or more, and `deviations` standard deviations above what the portal's other calls of
    the month let expect."""

    minimum: int = 15
    share: float = 0.5
    deviations: float = 5.0


@dataclass(frozen=True, slots=True)
class RepeatedRefusals:
    """An officer with `minimum` refusals or more with the same code on a day, failures of sources left out."""

    minimum: int = 15


@dataclass(frozen=True, slots=True)
class DossierGone:
    """An officer with `minimum` dossiers or more that were named to look people up, and then nowhere else for `days`
    days."""

    minimum: int = 10
    days: int = 14


@dataclass(frozen=True, slots=True)
class ConsoleRules:
    """`config/console.toml`."""

    working_hours: WorkingHours = field(default_factory=WorkingHours)
    officer_volume: OfficerVolume = field(default_factory=OfficerVolume)
    outside_hours: OutsideHours = field(default_factory=OutsideHours)
    many_subjects: ManySubjects = field(default_factory=ManySubjects)
    many_provinces: ManyProvinces = field(default_factory=ManyProvinces)
    same_surname: SameSurname = field(default_factory=SameSurname)
    repeated_refusals: RepeatedRefusals = field(default_factory=RepeatedRefusals)
    dossier_gone: DossierGone = field(default_factory=DossierGone)
