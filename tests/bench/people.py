"""Whom the benchmark asks about: synthetic citizens, all different, all known to the mock registry."""

from dataclasses import dataclass

from adapters.population.profiles import Folding, folded
from mocks.country import person


@dataclass(frozen=True, slots=True)
class Subject:
    """A citizen as a portal writes them, and the name as the registry wants it."""

    personal_id: str
    full_name: str
    birth_date: str
    registry_name: str

    def body(self) -> dict[str, str]:
        """The three members of a call about this person."""
        return {"personal_id": self.personal_id, "full_name": self.full_name, "birth_date": self.birth_date}


def subjects(count: int) -> list[Subject]:
    """The first `count` adults of one province and year whose whole birth date is known."""
    found: list[Subject] = []
    serial = 0
    while len(found) < count:
        serial += 1
        known = person(f"004192{serial:06d}")
        if known is None or known.birth.month is None or known.birth.day is None:
            continue
        born = f"{known.birth.year:04d}-{known.birth.month:02d}-{known.birth.day:02d}"
        registry_name = folded(known.full_name, Folding.ASCII)
        found.append(Subject(known.personal_id, known.full_name, born, registry_name))
    return found
