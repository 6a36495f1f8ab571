"""What is kept of one subject at one source: the values of fields, each with its times, and doubts about the record.

    {"v": 1, "doubts": [...], "fields": {"person.full_name": {"at": ..., "as_of": ..., "value": {...}}}}

A field of a record that the registry left empty is kept as that: it needs no second question either. An answer that
there is no such record is never kept.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.contract import Answer
from adapters.values import RawPerson, RawText, RawValue
from gateway.freshness.encoding import decode, encode
from gateway.model import Kind

VERSION = 1
_NUMBERS = ("person.personal_id", "person.old_id")


@dataclass(frozen=True, slots=True)
class Past:
    """A field as the registry said it. `value` None: empty there."""

    value: RawValue | None = field(repr=False)
    retrieved_at: datetime
    as_of: datetime | None

    @property
    def since(self) -> datetime:
        """From when its age counts: the registry's own statement where it makes one, unless that lies ahead."""
        return min(self.as_of, self.retrieved_at) if self.as_of else self.retrieved_at


@dataclass(frozen=True, slots=True)
class Record:
    """Everything kept of a subject at a source."""

    fields: Mapping[str, Past] = field(repr=False)
    doubts: tuple[str, ...] = ()


EMPTY = Record({})


def answered(answer: Answer, asked: frozenset[str]) -> Record:
    """What an answer says about the fields it was asked for."""
    said = {name: Past(answer.values.get(name), answer.retrieved_at, answer.as_of) for name in sorted(asked)}
    return Record(said, answer.doubts)


def joined(before: Record, now: Record) -> Record:
    """What is known after an answer: what it says, and the rest of what was kept."""
    rest = {name: past for name, past in before.fields.items() if name not in now.fields}
    return Record({**rest, **now.fields}, tuple(dict.fromkeys((*(before.doubts if rest else ()), *now.doubts))))


def people(record: Record) -> tuple[tuple[str, str], ...]:
    """Every person the values name by number, as (kind, number)."""
    numbers: list[str] = []
    for name, past in record.fields.items():
        if name in _NUMBERS and isinstance(past.value, RawText):
            numbers.append(past.value.text)
        for one in past.value if isinstance(past.value, tuple) else (past.value,):
            if isinstance(one, RawPerson):
                numbers.extend(number for number in (one.personal_id, one.old_id) if number)
    return tuple((Kind.PERSON.value, number) for number in dict.fromkeys(numbers))


def dump(record: Record) -> bytes:
    """A record as bytes."""
    named = {name: _written(past) for name, past in record.fields.items()}
    said = {"v": VERSION, "doubts": list(record.doubts), "fields": named}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def load(written: bytes) -> Record:
    """What `dump` wrote; an empty record for anything else: it is asked for again."""
    try:
        said = json.loads(written)
        if said["v"] != VERSION:
            return EMPTY
        return Record({str(name): _read(one) for name, one in said["fields"].items()}, _words(said["doubts"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return EMPTY


def _written(past: Past) -> dict[str, Any]:
    return {
        "at": past.retrieved_at.isoformat(),
        "as_of": past.as_of.isoformat() if past.as_of else None,
        "value": None if past.value is None else encode(past.value),
    }


def _read(said: Mapping[str, Any]) -> Past:
    value, as_of = said["value"], said["as_of"]
    return Past(None if value is None else decode(value), _time(said["at"]), None if as_of is None else _time(as_of))


def _time(written: str) -> datetime:
    at = datetime.fromisoformat(written)
    if at.tzinfo is None:
        raise ValueError("a time has a zone")
    return at


def _words(said: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(word) for word in said)
