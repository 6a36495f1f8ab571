"""What the pipeline is given: the request as it arrived, the policy in force, and the objects that act.

Rule of this file: values and Protocols. `gateway.app` builds them; a reload swaps the whole `Policy` at once, so one
call never sees half of two configurations.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from adapters.contract import Adapter
from config.model import CodeList, FieldSpec, Portal, Procedure
from config.running import BatchSettings, CorrectionSettings, DocumentSettings, JobSettings
from config.transformations import Profile
from gateway.admission import Admission
from gateway.audit.log import AccessLog
from gateway.errors import Refusal
from gateway.examiner import Examiner
from gateway.freshness.turns import Turns
from gateway.jobs.runner import Runner
from gateway.jobs.shelf import Shelf
from gateway.model import Call
from gateway.objects.contract import ObjectStore
from gateway.shares import Shares
from gateway.steps.normalise.values import Vocabulary
from gateway.steps.verify import RegisteredKey
from gateway.vault import Vault
from gateway.view.page import Page
from signing.documents import TrustAnchors
from signing.keys import Signer


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request whose shape has been checked.

    `procedure` is the path parameter of `procedures/{code}`, `job` that of `jobs/{id}`; `deferred`: the caller would
    rather fetch the answer later.
    """

    call: Call
    method: str
    path: str
    authorization: tuple[str, ...] = field(repr=False)
    content_digest: tuple[str, ...]
    body: bytes = field(repr=False)
    procedure: str | None
    instance: str  # urn:uuid of this call, for problems and log lines
    job: str | None = None
    deferred: bool = False
    dossier: str | None = None  # path parameter of `dossiers/{dossier}/preview`
    correction: str | None = None  # path parameter of `corrections/{correction}`


@dataclass(frozen=True, slots=True)
class Policy:
    """What an operator decided, ready for use."""

    base_url: str
    audience: str
    keys: Mapping[str, RegisteredKey]
    portals: Mapping[str, Portal]
    procedures: Mapping[str, Procedure]
    fields: Mapping[str, FieldSpec]
    field_sources: Mapping[str, str]
    vocabulary: Vocabulary
    deadline: float  # seconds for a whole call
    deadlines: Mapping[str, float]  # seconds per source
    configuration: str  # digest of the files read
    jobs: JobSettings
    batch: BatchSettings
    preview_keep: timedelta
    corrections: CorrectionSettings
    log_origin: str
    documents: DocumentSettings
    kinds: CodeList  # of documents
    trust: TrustAnchors  # whose signatures on documents count
    profiles: Mapping[str, Profile] = field(default_factory=dict)


class Observer(Protocol):
    """Where operators look. Receives names and numbers, never anything about a subject."""

    def called(self, call: Call, agency: str, code: str, seconds: float) -> None:
        """A call ended; `code` is `ok` or the error code; `agency` is "" when the caller is unknown."""
        ...

    def rejected(self, code: str) -> None:
        """A request ended before it reached the pipeline."""
        ...

    def prefilled(self, procedure: str, total: int, filled: int) -> None:
        """A dossier was pre-filled."""
        ...

    def recalled(self, source: str, outcome: str) -> None:
        """What was kept of a source was looked at: hit, part, miss, stale, or failed when the store could not."""
        ...

    def put_off(self, what: str, reason: str) -> None:
        """Something that is tidied up could not be now, and is later. Both are words of ours."""
        ...

    def defect(self, error: BaseException, instance: str) -> None:
        """Something of ours broke. Only its type and the places in our code may be kept."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """The objects that act. `shares` gives the lines of batches their turns; `jobs` keeps deferred answers, `runner`
    finds them in the background; `vault` keeps what may be kept of people for a while, `turns` knows which questions
    are being asked; `objects` keeps the contents of documents, whose signatures `examiner` reads.

    `render` prints a dossier's page and says which headers go with it (`gateway.view.render`).
    `problem` prints a refusal: status, body and headers (`gateway.api.problems`).
    """

    adapters: Mapping[str, Adapter]
    log: AccessLog
    signer: Signer
    admission: Admission
    shares: Shares
    jobs: Shelf
    runner: Runner
    vault: Vault
    turns: Turns
    objects: ObjectStore
    examiner: Examiner
    observe: Observer
    now: Callable[[], datetime]
    clock: Callable[[], float]
    new_id: Callable[[], str]
    urandom: Callable[[int], bytes]
    render: Callable[[Page], tuple[bytes, Mapping[str, str]]]
    problem: Callable[[Refusal, str, str], tuple[int, bytes, Mapping[str, str]]]
