"""A document as the register keeps it, and whether it counts now.

Rule of this file: values and pure functions. What is kept is read back by its version, whoever wrote it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from config.codes import fold
from gateway.model import IDENTIFIER, Kind, Subject
from gateway.vault import Item, Vault, VaultUnreadable
from gateway.zone import VIETNAM

VERSION = 1
EXPIRED = "has expired"


class State(StrEnum):
    """The state of a row."""

    CURRENT = "current"
    REVOKED = "revoked"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Paper:
    """What is sealed. Dates are `YYYY-MM-DD`; `object`: key of its content, None where only the portal has it;
    `ended`: why it was revoked, or the id of what replaced it."""

    version: int
    kind: str
    holder_kind: Kind
    holder: Mapping[str, str] = field(repr=False)
    issuing_agency: str
    number: str = field(repr=False)
    issued_on: str
    valid_from: str | None
    valid_until: str | None
    sha256: str = field(repr=False)
    media_type: str
    size: int | None
    location: str | None = field(repr=False)
    object: str | None
    signature: Mapping[str, Any]
    kept_until: datetime
    ended: str | None = None


_FORM: TypeAdapter[Paper] = TypeAdapter(Paper)


def dump(paper: Paper) -> bytes:
    """JSON."""
    return _FORM.dump_json(paper)


def load(item: Item) -> Paper:
    """What `dump` wrote. Raises VaultUnreadable for anything else."""
    try:
        paper = _FORM.validate_json(item.content)
    except ValueError:
        raise VaultUnreadable from None
    if paper.version != VERSION:
        raise VaultUnreadable
    return paper


def tag(vault: Vault, holder: Subject, kind: str) -> bytes:
    """By which a holder's documents of one kind are found; those of every kind by `Vault.tag` of the holder alone."""
    return vault.tag(f"{holder.kind.value}.{kind}", holder.identifiers[IDENTIFIER[holder.kind]])


def held_by(paper: Paper, subject: Subject) -> bool:
    """Whether the subject is the holder: the number alone never suffices for a person.

    Accents and capitals of a name may differ, and a birth date may be less exact than the other.
    """
    number = IDENTIFIER[subject.kind]
    if (paper.holder_kind, paper.holder[number]) != (subject.kind, subject.identifiers[number]):
        return False
    if subject.kind is not Kind.PERSON:
        return True
    born, asked = paper.holder["birth_date"], subject.identifiers["birth_date"]
    same_birth = born.startswith(asked) or asked.startswith(born)
    return same_birth and fold(paper.holder["full_name"]) == fold(subject.identifiers["full_name"])


def why_not(paper: Paper, state: str, at: datetime) -> str | None:
    """Why it does not count at a time: revoked, replaced, expired or not yet valid; None when it does."""
    if state != State.CURRENT:
        return "is revoked" if state == State.REVOKED else "was replaced by another"
    today = at.astimezone(VIETNAM).date().isoformat()
    if paper.valid_until is not None and today > paper.valid_until:
        return EXPIRED
    if today < max(paper.issued_on, paper.valid_from or ""):
        return "is not yet valid"
    return None


def young(paper: Paper, max_age: timedelta | None, at: datetime) -> bool:
    """Whether it was issued at most so long ago."""
    return max_age is None or at.astimezone(VIETNAM).date() - date.fromisoformat(paper.issued_on) <= max_age


def kept_until(valid_until: str | None, keep: timedelta, at: datetime) -> datetime:
    """When a row registered at `at` may go: `keep` after the last day of validity, or after `at` without one."""
    if valid_until is None:
        return at + keep
    last = datetime.combine(date.fromisoformat(valid_until), datetime.min.time(), UTC)
    # the last day a datetime can hold ends some centuries from now
    return max(at, min(last, datetime(9000, 1, 1, tzinfo=UTC))) + keep
