"""The one function: a paper in, a report out. Never raises for what a paper contains."""

from datetime import datetime

from signing.documents.report import OUTCOMES, FlawError, Reason, Signature, SignatureReport
from signing.documents.trust import TrustAnchors

MAX_PDF_BYTES = 64 * 2**20
MAX_XML_BYTES = 16 * 2**20
MAX_SIGNATURES = 16


def verify(content: bytes, *, media_type: str, trust: TrustAnchors, at: datetime) -> SignatureReport:
    """The signatures in `content`, judged at `at` (aware), with `trust` and what the paper itself carries as evidence.

    For a worker thread: it computes for milliseconds to seconds and must not run where an event loop runs. Opens no
    connection and no file. `media_type` may have parameters; PDF and XML are known, `unsupported` otherwise. Raises
    ValueError for a naive `at`, nothing for bad content.
    """
    if at.tzinfo is None:
        raise ValueError("at must be aware")
    kind = media_type.partition(";")[0].strip().lower()
    try:
        return SignatureReport.of(_signatures(content, kind, trust, at=at))
    except FlawError as flaw:
        return SignatureReport(OUTCOMES[flaw.reason], flaw.reason)


def _signatures(content: bytes, kind: str, trust: TrustAnchors, *, at: datetime) -> list[Signature]:
    if kind == "application/pdf":
        _bounded(content, MAX_PDF_BYTES)
        from signing.documents import pdf  # noqa: PLC0415  # half a second, only where papers are verified

        return pdf.signatures(content, trust, at=at, limit=MAX_SIGNATURES)
    if kind in {"application/xml", "text/xml"} or kind.endswith("+xml"):
        _bounded(content, MAX_XML_BYTES)
        from signing.documents import xml  # noqa: PLC0415  # as above

        return xml.signatures(content, trust, at=at, limit=MAX_SIGNATURES)
    raise FlawError(Reason.MEDIA_TYPE)


def _bounded(content: bytes, limit: int) -> None:
    if len(content) > limit:
        raise FlawError(Reason.TOO_LARGE)
