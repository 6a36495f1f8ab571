"""Which entries are wanted.

Rule of this file: a selection describes itself in words without the subject that is searched for; an entry that cannot
be read is never guessed to fit.
"""

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from gateway.audit.events import EntryKind
from gateway.audit.reading import Opened

LONGEST = 256
"""Characters of one value."""

KINDS = frozenset(kind.label for kind in EntryKind)
OK = "ok"
_MEMBERS = ("portal", "officer", "procedure", "dossier", "auditor")
_FIRST_ERROR = 400


class Verdict(Enum):
    """What a selection says about an entry. UNREADABLE: it fits as far as can be seen, but what it says is sealed."""

    FITS = "fits"
    OUT = "out"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Selection:
    """A filter; None: no restriction. Times are aware, `until` is exclusive.

    `kind`: decided, disclosed, refused ...; `operation`: of a call, or the action of an `inspected` entry; `outcome`:
    `ok` or a problem code; `source`: one that was asked; `auditor`: whose `inspected` entries; `subject`: the
    identifier of a person or organisation, found by its keyed tag; `tags`: such tags themselves, from somebody who does
    not keep the identifier; `scope`: agency codes, each with everything below it (`H14` holds `H14.5`), and then
    entries of no portal are left out.

    Raises ValueError for a time without zone, an unknown kind, and an empty or overlong value.
    """

    since: datetime | None = None
    until: datetime | None = None
    kind: str | None = None
    portal: str | None = None
    officer: str | None = field(default=None, repr=False)
    procedure: str | None = None
    dossier: str | None = None
    operation: str | None = None
    outcome: str | None = None
    source: str | None = None
    auditor: str | None = field(default=None, repr=False)
    subject: str | None = field(default=None, repr=False)
    scope: frozenset[str] | None = None
    tags: frozenset[bytes] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("since", "until"):
            at = getattr(self, name)
            if at is not None and at.tzinfo is None:
                raise ValueError(f"{name}: a time carries its zone")
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, str) and not 0 < len(value) <= LONGEST:
                raise ValueError(f"{one.name}: 1 to {LONGEST} characters")
        if self.kind is not None and self.kind not in KINDS:
            raise ValueError(f"kind: one of {', '.join(sorted(KINDS))}")

    def words(self) -> dict[str, Any]:
        """What was asked for, for a manifest. Of a subject only that there was one."""
        said: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, datetime):
                said[one.name] = value.astimezone(UTC).isoformat()
            elif one.name == "tags":
                said.update({} if value is None else {"subject": True})
            elif isinstance(value, frozenset):
                said[one.name] = sorted(value)
            elif value is not None:
                said[one.name] = True if one.name == "subject" else value
        return said

    def header_fits(self, at: datetime, kind: str) -> bool:
        """Whether time and kind fit: what is known of an entry without opening it."""
        return (
            (self.kind is None or kind == self.kind)
            and (self.since is None or at >= self.since)
            and (self.until is None or at < self.until)
        )

    def judge(self, entry: Opened) -> Verdict:
        """Whether an entry fits, but for the subject, which its payload does not name."""
        if not self.header_fits(entry.at, entry.kind):
            return Verdict.OUT
        if not self._asks_for_contents():
            return Verdict.FITS
        if entry.payload is None:
            return Verdict.UNREADABLE
        return Verdict.FITS if self._payload_fits(entry.payload) else Verdict.OUT

    def _asks_for_contents(self) -> bool:
        return self.scope is not None or any(
            getattr(self, name) is not None for name in (*_MEMBERS, "operation", "outcome", "source")
        )

    def _payload_fits(self, payload: dict[str, Any]) -> bool:
        return (
            all(getattr(self, name) in (None, payload.get(name)) for name in _MEMBERS)
            and self.operation in (None, payload.get("operation"), payload.get("action"))
            and (self.outcome is None or outcome_of(payload) == self.outcome)
            and (self.source is None or self.source in sources_of(payload))
            and (self.scope is None or in_scope(self.scope, payload.get("portal")))
        )


def outcome_of(payload: dict[str, Any]) -> str:
    """How a call ended: `ok`, a problem code, or "" where an entry says nothing about it."""
    if payload.get("kind") == EntryKind.DISCLOSED.label and payload.get("status", _FIRST_ERROR) < _FIRST_ERROR:
        return OK
    return str(payload.get("code", ""))


def sources_of(payload: dict[str, Any]) -> dict[str, str]:
    """Source -> what became of it, "" where it was only about to be asked."""
    return {**dict.fromkeys(payload.get("sources", ()), ""), **payload.get("outcomes", {})}


def in_scope(scope: frozenset[str], portal: str | None) -> bool:
    """Whether an entry of this portal may be seen; one of no portal may not."""
    return portal is not None and any(portal == mine or portal.startswith(f"{mine}.") for mine in scope)
