"""Signatures inside papers: PDF (PAdES, CMS) and XML (XMLDSig, XAdES), verified without a network.

    verify(content, media_type=..., trust=TrustAnchors.read(pem), at=now) -> SignatureReport

Importing this package is cheap: the libraries that read PDF and XML are loaded by the first `verify` that needs them.
Only this package imports pyHanko.
"""

from signing.documents.report import Coverage, Outcome, Reason, Revocation, Signature, SignatureReport, Signer
from signing.documents.trust import TrustAnchors, TrustError, parts
from signing.documents.verify import MAX_PDF_BYTES, MAX_SIGNATURES, MAX_XML_BYTES, verify

__all__ = [
    "MAX_PDF_BYTES",
    "MAX_SIGNATURES",
    "MAX_XML_BYTES",
    "Coverage",
    "Outcome",
    "Reason",
    "Revocation",
    "Signature",
    "SignatureReport",
    "Signer",
    "TrustAnchors",
    "TrustError",
    "parts",
    "verify",
]
