"""What can go wrong with a call, as values.

    Refused            the call ends with one public code (contract section 7)
      carries Refusal  code, what to do about it, flaws of the input, when to try again

Rule of this file: no HTTP here. Status, title and whose fault it is stand in one table, `gateway.api.problems`. A
detail never holds anything the caller sent beyond names of members, and never anything a registry answered.
"""

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """Every public error code."""

    AUTHORIZATION_MISSING = "authorization_missing"
    TOKEN_MALFORMED = "token_malformed"
    TOKEN_TYPE_WRONG = "token_type_wrong"
    ALGORITHM_NOT_ALLOWED = "algorithm_not_allowed"
    KEY_UNKNOWN = "key_unknown"
    KEY_NOT_YOURS = "key_not_yours"
    KEY_NOT_YET_VALID = "key_not_yet_valid"
    KEY_EXPIRED = "key_expired"
    KEY_REVOKED = "key_revoked"
    SIGNATURE_INVALID = "signature_invalid"
    CLAIM_MISSING = "claim_missing"
    CLAIM_INVALID = "claim_invalid"
    AUDIENCE_WRONG = "audience_wrong"
    TOKEN_EXPIRED = "token_expired"
    TOKEN_NOT_YET_VALID = "token_not_yet_valid"
    TOKEN_LIFETIME_TOO_LONG = "token_lifetime_too_long"
    METHOD_MISMATCH = "method_mismatch"
    TARGET_MISMATCH = "target_mismatch"
    DIGEST_MISSING = "digest_missing"
    DIGEST_MISMATCH = "digest_mismatch"
    REQUEST_REPLAYED = "request_replayed"
    PORTAL_SUSPENDED = "portal_suspended"

    BODY_MALFORMED = "body_malformed"
    FIELD_UNKNOWN = "field_unknown"
    VALUE_INVALID = "value_invalid"
    QUERY_NOT_ALLOWED = "query_not_allowed"

    PROCEDURE_UNKNOWN = "procedure_unknown"
    PROCEDURE_NOT_GRANTED = "procedure_not_granted"
    FIELD_NOT_GRANTED = "field_not_granted"
    BASIS_NOT_ACCEPTED = "basis_not_accepted"
    OPERATION_NOT_GRANTED = "operation_not_granted"

    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    BODY_TOO_LARGE = "body_too_large"
    CONTENT_TYPE_WRONG = "content_type_wrong"

    RATE_LIMITED = "rate_limited"
    QUOTA_EXHAUSTED = "quota_exhausted"

    SOURCE_REFUSED = "source_refused"
    SOURCE_GARBLED = "source_garbled"
    SOURCE_UNAVAILABLE = "source_unavailable"
    SOURCE_TIMED_OUT = "source_timed_out"
    OVERLOADED = "overloaded"
    LOG_UNAVAILABLE = "log_unavailable"
    DRAINING = "draining"

    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Flaw:
    """One fault of the input. `pointer` is a JSON Pointer (RFC 6901) into the body, "" for the whole of it."""

    pointer: str
    code: Code
    detail: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call gets no answer. `detail` tells a person what to do; None uses the catalogue's sentence.

    `retry_after`: whole seconds, only where trying again can help.
    """

    code: Code
    detail: str | None = None
    flaws: tuple[Flaw, ...] = ()
    retry_after: int | None = None


class Refused(Exception):  # noqa: N818 - a refusal is not an error of ours
    """The call ends with a refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code.value)
        self.refusal = refusal


def refused(
    code: Code, detail: str | None = None, *, flaws: tuple[Flaw, ...] = (), retry_after: int | None = None
) -> Refused:
    """The exception for a refusal, ready to raise."""
    return Refused(Refusal(code, detail, flaws, retry_after))
