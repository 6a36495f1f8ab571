"""How a gateway runs, as frozen values: `config/gateway.toml`. `config.loader.load` makes them; nothing else does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from config.place import Place


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
class DocumentSettings:
    """The register of digitised documents. `trust`: PEM of the authorities whose signatures count, none: no signature
    is ever valid; `keep`: how long a row is kept after the document's validity."""

    trust: tuple[bytes, ...]
    trust_place: Place | None = field(compare=False)
    keep: timedelta


@dataclass(frozen=True, slots=True)
class CorrectionSettings:
    """How long reported errors in registries' data are kept, and how many of one portal at once."""

    keep: timedelta
    most_each: int


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
    preview: timedelta  # how long a pre-fill can be shown again as a page; zero: never
    corrections: CorrectionSettings
    store: str = field(repr=False)  # PostgreSQL address, "": the embedded store under data_dir
    retention: RetentionSettings
    publish: PublishSettings
    console: ConsoleSettings
    objects: ObjectSettings
    documents: DocumentSettings
