"""What was found out about the signatures of a paper, in plain words for a terminal.

Rule of this file: a report in, lines out, none wider than asked. Of a signer the agency and its unit are told, never
the common name, which may be a person's; nor the issuer of a certificate that nobody vouches for, who may be the same.
"""

import shutil
import textwrap
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from gateway.cli.shown import WIDTH, printable
from gateway.zone import VIETNAM
from signing.documents import Coverage, Outcome, Reason, Revocation, Signature, SignatureReport, Signer, TrustAnchors

ADVICE: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.VALID: "accept it as the agency's",
        Outcome.INVALID: "do not accept it; ask the issuing agency",
        Outcome.UNTRUSTED: "do not rely on the name shown; ask which authority issued the certificate",
        Outcome.EXPIRED: "ask for a time-stamped copy, or confirm it with the agency",
        Outcome.REVOKED: "do not accept it; ask the issuing agency",
        Outcome.NONE: "treat it as a plain copy",
        Outcome.UNSUPPORTED: "look at the reason; check it by other means",
        Outcome.UNREADABLE: "ask for the file again",
    }
)
"""What to do, in the words of docs/document-signatures.md."""

REASONS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.VERIFIED: "the paper is as it was signed, all of it, and a trusted authority vouches for the signer",
        Reason.ALTERED: "what is in the paper is not what was signed",
        Reason.CHANGED_AFTER: "it was changed after it was signed",
        Reason.PARTLY_COVERED: "the signature leaves out a part of what was there when it was made",
        Reason.WRAPPED: "what is signed may not be what is read: an id stands twice",
        Reason.WEAK_ALGORITHM: "the algorithm or the key is too weak to count",
        Reason.CERTIFICATE_MISMATCH: "the signature names another certificate than the one it carries",
        Reason.CERTIFICATE_MISUSED: "the certificate is not one for signing papers",
        Reason.NOT_YET_VALID: "the certificate is not valid yet",
        Reason.MALFORMED: "the signature itself cannot be read",
        Reason.UNKNOWN_AUTHORITY: "no authority that is trusted issued the certificate",
        Reason.CHAIN_REFUSED: "an authority between the signer and a trusted one may not do this",
        Reason.CERTIFICATE_EXPIRED: (
            "the certificate has run out, and no trusted time-stamp shows that it was signed before"
        ),
        Reason.CERTIFICATE_REVOKED: "the certificate, or one above it, was withdrawn",
        Reason.NO_SIGNATURE: "there is no signature",
        Reason.PART_SIGNED: "only a part of the paper is signed",
        Reason.FORM: "the form of the signature is not known here",
        Reason.ENCRYPTED: "it is protected by a password",
        Reason.MEDIA_TYPE: "it is neither PDF nor XML",
        Reason.TOO_MANY: "more signatures or revisions than are looked at",
        Reason.DAMAGED: "it is damaged, cut off, or not of its type",
        Reason.TOO_LARGE: "it is too large",
        Reason.DOCUMENT_TYPE: "it has a document type definition, which is refused",
    }
)

COVERS: Mapping[Coverage, str] = MappingProxyType(
    {
        Coverage.WHOLE: "the whole paper",
        Coverage.REVISION: "all that was there when it was made; signatures and evidence came later",
        Coverage.PART: "a part of the paper",
    }
)
WITHDRAWN: Mapping[Revocation, str] = MappingProxyType(
    {
        Revocation.GOOD: "no, by the lists and answers at hand",
        Revocation.REVOKED: "yes",
        Revocation.UNKNOWN: "not known: nothing at hand tells",
    }
)

_VOUCHED = frozenset({Outcome.VALID, Outcome.EXPIRED, Outcome.REVOKED})
_INDENT = 2
_LABEL = 11
_NARROWEST = 30


def room() -> int:
    """Columns there are for a line."""
    return max(_NARROWEST, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))


def told(report: SignatureReport, *, name: str, at: datetime, trust: TrustAnchors, width: int) -> list[str]:
    """The lines about a paper. `name`: of the file."""
    lines = _wrapped(f"{printable(name)}: {report.outcome.upper()}", width)
    lines += _sentence(_why(report.reason), width)
    lines += _sentence(f"To do: {ADVICE[report.outcome]}.", width)
    for number, signature in enumerate(report.signatures, start=1):
        lines += ["", f"signature {number} of {len(report.signatures)}: {signature.outcome}"]
        # of a single one it was just said
        if len(report.signatures) > 1:
            lines += _sentence(_why(signature.reason), width)
        for label, text in _facts(signature):
            lines += _wrapped(
                printable(text), width, first=" " * _INDENT + label.ljust(_LABEL), indent=_INDENT + _LABEL
            )
    return [*lines, "", *_judged(at, trust, width)]


def _why(reason: Reason) -> str:
    text = REASONS[reason]
    return f"{text[0].upper()}{text[1:]} ({reason})."


def _sentence(text: str, width: int) -> list[str]:
    return _wrapped(text, width, first=" " * _INDENT, indent=_INDENT)


def _wrapped(text: str, width: int, *, first: str = "", indent: int = 0) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=" " * indent, break_on_hyphens=False)


def _facts(signature: Signature) -> Iterator[tuple[str, str]]:
    signer = signature.signer
    if signer is not None:
        yield from _signer(signer, vouched=signature.outcome in _VOUCHED)
    named = signature.covered and signature.coverage is Coverage.PART
    part = f", the element {signature.covered}" if named else ""
    yield "covers", COVERS[signature.coverage] + part
    yield "signed", _signed(signature)
    if signer is not None:
        yield "withdrawn", WITHDRAWN[signature.revocation]


def _signer(signer: Signer, *, vouched: bool) -> Iterator[tuple[str, str]]:
    claim = "" if vouched else " (a claim)"
    yield "agency", f"{signer.organisation}{claim}" if signer.organisation else "not named"
    if signer.unit:
        yield "unit", f"{signer.unit}{claim}"
    if vouched:
        yield "issued by", signer.issuer
    yield "valid", f"{_day(signer.not_before)} to {_day(signer.not_after)}{claim}"


def _signed(signature: Signature) -> str:
    if signature.timestamped_at is not None:
        return f"by {_minute(signature.timestamped_at)}, a trusted time-stamp says"
    if signature.claimed_at is not None:
        return f"{_minute(signature.claimed_at)}, the signer says; nothing proves it"
    return "when is not said"


def _judged(at: datetime, trust: TrustAnchors, width: int) -> list[str]:
    authorities, lists = len(trust.certificates), len(trust.revocation_lists)
    given = f"{authorities or 'no'} trusted {'authorities' if authorities > 1 else 'authority'}"
    if lists:
        given += f" and {lists} revocation {'list' if lists == 1 else 'lists'}"
    if not authorities:
        given += "; name some with --trust"
    return _wrapped(f"judged as of {_minute(at)}, with {given}", width)


def _minute(at: datetime) -> str:
    """In Hanoi."""
    return f"{at.astimezone(VIETNAM):%Y-%m-%d %H:%M} (+07:00)"


def _day(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%Y-%m-%d}"
