"""What the gateway asks a national database and what it may get back.

Rule of this file: only values and one Protocol. An adapter raises `AdapterError` and nothing else; whatever a
registry, a network or a library can do wrong is turned into one of four kinds by the adapter's fault table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from adapters.values import RawValue

_EMPTY: Mapping[str, RawValue] = MappingProxyType({})


class Fault(StrEnum):
    """Why a source gave no answer. Each is a public problem code with the prefix `source_`."""

    REFUSED = "refused"  # it refused the gateway's credentials, address or contract: a source fault, never the caller's
    GARBLED = "garbled"  # it answered something that is not a valid answer to this question
    UNAVAILABLE = "unavailable"  # no connection, 5xx, SOAP fault of the server, open breaker, full bulkhead
    TIMED_OUT = "timed_out"  # the deadline passed


class AdapterError(Exception):
    """A source gave no usable answer.

    `reason` is a short word from the adapter's own closed vocabulary (`http_503`, `body_oversized`,
    `wrong_subject`, `breaker_open`). It goes to logs and metrics, so it never holds anything a registry wrote.
    """

    def __init__(self, fault: Fault, reason: str, *, retryable: bool = False) -> None:
        super().__init__(f"{fault}: {reason}")
        self.fault = fault
        self.reason = reason
        self.retryable = retryable


class Operation(StrEnum):
    """What is asked of a source."""

    VERIFY = "verify"  # do these three belong together? yes or no, nothing else
    LOOKUP = "lookup"


@dataclass(frozen=True, slots=True)
class Purpose:
    """Who asks and why, as registries demand it with each call. Holds nothing about the person asked about."""

    agency: str  # canonical agency code of the portal, `H14`
    officer: str = field(repr=False)  # the official's id in the portal
    procedure: str  # `1.004222`
    dossier: str
    request_id: str  # unique per call to a source, from the gateway, never from personal data


@dataclass(frozen=True, slots=True)
class Question:
    """One question to one source about one subject.

    `identifiers` are already checked for form: `personal_id` (12 or 9 digits), `full_name`, `birth_date` (ISO 8601,
    reduced precision allowed) for population; `enterprise_code` for business; `tax_code` for tax.
    `fields` are the granted field names wanted from this source (`person.full_name`); empty for VERIFY.
    """

    source: str
    operation: Operation
    identifiers: Mapping[str, str] = field(repr=False)
    fields: frozenset[str]
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source said.

    `found` is False when the registry knows no such subject (for VERIFY: when the three do not match).
    `values` holds only fields that were asked for and that the registry filled; a field absent here is empty there.
    `as_of` is the registry's own statement of how fresh its data is, when it makes one.
    `doubts` are short codes about the record itself (`sex_contradicts_id`), never values.
    """

    source: str
    found: bool
    retrieved_at: datetime
    values: Mapping[str, RawValue] = field(default_factory=lambda: _EMPTY, repr=False)
    as_of: datetime | None = None
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Silence:
    """A source that gave no answer: the value form of an `AdapterError`."""

    source: str
    fault: Fault
    reason: str
    at: datetime


class Adapter(Protocol):
    """One national database.

    `ask` returns within `deadline` seconds or raises `AdapterError(TIMED_OUT)`. It is safe to call from many tasks at
    once. It never logs, raises or labels with anything from the question's identifiers or from the answer.
    """

    source: str

    async def ask(self, question: Question, *, deadline: float) -> Answer:
        """Ask one question. `deadline`: seconds from now for everything, retries included."""
        ...

    async def check(self, *, deadline: float) -> None:
        """One harmless call that touches no citizen's record: reachable, authenticated, contract unchanged."""
        ...

    async def close(self) -> None:
        """Let go of connections. Calls after this raise `AdapterError(UNAVAILABLE)`."""
        ...
