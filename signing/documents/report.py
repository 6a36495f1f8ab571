"""What was found out about the signatures of a paper: words and values, no library's types, no sentences.

Rule of this file: whatever a paper contains, it ends as one of these words. `Signer.common_name` may be a person's name
and never shows in a `repr`; all other texts of a certificate that is not trusted are the claims of whoever made it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self


class Outcome(StrEnum):
    """What an officer needs to know first."""

    VALID = "valid"  # intact, by a signer whom a configured authority vouches for, over the whole paper
    INVALID = "invalid"  # the paper is not what was signed, or the signature does not count
    UNTRUSTED = "untrusted"  # intact, but no configured authority vouches for the signer
    EXPIRED = "expired"  # the certificate has run out and no trusted time-stamp shows that it was signed before
    REVOKED = "revoked"  # the certificate, or one above it, was withdrawn before the signature is known to have existed
    NONE = "none"  # the paper carries no signature
    UNSUPPORTED = "unsupported"  # signed in a way this gateway cannot judge
    UNREADABLE = "unreadable"  # not the PDF or XML it claims to be, damaged, or beyond the limits


class Reason(StrEnum):
    """Why: one word more. The list is closed."""

    VERIFIED = "verified"
    # invalid
    ALTERED = "altered"  # digest or signature value does not fit what is there
    CHANGED_AFTER = "changed_after"  # PDF: something but signatures, time-stamps and their evidence was added later
    PARTLY_COVERED = "partly_covered"  # PDF: the signature leaves out bytes of its own revision
    WRAPPED = "wrapped"  # XML: an id stands twice, so that what is signed is not what is read
    WEAK_ALGORITHM = "weak_algorithm"  # SHA-1, MD5, RSA below 2048 bits, a curve below 256 bits
    CERTIFICATE_MISMATCH = "certificate_mismatch"  # the signature names another certificate than the one it carries
    CERTIFICATE_MISUSED = "certificate_misused"  # the certificate is not for signing papers
    NOT_YET_VALID = "not_yet_valid"  # the certificate begins later
    MALFORMED = "malformed"  # the signature itself cannot be read
    # untrusted
    UNKNOWN_AUTHORITY = "unknown_authority"  # no chain to a configured authority
    CHAIN_REFUSED = "chain_refused"  # a chain, but an authority in it may not do this (constraints, policies)
    # expired, revoked
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_REVOKED = "certificate_revoked"
    # none
    NO_SIGNATURE = "no_signature"
    # unsupported
    PART_SIGNED = "part_signed"  # XML: intact, but over a part; `Signature.covered` names it
    FORM = "form"  # a signature format, transform, layout or algorithm this gateway does not know
    ENCRYPTED = "encrypted"  # PDF: protected by a password
    MEDIA_TYPE = "media_type"  # neither PDF nor XML
    TOO_MANY = "too_many"  # more signatures or revisions than are looked at
    # unreadable
    DAMAGED = "damaged"  # not well-formed, cut off, not of its media type, or built to exhaust the reader
    TOO_LARGE = "too_large"
    DOCUMENT_TYPE = "document_type"  # XML: a DTD, and with it entities


class Coverage(StrEnum):
    """How much of the paper as it is now the signature covers."""

    WHOLE = "whole"  # everything but the signature itself
    REVISION = (
        "revision"  # PDF: everything when it was made; later only signatures, time-stamps and evidence were added
    )
    PART = "part"


class Revocation(StrEnum):
    """What the paper's own evidence (and lists given by the operator) says of the signer's certificate."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"  # nothing says anything that counts at that time


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate. `serial` in hexadecimal, lower case; texts are cut at 200 characters and free of control codes."""

    organisation: str | None  # O: the agency
    unit: str | None  # OU
    serial: str
    issuer: str  # the authority: its CN, or its O
    not_before: datetime
    not_after: datetime
    common_name: str | None = field(repr=False)  # CN: often an officer's name, thus personal data


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature. Times are aware. `timestamped_at` only from a time-stamp whose authority is configured."""

    outcome: Outcome
    reason: Reason
    coverage: Coverage
    covered: str | None = None  # XML: local name of the referenced element
    signer: Signer | None = None
    claimed_at: datetime | None = None  # said by the signer, proven by nobody
    timestamped_at: datetime | None = None
    digest: str | None = None  # "sha256"
    revocation: Revocation = Revocation.UNKNOWN

    @property
    def timestamped(self) -> bool:
        """Whether a trusted RFC 3161 time-stamp says that the signature existed at `timestamped_at`."""
        return self.timestamped_at is not None


# the worst first: the outcome of a paper is that of its worst signature
_GRAVITY = (
    Outcome.INVALID,
    Outcome.REVOKED,
    Outcome.UNSUPPORTED,
    Outcome.UNTRUSTED,
    Outcome.EXPIRED,
    Outcome.VALID,
)


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """About a whole paper: the outcome and reason of its worst signature, and all signatures in their order."""

    outcome: Outcome
    reason: Reason
    signatures: tuple[Signature, ...] = ()

    @classmethod
    def of(cls, signatures: Sequence[Signature]) -> Self:
        """The report on a readable paper with these signatures."""
        if not signatures:
            return cls(Outcome.NONE, Reason.NO_SIGNATURE)
        worst = min(signatures, key=lambda signature: _GRAVITY.index(signature.outcome))
        return cls(worst.outcome, worst.reason, tuple(signatures))


# which outcome a reason belongs to
OUTCOMES = {
    Reason.VERIFIED: Outcome.VALID,
    Reason.ALTERED: Outcome.INVALID,
    Reason.CHANGED_AFTER: Outcome.INVALID,
    Reason.PARTLY_COVERED: Outcome.INVALID,
    Reason.WRAPPED: Outcome.INVALID,
    Reason.WEAK_ALGORITHM: Outcome.INVALID,
    Reason.CERTIFICATE_MISMATCH: Outcome.INVALID,
    Reason.CERTIFICATE_MISUSED: Outcome.INVALID,
    Reason.NOT_YET_VALID: Outcome.INVALID,
    Reason.MALFORMED: Outcome.INVALID,
    Reason.UNKNOWN_AUTHORITY: Outcome.UNTRUSTED,
    Reason.CHAIN_REFUSED: Outcome.UNTRUSTED,
    Reason.CERTIFICATE_EXPIRED: Outcome.EXPIRED,
    Reason.CERTIFICATE_REVOKED: Outcome.REVOKED,
    Reason.NO_SIGNATURE: Outcome.NONE,
    Reason.PART_SIGNED: Outcome.UNSUPPORTED,
    Reason.FORM: Outcome.UNSUPPORTED,
    Reason.ENCRYPTED: Outcome.UNSUPPORTED,
    Reason.MEDIA_TYPE: Outcome.UNSUPPORTED,
    Reason.TOO_MANY: Outcome.UNSUPPORTED,
    Reason.DAMAGED: Outcome.UNREADABLE,
    Reason.TOO_LARGE: Outcome.UNREADABLE,
    Reason.DOCUMENT_TYPE: Outcome.UNREADABLE,
}


class FlawError(Exception):
    """Inside this package: what is wrong with one signature or paper. Never leaves `verify`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
