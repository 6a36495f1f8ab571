"""The values that travel through the pipeline. Imports none of our packages.

Rule of this file: frozen values without behaviour. Anything that may hold personal data is left out of `repr`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Kind(StrEnum):
    """What a subject is; decides its identifiers and the source that knows it."""

    PERSON = "person"
    ENTERPRISE = "enterprise"
    TAXPAYER = "taxpayer"


IDENTIFIER: Mapping[Kind, str] = MappingProxyType(
    {Kind.PERSON: "personal_id", Kind.ENTERPRISE: "enterprise_code", Kind.TAXPAYER: "tax_code"}
)
"""The number that names a subject, among its identifiers."""


class Call(StrEnum):
    """The operations of the API, as grants, logs and metrics name them."""

    PERSONS_VERIFY = "persons.verify"
    PERSONS_LOOKUP = "persons.lookup"
    ENTERPRISES_LOOKUP = "enterprises.lookup"
    TAXPAYERS_LOOKUP = "taxpayers.lookup"
    DOSSIERS_PREFILL = "dossiers.prefill"
    DOSSIERS_PREVIEW = "dossiers.preview"
    DOSSIERS_BATCH = "dossiers.batch"  # a batch as a whole; each of its lines is a `dossiers.prefill`
    DOCUMENTS_REGISTER = "documents.register"
    DOCUMENTS_FETCH = "documents.fetch"
    DOCUMENTS_REVOKE = "documents.revoke"
    PROCEDURES_LIST = "procedures.list"
    PROCEDURES_READ = "procedures.read"
    JOBS_READ = "jobs.read"
    CORRECTIONS_REPORT = "corrections.report"
    CORRECTIONS_READ = "corrections.read"
    DEBUG_VERIFY = "debug.verify"


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why a portal asks: the `purpose` claim."""

    procedure: str
    dossier: str
    officer: str
    basis: str  # law | consent
    consent: str | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed the call, proved."""

    agency: str  # canonical: H14, H14.12
    issuer: str  # the same agency as the caller wrote it in `iss`; answers are addressed to it
    kid: str
    alg: str
    purpose: Purpose
    jti: str
    issued_at: datetime
    expires_at: datetime
    token_hash: str  # base64url(SHA-256(token as received)): `req` in the answer and in the log
    sandbox: bool
    line: int | None = None  # of the batch this call is a line of


@dataclass(frozen=True, slots=True)
class Hop:
    """One relation a call may follow: the subject of `role` is whom `field` of the subject of `start` points at.

    `wanted`: what is asked about the one reached; `basis`: the law in the grant's follow line; `depth`: relations
    between a subject the portal named and this one; `birth_date`: form field that may declare the birth date;
    `documents`: kinds of digitised documents that may be offered of the one reached.
    """

    role: str
    kind: Kind
    start: str
    field: str
    basis: str
    depth: int
    wanted: tuple[str, ...]
    birth_date: str | None = None
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """One person, enterprise or taxpayer a call is about. `hop`: how it was reached; None when the portal named it."""

    role: str
    kind: Kind
    identifiers: Mapping[str, str] = field(repr=False)
    hop: Hop | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """A digitised document as the portal that holds or issued it describes it. Dates are `YYYY-MM-DD`.

    `sha256`: 64 hex digits; `location`: where the portal keeps it; `content` None: only there; `replaces`: id of the
    document that ends with this one.
    """

    kind: str
    issuing_agency: str
    number: str = field(repr=False)
    issued_on: str
    valid_from: str | None
    valid_until: str | None
    sha256: str = field(repr=False)
    media_type: str
    size: int | None
    location: str | None = field(repr=False)
    content: bytes | None = field(repr=False)
    replaces: str | None


@dataclass(frozen=True, slots=True)
class Ask:
    """A parsed request body: what is wanted, about whom."""

    call: Call
    subjects: tuple[Subject, ...] = ()
    fields: tuple[str, ...] | None = None  # None: everything the grant allows
    declared: Mapping[str, Any] = field(default_factory=dict, repr=False)
    procedure: str | None = None  # procedures.read
    profile: str | None = None  # another shape of the dossier, given beside ours
    vneid_account: bool | None = None  # what the portal says of the citizen's account, for that shape
    registration: Registration | None = None  # documents.register
    document: str | None = None  # documents.fetch, documents.revoke: its id
    reason: str | None = None  # documents.revoke


class Status(StrEnum):
    """The outcome of one field."""

    OK = "ok"
    STALE = "stale"
    NOT_FOUND = "not_found"
    UNAVAILABLE = "unavailable"
    CONFLICT = "conflict"
    WITHHELD = "withheld"


DECLARED = "declared"
"""The source of what the citizen says himself."""

DOCUMENTS = "documents"
"""The source of what is said by digitised papers, our register of them."""

HAS_VALUE = frozenset({Status.OK, Status.STALE, Status.CONFLICT})
"""The outcomes that come with a value (contract section 5)."""


@dataclass(frozen=True, slots=True)
class Value:
    """One field with its provenance. `value` (JSON) only with ok, stale, conflict.

    `age_seconds`: how old it was when it stood in for a source that is down, else None.
    """

    name: str
    status: Status
    source: str
    value: Any = field(default=None, repr=False)
    as_of: datetime | None = None
    retrieved_at: datetime | None = None
    doubts: tuple[str, ...] = ()
    age_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Relations:
    """What came of a call's hops. `reached`: role -> its hop; `unreached`: role -> (reason, source or None)."""

    reached: Mapping[str, Hop] = field(default_factory=dict)
    unreached: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    doubts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a caller may get for this call.

    `wanted`: role -> field names to fetch for that subject. `withheld`: (role, field) pairs that the form names and
    the grant does not: never fetched, shown as withheld. `hops`: relations that may be followed, nearest first;
    `relations`: what came of them, once they were. `documents`: (role, kind) of digitised documents that may be
    offered, fetched or registered.
    """

    caller: Caller
    ask: Ask
    wanted: Mapping[str, tuple[str, ...]]
    withheld: frozenset[tuple[str, str]] = frozenset()
    hops: tuple[Hop, ...] = ()
    relations: Relations = Relations()
    documents: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """In the place of a source's answer: what was kept of an earlier one stands in, wholly or in part.

    `outcome`: `kept` when the source was not asked, else why it was silent; `at`: when it answered, or fell silent.
    """

    source: str
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SourceOutcome:
    """What became of the question(s) to one source.

    `outcome`: answered | kept | not_found | refused | garbled | unavailable | timed_out; kept: everything came from
    earlier answers, and the source was not asked. With several subjects of one source the worst is named. `at`: when
    the last answer or silence came.
    """

    source: str
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """A digitised document that can be attached: what it is, not what it says. `registered_by`: code of the portal
    whose word it is; `signature`: outcome, reason ..."""

    document: str
    kind: str
    name_vi: str
    name_en: str
    role: str
    registered_by: str
    issuing_agency: str
    issued_on: str
    valid_until: str | None
    media_type: str
    sha256: str = field(repr=False)
    content: bool
    signature: Mapping[str, Any]
    retrieved_at: datetime


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A digitised document that no longer counts. `code`: document_expired or document_too_old; `on`: the day on which
    it ended, or was issued."""

    kind: str
    name_vi: str
    name_en: str
    role: str
    code: str
    on: str


@dataclass(frozen=True, slots=True)
class Offered:
    """The documents of a dossier, and what became of asking the register; no outcome where it was not asked.

    `lapsed`: of kinds of which none can be offered, the newest one that could have been.
    """

    offers: tuple[Offer, ...] = ()
    sources: tuple[SourceOutcome, ...] = ()
    lapsed: tuple[Lapsed, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What the sources said about one subject, normalised: field name -> value."""

    role: str
    found: bool
    values: Mapping[str, Value] = field(repr=False)
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """One form field: its value with provenance; `value.name` is the field it came from, `role` whose field it is.

    `role` is None for what the citizen declared. `part`: the member of the field's value that was taken, where it is
    not the whole. `by`: what was done to it (join, expression, codes, format); `also`: (role, field) of what else went
    into it; `whole`: the value before its format, where nothing of it was left out.
    """

    value: Value
    role: str | None
    part: str | None = None
    by: tuple[str, ...] = ()
    also: tuple[tuple[str, str], ...] = ()
    whole: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Missing:
    """A form field without a value.

    `reason`: unavailable, not_found, withheld, role_absent, not_applicable (no condition of its
    origins holds), not_held, not_reachable or ambiguous.
    """

    field: str
    reason: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is as it is: a code, and the sentence for people in both languages."""

    code: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two statements about one form field that do not agree; the first is the one shown in the form.

    `kind`: how they differ (`gateway.agreement.difference`); `because`: why the first is preferred.
    """

    field: str
    between: str  # sources | declared
    statements: tuple[Filled, ...]
    kind: str = "value"
    because: Reason | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A doubt about the subject in a role, as a sentence for people. `source`, `as_of`: of what it is about."""

    role: str
    code: str
    vi: str
    en: str
    source: str | None
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """A pre-filled dossier (contract section 6). `filled` counts fields taken from a registry."""

    procedure: str
    dossier: str
    form: Mapping[str, Filled]
    missing: tuple[Missing, ...]
    conflicts: tuple[Conflict, ...]
    total: int
    filled: int
    by_source: Mapping[str, int]
    sources: tuple[SourceOutcome, ...]
    doubts: Mapping[str, tuple[str, ...]]
    reached: Mapping[str, Hop] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
