"""What an operator decided, as frozen values. `config.loader.load` makes them; nothing else does.

Everything here has passed the checks of `config.check`: names exist, references resolve, files are readable.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.console_rules import ConsoleRules
from config.place import Place
from config.running import GatewaySettings
from config.transformations import NOTHING, Change, Piece, Profile


@dataclass(frozen=True, slots=True)
class Named:
    """A name in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of the vocabulary, `config/fields.toml`.

    `kind` is one of: text, identifier, date, name, code, address, person, money, persons, activities, members,
    obligations. `code_list` names the list for kind `code`. `sensitive`: off unless a grant declares the need.
    """

    name: str
    source: str
    kind: str
    label: Named
    code_list: str | None
    sensitive: bool


@dataclass(frozen=True, slots=True)
class CodeList:
    """A closed list of codes and their names. `empty` are codes by which the registry says "not known"."""

    name: str
    codes: Mapping[str, Named]
    empty: frozenset[str]
    # other spellings of a name -> code, for registries that send only words (folded: no accents, lower case)
    by_name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Units:
    """Administrative units of one scheme. `scheme` is the date it took effect.

    `communes`: code -> (name, province code); `districts`: code -> (name, province code), none since 2025-07-01;
    `district_of`: commune code -> district code; `spellings`: (another name, province code).
    """

    scheme: str
    provinces: Mapping[str, Named]
    communes: Mapping[str, tuple[str, str]]
    districts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    district_of: Mapping[str, str] = field(default_factory=dict)
    spellings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Territory:
    """The current units, the units before 2025-07-01, and how they moved.

    `moved`: former province code -> current province code; `communes_moved`: former commune code -> the current
    communes that hold a part of it, one where it went whole; `districts_moved`: likewise for the five districts that
    never had communes.
    """

    current: Units
    former: Units
    moved: Mapping[str, str]
    communes_moved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    districts_moved: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """What one procedure may see.

    `fields`: field name -> its legal basis; `needs`: sensitive field -> declared need; `follows`: relation that may be
    followed, `applicant person.spouse spouse` -> its legal basis; `documents`: kind of a digitised document -> its
    legal basis.
    """

    procedure: str
    fields: Mapping[str, str]
    needs: Mapping[str, str]
    follows: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Via:
    """How a role is reached when the portal does not name its subject: from a field of the subject in another role.

    `birth_date`: form field in which the citizen may declare the birth date that no registry gives with the relation;
    `depth`: relations between a subject the portal names and this one, at most the procedure's `relation_depth`.
    """

    role: str
    field: str
    reason: Named
    birth_date: str | None = None
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Role:
    """A subject of a dossier. `kind` is person, enterprise or taxpayer: it decides the identifiers and the source."""

    name: str
    kind: str
    label: Named
    required: bool
    via: Via | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a form field comes from: a field of the subject in a role.

    `part`: only that member of the field's value. `fallback`: it stands in where the origins before it have nothing,
    and is not compared with them, because it may rightly differ. `change`: what is done to the value; with a join,
    role, field and part are those of its first piece.
    """

    role: str
    field: str
    part: str | None = None
    fallback: bool = False
    change: Change = NOTHING

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What the value is made of: the field, or those of the join."""
        return self.change.join or (Piece(self.role, self.field, self.part),)

    @property
    def reads(self) -> tuple[tuple[str, str], ...]:
        """(role, field) of everything this origin looks at, its condition included. All of it has to be granted."""
        when = self.change.when
        judged = ((when.role, when.field),) if when is not None and when.field is not None else ()
        return (*((p.role, p.field) for p in self.pieces), *judged)


@dataclass(frozen=True, slots=True)
class Component:
    """One paper of a dossier. It counts as reused when a registry filled all of `fields` (form fields), or a digitised
    document of one of the kinds `documents` is offered. `code`: MaThanhPhanHoSo; `confirmed`: by the national portal.
    """

    code: str
    name: Named
    fields: tuple[str, ...]
    documents: tuple[str, ...] = ()
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form. `origins[0]` is preferred, the others are compared with it. Empty: the citizen's to say."""

    name: str
    label: Named
    origins: tuple[Origin, ...]
    required: bool
    schema: Mapping[str, Any]  # JSON Schema of the value a citizen may declare
    because: Named | None = None  # why `origins[0]` is preferred


@dataclass(frozen=True, slots=True)
class AgeLimit:
    """How old a kept value may be when used again: `max_age` without asking, `outage` while its source is down."""

    max_age: timedelta
    outage: timedelta


@dataclass(frozen=True, slots=True)
class Freshness:
    """What may be kept of a registry's answers. `within`: whom they may serve, the same `dossier` or the `procedure`
    (of the same portal in either case); `limits`: field -> how old. A field without limits is never kept."""

    within: str
    limits: Mapping[str, AgeLimit]


@dataclass(frozen=True, slots=True)
class DocumentSlot:
    """A kind of digitised document that a procedure accepts of the subject in a role. `max_age`: since its issue."""

    kind: str
    role: str
    label: Named
    required: bool
    max_age: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """One administrative procedure, `config/dossiers/<code>/`, with its grant. `freshness` None: nothing is kept."""

    code: str
    name: Named
    roles: Mapping[str, Role]
    form: tuple[FormField, ...]
    grant: Grant
    note: str | None
    freshness: Freshness | None = None
    components: tuple[Component, ...] = ()
    documents: tuple[DocumentSlot, ...] = ()


@dataclass(frozen=True, slots=True)
class PortalKey:
    """A public key of a portal. `pem` is SubjectPublicKeyInfo. Times are aware UTC."""

    kid: str
    alg: str  # EdDSA | ES256 | PS256
    pem: bytes
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a portal may send: a sustained rate, a burst, a number in flight, a body size, calls per day."""

    per_second: float
    burst: int
    in_flight: int
    body_bytes: int
    per_day: int | None


@dataclass(frozen=True, slots=True)
class Portal:
    """A caller, `config/portals/<agency>.toml`. `agency` is the canonical code (`H14`, `H14.5`).

    `registers`: kinds of digitised documents it may register.
    """

    agency: str
    name: Named
    suspended: bool
    sandbox: bool
    keys: tuple[PortalKey, ...]
    procedures: frozenset[str]
    operations: frozenset[str]  # config.portals.OPERATIONS
    bases: frozenset[str]  # law, consent
    limits: Limits
    registers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """One block of `config/sources.toml`. `options` are the adapter's own; it checks them.

    `credentials` are resolved from the environment or from files, never from TOML.
    """

    name: str
    adapter: str
    profile: str
    url: str
    deadline: timedelta
    attempts: int  # tries per look-up, the first included
    concurrency: int  # calls at once
    queue: int  # callers waiting beside them
    breaker_failures: int  # consecutive failures that open the breaker
    breaker_pause: timedelta
    max_bytes: int  # of one answer
    options: Mapping[str, Any]
    credentials: Mapping[str, str] = field(repr=False)
    # where it stands does not make it another source: a reload compares blocks
    place: Place = field(compare=False)
    option_places: Mapping[str, Place] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration."""

    gateway: GatewaySettings
    fields: Mapping[str, FieldSpec]
    codes: Mapping[str, CodeList]
    territory: Territory
    sources: Mapping[str, SourceSettings]
    procedures: Mapping[str, Procedure]
    portals: Mapping[str, Portal]
    console_rules: ConsoleRules
    root: Path
    digest: str  # SHA-256 over the files read, hex: which configuration answered
    profiles: Mapping[str, Profile] = field(default_factory=dict)
