"""How publishing fares: for each witness and each authority, what it covers and what is in the way.

Rule of this file: values only; names are those of the configuration, problems are words of a closed list.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What an endpoint does for the log."""

    WITNESS = "witness"
    AUTHORITY = "authority"


class Problem(StrEnum):
    """What is in the way. Everything but `inconsistent` and `defect` is tried again by itself."""

    UNREACHABLE = "unreachable"
    """No connection, or one that broke."""
    TIMEOUT = "timeout"
    """No whole answer within the deadline."""
    REFUSED = "refused"
    """An answer that is an error: an HTTP status of its own, or a PKIStatus that is not granted."""
    UNKNOWN_LOG = "unknown_log"
    """The witness does not know this log: it has to be configured there."""
    KEY_NOT_TRUSTED = "key_not_trusted"
    """The witness knows the log under another key."""
    MALFORMED = "malformed"
    """An answer that is not of the protocol."""
    TOO_LARGE = "too_large"
    """An answer longer than any good one."""
    UNTRUSTED = "untrusted"
    """A cosignature or a token that does not verify. It was not kept."""
    CONTENDED = "contended"
    """Others moved the witness on between each two tries."""
    STORE = "store"
    """The log's store could not be read or written."""
    LOG_BROKEN = "log_broken"
    """The store contradicts itself."""
    INCONSISTENT = "inconsistent"
    """ALARM. What the witness saw of this log is not the beginning of what is in the store: the log was cut back or
    rewritten, or there are two of it. Not asked again by this process: a person has to compare first."""
    DEFECT = "defect"
    """A fault of this program; the endpoint is not asked again by this process."""


@dataclass(frozen=True, slots=True)
class EndpointState:
    """How one endpoint fares. Times in microseconds since 1970-01-01 UTC, by this process's clock.

    `size`: the entries its newest cosignature or token covers; `since_us`: when the present problem began.
    """

    kind: Kind
    name: str
    last_success_us: int | None = None
    size: int | None = None
    problem: Problem | None = None
    since_us: int | None = None


class EndpointFailed(Exception):  # noqa: N818  # the name says what happened; "Error" after it would say it twice
    """One try at an endpoint failed. `problem` says how; the text holds nothing else."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class Observer(Protocol):
    """Where publishing is watched. Must not raise."""

    def endpoint(self, state: EndpointState, /) -> None:
        """An endpoint is known, was asked, or failed: this is its state now."""
        ...

    def went_back(self, name: str, size: int, /) -> None:
        """A witness that had cosigned more states `size` entries: it lost its memory, and what it could prove."""
        ...

    def defect(self, error: BaseException, instance: str) -> None:
        """Something of ours broke."""
        ...
