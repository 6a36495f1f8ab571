"""Signatures in XML: XMLDSig and XAdES, enveloped, verified by signxml.

Rule of this file: signxml finds a signed element by its id wherever it stands, so a fitting signature proves nothing
about position. Before the cryptography it is settled that the reference is the root of the paper, that no id stands
twice, and that nothing which could be read stands outside what is signed; afterwards that what was rebuilt is the root.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from signing.documents import chain, xades
from signing.documents.report import OUTCOMES, Coverage, FlawError, Reason, Signature
from signing.documents.trust import TrustAnchors
from signing.documents.xades import DS

# signxml prints every canonical form, thus the whole paper, at DEBUG
logging.getLogger("signxml").setLevel(logging.INFO)

_SIGNATURE = f"{DS}Signature"
_DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]*?\bencoding\s*=\s*["']([^"']*)["']""")
_METHODS = {
    SignatureMethod.RSA_SHA256,
    SignatureMethod.RSA_SHA384,
    SignatureMethod.RSA_SHA512,
    SignatureMethod.ECDSA_SHA256,
    SignatureMethod.ECDSA_SHA384,
    SignatureMethod.ECDSA_SHA512,
    SignatureMethod.SHA256_RSA_MGF1,
    SignatureMethod.SHA384_RSA_MGF1,
    SignatureMethod.SHA512_RSA_MGF1,
}
_DIGESTS = {DigestAlgorithm.SHA256: "sha256", DigestAlgorithm.SHA384: "sha384", DigestAlgorithm.SHA512: "sha512"}
_CANONICAL = {each.value for each in CanonicalizationMethod}
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_WEAK = re.compile(r"sha1|md5|sha224|md2|ripemd", re.IGNORECASE)
_MAX_REFERENCES = 4
_MAX_ELEMENTS = 500_000


def signatures(content: bytes, trust: TrustAnchors, *, at: datetime, limit: int) -> list[Signature]:
    """In the order they stand. Raises `FlawError` when the paper as a whole cannot be judged."""
    root = _parsed(content)
    found = list(root.iter(_SIGNATURE))
    if len(found) > limit:
        raise FlawError(Reason.TOO_MANY)
    return [_judged(root, signature, trust, at=at) for signature in found]


def _parsed(content: bytes) -> etree._Element:
    """UTF-8 without a document type, within libxml2's limits of depth and text; comments and instructions kept."""
    declared = _DECLARED.match(content)
    if declared and declared[1].lower() not in {b"utf-8", b"us-ascii", b"ascii"}:
        raise FlawError(Reason.DAMAGED)
    if b"<!DOCTYPE" in content:
        raise FlawError(Reason.DOCUMENT_TYPE)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=False,
        remove_pis=False,
    )
    try:
        content.decode("utf-8")
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise FlawError(Reason.DAMAGED) from None
    if sum(1 for _ in root.iter()) > _MAX_ELEMENTS:
        raise FlawError(Reason.TOO_LARGE)
    return root


@dataclass(frozen=True, slots=True)
class _Named:
    """What a signature refers to: the elements, in the order of its references."""

    elements: tuple[etree._Element, ...]
    digest: str

    def main(self, signature: etree._Element) -> etree._Element:
        """The one outside the signature itself. Raises `FlawError(form)` when there is none, or several."""
        outside = [each for each in self.elements if signature not in (each, *each.iterancestors())]
        if len(outside) != 1:
            raise FlawError(Reason.FORM)
        return outside[0]

    def outside(self, signature: etree._Element) -> str | None:
        """The name of that one, None when there is none, or several."""
        try:
            return _name(self.main(signature))
        except FlawError:
            return None


def _judged(root: etree._Element, signature: etree._Element, trust: TrustAnchors, *, at: datetime) -> Signature:
    certificate: x509.Certificate | None = None
    named: _Named | None = None
    claims = xades.Claims()
    try:
        certificate, others = _certificates(signature)
        _strong(signature, certificate)
        named = _referenced(root, signature)
        main = named.main(signature)
        _verified(root, signature, certificate, main, count=len(named.elements))
        claims = xades.claims(signature, named.elements, certificate)
        _whole(root, main, named.elements)
    except FlawError as flaw:
        return _flawed(flaw.reason, certificate, named, signature, claims)
    extra, evidence, tokens = xades.evidence(signature)
    stamped = xades.stamped(tokens, trust, at=at, evidence=evidence)
    bearer = chain.Chain(certificate, (*others, *extra), evidence)
    reason, revocation = chain.judge(bearer, trust, at=at, proven=stamped)
    return Signature(
        outcome=OUTCOMES[reason],
        reason=reason,
        coverage=Coverage.WHOLE,
        covered=_name(main),
        signer=chain.signer(certificate),
        claimed_at=claims.signed_at,
        timestamped_at=stamped,
        digest=named.digest,
        revocation=revocation,
    )


def _flawed(
    reason: Reason,
    certificate: x509.Certificate | None,
    named: _Named | None,
    signature: etree._Element,
    claims: xades.Claims,
) -> Signature:
    return Signature(
        outcome=OUTCOMES[reason],
        reason=reason,
        coverage=Coverage.PART,
        covered=named.outside(signature) if named else None,
        signer=chain.signer(certificate) if certificate else None,
        claimed_at=claims.signed_at,
        digest=named.digest if named else None,
    )


def _certificates(signature: etree._Element) -> tuple[x509.Certificate, tuple[x509.Certificate, ...]]:
    """The signer's (the one XAdES names, else the first that is no authority's, else the first), and the others."""
    texts = [each.text or "" for each in signature.iterfind(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate")]
    found = list(chain.loaded([xades.decoded(text) for text in texts]))
    if not found:
        raise FlawError(Reason.MALFORMED if texts else Reason.FORM)
    own = [each for each in found if xades.names(signature, each)]
    ends = [each for each in found if not chain.is_authority(each)]
    certificate = (own or ends or found)[0]
    return certificate, tuple(each for each in found if each is not certificate)


def _strong(signature: etree._Element, certificate: x509.Certificate) -> None:
    """Only algorithms and transforms that are known here; weak ones are told from unknown ones."""
    info = f"{DS}SignedInfo"
    methods = [each.get("Algorithm", "") for each in signature.iterfind(f"{info}/{DS}SignatureMethod")]
    digests = [each.get("Algorithm", "") for each in signature.iterfind(f"{info}/{DS}Reference/{DS}DigestMethod")]
    if chain.weak(certificate) or any(_WEAK.search(each) for each in (*methods, *digests)):
        raise FlawError(Reason.WEAK_ALGORITHM)
    canonical = [each.get("Algorithm", "") for each in signature.iterfind(f"{info}/{DS}CanonicalizationMethod")]
    transforms = [
        each.get("Algorithm", "") for each in signature.iterfind(f"{info}/{DS}Reference/{DS}Transforms/{DS}Transform")
    ]
    known = (
        {each.value for each in _METHODS}.issuperset(methods)
        and {each.value for each in _DIGESTS}.issuperset(digests)
        and _CANONICAL.issuperset(canonical)
        and (_CANONICAL | {_ENVELOPED}).issuperset(transforms)
        and len(methods) == len(canonical) == 1
        and all(len(each.findall(f"{DS}DigestMethod")) == 1 for each in signature.iterfind(f"{info}/{DS}Reference"))
    )
    if not known:
        raise FlawError(Reason.FORM)


def _referenced(root: etree._Element, signature: etree._Element) -> _Named:
    references = signature.findall(f"{DS}SignedInfo/{DS}Reference")
    ids: dict[str, list[etree._Element]] = {}
    for element in root.iter(etree.Element):
        for name, value in element.attrib.items():
            if etree.QName(name).localname in {"Id", "ID", "id"}:
                ids.setdefault(str(value), []).append(element)
    if not 1 <= len(references) <= _MAX_REFERENCES:
        raise FlawError(Reason.FORM)
    elements = []
    for reference in references:
        uri = reference.get("URI")
        if uri == "":
            elements.append(root)
            continue
        if uri is None or not uri.startswith("#") or uri.startswith("#xpointer("):
            raise FlawError(Reason.FORM)
        named = ids.get(uri[1:], [])
        if len(named) != 1:
            raise FlawError(Reason.WRAPPED if named else Reason.ALTERED)
        elements.append(named[0])
    if len({id(each) for each in elements}) != len(elements):
        raise FlawError(Reason.FORM)
    method = references[0].find(f"{DS}DigestMethod")
    return _Named(tuple(elements), _DIGESTS[DigestAlgorithm(method.get("Algorithm") if method is not None else None)])


def _verified(
    root: etree._Element,
    signature: etree._Element,
    certificate: x509.Certificate,
    main: etree._Element,
    *,
    count: int,
) -> None:
    parent = signature.getparent()
    if parent is None or parent.find(_SIGNATURE) is not signature:
        raise FlawError(Reason.FORM)  # signxml reaches the first signature of an element only
    expected = SignatureConfiguration(
        location=_location(parent),
        expect_references=count,
        signature_methods=frozenset(_METHODS),
        digest_algorithms=frozenset(_DIGESTS),
        verification_time=certificate.not_valid_after_utc,  # `chain` judges the time
        default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    try:
        verified = XMLVerifier().verify(root, x509_cert=certificate, expect_config=expected)
    except (SignXMLException, etree.LxmlError, ValueError, TypeError, LookupError, AttributeError):
        # `from None`: the library quotes digests and pieces of the paper
        raise FlawError(Reason.ALTERED) from None
    rebuilt = [each.signed_xml for each in (verified if isinstance(verified, list) else [verified])]
    if len(rebuilt) != count or not any(each is not None and each.tag == main.tag for each in rebuilt):
        raise FlawError(Reason.WRAPPED)


def _location(parent: etree._Element) -> str:
    """The ElementPath from the root to `parent`, by positions, so that exactly this signature is read."""
    steps = []
    for element in (parent, *parent.iterancestors()):
        above = element.getparent()
        if above is None:
            break
        same = [each for each in above if each.tag == element.tag]
        steps.append(f"{element.tag}[{same.index(element) + 1}]/")
    return "./" + "".join(reversed(steps))


def _whole(root: etree._Element, main: etree._Element, covered: Sequence[etree._Element]) -> None:
    """Raises `FlawError(part_signed)` when something a reader might show is not signed.

    Comments are left out by canonical forms, and split texts for careless readers. Instructions beside the root, such
    as a style sheet, and objects inside a signature that no reference names, are not covered either.
    """
    beside = [*root.itersiblings(), *root.itersiblings(preceding=True)]
    if (
        main is not root
        or any(isinstance(each, etree._ProcessingInstruction) for each in beside)  # noqa: SLF001  # lxml's only type for it
        or next(root.iter(etree.Comment), None) is not None
        or any(each not in covered and not xades.is_properties(each) for each in root.iterfind(f".//{DS}Object"))
    ):
        raise FlawError(Reason.PART_SIGNED)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname[:200]
