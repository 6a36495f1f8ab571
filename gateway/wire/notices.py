"""What the console tells the gateway before it shows or does something: one JSON object, strictly parsed and printed.

    {"event": "inspected", "auditor", "role", "scope": [...], "action", "about": {...}, "entries": [...],
     "found": n | null, "subject": identifier | null, "digest": ... | null, "manifest": text | null}
    {"event": "changed", "by", "what", "name", "change", "detail"}

The answer is {"index": n, "signature": token | null}: the entry that is durable now, and the gateway's signature over
`manifest` where one was sent.

Rule of this file: both ends use it, so that they cannot differ. `subject` is turned into a keyed tag and kept nowhere.
"""

import json
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gateway.audit.events import Change, Changed, Inspected, SubjectRef
from gateway.wire import strict

MOST_ENTRIES = 1000
BODY_BYTES = 128 * 1024
SIGNATURE_HEADER = "Authorization"
_Word = Annotated[str, Field(min_length=1, max_length=256)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class InspectedNotice(_Strict):
    """An `inspected` entry to be."""

    event: Literal["inspected"] = "inspected"
    auditor: _Word
    role: _Word
    scope: Annotated[list[_Word], Field(max_length=200)] = []
    action: _Word
    about: Annotated[dict[str, Annotated[str, Field(max_length=1024)]], Field(max_length=32)] = {}
    entries: Annotated[list[Annotated[int, Field(ge=0)]], Field(max_length=MOST_ENTRIES)] = []
    found: Annotated[int, Field(ge=0)] | None = None
    subject: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(default=None, repr=False)
    digest: Annotated[str, Field(max_length=128)] | None = None
    manifest: Annotated[str, Field(max_length=4096)] | None = Field(default=None, repr=False)

    def as_event(self, at: datetime) -> Inspected:
        """The event to append."""
        return Inspected(
            at=at,
            auditor=self.auditor,
            role=self.role,
            scope=tuple(self.scope),
            action=self.action,
            about=self.about,
            entries=tuple(self.entries),
            found=self.found,
            digest=self.digest,
            subjects=() if self.subject is None else (SubjectRef("searched", _kind(self.subject), self.subject),),
        )


class ChangedNotice(_Strict):
    """A `changed` entry to be, about an account of the console."""

    event: Literal["changed"] = "changed"
    by: _Word
    what: _Word
    name: _Word
    change: _Word
    detail: Annotated[str, Field(max_length=256)] = ""

    def as_event(self, at: datetime) -> Changed:
        """The event to append."""
        return Changed(at=at, by=self.by, changes=(Change(self.what, self.name, self.change, self.detail),))


class Noted(_Strict):
    """The answer: the entry, and the signature over the manifest that was sent."""

    index: int
    signature: str | None = None


Notice = InspectedNotice | ChangedNotice
_NOTICE: TypeAdapter[Notice] = TypeAdapter(Annotated[Notice, Field(discriminator="event")])


def parse(body: bytes) -> Notice:
    """The notice in a body. Raises `Refused(body_malformed)` and ValueError, neither with anything of the body."""
    document = strict.parse(body)
    try:
        return _NOTICE.validate_python(document)
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        raise ValueError(f"not a notice: {[problem['loc'] for problem in wrong]}") from None


def dump(notice: Notice) -> bytes:
    """The body of a notice."""
    return json.dumps(notice.model_dump(), ensure_ascii=False, separators=(",", ":")).encode()


def _kind(identifier: str) -> str:
    plain = "".join(c for c in identifier if c not in " .-")
    return "person" if plain.isascii() and plain.isdigit() and len(plain) in (9, 12) else "organisation"
