"""What an operator decided, as frozen values. `config.loader.load` makes them; nothing else does.

Everything here has passed the checks of `config.check`: names exist, references resolve, files are readable.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.console_rules import ConsoleRules


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

    `fields`: field name -> its legal basis; `needs`: sensitive field -> declared need; `documents`: kind of a digitised
    document -> its legal basis.
    """

    procedure: str
    fields: Mapping[str, str]
    needs: Mapping[str, str]
    documents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Role:
    """A subject of a dossier. `kind` is person, enterprise or taxpayer: it decides the identifiers and the source."""

    name: str
    kind: str
    label: Named
    required: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a form field comes from: a field of the subject in a role.

    `part`: only that member of the field's value. `fallback`: it stands in where the origins before it have nothing,
    and is not compared with them, because it may rightly differ.
    """

    role: str
    field: str
    part: str | None = None
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form. `origins[0]` is preferred, the others are compared with it. Empty: the citizen's to say."""

    name: str
    label: Named
    origins: tuple[Origin, ...]
    required: bool
    schema: Mapping[str, Any]  # JSON Schema of the value a citizen may declare


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
    """One administrative procedure, `config/dossiers/<code>/`, with its grant."""

    code: str
    name: Named
    roles: Mapping[str, Role]
    form: tuple[FormField, ...]
    grant: Grant
    note: str | None
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
    """A caller, `config/portals/<agency>.toml`. `agency` is the canonical code (`H14`, `H14.5`)."""

    agency: str
    name: Named
    suspended: bool
    sandbox: bool
    keys: tuple[PortalKey, ...]
    procedures: frozenset[str]
    operations: frozenset[str]  # config.portals.OPERATIONS
    bases: frozenset[str]  # law, consent
    limits: Limits


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, for error messages."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


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
class Endpoint:
    """An address to listen on. Port 0 asks the system for a free one."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class JobSettings:
    """How answers are deferred: what one job may take, how long its result is kept, how many are held at once."""

    deadline: timedelta
    keep: timedelta
    most: int  # over all processes of one store, whatever their state


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """How batches are taken: what one may hold and take, and how few of their lines are under way at once."""

    lines: int
    body_bytes: int
    deadline: timedelta  # a line not begun by then is not begun
    at_once: int  # lines under way over all batches of this process
    at_once_each: int  # of one portal
    most: int  # batches open over all portals of this process
    most_each: int  # of one portal


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """How long contents of the access log can be read. `months`: kind of entry -> months; `hold`: months such as
    `2026-11` that are kept whatever their age."""

    months: Mapping[str, int]
    hold: frozenset[str]


@dataclass(frozen=True, slots=True)
class Witness:
    """Who cross-signs checkpoints (C2SP tlog-witness). `key`: its vkey."""

    name: str
    url: str
    key: str


@dataclass(frozen=True, slots=True)
class Authority:
    """Who time-stamps checkpoints (RFC 3161). `certificates`: PEM of its roots; `every`: at most this often."""

    name: str
    url: str
    certificates: bytes = field(repr=False)
    every: timedelta


@dataclass(frozen=True, slots=True)
class PublishSettings:
    """Who vouches for the log from outside; `interval`: how often a grown log is shown to witnesses."""

    interval: timedelta
    witnesses: tuple[Witness, ...]
    authorities: tuple[Authority, ...]


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """An organisation's OpenID provider. `roles`: value of `role_claim` -> role in the console; `portals_claim`: agency
    codes of a provincial auditor; `acr`: authentication classes of which one is demanded, empty: any; `amr`: methods
    that all are (RFC 8176)."""

    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    role_claim: str
    portals_claim: str
    roles: Mapping[str, str]
    acr: tuple[str, ...]
    amr: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """The auditors' console. `public_url` "": http:// and the address it listens on; `gateway_url`: the gateway's
    operations port, "": the one of this configuration; `store`: address of the store for a role that may only read, "":
    the gateway's own; `proxies`: networks of reverse proxies, whose word on a browser's address is taken."""

    listen: Endpoint
    public_url: str
    gateway_url: str
    store: str = field(repr=False)
    proxies: tuple[str, ...]
    oidc: OidcProvider | None


@dataclass(frozen=True, slots=True)
class S3Settings:
    """An account at S3-compatible object storage. `ca`: certificates in PEM that are trusted beside the machine's, "":
    none; `deadline`: of one call with its repeats; `attempts`: tries per call, the first included."""

    endpoint: str
    region: str
    bucket: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    ca: str = field(repr=False)
    deadline: timedelta
    attempts: int


@dataclass(frozen=True, slots=True)
class ObjectSettings:
    """Where the contents of documents are kept. `kind` is folder (under the data folder) or s3; `s3` None: folder."""

    kind: str
    s3: S3Settings | None


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """The register of digitised documents. `trust`: PEM of the authorities whose signatures count, none: no signature
    is ever valid; `keep`: how long a row is kept after the document's validity."""

    trust: tuple[bytes, ...]
    trust_place: Place | None = field(compare=False)
    keep: timedelta


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """`config/gateway.toml`."""

    public_url: str  # without a trailing slash; "" = http://<listen address>, for the embedded default
    audience: str  # "" = public_url
    listen: Endpoint
    ops: Endpoint
    data_dir: Path
    log_origin: str
    deadline: timedelta  # for a whole call
    drain: timedelta  # how long a stopping gateway waits for calls under way
    in_flight: int  # calls at once over all portals; more is `overloaded`
    body_bytes: int  # upper bound over all portals
    jobs: JobSettings
    batch: BatchSettings
    store: str = field(repr=False)  # PostgreSQL address, "": the embedded store under data_dir
    retention: RetentionSettings
    publish: PublishSettings
    console: ConsoleSettings
    objects: ObjectSettings
    documents: DocumentSettings


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
