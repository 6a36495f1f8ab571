"""Signatures in a PDF: CMS over byte ranges (ISO 32000-2 section 12.8, ETSI EN 319 142), read by pyHanko.

Rule of this file: a signature counts when it covers every byte of its revision but its own hexadecimal, and when
nothing came after it but further signatures, time-stamps and evidence for them. Filling in form fields after signing,
which the standard tolerates, does not pass here: it changes what is read.
"""

import io
import re
import struct
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from asn1crypto import core, parser
from cryptography import x509
from pyhanko.pdf_utils.decode_limits import (
    DEFAULT_PURPOSE_LIMITS,
    DecodeLimits,
    DecodePurpose,
    DocumentDecodeBudget,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel, StandardDiffPolicy
from pyhanko.sign.diff_analysis.form_rules_api import FormUpdatingRule
from pyhanko.sign.diff_analysis.rules.file_structure_rules import (
    CatalogModificationRule,
    ObjectStreamRule,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.rules.form_field_rules import (
    DSSCompareRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    is_field_visible,
)
from pyhanko.sign.diff_analysis.rules.metadata_rules import DocInfoRule, MetadataUpdateRule
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation import DocumentSecurityStore, EmbeddedPdfSignature
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import (
    extract_certs_for_validation,
    extract_tst_data_iter,
    validate_sig_integrity,
)
from pyhanko.sign.validation.status import SignatureCoverageLevel

from signing.documents import chain, stamps
from signing.documents.report import OUTCOMES, Coverage, FlawError, Reason, Signature
from signing.documents.revocation import Evidence
from signing.documents.trust import TrustAnchors

MAX_REVISIONS = 32
_DAMAGED = (*stamps.MALFORMED, PdfError, OSError, struct.error, zlib.error, MemoryError)
_MIB = 2**20
_LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=64 * _MIB),
    per_purpose={
        **DEFAULT_PURPOSE_LIMITS,
        DecodePurpose.XREF_STREAM: StreamDecodeLimits(max_output_size=_MIB),
        DecodePurpose.OBJECT_STREAM: StreamDecodeLimits(max_ratio=100, ratio_floor=4 * _MIB, max_output_size=16 * _MIB),
        DecodePurpose.CRL: StreamDecodeLimits(max_ratio=50, ratio_floor=4 * _MIB, max_output_size=32 * _MIB),
    },
    document_budget=DocumentDecodeBudget(base_allowance=32 * _MIB, max_ratio=1),
)
# pyHanko's own rules without the one for other form fields
_LATER = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(),
        *(
            rule.as_qualified(ModificationLevel.LTA_UPDATES)
            for rule in (DocInfoRule(), XrefStreamRule(), ObjectStreamRule(), DSSCompareRule(), MetadataUpdateRule())
        ),
    ],
    form_rule=FormUpdatingRule(field_rules=[SigFieldCreationRule(), SigFieldModificationRule()]),
)
_Store = tuple[tuple[x509.Certificate, ...], Evidence]
_FORMS = {"/adbe.pkcs7.detached", "/ETSI.CAdES.detached"}
_SHA1_FORMS = {"/adbe.pkcs7.sha1", "/adbe.x509.rsa_sha1"}
_DIGESTS = {"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"}
_ED_DIGESTS = {"shake256", "shake256_len"}
_SCHEMES = {"rsassa_pkcs1v15", "rsassa_pss", "ecdsa", "ed25519", "ed448"}
_HEX = re.compile(rb"<[0-9A-Fa-f]*>")


def signatures(content: bytes, trust: TrustAnchors, *, at: datetime, limit: int) -> list[Signature]:
    """In the order they were made. Raises `FlawError` when the paper as a whole cannot be judged."""
    try:
        reader = PdfFileReader(io.BytesIO(content), strict=True, decode_limits=_LIMITS)
        if reader.encrypted:
            raise FlawError(Reason.ENCRYPTED)
        if reader.xrefs.hybrid_xrefs_present:
            raise FlawError(Reason.FORM)
        if reader.total_revisions > MAX_REVISIONS:
            raise FlawError(Reason.TOO_MANY)
        fields = list(enumerate_sig_fields(reader, filled_status=True))
        if len(fields) > limit:
            raise FlawError(Reason.TOO_MANY)
        if not fields:
            return []
        if not content.rstrip(b"\0\t\n\f\r ").endswith(b"%%EOF"):
            return [_flawed(Reason.CHANGED_AFTER)]
        store = _store(reader)
    except _DAMAGED:
        raise FlawError(Reason.DAMAGED) from None
    return _Paper(content, reader, store, trust, at).judged(fields)


class _Paper:
    """One reading of one paper; lives as long as `signatures` runs."""

    def __init__(self, content: bytes, reader: PdfFileReader, store: _Store, trust: TrustAnchors, at: datetime) -> None:
        self._content, self._reader, self._store, self._trust, self._at = content, reader, store, trust, at

    def judged(self, fields: Sequence[tuple[str, Any, Any]]) -> list[Signature]:
        embedded, flawed = [], []
        for name, _, field in fields:
            try:
                form = field.get_object().raw_get("/V").get_object().get("/SubFilter")
                if form not in _FORMS and form != "/ETSI.RFC3161":
                    flawed.append(_flawed(Reason.WEAK_ALGORITHM if form in _SHA1_FORMS else Reason.FORM))
                    continue
                embedded.append(EmbeddedPdfSignature(self._reader, field, name))
            except _DAMAGED:
                flawed.append(_flawed(Reason.MALFORMED))
        embedded.sort(key=lambda each: each.signed_revision)
        found: list[Signature] = []
        for each in embedded:
            if each.sig_object.get("/SubFilter") == "/ETSI.RFC3161":
                found += self._bad_stamp(each)
            else:
                later = [e for e in embedded if e.signed_revision > each.signed_revision]
                found.append(self._judged(each, later))
        return found + flawed

    def _judged(self, sig: EmbeddedPdfSignature, later: list[EmbeddedPdfSignature]) -> Signature:
        try:
            digest: str | None = sig.md_algorithm
            certificate = chain.load(extract_certs_for_validation(sig.signed_data).signer_cert.dump())
            shown = chain.signer(certificate)
            said = sig.self_reported_timestamp
        except (*_DAMAGED, FlawError):
            return _flawed(Reason.MALFORMED)
        claimed = said if said is not None and said.tzinfo is not None else None
        coverage = Coverage.PART
        try:
            _strong(sig, certificate)
            coverage = self._coverage(sig)
            bearer = self._bearer(sig, certificate)
            stamped = self._stamped(sig, later, bearer.evidence)
        except FlawError as flaw:
            reason = flaw.reason
            return Signature(OUTCOMES[reason], reason, coverage, None, shown, claimed, None, digest)
        except _DAMAGED:
            return Signature(OUTCOMES[Reason.MALFORMED], Reason.MALFORMED, coverage, None, shown, claimed, None, digest)
        reason, revocation = chain.judge(bearer, self._trust, at=self._at, proven=stamped)
        return Signature(OUTCOMES[reason], reason, coverage, None, shown, claimed, stamped, digest, revocation)

    def _coverage(self, sig: EmbeddedPdfSignature) -> Coverage:
        """That the bytes are the signed ones, all of its revision, and that nothing that matters came later."""
        end = _covered_end(self._content, sig)
        if not isinstance(sig.signed_data["encap_content_info"]["content"], core.Void):
            raise FlawError(Reason.MALFORMED)
        intact, valid = validate_sig_integrity(
            sig.signer_info, sig.signer_cert, expected_content_type="data", actual_digest=sig.compute_digest()
        )
        if not (intact and valid):
            raise FlawError(Reason.ALTERED)
        coverage = sig.evaluate_signature_coverage()
        if coverage is SignatureCoverageLevel.ENTIRE_FILE and end == len(self._content):
            return Coverage.WHOLE
        if coverage is not SignatureCoverageLevel.ENTIRE_REVISION:
            raise FlawError(Reason.PARTLY_COVERED)
        sig.coverage = coverage  # type: ignore[assignment]  # read below; the library's type forgets it
        changes = sig.evaluate_modifications(_LATER)
        if not isinstance(changes, DiffResult) or not _permitted(changes.modification_level, sig):
            raise FlawError(Reason.CHANGED_AFTER)
        if self._empty_fields_shown(since=sig.signed_revision):
            raise FlawError(Reason.CHANGED_AFTER)
        return Coverage.REVISION

    def _empty_fields_shown(self, *, since: int) -> bool:
        """Whether a signature field without signature, added later, shows something over the page."""
        return any(
            is_field_visible(field.get_object())
            for _, _, field in enumerate_sig_fields(self._reader, filled_status=False)
            if self._reader.xrefs.get_introducing_revision(field.reference) > since
        )

    def _bearer(self, sig: EmbeddedPdfSignature, certificate: x509.Certificate) -> chain.Chain:
        stored, beside = self._store
        others = chain.loaded([each.dump() for each in extract_certificate_info(sig.signed_data).other_certs])
        lists, answers = _archived(sig)
        own = Evidence.read(lists, answers)
        evidence = Evidence(own.lists + beside.lists, own.answers + beside.answers)
        return chain.Chain(certificate, others + stored, evidence)

    def _stamped(
        self, sig: EmbeddedPdfSignature, later: list[EmbeddedPdfSignature], evidence: Evidence
    ) -> datetime | None:
        """The earliest trusted time at which the signature existed: by its own time-stamp, or one over the paper."""
        value = sig.signer_info["signature"].native
        own = [
            stamps.vouched(token, lambda name: stamps.digest(name, value), self._trust, at=self._at, evidence=evidence)
            for token in list(extract_tst_data_iter(sig.signer_info, signed=False))[:4]
        ]
        over = [self._doc_stamp(each) for each in later if each.sig_object.get("/SubFilter") == "/ETSI.RFC3161"]
        return min((stamp for stamp in (*own, *over) if stamp is not None), default=None)

    def _doc_stamp(self, stamp: EmbeddedPdfSignature) -> datetime | None:
        try:
            _covered_end(self._content, stamp)
        except (*_DAMAGED, FlawError):
            return None
        return stamps.vouched(
            stamp.signed_data,
            lambda name: stamp.compute_digest(stamps.strong(name)),
            self._trust,
            at=self._at,
            evidence=self._store[1],
        )

    def _bad_stamp(self, stamp: EmbeddedPdfSignature) -> list[Signature]:
        """A time-stamp over the paper is no signature. One that shows something and is not trusted is a change."""
        try:
            harmless = not is_field_visible(stamp.sig_field) or self._doc_stamp(stamp) is not None
        except _DAMAGED:
            harmless = False
        return [] if harmless else [_flawed(Reason.CHANGED_AFTER)]


def _covered_end(content: bytes, sig: EmbeddedPdfSignature) -> int:
    """Where the covered bytes end. They leave out one hexadecimal string: the signature itself, padded with zeros."""
    numbers = [int(number) for number in sig.byte_range]
    if len(numbers) != 4 or numbers[0] != 0 or min(numbers) < 0:
        raise FlawError(Reason.PARTLY_COVERED)
    _, first, second, length = numbers
    left_out = content[first:second]
    if not _HEX.fullmatch(left_out) or second + length > len(content):
        raise FlawError(Reason.PARTLY_COVERED)
    raw = bytes.fromhex(left_out[1:-1].decode("ascii"))
    if raw != sig.pkcs7_content or raw[parser.peek(raw) :].strip(b"\0"):
        raise FlawError(Reason.PARTLY_COVERED)
    return second + length


def _permitted(level: ModificationLevel, sig: EmbeddedPdfSignature) -> bool:
    """Whether changes of this level may follow: by our rule, and by what the signer itself allows (DocMDP)."""
    allowed, ours = sig.docmdp_level, ModificationLevel.FORM_FILLING.value
    return level.value <= (ours if allowed is None else min(ours, allowed.value))


def _strong(sig: EmbeddedPdfSignature, certificate: x509.Certificate) -> None:
    algorithm = sig.signer_info["signature_algorithm"]
    scheme, digest = algorithm.signature_algo, sig.md_algorithm
    weak_digest = digest in {"md2", "md5", "sha1", "sha224"}
    if scheme in {"rsassa_pkcs1v15", "rsassa_pss", "ecdsa"} and algorithm["algorithm"].native != "rsassa_pkcs1v15":
        weak_digest = weak_digest or algorithm.hash_algo in {"md2", "md5", "sha1", "sha224"}
    if weak_digest or chain.weak(certificate):
        raise FlawError(Reason.WEAK_ALGORITHM)
    if scheme not in _SCHEMES or digest not in _DIGESTS | (_ED_DIGESTS if scheme == "ed448" else set()):
        raise FlawError(Reason.FORM)


def _store(reader: PdfFileReader) -> _Store:
    """Certificates and evidence beside the signatures: the document security store."""
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return (), Evidence()
    certificates = chain.loaded([each.dump() for each in store.load_certs()])
    lists = [each.get_object().read_data(DecodePurpose.CRL) for each in store.crls[:64]]
    answers = [each.get_object().read_data(DecodePurpose.OCSP_RESPONSE) for each in store.ocsps[:64]]
    return certificates, Evidence.read(lists, answers)


def _archived(sig: EmbeddedPdfSignature) -> tuple[list[bytes], list[bytes]]:
    """Evidence inside the CMS: its own list of CRLs, and Adobe's signed attribute."""
    lists: list[bytes] = []
    answers: list[bytes] = []
    carried = sig.signed_data["crls"]
    if not isinstance(carried, core.Void):
        lists += [each.chosen.dump() for each in carried if each.name == "certificate_list"]
    for attribute in sig.signer_info["signed_attrs"]:
        if attribute["type"].native != "adobe_revocation_info_archival":
            continue
        for value in attribute["values"]:
            for kind, into in (("crl", lists), ("ocsp", answers)):
                if not isinstance(value[kind], core.Void):
                    into += [each.dump() for each in value[kind]]
    return lists, answers


def _flawed(reason: Reason) -> Signature:
    return Signature(OUTCOMES[reason], reason, Coverage.PART)
