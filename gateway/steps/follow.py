"""Whom a relation leads to: from what a registry said about one subject to the identifiers of another.

Rule of this file: pure, and nothing is guessed. A registry's word is looked at like a stranger's: who cannot be named
by everything his own registry is asked with is not reached, and why stands beside every form field it would have
filled. One subject for one role, never several; only the roles of `hops`.

The population database is asked with three things that must fit together: number, name and birth date. A relation in
it carries no birth date. It is taken from the relation where that has one (legal representatives), from a subject of
the same call with the same number, or from the form field that declares it; else the role is not reached.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway import text
from gateway.model import HAS_VALUE, Hop, Kind, Reading, Status, Subject
from gateway.wire import identifiers

NOT_REACHABLE = "not_reachable"
AMBIGUOUS = "ambiguous"
NAME_DIFFERS = "relation_name_differs"
NOT_MUTUAL = "relation_not_mutual"
NOT_CONFIRMED = "relation_not_confirmed"
POINTS_AT_ITSELF = "relation_points_at_itself"

_FULL_NAME, _SPOUSE = "person.full_name", "person.spouse"
_ANOTHER = frozenset({_SPOUSE, "person.father", "person.mother"})
"""Relations nobody has with himself."""
_NUMBER_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Lead:
    """What came of one hop: a subject, or the reason (and the source it lies with) why there is none.

    `name`: of the subject, as the relation has it.
    """

    hop: Hop
    subject: Subject | None = field(default=None, repr=False)
    reason: str = ""
    source: str | None = None
    name: str = field(default="", repr=False)
    doubts: tuple[str, ...] = ()


def follow(
    hops: Sequence[Hop],
    *,
    subjects: Mapping[str, Subject],
    readings: Mapping[str, Reading],
    unreached: Mapping[str, tuple[str, str | None]],
    declared: Mapping[str, Any],
) -> tuple[Lead, ...]:
    """One lead for each hop.

    `subjects` and `readings`: role -> whom the call is about and what was said so far; `unreached`: roles that hops
    before these did not reach; `declared`: form field -> what the citizen says.
    """
    return tuple(_lead(hop, subjects, readings, unreached, declared) for hop in hops)


def doubts(lead: Lead, reading: Reading, start: Subject) -> tuple[str, ...]:
    """Where the record of the one reached contradicts the relation. Only about fields that were asked for."""
    values, noted = reading.values, []
    if not reading.found and all(value.status is Status.NOT_FOUND for value in values.values()):
        noted.append(NOT_CONFIRMED)
    name, spouse = values.get(_FULL_NAME), values.get(_SPOUSE)
    if lead.name and name and name.status in HAS_VALUE and not _same_name(lead.name, _name(name.value)):
        noted.append(NAME_DIFFERS)
    if lead.hop.field == _SPOUSE and spouse and spouse.status in HAS_VALUE and isinstance(spouse.value, Mapping):
        number = spouse.value.get("personal_id")
        if number and number != start.identifiers.get("personal_id"):
            noted.append(NOT_MUTUAL)
    return tuple(noted)


def _lead(
    hop: Hop,
    subjects: Mapping[str, Subject],
    readings: Mapping[str, Reading],
    unreached: Mapping[str, tuple[str, str | None]],
    declared: Mapping[str, Any],
) -> Lead:
    if hop.start in unreached or hop.start not in readings:
        reason, source = unreached.get(hop.start, (NOT_REACHABLE, None))
        return Lead(hop, None, reason, source)
    said = readings[hop.start].values[hop.field]
    if said.status not in HAS_VALUE:
        reason = Status.UNAVAILABLE if said.status is Status.UNAVAILABLE else Status.NOT_FOUND
        return Lead(hop, None, reason.value, said.source)
    pointed = _several(said.value)
    if len(pointed) != 1:
        reason = AMBIGUOUS if pointed else Status.NOT_FOUND.value
        return Lead(hop, None, reason, said.source)
    found = _person(hop, pointed[0], subjects, declared) if hop.kind is Kind.PERSON else _numbered(hop, pointed[0])
    return Lead(hop, None, NOT_REACHABLE, said.source) if found is None else found


def _several(value: Any) -> list[Any]:
    """Whom a value points at, each once."""
    named: dict[Any, Any] = {}
    for position, one in enumerate(value if isinstance(value, list) else [value]):
        number = one.get("personal_id") if isinstance(one, Mapping) else None
        named.setdefault(number or position, one)
    return list(named.values())


def _person(hop: Hop, pointed: Any, subjects: Mapping[str, Subject], declared: Mapping[str, Any]) -> Lead | None:
    number = _part(pointed, "personal_id")
    name = _name(pointed.get("name")) if isinstance(pointed, Mapping) else ""
    if not _is_number(number):
        return None
    named = [s for s in subjects.values() if s.kind is Kind.PERSON and s.identifiers.get("personal_id") == number]
    start = subjects.get(hop.start)
    if hop.field in _ANOTHER and start in named:
        return Lead(hop, None, NOT_REACHABLE, doubts=(POINTS_AT_ITSELF,))
    if named:
        # somebody the call is about already: asked about by the same three, whatever the relation writes
        same = named[0].identifiers
        differs = bool(name) and not _same_name(name, same["full_name"])
        noted = (NAME_DIFFERS,) if differs else ()
        return Lead(hop, Subject(hop.role, hop.kind, same, hop), name=name, doubts=noted)
    born = _date(_part(pointed, "birth_date")) or _date(declared.get(hop.birth_date or ""))
    try:
        tidy = identifiers.full_name(name)
    except ValueError:
        return None
    if born is None:
        return None
    three = {"personal_id": number, "full_name": tidy, "birth_date": born}
    return Lead(hop, Subject(hop.role, hop.kind, three, hop), name=tidy)


def _numbered(hop: Hop, pointed: Any) -> Lead | None:
    """An enterprise or a taxpayer: one number is all its registry is asked with."""
    written = pointed if isinstance(pointed, str) else _part(pointed, "personal_id")
    name, read = (
        ("tax_code", identifiers.tax_code)
        if hop.kind is Kind.TAXPAYER
        else ("enterprise_code", identifiers.enterprise_code)
    )
    try:
        return Lead(hop, Subject(hop.role, hop.kind, {name: read(written)}, hop))
    except ValueError:
        return None


def _part(pointed: Any, part: str) -> str:
    found = pointed.get(part) if isinstance(pointed, Mapping) else None
    return found if isinstance(found, str) else ""


def _name(value: Any) -> str:
    """The whole name: of a value of kind name, or a text."""
    return value if isinstance(value, str) else _part(value, "full")


def _is_number(written: str) -> bool:
    """The 9 digits of the older card do not do: an auditor looks for a person by the 12 digits."""
    return len(written) == _NUMBER_DIGITS and written.isascii() and written.isdecimal()


def _date(written: Any) -> str | None:
    try:
        return identifiers.birth_date(written) if isinstance(written, str) else None
    except ValueError:
        return None


def _same_name(one: str, other: str) -> bool:
    return text.fold(one).split() == text.fold(other).split()
