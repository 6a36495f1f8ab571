"""The values the console's parts hand to each other: who looks, what they may, what they ask for, what was found.

Rule of this file: frozen values and Protocols; imports nothing of the console. A citizen's number is held by
`Inspection.subject` alone, never shown in `repr`, and by no value that is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What a person with an account is there for."""

    NATIONAL_AUDITOR = "national_auditor"
    PROVINCIAL_AUDITOR = "provincial_auditor"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """One thing a role may do."""

    SEE_ENTRIES = "see_entries"
    SEARCH_PERSON = "search_person"
    REVIEW = "review"
    EXPORT = "export"
    SEE_FIGURES = "see_figures"
    SEE_INTEGRITY = "see_integrity"
    MANAGE_ACCOUNTS = "manage_accounts"


_AUDITOR = frozenset(
    {Right.SEE_ENTRIES, Right.SEARCH_PERSON, Right.REVIEW, Right.EXPORT, Right.SEE_FIGURES, Right.SEE_INTEGRITY}
)
RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.NATIONAL_AUDITOR: _AUDITOR,
    Role.PROVINCIAL_AUDITOR: _AUDITOR,
    # health and figures, no entry and so no subject
    Role.OPERATOR: frozenset({Right.SEE_FIGURES, Right.SEE_INTEGRITY}),
    Role.ADMINISTRATOR: frozenset({Right.MANAGE_ACCOUNTS}),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose calls may be seen.

    `portals`: agency codes, each with everything below it (`H14` holds `H14.5`); None: all.
    """

    portals: frozenset[str] | None

    def holds(self, agency: str) -> bool:
        """Whether entries of this portal may be seen."""
        if self.portals is None:
            return True
        return any(agency == mine or agency.startswith(f"{mine}.") for mine in self.portals)


EVERYTHING = Scope(None)


@dataclass(frozen=True, slots=True)
class Account:
    """Who signs in. `scope` restricts a provincial auditor; everyone else sees all their role sees."""

    username: str
    name: str
    role: Role
    scope: Scope
    language: str  # vi | en
    disabled: bool = False

    def may(self, right: Right) -> bool:
        """Whether the role has the right."""
        return right in RIGHTS[self.role]


@dataclass(frozen=True, slots=True)
class Viewer:
    """An account in a session. `csrf`: the token every form of this session carries."""

    account: Account
    csrf: str = field(repr=False)


class DoorClosed(Exception):  # noqa: N818 - it says what happened
    """The gateway could not record what was about to be shown or done: so it is neither. `reason`: a word."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the access log cannot be written: {reason}")
        self.reason = reason


class Action(StrEnum):
    """What an auditor did, the `action` of an `inspected` entry."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    OVERVIEW = "overview"
    SEARCHED = "searched"
    OPENED = "opened"
    SUBJECT_REPORT = "subject_report"
    INTEGRITY = "integrity"
    VERIFIED = "verified"
    SAMPLED = "sampled"
    REVIEWED = "reviewed"
    EXPORTED = "exported"
    DOWNLOADED = "downloaded"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What an auditor is about to see or do, before it happens.

    `about`: what was asked, as words and codes (filters of a search, the mark of a review), never a citizen's number or
    name; `entries`: indices that are about to be shown; `found`: how many there are in all; `subject`: the identifier
    that was searched for, for the keyed tag only; `digest`: SHA-256 of a file that leaves, as `sha-256=:...:`.
    """

    account: Account
    action: Action
    about: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[int, ...] = ()
    found: int | None = None
    subject: str | None = field(default=None, repr=False)
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class AccountChange:
    """A change of accounts. `change`: added, altered, disabled, enabled, reset; `by`: who did it."""

    account: str
    change: str
    by: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The entry of an inspection or change: its index in the log, and the gateway's signature over an export."""

    index: int
    signature: str | None = None


class Door(Protocol):
    """The gateway's ear for the console."""

    async def inspected(self, inspection: Inspection, *, manifest: str | None = None) -> Recorded:
        """Durable before it returns. `manifest`: of an export, to be signed by the gateway. Raises DoorClosed."""
        ...

    async def changed(self, change: AccountChange) -> Recorded:
        """Durable before it returns. Raises DoorClosed."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search asks for; None: no restriction. Times are aware UTC, `until` exclusive.

    `kind`: decided, disclosed, refused, inspected, changed ...; `outcome`: `ok` or a problem code; `source` with
    `source_outcome`: what a source said; `tags`: keyed hashes of a subject; `auditor`: whose `inspected` entries.
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
    auditor: str | None = None
    tags: tuple[bytes, ...] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry as the index knows it. What is not there ("" or None) is opened from the log itself."""

    index: int
    at: datetime
    kind: str
    portal: str
    procedure: str
    operation: str
    outcome: str  # ok, a problem code, or "" where the kind has none
    status: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits, the newest first. `total` counts all; `more`: there are more than `total` says."""

    hits: tuple[Hit, ...]
    total: int
    more: bool


@dataclass(frozen=True, slots=True)
class Bucket:
    """Calls that ended in one step of time. `answered` + `refused` = calls; `by`: name -> calls, of one dimension."""

    start: datetime
    answered: int
    refused: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Figures over a time: calls are counted by their `disclosed` or `refused` entry, once per call.

    `portals`, `operations`, `codes`: name -> calls; `sources`: source -> outcome word -> times; `fields_total` and
    `fields_filled`: over pre-filled dossiers, for the reuse rate; `behind`: entries the index has not read yet.
    """

    since: datetime
    until: datetime
    step: timedelta
    series: tuple[Bucket, ...]
    portals: Mapping[str, int]
    operations: Mapping[str, int]
    codes: Mapping[str, int]
    sources: Mapping[str, Mapping[str, int]]
    fields_total: int
    fields_filled: int
    behind: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """An unusual pattern, explained by the rule that raised it.

    `rule`: its name in console.toml; `values`: what it saw and what its limit is, for the sentence (numbers and codes;
    an officer is named as `officer_entry`, the index of an entry that says who); `entries`: some of the entries, for a
    look; `score`: 0 to 1, for the order and the sampling of reviews.
    """

    rule: str
    at: datetime
    portal: str
    values: Mapping[str, str | int | float]
    entries: tuple[int, ...]
    score: float


class Index(Protocol):
    """The console's own index over the log: words and keyed tags, no officer, dossier or citizen in clear.

    Every method is synchronous, belongs to a worker thread, and sees only what `scope` holds.
    """

    def search(self, wanted: Wanted, scope: Scope, *, below: int | None, limit: int) -> Found:
        """A page of entries with an index less than `below`."""
        ...

    def overview(self, scope: Scope, *, since: datetime, until: datetime) -> Overview:
        """Figures from rollups; the step follows from the length of the time."""
        ...

    def chain(self, index: int, scope: Scope) -> Sequence[Hit]:
        """Every entry of the dossier of this entry (same portal), oldest first, at most 500; and of its call."""
        ...

    def patterns(self, scope: Scope, *, since: datetime, until: datetime, limit: int) -> Sequence[Pattern]:
        """Unusual patterns, the gravest first."""
        ...

    def sample(
        self, scope: Scope, *, since: datetime, until: datetime, count: int, seed: int, risk: bool
    ) -> Sequence[int]:
        """Indices of `disclosed` and `refused` entries to review: uniform, or weighted by patterns (`risk`)."""
        ...

    def ranges(self, *, since: datetime | None, until: datetime | None) -> Sequence[tuple[int, int]]:
        """Where in the log (first, end) the entries of a time lie, oldest first: a few of another time among them, and
        the last range begins where the index ends, as if everything behind it were of that time."""
        ...

    def behind(self) -> int:
        """How many entries of the log the index has not read yet."""
        ...
