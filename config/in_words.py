"""What an origin does with a value, as a clause of plain English for people who do not program."""

from config.model import Origin
from config.transformations import FORMATS, Condition, Piece


def done(origin: Origin) -> str:
    """What is done to the value after it was taken, and when; empty where it is taken as it is."""
    change, said = origin.change, []
    if change.expression:
        said.append(f"of which `{change.expression}` is taken")
    if change.codes:
        said.append(f"translated by {change.codes.name}")
    if change.format:
        said.append(f"written {FORMATS[change.format][1]}")
    if change.when:
        said.append(_condition(change.when))
    return ", ".join(said)


def pieces(origin: Origin) -> str:
    """The fields an origin is made of: `person.full_name of the applicant, its family, joined by ...`."""
    first, *others = map(_piece, origin.pieces)
    return "".join([first, *(f', joined by "{origin.change.separator}" with {other}' for other in others)])


def _piece(one: Piece) -> str:
    return f"{one.field} of the {one.role}" + (f", its {one.part}" if one.part else "")


def _condition(when: Condition) -> str:
    if when.absent:
        return f"only without a {when.role}"
    if when.field is None:
        return f"only with a {when.role}"
    return f"only if {when.field} of the {when.role} is {' or '.join(when.values)}"
